//! `/exports` and `/retention`: everything that the organization owns, taken along or kept for so long.

use app::your_data;
use axum::{
    Extension,
    body::Body,
    extract::State,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::id::JobId;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use store::jobs::{Job, JobState};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use uuid::Uuid;

use super::{
    List, Refusals,
    answers::Paging,
    datasets::{ProgressView, progress},
    looks::Looks,
    watching::{told, watch},
};
use crate::{
    Problem, ServerState,
    boxed::routes,
    extract::{Json, Path, Query},
    who::Who,
};

pub(super) fn routes() -> OpenApiRouter<ServerState> {
    OpenApiRouter::new()
        .routes(routes!(index, create))
        .routes(routes!(show))
        .routes(routes!(events))
        .routes(routes!(content))
        .routes(routes!(keep))
}

/// An archive of everything.
#[derive(Debug, Serialize, ToSchema)]
pub struct DataExport {
    /// Which one.
    pub id: Uuid,
    /// queued, running, completed, failed or cancelled. The newest completed one can be downloaded.
    pub state: &'static str,
    /// Why it failed.
    #[schema(required)]
    pub reason: Option<String>,
    /// What is being done, and how far it is from 0 to 1; null when nothing is.
    #[schema(value_type = Option<ProgressView>, required)]
    pub progress: Value,
    /// When it was asked for.
    #[schema(format = DateTime)]
    pub created_at: String,
    /// When it was done.
    #[schema(format = DateTime)]
    pub finished_at: Option<String>,
}

impl From<Job> for DataExport {
    fn from(job: Job) -> Self {
        let waits = matches!(job.state, JobState::Queued | JobState::Running);
        Self {
            id: job.id.0,
            state: job.state.name(),
            reason: job.reason.filter(|_| !waits && job.state != JobState::Completed),
            progress: if waits { progress(&job.progress) } else { Value::Null },
            created_at: job.created_at.to_string(),
            finished_at: job.finished_at.map(|at| at.to_string()),
        }
    }
}

/// How long uploads are kept.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Retention {
    /// After how many months they go by themselves; null keeps them.
    pub months: Option<i64>,
}

/// The archives that were asked for.
#[utoipa::path(get, path = "/exports", operation_id = "list_data_exports", tag = "your-data",
    params(Paging), responses((status = 200, body = List<DataExport>), Refusals))]
async fn index(
    State(state): State<ServerState>,
    Who(caller): Who,
    Query(paging): Query<Paging>,
) -> Result<Json<List<DataExport>>, Problem> {
    let all = your_data::exports(state.backing(), &caller).await?;
    paging.cut(all.into_iter().map(DataExport::from), |export| export.id.to_string())
}

/// Asks for the archive of everything that the organization owns.
#[utoipa::path(post, path = "/exports", operation_id = "create_data_export", tag = "your-data",
    responses((status = 202, body = DataExport), Refusals))]
async fn create(State(state): State<ServerState>, Who(caller): Who) -> Result<Response, Problem> {
    let id = your_data::export(state.backing(), &caller).await?;
    let made = DataExport::from(your_data::exported(state.backing(), &caller, id).await?);
    let at = [(header::LOCATION, format!("/api/v1/exports/{}", made.id))];
    Ok((StatusCode::ACCEPTED, at, Json(made)).into_response())
}

/// One archive.
#[utoipa::path(get, path = "/exports/{id}", operation_id = "get_data_export", tag = "your-data",
    params(("id" = Uuid, Path)), responses((status = 200, body = DataExport), Refusals))]
async fn show(
    State(state): State<ServerState>,
    Who(caller): Who,
    Path(id): Path<Uuid>,
) -> Result<Json<DataExport>, Problem> {
    Ok(Json(your_data::exported(state.backing(), &caller, JobId(id)).await?.into()))
}

/// How far an archive is, as server-sent events
///
/// Each event `progress` carries `state`, `reason` and `progress`; the stream ends after the one with which the archive
/// has ended.
#[utoipa::path(get, path = "/exports/{id}/events", operation_id = "watch_data_export", tag = "your-data",
    params(("id" = Uuid, Path)),
    responses((status = 200, description = "a stream of events", body = String, content_type = "text/event-stream"), Refusals))]
async fn events(
    State(state): State<ServerState>,
    Extension(looks): Extension<Looks>,
    Who(caller): Who,
    Path(id): Path<Uuid>,
) -> Result<Response, Problem> {
    your_data::exported(state.backing(), &caller, JobId(id)).await?;
    watch(&looks, caller.actor.org, id, move || {
        let (state, caller) = (state.clone(), caller.clone());
        async move {
            let job = your_data::exported(state.backing(), &caller, JobId(id)).await.ok()?;
            Some(told(job.state.name(), job.reason.as_deref(), &job.progress))
        }
    })
}

/// The archive: a ZIP with every table as lines of JSON and every file as it was sent.
#[utoipa::path(get, path = "/exports/{id}/content", operation_id = "download_data_export", tag = "your-data",
    params(("id" = Uuid, Path)),
    responses((status = 200, content_type = "application/zip", body = String), Refusals))]
async fn content(
    State(state): State<ServerState>,
    Who(caller): Who,
    Path(id): Path<Uuid>,
) -> Result<Response, Problem> {
    let body = your_data::archive(state.backing(), &caller, JobId(id)).await?;
    Ok(attached(Body::from_stream(body)))
}

/// The archive as a download.
pub(crate) fn attached(body: Body) -> Response {
    let mut response = body.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/zip"));
    headers.insert(
        header::CONTENT_DISPOSITION,
        HeaderValue::from_static("attachment; filename=\"plantintel-everything.zip\""),
    );
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// Says how long uploads are kept.
#[utoipa::path(put, path = "/retention", operation_id = "set_retention", tag = "your-data",
    request_body = Retention, responses((status = 204), Refusals))]
async fn keep(
    State(state): State<ServerState>,
    Who(caller): Who,
    Json(wanted): Json<Retention>,
) -> Result<StatusCode, Problem> {
    your_data::keep(state.backing(), &caller, wanted.months).await?;
    Ok(StatusCode::NO_CONTENT)
}
