//! `/operator`: for whoever runs the installation, apart from the roles of organizations.

mod customers;
mod reviews;
mod running;
mod trail;

use app::operation;
use axum::extract::State;
use domain::id::OrgId;
use serde::{Deserialize, Serialize};
use store::orgs::{Org, OrgState};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use uuid::Uuid;

use super::{List, Refusals, answers::Paging, findings::KindView, words};
use crate::{
    Problem, ServerState,
    boxed::routes,
    extract::{Json, Path, Query},
    who::Who,
};

pub(super) fn routes() -> OpenApiRouter<ServerState> {
    OpenApiRouter::new()
        .routes(routes!(index))
        .routes(routes!(show))
        .routes(routes!(set_state))
        .merge(customers::routes())
        .merge(reviews::routes())
        .merge(running::routes())
        .merge(trail::routes())
}

/// An organization, as an operator sees it.
#[derive(Debug, Serialize, ToSchema)]
pub struct OperatedOrganization {
    /// Which one.
    pub id: Uuid,
    /// Its name.
    pub name: String,
    /// Its plan.
    pub plan: String,
    /// active, suspended or closed.
    pub state: &'static str,
    /// Since when.
    pub created_at: String,
}

impl From<&Org> for OperatedOrganization {
    fn from(org: &Org) -> Self {
        Self {
            id: org.org_id.0,
            name: org.name.clone(),
            plan: org.plan.clone(),
            state: org.state.name(),
            created_at: org.created_at.to_string(),
        }
    }
}

/// An organization in numbers.
#[derive(Debug, Serialize, ToSchema)]
pub struct OperatedOverview {
    /// Which one.
    pub organization: OperatedOrganization,
    /// Members.
    pub members: i64,
    /// Stored files.
    pub files: i64,
    /// Saved mappings.
    pub mapping_profiles: i64,
    /// Runs.
    pub analyses: i64,
    /// Findings that people accepted or went on with.
    pub findings_accepted: i64,
    /// What is known of it, for whoever looks at its results.
    pub context: OperatedContext,
}

/// What is known of a customer.
#[derive(Debug, Serialize, ToSchema)]
pub struct OperatedContext {
    /// Its plants.
    pub plants: Vec<String>,
    /// The systems that its exports come from.
    pub systems: Vec<String>,
    /// What the newest analysis is called.
    #[schema(required)]
    pub newest_analysis: Option<String>,
    /// What the data of it allow.
    #[schema(required)]
    pub data_tier: Option<i16>,
    /// How earlier findings were judged, by kind.
    pub finding_kinds: Vec<KindView>,
}

/// Why somebody looks.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Why {
    /// The reason, as the organization reads it in its audit trail.
    #[param(min_length = 1, max_length = 500)]
    reason: String,
}

/// Another state.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StateChange {
    /// active, suspended (can be read, not written) or closed (nobody comes in).
    #[schema(value_type = words::OrganizationStateName)]
    pub state: String,
    /// The reason, as the organization reads it in its audit trail.
    #[schema(min_length = 1, max_length = 500)]
    pub reason: String,
}

/// All organizations of the installation.
#[utoipa::path(get, path = "/operator/organizations", operation_id = "operator_list_organizations", tag = "operator",
    params(Paging), responses((status = 200, body = List<OperatedOrganization>), Refusals))]
async fn index(
    State(state): State<ServerState>,
    Who(caller): Who,
    Query(paging): Query<Paging>,
) -> Result<Json<List<OperatedOrganization>>, Problem> {
    let all = operation::list(&state.desk, &caller).await?;
    paging.cut(all.iter().map(OperatedOrganization::from), |one| one.id.to_string())
}

/// One organization in numbers; the look stands in its own audit trail.
#[utoipa::path(get, path = "/operator/organizations/{id}", operation_id = "operator_get_organization", tag = "operator",
    params(("id" = Uuid, Path), Why), responses((status = 200, body = OperatedOverview), Refusals))]
async fn show(
    State(state): State<ServerState>,
    Who(caller): Who,
    Path(id): Path<Uuid>,
    Query(why): Query<Why>,
) -> Result<Json<OperatedOverview>, Problem> {
    let (found, acting) = operation::get(&state.desk, &caller, OrgId(id), &why.reason).await?;
    let context = operation::customers::context(&state.desk, &acting).await?;
    Ok(Json(OperatedOverview {
        organization: (&found.org).into(),
        members: found.has.members,
        files: found.has.files,
        mapping_profiles: found.has.profiles,
        analyses: found.has.analyses,
        findings_accepted: found.has.accepted,
        context: OperatedContext {
            plants: context.plants,
            systems: context.systems,
            data_tier: context.newest.as_ref().and_then(|newest| newest.2),
            newest_analysis: context.newest.map(|newest| newest.1),
            finding_kinds: context.judged.into_iter().map(KindView::from).collect(),
        },
    }))
}

/// Opens, suspends or closes an organization; the change stands in its own audit trail.
#[utoipa::path(put, path = "/operator/organizations/{id}/state", operation_id = "operator_set_organization_state",
    tag = "operator", params(("id" = Uuid, Path)), request_body = StateChange,
    responses((status = 200, body = OperatedOrganization), Refusals))]
async fn set_state(
    State(state): State<ServerState>,
    Who(caller): Who,
    Path(id): Path<Uuid>,
    Json(change): Json<StateChange>,
) -> Result<Json<OperatedOrganization>, Problem> {
    let to = OrgState::parse(&change.state)
        .ok_or_else(|| app::Error::invalid("state", "give one of active, suspended, closed"))?;
    let after = operation::set_state(&state.desk, &caller, OrgId(id), to, &change.reason).await?;
    Ok(Json((&after).into()))
}
