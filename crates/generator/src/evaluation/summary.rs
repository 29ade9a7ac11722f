//! Many plants in a few numbers: those of the bars in the design.

use serde::Serialize;

use super::{PlantScore, ProblemScore};
use crate::truth::StartKind;

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Summary {
    pub plants: usize,
    /// Means over the plants.
    pub recall: f64,
    pub false_discovery_rate: f64,
    /// Share of plants in which the ten largest problems were all found.
    pub ten_largest_found: f64,
    /// Share of plants with any wrong finding.
    pub plants_with_wrong: f64,
    /// Dollars of wrong findings over planned cost.
    pub false_dollar_share: f64,
    /// Of the absolute relative errors of all problems with dollars.
    pub dollar_error: Option<Spread>,
    /// Share of intervals that hold the planted dollars.
    pub interval_coverage: Option<f64>,
    /// Absolute errors in days.
    pub step_days: Option<Spread>,
    pub drift_days: Option<Spread>,
    /// Share of plants in which each problem was found.
    pub found: Vec<(String, f64)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Spread {
    pub median: f64,
    pub max: f64,
    pub n: usize,
}

fn spread(values: impl Iterator<Item = f64>) -> Option<Spread> {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    let n = values.len();
    let max = *values.last()?;
    let median = f64::midpoint(values[(n - 1) / 2], values[n / 2]);
    Some(Spread { median, max, n })
}

fn mean(values: impl Iterator<Item = f64>) -> Option<f64> {
    let (n, sum) = values.fold((0, 0.0), |(n, sum), value| (n + 1, sum + value));
    (n > 0).then(|| sum / f64::from(n))
}

pub fn summarize(scores: &[PlantScore]) -> Summary {
    let all = || scores.iter().flat_map(|score| &score.problems);
    let days = |kind: StartKind| {
        let of_kind = move |problem: &&ProblemScore| problem.start_kind == kind;
        spread(all().filter(of_kind).filter_map(|problem| problem.date_error).map(|days| days.abs() as f64))
    };
    let mut ids: Vec<&str> = Vec::new();
    for problem in all() {
        if !ids.contains(&problem.id.as_str()) {
            ids.push(&problem.id);
        }
    }
    let found = ids
        .into_iter()
        .map(|id| {
            let share = mean(
                all().filter(|problem| problem.id == id).map(|problem| f64::from(u8::from(problem.found))),
            );
            (id.to_owned(), share.unwrap_or(0.0))
        })
        .collect();
    let planned: f64 = scores.iter().map(|score| score.planned_cost).sum();
    Summary {
        plants: scores.len(),
        recall: mean(scores.iter().map(PlantScore::recall)).unwrap_or(0.0),
        false_discovery_rate: mean(scores.iter().map(PlantScore::false_discovery_rate)).unwrap_or(0.0),
        ten_largest_found: mean(scores.iter().map(|score| f64::from(u8::from(score.found_largest(10)))))
            .unwrap_or(0.0),
        plants_with_wrong: mean(scores.iter().map(|score| f64::from(u8::from(!score.wrong.is_empty()))))
            .unwrap_or(0.0),
        false_dollar_share: scores.iter().map(|score| score.false_dollars).sum::<f64>() / planned.max(1.0),
        dollar_error: spread(all().filter_map(|problem| problem.dollar_error).map(f64::abs)),
        interval_coverage: mean(
            all().filter_map(|problem| problem.covered).map(|covered| f64::from(u8::from(covered))),
        ),
        step_days: days(StartKind::Step),
        drift_days: days(StartKind::Drift),
        found,
    }
}
