//! The second model: how likely the decision about a column is right. A logistic model over what is known of the
//! decision, then steps that were fitted so that the figure is true on systems that were left out.

use domain::mapping::Status;

use crate::{
    candidate::Candidate,
    combine::softmax,
    knowledge::{JUDGED, Weights},
    matchers::{Signal, Signals},
    view::{Grain, View},
};

/// What a decision is judged by, in the order of the weights.
pub(crate) fn features(
    view: &View<'_>,
    column: usize,
    chosen: Candidate,
    signals: &Signals,
    given: &[f64],
    own: &[f64],
    grain: Grain,
) -> [f64; JUDGED] {
    let log_odds = |probability: f64| {
        let probability = probability.clamp(1e-4, 1.0 - 1e-4);
        (probability / (1.0 - probability)).ln() / 4.0
    };
    let given = softmax(given).get(chosen.idx()).copied().unwrap_or(0.0);
    let own = own.get(chosen.idx()).copied().unwrap_or(0.0);
    let left_out = f64::from(u8::from(chosen == Candidate::LEFT_OUT));
    let mapped = 1.0 - left_out;
    let signal = |signal: Signal| signals.get(column, chosen, signal);
    let unknown = view.names[column].unknown_weight().min(2.0);
    [
        log_odds(given),
        log_odds(own),
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
    ]
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
pub(crate) fn probability(weights: &Weights, features: &[f64; JUDGED]) -> f64 {
    weights.calibrated(raw(weights, features))
}

pub(crate) fn raw(weights: &Weights, features: &[f64; JUDGED]) -> f64 {
    let constant = weights.judge.first().copied().unwrap_or(0.0);
    let sum: f64 =
        features.iter().zip(weights.judge.iter().skip(1)).map(|(value, weight)| value * weight).sum();
    1.0 / (1.0 + (-(constant + sum)).exp())
}

/// The calibrated probability from which a decision is sure: of all that reach it, 99 of 100 are right.
pub(crate) const SURE: f64 = 0.985;

/// The word for a probability.
pub(crate) fn status(chosen: Candidate, probability: f64) -> Status {
    match (chosen == Candidate::LEFT_OUT, probability) {
        (true, probability) if probability >= 0.7 => Status::Unused,
        (false, probability) if probability >= SURE => Status::Sure,
        (false, probability) if probability >= 0.75 => Status::Check,
        _ => Status::YourCall,
    }
}
