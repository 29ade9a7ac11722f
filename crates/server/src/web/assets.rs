//! The files that pages ask for. Their names carry a digest of their content, so that they are kept for ever.

use axum::{
    Router,
    http::{HeaderValue, header},
    response::{IntoResponse, Redirect, Response},
};

use crate::{Problem, ServerState, boxed::get, extract::Path};

pub(super) fn routes() -> Router<ServerState> {
    Router::new().route("/assets/{file}", get(show)).route("/favicon.ico", get(mark))
}

/// Browsers ask for it by this name where a page of somebody else's (the API's) names none.
async fn mark() -> Redirect {
    Redirect::permanent(&pages::assets::address("mark.svg"))
}

async fn show(Path(file): Path<String>) -> Result<Response, Problem> {
    let asset = pages::assets::find(&file).ok_or_else(Problem::no_such_address)?;
    let mut response = asset.bytes.as_slice().into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(asset.content_type));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable"));
    Ok(response)
}
