//! The list of findings.

mod views;

use app::Error;
use axum::{Extension, Router, extract::State, response::Response};
use pages::{
    component::Link,
    page::findings::{Findings, Query as Asked, asked_for},
};
use serde::Deserialize;
use store::usage::UsageType;

use super::{analyses, answer, kept::Kept, overview, reader::Reader};
use crate::{
    ServerState,
    boxed::{get, post},
    extract::Query,
};

pub(super) fn routes() -> Router<ServerState> {
    Router::new()
        .route("/findings", get(show))
        .route("/findings/list.csv", get(download))
        .route("/findings/views", post(views::keep))
        .route("/findings/views/{id}", post(views::update))
        .route("/findings/views/{id}/delete", post(views::delete))
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct Filters {
    q: String,
    category: String,
    status: String,
    evidence: String,
    place: String,
    owner: String,
    part: String,
    group: String,
    sort: String,
}

/// What the list knows of a query, always in the same order.
pub(super) fn plain(query: &str) -> String {
    Filters::of(query).query()
}

impl Filters {
    fn asked(self) -> Asked {
        Asked {
            text: self.q,
            category: self.category,
            status: self.status,
            evidence: self.evidence,
            place: self.place,
            owner: self.owner,
            part: self.part,
            group: self.group,
            sort: self.sort,
        }
    }

    /// Those of an address; what it knows nothing of is left out, and one that cannot be read has none.
    fn of(query: &str) -> Self {
        let address = format!("/?{query}").parse().ok();
        let read = address.and_then(|address| axum::extract::Query::try_from_uri(&address).ok());
        read.map(|axum::extract::Query(filters)| filters).unwrap_or_default()
    }

    /// What stands behind the question mark, always in the same order; nothing for the list as it is.
    fn query(&self) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        for (name, value) in [
            ("q", self.q.trim()),
            ("category", &self.category),
            ("status", &self.status),
            ("evidence", &self.evidence),
            ("place", &self.place),
            ("owner", &self.owner),
            ("part", &self.part),
            ("group", &self.group),
            ("sort", &self.sort),
        ] {
            if !value.is_empty() {
                query.append_pair(name, value);
            }
        }
        query.finish()
    }

    /// The address of the same findings as a table.
    fn table(&self) -> String {
        let ungrouped = Self { group: String::new(), ..self.clone() };
        format!("/findings/list.csv?{}", ungrouped.query())
    }
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
    let mut exports = overview::exports(&run.id.to_string());
    exports.push(Link::new("These findings (CSV)", filters.table()));
    let kept_views = views::of(state, reader, &filters.query()).await?;
    let mut page = Findings::new(&reader.shell, &analysis, &decisions, &filters.asked(), exports);
    page.views = kept_views;
    Ok(answer::ok(&page))
}

/// The findings that the filters leave, as a table for a spreadsheet.
async fn download(
    State(state): State<ServerState>,
    Extension(kept): Extension<Kept>,
    Query(filters): Query<Filters>,
    reader: Reader,
) -> Response {
    let result = async {
        let run = reader.newest.as_ref().ok_or(Error::NotFound("analysis"))?;
        let analysis = analyses::result(&state, &kept, &reader, run.id).await?;
        let standings = analyses::standings(&state, &reader, run.id).await?;
        let decisions = analyses::decisions(&standings, &analyses::names(&state, &reader).await?);
        let findings = asked_for(&analysis, &decisions, &filters.asked());
        let on = run.id.to_string();
        app::usage::exported(state.backing(), &reader.caller, UsageType::ExportCsv, ("analysis", &on))
            .await?;
        let table = app::reports::write::table(&findings);
        Ok(super::reports::attached(table.into_bytes(), "text/csv; charset=utf-8", "findings.csv"))
    };
    let result = result.await;
    reader.answer(result)
}
