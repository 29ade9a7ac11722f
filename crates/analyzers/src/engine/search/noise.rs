//! How much levels scatter by themselves, and how an explanation ranks against that.

use super::super::contrast::LevelSums;
use crate::stats::change::{Fit, Shape};

/// How much an explanation explains, in units of the noise that all levels share: a level that scatters more because
/// something is wrong with it must not rank behind its quiet peers that only look good next to it.
pub(super) fn score(fit: &Fit, own: f64, pooled: f64, n: f64) -> f64 {
    let noise = if pooled > 0.0 { pooled } else { own };
    fit.gain / noise - fit.parameters * n.ln()
}

pub(super) fn pooled_noise(levels: &[LevelSums]) -> f64 {
    let (mut sum, mut n) = (0.0, 0.0);
    for level in levels.iter().filter(|level| level.clusters >= 2) {
        sum += f64::from(level.clusters - 1) * level.noise();
        n += f64::from(level.clusters - 1);
    }
    if n > 0.0 { sum / n } else { 0.0 }
}

/// Noise of a unit of weight once the change is taken out of the scatter around the mean.
pub(super) fn remaining_noise(noise: f64, sums: &LevelSums, fit: &Fit) -> f64 {
    if fit.shape == Shape::Level || sums.weight <= 0.0 || sums.own <= 0.0 {
        return noise;
    }
    let mean_gain = sums.sum * sums.sum / sums.weight;
    let explained = (fit.gain - mean_gain).max(0.0) / sums.weight * (sums.ww / sums.own);
    (noise - explained).max(0.2 * noise)
}
