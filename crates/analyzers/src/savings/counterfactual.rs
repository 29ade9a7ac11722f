//! The estimate itself: actual over expected of the treated and of its peers, before and after.

use std::collections::BTreeMap;

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::stats::{
    distribution::{normal_p, normal_reach, t_p},
    resample,
    shrink::variance_between,
};

/// One row: what was spent and what was expected, of the treated thing or of one of its peers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Unit {
    pub treated: bool,
    /// Which peer; any number for the treated.
    pub level: u32,
    /// The order, drawn as a whole.
    pub cluster: u32,
    pub day: f64,
    pub actual: f64,
    pub expected: f64,
}

/// What the units say. Intervals are point, low, high.
#[derive(Debug, Clone, PartialEq)]
pub struct Estimate {
    pub saved: [f64; 3],
    pub change: [f64; 3],
    pub p: f64,
    /// Actual over expected before and after.
    pub own: [f64; 2],
    pub peers: [f64; 2],
    pub actual_after: f64,
    pub orders_before: usize,
    pub orders_after: usize,
    pub notes: Vec<String>,
}

/// Sums of actual and expected: own before, own after, peers before, peers after.
type Sums = [[f64; 2]; 4];

fn place(unit: &Unit, acted: f64) -> usize {
    usize::from(!unit.treated) * 2 + usize::from(unit.day >= acted)
}

/// Log of the change of own against peers; peers count as unmoved where there are none.
fn log_change(sums: &Sums) -> Option<f64> {
    let ratio = |at: usize| {
        let [actual, expected] = sums[at];
        (actual > 0.0 && expected > 0.0).then(|| (actual / expected).ln())
    };
    let own = ratio(1)? - ratio(0)?;
    let peers = ratio(3).zip(ratio(2)).map_or(0.0, |(after, before)| after - before);
    Some(own - peers)
}

/// The saving since `acted`, against the time from `since` (or the beginning) to `acted`. `None` where the treated has
/// no work on either side.
pub fn estimate(units: &[Unit], since: Option<f64>, acted: f64, confidence: f64) -> Option<Estimate> {
    let mut units: Vec<Unit> = units
        .iter()
        .filter(|unit| unit.day.is_finite() && since.is_none_or(|since| unit.day >= since))
        .filter(|unit| unit.actual.is_finite() && unit.expected > 0.0 && unit.expected.is_finite())
        .copied()
        .collect();
    let mut notes = Vec::new();
    if let Some(later) = settled(&units, acted) {
        units.retain(|unit| unit.day >= later);
        notes.push(
            "It was getting worse before the action; it is compared with its last eight weeks before it, and the growth is not assumed to have gone on.".to_owned(),
        );
    }
    let mut clusters: BTreeMap<u32, Sums> = BTreeMap::new();
    for unit in &units {
        let sums = &mut clusters.entry(unit.cluster).or_default()[place(unit, acted)];
        sums[0] += unit.actual;
        sums[1] += unit.expected;
    }
    let count = |at: usize| clusters.values().filter(|sums| sums[at][1] > 0.0).count();
    let (orders_before, orders_after) = (count(0), count(1));
    let all: Vec<Sums> = clusters.into_values().collect();
    let total = added(all.iter());
    let mut point = log_change(&total)?;
    let mut draws = drawn(&all, 31);
    if total[2][1] <= 0.0 || total[3][1] <= 0.0 {
        notes.push("It has no peers in these data, so its own past alone is the counterfactual.".to_owned());
    }
    let falling = improving(&units, acted);
    if let Some((ahead, error)) = falling {
        point -= ahead;
        let mut rng = ChaCha8Rng::seed_from_u64(37);
        for draw in &mut draws {
            let normal: f64 = (0..12).map(|_| rng.random::<f64>()).sum::<f64>() - 6.0;
            *draw -= ahead + error * normal;
        }
        notes.push("It was getting better before the action already; that trend is continued and not counted as saved.".to_owned());
    }
    // Things wander by themselves from one half of the data to the other: as much as peers did, so does the treated.
    let wander = peers_wander(&units, acted);
    let n = draws.len().max(1) as f64;
    let sampling = (draws.iter().map(|draw| (draw - point).powi(2)).sum::<f64>() / n).sqrt();
    let error = sampling.hypot(wander);
    let reach = normal_reach(confidence) * error;
    let (low, high) = (point - reach, point + reach);
    let actual_after = total[1][0];
    let saved = |log: f64| actual_after * (-log).exp_m1();
    let ratio = |at: usize| if total[at][1] > 0.0 { total[at][0] / total[at][1] } else { f64::NAN };
    Some(Estimate {
        saved: [saved(point), saved(high), saved(low)],
        change: [point.exp_m1(), low.exp_m1(), high.exp_m1()],
        p: if error > 0.0 { normal_p(point / error) } else { 1.0 },
        own: [ratio(0), ratio(1)],
        peers: [ratio(2), ratio(3)],
        actual_after,
        orders_before,
        orders_after,
        notes,
    })
}

