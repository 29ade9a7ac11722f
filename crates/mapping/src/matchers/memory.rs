//! What was confirmed before: strong where the file is nearly the same, a hint where only the header is.

use super::{Beliefs, Signal, Signals};
use crate::{candidate::Candidate, view::View};

pub(super) fn match_columns(view: &View<'_>, _beliefs: &Beliefs, signals: &mut Signals) {
    let recall = &view.recall;
    for column in 0..view.len() {
        if let Some(Some(confirmed)) = recall.columns.get(column)
            && recall.likeness >= 0.3
        {
            let candidate = Candidate::of_option(confirmed.field);
            signals.set(column, candidate, Signal::Memory, 0.3 + 0.7 * recall.likeness);
        } else if let Some(Some(confirmed)) = recall.headers.get(column) {
            signals.set(column, Candidate::of_option(confirmed.field), Signal::Memory, 0.3);
        }
    }
}
