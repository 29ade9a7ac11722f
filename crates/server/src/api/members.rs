//! `/members`: who belongs to the organization.

use app::members;
use axum::{extract::State, http::StatusCode};
use domain::id::UserId;
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
    etag::{IfMatch, Tagged},
    extract::{Json, Path, Query},
    who::Who,
};

pub(super) fn routes() -> OpenApiRouter<ServerState> {
    OpenApiRouter::new().routes(routes!(index)).routes(routes!(show, update, delete))
}

/// A member.
#[derive(Debug, Serialize, ToSchema)]
pub struct Member {
    /// Who.
    pub id: Uuid,
    /// The address.
    pub email: String,
    /// The name.
    pub name: String,
    /// The position.
    pub title: String,
    /// The telephone.
    pub phone: String,
    /// The department.
    pub department: String,
    /// What the member may do: viewer, analyst, reviewer, admin or owner.
    pub role: &'static str,
    /// Who says so: `local`, or `issuer` for people of the token issuer.
    pub source: &'static str,
    /// Since when.
    pub created_at: String,
}

impl From<&store::members::Member> for Member {
    fn from(member: &store::members::Member) -> Self {
        Self {
            id: member.user_id.0,
            email: member.email.clone(),
            name: member.name.clone(),
            title: member.title.clone(),
            phone: member.phone.clone(),
            department: member.department.clone(),
            role: member.role.name(),
            source: member.source.name(),
            created_at: member.created_at.to_string(),
        }
    }
}

/// Another role.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MemberChange {
    /// viewer, analyst, reviewer, admin or owner.
    #[schema(value_type = words::RoleName)]
    pub role: String,
}

/// The members, newest first.
#[utoipa::path(get, path = "/members", operation_id = "list_members", tag = "members", params(Paging), responses((status = 200, body = List<Member>), Refusals))]
async fn index(
    State(state): State<ServerState>,
    Who(caller): Who,
    Query(paging): Query<Paging>,
) -> Result<Json<List<Member>>, Problem> {
    let page = members::page(&state.desk, &caller, paging.page()?).await?;
    Ok(paged(page, |member| Member::from(&member)))
}

/// One member.
#[utoipa::path(get, path = "/members/{id}", operation_id = "get_member", tag = "members", params(("id" = Uuid, Path)), responses((status = 200, body = Member), Refusals))]
async fn show(
    State(state): State<ServerState>,
    Who(caller): Who,
    Path(id): Path<Uuid>,
) -> Result<Tagged<Json<Member>>, Problem> {
    let member = members::get(&state.desk, &caller, UserId(id)).await?;
    Ok(Tagged(member.version, Json(Member::from(&member))))
}

/// Gives a member another role.
#[utoipa::path(patch, path = "/members/{id}", operation_id = "update_member", tag = "members",
    params(("id" = Uuid, Path), ("if-match" = Option<String>, Header, description = "the `ETag` that the change is about")), request_body = MemberChange, responses((status = 200, body = Member), Refusals))]
async fn update(
    State(state): State<ServerState>,
    Who(caller): Who,
    Path(id): Path<Uuid>,
    IfMatch(version): IfMatch,
    Json(change): Json<MemberChange>,
) -> Result<Tagged<Json<Member>>, Problem> {
    let member = members::set_role(&state.desk, &caller, UserId(id), version, role(&change.role)?).await?;
    Ok(Tagged(member.version, Json(Member::from(&member))))
}

/// Ends a membership.
#[utoipa::path(delete, path = "/members/{id}", operation_id = "delete_member", tag = "members", params(("id" = Uuid, Path)), responses((status = 204), Refusals))]
async fn delete(
    State(state): State<ServerState>,
    Who(caller): Who,
    Path(id): Path<Uuid>,
) -> Result<StatusCode, Problem> {
    members::remove(&state.desk, &caller, UserId(id)).await?;
    Ok(StatusCode::NO_CONTENT)
}