fn added<'a>(all: impl Iterator<Item = &'a Sums>) -> Sums {
    all.fold(Sums::default(), |mut total, sums| {
        for (sum, part) in total.iter_mut().zip(sums) {
            sum[0] += part[0];
            sum[1] += part[1];
        }
        total
    })
}

/// Orders drawn again with replacement; many are gathered into blocks first, which bounds the work.
fn drawn(all: &[Sums], seed: u64) -> Vec<f64> {
    const MOST: usize = 1_000;
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut order: Vec<usize> = (0..all.len()).collect();
    resample::shuffle(&mut order, &mut rng);
    let blocks: Vec<Sums> = (0..all.len().min(MOST))
        .map(|block| added(order.iter().skip(block).step_by(MOST).map(|at| &all[*at])))
        .collect();
    (0..resample::DRAWS)
        .filter_map(|_| {
            log_change(&added((0..blocks.len()).map(|_| &blocks[rng.random_range(0..blocks.len())])))
        })
        .collect()
}

/// Standard deviation of what peers changed by beyond what their few orders explain.
fn peers_wander(units: &[Unit], acted: f64) -> f64 {
    let mut levels: BTreeMap<u32, BTreeMap<u32, Sums>> = BTreeMap::new();
    for unit in units.iter().filter(|unit| !unit.treated) {
        let sums = &mut levels.entry(unit.level).or_default().entry(unit.cluster).or_default()
            [usize::from(unit.day >= acted)];
        sums[0] += unit.actual;
        sums[1] += unit.expected;
    }
    let (mut changes, mut variances) = (Vec::new(), Vec::new());
    for clusters in levels.values() {
        let total = added(clusters.values());
        // A peer of a handful of orders says nothing of how peers wander.
        let enough = |at: usize| clusters.values().filter(|sums| sums[at][1] > 0.0).count() >= 8;
        if let Some(change) = log_change(&total).filter(|_| enough(0) && enough(1)) {
            let side = |at: usize| {
                let [actual, expected] = total[at];
                let ratio = actual / expected;
                let squares: f64 =
                    clusters.values().map(|sums| (sums[at][0] - ratio * sums[at][1]).powi(2)).sum();
                squares / actual.powi(2)
            };
            changes.push(change);
            variances.push(side(0) + side(1));
        }
    }
    if changes.len() < 3 { 0.0 } else { variance_between(&changes, &variances).sqrt() }
}

/// Weekly logs of actual over expected before the action, and their weights.
fn weeks_before(units: &[Unit], acted: f64) -> Vec<(f64, f64, f64)> {
    let mut weeks: BTreeMap<i64, [f64; 4]> = BTreeMap::new();
    for unit in units.iter().filter(|unit| unit.day < acted) {
        let week = weeks.entry(((unit.day - acted) / 7.0).floor() as i64).or_default();
        let at = usize::from(!unit.treated) * 2;
        week[at] += unit.actual;
        week[at + 1] += unit.expected;
    }
    let peers = units.iter().any(|unit| !unit.treated);
    weeks
        .into_iter()
        .filter(|(_, [a, b, c, d])| *a > 0.0 && *b > 0.0 && (!peers || (*c > 0.0 && *d > 0.0)))
        .map(|(week, [a, b, c, d])| {
            let other = if peers { (c / d).ln() } else { 0.0 };
            ((week as f64 + 0.5) * 7.0, (a / b).ln() - other, b)
        })
        .collect()
}

/// Slope a day before the action with its error and p; `None` below eight weeks.
fn slope(weeks: &[(f64, f64, f64)]) -> Option<(f64, f64, f64)> {
    if weeks.len() < 8 {
        return None;
    }
    let weight: f64 = weeks.iter().map(|week| week.2).sum();
    let mean = |of: &dyn Fn(&(f64, f64, f64)) -> f64| {
        weeks.iter().map(|week| week.2 * of(week)).sum::<f64>() / weight
    };
    let (t, y) = (mean(&|week| week.0), mean(&|week| week.1));
    let xx: f64 = weeks.iter().map(|week| week.2 * (week.0 - t).powi(2)).sum();
    let xy: f64 = weeks.iter().map(|week| week.2 * (week.0 - t) * (week.1 - y)).sum();
    if xx <= 0.0 {
        return None;
    }
    let slope = xy / xx;
    let left: Vec<f64> = weeks.iter().map(|week| week.1 - y - slope * (week.0 - t)).collect();
    let squares: f64 =
        left.iter().zip(weeks).map(|(left, week)| (week.2 * left * (week.0 - t)).powi(2)).sum();
    let all: f64 = left.iter().map(|left| left * left).sum();
    let r = left.windows(2).map(|pair| pair[0] * pair[1]).sum::<f64>() / all.max(1e-300);
    let r = (r + (1.0 + 3.0 * r.max(0.0)) / weeks.len() as f64).clamp(0.0, 0.8);
    let n = weeks.len() as f64;
    let error = (squares * n / (n - 2.0)).sqrt() / xx * ((1.0 + r) / (1.0 - r)).sqrt();
    (error > 0.0).then(|| (slope, error, t_p(slope / error, n - 2.0)))
}

