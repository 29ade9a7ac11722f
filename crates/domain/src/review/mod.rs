//! An analysis as people go through it: its findings told in four parts, gathered into cases, turned into next steps, and
//! summed up. Everything here follows from the analysis itself: nothing is computed anew, so nothing can contradict it.

mod case;
mod category;
mod narrative;
mod order;
mod step;
mod summary;

pub use case::{Case, cases};
pub use category::category;
pub use narrative::{Narrative, narrative};
pub use order::FindingOrder;
pub use step::{NextStep, steps, total};
pub use summary::summary;

use crate::{
    Finding,
    analysis::{EntityRef, EvidenceGrade},
};

/// Whether the money of a finding counts in sums: hints and lists do not.
pub fn counts(finding: &Finding) -> bool {
    finding.evidence_grade != EvidenceGrade::Hint
        && finding.type_ != "order_overrun"
        && finding.impact.is_some()
}

/// What a finding costs in a year at the pace of the period, and what of that can be won back.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Yearly {
    pub value: f64,
    pub low: f64,
    pub high: f64,
    pub recoverable: f64,
}

impl Yearly {
    /// `None` where the finding is not in money.
    pub fn of(finding: &Finding) -> Option<Self> {
        let impact = finding.impact.as_ref()?;
        let (value, annualized) = (impact.value.to_f64(), impact.annualized.to_f64());
        let pace = if value == 0.0 { 1.0 } else { annualized / value };
        Some(Self {
            value: annualized,
            low: impact.low.to_f64() * pace,
            high: impact.high.to_f64() * pace,
            recoverable: (impact.addressable.to_f64() * pace).max(0.0),
        })
    }
}

/// The sum of what findings cost, each counted once. What is uncertain about one says nothing about the next, so ranges
/// join as squares.
pub fn sum(parts: impl IntoIterator<Item = Yearly>) -> Option<Yearly> {
    let mut whole = Yearly { value: 0.0, low: 0.0, high: 0.0, recoverable: 0.0 };
    let mut any = false;
    for part in parts {
        any = true;
        whole.value += part.value;
        whole.recoverable += part.recoverable;
        whole.low += (part.value - part.low).powi(2);
        whole.high += (part.high - part.value).powi(2);
    }
    (whole.low, whole.high) = (whole.value - whole.low.sqrt(), whole.value + whole.high.sqrt());
    any.then_some(whole)
}

/// What an entity is called: `Machine M07`. A value that says what it is stands alone.
pub fn thing(entity: &EntityRef) -> String {
    let noun = entity.field.as_str().trim_end_matches("_id").replace('_', " ");
    let first = noun.split(' ').next().unwrap_or_default();
    let says = entity.value.to_lowercase();
    if says.split(|letter: char| !letter.is_alphanumeric()).any(|word| word == first) {
        return entity.value.clone();
    }
    let mut letters = noun.chars();
    let noun: String = letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect();
    format!("{noun} {}", entity.value)
}

#[cfg(test)]
mod sample;
