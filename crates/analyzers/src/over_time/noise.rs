//! How much a weekly figure moves by itself, and taking season and inflation out of it.

use super::{Nature, Week};
use crate::stats::change::{Bin, Fit};

/// Two full years: less can not tell a season from a change.
pub(super) const SEASON_WEEKS: i32 = 104;

/// Weeks around their mean, as bins of a change point search.
pub(super) fn bins(weeks: &[Week], mean: f64) -> Vec<Bin> {
    weeks
        .iter()
        .map(|week| Bin {
            day: f64::from(week.monday) + 3.5,
            weight: week.under,
            sum: week.over - mean * week.under,
        })
        .collect()
}

pub(super) fn mean(weeks: &[Week]) -> Option<f64> {
    let (over, under) =
        weeks.iter().fold((0.0, 0.0), |(over, under), week| (over + week.over, under + week.under));
    (under > 0.0).then_some(over / under)
}

/// Variance of one unit of weight by what neighbouring weeks differ: blind for what lasts.
pub(super) fn between_neighbours(bins: &[Bin]) -> f64 {
    let squares: f64 = bins
        .windows(2)
        .map(|pair| {
            let [a, b] = [&pair[0], &pair[1]];
            let difference = b.sum / b.weight.max(1e-300) - a.sum / a.weight.max(1e-300);
            difference * difference / (1.0 / a.weight.max(1e-300) + 1.0 / b.weight.max(1e-300))
        })
        .sum();
    squares / bins.len().saturating_sub(1).max(1) as f64
}

/// Variance of one unit of weight around `fitted`, by weeks, neighbours being alike as they are; and how many weeks that
/// makes, as far as they weigh alike.
pub(super) fn noise(bins: &[Bin], fitted: impl Fn(f64) -> f64, parameters: f64) -> (f64, f64) {
    let left: Vec<f64> = bins.iter().map(|bin| bin.sum - fitted(bin.day) * bin.weight).collect();
    let n = left.len() as f64;
    let (weight, squares) = bins
        .iter()
        .fold((0.0, 0.0), |(weight, squares), bin| (weight + bin.weight, squares + bin.weight * bin.weight));
    let scatter: f64 = left.iter().map(|left| left * left).sum();
    if weight <= 0.0 || n <= parameters + 1.0 {
        return (0.0, n);
    }
    let standard: Vec<f64> =
        left.iter().zip(bins).map(|(left, bin)| left / bin.weight.max(1e-300).sqrt()).collect();
    let all: f64 = standard.iter().map(|value| value * value).sum();
    let next: f64 = standard.windows(2).map(|pair| pair[0] * pair[1]).sum();
    // A short series shows less of its correlation than it has, the more so the more was fitted to it (Kendall).
    let r = if all > 0.0 { next / all } else { 0.0 };
    let r = (r + (parameters + 3.0 * r.max(0.0)) / n).clamp(0.0, 0.8);
    let inflation = (1.0 + r) / (1.0 - r);
    (scatter / weight * n / (n - parameters) * inflation, weight * weight / squares / inflation)
}

/// Month effects of a series with the change taken out, as differences of the figure.
pub(super) fn without_season(weeks: &[Week], fit: Option<&Fit>, mean: f64) -> Vec<Week> {
    let month =
        |week: &Week| ((f64::from(week.monday) + 3.5).rem_euclid(365.25) / 365.25 * 12.0) as usize % 12;
    let mut effects = [(0.0, 0.0); 12];
    for week in weeks {
        let expected = mean + fit.map_or(0.0, |fit| fit.offset + fit.at(f64::from(week.monday) + 3.5));
        let effect = &mut effects[month(week)];
        effect.0 += week.over - expected * week.under;
        effect.1 += week.under;
    }
    let effects = effects.map(|(sum, weight)| if weight > 0.0 { sum / weight } else { 0.0 });
    let centre = effects.iter().sum::<f64>() / 12.0;
    weeks
        .iter()
        .map(|week| Week { over: week.over - (effects[month(week)] - centre) * week.under, ..*week })
        .collect()
}

/// Prices in money of the first week.
pub(super) fn without_inflation(weeks: &[Week], nature: Nature, per_year: f64) -> Vec<Week> {
    let first = weeks.first().map_or(0, |week| week.monday);
    weeks
        .iter()
        .map(|week| {
            let years = f64::from(week.monday - first) / 365.0;
            let rise = if nature.price { (1.0 + per_year).powf(years) } else { 1.0 };
            Week { over: week.over / rise, ..*week }
        })
        .collect()
}
