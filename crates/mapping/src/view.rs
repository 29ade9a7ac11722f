//! A table as the matchers see it: names read, values measured, relations found, once for all of them.

use domain::{ColumnProfile, Granularity, TableProfile};

use crate::{
    knowledge::Knowledge,
    names::{Name, read_headers},
    plant::Hints,
    remembered::{Recall, Remembered},
    system::Systems,
    values::{Blocks, Facts, Relations},
};

#[derive(Debug)]
pub(crate) struct View<'a> {
    pub(crate) knowledge: &'a Knowledge,
    /// In a canonical order that depends on headers and values only, never on the order in the file.
    pub(crate) columns: Vec<&'a ColumnProfile>,
    pub(crate) names: Vec<Name>,
    pub(crate) facts: Vec<Facts>,
    pub(crate) relations: Relations,
    pub(crate) blocks: Blocks,
    pub(crate) systems: Systems,
    pub(crate) recall: Recall,
    /// What other files of the plant say of the columns.
    pub(crate) hints: Hints,
}

/// How likely each grain is, in the order of [`Granularity::ALL`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Grain(pub(crate) [f64; Granularity::ALL.len()]);

impl Grain {
    pub(crate) fn unknown() -> Self {
        Self([1.0 / Granularity::ALL.len() as f64; Granularity::ALL.len()])
    }

    pub(crate) fn certain(known: Granularity) -> Self {
        Self(Granularity::ALL.map(|granularity| f64::from(u8::from(granularity == known))))
    }

    pub(crate) fn of(self, granularity: Granularity) -> f64 {
        Granularity::ALL.iter().position(|known| *known == granularity).map_or(0.0, |idx| self.0[idx])
    }

    pub(crate) fn best(self) -> Granularity {
        let mut best = Granularity::Header;
        for granularity in Granularity::ALL {
            if self.of(granularity) > self.of(best) {
                best = granularity;
            }
        }
        best
    }
}

impl<'a> View<'a> {
    pub(crate) fn of(table: &'a TableProfile, knowledge: &'a Knowledge, remembered: &Remembered) -> Self {
        let mut columns: Vec<&ColumnProfile> = table.columns.iter().collect();
        let headers: Vec<&str> = columns.iter().map(|column| column.header.as_str()).collect();
        let mut order: Vec<(Name, &ColumnProfile)> =
            read_headers(knowledge, &headers).into_iter().zip(columns).collect();
        // The same file with its columns in another order must be understood in the same way.
        order.sort_by(|(a, one), (b, other)| {
            (a.key.as_str(), one.kind, one.filled, one.distinct)
                .cmp(&(b.key.as_str(), other.kind, other.filled, other.distinct))
                .then_with(|| one.top.cmp(&other.top))
                .then(one.index.cmp(&other.index))
        });
        let names: Vec<Name>;
        (names, columns) = order.into_iter().unzip();
        let facts = columns.iter().map(|column| Facts::of(knowledge, column)).collect();
        let relations = Relations::of(&columns);
        let blocks = Blocks::of(&columns, &relations);
        let systems = Systems::recognise(knowledge, &names);
        let keys: Vec<&str> = names.iter().map(|name| name.key.as_str()).collect();
        let recall = remembered.recall(&keys);
        let hints = vec![Vec::new(); names.len()];
        Self { knowledge, columns, names, facts, relations, blocks, systems, recall, hints }
    }

    pub(crate) fn len(&self) -> usize {
        self.columns.len()
    }
}
