//! Everything that can be asked for, and what stands before it.
//!
//! Deny by default: a route is behind the door unless it is in [`api::open`] or [`api::called`], which are short on purpose. An address
//! that does not exist is behind the door too, so that an anonymous caller learns nothing about what there is.

use axum::{
    Router,
    extract::DefaultBodyLimit,
    http::StatusCode,
    middleware::{from_fn, from_fn_with_state},
    routing::get,
};
use utoipa::{OpenApi, openapi::RefOr};

use crate::{
    Problem, ServerState, api, health, measure, origins, pace, problem::Kind, shield, trace, web, who,
};

/// The description of the API.
pub fn description() -> utoipa::openapi::OpenApi {
    let all = api::guarded().merge(api::open()).merge(api::called()).into_openapi();
    let mut document = api::Description::openapi().nest("/api/v1", all);
    for item in document.paths.paths.values_mut() {
        let operations = [&mut item.get, &mut item.put, &mut item.post, &mut item.patch, &mut item.delete];
        for operation in operations.into_iter().flatten() {
            for (status, answer) in &mut operation.responses.responses {
                // The standard wants words for every answer.
                if let RefOr::T(answer) = answer
                    && answer.description.is_empty()
                {
                    let known = status.parse().ok().and_then(|status| StatusCode::from_u16(status).ok());
                    let words = known.and_then(|status| status.canonical_reason()).unwrap_or("an answer");
                    words.clone_into(&mut answer.description);
                }
            }
        }
    }
    document
}

/// The whole service as one router.
pub fn router(state: &ServerState) -> Router {
    let (guarded, _) = api::guarded().split_for_parts();
    let guarded = guarded.merge(api::mcp::routes());
    let (open, _) = api::open().split_for_parts();
    let guarded = guarded
        .method_not_allowed_fallback(no_such_method)
        .fallback(no_such_address)
        .layer(from_fn_with_state(state.clone(), who::admit));
    let open = open.layer(from_fn_with_state(state.clone(), api::greet));
    let (called, _) = api::called().split_for_parts();
    // An address with methods on both sides of the door answers other methods behind it.
    let under_v1 = guarded.merge(open).merge(called).method_not_allowed_fallback(no_such_method);
    let docs = api::docs::Docs::of(&description());
    let page = docs.clone();
    Router::new()
        .nest("/api/v1", under_v1)
        .route("/api/openapi.json", get(move || async move { docs.document() }))
        .route("/api/docs", get(move || async move { page.page() }))
        .merge(web::routes(state))
        .route("/health/live", get(health::live))
        .route("/health/ready", get(health::ready))
        .fallback(no_such_address)
        .layer(DefaultBodyLimit::max(state.settings.body_bytes_max))
        .layer(from_fn(pace::watch))
        .layer(from_fn_with_state(state.clone(), origins::tell))
        .layer(from_fn_with_state(state.clone(), shield::raise))
        .layer(from_fn_with_state(state.clone(), trace::follow))
        .layer(from_fn(measure::count))
        .with_state(state.clone())
}

async fn no_such_address() -> Problem {
    Problem::no_such_address()
}

async fn no_such_method() -> Problem {
    Problem::new(Kind::MethodNotAllowed, "this address does not take this method; see /api/docs")
}
