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
    /// [`NONE`] where the observations do not count.
    level: u32,
    share: f64,
    mean: f64,
}

/// The sums of a level that is being added up, with its cluster: clusters stand together.
#[derive(Debug, Clone, Copy)]
struct Open {
    cluster: u32,
    in_cluster: f64,
    weight: f64,
    sum: f64,
    ss: f64,
    sw: f64,
}

impl Kept {
    pub fn new(subject: &Subject<'_>) -> Self {
        let peers = Peers::new(subject.observations, subject.attribute, subject.residual);
        let mut contrast = Contrast::weighed(subject, &peers);
        contrast.add_up(subject, &peers, &vec![true; contrast.levels.len()]);
        Self { contrast, peers }
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
            + self.contrast.bins.len() * (size_of::<InBin>() + size_of::<f64>())
            + self.peers.mean.len() * 4 * size_of::<f64>()
    }
}

impl Contrast {
    /// All that does not depend on the residuals: it is the same in every round.
    fn weighed(subject: &Subject<'_>, peers: &Peers) -> Self {
        let Subject { observations, attribute, calendar, bin_of, .. } = *subject;
        let mut levels: Vec<LevelSums> = peers
            .own_history
            .iter()
            .map(|own_history| LevelSums { own_history: *own_history, ..LevelSums::default() })
            .collect();
        let mut bins = vec![InBin::default(); levels.len() * calendar.bins];
        let mut open = vec![(NONE, 0.0); levels.len()];
        let cells = &attribute.cells;
        cells.of.each(|idx, id| {
            let Some((_, level_idx)) = cells.keys.get(id as usize) else { return };
            let level_idx = *level_idx as usize;
            let share = peers.share[id as usize];
            let level = &mut levels[level_idx];
            let amount = observations.amount[idx];
            let weight = f64::from(observations.weight[idx]) * share;
            level.amount += amount;
            if bin_of[idx] != NO_BIN {
                let entry = &mut bins[level_idx * calendar.bins + calendar.of(bin_of[idx])];
                entry.amount += amount;
                entry.weight += weight;
            }
            if share <= 0.0 {
                return;
            }
            level.observations += 1;
            level.weight += weight;
            level.own += weight * share;
            let (cluster, in_cluster) = &mut open[level_idx];
            if *cluster != observations.cluster[idx] {
                close(level, *cluster, *in_cluster);
                (*cluster, *in_cluster) = (observations.cluster[idx], 0.0);
            }
            *in_cluster += weight;
        });
        for (level, (cluster, in_cluster)) in levels.iter_mut().zip(open) {
            close(level, cluster, in_cluster);
        }
        let sums = vec![0.0; bins.len()];
        Self { levels, bins, sums, calendar }
    }

    /// Sums of what differs, for the levels that `again` names.
    fn add_up(&mut self, subject: &Subject<'_>, peers: &Peers, again: &[bool]) {
        let Subject { observations, attribute, residual, bin_of, .. } = *subject;
        let Self { levels, sums, calendar, .. } = self;
        let n_bins = calendar.bins;
        for (level, _) in again.iter().enumerate().filter(|(_, again)| **again) {
            sums[level * n_bins..(level + 1) * n_bins].fill(0.0);
        }
        let cells = &attribute.cells;
        let of_cell: Vec<OfCell> = cells
            .keys
            .iter()
            .zip(peers.share.iter().zip(&peers.mean))
            .map(|((_, level), (share, mean))| {
                let counts = again[*level as usize] && *share > 0.0;
                OfCell { level: if counts { *level } else { NONE }, share: *share, mean: *mean }
            })
            .collect();
        let nothing = Open { cluster: NONE, in_cluster: 0.0, weight: 0.0, sum: 0.0, ss: 0.0, sw: 0.0 };
        let mut open = vec![nothing; again.len()];
        let clip = if observations.kind == Kind::Rate { f64::INFINITY } else { subject.clip };
        cells.of.each(|idx, id| {
            let Some(OfCell { level, share, mean }) = of_cell.get(id as usize).copied() else { return };
            if level == NONE {
                return;
            }
            let level = level as usize;
            let weight = f64::from(observations.weight[idx]) * share;
            let difference = weight * (residual[idx] - mean).clamp(-clip, clip);
            if bin_of[idx] != NO_BIN {
                sums[level * n_bins + calendar.of(bin_of[idx])] += difference;
            }
            let entry = &mut open[level];
            if entry.cluster != observations.cluster[idx] {
                entry.close();
                entry.cluster = observations.cluster[idx];
            }
            entry.sum += difference;
            entry.in_cluster += difference;
            entry.weight += weight;
        });
        let means = peers.of_levels(attribute);
        for (level, mut entry) in open.into_iter().enumerate().filter(|(level, _)| again[*level]) {
            entry.close();
            let Open { sum, ss, sw, .. } = entry;
            levels[level] = LevelSums { sum, ss, sw, peers: means[level], ..levels[level].clone() };
        }
    }
}

/// What belongs to no cluster is no unit to judge by.
fn close(level: &mut LevelSums, cluster: u32, weight: f64) {
    if cluster != NONE {
        level.clusters += 1;
        level.ww += weight * weight;
    }
}

impl Open {
    fn close(&mut self) {
        if self.cluster != NONE {
            self.ss += self.in_cluster * self.in_cluster;
            self.sw += self.in_cluster * self.weight;
        }
        (self.in_cluster, self.weight) = (0.0, 0.0);
    }
}
