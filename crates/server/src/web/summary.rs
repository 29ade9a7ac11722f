//! The newest analysis in short, and where it goes.

use app::Error;
use axum::{Extension, Router, extract::State, response::Response};
use domain::Analysis;
use pages::page::{breakdown, finding::state, summary};

use super::{analyses, answer, kept::Kept, reader::Reader};
use crate::ServerState;
use crate::boxed::get;

pub(super) fn routes() -> Router<ServerState> {
    Router::new().route("/summary", get(show)).route("/breakdown", get(show_breakdown))
}

async fn show(
    State(state): State<ServerState>,
    Extension(kept): Extension<Kept>,
    reader: Reader,
) -> Response {
    let result = async {
        let analysis = undismissed(&state, &kept, &reader).await?;
        Ok(answer::ok(&summary::page(&reader.shell, analysis.as_ref())))
    };
    let result = result.await;
    reader.answer(result)
}

/// The newest analysis without what people have dismissed.
async fn undismissed(state: &ServerState, kept: &Kept, reader: &Reader) -> Result<Option<Analysis>, Error> {
    let Some(run) = &reader.newest else { return Ok(None) };
    let mut analysis = (*analyses::result(state, kept, reader, run.id).await?).clone();
    let standings = analyses::standings(state, reader, run.id).await?;
    let decisions = analyses::decisions(&standings, &analyses::names(state, reader).await?);
    let dismissed =
        |id: &str| decisions.get(id).is_some_and(|decision| decision.state == state::State::Dismissed);
    analysis.findings.retain(|finding| !dismissed(&finding.id));
    Ok(Some(analysis))
}

async fn show_breakdown(
    State(state): State<ServerState>,
    Extension(kept): Extension<Kept>,
    reader: Reader,
) -> Response {
    let result = async {
        let analysis = match &reader.newest {
            Some(run) => Some(analyses::result(&state, &kept, &reader, run.id).await?),
            None => None,
        };
        Ok(answer::ok(&breakdown::page(&reader.shell, analysis.as_deref())))
    };
    let result = result.await;
    reader.answer(result)
}
