//! Logs: one JSON object a line on standard error, in UTC, with the trace, organisation and user of the request.
//!
//! Fields are ids, counts and words of ours. Bodies, tokens, addresses and customers' cells never get here.

use tracing_subscriber::{EnvFilter, layer::SubscriberExt, util::SubscriberInitExt};

use super::traces::Traces;

/// Begins to log, and to hand spans to a collector where there is one. What is asked for twice is begun once.
pub(crate) fn begin(filter: &str, traces: Option<Traces>) {
    let filter = EnvFilter::try_new(filter).unwrap_or_else(|_| EnvFilter::new("info"));
    let lines = tracing_subscriber::fmt::layer()
        .json()
        .flatten_event(false)
        .with_current_span(true)
        .with_span_list(false)
        .with_writer(std::io::stderr);
    let _ = tracing_subscriber::registry().with(filter).with(lines).with(traces).try_init();
}
