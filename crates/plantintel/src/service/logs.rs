//! Logs: one JSON object a line on standard error, in UTC, with the trace, organisation and user of the request.
//!
//! Fields are ids, counts and words of ours. Bodies, tokens, addresses and customers' cells never get here.

use tracing_subscriber::{EnvFilter, layer::SubscriberExt, util::SubscriberInitExt};

use super::{faults::Faults, traces::Traces};

/// Begins to log, and to hand spans to a collector and faults to Sentry where there is one. What is asked for twice is begun once.
pub(crate) fn begin(filter: &str, traces: Option<Traces>, faults: Option<Faults>) {
    let filter = EnvFilter::try_new(filter).unwrap_or_else(|_| EnvFilter::new("info"));
    let lines = tracing_subscriber::fmt::layer()
        .json()
        .flatten_event(false)
        .with_current_span(true)
        .with_span_list(false)
        .with_writer(std::io::stderr);
    let _ = tracing_subscriber::registry().with(filter).with(lines).with(traces).with(faults).try_init();
    // A thread that breaks says so in a line like all others. Where it broke is enough: what it says may be a customer's.
    std::panic::set_hook(Box::new(|broken| {
        let place = broken.location().map(ToString::to_string).unwrap_or_default();
        tracing::error!(place, "a thread broke");
    }));
}
