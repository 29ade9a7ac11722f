//! With whom the levels of an attribute are compared.

use crate::engine::observations::{Attribute, NONE, Observations};

/// The comparison of each cell: the mean of its peers, and the share of its weight that counts.
#[derive(Debug, Default, PartialEq)]
pub struct Peers {
    pub mean: Vec<f64>,
    pub share: Vec<f64>,
    /// By level.
    pub own_history: Vec<bool>,
    /// Weight and weighted sum of each cell.
    cells: Vec<(f64, f64)>,
}

impl Peers {
    /// Peers are all observations of the stratum with another level.
    pub fn new(observations: &Observations, attribute: &Attribute, residual: &[f64]) -> Self {
        let mut peers = Self::default();
        peers.add_up(observations, attribute, residual, &vec![true; attribute.cells.keys.len()]);
        peers
    }

    /// Adds up again the cells that `again` names; to the bit what adding up all would give.
    pub(super) fn add_up(
        &mut self,
        observations: &Observations,
        attribute: &Attribute,
        residual: &[f64],
        again: &[bool],
    ) {
        let cells = &attribute.cells;
        self.cells.resize(cells.keys.len(), (0.0, 0.0));
        for (cell, again) in self.cells.iter_mut().zip(again) {
            if *again {
                *cell = (0.0, 0.0);
            }
        }
        cells.of.each(|idx, id| {
            if id != NONE && again[id as usize] {
                let weight = f64::from(observations.weight[idx]);
                let entry = &mut self.cells[id as usize];
                entry.0 += weight;
                entry.1 += weight * residual[idx];
            }
        });
        self.compare(attribute);
    }

    /// The mean of the peers of each level, weighted as its observations are.
    pub(super) fn of_levels(&self, attribute: &Attribute) -> Vec<f64> {
        let mut sums = vec![(0.0, 0.0); self.own_history.len()];
        for (id, (_, level)) in attribute.cells.keys.iter().enumerate() {
            let weight = self.cells[id].0 * self.share[id];
            let entry = &mut sums[*level as usize];
            entry.0 += weight;
            entry.1 += weight * self.mean[id];
        }
        sums.into_iter().map(|(weight, sum)| if weight > 0.0 { sum / weight } else { 0.0 }).collect()
    }

    fn compare(&mut self, attribute: &Attribute) {
        let cells = &attribute.cells;
        let mut stratum = vec![(0.0, 0.0); cells.strata];
        for ((stratum_id, _), (weight, sum)) in cells.keys.iter().zip(&self.cells) {
            let entry = &mut stratum[*stratum_id as usize];
            entry.0 += weight;
            entry.1 += sum;
        }
        let levels = attribute.names.len();
        let (mut all, mut with_peers) = (vec![0.0; levels], vec![0.0; levels]);
        for ((stratum_id, level), (weight, _)) in cells.keys.iter().zip(&self.cells) {
            all[*level as usize] += weight;
            if stratum[*stratum_id as usize].0 - weight > 1e-9 * weight.max(1e-12) {
                with_peers[*level as usize] += weight;
            }
        }
        self.own_history =
            (0..levels).map(|level| attribute.own_history || with_peers[level] < 0.5 * all[level]).collect();
        self.mean = vec![0.0; self.cells.len()];
        self.share = vec![0.0; self.cells.len()];
        for (id, (stratum_id, level)) in cells.keys.iter().enumerate() {
            let (weight, sum) = self.cells[id];
            let (all_weight, all_sum) = stratum[*stratum_id as usize];
            let rest = all_weight - weight;
            if self.own_history[*level as usize] {
                self.mean[id] = if weight > 0.0 { sum / weight } else { 0.0 };
                self.share[id] = 1.0;
            } else if rest > 1e-9 * weight.max(1e-12) {
                self.mean[id] = (all_sum - sum) / rest;
                self.share[id] = rest / all_weight;
            }
        }
    }
}
