//! Level, step, or drift from a break: which of them a series of weighted means shows, and since when.
//!
//! A drift is not a step: dated as one, it would be found months late. So all shapes compete by BIC.

/// One bin of time: its middle (days), the weight of what fell into it, and the weighted sum of residuals.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Bin {
    pub day: f64,
    pub weight: f64,
    pub sum: f64,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Shape {
    /// The same all the time.
    Level,
    /// From `day` on.
    Step { day: f64, low: f64, high: f64 },
    /// Growing with time from `day` on.
    Drift { day: f64, low: f64, high: f64 },
}

/// A fitted shape: `offset` before the change, `change` on top (per day for a drift).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Fit {
    pub shape: Shape,
    pub offset: f64,
    pub change: f64,
    /// Sum of squares that the whole fit explains, in units of weight x residual².
    pub gain: f64,
    /// Part of it that the change explains beyond a constant level.
    pub change_gain: f64,
    /// Free parameters, the date included.
    pub parameters: f64,
}

impl Fit {
    /// What the reported part of the fit adds at `day`.
    pub fn at(&self, day: f64) -> f64 {
        match self.shape {
            Shape::Level => self.change,
            Shape::Step { day: from, .. } => {
                if day >= from {
                    self.change
                } else {
                    0.0
                }
            }
            Shape::Drift { day: from, .. } => self.change * (day - from).max(0.0),
        }
    }
}

/// The shape with the best BIC. `noise` is the variance of one unit of weight, `n` the number of independent units.
/// Bins are in order of time. `None` where there is no weight at all.
pub fn best(bins: &[Bin], noise: f64, n: f64) -> Option<Fit> {
    let level = level(bins)?;
    if noise <= 0.0 || n < 16.0 {
        return Some(level);
    }
    let score = |fit: &Fit| fit.gain / noise - fit.parameters * n.max(2.0).ln();
    let mut best = level;
    for pinned in [true, false] {
        for drift in [false, true] {
            if let Some(fit) = scan(bins, drift, pinned, level.gain, noise, n)
                && score(&fit) > score(&best)
            {
                best = fit;
            }
        }
    }
    Some(best)
}

fn level(bins: &[Bin]) -> Option<Fit> {
    let weight: f64 = bins.iter().map(|bin| bin.weight).sum();
    let sum: f64 = bins.iter().map(|bin| bin.sum).sum();
    (weight > 0.0).then(|| Fit {
        shape: Shape::Level,
        offset: 0.0,
        change: sum / weight,
        gain: sum * sum / weight,
        change_gain: 0.0,
        parameters: 1.0,
    })
}

/// The best break of one kind. `pinned`: nothing before the break; else a constant offset there.
///
/// Both sides of a break must hold 5 % of the weight and about eight units: a few early or late records are no change.
fn scan(bins: &[Bin], drift: bool, pinned: bool, level_gain: f64, noise: f64, n: f64) -> Option<Fit> {
    let total: f64 = bins.iter().map(|bin| bin.weight).sum();
    let sum: f64 = bins.iter().map(|bin| bin.sum).sum();
    let edge = f64::max(0.05, 8.0 / n.max(16.0)) * total;
    // Sums from the right of w, w t, w t², s, s t with t counted from the first bin.
    let origin = bins.first()?.day;
    let (mut w, mut wt, mut wtt, mut s, mut st) = (0.0, 0.0, 0.0, 0.0, 0.0);
    let mut curve = vec![(f64::NEG_INFINITY, 0.0, 0.0); bins.len()];
    for (idx, bin) in bins.iter().enumerate().rev() {
        let t = bin.day - origin;
        w += bin.weight;
        wt += bin.weight * t;
        wtt += bin.weight * t * t;
        s += bin.sum;
        st += bin.sum * t;
        if idx == 0 || w < edge || total - w < edge || bin.weight <= 0.0 {
            continue;
        }
        // Regressor x: 1 from here on, or the days since here.
        let (x, xx, xy) =
            if drift { (wt - t * w, wtt - 2.0 * t * wt + t * t * w, st - t * s) } else { (w, w, s) };
        if xx <= 0.0 {
            continue;
        }
        curve[idx] = if pinned {
            (xy * xy / xx, 0.0, xy / xx)
        } else {
            let determinant = total * xx - x * x;
            if determinant <= 1e-9 * total * xx {
                continue;
            }
            let offset = (xx * sum - x * xy) / determinant;
            let change = (total * xy - x * sum) / determinant;
            (offset * sum + change * xy, offset, change)
        };
    }
    let best = (0..bins.len()).max_by(|a, b| curve[*a].0.total_cmp(&curve[*b].0))?;
    let (gain, offset, change) = curve[best];
    if !gain.is_finite() {
        return None;
    }
    // Profile likelihood: all dates whose fit is within 1.92 log-likelihood units (95 %).
    let within = |idx: usize| gain - curve[idx].0 <= 3.84 * noise;
    let first = (0..best).rev().take_while(|idx| within(*idx) || curve[*idx].0 == f64::NEG_INFINITY).last();
    let last = (best + 1..bins.len()).take_while(|idx| within(*idx)).last();
    let half = bin_width(bins) / 2.0;
    let day = bins[best].day - half;
    let low = first.map_or(day - half, |idx| bins[idx].day - half);
    let high = last.map_or(day + half, |idx| bins[idx].day + half);
    let shape = if drift { Shape::Drift { day, low, high } } else { Shape::Step { day, low, high } };
    let change_gain = if pinned { gain } else { gain - level_gain };
    Some(Fit { shape, offset, change, gain, change_gain, parameters: if pinned { 3.0 } else { 4.0 } })
}

