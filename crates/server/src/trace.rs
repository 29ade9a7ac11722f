//! The trace of the request that is being answered: taken from `traceparent`, or made, and sent back as `trace-id`.

use std::time::{Duration, Instant};

use axum::{
    extract::{MatchedPath, Request, State},
    http::{HeaderMap, HeaderName, HeaderValue},
    middleware::Next,
    response::Response,
};
use domain::TraceId;
use tracing::Instrument;

use crate::ServerState;

tokio::task_local! {
    static CURRENT: TraceId;
}

/// The header that names the trace in every answer.
pub const TRACE_ID: HeaderName = HeaderName::from_static("trace-id");

/// The header that says how long the answer took.
const TIMING: HeaderName = HeaderName::from_static("server-timing");
/// What takes longer is worth a line in the log.
const SLOW: Duration = Duration::from_secs(1);

/// The trace of the request that this task answers.
pub fn current() -> Option<TraceId> {
    CURRENT.try_with(|trace| *trace).ok()
}

/// Middleware: everything inside runs under one trace, and logs with it.
pub async fn follow(State(state): State<ServerState>, request: Request, next: Next) -> Response {
    let trace = parent(request.headers()).unwrap_or_else(|| TraceId::new(state.random_bytes()));
    let route = request.extensions().get::<MatchedPath>().map_or("", MatchedPath::as_str).to_owned();
    // Streams and bytes take as long as they take.
    let quick = ["/events", "/content", "/files", "/uploads/{id}"].iter().all(|end| !route.ends_with(end));
    let span = tracing::info_span!(
        "request",
        trace_id = %trace,
        method = %request.method(),
        route = %route,
        status = tracing::field::Empty,
        org = tracing::field::Empty,
        user = tracing::field::Empty,
    );
    CURRENT
        .scope(trace, async move {
            let begun = Instant::now();
            let mut response = next.run(request).await;
            let took = begun.elapsed();
            let status = response.status().as_u16();
            tracing::Span::current().record("status", status);
            if quick && took > SLOW {
                tracing::warn!(status, took_ms = took.as_millis() as u64, "a request was slow");
            }
            let timing = format!("total;dur={:.1}", took.as_secs_f64() * 1000.0);
            if let Ok(value) = HeaderValue::from_str(&timing) {
                response.headers_mut().insert(TIMING, value);
            }
            if let Ok(value) = HeaderValue::from_str(&trace.to_string()) {
                response.headers_mut().insert(TRACE_ID, value);
            }
            response
        })
        .instrument(span)
        .await
}

/// The trace that a well-formed `traceparent` names. Anything else is ignored, as the standard asks.
fn parent(headers: &HeaderMap) -> Option<TraceId> {
    let mut all = headers.get_all("traceparent").iter();
    let (Some(value), None) = (all.next(), all.next()) else { return None };
    let text = value.to_str().ok()?;
    let mut parts = text.split('-');
    let (version, trace, span, flags) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let lower_hex = |part: &str, length: usize| {
        part.len() == length
            && part.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
    };
    let known_shape = lower_hex(version, 2) && version != "ff" && (version != "00" || parts.next().is_none());
    if !known_shape || !lower_hex(span, 16) || span == "0000000000000000" || !lower_hex(flags, 2) {
        return None;
    }
    TraceId::parse(trace)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_well_formed_parent_is_followed() {
        let good = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        for (text, followed) in [
            (good, true),
            ("01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more", true),
            ("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more", false),
            ("ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", false),
            ("00-00000000000000000000000000000000-00f067aa0ba902b7-01", false),
            ("00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01", false),
            ("00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01", false),
            ("00-4bf92f-00f067aa0ba902b7-01", false),
            ("", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert("traceparent", HeaderValue::from_str(text).unwrap());
            assert_eq!(parent(&headers).is_some(), followed, "{text}");
        }
        let mut twice = HeaderMap::new();
        twice.append("traceparent", HeaderValue::from_static(good));
        twice.append("traceparent", HeaderValue::from_static(good));
        assert_eq!(parent(&twice), None);
    }
}
