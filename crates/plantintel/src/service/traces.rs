//! Requests and jobs as spans for a collector, where one is configured.
//!
//! A span says which route, how it ended, how long it took, and ids of organisation and person: the fields that the log has, and no
//! others. Nothing waits for a collector: what it does not take in time is dropped.

use std::{
    collections::BTreeMap,
    fmt,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use app::accounts::secret;
use clients::otlp::{Exporter, Span};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tracing::{
    Subscriber,
    field::{Field, Visit},
    span,
};
use tracing_subscriber::{Layer, layer::Context, registry::LookupSpan};

/// Spans that may wait.
const WAITING: usize = 4_096;
/// Spans that go out together.
const TOGETHER: usize = 512;
/// How long the first of them waits.
const PAUSE: Duration = Duration::from_secs(2);
/// Which spans go out, and whether somebody asked for the work from outside.
const KNOWN: [(&str, bool); 2] = [("request", true), ("job", false)];
/// Which of their fields go out, and under which name.
const FIELDS: [(&str, &str); 7] = [
    ("method", "http.request.method"),
    ("route", "http.route"),
    ("status", "http.response.status_code"),
    ("org", "plantintel.organization"),
    ("user", "enduser.id"),
    ("job", "plantintel.job"),
    ("kind", "plantintel.job.kind"),
];

/// Hands spans to whoever sends them.
#[derive(Debug, Clone)]
pub(crate) struct Traces(mpsc::Sender<Span>);

/// Spans on their way out.
#[derive(Debug)]
pub(crate) struct Outgoing(mpsc::Receiver<Span>);

/// A pair: what listens, and what is to be sent.
pub(crate) fn traces() -> (Traces, Outgoing) {
    let (sender, receiver) = mpsc::channel(WAITING);
    (Traces(sender), Outgoing(receiver))
}

impl Outgoing {
    /// Sends until it is told to stop, and then what is left.
    pub(crate) async fn send(mut self, exporter: Exporter, stop: CancellationToken) {
        let mut silent = false;
        loop {
            let mut some = Vec::new();
            let ended = tokio::select! {
                n = self.0.recv_many(&mut some, TOGETHER) => n == 0,
                () = stop.cancelled() => {
                    while let Ok(span) = self.0.try_recv() {
                        some.push(span);
                    }
                    true
                }
            };
            if !some.is_empty() {
                let outcome = exporter.send(&some).await;
                // Said once, until it works again: it would be said every two seconds.
                if let Err(error) = &outcome
                    && !silent
                {
                    tracing::warn!(%error, "traces are not taken");
                }
                silent = outcome.is_err();
            }
            if ended {
                return;
            }
            tokio::select! {
                () = tokio::time::sleep(PAUSE) => {}
                () = stop.cancelled() => {}
            }
        }
    }
}

/// What is known of a span while it lives.
struct Kept {
    begun: SystemTime,
    fields: BTreeMap<&'static str, String>,
}

/// Writes fields down as text, by name.
pub(super) struct Noting<'a>(pub(super) &'a mut BTreeMap<&'static str, String>);

/// Whether a span is the answer to a request, or a job.
pub(super) fn is_known(name: &str) -> bool {
    KNOWN.iter().any(|(known, _)| *known == name)
}

impl Visit for Noting<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.0.insert(field.name(), format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name(), value.to_owned());
    }
}

#[expect(clippy::disallowed_methods, reason = "the binary reads the clock")]
pub(super) fn now() -> SystemTime {
    SystemTime::now()
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Traces {
    fn on_new_span(&self, attributes: &span::Attributes<'_>, id: &span::Id, context: Context<'_, S>) {
        let name = attributes.metadata().name();
        if !is_known(name) {
            return;
        }
        if let Some(span) = context.span(id) {
            let mut fields = BTreeMap::new();
            attributes.record(&mut Noting(&mut fields));
            span.extensions_mut().insert(Kept { begun: now(), fields });
        }
    }

    fn on_record(&self, id: &span::Id, values: &span::Record<'_>, context: Context<'_, S>) {
        if let Some(span) = context.span(id)
            && let Some(kept) = span.extensions_mut().get_mut::<Kept>()
        {
            values.record(&mut Noting(&mut kept.fields));
        }
    }

    fn on_close(&self, id: span::Id, context: Context<'_, S>) {
        let Some(span) = context.span(&id) else { return };
        let Some(kept) = span.extensions_mut().remove::<Kept>() else { return };
        let ns = |at: SystemTime| at.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_nanos());
        let asked = KNOWN.iter().any(|(known, asked)| *known == span.name() && *asked);
        let field = |name: &str| kept.fields.get(name).map(String::as_str).unwrap_or_default();
        let name = if asked {
            format!("{} {}", field("method"), field("route"))
        } else {
            format!("job {}", field("kind"))
        };
        let done = Span {
            trace: field("trace_id").to_owned(),
            id: format!("{:016x}", u64::from_be_bytes(secret::random::<8>())),
            name: name.trim().to_owned(),
            asked,
            begun_ns: ns(kept.begun),
            ended_ns: ns(now()),
            failed: field("status").starts_with('5'),
            attributes: FIELDS
                .iter()
                .filter(|(ours, _)| !field(ours).is_empty())
                .map(|(ours, theirs)| ((*theirs).to_owned(), field(ours).to_owned()))
                .collect(),
        };
        if done.trace.len() == 32 {
            // A full queue drops it: nothing waits for a collector.
            let _ = self.0.try_send(done);
        }
    }
}

#[cfg(test)]
mod tests {
    use tracing_subscriber::layer::SubscriberExt;

    use super::*;

    #[test]
    fn a_request_goes_out_with_known_fields_only() {
        let (traces, mut outgoing) = traces();
        let subscriber = tracing_subscriber::registry().with(traces);
        tracing::subscriber::with_default(subscriber, || {
            let span = tracing::info_span!(
                "request",
                trace_id = %"4bf92f3577b34da6a3ce929d0e0e4736",
                method = %"GET",
                route = tracing::field::Empty,
                status = tracing::field::Empty,
                body = %"what a customer wrote",
            );
            span.record("route", "/api/v1/files");
            span.record("status", 503);
            let _other = tracing::info_span!("query", trace_id = "4bf92f3577b34da6a3ce929d0e0e4736");
        });
        let sent = outgoing.0.try_recv().unwrap();
        assert_eq!((sent.name.as_str(), sent.asked, sent.failed), ("GET /api/v1/files", true, true));
        assert!(sent.ended_ns >= sent.begun_ns && sent.id.len() == 16);
        let names: Vec<&str> = sent.attributes.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["http.request.method", "http.route", "http.response.status_code"]);
        assert!(outgoing.0.try_recv().is_err());
    }
}
