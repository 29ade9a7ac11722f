//! Is a short series going up: Mann-Kendall and the Theil-Sen slope.

use super::{distribution::normal_p, robust::median};

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Trend {
    /// Per unit of `t`.
    pub slope: f64,
    pub z: f64,
    pub p: f64,
}

/// The trend of points `(t, y)`, at most a few hundred of them; `None` below eight.
pub fn trend(points: &[(f64, f64)]) -> Option<Trend> {
    if points.len() < 8 {
        return None;
    }
    let n = points.len() as f64;
    let mut slopes = Vec::with_capacity(points.len() * (points.len() - 1) / 2);
    let mut s = 0.0;
    for (i, (t, y)) in points.iter().enumerate() {
        for (later_t, later_y) in &points[i + 1..] {
            if later_y != y {
                s += (later_y - y).signum() * (later_t - t).signum();
            }
            if later_t != t {
                slopes.push((later_y - y) / (later_t - t));
            }
        }
    }
    let mut sorted: Vec<f64> = points.iter().map(|(_, y)| *y).collect();
    sorted.sort_by(f64::total_cmp);
    let ties: f64 = sorted
        .chunk_by(|a, b| a == b)
        .map(|run| run.len() as f64)
        .map(|t| t * (t - 1.0) * (2.0 * t + 5.0))
        .sum();
    let variance = (n * (n - 1.0) * (2.0 * n + 5.0) - ties) / 18.0;
    let z = if variance > 0.0 && s != 0.0 { (s - s.signum()) / variance.sqrt() } else { 0.0 };
    Some(Trend { slope: median(&mut slopes)?, z, p: normal_p(z) })
}

/// The trend of points that follow each other: what waits this month is late in the next. The statistic is judged by
/// the number of independent points among them, (1 - r) / (1 + r) of all, with r the correlation of neighbours once
/// the slope is out and with the bias of short series mended (Kendall: r is about (1 + 4 r) / n too small).
pub fn serial_trend(points: &[(f64, f64)]) -> Option<Trend> {
    let plain = trend(points)?;
    let n = points.len() as f64;
    let left: Vec<f64> = points.iter().map(|(t, y)| y - plain.slope * t).collect();
    let mean = left.iter().sum::<f64>() / n;
    let squares: f64 = left.iter().map(|value| (value - mean).powi(2)).sum();
    if squares <= 0.0 {
        return Some(plain);
    }
    let r = left.windows(2).map(|pair| (pair[0] - mean) * (pair[1] - mean)).sum::<f64>() / squares;
    let r = (r + (1.0 + 4.0 * r.max(0.0)) / n).clamp(0.0, 0.9);
    let z = plain.z * ((1.0 - r) / (1.0 + r)).sqrt();
    Some(Trend { z, p: normal_p(z), ..plain })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reference by `scipy.stats.theilslopes` and the formula of Kendall.
    #[test]
    fn agrees_with_scipy() {
        let y = [3.1, 2.9, 3.4, 3.3, 3.8, 3.6, 4.1, 3.9, 4.0, 4.4];
        let points: Vec<(f64, f64)> = y.iter().enumerate().map(|(t, y)| (t as f64, *y)).collect();
        let trend = trend(&points).unwrap();
        assert!((trend.slope - 0.15).abs() < 1e-9, "{trend:?}");
        assert!((trend.z - 3.041_052_45).abs() < 1e-6, "{trend:?}");
    }

    /// Random walks of persistence 0.6 have no trend, however far they wander.
    #[test]
    fn what_wanders_has_no_trend() {
        use rand::{Rng, SeedableRng};
        let (mut plain, mut serial) = (0, 0);
        for seed in 0..400 {
            let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(seed);
            let mut at = 0.0;
            let points: Vec<(f64, f64)> = (0..24)
                .map(|t| {
                    let step: f64 = (0..12).map(|_| rng.random::<f64>()).sum::<f64>() - 6.0;
                    at = 0.6 * at + step;
                    (f64::from(t), at)
                })
                .collect();
            plain += u32::from(trend(&points).unwrap().p < 0.05);
            serial += u32::from(serial_trend(&points).unwrap().p < 0.05);
        }
        assert!(plain > 60, "{plain}");
        assert!(serial <= 28, "{serial}");
    }

    #[test]
    fn a_flat_series_has_no_trend_and_a_short_one_no_answer() {
        let flat: Vec<(f64, f64)> = (0..12).map(|t| (f64::from(t), 5.0)).collect();
        assert_eq!(trend(&flat).unwrap().p, 1.0);
        assert_eq!(trend(&flat[..7]), None);
    }
}
