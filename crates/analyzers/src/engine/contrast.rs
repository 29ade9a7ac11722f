//! One pass over the observations: how every level of an attribute differs from its peers, over time.

use super::observations::{Attribute, Kind, NONE, Observations};
use crate::stats::change::Bin;

/// The bin of what has no date.
pub const NO_BIN: u16 = u16::MAX;

/// How time is cut into bins.
#[derive(Debug, Clone, Copy)]
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

    pub fn middle(self, bin: usize) -> f64 {
        self.first + (bin as f64 + 0.5) * self.width
    }
}

/// What one pass knows of one level.
#[derive(Debug, Clone, Default)]
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

/// The comparison of each cell: the mean of its peers, and the share of its weight that counts.
#[derive(Debug)]
pub struct Peers {
    pub mean: Vec<f64>,
    pub share: Vec<f64>,
    /// By level.
    pub own_history: Vec<bool>,
}

impl Peers {
    /// Peers are all observations of the stratum with another level.
    pub fn new(observations: &Observations, attribute: &Attribute, residual: &[f64]) -> Self {
        let cells = &attribute.cells;
        let mut cell = vec![(0.0, 0.0); cells.keys.len()];
        let mut stratum = vec![(0.0, 0.0); cells.strata];
        cells.of.each(|idx, id| {
            if id != NONE {
                let weight = f64::from(observations.weight[idx]);
                let entry = &mut cell[id as usize];
                entry.0 += weight;
                entry.1 += weight * residual[idx];
            }
        });
        for ((stratum_id, _), (weight, sum)) in cells.keys.iter().zip(&cell) {
            let entry = &mut stratum[*stratum_id as usize];
            entry.0 += weight;
            entry.1 += sum;
        }
        let levels = attribute.names.len();
        let (mut all, mut with_peers) = (vec![0.0; levels], vec![0.0; levels]);
        for ((stratum_id, level), (weight, _)) in cells.keys.iter().zip(&cell) {
            all[*level as usize] += weight;
            if stratum[*stratum_id as usize].0 - weight > 1e-9 * weight.max(1e-12) {
                with_peers[*level as usize] += weight;
            }
        }
        let own_history: Vec<bool> =
            (0..levels).map(|level| attribute.own_history || with_peers[level] < 0.5 * all[level]).collect();
        let (mut mean, mut share) = (vec![0.0; cell.len()], vec![0.0; cell.len()]);
        for (id, (stratum_id, level)) in cells.keys.iter().enumerate() {
            let (weight, sum) = cell[id];
            let (all_weight, all_sum) = stratum[*stratum_id as usize];
            let rest = all_weight - weight;
            if own_history[*level as usize] {
                mean[id] = if weight > 0.0 { sum / weight } else { 0.0 };
                share[id] = 1.0;
            } else if rest > 1e-9 * weight.max(1e-12) {
                mean[id] = (all_sum - sum) / rest;
                share[id] = rest / all_weight;
            }
        }
        Self { mean, share, own_history }
    }
}

/// Sums per level and bins per level, of one attribute.
#[derive(Debug)]
pub struct Contrast {
    pub levels: Vec<LevelSums>,
    /// `levels x calendar.bins`, row by row.
    bins: Vec<InBin>,
    calendar: Calendar,
}

/// What a level has in one bin.
#[derive(Debug, Clone, Copy, Default)]
struct InBin {
    weight: f64,
    sum: f64,
    amount: f64,
}

/// What is the same for all observations of a cell, side by side in memory.
#[derive(Debug, Clone, Copy)]
struct OfCell {
    level: usize,
    share: f64,
    mean: f64,
}

/// The cluster of a level that is being added up: clusters stand together.
#[derive(Debug, Clone, Copy)]
struct Open {
    cluster: u32,
    sum: f64,
    weight: f64,
}

impl Contrast {
    pub fn new(
        observations: &Observations,
        attribute: &Attribute,
        residual: &[f64],
        clip: f64,
        (calendar, bin_of): (Calendar, &[u16]),
    ) -> Self {
        let cells = &attribute.cells;
        let peers = Peers::new(observations, attribute, residual);
        let n_levels = attribute.names.len();
        let mut levels = vec![LevelSums::default(); n_levels];
        for (level, own_history) in levels.iter_mut().zip(&peers.own_history) {
            level.own_history = *own_history;
        }
        let mut bins = vec![InBin::default(); n_levels * calendar.bins];
        let mut open = vec![Open { cluster: NONE, sum: 0.0, weight: 0.0 }; n_levels];
        let of_cell: Vec<OfCell> = cells
            .keys
            .iter()
            .zip(peers.share.iter().zip(&peers.mean))
            .map(|((_, level), (share, mean))| OfCell { level: *level as usize, share: *share, mean: *mean })
            .collect();
        let clip = if observations.kind == Kind::Rate { f64::INFINITY } else { clip };
        cells.of.each(|idx, id| {
            if id == NONE {
                return;
            }
            let OfCell { level: level_idx, share, mean } = of_cell[id as usize];
            let level = &mut levels[level_idx];
            let bin = bin_of[idx];
            let amount = observations.amount[idx];
            level.amount += amount;
            let weight = f64::from(observations.weight[idx]) * share;
            let difference = weight * (residual[idx] - mean).clamp(-clip, clip);
            if bin != NO_BIN {
                let entry = &mut bins[level_idx * calendar.bins + usize::from(bin)];
                entry.amount += amount;
                if share > 0.0 {
                    entry.weight += weight;
                    entry.sum += difference;
                }
            }
            if share <= 0.0 {
                return;
            }
            level.observations += 1;
            level.weight += weight;
            level.own += weight * share;
            level.sum += difference;
            level.peers += weight * mean;
            let entry = &mut open[level_idx];
            if entry.cluster != observations.cluster[idx] {
                close(level, *entry);
                *entry = Open { cluster: observations.cluster[idx], sum: 0.0, weight: 0.0 };
            }
            entry.sum += difference;
            entry.weight += weight;
        });
        for (level, entry) in levels.iter_mut().zip(open) {
            close(level, entry);
            if level.weight > 0.0 {
                level.peers /= level.weight;
            }
        }
        Self { levels, bins, calendar }
    }

    pub fn bins(&self, level: usize) -> Vec<Bin> {
        self.row(level)
            .iter()
            .enumerate()
            .map(|(bin, of)| Bin { day: self.calendar.middle(bin), weight: of.weight, sum: of.sum })
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

fn close(level: &mut LevelSums, Open { cluster, sum, weight }: Open) {
    if cluster != NONE {
        level.clusters += 1;
        level.ss += sum * sum;
        level.sw += sum * weight;
        level.ww += weight * weight;
    }
}
