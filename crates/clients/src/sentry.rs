//! Faults told to Sentry, or to anything that speaks its envelope protocol.
//!
//! The protocol that we need is one small document per fault; the crates for it bring a second HTTP stack, and by default much that
//! must not leave the house (`docs/decisions/0110-sentry-without-its-crate.md`). What a fault says is decided by the caller, and
//! every text goes through [`scrub`] here, so that nothing can be sent round it.

use std::{collections::BTreeMap, time::Duration};

use serde_json::{Value, json};
use url::Url;

use crate::key_set::{Error, address, client, silent};

/// How many characters of a text go out.
const TEXT_MAX: usize = 1_000;
/// How long a run of letters and digits is a secret rather than a word.
const SECRET_MIN: usize = 24;
/// How long is waited where Sentry asks for less and does not say how long.
const PAUSE: Duration = Duration::from_mins(1);

/// Something that failed for reasons of ours.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Fault {
    /// Thirty-two hexadecimal digits.
    pub id: String,
    /// Milliseconds since 1970.
    pub at_ms: u64,
    /// Where in the program.
    pub place: String,
    /// What, in words of ours.
    pub message: String,
    /// Why.
    pub cause: String,
    /// `critical` where the installation as a whole cannot work, `high` where something that was asked for failed.
    pub severity: &'static str,
    /// Thirty-two hexadecimal digits, where it happened while something was asked for.
    pub trace: Option<String>,
    /// The person's id.
    pub user: Option<String>,
    /// Ids and words of ours by name.
    pub tags: BTreeMap<String, String>,
}

/// Where faults go.
#[derive(Debug, Clone)]
pub struct Sentry {
    url: Url,
    key: String,
    environment: String,
    client: reqwest::Client,
}

/// What became of a fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sent {
    /// It was taken.
    Taken,
    /// Nothing should be sent for so long.
    Wait(Duration),
}

impl Sentry {
    /// By its DSN, as in `https://key@host/7`. Over TLS, or on this machine.
    pub fn new(dsn: &str, environment: &str) -> Result<Self, Error> {
        // A DSN is not repeated in a complaint: it holds a key.
        let unusable = |reason| Error::Address { address: "the DSN".to_owned(), reason };
        let parsed = Url::parse(dsn).map_err(|_| unusable("it is no address"))?;
        let key = parsed.username().to_owned();
        let (prefix, project) = parsed.path().rsplit_once('/').unwrap_or_default();
        if key.is_empty() || project.is_empty() || !project.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return Err(unusable("it must be like https://key@host/7"));
        }
        let mut plain = parsed.clone();
        let bare = plain.set_username("").and_then(|()| plain.set_password(None)).is_ok();
        if !bare {
            return Err(unusable("it must be like https://key@host/7"));
        }
        plain.set_path(&format!("{prefix}/api/{project}/envelope/"));
        plain.set_query(None);
        plain.set_fragment(None);
        let url = address(plain.as_str()).map_err(|error| match error {
            Error::Address { reason, .. } => unusable(reason),
            other => other,
        })?;
        Ok(Self { url, key, environment: environment.to_owned(), client: client()? })
    }

    /// Sends a fault. It is lost where that fails: the log has it.
    pub async fn send(&self, fault: &Fault) -> Result<Sent, Error> {
        let sign_in = format!(
            "Sentry sentry_version=7, sentry_client=plantintel/{}, sentry_key={}",
            env!("CARGO_PKG_VERSION"),
            self.key
        );
        let answer = self
            .client
            .post(self.url.clone())
            .timeout(Duration::from_secs(10))
            .header("content-type", "application/x-sentry-envelope")
            .header("x-sentry-auth", sign_in)
            .body(envelope(fault, &self.environment))
            .send()
            .await
            .map_err(silent)?;
        let status = answer.status().as_u16();
        if answer.status().is_success() {
            return Ok(Sent::Taken);
        }
        if status == 429 {
            let after =
                answer.headers().get("retry-after").and_then(|after| after.to_str().ok()?.parse().ok());
            return Ok(Sent::Wait(after.map_or(PAUSE, Duration::from_secs)));
        }
        Err(Error::Silent(format!("status {status}")))
    }
}

/// Three lines: the head of the envelope, the head of its one item, the item.
fn envelope(fault: &Fault, environment: &str) -> String {
    let event = event(fault, environment).to_string();
    let head = json!({"event_id": fault.id});
    let item = json!({"type": "event", "content_type": "application/json", "length": event.len()});
    format!("{head}\n{item}\n{event}\n")
}

fn event(fault: &Fault, environment: &str) -> Value {
    let (message, cause) = (scrub(&fault.message), scrub(&fault.cause));
    let tags: BTreeMap<&String, String> =
        fault.tags.iter().map(|(name, value)| (name, scrub(value))).collect();
    let mut event = json!({
        "event_id": fault.id,
        "timestamp": fault.at_ms as f64 / 1000.0,
        "platform": "other",
        "level": if fault.severity == "critical" { "fatal" } else { "error" },
        "logger": fault.place,
        "release": concat!("plantintel@", env!("CARGO_PKG_VERSION")),
        "environment": environment,
        "logentry": {"formatted": if cause.is_empty() { message.clone() } else { format!("{message}: {cause}") }},
        // The same words at the same place are the same fault, whatever its cause names.
        "fingerprint": [fault.place, message],
        "tags": tags,
    });
    if let Some(trace) = &fault.trace {
        // A span of ours is not known to Sentry; the first half of the trace names one as well as any.
        event["contexts"] = json!({"trace": {"trace_id": trace, "span_id": trace.get(..16)}});
    }
    if let Some(user) = &fault.user {
        event["user"] = json!({"id": user});
    }
    event
}

