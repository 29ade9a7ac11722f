//! How usual a field is at all, before anything is seen of the column.

use super::{Beliefs, Signal, Signals};
use crate::{candidate::Candidate, view::View};

pub(super) fn match_columns(view: &View<'_>, _beliefs: &Beliefs, signals: &mut Signals) {
    let model = view.knowledge.model();
    for column in 0..view.len() {
        for candidate in Candidate::all() {
            if candidate == Candidate::LEFT_OUT {
                signals.set(column, candidate, Signal::LeftOut, 1.0);
            } else {
                signals.set(column, candidate, Signal::Prior, (model.prior(candidate) * 150.0).ln() / 3.0);
            }
        }
    }
}
