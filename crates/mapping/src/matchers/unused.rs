//! Names of columns that stay unmapped: bookkeeping, users, counters, texts, by a vocabulary of their own.

use super::{Beliefs, Signal, Signals};
use crate::{
    candidate::Candidate,
    view::{Grain, View},
};

pub(super) fn match_columns(view: &View<'_>, beliefs: &Beliefs, signals: &mut Signals) {
    for column in 0..view.len() {
        // What makes up for the missing pieces counts, even where its name is "other" or "remarks".
        let share = if view.relations.is_part(column) { 0.2 } else { 1.0 };
        signals.set(column, Candidate::LEFT_OUT, Signal::Unused, share * score(view, column, beliefs.grain));
    }
}

/// How well the best formula for unmapped columns explains the header, 0 to 1.
pub(crate) fn score(view: &View<'_>, column: usize, grain: Grain) -> f64 {
    let knowledge = view.knowledge;
    let name = &view.names[column];
    let unknown = name.unknown_weight();
    name.concepts
        .iter()
        .flat_map(|concepts| {
            knowledge.formulas.unused.iter().filter_map(move |formula| {
                let fit = formula.fit(knowledge.concepts, concepts, unknown, &[])?;
                Some((fit, formula.suits(grain)))
            })
        })
        .filter(|(fit, _)| fit.missing == 0.0)
        .map(|(fit, suits)| fit.score() * suits * (0.4 + 0.6 * name.nearness))
        .fold(0.0, f64::max)
}