/// Where the treated grew worse before the action: the day from which it is compared.
fn settled(units: &[Unit], acted: f64) -> Option<f64> {
    let (slope, _, p) = slope(&weeks_before(units, acted))?;
    (slope > 0.0 && p < 0.05).then_some(acted - 56.0)
}

/// Where the treated grew better before the action: how much further that trend would have led it since, and the error.
fn improving(units: &[Unit], acted: f64) -> Option<(f64, f64)> {
    let weeks = weeks_before(units, acted);
    let (slope, error, p) = slope(&weeks)?;
    // What is overlooked here would be called a saving, so doubt is enough.
    if slope >= 0.0 || p >= 0.2 {
        return None;
    }
    let weight: f64 = weeks.iter().map(|week| week.2).sum();
    let before = weeks.iter().map(|week| week.2 * week.0).sum::<f64>() / weight;
    let own = || units.iter().filter(|unit| unit.treated && unit.day >= acted);
    let expected: f64 = own().map(|unit| unit.expected).sum();
    let after = own().map(|unit| unit.expected * (unit.day - acted)).sum::<f64>() / expected.max(1e-300);
    Some((slope * (after - before), error * (after - before)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Orders of one treated thing and nine peers over a year, acted on in the middle.
    fn units(seed: u64, treated: impl Fn(f64) -> f64, everyone: impl Fn(f64) -> f64) -> Vec<Unit> {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        (0..4_000_u32)
            .map(|cluster| {
                let day = 365.0 * rng.random::<f64>();
                let level = cluster % 10;
                let normal: f64 = (0..12).map(|_| rng.random::<f64>()).sum::<f64>() - 6.0;
                let own = if level == 0 { treated(day) } else { 1.0 };
                let expected = 50.0 + 100.0 * rng.random::<f64>();
                let actual = expected * own * everyone(day) * (0.2 * normal).exp();
                Unit { treated: level == 0, level, cluster, day, actual, expected }
            })
            .collect()
    }

    fn step(size: f64) -> impl Fn(f64) -> f64 {
        move |day| if day >= 180.0 { size } else { 1.0 }
    }

    #[test]
    fn intervals_hold_the_truth_as_often_as_they_say() {
        for (size, change) in [(0.85, -0.15), (1.0, 0.0)] {
            let held = (0..100)
                .filter(|seed| {
                    let found = estimate(&units(*seed, step(size), step(1.1)), None, 180.0, 0.9).unwrap();
                    found.change[1] <= change && change <= found.change[2]
                })
                .count();
            assert!((82..=99).contains(&held), "{held} of 100 at {size}");
        }
    }

    #[test]
    fn what_moves_everyone_is_no_saving() {
        let found = estimate(&units(7, |_| 1.0, step(0.8)), None, 180.0, 0.9).unwrap();
        assert!(found.saved[1] < 0.0 && found.saved[2] > 0.0, "{found:?}");
        let alone: Vec<Unit> = units(7, |_| 1.0, step(0.8)).into_iter().filter(|unit| unit.treated).collect();
        let found = estimate(&alone, None, 180.0, 0.9).unwrap();
        assert!(found.saved[1] > 0.0 && found.notes[0].contains("no peers"), "{found:?}");
    }

    #[test]
    fn a_trend_that_was_there_before_is_not_counted() {
        let better = |day: f64| 1.3 - 0.3 * day / 365.0;
        let found = estimate(&units(9, better, |_| 1.0), None, 180.0, 0.9).unwrap();
        assert!(found.saved[1] < 0.0, "{found:?}");
        assert!(found.notes.iter().any(|note| note.contains("getting better")), "{found:?}");
        let worse = |day: f64| if day < 180.0 { 1.0 + 0.4 * day / 180.0 } else { 1.0 };
        let found = estimate(&units(9, worse, |_| 1.0), None, 180.0, 0.9).unwrap();
        assert!(found.notes.iter().any(|note| note.contains("last eight weeks")), "{found:?}");
        // In its last eight weeks it stood at about 1.34.
        assert!((found.change[0] - (1.0 / 1.34 - 1.0)).abs() < 0.06, "{found:?}");
    }

    #[test]
    fn peers_that_wander_widen_the_interval() {
        let quiet = units(11, step(0.9), |_| 1.0);
        let mut wild = quiet.clone();
        for unit in wild.iter_mut().filter(|unit| !unit.treated && unit.day >= 180.0) {
            unit.actual *= if unit.level % 2 == 0 { 1.3 } else { 0.75 };
        }
        let width = |units: &[Unit]| {
            let found = estimate(units, None, 180.0, 0.9).unwrap();
            found.change[2] - found.change[1]
        };
        assert!(width(&wild) > 2.0 * width(&quiet));
        assert!(estimate(&quiet, None, 400.0, 0.9).is_none());
    }
}
