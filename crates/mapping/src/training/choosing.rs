//! Learns the last choice between likely meanings from exports with values.

use super::Lesson;
use crate::{
    candidate::Candidate,
    choice::{self, CHOSEN},
    knowledge::Knowledge,
    propose::deliberate,
    remembered::Remembered,
    view::View,
};
use ontology::FieldId;

/// One column with the meanings that were likely.
pub(super) struct Choice {
    /// The body of knowledge that it was thought of with: one system left out.
    pub(super) body: usize,
    weight: f64,
    rows: Vec<(Candidate, [f64; CHOSEN], bool)>,
}

/// Columns of exports where a right meaning is among the likely ones: from others nothing is learned.
pub(super) fn look(bodies: &[Knowledge], lessons: &[Lesson<'_>]) -> Vec<Choice> {
    let nothing = Remembered::nothing();
    let mut choices = Vec::new();
    for lesson in lessons.iter().filter(|lesson| lesson.weight >= WITH_VALUES) {
        let Some(knowledge) = bodies.get(lesson.knowledge) else { continue };
        let view = View::of(lesson.table, knowledge, &nothing);
        let thought = deliberate(&view, None);
        for column in 0..view.len() {
            let Some(label) = lesson.truth.columns.get(view.columns[column].index) else { continue };
            let right = |candidate: Candidate| match candidate.field() {
                None => label.fields.is_empty(),
                Some(field) => label.fields.iter().any(|name| FieldId::named(name) == Some(field)),
            };
            let rows: Vec<_> = choice::likely(&thought, column)
                .into_iter()
                .map(|candidate| {
                    (candidate, choice::features(&view, column, candidate, &thought), right(candidate))
                })
                .collect();
            if rows.iter().any(|(.., right)| *right) {
                choices.push(Choice { body: lesson.knowledge, weight: lesson.weight, rows });
            }
        }
    }
    choices
}

/// Lists of names count less and have no values to choose by.
const WITH_VALUES: f64 = 0.5;
/// Steps of the descent, and how strongly weights are drawn to nought.
const STEPS: usize = 400;
const DECAY: f64 = 1e-3;

/// Weights of the features and of the fields that make the right meanings likeliest, by descent with momentum on features of one
/// scale.
pub(super) fn fit(choices: &[&Choice]) -> (Vec<f64>, Vec<f64>) {
    let scale = scales(choices);
    let whole: f64 = choices.iter().map(|choice| choice.weight).sum::<f64>().max(1.0);
    let (mut weights, mut fields) = ([0.0_f64; CHOSEN], vec![0.0_f64; Candidate::count()]);
    let (mut speed, mut fields_speed) = ([0.0_f64; CHOSEN], vec![0.0_f64; Candidate::count()]);
    for _ in 0..STEPS {
        let (mut pull, mut fields_pull) = ([0.0_f64; CHOSEN], vec![0.0_f64; Candidate::count()]);
        let scaled: Vec<f64> = weights.iter().zip(&scale).map(|(weight, scale)| weight * scale).collect();
        for choice in choices {
            let scores: Vec<f64> = choice
                .rows
                .iter()
                .map(|(candidate, row, _)| {
                    fields[candidate.idx()]
                        + row.iter().zip(&scaled).map(|(value, weight)| value * weight).sum::<f64>()
                })
                .collect();
            let all = crate::combine::softmax(&scores);
            let right: f64 = all.iter().zip(&choice.rows).filter(|(_, row)| row.2).map(|(p, _)| p).sum();
            for (probability, (candidate, row, is_right)) in all.iter().zip(&choice.rows) {
                let wanted = if *is_right { probability / right.max(1e-12) } else { 0.0 };
                let gap = choice.weight * (wanted - probability) / whole;
                if gap.abs() > 1e-12 {
                    fields_pull[candidate.idx()] += gap;
                    for (slot, value) in pull.iter_mut().zip(row) {
                        *slot += gap * value;
                    }
                }
            }
        }
        for idx in 0..CHOSEN {
            speed[idx] = 0.9 * speed[idx] + pull[idx] * scale[idx] - DECAY * weights[idx];
            weights[idx] += 0.5 * speed[idx];
        }
        for (field, (speed, pull)) in fields.iter_mut().zip(fields_speed.iter_mut().zip(&fields_pull)) {
            *speed = 0.9 * *speed + pull - 3.0 * DECAY * *field;
            *field += 0.5 * *speed;
        }
    }
    (weights.iter().zip(&scale).map(|(weight, scale)| weight * scale).collect(), fields)
}

/// Per feature what brings it to a spread of one.
fn scales(choices: &[&Choice]) -> [f64; CHOSEN] {
    let rows = || choices.iter().flat_map(|choice| &choice.rows);
    let count = rows().count().max(1) as f64;
    let (mut sum, mut squares) = ([0.0_f64; CHOSEN], [0.0_f64; CHOSEN]);
    for (_, row, _) in rows() {
        for (idx, value) in row.iter().enumerate() {
            sum[idx] += value;
            squares[idx] += value * value;
        }
    }
    let mut scales = [0.0; CHOSEN];
    for (scale, (sum, squares)) in scales.iter_mut().zip(sum.iter().zip(&squares)) {
        let spread = (squares / count - (sum / count).powi(2)).max(0.0).sqrt();
        *scale = if spread > 1e-4 { 1.0 / spread } else { 0.0 };
    }
    scales
}
