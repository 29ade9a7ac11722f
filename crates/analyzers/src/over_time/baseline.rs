//! A period against the one before it: every key figure and entity, and whether it moved more than it does by itself.

use domain::{
    Settings,
    analysis::{EntityRef, Period},
};

use super::{History, Week, nature, noise};
use crate::{
    engine::words,
    stats::{
        distribution::{t_p, t_reach},
        multiplicity::benjamini_hochberg,
    },
};

/// One figure of one entity in the tested period, against its baseline.
#[derive(Debug, Clone, PartialEq)]
pub struct Against {
    pub kpi: String,
    pub scope: Vec<EntityRef>,
    /// Before the tested period, which is no part of it.
    pub baseline: f64,
    /// What the plant's yearly improvement (setting `continuous_improvement_factor`) makes of the baseline by then.
    pub expected: f64,
    pub value: f64,
    /// Value less baseline, with the interval of the settings' confidence.
    pub difference: f64,
    pub low: f64,
    pub high: f64,
    pub worse: bool,
    pub p: f64,
    pub q: f64,
    /// Whether it is more than noise, over all figures that were compared.
    pub beyond_noise: bool,
    pub baseline_weeks: usize,
    pub weeks: usize,
}

/// A baseline of fewer weeks knows too little of how a figure moves.
const FEWEST_WEEKS: usize = 8;

/// Every figure of `tested` against the weeks before it: those that the settings look back at, at least eight. Weeks that are
/// only partly in the period are left out on both sides.
pub fn against_baseline(history: &History, tested: &Period, settings: &Settings) -> Vec<Against> {
    let (Some(start), Some(end)) = (words::day(&tested.start), words::day(&tested.end)) else {
        return Vec::new();
    };
    let lookback = settings.get("baseline_lookback_days").max(7.0 * FEWEST_WEEKS as f64);
    let confidence = settings.get("confidence_level").clamp(0.5, 0.999);
    let inflation = settings.get("inflation_adjustment");
    let improvement = settings.get("continuous_improvement_factor");
    let mut all = Vec::new();
    for series in &history.series {
        let nature = nature(&series.kpi);
        let weeks = noise::without_inflation(&series.weeks, nature, inflation);
        let within = |from: f64, to: f64| -> Vec<Week> {
            weeks
                .iter()
                .filter(|week| f64::from(week.monday) >= from && f64::from(week.monday) + 7.0 <= to)
                .copied()
                .collect()
        };
        let (before, now) = (within(start - lookback, start), within(start, end + 1.0));
        let Some(difference) = difference(&before, &now) else { continue };
        let reach = t_reach(confidence, difference.df) * difference.error;
        let years = (f64::midpoint(start, end) - (start - lookback / 2.0)) / 365.25;
        let per_year = if nature.rising_is_worse { 1.0 - improvement } else { 1.0 + improvement };
        all.push(Against {
            kpi: series.kpi.clone(),
            scope: series.scope.clone(),
            baseline: difference.before,
            expected: difference.before * per_year.powf(years),
            value: difference.now,
            difference: difference.now - difference.before,
            low: difference.now - difference.before - reach,
            high: difference.now - difference.before + reach,
            worse: (difference.now > difference.before) == nature.rising_is_worse,
            p: difference.p(),
            q: 1.0,
            beyond_noise: false,
            baseline_weeks: before.len(),
            weeks: now.len(),
        });
    }
    let p: Vec<f64> = all.iter().map(|one| one.p).collect();
    for (one, q) in all.iter_mut().zip(benjamini_hochberg(&p, p.len())) {
        one.q = q;
        one.beyond_noise = q <= 1.0 - confidence;
    }
    all
}

/// Two spans of one figure.
pub(super) struct Difference {
    pub(super) before: f64,
    pub(super) now: f64,
    pub(super) error: f64,
    pub(super) df: f64,
}

impl Difference {
    pub(super) fn p(&self) -> f64 {
        if self.error > 0.0 { t_p((self.now - self.before) / self.error, self.df) } else { 1.0 }
    }
}

/// `None` where the earlier span has fewer than eight weeks or the later one none.
pub(super) fn difference(before: &[Week], now: &[Week]) -> Option<Difference> {
    if before.len() < FEWEST_WEEKS {
        return None;
    }
    let (was, is) = (noise::mean(before)?, noise::mean(now)?);
    // How weeks scatter is known from both spans, each around its own mean.
    let (mut bins, later) = (noise::bins(before, was), noise::bins(now, is));
    bins.extend(later);
    let (spread, n) = noise::noise(&bins, |_| 0.0, 2.0);
    let under = |weeks: &[Week]| weeks.iter().map(|week| week.under).sum::<f64>();
    let error = (spread * (1.0 / under(before) + 1.0 / under(now))).sqrt();
    Some(Difference { before: was, now: is, error, df: (n - 2.0).max(1.0) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::over_time::change::tests::walk;

    fn tested(weeks: i32) -> Period {
        let day = |at: i32| words::iso(f64::from(at)).unwrap();
        Period { start: day(18_263 + 7 * 52), end: day(18_263 + 7 * (52 + weeks) - 1) }
    }

    #[test]
    fn the_tested_period_is_no_part_of_its_own_baseline() {
        let history = History {
            series: vec![walk("scrap_ratio", 1, 60, 0.0, |week| if week >= 52 { 2.0 } else { 1.0 })],
        };
        let [one] = &against_baseline(&history, &tested(8), &Settings::default())[..] else { panic!() };
        assert!((one.baseline - 1.0).abs() < 0.06 && (one.value - 2.0).abs() < 0.06, "{one:?}");
        assert!(one.beyond_noise && one.worse && one.low < 1.0 && one.high > 1.0, "{one:?}");
        assert!(one.expected < one.baseline, "an improving plant expects less scrap");
        assert_eq!((one.baseline_weeks, one.weeks), (8, 8));
    }

    #[test]
    fn quiet_periods_are_within_noise() {
        let noisy = (0..50)
            .filter(|seed| {
                let series = (0..10).map(|at| walk("lead_time", seed * 10 + at, 60, 0.3, |_| 1.0)).collect();
                let all = against_baseline(&History { series }, &tested(8), &Settings::default());
                assert_eq!(all.len(), 10);
                all.iter().any(|one| one.beyond_noise)
            })
            .count();
        assert!(noisy <= 10, "{noisy} of 50");
    }

    #[test]
    fn no_baseline_no_comparison() {
        let history = History { series: vec![walk("lead_time", 1, 8, 0.0, |_| 1.0)] };
        assert!(against_baseline(&history, &tested(8), &Settings::default()).is_empty());
    }
}
