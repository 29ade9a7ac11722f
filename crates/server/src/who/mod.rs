//! Who is asking: the proof that came with a request, turned into an actor.

pub mod bearer;
pub mod claims;
pub mod issuer;
mod json;
pub mod jws;
mod key_set;
mod refusal;

pub use issuer::{Expectations, Issuer, Issuers};
pub use key_set::Rhythm;
pub use refusal::Refusal;

use app::Caller;
use axum::{
    extract::{FromRequestParts, Request, State},
    http::request::Parts,
    middleware::Next,
    response::{IntoResponse, Response},
};

use crate::{Problem, ServerState};

/// The caller of a guarded route.
#[derive(Debug, Clone)]
pub struct Who(pub Caller);

impl<S: Send + Sync> FromRequestParts<S> for Who {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        parts.extensions.get::<Self>().cloned().ok_or_else(Problem::unauthenticated)
    }
}

/// Middleware: lets a request pass with its [`Who`], or answers 401.
pub async fn admit(State(_state): State<ServerState>, request: Request, next: Next) -> Response {
    if request.extensions().get::<Who>().is_none() {
        return Problem::unauthenticated().into_response();
    }
    next.run(request).await
}
