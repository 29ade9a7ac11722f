//! Whether a finding says what was planted.

use super::{Interval, ReportedFinding};
use crate::truth::{Entity, Expected, Match, Truth};

/// What a finding is worth.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It names one or more planted problems: a queue may be both the bottleneck and why orders are late.
    Right(Vec<Hit>),
    Neutral,
    Wrong,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hit {
    /// Position in `truth.expected`.
    pub expected: usize,
    /// The very type and entities, nothing else.
    pub exact: bool,
}

/// Entities that only say where a thing stands.
const PLACES: [&str; 2] = ["facility_id", "company_id"];

fn names(finding: &ReportedFinding, entity: &Entity) -> bool {
    finding.entities.contains(entity)
}

fn names_all(finding: &ReportedFinding, entities: &[Entity]) -> bool {
    entities.iter().all(|entity| names(finding, entity))
}

fn hit(expected: &Expected, finding: &ReportedFinding) -> Option<bool> {
    let named = match expected.match_ {
        Match::All => names_all(finding, &expected.entities),
        Match::Any => expected.entities.iter().any(|entity| names(finding, entity)),
    };
    if finding.type_ == expected.type_ && named {
        let stranger = |entity: &&Entity| {
            !expected.entities.contains(entity) && !PLACES.contains(&entity.field.as_str())
        };
        return Some(!finding.entities.iter().any(|entity| stranger(&entity)));
    }
    let also = expected
        .also_accept
        .iter()
        .any(|claim| claim.type_ == finding.type_ && names_all(finding, &claim.entities));
    also.then_some(false)
}

/// Right before neutral: a planted problem is never excused as a shadow of another.
pub fn judge(truth: &Truth, finding: &ReportedFinding) -> Verdict {
    let hits: Vec<Hit> = truth
        .expected
        .iter()
        .enumerate()
        .filter_map(|(number, expected)| hit(expected, finding).map(|exact| Hit { expected: number, exact }))
        .collect();
    if !hits.is_empty() {
        return Verdict::Right(hits);
    }
    let neutral = truth
        .acceptable
        .iter()
        .any(|acceptable| acceptable.type_ == finding.type_ && names_all(finding, &acceptable.entities));
    if neutral { Verdict::Neutral } else { Verdict::Wrong }
}

/// Planted and reported dollars of one problem. Findings about parts of it add up and are held against those parts.
pub(super) fn dollars(
    expected: &Expected,
    findings: &[&ReportedFinding],
    exact: bool,
) -> Option<(f64, Interval)> {
    let impacts = findings.iter().filter_map(|finding| finding.impact);
    let reported = if expected.match_ == Match::Any && exact {
        impacts.reduce(|sum, impact| Interval {
            value: sum.value + impact.value,
            low: sum.low + impact.low,
            high: sum.high + impact.high,
        })
    } else {
        impacts.max_by(|a, b| a.value.total_cmp(&b.value))
    }?;
    let parts: f64 = expected
        .impact_by_entity
        .iter()
        .filter(|(value, _)| {
            findings.iter().any(|finding| finding.entities.iter().any(|entity| entity.value == **value))
        })
        .map(|(_, dollars)| dollars)
        .sum();
    let planted = if parts > 0.0 { parts } else { expected.impact? };
    (planted != 0.0).then_some((planted, reported))
}

/// The day number of an ISO date; whatever follows the day is left out.
pub(super) fn day(date: &str) -> Option<i64> {
    let date: jiff::civil::Date = date.get(..10)?.parse().ok()?;
    let epoch = jiff::civil::date(1970, 1, 1);
    Some(i64::from(date.since(epoch).ok()?.get_days()))
}
