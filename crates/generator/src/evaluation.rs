//! Findings against planted truth: what was found, what was wrong, and how far the dollars and dates were off.
//!
//! A finding is *right* when it says what was planted, *neutral* when it is a shadow of it or true of every plant, and *wrong* otherwise.

pub mod matching;
pub mod summary;

use serde::Serialize;

use crate::truth::{Entity, Expected, StartKind, Truth};
use matching::{Verdict, judge};

/// What an evaluation needs of a finding.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ReportedFinding {
    pub type_: String,
    pub entities: Vec<Entity>,
    /// Dollars of the period.
    pub impact: Option<Interval>,
    /// First day, as an ISO date.
    pub start: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Interval {
    pub value: f64,
    pub low: f64,
    pub high: f64,
}

impl From<&domain::analysis::Finding> for ReportedFinding {
    fn from(finding: &domain::analysis::Finding) -> Self {
        let entities = finding.entities.iter();
        Self {
            type_: finding.type_.to_owned(),
            entities: entities
                .map(|entity| Entity { field: entity.field.as_str().to_owned(), value: entity.value.clone() })
                .collect(),
            impact: finding.impact.as_ref().map(|impact| Interval {
                value: impact.value.to_f64(),
                low: impact.low.to_f64(),
                high: impact.high.to_f64(),
            }),
            start: finding.start.clone(),
        }
    }
}

/// The claims of an analysis. Hints are not claims.
pub fn reported(analysis: &domain::analysis::Analysis) -> Vec<ReportedFinding> {
    let hint = domain::analysis::EvidenceGrade::Hint;
    analysis
        .findings
        .iter()
        .filter(|finding| finding.evidence_grade != hint)
        .map(ReportedFinding::from)
        .collect()
}

/// How one plant was judged.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PlantScore {
    pub seed: u64,
    pub orders: u64,
    pub planned_cost: f64,
    pub problems: Vec<ProblemScore>,
    pub findings: usize,
    pub right: usize,
    pub neutral: usize,
    pub wrong: Vec<ReportedFinding>,
    /// Dollars of the wrong findings.
    pub false_dollars: f64,
    /// Findings that repeat what another already said with the same type and entities.
    pub repeated: usize,
}

/// How one planted problem was judged.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ProblemScore {
    pub id: String,
    pub found: bool,
    /// Planted dollars.
    pub impact: Option<f64>,
    /// (reported - planted) / planted, where both are known.
    pub dollar_error: Option<f64>,
    /// Whether the reported interval holds the planted dollars.
    pub covered: Option<bool>,
    pub start_kind: StartKind,
    /// Days from the planted to the reported start; negative where reported early.
    pub date_error: Option<i64>,
}

impl PlantScore {
    /// Planted problems found over planted problems; 1 where none is planted.
    pub fn recall(&self) -> f64 {
        let found = self.problems.iter().filter(|problem| problem.found).count();
        if self.problems.is_empty() { 1.0 } else { found as f64 / self.problems.len() as f64 }
    }

    /// Wrong findings over all findings; 0 where nothing is reported.
    pub fn false_discovery_rate(&self) -> f64 {
        self.wrong.len() as f64 / self.findings.max(1) as f64
    }

    /// Whether every one of the `n` problems that cost most was found.
    pub fn found_largest(&self, n: usize) -> bool {
        let mut by_impact: Vec<&ProblemScore> = self.problems.iter().collect();
        by_impact.sort_by(|a, b| b.impact.unwrap_or(0.0).total_cmp(&a.impact.unwrap_or(0.0)));
        by_impact.iter().take(n).all(|problem| problem.found)
    }
}

/// Judges the findings about one plant. Only problems that can be seen at `data_tier` are expected; the others are no mistake if found.
pub fn evaluate(truth: &Truth, findings: &[ReportedFinding], data_tier: u8) -> PlantScore {
    let verdicts: Vec<Verdict> = findings.iter().map(|finding| judge(truth, finding)).collect();
    let problems = truth
        .expected
        .iter()
        .enumerate()
        .filter(|(_, expected)| expected.tier <= data_tier)
        .map(|(number, expected)| score(number, expected, findings, &verdicts))
        .collect();
    let wrong: Vec<ReportedFinding> = findings
        .iter()
        .zip(&verdicts)
        .filter(|(_, verdict)| matches!(verdict, Verdict::Wrong))
        .map(|(finding, _)| finding.clone())
        .collect();
    let repeated = findings
        .iter()
        .enumerate()
        .filter(|(position, finding)| {
            findings[..*position].iter().any(|earlier| {
                earlier.type_ == finding.type_ && sorted(&earlier.entities) == sorted(&finding.entities)
            })
        })
        .count();
    PlantScore {
        seed: truth.seed,
        orders: truth.orders,
        planned_cost: truth.totals.planned_cost,
        problems,
        findings: findings.len(),
        right: verdicts.iter().filter(|verdict| matches!(verdict, Verdict::Right(_))).count(),
        neutral: verdicts.iter().filter(|verdict| matches!(verdict, Verdict::Neutral)).count(),
        false_dollars: wrong
            .iter()
            .filter_map(|finding| finding.impact)
            .map(|impact| impact.value.abs())
            .sum(),
        wrong,
        repeated,
    }
}

fn sorted(entities: &[Entity]) -> Vec<&Entity> {
    let mut sorted: Vec<&Entity> = entities.iter().collect();
    sorted.sort();
    sorted
}

fn score(
    number: usize,
    expected: &Expected,
    findings: &[ReportedFinding],
    verdicts: &[Verdict],
) -> ProblemScore {
    let hits: Vec<(&ReportedFinding, bool)> = findings
        .iter()
        .zip(verdicts)
        .filter_map(|(finding, verdict)| match verdict {
            Verdict::Right(hits) => {
                hits.iter().find(|hit| hit.expected == number).map(|hit| (finding, hit.exact))
            }
            _ => None,
        })
        .collect();
    // What says exactly the expected thing is measured; other ways to say it only where nothing does.
    let exact = hits.iter().any(|(_, exact)| *exact);
    let measured: Vec<&ReportedFinding> =
        hits.iter().filter(|(_, is_exact)| *is_exact == exact).map(|(finding, _)| *finding).collect();
    let dollars = matching::dollars(expected, &measured, exact);
    let planted_day = expected.start.as_deref().and_then(matching::day);
    let reported_day = measured.iter().filter_map(|finding| matching::day(finding.start.as_deref()?)).min();
    ProblemScore {
        id: expected.id.clone(),
        found: !hits.is_empty(),
        impact: expected.impact,
        dollar_error: dollars.map(|(planted, reported)| (reported.value - planted) / planted),
        covered: dollars.map(|(planted, reported)| (reported.low..=reported.high).contains(&planted)),
        start_kind: expected.start_kind.clone(),
        date_error: planted_day.zip(reported_day).map(|(planted, reported)| reported - planted),
    }
}
