//! Names by meaning: the concepts of a header against the formulas of the fields.

use domain::Granularity;

use super::{Beliefs, Signal, Signals};
use crate::{
    candidate::Candidate,
    knowledge::{ConceptId, Fit},
    system::entries,
    view::{Grain, View},
};

pub(super) fn match_columns(view: &View<'_>, beliefs: &Beliefs, signals: &mut Signals) {
    let implied = implied_concepts(view, beliefs.grain);
    for column in 0..view.len() {
        let fits = fits(view, column, beliefs.grain, &implied);
        let mut sorted: Vec<f64> = fits.iter().map(|fit| fit.map_or(0.0, |(_, score)| score)).collect();
        let scores = sorted.clone();
        sorted.sort_by(|a, b| b.total_cmp(a));
        let (first, second) = (sorted.first().copied().unwrap_or(0.0), sorted.get(1).copied().unwrap_or(0.0));
        if first <= 0.0 {
            continue;
        }
        let told = told_by_words(view, column);
        for candidate in Candidate::all() {
            let score = scores.get(candidate.idx()).copied().unwrap_or(0.0);
            let rival = if score >= first { second } else { first };
            signals.set(column, candidate, Signal::Lexicon, told * score);
            signals.set(column, candidate, Signal::LexiconLead, told * (score - rival));
            if let Some(Some((fit, _))) = fits.get(candidate.idx())
                && fit.explained > 0.99
                && fit.missing == 0.0
            {
                signals.set(column, candidate, Signal::LexiconWhole, view.names[column].nearness);
            }
        }
    }
}

/// How much the words of a header tell: less where the recognised system is known to have a column of just that name,
/// as its codes look like words of other meanings.
fn told_by_words(view: &View<'_>, column: usize) -> f64 {
    let own = entries(view.knowledge, &view.names[column])
        .any(|(entry, literal)| literal >= 0.9 && Some(entry.system) == view.systems.best);
    if own { 1.0 - 0.5 * view.systems.trust() } else { 1.0 }
}

/// Concepts that every row of a table of that grain is about.
pub(crate) fn implied_concepts(view: &View<'_>, grain: Grain) -> Vec<ConceptId> {
    let names: &[&str] = match grain.best() {
        _ if grain.of(grain.best()) < 0.5 => &[],
        Granularity::Header => &["order"],
        Granularity::Operation => &["operation"],
        Granularity::Labor => &["booking"],
        Granularity::Material => &["material"],
        Granularity::Event => &[],
    };
    names.iter().filter_map(|name| view.knowledge.concepts.id(name)).collect()
}

/// The best fit of every candidate's formulas to one header, with its score.
pub(crate) fn fits(
    view: &View<'_>,
    column: usize,
    grain: Grain,
    implied: &[ConceptId],
) -> Vec<Option<(Fit, f64)>> {
    let knowledge = view.knowledge;
    let name = &view.names[column];
    let unknown = name.unknown_weight();
    let mut best: Vec<Option<(Fit, f64)>> = vec![None; Candidate::count()];
    for concepts in &name.concepts {
        for formula in &knowledge.formulas.fields {
            let Some(fit) = formula.fit(knowledge.concepts, concepts, unknown, implied) else { continue };
            let suits = formula.suits(grain);
            // A formula of another grain still says what the words may mean.
            let score = fit.score() * (0.45 + 0.55 * suits) * (0.4 + 0.6 * name.nearness);
            let slot = &mut best[Candidate::of_option(formula.field).idx()];
            if slot.is_none_or(|(_, known)| score > known) {
                *slot = Some((fit, score));
            }
        }
    }
    best
}
