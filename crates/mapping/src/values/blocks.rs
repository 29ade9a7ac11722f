//! How rows hang together, whatever their columns are called: a number that comes back in several rows and settles dates and amounts
//! of theirs is what they belong to, and a whole number that counts up below it is a step.

use std::collections::BTreeMap;

use domain::{Cell, ColumnProfile, ValueKind};

use super::Relations;

/// Rows from which on anything is said.
const FEWEST_ROWS: usize = 10;
/// Columns that a key settles beyond which more say nothing more.
const MOST_SETTLED: f64 = 6.0;

/// What the rows of a table have in common.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Blocks {
    /// The column whose values come back and settle the most.
    pub(crate) key: Option<usize>,
    /// Moments that it settles, 1 from three on.
    pub(crate) moments: f64,
    /// Columns that it settles, 1 from six on.
    pub(crate) settled: f64,
    /// How surely some whole number counts up in each block from the same beginning.
    pub(crate) steps: f64,
    /// 1 where a number or code stands once in the table, in every row.
    pub(crate) numbered: f64,
}

impl Blocks {
    pub(crate) fn of(columns: &[&ColumnProfile], relations: &Relations) -> Self {
        let rows = columns.first().map_or(0, |column| column.sample.len());
        if rows < FEWEST_ROWS {
            return Self::default();
        }
        let numbered = columns.iter().any(|column| is_key(column) && column.distinct as usize == rows);
        let mut blocks = Self { numbered: f64::from(u8::from(numbered)), ..Self::default() };
        let mut best = 0.0;
        for (key, column) in columns.iter().enumerate() {
            let repeats = relations.repeats.get(key).copied().unwrap_or(0.0);
            // What has few values is a kind of row, and what hardly comes back holds none together.
            if !is_key(column)
                || repeats < 0.2
                || (column.distinct as usize) * 12 < rows
                || column.distinct < 4
            {
                continue;
            }
            let settled = |wanted: &dyn Fn(ValueKind) -> bool| {
                (0..columns.len())
                    .filter(|other| {
                        *other != key && wanted(columns[*other].kind) && relations.determines(key, *other)
                    })
                    .count() as f64
            };
            let moments = settled(&ValueKind::is_moment);
            let all = settled(&|_| true);
            // Of two that settle as much the one with more values is closer to the rows.
            let worth = all + 2.0 * moments + 1e-3 * column.distinct as f64 / rows as f64;
            if worth > best {
                best = worth;
                blocks.key = Some(key);
                blocks.moments = (moments / 3.0).min(1.0);
                blocks.settled = (all / MOST_SETTLED).min(1.0);
            }
        }
        if let Some(key) = blocks.key {
            blocks.steps = (0..columns.len())
                .filter(|other| *other != key)
                .map(|other| counts_up(columns[key], columns[other]))
                .fold(0.0, f64::max);
        }
        blocks
    }
}

/// A whole number or code in every row, as keys are.
fn is_key(column: &ColumnProfile) -> bool {
    let coded = column.top.iter().take(5).all(|(value, _)| value.chars().any(|char| char.is_ascii_digit()));
    matches!(column.kind, ValueKind::Text | ValueKind::Integer) && column.empty * 50 <= column.filled && coded
}

/// How often the values below one key are different whole numbers that begin as most of the table's blocks do.
fn counts_up(key: &ColumnProfile, step: &ColumnProfile) -> f64 {
    let mut blocks: BTreeMap<&str, Vec<u32>> = BTreeMap::new();
    for (raw, (cell, step)) in key.sample_raw.iter().zip(step.sample.iter().zip(&step.sample_raw)) {
        let number = match cell {
            Cell::Number(number) if number.fract().abs() < 1e-9 && (0.0..100_000.0).contains(number) => {
                Some(*number as u32)
            }
            Cell::Text(_) if step.len() <= 6 => step.trim().parse().ok(),
            _ => None,
        };
        let Some(number) = number else { return 0.0 };
        blocks.entry(raw.trim()).or_default().push(number);
    }
    let mut firsts: BTreeMap<u32, usize> = BTreeMap::new();
    let (mut all, mut rising) = (0_usize, 0_usize);
    for numbers in blocks.values_mut().filter(|numbers| numbers.len() >= 2) {
        let rows = numbers.len();
        numbers.sort_unstable();
        numbers.dedup();
        all += 1;
        rising += usize::from(numbers.len() == rows);
        *firsts.entry(numbers[0]).or_default() += 1;
    }
    let first = firsts.values().copied().max().unwrap_or(0);
    if all < 3 { 0.0 } else { (rising.min(first)) as f64 / all as f64 }
}
