//! The list of findings.

use app::Error;
use axum::{Extension, Router, extract::State, response::Response, routing::get};
use pages::page::findings::{Findings, Query as Asked};
use serde::Deserialize;

use super::{analyses, answer, kept::Kept, overview, reader::Reader};
use crate::{ServerState, extract::Query};

pub(super) fn routes() -> Router<ServerState> {
    Router::new().route("/findings", get(show))
}

#[derive(Debug, Deserialize)]
#[serde(default)]
#[derive(Default)]
struct Filters {
    q: String,
    category: String,
    status: String,
    evidence: String,
    place: String,
    owner: String,
    group: String,
}

async fn show(
    State(state): State<ServerState>,
    Extension(kept): Extension<Kept>,
    Query(filters): Query<Filters>,
    mut reader: Reader,
) -> Response {
    let result = list(&state, &kept, filters, &mut reader).await;
    reader.answer(result)
}

async fn list(
    state: &ServerState,
    kept: &Kept,
    filters: Filters,
    reader: &mut Reader,
) -> Result<Response, Error> {
    let Some(run) = reader.newest.clone() else {
        return Ok(answer::ok(&Findings::without_data(&reader.shell)));
    };
    let analysis = analyses::result(state, kept, reader, run.id).await?;
    let standings = analyses::standings(state, reader, run.id).await?;
    let decisions = analyses::decisions(&standings, &analyses::names(state, reader).await?);
    reader.shell.counts.actions = analyses::open_work(&decisions);
    let asked = Asked {
        text: filters.q,
        category: filters.category,
        status: filters.status,
        evidence: filters.evidence,
        place: filters.place,
        owner: filters.owner,
        group: filters.group,
    };
    let page =
        Findings::new(&reader.shell, &analysis, &decisions, &asked, overview::exports(&run.id.to_string()));
    Ok(answer::ok(&page))
}
