//! What an organisation has confirmed before: whole files by their headers, and single headers as a weak hint.

use std::collections::BTreeMap;

use domain::{Granularity, Mapping, mapping::Detail};
use ontology::{FieldId, Unit};

use crate::names::compact;

/// One confirmed column.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Confirmed {
    pub(crate) field: Option<FieldId>,
    pub(crate) unit: Option<Unit>,
}

/// One confirmed file: its headers in any order, each with its repetitions.
#[derive(Debug, Clone, PartialEq)]
struct ConfirmedFile {
    columns: BTreeMap<String, Vec<Confirmed>>,
    granularity: Granularity,
    detail: Detail,
}

/// All confirmed files, oldest first: the newest confirmation wins.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Remembered {
    files: Vec<ConfirmedFile>,
}

/// How a table relates to what is remembered.
#[derive(Debug, Clone, Default)]
pub(crate) struct Recall {
    /// Share of headers that the nearest confirmed file has in common with the table: 1 is the same export again.
    pub(crate) likeness: f64,
    /// Per column of the table what that file says, if it has the column.
    pub(crate) columns: Vec<Option<Confirmed>>,
    /// Per column what any confirmed file says about that header, newest first.
    pub(crate) headers: Vec<Option<Confirmed>>,
    pub(crate) granularity: Option<Granularity>,
    /// What became of the rows of that file.
    pub(crate) detail: Detail,
}

impl Remembered {
    /// Nothing was confirmed yet.
    pub fn nothing() -> Self {
        Self::default()
    }

    /// Remembers a confirmed mapping.
    pub fn confirm(&mut self, mapping: &Mapping) {
        let mut columns: BTreeMap<String, Vec<Confirmed>> = BTreeMap::new();
        for column in &mapping.columns {
            columns
                .entry(compact(&column.source))
                .or_default()
                .push(Confirmed { field: column.field, unit: column.unit });
        }
        self.files.push(ConfirmedFile { columns, granularity: mapping.granularity, detail: mapping.detail });
    }

    /// What is remembered about a table with these headers (compact, in the order of its columns).
    pub(crate) fn recall(&self, keys: &[&str]) -> Recall {
        let mut wanted: BTreeMap<&str, usize> = BTreeMap::new();
        for key in keys {
            *wanted.entry(key).or_default() += 1;
        }
        let likeness = |file: &ConfirmedFile| {
            let common: usize = wanted
                .iter()
                .map(|(key, count)| file.columns.get(*key).map_or(0, |known| known.len().min(*count)))
                .sum();
            let all = file.columns.values().map(Vec::len).sum::<usize>() + keys.len() - common;
            if all == 0 { 0.0 } else { common as f64 / all as f64 }
        };
        let nearest = self
            .files
            .iter()
            .enumerate()
            .map(|(idx, file)| (likeness(file), idx, file))
            .max_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        let Some((likeness, _, file)) = nearest else {
            return Recall {
                columns: vec![None; keys.len()],
                headers: vec![None; keys.len()],
                ..Recall::default()
            };
        };
        let mut met: BTreeMap<&str, usize> = BTreeMap::new();
        let columns = keys
            .iter()
            .map(|key| {
                let nth = met.entry(key).or_default();
                *nth += 1;
                file.columns.get(*key).and_then(|known| known.get(*nth - 1)).cloned()
            })
            .collect();
        let headers = keys
            .iter()
            .map(|key| self.files.iter().rev().find_map(|file| file.columns.get(*key)?.first().cloned()))
            .collect();
        let granularity = (likeness >= 0.5).then_some(file.granularity);
        Recall { likeness, columns, headers, granularity, detail: file.detail }
    }
}
