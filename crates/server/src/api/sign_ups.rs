//! `/sign-ups`: opening an account by oneself, where the installation allows it.

use app::accounts::sign_up;
use axum::{extract::State, http::StatusCode};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;

use super::Refusals;
use crate::boxed::routes;
use crate::{Problem, ServerState, extract::Json, who::Stranger};

pub(super) fn open_routes() -> OpenApiRouter<ServerState> {
    OpenApiRouter::new().routes(routes!(create))
}

/// Who wants an account, and for which organization.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SignUp {
    /// The address; the link to sign in goes there.
    #[schema(max_length = 254)]
    pub email: String,
    /// The organization's name.
    #[schema(min_length = 1, max_length = 200)]
    pub organization: String,
}

/// Sends a letter with a link that signs the new owner in. The answer is the same for an address that has an account.
#[utoipa::path(post, path = "/sign-ups", operation_id = "create_sign_up", tag = "sign-ups", security(()), request_body = SignUp, responses((status = 202), Refusals))]
async fn create(
    State(state): State<ServerState>,
    Stranger(visitor): Stranger,
    Json(new): Json<SignUp>,
) -> Result<StatusCode, Problem> {
    sign_up::sign_up(&state.desk, &visitor, &new.email, &new.organization).await?;
    Ok(StatusCode::ACCEPTED)
}
