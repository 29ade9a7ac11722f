//! `/me`: the caller's own account in this organization.

use app::{
    accounts::{links, second_factor, sessions},
    members::{self, ProfileChange},
};
use axum::{extract::State, http::StatusCode};
use domain::id::SessionId;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use uuid::Uuid;

use super::{List, Refusals, answers::Paging};
use crate::{
    Problem, ServerState,
    boxed::routes,
    etag::{IfMatch, Tagged},
    extract::{Json, Path, Query},
    who::Who,
};

pub(super) fn routes() -> OpenApiRouter<ServerState> {
    OpenApiRouter::new()
        .routes(routes!(show, update))
        .routes(routes!(organizations))
        .routes(routes!(list_sessions))
        .routes(routes!(delete_session))
        .routes(routes!(change_password))
        .routes(routes!(begin_second_factor, remove_second_factor))
        .routes(routes!(confirm_second_factor))
}

/// The caller's profile.
#[derive(Debug, Serialize, ToSchema)]
pub struct Me {
    /// Who.
    pub id: Uuid,
    /// The organization that this profile is of.
    pub organization_id: Uuid,
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
    /// What the pages should look like.
    #[schema(value_type = Object)]
    pub preferences: Value,
    /// What the caller may do: viewer, analyst, reviewer, admin or owner.
    pub role: &'static str,
}

fn me(caller: &app::Caller, member: &store::members::Member) -> Tagged<Json<Me>> {
    let me = Me {
        id: member.user_id.0,
        organization_id: caller.actor.org.0,
        email: member.email.clone(),
        name: member.name.clone(),
        title: member.title.clone(),
        phone: member.phone.clone(),
        department: member.department.clone(),
        preferences: member.preferences.clone(),
        role: member.role.name(),
    };
    Tagged(member.version, Json(me))
}

/// What changes of the profile; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MeChange {
    /// The name.
    pub name: Option<String>,
    /// The position.
    pub title: Option<String>,
    /// The telephone.
    pub phone: Option<String>,
    /// The department.
    pub department: Option<String>,
    /// What the pages should look like.
    #[schema(value_type = Option<Object>)]
    pub preferences: Option<Value>,
}

/// The caller's profile.
#[utoipa::path(get, path = "/me", operation_id = "get_me", tag = "me", responses((status = 200, body = Me), Refusals))]
async fn show(State(state): State<ServerState>, Who(caller): Who) -> Result<Tagged<Json<Me>>, Problem> {
    let member = members::own(&state.desk, &caller).await?;
    Ok(me(&caller, &member))
}

/// Changes the caller's profile.
#[utoipa::path(patch, path = "/me", operation_id = "update_me", tag = "me", params(("if-match" = Option<String>, Header, description = "the `ETag` that the change is about")), request_body = MeChange, responses((status = 200, body = Me), Refusals))]
async fn update(
    State(state): State<ServerState>,
    Who(caller): Who,
    IfMatch(version): IfMatch,
    Json(change): Json<MeChange>,
) -> Result<Tagged<Json<Me>>, Problem> {
    let MeChange { name, title, phone, department, preferences } = change;
    let change = ProfileChange { name, title, phone, department, preferences };
    let member = members::update_own(&state.desk, &caller, version, &change).await?;
    Ok(me(&caller, &member))
}

/// An organization of the caller.
#[derive(Debug, Serialize, ToSchema)]
pub struct OwnOrganization {
    /// Which one.
    pub id: Uuid,
    /// Its name.
    pub name: String,
    /// What the caller may do there.
    pub role: &'static str,
}

/// The organizations that the caller belongs to.
#[utoipa::path(get, path = "/me/organizations", operation_id = "list_own_organizations", tag = "me", params(Paging), responses((status = 200, body = List<OwnOrganization>), Refusals))]
async fn organizations(
    State(state): State<ServerState>,
    Who(caller): Who,
    Query(paging): Query<Paging>,
) -> Result<Json<List<OwnOrganization>>, Problem> {
    let all = sessions::organisations(&state.desk, &caller).await?;
    let items = all.into_iter().map(|one| OwnOrganization {
        id: one.org_id.0,
        name: one.org_name,
        role: one.role.name(),
    });
    paging.cut(items, |one| one.id.to_string())
}

/// A browser that is signed in.
#[derive(Debug, Serialize, ToSchema)]
pub struct Session {
    /// Which one.
    pub id: Uuid,
    /// The browser's name for itself.
    pub user_agent: String,
    /// Where it signed in from.
    pub address: String,
    /// When it signed in.
    pub created_at: String,
    /// When it was last seen, to the minute.
    pub last_seen_at: String,
    /// When it ends at the latest.
    pub expires_at: String,
}

