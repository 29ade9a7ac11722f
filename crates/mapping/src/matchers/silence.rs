//! What speaks for leaving a column out besides its name: nothing in it, keys made by machines, words nobody knows.

use super::{Beliefs, Signal, Signals, lexicon, unused};
use crate::{
    candidate::Candidate,
    view::{Grain, View},
};

pub(super) fn match_columns(view: &View<'_>, _beliefs: &Beliefs, signals: &mut Signals) {
    for (column, facts) in view.facts.iter().enumerate() {
        // A table without rows says nothing by its emptiness, and a defect may be rare.
        let part = view.relations.is_part(column);
        let silent = if view.columns[column].rows() == 0 || part {
            0.0
        } else if facts.empty() {
            1.0
        } else if facts.constant() && facts.zero > 0.99 {
            0.8
        } else if facts.constant() {
            0.4
        } else if facts.fill < 0.02 {
            0.5
        } else {
            0.0
        };
        signals.set(column, Candidate::LEFT_OUT, Signal::Silent, silent);
        signals.set(column, Candidate::LEFT_OUT, Signal::MachineMade, facts.machine_made);
        let explained = lexicon::fits(view, column, Grain::unknown(), &[])
            .into_iter()
            .flatten()
            .map(|(fit, _)| fit.explained)
            .fold(unused::score(view, column), f64::max);
        signals.set(column, Candidate::LEFT_OUT, Signal::Unknown, 1.0 - explained.min(1.0));
    }
}
