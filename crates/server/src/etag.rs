//! Versions of what people edit: `ETag` out, `If-Match` in.

use axum::{
    extract::FromRequestParts,
    http::{HeaderName, HeaderValue, header, request::Parts},
    response::{IntoResponse, Response},
};

use crate::{Problem, problem::Kind};

/// The version that a change is based on; `None` where the caller did not say, or said any.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IfMatch(pub Option<i64>);

impl<S: Send + Sync> FromRequestParts<S> for IfMatch {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let Some(value) = parts.headers.get(header::IF_MATCH) else { return Ok(Self(None)) };
        let text = value.to_str().unwrap_or_default().trim();
        if text == "*" {
            return Ok(Self(None));
        }
        if text.is_empty() {
            return Err(Problem::new(Kind::Malformed, "if-match must name the version, as etag did"));
        }
        let version = text
            .strip_prefix("\"v")
            .and_then(|rest| rest.strip_suffix('"'))
            .and_then(|text| text.parse().ok());
        // A tag that is none of ours matches nothing.
        version.map(|version| Self(Some(version))).ok_or_else(|| {
            Problem::new(Kind::Stale, "this is not the present version: read it again, then change it")
        })
    }
}

/// An answer with the version of what it shows.
#[derive(Debug)]
pub struct Tagged<T>(pub i64, pub T);

impl<T: IntoResponse> IntoResponse for Tagged<T> {
    fn into_response(self) -> Response {
        let mut response = self.1.into_response();
        if let Ok(tag) = HeaderValue::from_str(&format!("\"v{}\"", self.0)) {
            response.headers_mut().insert(HeaderName::from_static("etag"), tag);
        }
        response
    }
}