/// The browsers that are signed in as the caller.
#[utoipa::path(get, path = "/me/sessions", operation_id = "list_own_sessions", tag = "me", params(Paging), responses((status = 200, body = List<Session>), Refusals))]
async fn list_sessions(
    State(state): State<ServerState>,
    Who(caller): Who,
    Query(paging): Query<Paging>,
) -> Result<Json<List<Session>>, Problem> {
    let all = sessions::list(&state.desk, &caller).await?;
    let items = all.into_iter().map(|one| Session {
        id: one.id.0,
        user_agent: one.user_agent,
        address: one.address,
        created_at: one.created_at.to_string(),
        last_seen_at: one.last_seen_at.to_string(),
        expires_at: one.expires_at.to_string(),
    });
    paging.cut(items, |one| one.id.to_string())
}

/// Signs one of the caller's browsers out.
#[utoipa::path(delete, path = "/me/sessions/{id}", operation_id = "delete_own_session", tag = "me", params(("id" = Uuid, Path)), responses((status = 204), Refusals))]
async fn delete_session(
    State(state): State<ServerState>,
    Who(caller): Who,
    Path(id): Path<Uuid>,
) -> Result<StatusCode, Problem> {
    sessions::delete(&state.desk, &caller, SessionId(id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Another password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PasswordChange {
    /// The present one; may be left out by somebody who has none yet.
    #[serde(default)]
    pub old_password: String,
    /// The new one, of 12 characters or more.
    pub new_password: String,
}

/// Sets or changes the caller's password; other browsers are signed out.
#[utoipa::path(put, path = "/me/password", operation_id = "change_password", tag = "me", request_body = PasswordChange, responses((status = 204), Refusals))]
async fn change_password(
    State(state): State<ServerState>,
    Who(caller): Who,
    Json(change): Json<PasswordChange>,
) -> Result<StatusCode, Problem> {
    links::change_password(&state.desk, &caller, change.old_password, change.new_password).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The caller's password, shown again.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PasswordAgain {
    /// The present password; empty for somebody who has none.
    #[serde(default)]
    pub password: String,
}

/// What goes into an authenticator. Shown once.
#[derive(Serialize, ToSchema)]
pub struct Enrolment {
    /// The seed in base 32.
    pub seed: String,
    /// The same as an address, for a QR code.
    pub address: String,
    /// Codes that work once each, for a lost device.
    pub recovery_codes: Vec<String>,
}

/// Begins setting a second factor up.
#[utoipa::path(post, path = "/me/second-factor", operation_id = "begin_second_factor", tag = "me", request_body = PasswordAgain, responses((status = 201, body = Enrolment), Refusals))]
async fn begin_second_factor(
    State(state): State<ServerState>,
    Who(caller): Who,
    Json(again): Json<PasswordAgain>,
) -> Result<(StatusCode, Json<Enrolment>), Problem> {
    let made = second_factor::begin(&state.desk, &caller, again.password).await?;
    let enrolment = Enrolment { seed: made.seed, address: made.address, recovery_codes: made.recovery_codes };
    Ok((StatusCode::CREATED, Json(enrolment)))
}

/// A code of the authenticator.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Code {
    /// Six digits.
    pub code: String,
}

/// Shows the first code; from now on one is asked for at every sign-in.
#[utoipa::path(post, path = "/me/second-factor/confirmation", operation_id = "confirm_second_factor", tag = "me", request_body = Code, responses((status = 204), Refusals))]
async fn confirm_second_factor(
    State(state): State<ServerState>,
    Who(caller): Who,
    Json(shown): Json<Code>,
) -> Result<StatusCode, Problem> {
    second_factor::confirm(&state.desk, &caller, &shown.code).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Removes the second factor.
#[utoipa::path(delete, path = "/me/second-factor", operation_id = "remove_second_factor", tag = "me", request_body = PasswordAgain, responses((status = 204), Refusals))]
async fn remove_second_factor(
    State(state): State<ServerState>,
    Who(caller): Who,
    Json(again): Json<PasswordAgain>,
) -> Result<StatusCode, Problem> {
    second_factor::remove(&state.desk, &caller, again.password).await?;
    Ok(StatusCode::NO_CONTENT)
}

unprintable!(PasswordChange, PasswordAgain, Enrolment, Code);
