//! `/shares`: links that show one analysis or finding to somebody without an account.

use app::shares::{self, Form};
use axum::{extract::State, http::StatusCode};
use domain::id::{AnalysisId, FindingId, ShareId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use uuid::Uuid;

use super::{
    List, Refusals,
    answers::{Paging, paged},
};
use crate::{
    Problem, ServerState,
    boxed::routes,
    extract::{Json, Path, Query},
    who::Who,
};

pub(super) fn routes() -> OpenApiRouter<ServerState> {
    OpenApiRouter::new().routes(routes!(index, create)).routes(routes!(show, delete))
}

/// A link.
#[derive(Debug, Serialize, ToSchema)]
pub struct Share {
    /// Which one.
    pub id: Uuid,
    /// What it shows.
    pub analysis: Uuid,
    /// Where set, this finding of it alone.
    pub finding: Option<Uuid>,
    /// Whether it asks for a password.
    pub has_password: bool,
    /// When it ends.
    pub expires_at: String,
    /// When it was taken back.
    pub revoked_at: Option<String>,
    /// How often it was opened.
    pub opened: i64,
    /// When last.
    pub last_opened_at: Option<String>,
    /// When it was made.
    pub created_at: String,
    /// The address to pass on, shown once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
}

fn view(one: &store::shares::Share, link: Option<String>) -> Share {
    Share {
        id: one.id.0,
        analysis: one.analysis_id.0,
        finding: one.finding_id.map(|finding| finding.0),
        has_password: one.password_hash.is_some(),
        expires_at: one.expires_at.to_string(),
        revoked_at: one.revoked_at.map(|at| at.to_string()),
        opened: one.opened,
        last_opened_at: one.last_opened_at.map(|at| at.to_string()),
        created_at: one.created_at.to_string(),
        link,
    }
}

/// What to share.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewShare {
    /// The analysis.
    pub analysis: Uuid,
    /// Where set, this finding of it alone.
    pub finding: Option<Uuid>,
    /// How many days the link lasts; 14, if left out.
    #[schema(minimum = 1, maximum = 90)]
    pub days: Option<u32>,
    /// What must be shown besides the link.
    #[schema(min_length = 8, max_length = 256)]
    pub password: Option<String>,
}

unprintable!(NewShare);

/// The links, revoked and ended ones too, newest first.
#[utoipa::path(get, path = "/shares", operation_id = "list_shares", tag = "shares", params(Paging), responses((status = 200, body = List<Share>), Refusals))]
async fn index(
    State(state): State<ServerState>,
    Who(caller): Who,
    Query(paging): Query<Paging>,
) -> Result<Json<List<Share>>, Problem> {
    let page = shares::page(&state.desk, &caller, paging.page()?).await?;
    Ok(paged(page, |one| view(&one, None)))
}

/// A new link. The answer shows it once.
#[utoipa::path(post, path = "/shares", operation_id = "create_share", tag = "shares", params(("idempotency-key" = Option<String>, Header)), request_body = NewShare, responses((status = 201, body = Share), Refusals))]
async fn create(
    State(state): State<ServerState>,
    Who(caller): Who,
    Json(new): Json<NewShare>,
) -> Result<(StatusCode, Json<Share>), Problem> {
    let form = Form {
        analysis: AnalysisId(new.analysis),
        finding: new.finding.map(FindingId),
        days: new.days,
        password: new.password,
    };
    let made = shares::create(&state.desk, &caller, form).await?;
    Ok((StatusCode::CREATED, Json(view(&made.share, made.link))))
}

/// One link.
#[utoipa::path(get, path = "/shares/{id}", operation_id = "get_share", tag = "shares", params(("id" = Uuid, Path)), responses((status = 200, body = Share), Refusals))]
async fn show(
    State(state): State<ServerState>,
    Who(caller): Who,
    Path(id): Path<Uuid>,
) -> Result<Json<Share>, Problem> {
    Ok(Json(view(&shares::get(&state.desk, &caller, ShareId(id)).await?, None)))
}

/// Takes a link back.
#[utoipa::path(delete, path = "/shares/{id}", operation_id = "delete_share", tag = "shares", params(("id" = Uuid, Path)), responses((status = 204), Refusals))]
async fn delete(
    State(state): State<ServerState>,
    Who(caller): Who,
    Path(id): Path<Uuid>,
) -> Result<StatusCode, Problem> {
    shares::revoke(&state.desk, &caller, ShareId(id)).await?;
    Ok(StatusCode::NO_CONTENT)
}
