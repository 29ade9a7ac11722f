//! Pages of other origins that may ask the API from a browser, with a token or a key of their own: exactly those that are configured.
//! A session's cookie is never taken from them, since no answer allows credentials.

use axum::{
    extract::{Request, State},
    http::{HeaderName, HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};

use crate::ServerState;

/// What such pages may send.
const METHODS: &str = "GET, HEAD, POST, PUT, PATCH, DELETE";
const HEADERS: &str = "authorization, content-type, idempotency-key, if-match, if-none-match, traceparent, upload-offset, last-event-id";
/// What they may read beside the body.
const EXPOSED: &str =
    "etag, location, ratelimit, ratelimit-policy, retry-after, trace-id, content-disposition, upload-offset";
/// How long a browser remembers it, in seconds.
const REMEMBERED: &str = "600";

/// An origin as browsers write it, or nothing: scheme and host, a port where it is not the usual one, and no path.
pub fn parse(text: &str) -> Option<String> {
    let url = url::Url::parse(text).ok()?;
    let plain = url.origin().ascii_serialization();
    (matches!(url.scheme(), "http" | "https") && plain == text).then_some(plain)
}

/// Middleware of the API: answers what a browser asks beforehand, and tells it whether its page may read the answer.
pub async fn tell(State(state): State<ServerState>, request: Request, next: Next) -> Response {
    let origin = request.headers().get(header::ORIGIN).cloned().filter(|origin| {
        request.uri().path().starts_with("/api/")
            && state.settings.allowed_origins.iter().any(|known| origin.as_bytes() == known.as_bytes())
    });
    let Some(origin) = origin else { return next.run(request).await };
    let asks_beforehand = *request.method() == Method::OPTIONS
        && request.headers().contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
    let mut response =
        if asks_beforehand { StatusCode::NO_CONTENT.into_response() } else { next.run(request).await };
    let headers = response.headers_mut();
    let mut set =
        |name: HeaderName, value: &'static str| headers.insert(name, HeaderValue::from_static(value));
    if asks_beforehand {
        set(header::ACCESS_CONTROL_ALLOW_METHODS, METHODS);
        set(header::ACCESS_CONTROL_ALLOW_HEADERS, HEADERS);
        set(header::ACCESS_CONTROL_MAX_AGE, REMEMBERED);
    } else {
        set(header::ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
    }
    set(HeaderName::from_static("cross-origin-resource-policy"), "cross-origin");
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    headers.append(header::VARY, HeaderValue::from_static("origin"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_written_as_browsers_write_it() {
        for (text, known) in [
            ("https://plant.example", true),
            ("https://plant.example:8443", true),
            ("http://127.0.0.1:3000", true),
            ("https://plant.example/", false),
            ("https://plant.example/app", false),
            ("https://plant.example:443", false),
            ("https://Plant.example", false),
            ("*", false),
            ("null", false),
            ("file:///x", false),
            ("", false),
        ] {
            assert_eq!(parse(text).is_some(), known, "{text}");
        }
    }
}
