//! `/password-resets`: a forgotten password.

use app::accounts::links;
use axum::{extract::State, http::StatusCode};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;

use super::Refusals;
use crate::boxed::routes;
use crate::{Problem, ServerState, extract::Json, who::Stranger};

pub(super) fn open_routes() -> OpenApiRouter<ServerState> {
    OpenApiRouter::new().routes(routes!(create)).routes(routes!(confirm))
}

/// Whose password.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPasswordReset {
    /// The address of the account.
    pub email: String,
}

/// Sends a letter with a link, if there is such an account. The answer is the same if there is none.
#[utoipa::path(post, path = "/password-resets", operation_id = "create_password_reset", tag = "password-resets", security(()), request_body = NewPasswordReset, responses((status = 202), Refusals))]
async fn create(
    State(state): State<ServerState>,
    Stranger(visitor): Stranger,
    Json(new): Json<NewPasswordReset>,
) -> Result<StatusCode, Problem> {
    links::forgot_password(&state.desk, &visitor, &new.email).await?;
    Ok(StatusCode::ACCEPTED)
}

/// The link of the letter, and a new password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PasswordReset {
    /// The token of the letter's link.
    pub token: String,
    /// The new password, of 12 characters or more.
    pub password: String,
}

/// Sets a new password and signs the account out everywhere.
#[utoipa::path(post, path = "/password-resets/confirmation", operation_id = "confirm_password_reset", tag = "password-resets", security(()), request_body = PasswordReset, responses((status = 204), Refusals))]
async fn confirm(
    State(state): State<ServerState>,
    Stranger(visitor): Stranger,
    Json(reset): Json<PasswordReset>,
) -> Result<StatusCode, Problem> {
    links::reset_password(&state.desk, &visitor, &reset.token, reset.password).await?;
    Ok(StatusCode::NO_CONTENT)
}

unprintable!(PasswordReset);
