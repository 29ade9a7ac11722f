//! The second model: how likely the decision about a column is right. A logistic model over what is known of the
//! decision, then steps that were fitted so that the figure is true on systems that were left out.

use domain::mapping::Status;
use ontology::FieldType;

use crate::{
    candidate::Candidate,
    combine::softmax,
    knowledge::{EVIDENCE, JUDGED, Weights},
    matchers::{Signal, Signals},
    pairs,
    propose::Deliberation,
    view::View,
};

/// One decision with all that was thought before it.
pub(crate) struct Decided<'a> {
    pub(crate) view: &'a View<'a>,
    pub(crate) column: usize,
    pub(crate) chosen: Candidate,
    pub(crate) thought: &'a Deliberation,
}

/// What a decision is judged by, in the order of the weights.
pub(crate) fn features(decided: &Decided<'_>) -> [f64; JUDGED] {
    let mut features = [0.0; JUDGED];
    features[..EVIDENCE].copy_from_slice(&evidence(decided));
    if let Some(chosen) = decided.thought.shares.get(decided.column) {
        features[EVIDENCE] = log_odds(*chosen);
        features[EVIDENCE + 1] = 1.0;
    }
    features
}

/// The odds of a probability, on a scale of about one.
fn log_odds(probability: f64) -> f64 {
    let probability = probability.clamp(1e-4, 1.0 - 1e-4);
    (probability / (1.0 - probability)).ln() / 4.0
}

/// What is known of a meaning, chosen or not.
pub(crate) fn evidence(decided: &Decided<'_>) -> [f64; EVIDENCE] {
    let Decided { view, column, chosen, thought } = *decided;
    let Deliberation { signals, given, own, grain, .. } = thought;
    let grain = grain.grain;
    let (scores, own) = (&given[column], &own[column]);
    let given = softmax(scores).get(chosen.idx()).copied().unwrap_or(0.0);
    let alone = own.get(chosen.idx()).copied().unwrap_or(0.0);
    let left_out = f64::from(u8::from(chosen == Candidate::LEFT_OUT));
    let mapped = 1.0 - left_out;
    let signal = |signal: Signal| signals.get(column, chosen, signal);
    let name = &view.names[column];
    let facts = &view.facts[column];
    let unknown = name.unknown_weight().min(2.0);
    let lead = |rival: Option<Candidate>| {
        rival.map_or(1.5, |rival| ((scores[chosen.idx()] - scores[rival.idx()]) / 4.0).clamp(-0.5, 1.5))
    };
    let rival = best(scores, |candidate| candidate != chosen && candidate != Candidate::LEFT_OUT);
    let none = (chosen != Candidate::LEFT_OUT).then_some(Candidate::LEFT_OUT);
    let by_others = rival.map_or(0.0, |rival| {
        let alone = (own[chosen.idx()].max(1e-9) / own[rival.idx()].max(1e-9)).ln();
        ((scores[chosen.idx()] - scores[rival.idx()] - alone) / 2.0).clamp(-1.0, 1.0)
    });
    let relation = signal(Signal::Relation);
    [
        log_odds(given),
        log_odds(alone),
        signal(Signal::Lexicon),
        signal(Signal::LexiconWhole),
        signal(Signal::Dictionary),
        signal(Signal::SystemNames),
        signal(Signal::Letters),
        unknown * mapped,
        signal(Signal::Kind).min(0.0),
        left_out,
        left_out * signal(Signal::Unused),
        grain.of(grain.best()) * mapped,
        unqualified(view, column, chosen),
        signal(Signal::LexiconLead).clamp(-0.5, 0.5) * mapped,
        lead(rival) * mapped,
        lead(none) * mapped,
        left_out * lead(rival),
        agrees(signals, column, chosen, Signal::Letters, 0.0) * mapped,
        agrees(signals, column, chosen, Signal::Lexicon, 0.3) * mapped,
        agrees(signals, column, chosen, Signal::Dictionary, 0.2) * mapped,
        relation.clamp(0.0, 1.0) * mapped,
        relation.clamp(-1.0, 0.0) * mapped,
        signal(Signal::CodeList).min(1.0) * mapped,
        by_others * mapped,
        signal(Signal::Kind).max(0.0) * mapped,
        f64::from(u8::from(facts.empty())) * mapped,
        f64::from(u8::from(facts.constant() && !facts.empty())) * mapped,
        (name.concepts.len().max(1) as f64).ln().min(2.0) * mapped,
        f64::from(u8::from(name.pieces.len() <= 1)) * mapped,
        name.nearness * mapped,
        claimed_twice(decided) * mapped,
        wanted_elsewhere(decided) * mapped,
        signal(Signal::Needed).min(1.0) * mapped,
        left_out * signal(Signal::Unknown),
        left_out * signal(Signal::Silent),
        left_out
            * Candidate::all().map(|other| signals.get(column, other, Signal::Lexicon)).fold(0.0, f64::max),
        known_table(thought) * mapped,
        known_table(thought) * left_out,
        view.systems.trust(),
        f64::from(u8::from(
            is_category(chosen) && !facts.codes.is_empty() && signal(Signal::CodeList) == 0.0,
        )),
        f64::from(u8::from(is_category(chosen) && !facts.empty() && facts.codes.is_empty())),
    ]
}

