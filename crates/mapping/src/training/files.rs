//! What was learned, as the text of data files.

use std::fmt::Write as _;

use super::Verdict;
use crate::{candidate::Candidate, knowledge::Weights, matchers::Signal};

pub(super) fn decisions(verdicts: &[Verdict<'_>]) -> String {
    let mut text = String::new();
    for verdict in verdicts {
        let _ = write!(
            text,
            "{}\t{}\t{}\t{}\t{}",
            verdict.table,
            verdict.body,
            verdict.weight,
            verdict.chosen.name(),
            u8::from(verdict.right)
        );
        for feature in verdict.features {
            let _ = write!(text, "\t{feature:.4}");
        }
        text.push('\n');
    }
    text
}

pub(super) fn weights_file(weights: &Weights) -> String {
    let mut text = String::from("signal,weight\n");
    for signal in Signal::ALL {
        let _ = writeln!(text, "{},{:.4}", signal.name(), weights.signals[signal as usize]);
    }
    let mut weights = weights.clone();
    for name in Weights::grain_names() {
        if let Some(weight) = weights.grain_slot(&name) {
            let _ = writeln!(text, "{name},{weight:.4}");
        }
    }
    text
}

pub(super) fn calibration_file(weights: &Weights) -> String {
    let mut text = String::from("kind,x,y\n");
    for (idx, weight) in weights.judge.iter().enumerate() {
        let _ = writeln!(text, "judge,{idx},{weight:.5}");
    }
    let mut fields = |kind: &str, weights: &[f64]| {
        for candidate in Candidate::all() {
            let weight = weights[candidate.idx()];
            if weight.abs() >= 5e-4 {
                let name = if candidate == Candidate::LEFT_OUT { "-" } else { candidate.name() };
                let _ = writeln!(text, "{kind},{name},{weight:.4}");
            }
        }
    };
    fields("field", &weights.judge_fields);
    fields("choice_field", &weights.choice_fields);
    for (idx, weight) in weights.choice.iter().enumerate() {
        let _ = writeln!(text, "choice,{idx},{weight:.5}");
    }
    let _ = writeln!(text, "sure,0,{:.5}", weights.sure - 5e-6);
    for (x, y) in &weights.steps {
        let _ = writeln!(text, "step,{x:.5},{y:.5}");
    }
    text
}
