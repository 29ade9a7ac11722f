//! What a token says, once its signature holds: for whom it was made, until when, and which organisation is active.

use domain::Role;
use serde_json::{Map, Value};

use super::{Refusal, issuer::Expectations};

/// The longest subject and organisation identity that is taken.
const LONGEST_ID: usize = 255;

/// Who a token speaks of. A subject means nothing without its issuer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Principal {
    /// The issuer, exactly as configured.
    pub issuer: String,
    /// The subject at that issuer.
    pub subject: String,
    /// The active organisation; without one the person works in a workspace of their own.
    pub organisation: Option<Organisation>,
}

/// An organisation as its issuer knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Organisation {
    /// The issuer's identity of it.
    pub id: String,
    /// The signed role; `None` is a role that we do not know, and has no rights.
    pub role: Option<Role>,
}

/// Checks every claim of a verified payload against what the issuer was configured to send.
pub(super) fn check(
    claims: &Map<String, Value>,
    expected: &Expectations,
    now: f64,
) -> Result<Principal, Refusal> {
    if claims.get("iss").and_then(Value::as_str) != Some(expected.issuer.as_str()) {
        return Err(Refusal::Issuer);
    }
    check_time(claims, expected, now)?;
    check_audience(claims, expected)?;
    let subject = identity(claims.get("sub")).ok_or(Refusal::Subject)?;
    // A session that still owes a step (a forced choice of organisation, a second factor) is not signed in.
    match claims.get("sts") {
        None => {}
        Some(Value::String(status)) if status == "active" => {}
        Some(_) => return Err(Refusal::Pending),
    }
    let organisation = organisation(claims, expected)?;
    Ok(Principal { issuer: expected.issuer.clone(), subject: subject.to_owned(), organisation })
}

fn check_time(claims: &Map<String, Value>, expected: &Expectations, now: f64) -> Result<(), Refusal> {
    let instant = |name: &str| match claims.get(name) {
        None => Ok(None),
        Some(Value::Number(number)) => {
            let seconds = number.as_f64().filter(|seconds| (0.0..=253_402_300_799.0).contains(seconds));
            seconds.map(Some).ok_or(Refusal::Time)
        }
        Some(_) => Err(Refusal::Time),
    };
    let expires = instant("exp")?.ok_or(Refusal::Time)?;
    let issued = instant("iat")?.ok_or(Refusal::Time)?;
    let leeway = expected.leeway.as_secs_f64();
    let cap = expected.longest_life.as_secs_f64();
    let begins = instant("nbf")?;
    let in_time = expires > now - leeway
        && issued <= now + leeway
        && expires > issued
        && expires - issued <= cap
        && begins.is_none_or(|begins| begins <= now + leeway);
    if in_time { Ok(()) } else { Err(Refusal::Time) }
}

fn check_audience(claims: &Map<String, Value>, expected: &Expectations) -> Result<(), Refusal> {
    if !expected.authorised_parties.is_empty() {
        let party = claims.get("azp").and_then(Value::as_str).ok_or(Refusal::Party)?;
        if !expected.authorised_parties.iter().any(|known| known == party) {
            return Err(Refusal::Party);
        }
    } else if claims.get("azp").is_some_and(|party| !party.is_string()) {
        return Err(Refusal::Party);
    }
    let audience: Vec<&str> = match claims.get("aud") {
        None => Vec::new(),
        Some(Value::String(one)) => vec![one],
        Some(Value::Array(many)) => {
            many.iter().map(Value::as_str).collect::<Option<_>>().ok_or(Refusal::Audience)?
        }
        Some(_) => return Err(Refusal::Audience),
    };
    let ours = |name: &&str| expected.audiences.iter().any(|known| known == name);
    if expected.audiences.is_empty() || audience.iter().any(ours) { Ok(()) } else { Err(Refusal::Audience) }
}

/// The active organisation in either of Clerk's shapes. A token in both shapes at once could be read in two ways.
fn organisation(
    claims: &Map<String, Value>,
    expected: &Expectations,
) -> Result<Option<Organisation>, Refusal> {
    // A template may write an absent organisation as null.
    let first = ["org_id", "org_role"].map(|name| claims.get(name).filter(|value| !value.is_null()));
    let flat = first.iter().any(Option::is_some)
        || ["org_slug", "org_permissions"]
            .iter()
            .any(|name| claims.get(*name).is_some_and(|value| !value.is_null()));
    let nested = claims.get("o");
    let version = match claims.get("v") {
        None => None,
        Some(value) => Some(value.as_u64().ok_or(Refusal::Organisation)?),
    };
    match (version, nested) {
        (None | Some(1), None) => {
            let [id, role] = first;
            match (id, role) {
                (None, None) if !flat => Ok(None),
                (Some(id), role) => found(Some(id), role, expected),
                _ => Err(Refusal::Organisation),
            }
        }
        (Some(2), _) if flat => Err(Refusal::Organisation),
        (Some(2), None) => Ok(None),
        (Some(2), Some(Value::Object(nested))) => found(nested.get("id"), nested.get("rol"), expected),
        _ => Err(Refusal::Organisation),
    }
}

fn found(
    id: Option<&Value>,
    role: Option<&Value>,
    expected: &Expectations,
) -> Result<Option<Organisation>, Refusal> {
    let id = identity(id).ok_or(Refusal::Organisation)?;
    let role = match role {
        None => None,
        Some(Value::String(name)) => expected.role(name),
        Some(_) => return Err(Refusal::Organisation),
    };
    Ok(Some(Organisation { id: id.to_owned(), role }))
}

/// Text that may name something: not empty, bounded, nothing invisible.
fn identity(value: Option<&Value>) -> Option<&str> {
    let text = value?.as_str()?;
    let plain = |c: char| !c.is_control() && !c.is_whitespace();
    (!text.is_empty() && text.len() <= LONGEST_ID && text.chars().all(plain)).then_some(text)
}
