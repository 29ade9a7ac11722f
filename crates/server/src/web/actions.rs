//! Accepted findings as work, with the ledger of verified savings on top.

use std::collections::BTreeMap;

use app::{
    Error,
    findings::own_id,
    savings::{self, Savings, Stage},
};
use axum::{Router, extract::State, response::Response};
use domain::Currency;
use pages::{
    page::actions::{self, Ledger, Measured, Work},
    words,
};
use rust_decimal::Decimal;
use serde::Deserialize;
use store::{findings::status::Status, opportunities::Opportunity};

use super::{analyses, answer, reader::Reader};
use crate::{ServerState, boxed::get, extract::Query};

pub(super) fn routes() -> Router<ServerState> {
    Router::new().route("/actions", get(show))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Looked {
    /// `board`, or the table.
    view: String,
}

async fn show(
    State(state): State<ServerState>,
    Query(looked): Query<Looked>,
    mut reader: Reader,
) -> Response {
    let result = page(&state, &looked, &mut reader).await;
    reader.answer(result)
}

async fn page(state: &ServerState, looked: &Looked, reader: &mut Reader) -> Result<Response, Error> {
    let savings = savings::get(state.backing(), &reader.caller, reader.facility).await?;
    let names = analyses::names(state, reader).await?;
    let seen: Vec<String> = match &reader.newest {
        Some(run) => {
            let standings = analyses::standings(state, reader, run.id).await?;
            reader.shell.counts.actions = analyses::open_work(&analyses::decisions(&standings, &names));
            standings.into_iter().map(|standing| standing.finding.key).collect()
        }
        None => Vec::new(),
    };
    let today = jiff::tz::Offset::UTC.to_datetime(state.backing().clock.now()).date();
    let work: Vec<Work> = savings
        .opportunities
        .iter()
        .map(|one| Work {
            id: own_id(&one.key).to_owned(),
            title: one.title.clone(),
            state: analyses::state_of(one.status),
            owner: one.owner_id.and_then(|owner| names.get(&owner)).cloned().unwrap_or_default(),
            due: one.due_on.map(|day| day.to_string()).unwrap_or_default(),
            overdue: one.due_on.is_some_and(|day| day < today),
            seen: seen.contains(&one.key),
            category: words::category(&one.type_),
            expected: one.promised.map(amount),
            measured: measured(one),
            stated: one.captured.map(amount).filter(|_| one.verdict.is_none()),
            acted_on: one.acted_on.map(|day| day.to_string()).unwrap_or_default(),
            notes: one.notes.clone(),
            currency: one.currency.as_deref().and_then(Currency::parse),
        })
        .collect();
    let ledger = ledger(&savings, today);
    Ok(answer::ok(&if looked.view == "board" {
        actions::board(&reader.shell, &work, &ledger)
    } else {
        actions::page(&reader.shell, &work, &ledger)
    }))
}

pub(super) fn measured(one: &Opportunity) -> Option<Measured> {
    let point = one.saved_a_year.map(amount).unwrap_or_default();
    Some(Measured {
        saved: [
            point,
            one.saved_a_year_low.map_or(point, amount),
            one.saved_a_year_high.map_or(point, amount),
        ],
        unit: one.unit.clone().unwrap_or_default(),
        verdict: one.verdict?.name().to_owned(),
        reason: one.verification["reason"].as_str().unwrap_or_default().to_owned(),
    })
}

fn ledger(savings: &Savings, today: jiff::civil::Date) -> Ledger {
    let summary = &savings.summary;
    let currency = summary.currency.as_ref().map(ToString::to_string);
    let mut categories: BTreeMap<&'static str, (usize, f64, f64)> = BTreeMap::new();
    for one in savings.opportunities.iter().filter(|one| one.currency.is_none() || one.currency == currency) {
        let sum = categories.entry(words::category(&one.type_)).or_default();
        sum.0 += 1;
        sum.1 += one.promised.map(amount).unwrap_or_default();
        if one.status == Status::Verified && one.unit.as_deref() == Some("money") {
            sum.2 += one.saved_a_year.map(amount).unwrap_or_default();
        }
    }
    Ledger {
        currency: summary.currency.clone(),
        verified: summary.verified_a_year.map(amount),
        to_date: amount(summary.verified_to_date),
        stated: amount(summary.stated_a_year),
        conversion: summary.conversion,
        target: summary.pilot.as_ref().map(|pilot| {
            let left = pilot.pilot_ends_on.and_then(|end| end.since((jiff::Unit::Day, today)).ok());
            (amount(pilot.savings_target), left.map(|span| span.get_days()))
        }),
        stages: summary
            .stages
            .iter()
            .map(|stage| {
                let name = match stage.stage {
                    Stage::Identified => "Identified",
                    Stage::InProgress => "In progress",
                    Stage::Captured => "Captured",
                    Stage::NotPursued => "Not pursued",
                };
                (name, stage.opportunities, amount(stage.promised), amount(stage.verified))
            })
            .collect(),
        categories: categories
            .into_iter()
            .map(|(name, (count, promised, verified))| (name, count, promised, verified))
            .collect(),
    }
}

fn amount(amount: Decimal) -> f64 {
    use rust_decimal::prelude::ToPrimitive;
    amount.to_f64().unwrap_or_default()
}
