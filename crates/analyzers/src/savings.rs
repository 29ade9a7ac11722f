//! Savings: an accepted finding becomes an opportunity, and later data say whether its money came.
//!
//! What would have been without the action is not seen, so it is built from what is: the same thing before the action,
//! moved by what its unaffected peers moved by since (difference in differences). Orders are drawn again as wholes, the
//! peers' own wandering widens the interval, and a trend that was there before the action is not counted as its success.

mod counterfactual;
mod units;

use domain::{Finding, Settings, analysis::EntityRef};

pub use counterfactual::{Estimate, Unit, estimate};

use crate::engine::{plant::Plant, words};

/// An accepted finding: what is to be watched from when on, and what was promised.
#[derive(Debug, Clone, PartialEq)]
pub struct Opportunity {
    pub finding: String,
    pub type_: String,
    pub entities: Vec<EntityRef>,
    /// First day of the problem, as an ISO date; `None` where it was always there.
    pub problem_since: Option<String>,
    /// The day of the action.
    pub acted_on: String,
    /// What the finding calls addressable, a year, in its own unit; `None` where no money was stated.
    pub promised_per_year: Option<f64>,
}

impl Opportunity {
    /// `None` for findings whose success later data cannot show: totals, lists, what-if calculations.
    pub fn accepted(finding: &Finding, acted_on: &str) -> Option<Self> {
        if finding.entities.is_empty() || !is_verifiable(finding.type_) {
            return None;
        }
        let promised = finding.impact.as_ref().map(|impact| {
            let (value, year) = (impact.value.to_f64(), impact.annualized.to_f64());
            let scale = if value.abs() > 0.0 { year / value } else { 1.0 };
            impact.addressable.to_f64() * scale
        });
        Some(Self {
            finding: finding.id.clone(),
            type_: finding.type_.to_owned(),
            entities: finding.entities.clone(),
            problem_since: finding.start.clone(),
            acted_on: acted_on.to_owned(),
            promised_per_year: promised,
        })
    }
}

/// Whether later data can show that a finding of this type was cured.
pub fn is_verifiable(type_: &str) -> bool {
    units::VERIFIABLE.contains(&type_)
}

/// What later data say of a saving.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The whole interval is a saving.
    Verified,
    /// The interval holds no saving, or lies below half of what was promised with nought in it.
    Refuted,
    NotYet,
}

/// The saving so far, and how it was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Verification {
    pub verdict: Verdict,
    /// `money`, `kWh` or `days`.
    pub unit: &'static str,
    /// Since the action: point, low, high.
    pub saved: [f64; 3],
    pub saved_per_year: [f64; 3],
    /// Relative change against the counterfactual: -0.1 is ten percent less.
    pub change: [f64; 3],
    pub p: f64,
    pub days: f64,
    pub orders_before: usize,
    pub orders_after: usize,
    pub control: String,
    pub method: &'static str,
    pub formula: String,
    pub assumptions: Vec<String>,
    /// Why this verdict, in a sentence.
    pub reason: String,
}

/// Four weeks are the least that a saving is watched for.
const LEAST_DAYS: f64 = 28.0;

const METHOD: &str = "difference in differences of ln(actual / expected) against unaffected peers, by cluster bootstrap of orders; the scatter of peers added, an earlier trend continued";

/// What `plant` says of an opportunity; it must hold time before and after the action.
pub fn verify(plant: &Plant, opportunity: &Opportunity, settings: &Settings) -> Verification {
    let mut result = Verification {
        verdict: Verdict::NotYet,
        unit: "money",
        saved: [0.0; 3],
        saved_per_year: [0.0; 3],
        change: [0.0; 3],
        p: 1.0,
        days: 0.0,
        orders_before: 0,
        orders_after: 0,
        control: String::new(),
        method: METHOD,
        formula: String::new(),
        assumptions: Vec::new(),
        reason: String::new(),
    };
    let Some(acted) = words::day(&opportunity.acted_on) else {
        result.reason = format!("The day of the action, {}, is no date.", opportunity.acted_on);
        return result;
    };
    let Some(measured) = units::measure(plant, opportunity, settings) else {
        "The data lack what this saving would be measured by.".clone_into(&mut result.reason);
        return result;
    };
    result.unit = measured.unit;
    measured.control.clone_into(&mut result.control);
    result.assumptions = measured.assumptions;
    let since = opportunity.problem_since.as_deref().and_then(words::day).filter(|day| *day < acted);
    let confidence = settings.get("confidence_level").clamp(0.5, 0.999);
    result.days = (plant.last_day - acted).max(0.0);
    let fewest = (settings.get("min_sample_size") as usize).max(8);
    let estimated = estimate(&measured.units, since, acted, confidence);
    let Some(found) = estimated else {
        "There is no work of its own on one side of the action.".clone_into(&mut result.reason);
        return result;
    };
    (result.orders_before, result.orders_after) = (found.orders_before, found.orders_after);
    let year = 365.0 / result.days.max(1.0);
    result.saved = found.saved;
    result.saved_per_year = found.saved.map(|saved| saved * year);
    result.change = found.change;
    result.p = found.p;
    result.formula = formula(&found, result.unit);
    result.assumptions.extend(found.notes.iter().cloned());
    if result.days < LEAST_DAYS || found.orders_after < fewest || found.orders_before < fewest {
        result.reason = format!(
            "{:.0} days and {} orders since the action, {} orders before it; {LEAST_DAYS:.0} days and {fewest} orders on either side are the least.",
            result.days, found.orders_after, found.orders_before
        );
        return result;
    }
    (result.verdict, result.reason) = judged(&found, result.saved_per_year, opportunity.promised_per_year);
    result
}

fn judged(found: &Estimate, per_year: [f64; 3], promised: Option<f64>) -> (Verdict, String) {
    let [_, low, high] = per_year;
    if low > 0.0 {
        let least = words::figure(low);
        return (
            Verdict::Verified,
            format!("Even the low end of the interval, {least} a year, is a saving."),
        );
    }
    if high <= 0.0 {
        return (
            Verdict::Refuted,
            "The whole interval lies at or below nought: nothing was saved.".to_owned(),
        );
    }
    match promised.filter(|promised| *promised > 0.0) {
        Some(promised) if high < promised / 2.0 => (
            Verdict::Refuted,
            format!(
                "The interval holds nought and ends at {} a year, less than half of the {} that were promised.",
                words::figure(high),
                words::figure(promised)
            ),
        ),
        _ => (
            Verdict::NotYet,
            format!(
                "With {} orders since, the interval still holds both nought and a saving.",
                found.orders_after
            ),
        ),
    }
}

fn formula(found: &Estimate, unit: &str) -> String {
    format!(
        "saved = actual since x (1 / (1 + change) - 1) = {} {unit} x (1 / {:.4} - 1) = {} {unit}; change = (own since / own before) / (peers since / peers before) - 1 = ({:.4} / {:.4}) / ({:.4} / {:.4}) - 1",
        words::figure(found.actual_after),
        1.0 + found.change[0],
        words::figure(found.saved[0]),
        found.own[1],
        found.own[0],
        found.peers[1],
        found.peers[0],
    )
}