/// Takes out of a text what may be a customer's or a secret: what stands in quotes, addresses, and long runs of letters and digits
/// that are neither an id nor a trace. Words of ours have none of these.
pub fn scrub(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(['"', '“', '`']) {
        let Some(open) = rest[at..].chars().next() else { break };
        let inside = &rest[at + open.len_utf8()..];
        let close = if open == '“' { '”' } else { open };
        out.push_str(&rest[..at]);
        out.push_str("[quoted]");
        // A quote that is not closed hides the rest.
        rest = inside.find(close).map_or("", |end| &inside[end + close.len_utf8()..]);
    }
    out.push_str(rest);
    let words: Vec<String> = out.split(' ').map(word).collect();
    words.join(" ").chars().filter(|letter| !letter.is_control()).take(TEXT_MAX).collect()
}

fn word(word: &str) -> String {
    let is_run = |letter: char| letter.is_ascii_alphanumeric() || "-_+/=.".contains(letter);
    let is_id = |run: &str| {
        let bare: String = run.chars().filter(|letter| *letter != '-').collect();
        bare.len() == 32 && bare.bytes().all(|byte| byte.is_ascii_hexdigit())
    };
    if word.contains('@') {
        return "[address]".to_owned();
    }
    let run = word.trim_matches(|letter: char| !is_run(letter)).trim_end_matches('.');
    let secret = run.len() >= SECRET_MIN
        && run.bytes().any(|byte| byte.is_ascii_digit())
        && run.chars().all(is_run)
        && !is_id(run);
    if secret { word.replace(run, "[secret]") } else { word.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_a_customers_or_a_secret_is_taken_out() {
        for (text, out) in [
            ("the database does not answer", "the database does not answer"),
            ("column \"Salary of Marie\" is twice", "column [quoted] is twice"),
            ("cell “Müller & Co” and `x`, row 7", "cell [quoted] and [quoted], row 7"),
            ("a quote \"that never ends", "a quote [quoted]"),
            ("to marie@example.com failed", "to [address] failed"),
            ("postgres://u:p@db/x: refused", "[address] refused"),
            ("key pi_live_0a1b2c3d4e5f6a7b8c9d0e1f is known", "key [secret] is known"),
            ("(token eyJhbGciOiJSUzI1NiJ9.eyJzdWIi.c2ln)", "(token [secret])"),
            (
                "job 0190a0a0-1111-7000-8000-00000000000f ended",
                "job 0190a0a0-1111-7000-8000-00000000000f ended",
            ),
            ("trace 4bf92f3577b34da6a3ce929d0e0e4736", "trace 4bf92f3577b34da6a3ce929d0e0e4736"),
            ("two\nlines", "twolines"),
        ] {
            assert_eq!(scrub(text), out, "{text}");
        }
        assert_eq!(scrub(&"a ".repeat(2_000)).len(), TEXT_MAX);
    }

    #[test]
    fn an_envelope_has_the_form_that_sentry_reads() {
        let fault = Fault {
            id: "0190a0a0111170008000000000000001".to_owned(),
            at_ms: 1_795_666_605_250,
            severity: "high",
            place: "app::worker::slot".to_owned(),
            message: "a job failed".to_owned(),
            cause: "no such column \"Salary\"".to_owned(),
            trace: Some("4bf92f3577b34da6a3ce929d0e0e4736".to_owned()),
            user: Some("0190a0a0-1111-7000-8000-000000000002".to_owned()),
            tags: BTreeMap::from([("org".to_owned(), "0190a0a0-1111-7000-8000-000000000003".to_owned())]),
        };
        let text = envelope(&fault, "production");
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 3);
        let [head, item, event] = [0, 1, 2].map(|n| serde_json::from_str::<Value>(lines[n]).unwrap());
        assert_eq!(head["event_id"], event["event_id"]);
        assert_eq!((&item["type"], item["length"].as_u64()), (&json!("event"), Some(lines[2].len() as u64)));
        assert_eq!(event["logentry"]["formatted"], "a job failed: no such column [quoted]");
        assert_eq!(event["contexts"]["trace"]["span_id"], "4bf92f3577b34da6");
        assert_eq!(event["user"], json!({"id": "0190a0a0-1111-7000-8000-000000000002"}));
        assert_eq!(event["timestamp"], json!(1_795_666_605.25));
    }

    #[test]
    fn a_dsn_names_host_project_and_key() {
        let sentry = Sentry::new("https://abc@o1.ingest.sentry.example/sub/42", "production").unwrap();
        assert_eq!(sentry.url.as_str(), "https://o1.ingest.sentry.example/sub/api/42/envelope/");
        assert_eq!(sentry.key, "abc");
        for bad in
            ["", "https://host/1", "https://k@host/", "http://k@sentry.example/1", "ftp://k@host/1", "7"]
        {
            let refused = Sentry::new(bad, "production").unwrap_err().to_string();
            assert!(bad.is_empty() || bad == "7" || !refused.contains(bad), "{refused}");
        }
        assert!(Sentry::new("http://k@127.0.0.1:9000/1", "production").is_ok());
    }
}
