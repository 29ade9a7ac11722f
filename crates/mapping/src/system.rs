//! Which ERP system a table comes from: whose names its columns bear.

use std::collections::{BTreeMap, BTreeSet};

use domain::{Granularity, mapping::SourceSystem};

use crate::{
    knowledge::{Entry, Knowledge},
    names::Name,
};

/// How much the names of a table are those of each known system and table.
#[derive(Debug, Default)]
pub(crate) struct Systems {
    /// Per system the share of the table's names that it has, rare names counting more.
    shares: Vec<f64>,
    /// The same per table of a system.
    tables: BTreeMap<(u16, u16), f64>,
    /// The system with the largest share.
    pub(crate) best: Option<u16>,
    pub(crate) confidence: f64,
    /// The system that alone bears several distinctive names of the table, and how sure that is: its other tables are
    /// known, this one need not be.
    kin: Option<(u16, f64)>,
}

impl Systems {
    pub(crate) fn recognise(knowledge: &Knowledge, names: &[Name]) -> Self {
        let count = knowledge.dictionary.systems().len();
        let mut shares = vec![0.0; count];
        let mut tables: BTreeMap<(u16, u16), f64> = BTreeMap::new();
        let mut whole = 0.0;
        let mut rare_hits = vec![0.0; count];
        let mut alone = vec![0.0; count];
        let keys: Vec<(&str, &str)> =
            names.iter().map(|name| (name.key.as_str(), name.stripped.as_str())).collect();
        let hallmarks = knowledge.dictionary.hallmarks.of(&keys);
        for (name, hallmarks) in names.iter().zip(&hallmarks).filter(|(name, _)| !name.key.is_empty()) {
            let mut systems = BTreeSet::new();
            let mut found_tables = BTreeSet::new();
            let mut literally = false;
            for (entry, literal) in entries(knowledge, name) {
                literally |= literal >= 0.9;
                systems.insert(entry.system);
                found_tables.insert((entry.system, entry.table));
            }
            // A name that many systems have tells little; one that nobody has speaks against all alike.
            let rarity = if systems.is_empty() { 0.7 } else { 1.0 / (systems.len() as f64).sqrt() };
            let distinct = distinctive(name);
            let own = match (systems.first(), systems.len(), literally) {
                (Some(system), 1, true) => Some(*system),
                _ => None,
            };
            if let Some(system) = own.filter(|own| hallmarks.iter().all(|(system, _)| system != own)) {
                alone[usize::from(system)] += distinct;
            }
            for (system, weight) in hallmarks {
                let weight = if own == Some(*system) { weight.max(distinct) } else { *weight };
                alone[usize::from(*system)] += weight;
            }
            whole += rarity;
            for system in systems {
                shares[usize::from(system)] += rarity;
                rare_hits[usize::from(system)] += rarity * distinct;
            }
            for table in found_tables {
                *tables.entry(table).or_default() += rarity;
            }
        }
        if whole > 0.0 {
            for share in &mut shares {
                *share /= whole;
            }
            for share in tables.values_mut() {
                *share /= whole;
            }
        }
        let mut order: Vec<usize> = (0..count).collect();
        order.sort_by(|a, b| shares[*b].total_cmp(&shares[*a]).then(a.cmp(b)));
        let best = order.first().copied().filter(|best| shares[*best] > 0.0);
        let confidence = best.map_or(0.0, |best| {
            let second = order.get(1).map_or(0.0, |second| shares[*second]);
            // Captions of plain words are everybody's: many in common still prove little.
            let proof = 1.3 * rare_hits[best] / (rare_hits[best] + 3.0);
            let evidence = proof * (9.0 * (shares[best] - 0.42) + 5.0 * (shares[best] - second)) - 2.0;
            1.0 / (1.0 + (-evidence).exp())
        });
        Self { shares, tables, best: best.map(|best| best as u16), confidence, kin: kin(&alone) }
    }

    /// How far decisions may lean on the system: not at all where it is a mere likeness.
    pub(crate) fn trust(&self) -> f64 {
        ((self.confidence - 0.4) / 0.6).max(0.0)
    }

