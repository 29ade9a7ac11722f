//! Accepted findings as work.

use app::Error;
use axum::{Extension, Router, extract::State, response::Response, routing::get};
use pages::{
    component::findings::yearly,
    page::{
        actions::{self, Work},
        finding::state::State as Standing,
    },
};

use super::{analyses, answer, kept::Kept, reader::Reader};
use crate::ServerState;

pub(super) fn routes() -> Router<ServerState> {
    Router::new().route("/actions", get(show))
}

async fn show(
    State(state): State<ServerState>,
    Extension(kept): Extension<Kept>,
    mut reader: Reader,
) -> Response {
    let result = page(&state, &kept, &mut reader).await;
    reader.answer(result)
}

async fn page(state: &ServerState, kept: &Kept, reader: &mut Reader) -> Result<Response, Error> {
    let Some(run) = reader.newest.clone() else { return Ok(answer::ok(&actions::page(&reader.shell, &[]))) };
    let analysis = analyses::result(state, kept, reader, run.id).await?;
    let standings = analyses::standings(state, reader, run.id).await?;
    let names = analyses::names(state, reader).await?;
    reader.shell.counts.actions = analyses::open_work(&analyses::decisions(&standings, &names));
    let today = jiff::tz::Offset::UTC.to_datetime(state.backing().clock.now()).date();
    let work: Vec<Work> = standings
        .iter()
        .filter(|standing| {
            !matches!(analyses::state_of(standing.status.status), Standing::New | Standing::Dismissed)
        })
        .map(|standing| {
            let status = &standing.status;
            let finding = analysis.findings.iter().find(|finding| finding.id == standing.finding.key);
            let expected = finding.and_then(yearly).map(|yearly| yearly.recoverable);
            Work {
                id: standing.finding.key.clone(),
                title: standing.finding.title.clone(),
                state: analyses::state_of(status.status),
                owner: status.owner_id.and_then(|owner| names.get(&owner)).cloned().unwrap_or_default(),
                due: status.due_on.map(|day| day.to_string()).unwrap_or_default(),
                overdue: status.due_on.is_some_and(|day| day < today),
                expected,
                verified: status.captured.and_then(|amount| amount.to_string().parse().ok()),
                currency: Some(analysis.currency.clone()),
            }
        })
        .collect();
    Ok(answer::ok(&actions::page(&reader.shell, &work)))
}
