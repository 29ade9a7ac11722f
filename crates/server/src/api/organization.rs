//! `/organization`: the caller's organization.

use app::organisations::{self, Change};
use axum::extract::State;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use uuid::Uuid;

use super::Refusals;
use crate::{
    Problem, ServerState,
    boxed::routes,
    etag::{IfMatch, Tagged},
    extract::Json,
    who::Who,
};

pub(super) fn routes() -> OpenApiRouter<ServerState> {
    OpenApiRouter::new().routes(routes!(show, update))
}

/// The organization.
#[derive(Debug, Serialize, ToSchema)]
pub struct Organization {
    /// Which one.
    pub id: Uuid,
    /// Its name.
    pub name: String,
    /// company, personal or demo.
    pub kind: &'static str,
    /// The plan whose limits hold.
    pub plan: String,
    /// active, suspended or closed.
    pub state: &'static str,
    /// The company form: size, industry, revenue band, contact, phone, address.
    #[schema(value_type = Object)]
    pub profile: Value,
    /// From where its people and programs may come, as addresses and ranges; from everywhere where there is none.
    pub allowed_networks: Vec<String>,
    /// Since when the form is filled in or skipped.
    pub onboarded_at: Option<String>,
    /// Since when it is here.
    pub created_at: String,
}

fn view(org: &store::orgs::Org) -> Tagged<Json<Organization>> {
    let shown = Organization {
        id: org.org_id.0,
        name: org.name.clone(),
        kind: org.kind.name(),
        plan: org.plan.clone(),
        state: org.state.name(),
        profile: org.profile.clone(),
        allowed_networks: org.allowed_networks.clone(),
        onboarded_at: org.onboarded_at.map(|at| at.to_string()),
        created_at: org.created_at.to_string(),
    };
    Tagged(org.version, Json(shown))
}

/// What changes of it; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OrganizationChange {
    /// The name.
    pub name: Option<String>,
    /// The company form.
    #[schema(value_type = Option<Object>)]
    pub profile: Option<Value>,
    /// From where its people and programs may come, such as `203.0.113.7` or `203.0.113.0/24`; an empty list is everywhere. Your
    /// own address must be in it.
    pub allowed_networks: Option<Vec<String>>,
    /// True once the form was filled in or skipped.
    #[serde(default)]
    pub onboarded: bool,
}

/// The organization.
#[utoipa::path(get, path = "/organization", operation_id = "get_organization", tag = "organization", responses((status = 200, body = Organization), Refusals))]
async fn show(
    State(state): State<ServerState>,
    Who(caller): Who,
) -> Result<Tagged<Json<Organization>>, Problem> {
    Ok(view(&organisations::get(&state.desk, &caller).await?))
}

/// Changes the organization.
#[utoipa::path(patch, path = "/organization", operation_id = "update_organization", tag = "organization", params(("if-match" = Option<String>, Header, description = "the `ETag` that the change is about")), request_body = OrganizationChange, responses((status = 200, body = Organization), Refusals))]
async fn update(
    State(state): State<ServerState>,
    Who(caller): Who,
    IfMatch(version): IfMatch,
    Json(change): Json<OrganizationChange>,
) -> Result<Tagged<Json<Organization>>, Problem> {
    let change = Change {
        name: change.name,
        profile: change.profile,
        allowed_networks: change.allowed_networks,
        onboarded: change.onboarded,
    };
    Ok(view(&organisations::update(&state.desk, &caller, version, &change).await?))
}
