//! `/exports` and `/retention`: everything that the organization owns, taken along or kept for so long.

use app::your_data;
use axum::{
    body::Body,
    extract::State,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::id::JobId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::{List, Refusals};
use crate::{
    Problem, ServerState,
    extract::{Json, Path},
    who::Who,
};

pub(super) fn routes() -> OpenApiRouter<ServerState> {
    OpenApiRouter::new().routes(routes!(index, create)).routes(routes!(content)).routes(routes!(keep))
}

/// An archive of everything.
#[derive(Debug, Serialize, ToSchema)]
pub struct DataExport {
    /// Which one.
    pub id: Uuid,
    /// queued, running, completed, failed or cancelled. The newest completed one can be downloaded.
    pub state: &'static str,
    /// When it was asked for.
    #[schema(format = DateTime)]
    pub created_at: String,
    /// When it was done.
    #[schema(format = DateTime)]
    pub finished_at: Option<String>,
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
    responses((status = 200, body = List<DataExport>), Refusals))]
async fn index(
    State(state): State<ServerState>,
    Who(caller): Who,
) -> Result<Json<List<DataExport>>, Problem> {
    let all = your_data::exports(state.backing(), &caller).await?.into_iter().map(|job| DataExport {
        id: job.id.0,
        state: job.state.name(),
        created_at: job.created_at.to_string(),
        finished_at: job.finished_at.map(|at| at.to_string()),
    });
    Ok(Json(List::whole(all.collect())))
}

/// Asks for the archive of everything that the organization owns.
#[utoipa::path(post, path = "/exports", operation_id = "create_data_export", tag = "your-data",
    responses((status = 202, body = DataExport), Refusals))]
async fn create(
    State(state): State<ServerState>,
    Who(caller): Who,
) -> Result<(StatusCode, Json<DataExport>), Problem> {
    let id = your_data::export(state.backing(), &caller).await?;
    let all = your_data::exports(state.backing(), &caller).await?;
    let job = all.into_iter().find(|job| job.id == id).ok_or(app::Error::NotFound("archive"))?;
    let made = DataExport {
        id: job.id.0,
        state: job.state.name(),
        created_at: job.created_at.to_string(),
        finished_at: job.finished_at.map(|at| at.to_string()),
    };
    Ok((StatusCode::ACCEPTED, Json(made)))
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
