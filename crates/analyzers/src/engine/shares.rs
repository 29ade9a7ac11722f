//! What a list of records is made of, and whether its make-up changed: reasons of stoppages, kinds of defects.

use super::{frame::Frame, observations::NONE, tallies::Tally};
use crate::stats::{
    change::{self, Bin, Shape},
    multiplicity::benjamini_hochberg,
};

/// Records with a kind, a day, and how much each counts.
#[derive(Debug, Default)]
pub struct Records {
    pub kind: Vec<u32>,
    pub names: Vec<String>,
    pub day: Vec<f64>,
    pub amount: Vec<f64>,
    /// How many records each entry stands for.
    pub count: Vec<f64>,
    /// Row of the frame, or of the file where records were counted.
    pub row: Vec<u32>,
}

/// A kind whose share of all records rose.
#[derive(Debug, Clone)]
pub struct Shift {
    pub kind: usize,
    pub day: f64,
    pub day_low: f64,
    pub day_high: f64,
    /// Share of records before and after.
    pub before: f64,
    pub after: f64,
    /// Records of the kind after the day, and all records.
    pub own: f64,
    pub all: f64,
    pub p: f64,
    pub q: f64,
    pub tests: usize,
}

impl Records {
    /// Gathers rows of a frame; `amount` of a row that is no record is `None`.
    pub fn of(frame: &Frame, field: &str, day: &str, amount: impl Fn(usize) -> Option<f64>) -> Self {
        let Some(words) = frame.words(field) else { return Self::default() };
        let days = frame.days(day);
        let mut records = Self { names: words.names.clone(), ..Self::default() };
        for row in 0..frame.len {
            if let Some(amount) = amount(row).filter(|amount| *amount > 0.0) {
                records.kind.push(words.code(row));
                records.day.push(days.map_or(f64::NAN, |days| days[row]));
                records.amount.push(amount);
                records.count.push(1.0);
                records.row.push(row as u32);
            }
        }
        records
    }

    /// Counted records, in their order.
    pub fn counted<'t>(tallies: impl Iterator<Item = &'t Tally> + Clone) -> Self {
        let mut names: Vec<String> = tallies.clone().filter_map(|tally| tally.kind.clone()).collect();
        names.sort_unstable();
        names.dedup();
        let mut records = Self::default();
        for tally in tallies {
            let kind = tally.kind.as_ref().and_then(|kind| names.binary_search(kind).ok());
            records.kind.push(kind.map_or(NONE, |kind| kind as u32));
            records.day.push(tally.day);
            records.amount.push(tally.pieces);
            records.count.push(tally.records);
            records.row.push(tally.row);
        }
        records.names = names;
        records
    }

    /// Amount of all records.
    pub fn total(&self) -> f64 {
        self.amount.iter().sum()
    }

    /// Kinds with their amount and number, largest first; records without a kind last, as `None`.
    pub fn pareto(&self) -> Vec<(Option<usize>, f64, f64)> {
        let mut sums = vec![(0.0, 0.0); self.names.len() + 1];
        for ((kind, amount), count) in self.kind.iter().zip(&self.amount).zip(&self.count) {
            let sum = &mut sums[if *kind == NONE { self.names.len() } else { *kind as usize }];
            sum.0 += amount;
            sum.1 += count;
        }
        let mut kinds: Vec<(Option<usize>, f64, f64)> = sums
            .into_iter()
            .enumerate()
            .filter(|(_, sum)| sum.1 > 0.0)
            .map(|(kind, (amount, n))| ((kind < self.names.len()).then_some(kind), amount, n))
            .collect();
        kinds.sort_by(|a, b| a.0.is_none().cmp(&b.0.is_none()).then(b.1.total_cmp(&a.1)).then(a.0.cmp(&b.0)));
        kinds
    }

    /// Kinds whose share of records rose on a day, by at least half and five points; q over all kinds. A share does not move
    /// when everything grows with the volume of work.
    pub fn shifts(&self, fewest: usize) -> Vec<Shift> {
        let dated: Vec<usize> =
            (0..self.kind.len()).filter(|at| self.day[*at].is_finite() && self.kind[*at] != NONE).collect();
        let (first, last) = dated.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), at| {
            (low.min(self.day[*at]), high.max(self.day[*at]))
        });
        let n: f64 = dated.iter().map(|at| self.count[*at]).sum();
        if n < 40.0 || last - first < 28.0 {
            return Vec::new();
        }
        let n_bins = (((last - first) / 7.0).floor() as usize + 1).min(800);
        let bin = |day: f64| (((day - first) / 7.0) as usize).min(n_bins - 1);
        let mut all = vec![0.0; n_bins];
        let mut own = vec![vec![0.0; n_bins]; self.names.len()];
        for at in &dated {
            all[bin(self.day[*at])] += self.count[*at];
            own[self.kind[*at] as usize][bin(self.day[*at])] += self.count[*at];
        }
        let mut shifts = Vec::new();
        let mut p = Vec::new();
        for (kind, counts) in own.iter().enumerate() {
            let count: f64 = counts.iter().sum();
            if count < fewest as f64 || count > 0.95 * n {
                continue;
            }
            let share = count / n;
            let bins: Vec<Bin> = (0..n_bins)
                .map(|at| Bin {
                    day: first + (at as f64 + 0.5) * 7.0,
                    weight: all[at],
                    sum: counts[at] - share * all[at],
                })
                .collect();
            // Records of one kind come in clusters: at least as much scatter as the weeks themselves show.
            let scatter: f64 = bins
                .iter()
                .filter(|bin| bin.weight > 0.0)
                .map(|bin| bin.sum * bin.sum / (bin.weight * share * (1.0 - share)))
                .sum::<f64>()
                / n_bins as f64;
            let noise = share * (1.0 - share) * scatter.clamp(1.0, 3.0);
            let fit = change::best(&bins, noise, n);
            let Some(fit) = fit else { continue };
            let (Shape::Step { day, low, high } | Shape::Drift { day, low, high }) = fit.shape else {
                p.push(1.0);
                continue;
            };
            let sums = |after: bool| {
                (0..n_bins)
                    .filter(|at| (bins[*at].day >= day) == after)
                    .fold((0.0, 0.0), |(own, of), at| (own + counts[at], of + all[at]))
            };
            let ((own_before, all_before), (own_after, all_after)) = (sums(false), sums(true));
            let (before, after) =
                (own_before / f64::max(all_before, 1.0), own_after / f64::max(all_after, 1.0));
            let own_p = change::scanned_p((fit.change_gain / noise).max(0.0).sqrt());
            p.push(own_p);
            if after - before >= 0.05 && after >= 1.5 * before {
                shifts.push((
                    p.len() - 1,
                    Shift {
                        kind,
                        day,
                        day_low: low,
                        day_high: high,
                        before,
                        after,
                        own: own_after,
                        all: n,
                        p: own_p,
                        q: 1.0,
                        tests: 0,
                    },
                ));
            }
        }
        let q = benjamini_hochberg(&p, p.len());
        shifts.into_iter().map(|(test, shift)| Shift { q: q[test], tests: p.len(), ..shift }).collect()
    }
}
