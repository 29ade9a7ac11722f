//! What failed for reasons of ours, told to Sentry and to an alert hook where they are configured.
//!
//! Whatever the log says as an error goes out, with the ids of the request or job that it happened in. Nothing waits for who is told:
//! what is not taken in time is dropped, and the log has it all the same.

use std::{collections::BTreeMap, time::UNIX_EPOCH};

use app::accounts::secret;
use clients::{
    alerts::{Alerts, category},
    sentry::{Fault, Sent, Sentry},
};
use tokio::{sync::mpsc, time::Instant};
use tokio_util::sync::CancellationToken;
use tracing::{Event, Level, Subscriber, span};
use tracing_subscriber::{Layer, layer::Context, registry::LookupSpan};

use super::traces::{self, Noting};

/// Faults that may wait: a flood of them says nothing that the first ones do not.
const WAITING: usize = 256;
/// Which fields of a request or job go out.
const TAGS: [&str; 6] = ["org", "method", "route", "status", "job", "kind"];

/// Hands faults to whoever sends them.
#[derive(Debug, Clone)]
pub(crate) struct Faults(mpsc::Sender<Fault>);

/// Faults on their way out.
#[derive(Debug)]
pub(crate) struct Outgoing(mpsc::Receiver<Fault>);

/// A pair: what listens, and what is to be sent.
pub(crate) fn faults() -> (Faults, Outgoing) {
    let (sender, receiver) = mpsc::channel(WAITING);
    (Faults(sender), Outgoing(receiver))
}

/// Who is told of faults.
#[derive(Debug)]
pub(crate) struct Told {
    pub(crate) sentry: Option<Sentry>,
    pub(crate) alerts: Option<Alerts>,
}

impl Outgoing {
    /// Sends until it is told to stop, and then what is left.
    pub(crate) async fn send(mut self, mut told: Told, stop: CancellationToken) {
        let (mut silent, mut unheard) = (false, false);
        let mut not_before = Instant::now();
        loop {
            let next = tokio::select! {
                biased;
                next = self.0.recv() => next,
                () = stop.cancelled() => self.0.try_recv().ok(),
            };
            let Some(fault) = next else { return };
            if let Some(alerts) = &mut told.alerts {
                let outcome = alerts.tell(&fault).await;
                if let Err(error) = &outcome
                    && !unheard
                {
                    tracing::warn!(%error, "alerts are not taken");
                }
                unheard = outcome.is_err();
            }
            let Some(sentry) = told.sentry.as_ref().filter(|_| Instant::now() >= not_before) else {
                continue;
            };
            let outcome = sentry.send(&fault).await;
            match &outcome {
                Ok(Sent::Wait(pause)) => not_before = Instant::now() + *pause,
                // Said once, until it works again, and never as an error: that would be the next fault.
                Err(error) if !silent => tracing::warn!(%error, "faults are not taken"),
                Ok(Sent::Taken) | Err(_) => {}
            }
            silent = outcome.is_err();
        }
    }
}

