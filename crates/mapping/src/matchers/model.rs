//! Names by their letters: what columns with similar names mean elsewhere.

use super::{Beliefs, Signal, Signals};
use crate::{candidate::Candidate, view::View};

pub(super) fn match_columns(view: &View<'_>, beliefs: &Beliefs, signals: &mut Signals) {
    let model = view.knowledge.model();
    let lifts: Vec<f64> = Candidate::all()
        .map(|candidate| view.knowledge.usage().expected(candidate, beliefs.grain.0).exp())
        .collect();
    for (column, profile) in view.columns.iter().enumerate() {
        let stripped = &view.names[column].stripped;
        let name = if *stripped == view.names[column].key {
            profile.header.clone()
        } else {
            view.names[column].pieces.join(" ")
        };
        let mut probabilities = model.probabilities(&name);
        // The same name means the order in a list of orders and the operation in a list of operations.
        for (probability, lift) in probabilities.iter_mut().zip(&lifts) {
            *probability *= lift;
        }
        let sum: f64 = probabilities.iter().sum();
        for probability in &mut probabilities {
            *probability /= sum;
        }
        for candidate in Candidate::all() {
            let probability = probabilities.get(candidate.idx()).copied().unwrap_or(0.0);
            // Zero at one in a thousand, where a candidate is as good as any other.
            signals.set(column, candidate, Signal::Letters, (probability.max(1e-4) * 1e3).ln() / 7.0);
        }
    }
}
