//! What is known of a prepared column over all its rows: the same that reading says of a column of the file.

use std::collections::{BTreeSet, HashMap};
use std::hash::{DefaultHasher, Hash, Hasher};

use domain::{Cell, ColumnProfile, ValueKind};

use crate::step;

/// Distinct values that are counted exactly, and the size of the sketch above that.
const DISTINCT: usize = 100_000;

/// Values that are counted for the list of the most frequent.
const COUNTED: usize = 20_000;

const TOP: usize = 50;

#[derive(Debug, Default)]
pub(crate) struct Observed {
    filled: u64,
    empty: u64,
    unreadable: u64,
    min: Option<f64>,
    max: Option<f64>,
    sum: f64,
    numbers: u64,
    negative: u64,
    zero: u64,
    length_min: Option<usize>,
    length_max: usize,
    counts: HashMap<String, u64>,
    /// The smallest hashes seen: all of them up to [`DISTINCT`], above that they tell how dense hashes lie.
    smallest: BTreeSet<u64>,
}

impl Observed {
    pub(crate) fn see(&mut self, cell: &Cell) {
        if matches!(cell, Cell::Empty | Cell::Unreadable(_)) {
            self.empty += 1;
            return;
        }
        self.filled += 1;
        let number = match cell {
            Cell::Number(number) | Cell::Time(number) => Some(*number),
            Cell::Moment(micros) => Some(*micros as f64),
            _ => None,
        };
        if let Some(number) = number {
            self.numbers += 1;
            self.sum += number;
            self.min = Some(self.min.map_or(number, |min| min.min(number)));
            self.max = Some(self.max.map_or(number, |max| max.max(number)));
            self.negative += u64::from(number < 0.0);
            self.zero += u64::from(number == 0.0);
        }
        let text = step::text(cell);
        let length = text.chars().count();
        self.length_min = Some(self.length_min.map_or(length, |min| min.min(length)));
        self.length_max = self.length_max.max(length);
        let mut hasher = DefaultHasher::new();
        text.hash(&mut hasher);
        self.smallest.insert(hasher.finish());
        if self.smallest.len() > DISTINCT {
            self.smallest.pop_last();
        }
        if let Some(count) = self.counts.get_mut(&text) {
            *count += 1;
        } else if self.counts.len() < COUNTED {
            self.counts.insert(text, 1);
        }
    }

    pub(crate) fn failed(&mut self, cells: u64) {
        self.unreadable += cells;
    }

    fn distinct(&self) -> u64 {
        match self.smallest.last() {
            Some(largest) if self.smallest.len() >= DISTINCT => {
                ((DISTINCT - 1) as f64 / (*largest as f64 / u64::MAX as f64)).round() as u64
            }
            _ => self.smallest.len() as u64,
        }
    }

    pub(crate) fn finish(
        self,
        index: usize,
        header: String,
        kind: ValueKind,
        old: Option<&ColumnProfile>,
        sample: Vec<Cell>,
    ) -> ColumnProfile {
        let distinct = self.distinct();
        let mut top: Vec<(String, u64)> = self.counts.into_iter().collect();
        top.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        top.truncate(TOP);
        ColumnProfile {
            index,
            header,
            kind: if self.filled == 0 { ValueKind::Empty } else { kind },
            format: None,
            ambiguous: Vec::new(),
            currency: old.and_then(|column| column.currency.clone()),
            filled: self.filled,
            empty: self.empty,
            unreadable: self.unreadable,
            distinct,
            min: self.min,
            max: self.max,
            mean: (self.numbers > 0).then(|| self.sum / self.numbers as f64),
            negative: self.negative,
            zero: self.zero,
            length_min: self.length_min.unwrap_or(0),
            length_max: self.length_max,
            top,
            sample_raw: sample.iter().map(step::text).collect(),
            sample,
        }
    }
}
