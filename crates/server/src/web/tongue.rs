//! Pages in the reader's language: whatever is HTML is rewritten on its way out, in one place.
//!
//! The language is the one that the person chose under Profile; where nothing was chosen, or nobody is known yet, what
//! the browser asks for.

use std::sync::{Arc, OnceLock};

use axum::{
    body::{Body, to_bytes},
    extract::Request,
    http::{HeaderValue, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use translation::Tongue;

use crate::Problem;

/// The largest page that is held in memory to be rewritten.
const LARGEST: usize = 64 << 20;

/// What the browser asks for, and where whoever learns the reader's own choice leaves it for [`speak`].
#[derive(Debug, Clone, Default)]
pub(super) struct Chosen {
    asked: Tongue,
    own: Arc<OnceLock<Tongue>>,
}

impl Chosen {
    /// Remembers what a person's preferences say.
    pub(super) fn prefer(&self, preferences: &serde_json::Value) {
        if let Some(tongue) = preferences["language"].as_str().and_then(Tongue::named) {
            self.own.get_or_init(|| tongue);
        }
    }

    /// The language of the page.
    pub(super) fn tongue(&self) -> Tongue {
        self.own.get().copied().unwrap_or(self.asked)
    }
}

/// Middleware of pages: rewrites them in the language of whoever reads.
pub(super) async fn speak(mut request: Request, next: Next) -> Response {
    let header = request.headers().get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    let asked = header.map(Tongue::accepted).unwrap_or_default();
    let chosen = Chosen { asked, ..Chosen::default() };
    request.extensions_mut().insert(chosen.clone());
    let mut response = next.run(request).await;
    let is_page = response
        .headers()
        .get(header::CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    // What is taken along, and what says its language, was written in it already.
    let is_written = [header::CONTENT_LANGUAGE, header::CONTENT_DISPOSITION]
        .iter()
        .any(|name| response.headers().contains_key(name));
    if !is_page || is_written {
        return response;
    }
    let tongue = chosen.tongue();
    response.headers_mut().insert(header::CONTENT_LANGUAGE, HeaderValue::from_static(tongue.tag()));
    if tongue == Tongue::English {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let Ok(bytes) = to_bytes(body, LARGEST).await else {
        return Problem::internal().into_response();
    };
    let said = match String::from_utf8(bytes.into()) {
        Ok(html) => translation::page(html, tongue).into_bytes(),
        Err(other) => other.into_bytes(),
    };
    parts.headers.remove(header::CONTENT_LENGTH);
    Response::from_parts(parts, Body::from(said))
}
