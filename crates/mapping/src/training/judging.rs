//! Learns the judge and its steps, and measures both on systems that nothing was learned from.

use super::Verdict;
use crate::{
    candidate::Candidate,
    judge,
    knowledge::{JUDGED, Weights},
};

/// Parts that the lessons are split into for measuring honestly; all of a system stays in one part.
pub(super) const FOLDS: usize = 6;

/// The judge's figure for every verdict, each by a judge that learned from other systems only.
pub(super) fn figures_of_unseen(verdicts: &[Verdict<'_>]) -> Vec<f64> {
    let mut figures = vec![0.0; verdicts.len()];
    for fold in 0..FOLDS {
        let others: Vec<&Verdict<'_>> =
            verdicts.iter().filter(|verdict| verdict.body % FOLDS != fold).collect();
        let mut weights = Weights::untrained();
        (weights.judge, weights.judge_fields) = fit_judge(&others);
        for (figure, verdict) in figures.iter_mut().zip(verdicts) {
            if verdict.body % FOLDS == fold {
                *figure = judge::raw(&weights, verdict.chosen, &verdict.features);
            }
        }
    }
    figures
}

/// Calibrated probabilities of the exports' decisions, each by steps that were fitted without its system.
pub(super) fn honest<'v>(verdicts: &'v [Verdict<'v>], figures: &[f64]) -> Vec<(f64, &'v Verdict<'v>)> {
    let mut judged = Vec::new();
    for fold in 0..FOLDS {
        let (seen, seen_figures): (Vec<&Verdict<'_>>, Vec<f64>) =
            verdicts.iter().zip(figures).filter(|(verdict, _)| verdict.body % FOLDS != fold).unzip();
        let mut weights = Weights::untrained();
        weights.steps = isotonic(seen, &seen_figures);
        judged.extend(
            verdicts
                .iter()
                .zip(figures)
                .filter(|(verdict, _)| verdict.body % FOLDS == fold && verdict.weight >= 1.0)
                .map(|(verdict, figure)| (weights.calibrated(*figure), verdict)),
        );
    }
    judged
}

/// Of all that is sure this share must be right where systems were left out: more than what is promised, as words were
/// mended for these exports and for those of a stranger they were not.
const SURE_RIGHT: f64 = 0.995;

/// Nothing below it is sure, whatever these exports say: of 3,242 columns of seven sets that were blind when they were written, each judged
/// by a judge that learned from the other sets only, 1,408 of the 1,419 from here on were right.
const SURE_OF_STRANGERS: f64 = 0.98;

/// The lowest probability from which on, taken together, decisions for a field are right often enough.
pub(super) fn sure_from(judged: &[(f64, &Verdict<'_>)]) -> f64 {
    let mut fields: Vec<(f64, bool)> = judged
        .iter()
        .filter(|(_, verdict)| verdict.chosen != Candidate::LEFT_OUT)
        .map(|(probability, verdict)| (*probability, verdict.right))
        .collect();
    fields.sort_by(|a, b| b.0.total_cmp(&a.0));
    let (mut from, mut right) = (0.995, 0_usize);
    for (idx, (probability, is_right)) in fields.iter().enumerate() {
        right += usize::from(*is_right);
        // Equal figures stand or fall together.
        let last = fields.get(idx + 1).is_none_or(|next| next.0 < *probability);
        if last && right as f64 >= SURE_RIGHT * (idx + 1) as f64 {
            from = *probability;
        }
    }
    from.max(SURE_OF_STRANGERS)
}

/// How true the probabilities are, and how much is sure, on systems that nothing was learned from.
pub(super) fn honesty(judged: &[(f64, &Verdict<'_>)], sure_from: f64) -> String {
    let mut bands = [(0.0, 0.0); 10];
    let (mut sure, mut sure_right) = (0, 0);
    for (probability, verdict) in judged {
        let band = &mut bands[((probability * 10.0) as usize).min(9)];
        *band = (band.0 + probability, band.1 + f64::from(u8::from(verdict.right)));
        if *probability >= sure_from && verdict.chosen != Candidate::LEFT_OUT {
            sure += 1;
            sure_right += usize::from(verdict.right);
        }
    }
    let gap: f64 =
        bands.iter().map(|(stated, right)| (stated - right).abs()).sum::<f64>() / judged.len().max(1) as f64;
    format!(
        "exports, judged by others: calibration error {gap:.3}, sure from {sure_from:.4}: {sure_right} of {sure} right, of {}\n",
        judged.len()
    )
}

/// How often a field was right whose values could not be read as what it holds.
pub(super) fn unread(verdicts: &[Verdict<'_>]) -> String {
    let unread: Vec<&Verdict<'_>> =
        verdicts.iter().filter(|verdict| verdict.weight >= 1.0 && verdict.unread).collect();
    let right = unread.iter().filter(|verdict| verdict.right).count();
    format!("fields whose values could not be read as such: {right} of {} right\n", unread.len())
}

/// How strongly the weights of the judge are drawn to nought, per unit of weight of all that it learns from.
const JUDGE_DECAY: f64 = 5e-4;

/// Weights of the features and of the fields that make the verdicts likeliest: Newton's steps on the features, in turn
/// with one for every field.
pub(super) fn fit_judge(verdicts: &[&Verdict<'_>]) -> (Vec<f64>, Vec<f64>) {
    const SIZE: usize = JUDGED + 1;
    let mut weights = [0.0_f64; SIZE];
    let mut fields = vec![0.0_f64; Candidate::count()];
    let decay = JUDGE_DECAY * verdicts.iter().map(|verdict| verdict.weight).sum::<f64>().max(1.0);
    for _ in 0..40 {
        let mut slope = [0.0_f64; SIZE];
        let mut bend = [[0.0_f64; SIZE]; SIZE];
        let mut of_fields = vec![(0.0_f64, 0.0_f64); fields.len()];
        for verdict in verdicts {
            let mut row = [1.0_f64; SIZE];
            row[1..].copy_from_slice(&verdict.features);
            let sum: f64 = row.iter().zip(&weights).map(|(value, weight)| value * weight).sum();
            let probability = 1.0 / (1.0 + (-(sum + fields[verdict.chosen.idx()])).exp());
            let gap = verdict.weight * (f64::from(u8::from(verdict.right)) - probability);
            let spread = verdict.weight * probability * (1.0 - probability);
            of_fields[verdict.chosen.idx()].0 += gap;
            of_fields[verdict.chosen.idx()].1 += spread;
            for (a, value) in row.iter().enumerate().filter(|(_, value)| **value != 0.0) {
                slope[a] += gap * value;
                for (slot, other) in bend[a].iter_mut().zip(&row) {
                    *slot += spread * value * other;
                }
            }
        }
        for idx in 1..SIZE {
            slope[idx] -= decay * weights[idx];
            bend[idx][idx] += decay;
        }
        bend[0][0] += 1e-6;
        let step = solve(bend, slope);
        for (weight, step) in weights.iter_mut().zip(step) {
            *weight += step.clamp(-2.0, 2.0);
        }
        for (field, (slope, bend)) in fields.iter_mut().zip(of_fields) {
            *field += 0.5 * (slope - decay * *field) / (bend + decay);
        }
    }
    (weights.to_vec(), fields)
}

/// The solution of a positive definite system, by elimination.
fn solve<const N: usize>(mut matrix: [[f64; N]; N], mut right: [f64; N]) -> [f64; N] {
    for pivot in 0..N {
        let (row, scale) = (matrix[pivot], 1.0 / matrix[pivot][pivot]);
        for below in pivot + 1..N {
            let factor = matrix[below][pivot] * scale;
            if factor != 0.0 {
                for (slot, value) in matrix[below].iter_mut().zip(&row).skip(pivot) {
                    *slot -= factor * value;
                }
                right[below] -= factor * right[pivot];
            }
        }
    }
    for pivot in (0..N).rev() {
        let known: f64 = (pivot + 1..N).map(|idx| matrix[pivot][idx] * right[idx]).sum();
        right[pivot] = (right[pivot] - known) / matrix[pivot][pivot];
    }
    right
}

/// Pools neighbours until the share of right decisions rises with the judge's figure, then keeps the corners.
pub(super) fn isotonic<'a>(
    verdicts: impl IntoIterator<Item = &'a Verdict<'a>>,
    figures: &[f64],
) -> Vec<(f64, f64)> {
    let mut points: Vec<(f64, f64, f64)> = verdicts
        .into_iter()
        .zip(figures)
        .map(|(verdict, figure)| (*figure, f64::from(u8::from(verdict.right)), verdict.weight))
        .collect();
    points.sort_by(|a, b| a.0.total_cmp(&b.0));
    // Blocks of figure, right and weight; a block of few verdicts is drawn towards what the judge says.
    let mut blocks: Vec<(f64, f64, f64)> = Vec::new();
    for (figure, right, weight) in points {
        blocks.push((figure * weight, right * weight, weight));
        while let [.., before, last] = blocks.as_slice()
            && (before.1 / before.2 >= last.1 / last.2 || before.2 < 12.0)
        {
            let joined = (before.0 + last.0, before.1 + last.1, before.2 + last.2);
            blocks.truncate(blocks.len() - 2);
            blocks.push(joined);
        }
    }
    let mut steps = vec![(0.0, 0.0)];
    for (figure, right, weight) in blocks {
        // One more wrong decision than was seen: what was never wrong in few cases is not certain.
        steps.push((figure / weight, (right + 0.2) / (weight + 0.4)));
    }
    let top = steps.last().map_or(0.99, |(_, share)| *share);
    steps.push((1.0, top));
    steps.dedup_by(|b, a| b.0 - a.0 < 1e-6);
    steps
}