/// What is known of the request or job that something happens in.
struct Within(BTreeMap<&'static str, String>);

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Faults {
    fn on_new_span(&self, attributes: &span::Attributes<'_>, id: &span::Id, context: Context<'_, S>) {
        if let Some(span) = context.span(id).filter(|span| traces::is_known(span.name())) {
            let mut fields = BTreeMap::new();
            attributes.record(&mut Noting(&mut fields));
            span.extensions_mut().insert(Within(fields));
        }
    }

    fn on_record(&self, id: &span::Id, values: &span::Record<'_>, context: Context<'_, S>) {
        if let Some(span) = context.span(id)
            && let Some(within) = span.extensions_mut().get_mut::<Within>()
        {
            values.record(&mut Noting(&mut within.0));
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        if *event.metadata().level() != Level::ERROR {
            return;
        }
        let mut said = BTreeMap::new();
        event.record(&mut Noting(&mut said));
        let mut within = BTreeMap::new();
        for span in context.event_scope(event).into_iter().flatten() {
            if let Some(known) = span.extensions().get::<Within>() {
                within.extend(known.0.clone());
                break;
            }
        }
        let cause = said.remove("error").or_else(|| said.remove("cause"));
        let place = event.metadata().target();
        let severity = severity(place, said.get("severity").map(String::as_str));
        server::measure::fault(severity, category(place));
        let fault = Fault {
            id: format!("{:032x}", u128::from_be_bytes(secret::random::<16>())),
            at_ms: traces::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as u64),
            place: place.to_owned(),
            severity,
            message: said.remove("message").unwrap_or_default(),
            cause: cause.unwrap_or_default(),
            trace: within.get("trace_id").filter(|trace| trace.len() == 32).cloned(),
            user: within.get("user").cloned(),
            tags: TAGS
                .iter()
                .filter_map(|name| within.get(name).map(|value| ((*name).to_owned(), value.clone())))
                .collect(),
        };
        // A full queue drops it.
        let _ = self.0.try_send(fault);
    }
}

/// How bad it is: what the event says itself, or else whether it happened to one thing that was asked for.
fn severity(place: &str, said: Option<&str>) -> &'static str {
    let critical = said.map_or_else(|| category(place) == "installation", |said| said == "critical");
    if critical { "critical" } else { "high" }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::TcpListener,
    };
    use tracing_subscriber::layer::SubscriberExt;

    use super::*;

    /// One request as it comes over the wire, answered as Sentry does.
    async fn one_request(listener: &TcpListener, answer: &str) -> String {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut bytes = Vec::new();
        let mut piece = [0; 4096];
        loop {
            let n = stream.read(&mut piece).await.unwrap();
            bytes.extend_from_slice(&piece[..n]);
            let text = String::from_utf8_lossy(&bytes).into_owned();
            let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
            if body.len() >= length.parse().unwrap() {
                stream.write_all(answer.as_bytes()).await.unwrap();
                return text;
            }
        }
    }

    #[tokio::test]
    async fn an_error_goes_out_as_an_envelope_without_what_a_customer_wrote() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let dsn = format!("http://publickey@{}/7", listener.local_addr().unwrap());
        let sentry = Sentry::new(&dsn, "test").unwrap();
        let (faults, outgoing) = faults();
        let stop = CancellationToken::new();
        let told = Told { sentry: Some(sentry), alerts: None };
        let sending = tokio::spawn(outgoing.send(told, stop.clone()));
        let subscriber = tracing_subscriber::registry().with(faults);
        tracing::subscriber::with_default(subscriber, || {
            let span = tracing::info_span!(
                "request",
                trace_id = %"4bf92f3577b34da6a3ce929d0e0e4736",
                route = "/api/v1/files",
                org = tracing::field::Empty,
                body = %"what a customer wrote",
            );
            span.record("org", "0190a0a0-1111-7000-8000-000000000003");
            let _inside = span.entered();
            tracing::warn!("this is no fault");
            tracing::error!(cause = %"no room for \"Salaries.csv\" of marie@example.com", "use case failed");
        });
        let taken = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}";
        let request = one_request(&listener, taken).await;
        stop.cancel();
        sending.await.unwrap();
        assert!(request.starts_with("POST /api/7/envelope/ HTTP/1.1\r\n"), "{request}");
        assert!(request.contains("sentry_key=publickey") && request.contains("sentry_version=7"));
        for hidden in ["Salaries", "marie", "what a customer wrote", "this is no fault"] {
            assert!(!request.contains(hidden), "{hidden} in {request}");
        }
        let lines: Vec<&str> = request.split_once("\r\n\r\n").unwrap().1.lines().collect();
        let event: Value = serde_json::from_str(lines[2]).unwrap();
        assert_eq!(event["logentry"]["formatted"], "use case failed: no room for [quoted] of [address]");
        assert_eq!(event["tags"]["route"], "/api/v1/files");
        assert_eq!(event["tags"]["org"], "0190a0a0-1111-7000-8000-000000000003");
        assert_eq!(event["contexts"]["trace"]["trace_id"], "4bf92f3577b34da6a3ce929d0e0e4736");
        assert_eq!(event["environment"], "test");
    }

    #[tokio::test]
    async fn an_alert_goes_to_a_hook_once_for_what_repeats() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}/hook", listener.local_addr().unwrap());
        let (faults, outgoing) = faults();
        let subscriber = tracing_subscriber::registry().with(faults);
        tracing::subscriber::with_default(subscriber, || {
            for _ in 0..3 {
                tracing::error!(target: "store::jobs", cause = %"of \"Marie\"", "use case failed");
            }
            tracing::error!(target: "plantintel::service", "the database does not answer");
        });
        let told =
            Told { sentry: None, alerts: Some(Alerts::new(&address, "whsec_c2VjcmV0", "test").unwrap()) };
        let sending = tokio::spawn(outgoing.send(told, CancellationToken::new()));
        let taken = "HTTP/1.1 204 No Content\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
        for (severity, category) in [("high", "database"), ("critical", "installation")] {
            let request = one_request(&listener, taken).await;
            assert!(request.contains("webhook-signature: v1,"), "{request}");
            assert!(!request.contains("Marie"), "{request}");
            let body: Value = serde_json::from_str(request.split_once("\r\n\r\n").unwrap().1).unwrap();
            assert_eq!(
                (&body["data"]["severity"], &body["data"]["category"]),
                (&severity.into(), &category.into())
            );
            assert_eq!(body["data"]["id"].as_str().unwrap().len(), 32);
        }
        sending.abort();
    }

    #[tokio::test]
    async fn a_flood_is_dropped_and_a_limit_is_kept() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let dsn = format!("http://k@{}/7", listener.local_addr().unwrap());
        let (faults, outgoing) = faults();
        let subscriber = tracing_subscriber::registry().with(faults);
        tracing::subscriber::with_default(subscriber, || {
            for _ in 0..2 * WAITING {
                tracing::error!("again");
            }
        });
        assert_eq!(outgoing.0.len(), WAITING);
        let stop = CancellationToken::new();
        let told = Told { sentry: Some(Sentry::new(&dsn, "test").unwrap()), alerts: None };
        let sending = tokio::spawn(outgoing.send(told, stop.clone()));
        let busy = "HTTP/1.1 429 Too Many Requests\r\nretry-after: 60\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
        one_request(&listener, busy).await;
        stop.cancel();
        // The other ones are let go at once instead of being sent against the wish.
        tokio::time::timeout(std::time::Duration::from_secs(5), sending).await.unwrap().unwrap();
    }
}
