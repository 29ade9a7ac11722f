//! Over time: what key figures were in earlier uploads, what has changed for good and since when, and how two analyses differ.
//!
//! Everything here works on [`History`]: weekly sums by key figure and entity, small enough to be kept with an analysis and
//! joined with those of later uploads. Pure: who keeps a history, and where, is not known here.

pub mod baseline;
pub mod change;
pub mod comparison;
mod gather;
mod noise;

use domain::analysis::EntityRef;

pub use baseline::{Against, against_baseline};
pub use change::{Change, Changes, sustained};
pub use comparison::{Comparison, Fate, Fated, KpiDifference, compare};

use crate::engine::plant::Plant;

/// The sums of one week. A figure of any span is the sum of `over` divided by the sum of `under`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Week {
    /// Its Monday, as days since 1970-01-01.
    pub monday: i32,
    pub over: f64,
    pub under: f64,
    /// Orders, lines or operations behind it.
    pub units: u32,
}

/// One key figure of one entity (or of the plant, with an empty scope), week by week.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    pub kpi: String,
    pub scope: Vec<EntityRef>,
    /// In order of time; weeks without work are left out.
    pub weeks: Vec<Week>,
}

/// What is known of a key figure beyond its sums.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Nature {
    pub rising_is_worse: bool,
    /// A plain price: it rises everywhere with inflation.
    pub price: bool,
}

/// The key figures that a history follows.
pub const FOLLOWED: &[(&str, Nature)] = &[
    ("cost_ratio", WORSE),
    ("energy_per_hour", WORSE),
    ("labor_efficiency", BETTER),
    ("labor_rate_ratio", WORSE),
    ("lead_time", WORSE),
    ("material_price_ratio", WORSE),
    ("material_unit_price", Nature { rising_is_worse: true, price: true }),
    ("material_usage_ratio", WORSE),
    ("on_time_delivery", BETTER),
    ("rework_ratio", WORSE),
    ("scrap_ratio", WORSE),
    ("setup_efficiency", BETTER),
];

const WORSE: Nature = Nature { rising_is_worse: true, price: false };
const BETTER: Nature = Nature { rising_is_worse: false, price: false };

/// What is known of a key figure; one that is not followed counts as worse when it rises.
pub fn nature(kpi: &str) -> Nature {
    FOLLOWED.iter().find(|(name, _)| *name == kpi).map_or(WORSE, |(_, nature)| *nature)
}

/// Weekly sums of every followed key figure, of the plant and of its entities.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct History {
    /// By key figure, then scope.
    pub series: Vec<Series>,
}

impl History {
    /// The history that the tables of one analysis hold.
    pub fn of(plant: &Plant) -> Self {
        gather::history(plant)
    }

    /// This history continued by that of a later upload. Where both know a week, the later one counts, since it holds the
    /// corrected and late rows; only at its own edges, where it may hold half a week, the fuller of both does.
    #[must_use]
    pub fn continued(&self, later: &Self) -> Self {
        let mut series: Vec<Series> = Vec::with_capacity(self.series.len().max(later.series.len()));
        let edges = later.span();
        for old in &self.series {
            let new = later.find(&old.kpi, &old.scope);
            series.push(Series { weeks: continued(&old.weeks, new, edges), ..old.clone() });
        }
        let unknown = later.series.iter().filter(|new| self.find(&new.kpi, &new.scope).is_none());
        series.extend(unknown.cloned());
        series.sort_by(|a, b| (&a.kpi, &a.scope).cmp(&(&b.kpi, &b.scope)));
        Self { series }
    }

    pub fn find(&self, kpi: &str, scope: &[EntityRef]) -> Option<&Series> {
        self.series.iter().find(|series| series.kpi == kpi && series.scope == scope)
    }

    /// First and last Monday of any series.
    pub fn span(&self) -> Option<(i32, i32)> {
        let mondays = || self.series.iter().flat_map(|series| series.weeks.iter().map(|week| week.monday));
        Some((mondays().min()?, mondays().max()?))
    }
}

fn continued(old: &[Week], new: Option<&Series>, edges: Option<(i32, i32)>) -> Vec<Week> {
    let Some((first, last)) = edges else { return old.to_vec() };
    let new = new.map_or(&[][..], |series| &series.weeks);
    let mut weeks: Vec<Week> =
        old.iter().filter(|week| week.monday < first || week.monday > last).copied().collect();
    for week in new {
        let edge = week.monday == first || week.monday == last;
        let fuller = old.iter().find(|other| edge && other.monday == week.monday && other.units > week.units);
        weeks.push(*fuller.unwrap_or(week));
    }
    // A week at the edge that only the earlier upload knows stays.
    let kept = old.iter().filter(|week| {
        (week.monday == first || week.monday == last) && !new.iter().any(|other| other.monday == week.monday)
    });
    weeks.extend(kept.copied());
    weeks.sort_by_key(|week| week.monday);
    weeks
}

impl Series {
    /// The figure over weeks whose Monday lies in `from..to`; `None` where nothing was worked.
    pub fn value(&self, from: i32, to: i32) -> Option<f64> {
        let (over, under) = self
            .weeks
            .iter()
            .filter(|week| (from..to).contains(&week.monday))
            .fold((0.0, 0.0), |(over, under), week| (over + week.over, under + week.under));
        (under > 0.0).then_some(over / under)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series(weeks: &[(i32, f64, u32)]) -> History {
        let weeks = weeks
            .iter()
            .map(|(monday, over, units)| Week { monday: *monday, over: *over, under: 1.0, units: *units })
            .collect();
        History { series: vec![Series { kpi: "scrap_ratio".to_owned(), scope: Vec::new(), weeks }] }
    }

    #[test]
    fn a_later_upload_corrects_the_weeks_it_holds() {
        let first = series(&[(0, 1.0, 9), (7, 1.0, 9), (14, 1.0, 9), (21, 1.0, 9)]);
        // It begins in the middle of week 7, corrects week 14, has no work in 21, and goes on to 28.
        let later = series(&[(7, 5.0, 2), (14, 2.0, 8), (28, 3.0, 9)]);
        let joined = first.continued(&later);
        let said: Vec<(i32, f64)> =
            joined.series[0].weeks.iter().map(|week| (week.monday, week.over)).collect();
        assert_eq!(said, [(0, 1.0), (7, 1.0), (14, 2.0), (28, 3.0)]);
        assert_eq!(first.continued(&History::default()), first);
        assert_eq!(History::default().continued(&first), first);
    }
}
