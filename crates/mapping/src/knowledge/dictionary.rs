//! Technical names and captions of real ERP systems, `systems/<system>.csv`: public facts about their tables.

use std::collections::BTreeMap;

use domain::Granularity;
use ontology::{FieldId, Unit};

use super::{hallmarks::Hallmarks, hash::FastMap, rows};
use crate::names::{compact, shared_prefix};

/// What a column of a system holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Meaning {
    /// No canonical field: it stays unmapped.
    Unmapped,
    /// One field, or any of several.
    Fields(Vec<FieldId>),
}

/// One row of a system file.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) system: u16,
    pub(crate) table: u16,
    pub(crate) column: &'static str,
    pub(crate) key: String,
    pub(crate) meaning: Meaning,
    pub(crate) granularity: Option<Granularity>,
    pub(crate) unit: Option<Unit>,
    pub(crate) language: &'static str,
}

/// Which part of the dictionary an evaluation may use.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Selection<'a> {
    All,
    /// All but one family of systems.
    Without(&'a str),
    /// All, but of one family a good part of the rows lost and a few mistaken, as with a system that is known from
    /// other sources than the export at hand.
    Worn(&'a str),
    /// All but one table of one system: its other tables are known.
    WithoutTable {
        system: &'a str,
        table: &'a str,
    },
}

/// What becomes of a row under a selection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Kept,
    Lost,
    Mistaken,
}

/// Rows of a worn system that are lost, and then mistaken, of a hundred.
const LOST: u64 = 40;
const MISTAKEN: u64 = 3;

impl Selection<'_> {
    fn fate(&self, system: &str, stem: &str, table: &str, key: &str) -> Fate {
        match self {
            Self::Without(family) if same_family(system, family) || same_family(stem, family) => Fate::Lost,
            Self::WithoutTable { system: of, table: lost } if system == *of && table == *lost => Fate::Lost,
            Self::Worn(family) if !key.is_empty() && same_family(system, family) => {
                // A hash and no chance: the same rows are lost every time.
                let mut hash = 0xcbf2_9ce4_8422_2325_u64;
                for byte in table.bytes().chain(key.bytes()) {
                    hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
                }
                match (hash ^ (hash >> 31)) % 100 {
                    share if share < LOST => Fate::Lost,
                    share if share < LOST + MISTAKEN => Fate::Mistaken,
                    _ => Fate::Kept,
                }
            }
            _ => Fate::Kept,
        }
    }
}

#[derive(Debug, Default)]
pub(crate) struct Dictionary {
    systems: Vec<String>,
    tables: Vec<&'static str>,
    entries: Vec<Entry>,
    /// By column name without case and punctuation.
    names: FastMap<String, Vec<u32>>,
    /// By the part of the name that remains when the prefix of its table is taken off.
    stripped: FastMap<String, Vec<u32>>,
    pub(crate) hallmarks: Hallmarks,
}

impl Dictionary {
    pub(crate) fn read(selection: &Selection<'_>) -> Self {
        let mut dictionary = Self::default();
        let mut tables: BTreeMap<(u16, u16), Vec<u32>> = BTreeMap::new();
        for (stem, rows) in rows::under("systems") {
            let mut before = "";
            for row in rows {
                let cell = |idx: usize| row.get(idx).copied().unwrap_or_default().trim();
                let system = if cell(0).is_empty() { stem } else { cell(0) };
                let (column, key) = (cell(2), compact(cell(2)));
                let fate = selection.fate(system, stem, cell(1), &key);
                if key.is_empty() || fate == Fate::Lost {
                    continue;
                }
                let stated = if fate == Fate::Mistaken { before } else { cell(3) };
                before = cell(3);
                let meaning = match stated {
                    "" => Meaning::Unmapped,
                    fields => Meaning::Fields(fields.split('|').filter_map(FieldId::named).collect()),
                };
                if meaning == Meaning::Fields(Vec::new()) {
                    continue;
                }
                let entry = Entry {
                    system: dictionary.system_number(system),
                    table: position_or_push(&mut dictionary.tables, cell(1)),
                    column,
                    key,
                    meaning,
                    granularity: Granularity::named(cell(4)),
                    unit: unit_named(cell(5)),
                    language: cell(6),
                };
                let id = dictionary.entries.len() as u32;
                tables.entry((entry.system, entry.table)).or_default().push(id);
                dictionary.names.entry(entry.key.clone()).or_default().push(id);
                dictionary.entries.push(entry);
            }
        }
        dictionary.hallmarks = Hallmarks::read(|system| {
            let known = selection.fate(system, "", "", "") != Fate::Lost;
            known.then(|| dictionary.system_number(system))
        });
        for ids in tables.values() {
            let keys: Vec<&str> =
                ids.iter().map(|id| dictionary.entries[*id as usize].key.as_str()).collect();
            let length = shared_prefix(&keys);
            if length == 0 {
                continue;
            }
            for id in ids {
                let key = &dictionary.entries[*id as usize].key;
                if let Some(rest) = key.get(length..).filter(|rest| rest.len() >= 2) {
                    dictionary.stripped.entry(rest.to_owned()).or_default().push(*id);
                }
            }
        }
        dictionary
    }

