//! Learned figures: how much each signal counts (`weights.csv`) and how decisions become probabilities
//! (`calibration.csv`). Both are written by `cargo run -p mapping --example calibrate`, never by hand.

use domain::Granularity;

use super::rows;

use crate::{
    candidate::Candidate,
    choice::CHOSEN,
    grain::{FACTS, GrainWeights},
    matchers::Signal,
};

/// What is known of any meaning of a column before the last choice.
pub(crate) const EVIDENCE: usize = 41;
/// Features of a decision that the second model judges it by: that, and by how much it was chosen.
pub(crate) const JUDGED: usize = EVIDENCE + 2;

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Weights {
    /// In the order of [`Signal::ALL`].
    pub(crate) signals: Vec<f64>,
    pub(crate) grain: GrainWeights,
    /// Constant first, then one per feature of a decision.
    pub(crate) judge: Vec<f64>,
    /// Per candidate how much more (or less) often than others it is right, all else equal.
    pub(crate) judge_fields: Vec<f64>,
    /// Weights of the last choice between the likely meanings, one per feature of them; empty where it was not learned.
    pub(crate) choice: Vec<f64>,
    /// Per candidate how much more (or less) often than others it is the right choice, all else equal.
    pub(crate) choice_fields: Vec<f64>,
    /// Steps from the judge's probability to the calibrated one, rising in both.
    pub(crate) steps: Vec<(f64, f64)>,
    /// The calibrated probability from which a decision is sure.
    pub(crate) sure: f64,
}

impl Weights {
    pub(crate) fn read() -> Self {
        let mut weights = Self::untrained();
        for row in rows::of("weights.csv") {
            let (Some(name), Some(value)) = (row.first(), row.get(1).and_then(|cell| cell.parse().ok()))
            else {
                continue;
            };
            if let Some(signal) = Signal::ALL.into_iter().find(|signal| signal.name() == *name) {
                weights.signals[signal as usize] = value;
            } else if let Some(slot) = weights.grain_slot(name) {
                *slot = value;
            }
        }
        let rows = rows::of("calibration.csv");
        let numbers = |kind: &str| -> Vec<(f64, f64)> {
            rows.iter()
                .filter(|row| row.first() == Some(&kind))
                .filter_map(|row| Some((row.get(1)?.parse().ok()?, row.get(2)?.parse().ok()?)))
                .collect()
        };
        let judge: Vec<f64> = numbers("judge").into_iter().map(|(_, weight)| weight).collect();
        if judge.len() == JUDGED + 1 {
            weights.judge = judge;
        }
        let choice: Vec<f64> = numbers("choice").into_iter().map(|(_, weight)| weight).collect();
        if choice.len() == CHOSEN {
            weights.choice = choice;
        }
        let fields = |kind: &str, slots: &mut [f64]| {
            for row in rows.iter().filter(|row| row.first() == Some(&kind)) {
                let (Some(name), Some(weight)) = (row.get(1), row.get(2).and_then(|cell| cell.parse().ok()))
                else {
                    continue;
                };
                let candidate = if *name == "-" { Candidate::LEFT_OUT } else { Candidate::named(name) };
                if let Some(slot) = slots.get_mut(candidate.idx()) {
                    *slot = weight;
                }
            }
        };
        fields("field", &mut weights.judge_fields);
        fields("choice_field", &mut weights.choice_fields);
        if let Some((_, sure)) = numbers("sure").first() {
            weights.sure = *sure;
        }
        let steps = numbers("step");
        if steps.len() >= 2 {
            weights.steps = steps;
        }
        weights
    }

    /// What one would guess before anything was measured.
    pub(crate) fn untrained() -> Self {
        let mut signals = vec![0.0; Signal::ALL.len()];
        for (signal, weight) in [
            (Signal::Lexicon, 5.0),
            (Signal::LexiconLead, 3.0),
            (Signal::LexiconWhole, 1.5),
            (Signal::Dictionary, 4.0),
            (Signal::SystemNames, 6.0),
            (Signal::Letters, 2.0),
            (Signal::Kind, 1.0),
            (Signal::CodeList, 1.0),
            (Signal::Relation, 1.5),
            (Signal::Grain, 0.8),
            (Signal::Prior, 0.7),
            (Signal::LeftOut, 1.0),
            (Signal::Unused, 6.0),
            (Signal::Unknown, 2.0),
            (Signal::Silent, 1.5),
            (Signal::MachineMade, 2.0),
            (Signal::Memory, 8.0),
            (Signal::Needed, 1.5),
            (Signal::Pairs, 1.0),
        ] {
            signals[signal as usize] = weight;
        }
        let mut judge = vec![0.0; JUDGED + 1];
        // Before calibration the posterior stands for itself.
        judge[1] = 1.0;
        Self {
            signals,
            grain: GrainWeights::untrained(),
            judge,
            judge_fields: vec![0.0; Candidate::count()],
            choice: Vec::new(),
            choice_fields: vec![0.0; Candidate::count()],
            steps: vec![(0.0, 0.0), (1.0, 1.0)],
            sure: 0.99,
        }
    }

    /// Names of the weights of the grain: `grain:header:step`, `grain:suits`.
    pub(crate) fn grain_names() -> Vec<String> {
        let mut names = vec!["grain:suits".to_owned(), "grain:known".to_owned()];
        for granularity in Granularity::ALL {
            names.extend(FACTS.iter().map(|fact| format!("grain:{}:{fact}", granularity.as_str())));
        }
        names
    }

    pub(crate) fn grain_slot(&mut self, name: &str) -> Option<&mut f64> {
        match name.strip_prefix("grain:")? {
            "suits" => Some(&mut self.grain.suits),
            "known" => Some(&mut self.grain.known),
            rest => {
                let (granularity, fact) = rest.split_once(':')?;
                let granularity = Granularity::named(granularity)?;
                let grain = Granularity::ALL.iter().position(|known| *known == granularity)?;
                let fact = FACTS.iter().position(|known| *known == fact)?;
                self.grain.facts.get_mut(grain)?.get_mut(fact)
            }
        }
    }

    /// The calibrated probability of what the judge gives `raw`.
    pub(crate) fn calibrated(&self, raw: f64) -> f64 {
        let mut before = (0.0, 0.0);
        for &(x, y) in &self.steps {
            if raw <= x {
                let share = if x > before.0 { (raw - before.0) / (x - before.0) } else { 1.0 };
                return before.1 + share * (y - before.1);
            }
            before = (x, y);
        }
        before.1
    }
}
