//! What to do first: one step for each finding, ranked by what it returns for the effort.

use super::{Yearly, counts};
use crate::{Finding, analysis::Action};

/// The first step on a finding. The others lead to the same money, never to more of it.
#[derive(Debug, Clone, PartialEq)]
pub struct NextStep<'a> {
    pub finding: &'a Finding,
    pub action: &'a Action,
    /// When it can be done by.
    pub within: &'static str,
    /// What the finding could give back in a year; `None` where it is not in money or a hint.
    pub recoverable: Option<f64>,
    /// The same for each working day of effort, at the most days that such an effort takes.
    pub per_day: Option<f64>,
    pub alternatives: Vec<&'a Action>,
}

/// Most working days of an effort, and when it can be done by.
fn effort(words: &str) -> (f64, &'static str) {
    match words {
        "hours" => (1.0, "this week"),
        "days" => (5.0, "this month"),
        _ => (20.0, "this quarter"),
    }
}

/// Steps on findings that have one: the most money for a day of effort first, then those without money by priority.
pub fn steps<'a>(findings: impl IntoIterator<Item = &'a Finding>) -> Vec<NextStep<'a>> {
    let mut steps: Vec<NextStep<'a>> = findings.into_iter().filter_map(step).collect();
    steps.sort_by(|a, b| {
        let worth = |step: &NextStep<'_>| step.per_day.unwrap_or(f64::NEG_INFINITY);
        worth(b)
            .total_cmp(&worth(a))
            .then_with(|| b.finding.priority.cmp(&a.finding.priority))
            .then_with(|| a.finding.id.cmp(&b.finding.id))
    });
    steps
}

/// What all steps together could give back in a year: each finding once, whatever its alternatives.
pub fn total(steps: &[NextStep<'_>]) -> f64 {
    steps.iter().filter_map(|step| step.recoverable).sum()
}

fn step(finding: &Finding) -> Option<NextStep<'_>> {
    // The same money for less effort; what the analyzer names first wins a tie.
    let action = finding.actions.iter().min_by(|a, b| effort(a.effort).0.total_cmp(&effort(b.effort).0))?;
    let (days, within) = effort(action.effort);
    let recoverable = Yearly::of(finding).filter(|_| counts(finding)).map(|yearly| yearly.recoverable);
    Some(NextStep {
        finding,
        action,
        within,
        recoverable,
        per_day: recoverable.map(|recoverable| recoverable / days),
        alternatives: finding.actions.iter().filter(|other| *other != action).collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{analysis::EvidenceGrade, review::sample::finding};

    fn with(id: &str, value: f64, efforts: &[&'static str]) -> Finding {
        let mut finding = finding("scrap_rate", &[("machine_id", id)], value);
        id.clone_into(&mut finding.id);
        finding.actions = efforts
            .iter()
            .enumerate()
            .map(|(at, effort)| Action { title: format!("Step {at}"), effort })
            .collect();
        finding
    }

    #[test]
    fn steps_rank_by_money_for_a_day_and_alternatives_are_never_added() {
        let mut hint = with("hint", 900_000.0, &["hours"]);
        hint.evidence_grade = EvidenceGrade::Hint;
        let findings = [
            with("weeks", 100_000.0, &["weeks"]),
            with("hours", 20_000.0, &["days", "hours"]),
            with("days", 60_000.0, &["days", "days", "weeks"]),
            with("nothing", 1_000.0, &[]),
            hint,
        ];
        let ranked = steps(&findings);
        let order: Vec<&str> = ranked.iter().map(|step| step.finding.id.as_str()).collect();
        assert_eq!(
            order,
            ["hours", "days", "weeks", "hint"],
            "a finding without a step is none, a hint is last"
        );
        assert_eq!((ranked[0].action.title.as_str(), ranked[0].within), ("Step 1", "this week"));
        assert_eq!(ranked[1].alternatives.len(), 2);
        let once: f64 = findings[..3].iter().filter_map(Yearly::of).map(|yearly| yearly.recoverable).sum();
        assert!((total(&ranked) - once).abs() < 1e-9, "two ways to the same money are the same money");
        assert_eq!(ranked[3].recoverable, None);
        let more = [with("days", 60_000.0, &["days", "days", "weeks", "days"])];
        assert_eq!(total(&steps(&more)), ranked[1].recoverable.unwrap());
    }
}
