//! Names by their letters: what columns with similar names mean elsewhere.

use super::{Beliefs, Signal, Signals};
use crate::{candidate::Candidate, view::View};

pub(super) fn match_columns(view: &View<'_>, _beliefs: &Beliefs, signals: &mut Signals) {
    let model = view.knowledge.model();
    for (column, profile) in view.columns.iter().enumerate() {
        let stripped = &view.names[column].stripped;
        let name = if *stripped == view.names[column].key {
            profile.header.clone()
        } else {
            view.names[column].pieces.join(" ")
        };
        let probabilities = model.probabilities(&name);
        for candidate in Candidate::all() {
            let probability = probabilities.get(candidate.idx()).copied().unwrap_or(0.0);
            // Zero at one in a thousand, where a candidate is as good as any other.
            signals.set(column, candidate, Signal::Letters, (probability.max(1e-5) * 1e3).ln() / 7.0);
        }
    }
}
