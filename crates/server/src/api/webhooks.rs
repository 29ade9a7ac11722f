//! `/webhooks/endpoints`: programs of the organization that are told what happens here, after the Standard Webhooks.

use app::webhooks;
use axum::{extract::State, http::StatusCode};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use uuid::Uuid;

use super::{List, Refusals, answers::Paging};
use crate::{
    Problem, ServerState,
    boxed::routes,
    extract::{Json, Path, Query},
    who::Who,
};

pub(super) fn routes() -> OpenApiRouter<ServerState> {
    OpenApiRouter::new()
        .routes(routes!(index, create))
        .routes(routes!(update, delete))
        .routes(routes!(list_deliveries))
        .routes(routes!(replay))
}

/// A place that is told things.
#[derive(Debug, Serialize, ToSchema)]
pub struct WebhookEndpoint {
    /// Which one.
    pub id: Uuid,
    /// Where.
    pub url: String,
    /// What it wants to be told; none is everything.
    pub types: Vec<String>,
    /// Whether it is told anything.
    pub active: bool,
    /// Since when.
    #[schema(format = DateTime)]
    pub created_at: String,
    /// What messages are signed with; shown once, in the answer that made it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret: Option<String>,
}

impl WebhookEndpoint {
    fn of(endpoint: store::webhooks::Endpoint, secret: Option<String>) -> Self {
        Self {
            id: endpoint.id,
            url: endpoint.url,
            types: endpoint.types,
            active: endpoint.active,
            created_at: endpoint.created_at.to_string(),
            secret,
        }
    }
}

/// A new place.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewWebhookEndpoint {
    /// Where; over TLS.
    #[schema(example = "https://example.com/plantintel")]
    pub url: String,
    /// What it wants to be told, as in `limit.near`; none is everything.
    #[serde(default)]
    pub types: Vec<String>,
}

/// What changes.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WebhookChange {
    /// Whether it is told anything.
    pub active: bool,
}

/// A message and what came of it.
#[derive(Debug, Serialize, ToSchema)]
pub struct WebhookDelivery {
    /// Which one; in the header `webhook-id` as `msg_` and this without hyphens.
    pub id: Uuid,
    /// What it is about.
    #[serde(rename = "type")]
    pub type_: String,
    /// waiting, delivered or failed.
    pub state: &'static str,
    /// How often it was tried.
    pub attempts: i64,
    /// The status of the last answer; null for none.
    pub status: Option<i16>,
    /// The beginning of the last answer, or why there was none.
    pub answer: String,
    /// When it was last tried.
    #[schema(format = DateTime)]
    pub attempted_at: Option<String>,
    /// Since when it is on its way.
    #[schema(format = DateTime)]
    pub created_at: String,
}

/// The endpoints of the organization.
#[utoipa::path(get, path = "/webhooks/endpoints", operation_id = "list_webhook_endpoints", tag = "webhooks",
    params(Paging), responses((status = 200, body = List<WebhookEndpoint>), Refusals))]
async fn index(
    State(state): State<ServerState>,
    Who(caller): Who,
    Query(paging): Query<Paging>,
) -> Result<Json<List<WebhookEndpoint>>, Problem> {
    let all = webhooks::list(&state.desk, &caller).await?;
    paging.cut(all.into_iter().map(|one| WebhookEndpoint::of(one, None)), |endpoint| endpoint.id.to_string())
}

/// Tells a program what happens from now on.
#[utoipa::path(post, path = "/webhooks/endpoints", operation_id = "create_webhook_endpoint", tag = "webhooks",
    request_body = NewWebhookEndpoint, responses((status = 201, body = WebhookEndpoint), Refusals))]
async fn create(
    State(state): State<ServerState>,
    Who(caller): Who,
    Json(new): Json<NewWebhookEndpoint>,
) -> Result<(StatusCode, Json<WebhookEndpoint>), Problem> {
    let made = webhooks::create(&state.desk, &caller, &new.url, &new.types).await?;
    Ok((StatusCode::CREATED, Json(WebhookEndpoint::of(made.endpoint, made.secret))))
}

/// Lets an endpoint rest, or tells it things again.
#[utoipa::path(patch, path = "/webhooks/endpoints/{id}", operation_id = "update_webhook_endpoint", tag = "webhooks",
    params(("id" = Uuid, Path)), request_body = WebhookChange, responses((status = 200, body = WebhookEndpoint), Refusals))]
async fn update(
    State(state): State<ServerState>,
    Who(caller): Who,
    Path(id): Path<Uuid>,
    Json(change): Json<WebhookChange>,
) -> Result<Json<WebhookEndpoint>, Problem> {
    let after = webhooks::set_active(&state.desk, &caller, id, change.active).await?;
    Ok(Json(WebhookEndpoint::of(after, None)))
}

/// Removes an endpoint and its log.
#[utoipa::path(delete, path = "/webhooks/endpoints/{id}", operation_id = "delete_webhook_endpoint", tag = "webhooks",
    params(("id" = Uuid, Path)), responses((status = 204), Refusals))]
async fn delete(
    State(state): State<ServerState>,
    Who(caller): Who,
    Path(id): Path<Uuid>,
) -> Result<StatusCode, Problem> {
    webhooks::delete(&state.desk, &caller, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The newest messages to an endpoint.
#[utoipa::path(get, path = "/webhooks/endpoints/{id}/deliveries", operation_id = "list_webhook_deliveries", tag = "webhooks",
    params(("id" = Uuid, Path), Paging), responses((status = 200, body = List<WebhookDelivery>), Refusals))]
async fn list_deliveries(
    State(state): State<ServerState>,
    Who(caller): Who,
    Path(id): Path<Uuid>,
    Query(paging): Query<Paging>,
) -> Result<Json<List<WebhookDelivery>>, Problem> {
    let all = webhooks::deliveries(&state.desk, &caller, id).await?.into_iter().map(|one| WebhookDelivery {
        id: one.id,
        type_: one.type_,
        state: one.state.name(),
        attempts: one.attempts,
        status: (one.status > 0).then_some(one.status),
        answer: one.answer,
        attempted_at: one.attempted_at.map(|at| at.to_string()),
        created_at: one.created_at.to_string(),
    });
    paging.cut(all, |delivery| delivery.id.to_string())
}

/// Sends a message once more, under the same id.
#[utoipa::path(post, path = "/webhooks/endpoints/{id}/deliveries/{delivery}/replay", operation_id = "replay_webhook_delivery",
    tag = "webhooks", params(("id" = Uuid, Path), ("delivery" = Uuid, Path)), responses((status = 202), Refusals))]
async fn replay(
    State(state): State<ServerState>,
    Who(caller): Who,
    Path((id, delivery)): Path<(Uuid, Uuid)>,
) -> Result<StatusCode, Problem> {
    webhooks::replay(&state.desk, &caller, id, delivery).await?;
    Ok(StatusCode::ACCEPTED)
}
