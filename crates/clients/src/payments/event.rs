//! Events of the provider: whether one is genuine and fresh, and what it says.

use aws_lc_rs::hmac;
use serde_json::Value;

use super::shape::Subscription;

/// How many seconds an event may be old, or ahead.
pub const TOLERANCE: i64 = 300;

/// Why an event is not taken. Whoever sent it learns no more than that.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// There is no header that could prove it.
    #[error("the signature header is missing or cannot be read")]
    Unsigned,
    /// None of the signatures is one of ours.
    #[error("no signature of the event holds")]
    Forged,
    /// Signed once, but too long ago or in the future.
    #[error("the event is too old or from the future")]
    Stale,
    /// Genuine, but not an event.
    #[error("the event cannot be read")]
    Unreadable,
}

/// A genuine event.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// The provider's id of the event; the same for every delivery.
    pub id: String,
    /// What kind, as in `customer.subscription.updated`.
    pub type_: String,
    /// When the provider made it, in seconds since 1970.
    pub created: i64,
    /// Whether it is about real money.
    pub live: bool,
    /// The provider's id of the customer that it is about.
    pub customer: Option<String>,
    /// The state of a subscription, where the event is about one.
    pub subscription: Option<Subscription>,
    /// What an invoice event is about: number and amount due in the smallest unit with its currency.
    pub invoice: Option<(String, i64, String)>,
}

/// Verifies the signature over the raw bytes, then the age, then reads. `now` is in seconds since 1970. Any of several
/// signatures may hold, with any of several secrets, so that a secret can be rolled.
pub fn verify(raw: &[u8], header: Option<&str>, secrets: &[String], now: i64) -> Result<Event, Refusal> {
    let header = header.ok_or(Refusal::Unsigned)?;
    let mut stamp = None;
    let mut signatures = Vec::new();
    for part in header.split(',') {
        match part.trim().split_once('=') {
            Some(("t", text)) if stamp.is_none() => stamp = Some(text),
            // Two times would let the one be signed and the other be checked.
            Some(("t", _)) => return Err(Refusal::Unsigned),
            Some(("v1", text)) => signatures.extend(bytes_of_hex(text)),
            _ => {}
        }
    }
    let stamp = stamp.ok_or(Refusal::Unsigned)?;
    let at: i64 = stamp.parse().map_err(|_| Refusal::Unsigned)?;
    if signatures.is_empty() {
        return Err(Refusal::Unsigned);
    }
    let mut signed = Vec::with_capacity(stamp.len() + 1 + raw.len());
    signed.extend_from_slice(stamp.as_bytes());
    signed.push(b'.');
    signed.extend_from_slice(raw);
    let holds = secrets.iter().any(|secret| {
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
        signatures.iter().any(|signature| hmac::verify(&key, &signed, signature).is_ok())
    });
    if !holds {
        return Err(Refusal::Forged);
    }
    if now.saturating_sub(at).saturating_abs() > TOLERANCE {
        return Err(Refusal::Stale);
    }
    read(raw).ok_or(Refusal::Unreadable)
}

/// The header of an event as the provider signs it: for tests, and for replaying an event by hand.
pub fn sign(raw: &[u8], secret: &str, at: i64) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    let tag = hmac::sign(&key, &[format!("{at}.").as_bytes(), raw].concat());
    let hex: Vec<String> = tag.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    format!("t={at},v1={}", hex.concat())
}

fn bytes_of_hex(text: &str) -> Option<Vec<u8>> {
    if text.len() != 64 || !text.is_ascii() {
        return None;
    }
    (0..32).map(|at| u8::from_str_radix(text.get(2 * at..2 * at + 2)?, 16).ok()).collect()
}

fn read(raw: &[u8]) -> Option<Event> {
    let event: Value = serde_json::from_slice(raw).ok()?;
    let text = |value: &Value| value.as_str().filter(|text| !text.is_empty()).map(str::to_owned);
    let object = &event["data"]["object"];
    let kind = object["object"].as_str().unwrap_or_default();
    let customer = match &object["customer"] {
        _ if kind == "customer" => text(&object["id"]),
        Value::String(id) => Some(id.clone()),
        expanded => text(&expanded["id"]),
    };
    let subscription = (kind == "subscription").then(|| Subscription::read(object)).flatten();
    let invoice = (kind == "invoice").then(|| {
        (
            text(&object["number"]).or_else(|| text(&object["id"])).unwrap_or_default(),
            object["amount_due"].as_i64().unwrap_or_default(),
            object["currency"].as_str().unwrap_or_default().to_uppercase(),
        )
    });
    Some(Event {
        id: text(&event["id"])?,
        type_: text(&event["type"])?,
        created: event["created"].as_i64()?,
        live: event["livemode"].as_bool()?,
        customer,
        subscription,
        invoice,
    })
}
