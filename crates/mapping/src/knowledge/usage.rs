//! How often known systems keep each field at each grain.

use domain::Granularity;

use super::{Dictionary, Meaning};
use crate::{candidate::Candidate, matchers::expected_at};

/// Weight of what is expected of an entity against what was counted.
const EXPECTATION: f64 = 6.0;

#[derive(Debug)]
pub(crate) struct Usage {
    lifts: Vec<[f64; Granularity::ALL.len()]>,
}

impl Usage {
    pub(crate) fn count(dictionary: &Dictionary) -> Self {
        let mut counts = vec![[0.0_f64; Granularity::ALL.len()]; Candidate::count()];
        let mut per_grain = [0.0_f64; Granularity::ALL.len()];
        for entry in dictionary.entries() {
            let Some(grain) = entry.granularity.and_then(position) else { continue };
            // How many columns of a list mean nothing here says how it was written down, not what its rows are.
            let Meaning::Fields(fields) = &entry.meaning else { continue };
            for field in fields {
                counts[Candidate::of(*field).idx()][grain] += 1.0 / fields.len() as f64;
            }
            per_grain[grain] += 1.0;
        }
        let all: f64 = per_grain.iter().sum();
        let lifts = Candidate::all()
            .map(|candidate| {
                let mut lifts = [0.0; Granularity::ALL.len()];
                if candidate == Candidate::LEFT_OUT {
                    return lifts;
                }
                let counted: f64 = counts[candidate.idx()].iter().sum();
                for (grain, granularity) in Granularity::ALL.into_iter().enumerate() {
                    let expected = expected_at(candidate, granularity);
                    // Expected number in tables of this grain if the grain made no difference.
                    let even = counted * per_grain[grain] / f64::max(all, 1.0);
                    let found = counts[candidate.idx()][grain];
                    let prior = EXPECTATION;
                    lifts[grain] = ((found + prior * expected.exp()) / (even + prior)).ln().clamp(-3.0, 2.5);
                }
                lifts
            })
            .collect();
        Self { lifts }
    }

    pub(crate) fn lift(&self, candidate: Candidate, granularity: Granularity) -> f64 {
        let grain = position(granularity).unwrap_or(0);
        self.lifts.get(candidate.idx()).map_or(0.0, |lifts| lifts[grain])
    }

    /// The lift to be expected where only the probabilities of the grains are known.
    pub(crate) fn expected(&self, candidate: Candidate, grains: [f64; Granularity::ALL.len()]) -> f64 {
        self.lifts
            .get(candidate.idx())
            .map_or(0.0, |lifts| lifts.iter().zip(grains).map(|(lift, share)| lift * share).sum())
    }
}

fn position(granularity: Granularity) -> Option<usize> {
    Granularity::ALL.iter().position(|known| *known == granularity)
}
