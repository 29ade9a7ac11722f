//! `/invitations`: letters that ask somebody to join.

use app::invitations;
use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use domain::id::InvitationId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use uuid::Uuid;

use super::{
    List, Refusals,
    answers::{Paging, paged},
    role, session, words,
};
use crate::{
    Problem, ServerState,
    boxed::routes,
    extract::{Json, Path, Query},
    who::{Stranger, Who},
};

pub(super) fn routes() -> OpenApiRouter<ServerState> {
    OpenApiRouter::new().routes(routes!(index, create)).routes(routes!(delete))
}

pub(super) fn open_routes() -> OpenApiRouter<ServerState> {
    OpenApiRouter::new().routes(routes!(accept))
}

/// An open invitation.
#[derive(Debug, Serialize, ToSchema)]
pub struct Invitation {
    /// Which one.
    pub id: Uuid,
    /// To whom.
    pub email: String,
    /// As what.
    pub role: &'static str,
    /// When it ends.
    pub expires_at: String,
    /// When it was written.
    pub created_at: String,
    /// The link to pass on by hand, shown once, where no letter went out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
}

fn view(one: &store::invitations::Invitation, link: Option<String>) -> Invitation {
    Invitation {
        id: one.id.0,
        email: one.email.clone(),
        role: one.role.name(),
        expires_at: one.expires_at.to_string(),
        created_at: one.created_at.to_string(),
        link,
    }
}

/// Whom to invite.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewInvitation {
    /// To whom.
    pub email: String,
    /// As what: viewer, analyst, reviewer, admin or owner, at most the caller's own role.
    #[schema(value_type = words::RoleName)]
    pub role: String,
}

/// The open invitations, newest first.
#[utoipa::path(get, path = "/invitations", operation_id = "list_invitations", tag = "invitations", params(Paging), responses((status = 200, body = List<Invitation>), Refusals))]
async fn index(
    State(state): State<ServerState>,
    Who(caller): Who,
    Query(paging): Query<Paging>,
) -> Result<Json<List<Invitation>>, Problem> {
    let page = invitations::page(&state.desk, &caller, paging.page()?).await?;
    Ok(paged(page, |one| view(&one, None)))
}

/// Invites somebody.
#[utoipa::path(post, path = "/invitations", operation_id = "create_invitation", tag = "invitations", params(("idempotency-key" = Option<String>, Header)), request_body = NewInvitation, responses((status = 201, body = Invitation), Refusals))]
async fn create(
    State(state): State<ServerState>,
    Who(caller): Who,
    Json(new): Json<NewInvitation>,
) -> Result<(StatusCode, Json<Invitation>), Problem> {
    let made = invitations::create(&state.desk, &caller, &new.email, role(&new.role)?).await?;
    Ok((StatusCode::CREATED, Json(view(&made.invitation, made.link))))
}

/// Takes an open invitation back.
#[utoipa::path(delete, path = "/invitations/{id}", operation_id = "delete_invitation", tag = "invitations", params(("id" = Uuid, Path)), responses((status = 204), Refusals))]
async fn delete(
    State(state): State<ServerState>,
    Who(caller): Who,
    Path(id): Path<Uuid>,
) -> Result<StatusCode, Problem> {
    invitations::delete(&state.desk, &caller, InvitationId(id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// An invitation, taken up.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Acceptance {
    /// The token of the letter's link.
    pub token: String,
    /// How the person wants to be called.
    #[serde(default)]
    pub name: String,
    /// A new password; for somebody who has an account, its password.
    pub password: String,
}

/// Takes an invitation up and signs in. With a second factor the answer is 204, and the person signs in as always.
#[utoipa::path(post, path = "/invitations/acceptance", operation_id = "accept_invitation", tag = "invitations", security(()), request_body = Acceptance, responses((status = 201, body = session::SignedIn), (status = 204), Refusals))]
async fn accept(
    State(state): State<ServerState>,
    Stranger(visitor): Stranger,
    Json(shown): Json<Acceptance>,
) -> Result<Response, Problem> {
    let begun = invitations::accept(&state.desk, &visitor, &shown.token, &shown.name, shown.password).await?;
    Ok(match begun {
        Some(begun) => session::signed_in(&state, &begun),
        None => StatusCode::NO_CONTENT.into_response(),
    })
}

unprintable!(Acceptance);
