//! What people said of earlier findings, used to rank the next ones: a kind of finding that was not worth it or not so moves down for
//! this organisation. A weight changes the ranking and never an amount, and the finding says by how much and why.

use domain::{Analysis, Role};
use store::{
    Tx,
    findings::status::{self, Judged},
};

use crate::{Backing, Caller, Error, deed};

/// Judgements before a kind of finding is weighed at all.
const LEAST: i64 = 3;
/// Useful findings that are assumed beside those that were judged, so that a few judgements weigh little.
const ASSUMED: f64 = 4.0;
/// No kind of finding loses more than this share of its priority.
const FLOOR: f64 = 0.5;

/// One kind of finding as an organisation judged it.
#[derive(Debug, Clone, PartialEq)]
pub struct Calibration {
    pub judged: Judged,
    /// What the priority of the next ones is multiplied by: 0.5 to 1.
    pub weight: f64,
}

impl Calibration {
    fn of(judged: Judged) -> Self {
        let weight = weight(judged.useful, judged.not_useful + judged.wrong);
        Self { judged, weight }
    }

    /// How many findings were judged.
    pub fn judgements(&self) -> i64 {
        self.judged.useful + self.judged.not_useful + self.judged.wrong
    }
}

/// The share of useful ones, beside [`ASSUMED`] that are taken to be; never below [`FLOOR`], and one while fewer than [`LEAST`] say.
fn weight(useful: i64, other: i64) -> f64 {
    if useful + other < LEAST {
        return 1.0;
    }
    let (useful, other) = (useful as f64, other as f64);
    ((useful + ASSUMED) / (useful + other + ASSUMED)).max(FLOOR)
}

/// All kinds of findings that somebody judged.
pub(crate) async fn of(tx: &mut Tx) -> Result<Vec<Calibration>, Error> {
    Ok(status::judged(tx).await?.into_iter().map(Calibration::of).collect())
}

/// The same, for the organisation itself.
pub async fn list(backing: &Backing, caller: &Caller) -> Result<Vec<Calibration>, Error> {
    caller.require(Role::Viewer)?;
    let mut tx = deed::begin(backing, caller).await?;
    of(&mut tx).await
}

/// Ranks the findings of an analysis by what was said of earlier ones.
pub(crate) fn rank(analysis: &mut Analysis, calibrations: &[Calibration]) {
    for finding in &mut analysis.findings {
        let known = calibrations
            .iter()
            .find(|one| one.judged.analyzer == finding.analyzer && one.judged.type_ == finding.type_);
        let Some(known) = known.filter(|known| known.weight < 1.0) else { continue };
        let before = finding.priority;
        finding.priority = (f64::from(before) * known.weight).round() as u8;
        finding.assumptions.push(format!(
            "Priority {before} became {}: of {} earlier findings of this kind, {} were dismissed and {} not confirmed. Amounts stay as computed.",
            finding.priority,
            known.judgements(),
            known.judged.not_useful,
            known.judged.wrong,
        ));
    }
    analysis.findings.sort_by(|a, b| b.priority.cmp(&a.priority).then_with(|| a.id.cmp(&b.id)));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_few_judgements_weigh_little_and_many_at_most_half() {
        for (useful, other, expected) in [
            (0, 0, 1.0),
            (0, 2, 1.0),
            (0, 3, 4.0 / 7.0),
            (3, 0, 1.0),
            (5, 3, 9.0 / 12.0),
            (0, 40, 0.5),
            (40, 1, 44.0 / 45.0),
        ] {
            assert!((weight(useful, other) - expected).abs() < 1e-12, "{useful} of {}", useful + other);
        }
    }
}