    pub(crate) fn share(&self, system: u16) -> f64 {
        self.shares.get(usize::from(system)).copied().unwrap_or(0.0)
    }

    pub(crate) fn table_share(&self, entry: &Entry) -> f64 {
        self.tables.get(&(entry.system, entry.table)).copied().unwrap_or(0.0)
    }

    /// The system as it is told to people: only where more speaks for it than against it.
    pub(crate) fn named(&self, knowledge: &Knowledge) -> Option<SourceSystem> {
        let known = self.best.filter(|_| self.confidence >= 0.5).map(|best| (best, self.confidence));
        let (system, confidence) = known.or(self.kin)?;
        let name = knowledge.dictionary.systems().get(usize::from(system))?.clone();
        Some(SourceSystem { name, confidence })
    }

    /// The grain of the known table whose names this table bears, with how far it does.
    pub(crate) fn grains(&self, knowledge: &Knowledge, names: &[Name]) -> BTreeMap<Granularity, f64> {
        let mut grains: BTreeMap<Granularity, f64> = BTreeMap::new();
        for name in names {
            let mut seen: BTreeMap<Granularity, f64> = BTreeMap::new();
            for (entry, weight) in entries(knowledge, name) {
                if let Some(granularity) = entry.granularity {
                    let share = weight * (self.table_share(entry).powi(2) + 0.02 * self.share(entry.system));
                    let best = seen.entry(granularity).or_default();
                    *best = best.max(share);
                }
            }
            for (granularity, share) in seen {
                *grains.entry(granularity).or_default() += share;
            }
        }
        grains
    }
}

/// The system with by far the most names that no other has, where they are several.
fn kin(alone: &[f64]) -> Option<(u16, f64)> {
    let most = |skip: Option<usize>| {
        let systems = (0..alone.len()).filter(|system| Some(*system) != skip);
        systems.max_by(|a, b| alone[*a].total_cmp(&alone[*b]).then(b.cmp(a)))
    };
    let best = most(None)?;
    let second = most(Some(best)).map_or(0.0, |second| alone[second]);
    let lead = alone[best] - 2.0 * second;
    (lead >= KIN_LEAD).then(|| (best as u16, (0.5 + 0.1 * lead).min(0.95)))
}

/// Distinctive names of its own that a system must have more than twice those of the next.
const KIN_LEAD: f64 = 1.5;

/// How much a name says about the system that uses it: codes and prefixes much, plain words little.
fn distinctive(name: &Name) -> f64 {
    if !name.unknown.is_empty() || name.nearness < 0.8 || name.stripped != name.key {
        1.0
    } else if name.pieces.len() >= 3 {
        0.4
    } else {
        0.15
    }
}

/// Dictionary rows that a header may be, with how literally it is their name.
pub(crate) fn entries<'a>(
    knowledge: &'a Knowledge,
    name: &'a Name,
) -> impl Iterator<Item = (&'a Entry, f64)> {
    let dictionary = &knowledge.dictionary;
    let stripped = (name.stripped != name.key && name.stripped.len() >= 2).then_some(name.stripped.as_str());
    // `MFGNUM_0` and `MFGNUM`: an index behind the name belongs to how the system exports, not to the name.
    let without_index = name
        .pieces
        .last()
        .filter(|last| name.pieces.len() > 1 && last.chars().all(char::is_numeric))
        .and_then(|last| name.key.strip_suffix(last.as_str()).filter(|rest| rest.len() >= 3));
    dictionary
        .named(&name.key)
        .map(|entry| (entry, 1.0))
        .chain(without_index.into_iter().flat_map(|key| dictionary.named(key)).map(|entry| (entry, 0.9)))
        .chain(stripped.into_iter().flat_map(|key| dictionary.named(key)).map(|entry| (entry, 0.75)))
        .chain(dictionary.behind_prefix(&name.key).map(|entry| (entry, 0.6)))
        .chain(stripped.into_iter().flat_map(|key| dictionary.behind_prefix(key)).map(|entry| (entry, 0.75)))
}
