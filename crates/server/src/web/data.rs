//! Uploads, data quality, saved mappings.

use app::{Error, analyses as runs, datasets, mapping_profiles};
use axum::{
    Extension, Router,
    extract::{DefaultBodyLimit, Path, State},
    response::Response,
    routing::{get, post},
};
use domain::{Role, number};
use pages::{
    page::data::{
        mappings::{self, SavedMapping},
        quality,
        uploads::{self, Stage, Upload},
    },
    route,
};
use serde::Deserialize;
use store::{
    Page,
    analyses::{Analysis as Run, AnalysisState, Filter},
    datasets::{Dataset, DatasetState},
};

use super::{
    analyses, answer, import,
    kept::Kept,
    overview,
    reader::{self, Reader},
};
use crate::{ServerState, extract::Query};

pub(super) fn routes() -> Router<ServerState> {
    Router::new()
        // A file has its own bound, which is held while it streams.
        .route("/data", get(show).post(import::upload).layer(DefaultBodyLimit::disable()))
        .route("/data/quality", get(show_quality))
        .route("/data/mappings", get(show_mappings))
        .route("/data/mappings/{id}/delete", post(delete_mapping))
        .route("/data/{id}/delete", post(delete))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    after: Option<String>,
}

async fn show(State(state): State<ServerState>, Query(asked): Query<Asked>, reader: Reader) -> Response {
    let result = list(&state, &asked, &reader).await;
    reader.answer(result)
}

async fn list(state: &ServerState, asked: &Asked, reader: &Reader) -> Result<Response, Error> {
    let (backing, caller) = (state.backing(), &reader.caller);
    let page = Page { after: asked.after.as_deref().and_then(|after| after.parse().ok()), ..Page::default() };
    let listing = datasets::list(backing, caller, reader.facility, page).await?;
    let names = analyses::names(state, reader).await?;
    let mut shown = Vec::new();
    for dataset in &listing.items {
        let filter = Filter { dataset: Some(dataset.id), ..Filter::default() };
        let run = runs::list(backing, caller, filter, Page::first(1)).await?.items.into_iter().next();
        let (stage, note) = stage(dataset, run.as_ref());
        shown.push(Upload {
            id: dataset.id.to_string(),
            name: dataset.name.clone(),
            stage,
            note,
            rows: if dataset.rows > 0 {
                number::count(dataset.rows.unsigned_abs())
            } else {
                "–".to_owned()
            },
            when: overview::day(dataset.created_at),
            who: dataset.created_by.and_then(|by| names.get(&by)).cloned().unwrap_or_default(),
            may_delete: reader.may(Role::Analyst),
        });
    }
    let next = listing.next.map(|cursor| format!("{}?after={cursor}", route::DATA));
    Ok(answer::ok(&uploads::page(&reader.shell, &shown, Vec::new(), next)))
}

/// How far an upload has come, and why it stopped where it did.
fn stage(dataset: &Dataset, run: Option<&Run>) -> (Stage, String) {
    match (dataset.state, run.map(|run| run.state)) {
        (DatasetState::Queued | DatasetState::Reading, _) => (Stage::Reading, String::new()),
        (DatasetState::Failed | DatasetState::Deleted, _) => {
            (Stage::Failed, answer::sentence(dataset.reason.as_deref().unwrap_or_default()))
        }
        (_, Some(AnalysisState::Queued | AnalysisState::Running)) => (Stage::Analyzing, String::new()),
        (_, Some(AnalysisState::Completed)) => (Stage::Analyzed, String::new()),
        (_, Some(AnalysisState::Failed)) => {
            let reason = run.and_then(|run| run.reason.as_deref()).unwrap_or_default();
            (Stage::Failed, answer::sentence(reason))
        }
        (DatasetState::Mapping, _) => (Stage::Match, String::new()),
        (DatasetState::Ready, _) => (Stage::Ready, String::new()),
    }
}

async fn delete(State(state): State<ServerState>, Path(id): Path<String>, reader: Reader) -> Response {
    let result = async {
        let id = id.parse().map_err(|_| Error::NotFound("dataset"))?;
        datasets::delete(state.backing(), &reader.caller, id).await?;
        Ok(reader::see_and_say(&state, route::DATA, "Upload deleted."))
    };
    let result = result.await;
    reader.answer(result)
}

async fn show_quality(
    State(state): State<ServerState>,
    Extension(kept): Extension<Kept>,
    reader: Reader,
) -> Response {
    let result = async {
        let analysis = match &reader.newest {
            Some(run) => Some(analyses::result(&state, &kept, &reader, run.id).await?),
            None => None,
        };
        Ok(answer::ok(&quality::page(&reader.shell, analysis.as_deref())))
    };
    let result = result.await;
    reader.answer(result)
}

async fn show_mappings(State(state): State<ServerState>, reader: Reader) -> Response {
    let result = async {
        let profiles =
            mapping_profiles::list(state.backing(), &reader.caller, None, Page::default()).await?.items;
        let saved: Vec<SavedMapping> = profiles
            .iter()
            .map(|profile| SavedMapping {
                id: profile.id.to_string(),
                name: profile.name.clone(),
                system: profile.source_system.clone(),
                version: profile.current_version.to_string(),
                used: profile.last_used_at.map_or_else(|| "not yet".to_owned(), overview::day),
                may_delete: reader.may(Role::Analyst),
            })
            .collect();
        Ok(answer::ok(&mappings::page(&reader.shell, &saved)))
    };
    let result = result.await;
    reader.answer(result)
}

async fn delete_mapping(
    State(state): State<ServerState>,
    Path(id): Path<String>,
    reader: Reader,
) -> Response {
    let result = async {
        let id = id.parse().map_err(|_| Error::NotFound("mapping profile"))?;
        mapping_profiles::delete(state.backing(), &reader.caller, id).await?;
        Ok(reader::see_and_say(&state, route::MAPPINGS, "Mapping deleted."))
    };
    let result = result.await;
    reader.answer(result)
}