/// The change that the same shape would have if it began on another day.
pub fn refitted(bins: &[Bin], fit: &Fit, day: f64) -> Fit {
    let pinned = fit.offset == 0.0;
    let drift = matches!(fit.shape, Shape::Drift { .. });
    let (mut w, mut x, mut xx, mut s, mut xy) = (0.0, 0.0, 0.0, 0.0, 0.0);
    for bin in bins {
        let value = match (bin.day >= day, drift) {
            (false, _) => 0.0,
            (true, false) => 1.0,
            (true, true) => bin.day - day,
        };
        w += bin.weight;
        x += bin.weight * value;
        xx += bin.weight * value * value;
        s += bin.sum;
        xy += bin.sum * value;
    }
    let determinant = w * xx - x * x;
    let change =
        if pinned || determinant <= 0.0 { xy / xx.max(1e-300) } else { (w * xy - x * s) / determinant };
    let shape = if drift {
        Shape::Drift { day, low: day, high: day }
    } else {
        Shape::Step { day, low: day, high: day }
    };
    Fit { shape, change, ..*fit }
}

fn bin_width(bins: &[Bin]) -> f64 {
    match (bins.first(), bins.last()) {
        (Some(first), Some(last)) if bins.len() > 1 => (last.day - first.day) / (bins.len() - 1) as f64,
        _ => 1.0,
    }
}

/// Tail probability of the largest of all break statistics (Miller & Siegmund 1982), with 5 % trimmed at both ends.
pub fn scanned_p(statistic: f64) -> f64 {
    let z = statistic.abs();
    if !z.is_finite() {
        return 1.0;
    }
    if z < 2.0 {
        return 1.0;
    }
    let trim: f64 = 0.05;
    let log_odds = 2.0 * ((1.0 - trim) / trim).ln();
    let density = (-z * z / 2.0).exp() / (2.0 * std::f64::consts::PI).sqrt();
    // The density underflows for very strong breaks; the smallest positive number stands for "beyond doubt".
    (density * (z * log_odds * (1.0 - 1.0 / (z * z)) + 4.0 / z)).clamp(f64::MIN_POSITIVE, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::{Rng, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    fn noise(rng: &mut ChaCha8Rng) -> f64 {
        // Irwin-Hall: twelve uniforms minus six is standard normal to the third digit.
        (0..12).map(|_| rng.random::<f64>()).sum::<f64>() - 6.0
    }

    fn series(seed: u64, mean: impl Fn(f64) -> f64) -> Vec<Bin> {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        (0..360)
            .map(|day| {
                let day = f64::from(day);
                let weight = 4.0;
                let value = mean(day) + 0.2 * noise(&mut rng) / 2.0;
                Bin { day: day + 0.5, weight, sum: weight * value }
            })
            .collect()
    }

    #[test]
    fn a_step_is_a_step_on_its_day() {
        let bins = series(1, |day| if day >= 150.0 { 0.12 } else { 0.0 });
        let fit = best(&bins, 0.04, 1_440.0).unwrap();
        let Shape::Step { day, low, high } = fit.shape else { panic!("{fit:?}") };
        assert!((day - 150.0).abs() < 8.0 && low <= day && day <= high, "{fit:?}");
        assert!((fit.change - 0.12).abs() < 0.02, "{fit:?}");
    }

    #[test]
    fn a_drift_is_dated_at_its_start() {
        let bins = series(2, |day| 0.30 * ((day - 130.0) / 230.0).max(0.0));
        let fit = best(&bins, 0.04, 1_440.0).unwrap();
        let Shape::Drift { day, .. } = fit.shape else { panic!("{fit:?}") };
        assert!((day - 130.0).abs() < 30.0, "{fit:?}");
    }

    #[test]
    fn a_level_and_nothing_stay_levels() {
        for seed in 0..30 {
            let fit = best(&series(seed, |_| 0.2), 0.04, 1_440.0).unwrap();
            assert_eq!(fit.shape, Shape::Level, "{fit:?}");
            let fit = best(&series(seed + 100, |_| 0.0), 0.04, 1_440.0).unwrap();
            assert_eq!(fit.shape, Shape::Level, "{fit:?}");
        }
    }

    #[test]
    fn scanned_p_is_honest_under_no_change() {
        let trials = 2_000;
        let mut below = 0;
        for seed in 0..trials {
            let bins = series(seed + 1_000, |_| 0.0);
            let level = level(&bins).unwrap();
            let fit = scan(&bins, false, false, level.gain, 0.04, 1_440.0).unwrap();
            if scanned_p((fit.change_gain / 0.04).sqrt()) < 0.05 {
                below += 1;
            }
        }
        let share = f64::from(below) / trials as f64;
        assert!((0.01..0.07).contains(&share), "{share}");
    }
}
