//! Reading a request: axum's extractors, answering with problem documents instead of plain text.

use axum::{
    extract::{
        FromRequest, FromRequestParts, Request,
        rejection::{JsonRejection, PathRejection, QueryRejection},
    },
    http::request::Parts,
    response::{IntoResponse, Response},
};
use serde::de::DeserializeOwned;

use crate::problem::{Kind, Problem};

/// A JSON body, in or out.
#[derive(Debug)]
pub struct Json<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let headers = request.headers().clone();
        let (mut parts, body) = request.into_parts();
        let whole = Request::from_parts(parts.clone(), body);
        let bytes = axum::body::Bytes::from_request(whole, state)
            .await
            .map_err(|error| unreadable(error.status(), &error.body_text()))?;
        // Serde takes a list for the fields of a thing, in their order; nobody means that.
        if bytes.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'[') && is_json(&headers) {
            return Err(if is_sound(&bytes) {
                Problem::new(Kind::Invalid, "send an object with named fields, not a list")
            } else {
                Problem::new(Kind::Malformed, "this is not JSON: send an object with named fields")
            });
        }
        let kept = bytes.clone();
        parts.headers.remove(axum::http::header::CONTENT_LENGTH);
        let request = Request::from_parts(parts, axum::body::Body::from(bytes));
        match axum::Json::<T>::from_request(request, state).await {
            Ok(axum::Json(value)) => Ok(Self(value)),
            // A wrong field may come before a broken end.
            Err(JsonRejection::JsonDataError(error)) => {
                let kind = if is_sound(&kept) { Kind::Invalid } else { Kind::Malformed };
                Err(Problem::new(kind, plain(&error.body_text())))
            }
            Err(JsonRejection::JsonSyntaxError(error)) => {
                Err(Problem::new(Kind::Malformed, plain(&error.body_text())))
            }
            Err(JsonRejection::MissingJsonContentType(_)) => Err(Problem::new(
                Kind::UnsupportedMediaType,
                "send the body as JSON with the header content-type: application/json",
            )),
            Err(other) => Err(Problem::new(Kind::Malformed, plain(&other.body_text()))),
        }
    }
}

impl<T: serde::Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        axum::Json(self.0).into_response()
    }
}

/// A body that is a file, small enough to be held.
#[derive(Debug)]
pub struct Whole(pub axum::body::Bytes);

impl<S: Send + Sync> FromRequest<S> for Whole {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let bytes = axum::body::Bytes::from_request(request, state).await;
        bytes.map(Self).map_err(|error| unreadable(error.status(), &error.body_text()))
    }
}

/// A body that could not be read to its end: too large, too slow, or cut off.
fn unreadable(status: axum::http::StatusCode, text: &str) -> Problem {
    if status == axum::http::StatusCode::PAYLOAD_TOO_LARGE {
        Problem::new(Kind::TooLarge, "the body is larger than this address takes")
    } else if text.contains(&crate::pace::TooSlow.to_string()) {
        Problem::new(Kind::TooSlow, "less than a kilobyte a second arrived for half a minute: send it again")
    } else {
        Problem::new(Kind::Malformed, "the body broke off before its end: send it again")
    }
}

/// Whether it is JSON from its first byte to its last.
fn is_sound(bytes: &[u8]) -> bool {
    serde_json::from_slice::<serde_json::Value>(bytes).is_ok()
}

fn is_json(headers: &axum::http::HeaderMap) -> bool {
    let kind =
        headers.get(axum::http::header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or("");
    let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    kind == "application/json" || (kind.starts_with("application/") && kind.ends_with("+json"))
}

/// A text of an address that is longer than its description allows.
pub fn at_most(field: &str, text: Option<&String>, most: usize) -> Result<(), Problem> {
    match text {
        Some(text) if text.chars().count() > most => {
            Err(app::Error::invalid(field, format!("use at most {most} characters")).into())
        }
        _ => Ok(()),
    }
}

/// The words of serde without axum's preamble.
fn plain(text: &str) -> String {
    text.split_once(": ").map_or(text, |(_, rest)| rest).to_owned()
}

/// The part of the address after the question mark.
#[derive(Debug)]
pub struct Query<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        match axum::extract::Query::<T>::from_request_parts(parts, state).await {
            Ok(axum::extract::Query(value)) => Ok(Self(value)),
            Err(QueryRejection::FailedToDeserializeQueryString(error)) => {
                Err(Problem::new(Kind::Invalid, plain(&error.body_text())))
            }
            Err(_) => Err(Problem::new(Kind::Malformed, "the query of the address cannot be read")),
        }
    }
}

/// Parts of the path. What is no identity names nothing, so that it is not found, like a missing one.
#[derive(Debug)]
pub struct Path<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for Path<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        match axum::extract::Path::<T>::from_request_parts(parts, state).await {
            Ok(axum::extract::Path(value)) => Ok(Self(value)),
            Err(PathRejection::FailedToDeserializePathParams(_)) => Err(Problem::no_such_address()),
            Err(_) => Err(Problem::internal()),
        }
    }
}
