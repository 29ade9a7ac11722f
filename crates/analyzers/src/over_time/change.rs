//! What has changed for good: since when, by how much, with the error of having looked at every figure held.

use domain::{Settings, analysis::EntityRef};

use super::{History, Series, Week, nature, noise};
use crate::{
    engine::words,
    stats::{
        change::{self, Fit, Shape},
        multiplicity::benjamini_hochberg,
    },
};

/// A figure that moved and stayed there.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    pub kpi: String,
    pub scope: Vec<EntityRef>,
    /// First day, with its 95 % interval, as ISO dates.
    pub start: String,
    pub start_low: String,
    pub start_high: String,
    /// Whether it grows week by week rather than having stepped.
    pub growing: bool,
    pub before: f64,
    /// At the end.
    pub now: f64,
    pub worse: bool,
    pub p: f64,
    /// Over all series that were tested.
    pub q: f64,
    pub weeks: usize,
}

/// What a look at all series says.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Changes {
    /// The surest first.
    pub changes: Vec<Change>,
    /// Series tested.
    pub tests: usize,
    /// What was and was not taken out, and what was too short.
    pub notes: Vec<String>,
}

/// Fewer weeks than this show no change that could be dated.
const FEWEST_WEEKS: usize = 16;

/// The last weeks must still stand where the change led.
const LAST_WEEKS: usize = 4;

/// Every lasting change of every series. The threshold of the settings bounds what is worth telling from below.
pub fn sustained(history: &History, settings: &Settings) -> Changes {
    let level = 1.0 - settings.get("confidence_level").clamp(0.5, 0.999);
    let threshold = settings.get("cost_variance_threshold");
    let fewest_units = settings.get("min_sample_size");
    let mut result = Changes::default();
    let seasonal = settings.is_on("seasonal_adjustment");
    let long = history.span().is_some_and(|(first, last)| last - first >= 7 * noise::SEASON_WEEKS);
    if seasonal && !long {
        let said = "The history is shorter than two full years, so a season cannot be told from a change; it was not taken out.";
        result.notes.push(said.to_owned());
    }
    let mut fitted: Vec<(&Series, Judged)> = Vec::new();
    let mut short = 0;
    for series in &history.series {
        let units: f64 = series.weeks.iter().map(|week| f64::from(week.units)).sum();
        if series.weeks.len() < FEWEST_WEEKS || units < fewest_units {
            short += 1;
            continue;
        }
        if let Some(judged) = judge(series, settings, seasonal) {
            fitted.push((series, judged));
        }
    }
    if short > 0 {
        result.notes.push(format!(
            "{short} series have fewer than {FEWEST_WEEKS} weeks or {fewest_units} units of work; they were not tested."
        ));
    }
    let p: Vec<f64> = fitted.iter().map(|one| one.1.p).collect();
    result.tests = p.len();
    let q = benjamini_hochberg(&p, p.len());
    for ((series, judged), q) in fitted.into_iter().zip(q) {
        let (Shape::Step { day, low, high } | Shape::Drift { day, low, high }) = judged.fit.shape else {
            continue;
        };
        let end = series.weeks.last().map_or(day, |week| f64::from(week.monday) + 7.0);
        let (before, moved) = (judged.mean + judged.fit.offset, judged.fit.at(end));
        if q > level || !judged.stays || moved.abs() < threshold * before.abs() {
            continue;
        }
        let (Some(start), Some(start_low), Some(start_high)) =
            (words::iso(day), words::iso(low), words::iso(high))
        else {
            continue;
        };
        result.changes.push(Change {
            kpi: series.kpi.clone(),
            scope: series.scope.clone(),
            start,
            start_low,
            start_high,
            growing: matches!(judged.fit.shape, Shape::Drift { .. }),
            before,
            now: before + moved,
            worse: (moved > 0.0) == nature(&series.kpi).rising_is_worse,
            p: judged.p,
            q,
            weeks: series.weeks.len(),
        });
    }
    result
        .changes
        .sort_by(|a, b| a.p.total_cmp(&b.p).then_with(|| (&a.kpi, &a.scope).cmp(&(&b.kpi, &b.scope))));
    result
}

struct Judged {
    mean: f64,
    fit: Fit,
    p: f64,
    stays: bool,
}

fn judge(series: &Series, settings: &Settings, seasonal: bool) -> Option<Judged> {
    let weeks =
        noise::without_inflation(&series.weeks, nature(&series.kpi), settings.get("inflation_adjustment"));
    let (first, last) = (weeks.first()?.monday, weeks.last()?.monday);
    let first_look = fit(&weeks)?;
    if !seasonal || last - first < 7 * noise::SEASON_WEEKS {
        return Some(first_look);
    }
    // Season and change are told apart by turns: each is estimated with the other taken out.
    let mut judged = first_look;
    for _ in 0..3 {
        let adjusted = noise::without_season(&weeks, Some(&judged.fit), judged.mean);
        judged = fit(&adjusted)?;
    }
    Some(judged)
}

