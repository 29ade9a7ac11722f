//! Faults told to a program of whoever runs the installation: a message after the Standard Webhooks, for pagers and chat rooms.
//!
//! The first of a kind goes out at once; what repeats within a while is counted and told with the next one, so that a fault in
//! every request does not become a flood. Every text goes through [`sentry::scrub`].

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use serde_json::json;

use crate::{
    hooks::{Error, Hooks, Message},
    sentry::{Fault, scrub},
};

/// How long the same words at the same place are counted instead of told.
const QUIET: Duration = Duration::from_mins(5);
/// How much of that is waived after a message that nobody took.
const WAIVED: Duration = Duration::from_secs(270);
/// Kinds that are remembered; beyond them, all begin anew.
const KINDS: usize = 200;

/// Where faults are told.
#[derive(Debug)]
pub struct Alerts {
    address: String,
    secret: String,
    environment: String,
    told: BTreeMap<(String, String), (Instant, u64)>,
}

/// What a fault is about, by the part of the program that says so.
pub fn category(place: &str) -> &'static str {
    match place.split("::").next().unwrap_or_default() {
        "store" | "sqlx" | "cluster" => "database",
        "clients" | "reqwest" => "outside",
        "server" => "request",
        "app" | "analyzers" | "ingest" | "mapping" | "preparation" | "report" => "work",
        _ => "installation",
    }
}

/// What makes two faults the same: the place, and our own words.
fn kind_of(fault: &Fault) -> (String, String) {
    (fault.place.clone(), scrub(&fault.message))
}

impl Alerts {
    /// By an address, which may be on this machine or in a private network: whoever runs the installation wrote it.
    pub fn new(address: &str, secret: &str, environment: &str) -> Result<Self, Error> {
        Hooks { private: true }.check(address)?;
        Ok(Self {
            address: address.to_owned(),
            secret: secret.to_owned(),
            environment: environment.to_owned(),
            told: BTreeMap::new(),
        })
    }

    /// Tells a fault, unless its like was told a moment ago.
    pub async fn tell(&mut self, fault: &Fault) -> Result<(), Error> {
        let Some(before) = self.turn(fault, Instant::now()) else { return Ok(()) };
        let told = self.deliver(fault, before).await;
        if told.is_err() {
            self.untold(fault, before);
        }
        told
    }

    async fn deliver(&self, fault: &Fault, before: u64) -> Result<(), Error> {
        let body = self.body(fault, before);
        let id = format!("msg_{}", fault.id);
        let message = Message { id: &id, at: (fault.at_ms / 1000).cast_signed(), body: &body };
        let answer = Hooks { private: true }.send(&self.address, &self.secret, &message).await?;
        if answer.is_taken() { Ok(()) } else { Err(Error::Silent(format!("status {}", answer.status))) }
    }

    /// How many of its kind were not told since the last one that was; none where this one is to be counted only.
    fn turn(&mut self, fault: &Fault, now: Instant) -> Option<u64> {
        let kind = kind_of(fault);
        if !self.told.contains_key(&kind) && self.told.len() >= KINDS {
            self.told.clear();
        }
        match self.told.get_mut(&kind) {
            Some((at, silent)) if now.duration_since(*at) < QUIET => {
                *silent += 1;
                None
            }
            Some((at, silent)) => {
                *at = now;
                Some(std::mem::take(silent))
            }
            None => {
                self.told.insert(kind, (now, 0));
                Some(0)
            }
        }
    }

    /// Nobody took it: it is counted, and told with the next of its kind, which waits less.
    fn untold(&mut self, fault: &Fault, before: u64) {
        if let Some((at, silent)) = self.told.get_mut(&kind_of(fault)) {
            *silent += before + 1;
            *at = at.checked_sub(WAIVED).unwrap_or(*at);
        }
    }

    fn body(&self, fault: &Fault, before: u64) -> String {
        let tags: BTreeMap<&String, String> =
            fault.tags.iter().map(|(name, value)| (name, scrub(value))).collect();
        json!({
            "type": "fault",
            "data": {
                "id": fault.id,
                "severity": fault.severity,
                "category": category(&fault.place),
                "place": fault.place,
                "message": scrub(&fault.message),
                "cause": scrub(&fault.cause),
                "trace_id": fault.trace,
                "tags": tags,
                "environment": self.environment,
                "not_told_before": before,
            },
        })
        .to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(message: &str) -> Fault {
        Fault {
            id: "0123456789abcdef0123456789abcdef".to_owned(),
            place: "store::jobs".to_owned(),
            message: message.to_owned(),
            cause: "no room for \"Salaries.csv\"".to_owned(),
            severity: "high",
            ..Fault::default()
        }
    }

    #[test]
    fn what_repeats_is_counted_and_told_later() {
        let mut alerts = Alerts::new("http://127.0.0.1:9/hook", "whsec_x", "test").unwrap();
        let begun = Instant::now();
        assert_eq!(alerts.turn(&fault("a"), begun), Some(0));
        assert_eq!(alerts.turn(&fault("a"), begun), None);
        assert_eq!(alerts.turn(&fault("a of \"Marie\""), begun), Some(0));
        assert_eq!(alerts.turn(&fault("a of \"Paul\""), begun), None, "the same words of ours");
        assert_eq!(alerts.turn(&fault("a"), begun + QUIET), Some(1));
        assert_eq!(alerts.turn(&fault("a"), begun + QUIET * 2), Some(0));
        for n in 0..2 * KINDS {
            alerts.turn(&fault(&format!("kind {n}")), begun);
        }
        assert!(alerts.told.len() <= KINDS);
    }

    #[test]
    fn what_nobody_took_is_told_with_the_next() {
        let mut alerts = Alerts::new("http://127.0.0.1:9/hook", "whsec_x", "test").unwrap();
        let begun = Instant::now();
        let before = alerts.turn(&fault("a"), begun).unwrap();
        alerts.untold(&fault("a"), before);
        assert_eq!(alerts.turn(&fault("a"), begun + Duration::from_secs(1)), None);
        let next = begun + Duration::from_secs(30);
        assert_eq!(alerts.turn(&fault("a"), next), Some(2));
        assert_eq!(alerts.turn(&fault("a"), next), None);
    }

    #[test]
    fn a_message_has_an_id_a_severity_and_a_category_and_nothing_of_a_customer() {
        let alerts = Alerts::new("https://example.com/hook", "whsec_x", "test").unwrap();
        let body: serde_json::Value = serde_json::from_str(&alerts.body(&fault("it failed"), 3)).unwrap();
        let data = &body["data"];
        assert_eq!((&data["severity"], &data["category"]), (&json!("high"), &json!("database")));
        assert_eq!((&data["cause"], &data["not_told_before"]), (&json!("no room for [quoted]"), &json!(3)));
        for bad in ["", "ftp://example.com", "https://user:word@example.com"] {
            assert!(Alerts::new(bad, "x", "test").is_err(), "{bad}");
        }
    }
}
