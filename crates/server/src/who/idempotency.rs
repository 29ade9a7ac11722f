//! Idempotency keys: what a retry is recognized by.
//!
//! The key and a digest of the request go with the caller; the use case takes the key in the transaction of its deed. A
//! body of JSON is part of the digest. Of other bodies only what is known before reading them is: the use case that
//! stores them adds the digest of their content.

use app::Retry;
use aws_lc_rs::digest;
use axum::{
    body::Body,
    extract::Request,
    http::{Method, header},
};

use crate::{Problem, ServerState, problem::Kind};

/// Takes a request's key, where it has one and makes something. Gives the request back, its body unharmed.
pub(super) async fn read(
    state: &ServerState,
    principal: String,
    request: Request,
) -> Result<(Request, Option<Retry>), Problem> {
    let mut keys = request.headers().get_all("idempotency-key").iter();
    let Some(key) = keys.next() else { return Ok((request, None)) };
    if *request.method() != Method::POST {
        return Ok((request, None));
    }
    let visible = |byte: &u8| byte.is_ascii_graphic() || *byte == b' ';
    let fine = keys.next().is_none() && (1..=255).contains(&key.len()) && key.as_bytes().iter().all(visible);
    let Some(key) = key.to_str().ok().filter(|_| fine).map(str::to_owned) else {
        return Err(Problem::new(Kind::Malformed, "give one idempotency-key of 1 to 255 visible characters"));
    };
    let kind =
        request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let operation = format!("POST {}", request.uri().path());
    let mut hash = digest::Context::new(&digest::SHA256);
    for part in [operation.as_str(), request.uri().query().unwrap_or_default(), &kind] {
        hash.update(&(part.len() as u64).to_be_bytes());
        hash.update(part.as_bytes());
    }
    let request = if kind.is_empty() || kind == "application/json" {
        let (parts, body) = request.into_parts();
        let bytes = axum::body::to_bytes(body, state.settings.body_bytes_max)
            .await
            .map_err(|_| Problem::new(Kind::TooLarge, "the body is larger than this address takes"))?;
        hash.update(&bytes);
        Request::from_parts(parts, Body::from(bytes))
    } else {
        request
    };
    let mut request_hash = [0; 32];
    request_hash.copy_from_slice(hash.finish().as_ref());
    let operation = operation.chars().take(200).collect();
    Ok((request, Some(Retry { principal, operation, key, request_hash })))
}
