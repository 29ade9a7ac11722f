//! Weighs what the matchers say into one score per column and candidate.

use crate::{candidate::Candidate, knowledge::Weights, matchers::Signals};

/// Scores of all candidates of all columns: log-odds up to a constant per column.
#[derive(Debug, Clone)]
pub(crate) struct Scores {
    pub(crate) columns: Vec<Vec<f64>>,
}

impl Scores {
    pub(crate) fn weigh(signals: &Signals, weights: &Weights, columns: usize) -> Self {
        let columns = (0..columns)
            .map(|column| {
                Candidate::all()
                    .map(|candidate| {
                        signals
                            .row(column, candidate)
                            .iter()
                            .zip(&weights.signals)
                            .map(|(value, weight)| f64::from(*value) * weight)
                            .sum()
                    })
                    .collect()
            })
            .collect();
        Self { columns }
    }

    /// Probabilities of the candidates, each column for itself.
    pub(crate) fn probabilities(&self) -> Vec<Vec<f64>> {
        self.columns.iter().map(|scores| softmax(scores)).collect()
    }
}

pub(crate) fn softmax(scores: &[f64]) -> Vec<f64> {
    let most = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let sum: f64 = scores.iter().map(|score| (score - most).exp()).sum();
    scores.iter().map(|score| (score - most).exp() / sum).collect()
}