fn is_category(candidate: Candidate) -> bool {
    candidate.definition().is_some_and(|field| field.type_ == FieldType::Category)
}

/// The best candidate by score among those asked for.
fn best(scores: &[f64], wanted: impl Fn(Candidate) -> bool) -> Option<Candidate> {
    Candidate::all()
        .filter(|candidate| wanted(*candidate))
        .max_by(|a, b| scores[a.idx()].total_cmp(&scores[b.idx()]).then(b.cmp(a)))
}

/// 1 where the matcher would choose the same by itself, -1 where it would choose another, 0 where it says nothing.
fn agrees(signals: &Signals, column: usize, chosen: Candidate, signal: Signal, least: f64) -> f64 {
    let says = |candidate: Candidate| signals.get(column, candidate, signal);
    let most = Candidate::all().map(says).fold(f64::NEG_INFINITY, f64::max);
    if most <= least {
        0.0
    } else if says(chosen) >= most - 1e-6 {
        1.0
    } else {
        -1.0
    }
}

/// Whether another column was given the same field without being part of it: one of them is wrong as a rule.
fn claimed_twice(decided: &Decided<'_>) -> f64 {
    let Decided { view, column, chosen, thought } = *decided;
    let twice = (0..view.len()).any(|other| {
        other != column
            && thought.fields[other] == chosen
            && pairs::worth(view, column, chosen, other, chosen) < -0.6
    });
    f64::from(u8::from(twice))
}

/// How much the column with the next best claim would like the same field.
fn wanted_elsewhere(decided: &Decided<'_>) -> f64 {
    let Decided { view, column, chosen, thought } = *decided;
    (0..view.len())
        .filter(|other| *other != column && thought.fields[*other] != chosen)
        .map(|other| thought.own[other][chosen.idx()])
        .fold(0.0, f64::max)
}

/// How clear the columns of the table are on average: a table of codes is understood as a whole or hardly at all.
fn known_table(thought: &Deliberation) -> f64 {
    let clear: f64 = thought.own.iter().map(|own| own.iter().copied().fold(0.0, f64::max)).sum();
    clear / thought.own.len().max(1) as f64
}

/// 1 where the field is a plan or an actual and the header says neither.
fn unqualified(view: &View<'_>, column: usize, chosen: Candidate) -> f64 {
    let field = chosen.name();
    let parted = ["planned_", "actual_", "standard_"].iter().any(|part| field.contains(part));
    let said = ["planned", "standard", "estimated", "scheduled", "actual", "due", "confirmed", "booking"]
        .iter()
        .filter_map(|concept| view.knowledge.concepts.id(concept))
        .any(|concept| view.names[column].names(concept));
    f64::from(u8::from(parted && !said))
}

/// The calibrated probability that the decision is right.
pub(crate) fn probability(weights: &Weights, chosen: Candidate, features: &[f64; JUDGED]) -> f64 {
    weights.calibrated(raw(weights, chosen, features))
}

pub(crate) fn raw(weights: &Weights, chosen: Candidate, features: &[f64; JUDGED]) -> f64 {
    let constant = weights.judge.first().copied().unwrap_or(0.0);
    let of_field = weights.judge_fields.get(chosen.idx()).copied().unwrap_or(0.0);
    let sum: f64 =
        features.iter().zip(weights.judge.iter().skip(1)).map(|(value, weight)| value * weight).sum();
    1.0 / (1.0 + (-(constant + of_field + sum)).exp())
}

/// The word for a probability. From [`Weights::sure`] on it is sure: of all that reach it, 99 of 100 are right.
pub(crate) fn status(weights: &Weights, chosen: Candidate, probability: f64) -> Status {
    match (chosen == Candidate::LEFT_OUT, probability) {
        (true, probability) if probability >= 0.7 => Status::Unused,
        (false, probability) if probability >= weights.sure => Status::Sure,
        (false, probability) if probability >= 0.75 => Status::Check,
        _ => Status::YourCall,
    }
}
