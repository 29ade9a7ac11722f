//! Who wants to know of a notice, and in which words.

use domain::number;
use jiff::{Timestamp, civil::Date, tz::TimeZone};
use serde_json::Value;
use store::{
    jobs::{self, Done},
    members::{self, Member},
    notices::{self, Notice},
    orgs, webhooks,
};
use uuid::Uuid;

use super::{Post, deliver, letters, wishes::Wishes};
use crate::{
    Backing, Error,
    mails::{self, Facts, Language},
    worker::Hold,
};

/// Passes a notice on: a letter to each member who wants it, a message to each endpoint that wants it. All of them are asked
/// for in one transaction with the end of this job, so that nobody is told twice.
pub(crate) async fn perform(backing: &Backing, post: Option<&Post>, hold: &Hold) -> Result<(), Error> {
    let claim = &hold.claim;
    let mut tx = backing.store.begin(&claim.actor()).await?;
    let notice = notices::get(&mut tx, claim.job.id.0).await?.ok_or(Error::NotFound("notice"))?;
    jobs::finish(&mut tx, claim, &Done::Completed).await?;
    let trace = claim.job.trace_id.clone();
    if let Some(post) = post {
        let org = orgs::get(&mut tx).await?.ok_or(Error::NotFound("organisation"))?;
        let today = TimeZone::UTC.to_datetime(backing.clock.now()).date();
        if post.mailer.is_some() {
            for member in members::list(&mut tx).await? {
                let wishes = Wishes::of(&member);
                if !concerns(&notice, &member, &wishes, today) {
                    continue;
                }
                let facts = facts(&notice, &org.name, &wishes, &post.public_address);
                if let Some(words) = mails::write(wishes.letters_in(), &notice.type_, &facts) {
                    letters::enqueue(&mut tx, &post.keys, &member.email, &words, &trace).await?;
                }
            }
        }
        for endpoint in webhooks::list(&mut tx).await? {
            if endpoint.active && (endpoint.types.is_empty() || endpoint.types.contains(&notice.type_)) {
                let id = Uuid::now_v7();
                if webhooks::insert_delivery(&mut tx, id, endpoint.id, notice.id).await? {
                    deliver::enqueue(&mut tx, id, id).await?;
                }
            }
        }
    }
    Ok(tx.commit().await?)
}

/// Whether a member is told by mail.
fn concerns(notice: &Notice, member: &Member, wishes: &Wishes, today: Date) -> bool {
    let kind = match notice.type_.as_str() {
        "analysis.completed" | "analysis.failed" => {
            // Whoever asked for it.
            let by = notice.facts["by"].as_str().unwrap_or_default();
            if by != member.user_id.to_string() {
                return false;
            }
            "analyses"
        }
        "finding.large" => {
            if large(&notice.facts, wishes.large_from).next().is_none() {
                return false;
            }
            "large"
        }
        "summary.weekly" => "weekly",
        "limit.near" | "limit.reached" => "limits",
        "billing.payment_failed" | "billing.plan_changed" => "billing",
        "review.published" => "reviews",
        "source.waiting" => "sources",
        _ => return false,
    };
    wishes.wants(kind, today)
}

/// The findings of a notice that are worth at least so much a year.
fn large(facts: &Value, from: f64) -> impl Iterator<Item = (&str, f64)> {
    let findings = facts["findings"].as_array().map(Vec::as_slice).unwrap_or_default();
    findings.iter().filter_map(move |one| {
        let amount = one["annualized"].as_f64()?;
        (amount >= from).then(|| (one["title"].as_str().unwrap_or_default(), amount))
    })
}

fn money(amount: f64, facts: &Value) -> String {
    let currency = domain::Currency::parse(facts["currency"].as_str().unwrap_or_default())
        .unwrap_or_else(domain::Currency::unstated);
    number::money(amount, &currency)
}

/// What is filled into a letter. What a notice does not say is empty, never made up.
fn facts(notice: &Notice, organisation: &str, wishes: &Wishes, address: &str) -> Facts {
    let stated = &notice.facts;
    let text = |name: &str| match &stated[name] {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.as_u64().map_or_else(|| number.to_string(), number::count),
        _ => String::new(),
    };
    let mut facts = Facts::from([("organisation", organisation.to_owned())]);
    for name in [
        "name", "findings", "rows", "reason", "used", "limit", "file", "source", "invoice", "from", "to",
        "title", "text", "fresh", "decided", "week",
    ] {
        facts.insert(name, text(name));
    }
    if let Some(day) = stated["resets_at"].as_str().or_else(|| stated["until"].as_str()) {
        facts.insert("day", day_of(day));
    }
    if let Some(meter) = stated["meter"].as_str().and_then(store::usage::Meter::parse) {
        facts.insert("what", metered(wishes.letters_in(), meter).to_owned());
    }
    let path = match notice.type_.split('.').next().unwrap_or_default() {
        "limit" => "/settings/usage".to_owned(),
        "billing" => "/settings/billing".to_owned(),
        "finding" | "summary" => "/findings".to_owned(),
        "source" => stated["dataset"]
            .as_str()
            .map_or("/settings/sources".to_owned(), |id| format!("/data/{id}/match")),
        _ => "/".to_owned(),
    };
    facts.insert("link", format!("{address}{path}"));
    match notice.type_.as_str() {
        "finding.large" => {
            let shown: Vec<(&str, f64)> = large(stated, wishes.large_from).collect();
            let sum = shown.iter().map(|(_, amount)| amount).sum();
            facts.insert("count", shown.len().to_string());
            facts.insert("amount", money(sum, stated));
            facts.insert("list", listed(&shown, stated));
        }
        "summary.weekly" => {
            let shown: Vec<(&str, f64)> = large(&stated["top"], 0.0).collect();
            facts.insert("amount", money(stated["amount"].as_f64().unwrap_or_default(), stated));
            facts.insert("saved", money(stated["saved"].as_f64().unwrap_or_default(), stated));
            facts.insert("list", listed(&shown, stated));
        }
        "billing.payment_failed" => {
            let due = stated["due"].as_f64().unwrap_or_default() / 100.0;
            facts.insert("amount", money(due, stated));
        }
        _ => {}
    }
    facts
}

fn listed(findings: &[(&str, f64)], facts: &Value) -> String {
    let lines =
        findings.iter().take(5).map(|(title, amount)| format!("- {title}: {}", money(*amount, facts)));
    lines.collect::<Vec<_>>().join("\n")
}

/// `2026-12-01`, as every language reads it.
fn day_of(instant: &str) -> String {
    instant
        .parse::<Timestamp>()
        .map_or_else(|_| instant.to_owned(), |at| TimeZone::UTC.to_datetime(at).date().to_string())
}

fn metered(language: Language, meter: store::usage::Meter) -> &'static str {
    use store::usage::Meter;
    let words = match meter {
        Meter::Uploads => ["uploads", "Uploads", "cargas"],
        Meter::Rows => ["rows", "Zeilen", "filas"],
        Meter::Analyses => ["analyses", "Analysen", "análisis"],
        Meter::ChatMessages => ["questions", "Fragen", "preguntas"],
        Meter::AiTokens => {
            ["tokens of language models", "Token von Sprachmodellen", "tokens de modelos de lenguaje"]
        }
        Meter::MappingProfiles => ["saved mappings", "gespeicherten Zuordnungen", "asignaciones guardadas"],
    };
    match language {
        Language::English => words[0],
        Language::German => words[1],
        Language::Spanish => words[2],
    }
}