fn fit(weeks: &[Week]) -> Option<Judged> {
    let mean = noise::mean(weeks)?;
    let bins = noise::bins(weeks, mean);
    let count = bins.len() as f64;
    // Around the mean the change itself is scatter. Neighbours know nothing of it, so a first look takes the noise from
    // them; what is told is judged by the noise around the fit, with all that weeks have in common.
    let mut fit = change::best(&bins, noise::between_neighbours(&bins), count)?;
    for _ in 0..2 {
        let (left, _) = noise::noise(&bins, |day| fit.offset + fit.at(day), fit.parameters);
        if left <= 0.0 {
            break;
        }
        fit = change::best(&bins, left, count)?;
    }
    let (left, n) = noise::noise(&bins, |day| fit.offset + fit.at(day), fit.parameters);
    if left <= 0.0 {
        return None;
    }
    let z = (fit.change_gain / left).max(0.0).sqrt();
    let z = z * (n / (n + z * z / 4.0)).sqrt();
    let p = if fit.shape == Shape::Level { 1.0 } else { change::scanned_p(z) };
    let (over, weight) =
        bins[bins.len().saturating_sub(LAST_WEEKS)..].iter().fold((0.0, 0.0), |(sum, weight), bin| {
            (sum + bin.sum - fit.offset * bin.weight, weight + bin.weight)
        });
    let end = bins.last().map_or(0.0, |bin| bin.day);
    let now = fit.at(end);
    let stays = weight > 0.0 && over / weight * now.signum() >= 0.4 * now.abs();
    Some(Judged { mean, fit, p, stays })
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use rand::{Rng, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    /// A figure of mean 1 whose weeks scatter by 5 % and follow each other with correlation `r`.
    pub(crate) fn walk(kpi: &str, seed: u64, weeks: i32, r: f64, mean: impl Fn(i32) -> f64) -> Series {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let mut at = 0.0;
        let weeks = (0..weeks)
            .map(|week| {
                let step: f64 = (0..12).map(|_| rng.random::<f64>()).sum::<f64>() - 6.0;
                at = r * at + (1.0 - r * r).sqrt() * 0.05 * step;
                let under = 50.0 + 50.0 * rng.random::<f64>();
                Week { monday: 18_263 + 7 * week, over: under * (mean(week) + at), under, units: 40 }
            })
            .collect();
        Series { kpi: kpi.to_owned(), scope: Vec::new(), weeks }
    }

    fn changes(series: Vec<Series>) -> Changes {
        sustained(&History { series }, &Settings::default())
    }

    #[test]
    fn a_step_is_dated_and_told_with_its_direction() {
        for (seed, size) in [(1, 1.15), (2, 0.85)] {
            let found =
                changes(vec![walk("lead_time", seed, 60, 0.3, |week| if week >= 40 { size } else { 1.0 })]);
            let [one] = &found.changes[..] else { panic!("{found:?}") };
            let day = |iso: &str| words::iso(f64::from(18_263 + 280)).unwrap().as_str().cmp(iso);
            assert!(one.start_low.as_str() <= one.start.as_str() && one.start <= one.start_high);
            assert!(day(&one.start_low).is_ge() && day(&one.start_high).is_le(), "{one:?}");
            assert_eq!(one.worse, size > 1.0);
            assert!((one.now - size).abs() < 0.04 && (one.before - 1.0).abs() < 0.03, "{one:?}");
        }
    }

    #[test]
    fn what_came_and_went_is_not_sustained() {
        let found =
            changes(vec![walk(
                "lead_time",
                3,
                60,
                0.0,
                |week| if (20..40).contains(&week) { 1.3 } else { 1.0 },
            )]);
        assert!(found.changes.iter().all(|change| change.now < 1.25), "{found:?}");
    }

    /// Of 60 histories of ten quiet series each, one in ten may show something.
    #[test]
    fn quiet_series_stay_quiet_also_where_weeks_follow_each_other() {
        for r in [0.0, 0.5] {
            let noisy = (0..60)
                .filter(|seed| {
                    let series =
                        (0..10).map(|at| walk("lead_time", seed * 10 + at, 60, r, |_| 1.0)).collect();
                    let settings = {
                        let mut settings = Settings::default();
                        settings.set("cost_variance_threshold", "0.001").ok();
                        settings
                    };
                    !sustained(&History { series }, &settings).changes.is_empty()
                })
                .count();
            assert!(noisy <= 9, "{noisy} of 60 with correlation {r}");
        }
    }

    #[test]
    fn a_season_of_three_years_is_no_change_and_hides_none() {
        let season = |week: i32| 0.2 * (f64::from(week) / 52.18 * std::f64::consts::TAU).sin();
        let quiet = changes(vec![walk("lead_time", 5, 156, 0.0, |week| 1.0 + season(week))]);
        assert!(quiet.changes.is_empty() && quiet.notes.is_empty(), "{quiet:?}");
        let step = changes(vec![walk("lead_time", 6, 156, 0.0, |week| {
            1.0 + season(week) + if week >= 110 { 0.2 } else { 0.0 }
        })]);
        let [one] = &step.changes[..] else { panic!("{step:?}") };
        assert!((one.now - one.before - 0.2).abs() < 0.06, "{one:?}");
        let short = changes(vec![walk("lead_time", 7, 60, 0.0, |_| 1.0)]);
        assert!(short.notes[0].contains("two full years"), "{short:?}");
    }

    #[test]
    fn what_prices_rise_by_everywhere_is_no_change() {
        let rise = |per_year: f64| move |week: i32| (1.0 + per_year).powf(f64::from(week) * 7.0 / 365.0);
        let mut settings = Settings::default();
        settings.set("inflation_adjustment", "0.2").unwrap();
        let history = History { series: vec![walk("material_unit_price", 8, 100, 0.0, rise(0.2))] };
        assert!(sustained(&history, &settings).changes.is_empty());
        settings.set("inflation_adjustment", "0").unwrap();
        let found = sustained(&history, &settings);
        assert!(found.changes[0].growing && found.changes[0].worse, "{found:?}");
    }
}
