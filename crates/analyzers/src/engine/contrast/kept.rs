//! A contrast that stays while its attribute is judged round after round: only what an explanation touched is added up again,
//! in the order of all rows, so that the sums are to the bit those of a pass over everything.

use super::{Calendar, Contrast, InBin, LevelSums, NO_BIN, Peers};
use crate::engine::observations::{Attribute, Kind, NONE, Observations};

/// What a contrast is taken of, the same in every round of a search but for the residuals.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    pub observations: &'a Observations,
    pub attribute: &'a Attribute,
    pub residual: &'a [f64],
    /// How far a value may lie from its peers before it counts as that far only.
    pub clip: f64,
    pub calendar: Calendar,
    pub bin_of: &'a [u16],
}

/// Contrast and peers of one attribute.
#[derive(Debug, Default, PartialEq)]
pub struct Kept {
    pub contrast: Contrast,
    pub peers: Peers,
}

/// What is the same for all observations of a cell, side by side in memory.
#[derive(Debug, Clone, Copy)]
struct OfCell {
    level: u32,
    again: bool,
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

impl Kept {
    pub fn new(subject: &Subject<'_>) -> Self {
        let mut kept = Self::default();
        kept.contrast.calendar = subject.calendar;
        kept.add_up(subject, &vec![true; subject.attribute.cells.strata]);
        kept
    }

    /// Adds up again what the strata that `touched` names have a part in.
    pub fn add_up(&mut self, subject: &Subject<'_>, touched: &[bool]) {
        let keys = &subject.attribute.cells.keys;
        let again: Vec<bool> = keys.iter().map(|(stratum, _)| touched[*stratum as usize]).collect();
        self.peers.add_up(subject.observations, subject.attribute, subject.residual, &again);
        let mut levels = vec![false; subject.attribute.names.len()];
        for ((_, level), again) in keys.iter().zip(&again) {
            levels[*level as usize] |= again;
        }
        self.contrast.add_up(subject, &self.peers, &levels);
    }

    /// About how many bytes this takes.
    pub fn size(&self) -> usize {
        self.contrast.levels.len() * size_of::<LevelSums>()
            + self.contrast.bins.len() * size_of::<InBin>()
            + self.peers.mean.len() * 4 * size_of::<f64>()
    }
}

impl Contrast {
    fn add_up(&mut self, subject: &Subject<'_>, peers: &Peers, again: &[bool]) {
        let Subject { observations, attribute, residual, bin_of, .. } = *subject;
        let n_bins = self.calendar.bins;
        self.levels.resize(again.len(), LevelSums::default());
        self.bins.resize(again.len() * n_bins, InBin::default());
        let Self { levels, bins, .. } = self;
        for (level, _) in again.iter().enumerate().filter(|(_, again)| **again) {
            levels[level] = LevelSums { own_history: peers.own_history[level], ..LevelSums::default() };
            bins[level * n_bins..(level + 1) * n_bins].fill(InBin::default());
        }
        let mut open = vec![Open { cluster: NONE, sum: 0.0, weight: 0.0 }; again.len()];
        let cells = &attribute.cells;
        let of_cell: Vec<OfCell> = cells
            .keys
            .iter()
            .zip(peers.share.iter().zip(&peers.mean))
            .map(|((_, level), (share, mean))| OfCell {
                level: *level,
                again: again[*level as usize],
                share: *share,
                mean: *mean,
            })
            .collect();
        let clip = if observations.kind == Kind::Rate { f64::INFINITY } else { subject.clip };
        cells.of.each(|idx, id| {
            if id == NONE {
                return;
            }
            let OfCell { level: level_idx, again, share, mean } = of_cell[id as usize];
            if !again {
                return;
            }
            let level_idx = level_idx as usize;
            let level = &mut levels[level_idx];
            let bin = bin_of[idx];
            let amount = observations.amount[idx];
            level.amount += amount;
            let weight = f64::from(observations.weight[idx]) * share;
            let difference = weight * (residual[idx] - mean).clamp(-clip, clip);
            if bin != NO_BIN {
                let entry = &mut bins[level_idx * n_bins + usize::from(bin).min(n_bins - 1)];
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
        for ((level, entry), _) in levels.iter_mut().zip(open).zip(again).filter(|(_, again)| **again) {
            close(level, entry);
            if level.weight > 0.0 {
                level.peers /= level.weight;
            }
        }
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
