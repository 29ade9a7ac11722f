//! The pages: read the request, call a use case, shape a context of `pages`.
//!
//! The door (signing in and what leads to it) and the files that pages ask for are open. Pages of signed-in people are
//! behind [`guard`], which asks for a session and sends everybody else to sign in; whatever goes wrong there is a page
//! that says what happened. [`reader`] is who reads, with the frame around every page; [`answer`] turns what handlers
//! give into responses.

mod actions;
mod analyses;
mod answer;
mod ask;
mod assets;
mod changes;
mod console;
mod data;
pub mod door;
mod elsewhere;
mod explore;
mod finding;
mod findings;
mod import;
mod kept;
mod order;
mod overview;
mod pictures;
mod preparation;
mod reader;
mod reports;
mod seen;
mod settings;
mod shared;
mod summary;
mod tongue;
mod welcome;

use axum::{
    Extension, Router,
    extract::{Request, State},
    http::Method,
    middleware::{Next, from_fn, from_fn_with_state},
    response::{IntoResponse, Redirect, Response},
};

use crate::{ServerState, api, who};

/// A report as a download, for the API too.
pub(crate) fn download(bytes: Vec<u8>, format: store::reports::Format, name: &str) -> Response {
    reports::attached(bytes, reports::content_type(format), name)
}

/// What the list of findings knows of an address, in the order in which it writes it; for the API too.
pub(crate) fn findings_query(query: &str) -> String {
    findings::plain(query)
}

/// Everything that is HTML, and what it needs.
pub fn routes(state: &ServerState) -> Router<ServerState> {
    let door = door::routes()
        .merge(shared::routes())
        .layer(from_fn_with_state(state.clone(), api::greet))
        .layer(from_fn(tongue::speak));
    let pages = Router::new()
        .merge(overview::routes())
        .merge(summary::routes())
        .merge(changes::routes())
        .merge(findings::routes())
        .merge(finding::routes())
        .merge(actions::routes())
        .merge(explore::routes())
        .merge(order::routes())
        .merge(data::routes())
        .merge(import::routes())
        .merge(preparation::routes())
        .merge(reports::routes())
        .merge(ask::routes())
        .merge(settings::routes())
        .merge(welcome::routes())
        .merge(console::routes())
        .route_layer(from_fn_with_state(state.clone(), guard))
        .layer(Extension(kept::Kept::default()))
        .layer(from_fn(tongue::speak));
    Router::new().merge(door).merge(assets::routes()).merge(pages)
}

/// Middleware of pages: lets a request with a session pass as [`who::admit`] does, and sends others to sign in.
pub async fn guard(State(state): State<ServerState>, mut request: Request, next: Next) -> Response {
    request.extensions_mut().insert(who::Page);
    let cookie =
        who::browser::cookie(request.headers(), who::browser::cookie_name(&state.settings)).is_some();
    let wanted = request.uri().path_and_query().map_or("/", |path| path.as_str()).to_owned();
    let reads = *request.method() == Method::GET;
    let came_from = answer::came_from(request.headers());
    let to_sign_in = || {
        let next: String = url::form_urlencoded::byte_serialize(wanted.as_bytes()).collect();
        Redirect::to(&format!("{}?next={next}", pages::route::SIGN_IN)).into_response()
    };
    if !cookie && reads {
        return to_sign_in();
    }
    let response = who::admit(State(state), request, next).await;
    if response.status() == axum::http::StatusCode::UNAUTHORIZED && reads {
        to_sign_in()
    } else if response.status() == axum::http::StatusCode::UNAUTHORIZED {
        answer::signed_out(&came_from)
    } else {
        answer::in_words(response).await
    }
}
