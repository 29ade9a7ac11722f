//! `/api-keys`: keys for programs.

use app::api_keys::{self, Form};
use axum::{extract::State, http::StatusCode};
use domain::id::ApiKeyId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use uuid::Uuid;

use super::{
    List, Refusals,
    answers::{Paging, paged},
    role, words,
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

/// A key.
#[derive(Debug, Serialize, ToSchema)]
pub struct ApiKey {
    /// Which one.
    pub id: Uuid,
    /// What people call it.
    pub name: String,
    /// Its first characters.
    pub prefix: String,
    /// What it may do at most.
    pub role: &'static str,
    /// What it may do of that; empty is all.
    pub scopes: Vec<String>,
    /// When it ends.
    pub expires_at: Option<String>,
    /// When it was revoked.
    pub revoked_at: Option<String>,
    /// When it was last used, to the minute.
    pub last_used_at: Option<String>,
    /// When it was made.
    pub created_at: String,
    /// The key itself, shown once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret: Option<String>,
}

fn view(key: &store::api_keys::ApiKey, secret: Option<String>) -> ApiKey {
    ApiKey {
        id: key.id.0,
        name: key.name.clone(),
        prefix: key.prefix.clone(),
        role: key.role.name(),
        scopes: key.scopes.clone(),
        expires_at: key.expires_at.map(|at| at.to_string()),
        revoked_at: key.revoked_at.map(|at| at.to_string()),
        last_used_at: key.last_used_at.map(|at| at.to_string()),
        created_at: key.created_at.to_string(),
        secret,
    }
}

/// A new key.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewApiKey {
    /// What people call it.
    pub name: String,
    /// What it may do at most: viewer, analyst, reviewer, admin or owner, at most the caller's own role.
    #[schema(value_type = words::RoleName)]
    pub role: String,
    /// What it may do of that, as `datasets:read`, `files:write` or `*:read`; none is all.
    #[serde(default)]
    pub scopes: Vec<String>,
    /// When it ends, as in `2027-01-31T00:00:00Z`; never, if left out.
    #[schema(format = DateTime)]
    pub expires_at: Option<String>,
}

/// The keys, revoked ones too, newest first.
#[utoipa::path(get, path = "/api-keys", operation_id = "list_api_keys", tag = "api-keys", params(Paging), responses((status = 200, body = List<ApiKey>), Refusals))]
async fn index(
    State(state): State<ServerState>,
    Who(caller): Who,
    Query(paging): Query<Paging>,
) -> Result<Json<List<ApiKey>>, Problem> {
    let page = api_keys::page(&state.desk, &caller, paging.page()?).await?;
    Ok(paged(page, |key| view(&key, None)))
}

/// A new key. The answer shows it once.
#[utoipa::path(post, path = "/api-keys", operation_id = "create_api_key", tag = "api-keys", params(("idempotency-key" = Option<String>, Header)), request_body = NewApiKey, responses((status = 201, body = ApiKey), Refusals))]
async fn create(
    State(state): State<ServerState>,
    Who(caller): Who,
    Json(new): Json<NewApiKey>,
) -> Result<(StatusCode, Json<ApiKey>), Problem> {
    let expires_at = match new.expires_at.as_deref().map(str::parse) {
        None => None,
        Some(Ok(at)) => Some(at),
        Some(Err(_)) => {
            return Err(
                app::Error::invalid("expires_at", "give an instant such as 2027-01-31T00:00:00Z").into()
            );
        }
    };
    let form = Form { name: new.name, role: role(&new.role)?, scopes: new.scopes, expires_at };
    let made = api_keys::create(&state.desk, &caller, &form).await?;
    Ok((StatusCode::CREATED, Json(view(&made.key, made.secret))))
}

/// One key.
#[utoipa::path(get, path = "/api-keys/{id}", operation_id = "get_api_key", tag = "api-keys", params(("id" = Uuid, Path)), responses((status = 200, body = ApiKey), Refusals))]
async fn show(
    State(state): State<ServerState>,
    Who(caller): Who,
    Path(id): Path<Uuid>,
) -> Result<Json<ApiKey>, Problem> {
    Ok(Json(view(&api_keys::get(&state.desk, &caller, ApiKeyId(id)).await?, None)))
}

/// Revokes a key.
#[utoipa::path(delete, path = "/api-keys/{id}", operation_id = "delete_api_key", tag = "api-keys", params(("id" = Uuid, Path)), responses((status = 204), Refusals))]
async fn delete(
    State(state): State<ServerState>,
    Who(caller): Who,
    Path(id): Path<Uuid>,
) -> Result<StatusCode, Problem> {
    api_keys::revoke(&state.desk, &caller, ApiKeyId(id)).await?;
    Ok(StatusCode::NO_CONTENT)
}
