//! What speaks for leaving a column out besides its name: nothing in it, keys made by machines, words nobody knows.

use domain::ValueKind;

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
        } else if facts.constant() && measure_of_one_kind(view, column) {
            // A plant that counts in pieces and pays in euros says so in every row.
            0.0
        } else if facts.constant() && facts.zero > 0.99 && named_in_full(view, column) {
            // No scrap so far is still scrap.
            0.2
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
        let made_by_machine = facts.machine_made.max(if counts_rows(view, column) { 1.3 } else { 0.0 });
        signals.set(column, Candidate::LEFT_OUT, Signal::MachineMade, made_by_machine);
        let explained = lexicon::fits(view, column, Grain::unknown(), &[])
            .into_iter()
            .flatten()
            .map(|(fit, _)| fit.explained)
            .fold(unused::score(view, column, Grain::unknown()), f64::max);
        signals.set(column, Candidate::LEFT_OUT, Signal::Unknown, 1.0 - explained.min(1.0));
    }
}

/// Whether a formula of a field explains the header word by word, with more than one word.
fn named_in_full(view: &View<'_>, column: usize) -> bool {
    view.names[column].nearness > 0.9
        && lexicon::fits(view, column, Grain::unknown(), &[])
            .into_iter()
            .flatten()
            .any(|(fit, _)| fit.explained > 0.99 && fit.missing == 0.0 && fit.required >= 2.0)
}

/// Whether the one value of a column is a unit or a currency.
fn measure_of_one_kind(view: &View<'_>, column: usize) -> bool {
    ["unit", "currency"].into_iter().filter_map(|name| view.knowledge.concepts.id(name)).any(|concept| {
        view.facts[column].codes.iter().any(|(found, share)| *found == concept && *share > 0.9)
    })
}

/// Whether the column numbers the rows of the file from one on, each once: a counter of the list, not of the plant.
fn counts_rows(view: &View<'_>, column: usize) -> bool {
    let profile = view.columns[column];
    let (Some(first), Some(last)) = (profile.min, profile.max) else { return false };
    let rows = profile.rows() as f64;
    profile.kind == ValueKind::Integer
        && rows >= 8.0
        && profile.filled as f64 == rows
        && profile.distinct as f64 == rows
        && first.abs() <= 1.0
        && (last - first + 1.0 - rows).abs() < 0.5
}