    fn system_number(&mut self, system: &str) -> u16 {
        let known = self.systems.iter().position(|known| known == system).unwrap_or_else(|| {
            self.systems.push(system.to_owned());
            self.systems.len() - 1
        });
        known as u16
    }

    pub(crate) fn systems(&self) -> &[String] {
        &self.systems
    }

    pub(crate) fn table(&self, table: u16) -> &'static str {
        self.tables.get(usize::from(table)).copied().unwrap_or_default()
    }

    pub(crate) fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Entries whose name is spelt so, case and punctuation aside.
    pub(crate) fn named(&self, key: &str) -> impl Iterator<Item = &Entry> {
        self.names.get(key).into_iter().flatten().filter_map(|id| self.entries.get(*id as usize))
    }

    /// Entries whose name is spelt so behind the prefix of their table.
    pub(crate) fn behind_prefix(&self, key: &str) -> impl Iterator<Item = &Entry> {
        self.stripped.get(key).into_iter().flatten().filter_map(|id| self.entries.get(*id as usize))
    }
}

fn position_or_push(list: &mut Vec<&'static str>, value: &'static str) -> u16 {
    let position = list.iter().position(|known| *known == value).unwrap_or_else(|| {
        list.push(value);
        list.len() - 1
    });
    position as u16
}

/// Units as system files write them: the ontology's own names, and the short ones of `case.json`.
pub(crate) fn unit_named(name: &str) -> Option<Unit> {
    Unit::named(name).or(match name {
        "h" | "hour" => Some(Unit::Hours),
        "min" | "minute" => Some(Unit::Minutes),
        "s" | "sec" | "second" => Some(Unit::Seconds),
        "ms" => Some(Unit::Milliseconds),
        "d" | "day" => Some(Unit::Days),
        "h/unit" => Some(Unit::HoursPerUnit),
        "min/unit" => Some(Unit::MinutesPerUnit),
        "s/unit" => Some(Unit::SecondsPerUnit),
        "pcs/h" | "units/h" => Some(Unit::UnitsPerHour),
        "%" => Some(Unit::Percent),
        _ => None,
    })
}

/// Whether two names of systems mean one family: `SyteLine` and `Infor SyteLine / CloudSuite Industrial`.
pub fn same_family(one: &str, other: &str) -> bool {
    let (a, b) = (compact(one), compact(other));
    if a.is_empty() || b.is_empty() {
        return false;
    }
    if a.contains(&b) || b.contains(&a) {
        return true;
    }
    let words = |name: &str| -> Vec<String> {
        name.split(|char: char| !char.is_alphanumeric())
            .map(compact)
            .filter(|word| {
                (word.chars().count() >= 3 || SHORT.contains(&word.as_str()))
                    && !VENDORS.contains(&word.as_str())
            })
            .collect()
    };
    let others = words(other);
    words(one).iter().any(|word| others.contains(word))
}

/// Names of systems that are no longer than two letters.
const SHORT: [&str; 7] = ["ax", "ln", "m1", "m3", "u8", "x3", "b7"];

/// Words in names of systems that several unrelated systems share.
const VENDORS: [&str; 19] = [
    "erp",
    "infor",
    "sage",
    "microsoft",
    "dynamics",
    "oracle",
    "eci",
    "epicor",
    "sap",
    "business",
    "workflow",
    "manufacturing",
    "software",
    "cloud",
    "enterprise",
    "suite",
    "system",
    "one",
    "kinetic",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn families_are_told_apart() {
        for (one, other, same) in [
            ("Infor SyteLine", "Infor SyteLine / CloudSuite Industrial", true),
            ("syteline", "Infor SyteLine", true),
            ("Infor LN", "Infor M3", false),
            ("Sage X3", "Sage 100", false),
            ("Digiwin", "Digiwin Workflow ERP (鼎捷易飞)", true),
            ("Odoo", "odoo", true),
        ] {
            assert_eq!(same_family(one, other), same, "{one} / {other}");
        }
    }
}
