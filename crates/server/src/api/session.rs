//! `/session`: signing in and out with a browser.

use app::accounts::{
    links, sessions,
    sessions::Begun,
    sign_in::{self, Credentials, SignIn},
};
use axum::{
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::id::OrgId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use uuid::Uuid;

use super::Refusals;
use crate::{
    Problem, ServerState,
    boxed::routes,
    extract::Json,
    problem::Kind,
    who::{Stranger, Who, browser},
};

pub(super) fn open_routes() -> OpenApiRouter<ServerState> {
    OpenApiRouter::new().routes(routes!(create)).routes(routes!(create_by_link))
}

pub(super) fn guarded_routes() -> OpenApiRouter<ServerState> {
    OpenApiRouter::new().routes(routes!(delete)).routes(routes!(switch))
}

/// What somebody shows to sign in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewSession {
    /// The address.
    pub email: String,
    /// The password.
    pub password: String,
    /// The code of the second factor, where one is set up, or a recovery code.
    pub code: Option<String>,
}

/// Signed in. The session itself is in the cookie.
#[derive(Debug, Serialize, ToSchema)]
pub struct SignedIn {
    /// Who.
    pub user_id: Uuid,
    /// Where.
    pub organization_id: Uuid,
    /// To be sent as `x-csrf-token` with every change.
    pub csrf_token: String,
    /// When it ends at the latest.
    pub expires_at: String,
}

/// The answer to a sign-in: the cookie, and what goes with it.
pub(crate) fn signed_in(state: &ServerState, begun: &Begun) -> Response {
    let body = SignedIn {
        user_id: begun.user.0,
        organization_id: begun.org.0,
        csrf_token: state.desk.keys.form_token(begun.session.0),
        expires_at: begun.expires_at.to_string(),
    };
    let mut response = (StatusCode::CREATED, Json(body)).into_response();
    keep(state, &mut response, Some(&begun.token));
    response
}

/// Sets the session's cookie, or removes it.
pub(crate) fn keep(state: &ServerState, response: &mut Response, token: Option<&str>) {
    let name = browser::cookie_name(&state.settings);
    let seconds = token.map(|_| state.desk.settings.absolute.as_secs());
    if let Some(value) = browser::set_cookie(&state.settings, name, token.unwrap_or_default(), seconds) {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
}

/// Signs in with address and password.
#[utoipa::path(post, path = "/session", operation_id = "create_session", tag = "session", security(()), request_body = NewSession, responses((status = 201, body = SignedIn), Refusals))]
async fn create(
    State(state): State<ServerState>,
    Stranger(visitor): Stranger,
    Json(shown): Json<NewSession>,
) -> Result<Response, Problem> {
    let shown = Credentials { email: shown.email, password: shown.password, code: shown.code };
    match sign_in::sign_in(&state.desk, &visitor, shown).await? {
        SignIn::Begun(begun) => Ok(signed_in(&state, &begun)),
        SignIn::Wrong => Err(Problem::new(Kind::Unauthenticated, "address and password do not fit together")),
        SignIn::CodeNeeded { .. } => {
            Err(Problem::new(Kind::Unauthenticated, "send the present code of your second factor as well"))
        }
    }
}

/// A link that works once.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LinkToken {
    /// The token of the link.
    pub token: String,
}

/// Signs in with a link that works once, such as the one of the first start.
#[utoipa::path(post, path = "/session/link", operation_id = "create_session_by_link", tag = "session", security(()), request_body = LinkToken, responses((status = 201, body = SignedIn), Refusals))]
async fn create_by_link(
    State(state): State<ServerState>,
    Stranger(visitor): Stranger,
    Json(shown): Json<LinkToken>,
) -> Result<Response, Problem> {
    let begun = links::sign_in(&state.desk, &visitor, &shown.token).await?;
    Ok(signed_in(&state, &begun))
}

/// Signs this browser out.
#[utoipa::path(delete, path = "/session", operation_id = "delete_session", tag = "session", responses((status = 204), Refusals))]
async fn delete(State(state): State<ServerState>, Who(caller): Who) -> Result<Response, Problem> {
    sessions::end(&state.desk, &caller).await?;
    let mut response = StatusCode::NO_CONTENT.into_response();
    keep(&state, &mut response, None);
    Ok(response)
}

/// Another organization.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Switch {
    /// Which one.
    pub organization_id: Uuid,
}

/// Turns this browser to another organization of the caller.
#[utoipa::path(put, path = "/session/organization", operation_id = "switch_organization", tag = "session", request_body = Switch, responses((status = 204), Refusals))]
async fn switch(
    State(state): State<ServerState>,
    Who(caller): Who,
    Json(switch): Json<Switch>,
) -> Result<Response, Problem> {
    let token = sessions::switch(&state.desk, &caller, OrgId(switch.organization_id)).await?;
    let mut response = StatusCode::NO_CONTENT.into_response();
    keep(&state, &mut response, Some(&token));
    Ok(response)
}

unprintable!(NewSession, LinkToken);
