//! `/operator/audit`: the trail of the installation, or of one organization.

use app::{operation, trail};
use axum::extract::State;
use domain::id::OrgId;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use uuid::Uuid;

use crate::{
    Problem, ServerState,
    api::{
        List, Refusals,
        audit::{AuditEntry, AuditQuery, page},
    },
    boxed::routes,
    extract::{Json, Query},
    who::Who,
};

pub(super) fn routes() -> OpenApiRouter<ServerState> {
    OpenApiRouter::new().routes(routes!(index))
}

/// Whose trail, why, and what to look for.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct Asked {
    /// Left out: the installation's own.
    organization_id: Option<Uuid>,
    /// As the organization reads it in its audit trail.
    #[param(min_length = 1, max_length = 500)]
    reason: String,
    /// By this actor.
    actor_id: Option<String>,
    /// This action, or with a trailing dot every action of a resource (`dataset.`).
    action: Option<String>,
    /// To this kind of thing.
    resource_type: Option<String>,
    /// To this thing.
    resource_id: Option<String>,
    /// done, denied or failed.
    outcome: Option<String>,
    /// From then on.
    #[param(format = DateTime)]
    from: Option<String>,
    /// Before then.
    #[param(format = DateTime)]
    until: Option<String>,
    /// Where the page begins, from `next_cursor`.
    cursor: Option<String>,
    /// How many rows, 1 to 200.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
}

/// The newest rows that match; the look stands in the same trail.
#[utoipa::path(get, path = "/operator/audit", operation_id = "operator_list_audit", tag = "operator",
    params(Asked), responses((status = 200, body = List<AuditEntry>), Refusals))]
async fn index(
    State(state): State<ServerState>,
    Who(caller): Who,
    Query(asked): Query<Asked>,
) -> Result<Json<List<AuditEntry>>, Problem> {
    let query = AuditQuery {
        actor_id: asked.actor_id,
        action: asked.action,
        resource_type: asked.resource_type,
        resource_id: asked.resource_id,
        outcome: asked.outcome,
        from: asked.from,
        until: asked.until,
        cursor: asked.cursor,
        limit: asked.limit,
    };
    let (filter, limit) = query.filter()?;
    let org = asked.organization_id.map_or(store::audit::INSTALLATION, OrgId);
    let acting = operation::act_in(&state.desk, &caller, org, &asked.reason).await?;
    let found = trail::list(state.backing(), &acting, &filter, limit).await?;
    Ok(page(found, limit))
}
