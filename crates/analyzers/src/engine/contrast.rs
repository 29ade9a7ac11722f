//! How every level of an attribute differs from its peers, over time.

mod kept;
mod peers;

pub use self::{
    kept::{Kept, Subject},
    peers::Peers,
};
use crate::stats::change::Bin;

/// The bin of what has no date.
pub const NO_BIN: u16 = u16::MAX;

/// How time is cut into bins.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Calendar {
    pub first: f64,
    pub width: f64,
    pub bins: usize,
}

impl Calendar {
    /// Bins of about a day, but no more than the memory of `levels` levels allows.
    pub fn new(days: &[f64], levels: usize) -> Self {
        let (first, last) = days
            .iter()
            .filter(|day| day.is_finite())
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), day| (low.min(*day), high.max(*day)));
        if first > last {
            return Self { first: 0.0, width: 1.0, bins: 1 };
        }
        let most = (4_000_000 / levels.max(1)).clamp(24, 800) as f64;
        let span = last.floor() - first.floor() + 1.0;
        let width = (span / most).ceil().max(1.0);
        Self { first: first.floor(), width, bins: (span / width).ceil().max(1.0) as usize }
    }

    /// The bin of each day, or [`NO_BIN`]: every pass over the observations needs it again.
    pub fn bins_of(self, days: &[f64]) -> Vec<u16> {
        let last = u16::try_from(self.bins - 1).unwrap_or(NO_BIN - 1);
        days.iter()
            .map(
                |day| {
                    if day.is_finite() {
                        (((day - self.first) / self.width) as u16).min(last)
                    } else {
                        NO_BIN
                    }
                },
            )
            .collect()
    }

    /// The whole time as one bin, for what is not looked at over time: bins of thousands of levels fit into no cache.
    #[must_use]
    pub fn undivided(self) -> Self {
        Self { width: self.width * self.bins as f64, bins: 1, ..self }
    }

    /// Where a bin of [`Calendar::bins_of`] lies, in a calendar that may be undivided.
    fn of(self, bin: u16) -> usize {
        usize::from(bin).min(self.bins - 1)
    }

    pub fn middle(self, bin: usize) -> f64 {
        self.first + (bin as f64 + 0.5) * self.width
    }
}

/// What one pass knows of one level.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct LevelSums {
    pub clusters: u32,
    pub observations: u32,
    /// Sum of weights after peers are accounted for, and the weighted sum of differences.
    pub weight: f64,
    pub sum: f64,
    /// Sum of weight x squared peer share.
    pub(crate) own: f64,
    /// Sums over clusters of s², s w, w².
    pub(crate) ss: f64,
    pub(crate) sw: f64,
    pub(crate) ww: f64,
    /// Weighted mean of the peers.
    pub peers: f64,
    pub amount: f64,
    /// Compared with its own past, for want of peers.
    pub own_history: bool,
}

impl LevelSums {
    pub fn mean(&self) -> f64 {
        if self.weight > 0.0 { self.sum / self.weight } else { 0.0 }
    }

    /// Variance of one unit of weight, by clusters around the level's mean.
    pub fn noise(&self) -> f64 {
        if self.own <= 0.0 || self.clusters < 2 {
            return 0.0;
        }
        let mean = self.mean();
        let n = f64::from(self.clusters);
        ((self.ss - 2.0 * mean * self.sw + mean * mean * self.ww) / self.own * n / (n - 1.0)).max(0.0)
    }
}

/// Sums per level and bins per level, of one attribute.
#[derive(Debug, Default, PartialEq)]
pub struct Contrast {
    pub levels: Vec<LevelSums>,
    /// `levels x calendar.bins`, row by row.
    bins: Vec<InBin>,
    /// Sums of what differs, in the same places.
    sums: Vec<f64>,
    calendar: Calendar,
}

/// What a level has in one bin, whatever the residuals are.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct InBin {
    weight: f64,
    amount: f64,
}

impl Contrast {
    pub fn bins(&self, level: usize) -> Vec<Bin> {
        let from = level * self.calendar.bins;
        self.row(level)
            .iter()
            .zip(&self.sums[from..])
            .enumerate()
            .map(|(bin, (of, sum))| Bin { day: self.calendar.middle(bin), weight: of.weight, sum: *sum })
            .collect()
    }

    /// The amount at stake in each bin: middle of the bin, amount.
    pub fn amounts(&self, level: usize) -> impl Iterator<Item = (f64, f64)> + '_ {
        self.row(level).iter().enumerate().map(|(bin, of)| (self.calendar.middle(bin), of.amount))
    }

    fn row(&self, level: usize) -> &[InBin] {
        &self.bins[level * self.calendar.bins..(level + 1) * self.calendar.bins]
    }
}
