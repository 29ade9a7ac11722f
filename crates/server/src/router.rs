//! Everything that can be asked for, and what stands before it.
//!
//! Deny by default: a route is behind the door unless it is in [`api::open`], which is short on purpose. An address
//! that does not exist is behind the door too, so that an anonymous caller learns nothing about what there is.

use axum::{Router, middleware::from_fn_with_state};
use utoipa::OpenApi;

use crate::{Problem, ServerState, api, problem::Kind, trace, who};

/// The whole service as one router, and the description of its API.
pub fn router(state: &ServerState) -> (Router, utoipa::openapi::OpenApi) {
    let (guarded, guarded_description) = api::guarded().split_for_parts();
    let (open, open_description) = api::open().split_for_parts();
    let description =
        api::Description::openapi().nest("/api/v1", guarded_description).nest("/api/v1", open_description);

    let guarded = guarded
        .method_not_allowed_fallback(no_such_method)
        .fallback(no_such_address)
        .layer(from_fn_with_state(state.clone(), who::admit));
    let under_v1 = guarded.merge(open.method_not_allowed_fallback(no_such_method));
    let router = Router::new()
        .nest("/api/v1", under_v1)
        .fallback(no_such_address)
        .layer(from_fn_with_state(state.clone(), trace::follow))
        .with_state(state.clone());
    (router, description)
}

async fn no_such_address() -> Problem {
    Problem::no_such_address()
}

async fn no_such_method() -> Problem {
    Problem::new(Kind::MethodNotAllowed, "this address does not take this method; see /api/docs")
}
