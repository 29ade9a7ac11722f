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
        let named = share * score(view, column, beliefs.grain);
        let beside = if beside_a_number(view, column) { BESIDE_A_NUMBER } else { 0.0 };
        signals.set(column, Candidate::LEFT_OUT, Signal::Unused, named.max(beside));
    }
}

/// How surely the key of a record is left out where the number that people use stands beside it.
const BESIDE_A_NUMBER: f64 = 0.9;
/// What a database calls its own keys, and what people call theirs.
const KEYS: [&str; 3] = ["id", "key", "handle"];
const NUMBERS: [&str; 13] = [
    "no", "num", "nr", "nbr", "number", "numero", "nro", "cod", "code", "codigo", "codice", "nummer", "numer",
];

/// Whether a column is the key of a record whose number is another column: `MoId` beside `MoCode`, `BATCH_ID` beside `BATCH_NO`.
fn beside_a_number(view: &View<'_>, column: usize) -> bool {
    let is = |words: &[&str], piece: &str| words.contains(&piece);
    let without = |of: usize, words: &[&str]| -> Option<Vec<&str>> {
        let pieces = &view.names[of].pieces;
        let rest: Vec<&str> = pieces.iter().map(String::as_str).filter(|piece| !is(words, piece)).collect();
        (rest.len() < pieces.len() && !rest.is_empty()).then_some(rest)
    };
    let Some(thing) = without(column, &KEYS) else { return false };
    let facts = &view.facts[column];
    if !facts.empty() && facts.digits < 0.99 {
        return false;
    }
    (0..view.len()).any(|other| {
        other != column
            && view.facts[other].empty() == facts.empty()
            && without(other, &NUMBERS).is_some_and(|rest| rest == thing)
    })
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
