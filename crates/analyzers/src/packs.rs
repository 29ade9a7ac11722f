//! What the ready-made packs count, beside an analysis: from the same frames, by the same definitions, each row once.
//!
//! Nothing is tested here, so nothing here claims anything beyond what it counts. Claims of suppliers are findings, which
//! were tested, with the rows behind them.

mod causes;
mod claims;
mod lateness;
#[cfg(test)]
mod tests;
mod weekly;

use domain::{
    Analysis,
    pack::{Claims, Lateness, Weekly},
};

use crate::engine::plant::Plant;

/// Orders against their due dates.
pub fn lateness(plant: &Plant) -> Lateness {
    lateness::of(plant)
}

/// The last full week against the weeks before. What became of findings is told by whoever knows the earlier analyses.
pub fn weekly(plant: &Plant) -> Weekly {
    weekly::of(plant)
}

/// What the findings of an analysis claim of suppliers, the largest cost first.
pub fn claims(plant: &Plant, analysis: &Analysis) -> Claims {
    claims::of(plant, analysis)
}

/// A day as microseconds since 1970-01-01 on the plant's own clock.
fn micros(day: f64) -> i64 {
    (day * 86_400e6).round() as i64
}

/// The middle one; of an even number, the mean of both.
fn median(values: &mut [f64]) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let half = values.len() / 2;
    match values.len() {
        0 => None,
        n if n % 2 == 1 => Some(values[half]),
        _ => Some(f64::midpoint(values[half - 1], values[half])),
    }
}
