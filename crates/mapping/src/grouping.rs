//! What of a table belongs to the order and what to its rows, shown on one order of the file.
//!
//! A figure that is the same on every row of an order is the order's own and counts once; one that differs is a part, and
//! is added up. The sample rows decide; an order of them is the example.

use std::collections::BTreeMap;

use domain::{Cell, ColumnProfile, Granularity, Mapping, TableProfile, mapping::CONTRADICTIONS};
use ontology::{Entity, FieldId, FieldType, RollUp};

/// Rows of the example that are shown.
const MOST_ROWS: usize = 6;

/// A mapped column on its side.
#[derive(Debug, Clone, PartialEq)]
pub struct Grouped {
    /// Its place in the table.
    pub index: usize,
    pub source: String,
    pub field: FieldId,
    /// How the values of an order's rows become one.
    pub gathered: Gathered,
}

/// How values of several rows become the value of their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Gathered {
    /// The same on each row: counted once.
    Once,
    Sum,
    Mean,
    Earliest,
    Latest,
    /// Of the first or the last step.
    First,
    Last,
    Largest,
    Smallest,
    /// True where any row says so.
    Any,
    /// Names of things of the rows: they stay with the rows.
    Stays,
}

impl Gathered {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Once => "once",
            Self::Sum => "sum",
            Self::Mean => "mean",
            Self::Earliest => "earliest",
            Self::Latest => "latest",
            Self::First => "first",
            Self::Last => "last",
            Self::Largest => "largest",
            Self::Smallest => "smallest",
            Self::Any => "any",
            Self::Stays => "stays",
        }
    }
}

/// One order of the file, row by row.
#[derive(Debug, Clone, PartialEq)]
pub struct Example {
    /// Its number as written.
    pub order: String,
    /// All its rows in the sample; at most six are shown.
    pub rows: usize,
    /// Cells as written: first those of the order's own columns (of its first row), then of each row those of its own.
    pub header: Vec<String>,
    pub detail: Vec<Vec<String>>,
    /// What each column of the rows comes to for the order; empty where it stays with the rows.
    pub totals: Vec<String>,
}

/// The two sides of a table.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Grouping {
    /// Columns that together name the order.
    pub key: Vec<String>,
    /// What belongs to the order, in the order of the file.
    pub header: Vec<Grouped>,
    /// What belongs to the row.
    pub detail: Vec<Grouped>,
    /// `None` where no order of the sample has several rows.
    pub example: Option<Example>,
}

/// Looks at a table and what its columns mean.
pub fn of(table: &TableProfile, mapping: &Mapping) -> Grouping {
    let profile = |index: usize| table.columns.iter().find(|column| column.index == index);
    let keys: Vec<&ColumnProfile> = mapping
        .columns
        .iter()
        .filter(|column| {
            column.field.is_some_and(|field| matches!(field.as_str(), "work_order_id" | "assembly_sequence"))
        })
        .filter_map(|column| profile(column.index))
        .collect();
    let orders = orders(&keys);
    let several: Vec<&Vec<usize>> = orders.values().filter(|rows| rows.len() > 1).collect();
    let mut grouping =
        Grouping { key: keys.iter().map(|column| column.header.clone()).collect(), ..Grouping::default() };
    for column in &mapping.columns {
        let (Some(field), Some(values)) = (column.field, profile(column.index)) else { continue };
        let definition = field.definition();
        let of_order = definition.entity == Entity::WorkOrder;
        let differs = several.iter().filter(|rows| differ(values, rows)).count() as f64;
        let part = differs > CONTRADICTIONS * several.len() as f64;
        let header = mapping.granularity == Granularity::Header || (of_order && !part);
        let gathered = if header { Gathered::Once } else { gathered(field, of_order) };
        let grouped = Grouped { index: column.index, source: column.source.clone(), field, gathered };
        if header { grouping.header.push(grouped) } else { grouping.detail.push(grouped) }
    }
    // Of the orders with several rows, one with as many rows as most.
    let mut sizes: Vec<usize> = several.iter().map(|rows| rows.len()).collect();
    sizes.sort_unstable();
    let usual = sizes.get(sizes.len() / 2).copied().unwrap_or(0);
    let example = orders.iter().find(|(_, rows)| rows.len() == usual && rows.len() > 1);
    if mapping.granularity != Granularity::Header {
        grouping.example = example.map(|(order, rows)| shown(table, &grouping, order, rows));
    }
    grouping
}

/// Rows of the sample by the order that they belong to.
fn orders(keys: &[&ColumnProfile]) -> BTreeMap<String, Vec<usize>> {
    let mut orders: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    let rows = keys.iter().map(|column| column.sample_raw.len()).min().unwrap_or(0);
    for row in 0..rows {
        let parts: Vec<&str> =
            keys.iter().filter_map(|column| column.sample_raw.get(row)).map(|raw| raw.trim()).collect();
        if parts.first().is_some_and(|first| !first.is_empty()) {
            orders.entry(parts.join(" / ")).or_default().push(row);
        }
    }
    orders
}

/// Whether rows of one order hold several values.
fn differ(column: &ColumnProfile, rows: &[usize]) -> bool {
    let mut filled =
        rows.iter().filter_map(|row| column.sample.get(*row)).filter(|cell| !matches!(cell, Cell::Empty));
    let Some(first) = filled.next() else { return false };
    filled.any(|cell| cell != first)
}

fn gathered(field: FieldId, of_order: bool) -> Gathered {
    let definition = field.definition();
    match (definition.type_, definition.roll_up) {
        (FieldType::Flag, _) => Gathered::Any,
        (FieldType::Timestamp, RollUp::Min) => Gathered::Earliest,
        (FieldType::Timestamp, _) => Gathered::Latest,
        (FieldType::Number, RollUp::Sum) => Gathered::Sum,
        (FieldType::Number, RollUp::LastOperation) if of_order => Gathered::Sum,
        (FieldType::Number, RollUp::LastOperation) => Gathered::Last,
        (FieldType::Number, RollUp::FirstOperation) => Gathered::First,
        (FieldType::Number, RollUp::WeightedMean) => Gathered::Mean,
        (FieldType::Number, RollUp::Min) => Gathered::Smallest,
        (FieldType::Number, _) => Gathered::Largest,
        _ => Gathered::Stays,
    }
}

fn shown(table: &TableProfile, grouping: &Grouping, order: &str, rows: &[usize]) -> Example {
    let profile = |index: usize| table.columns.iter().find(|column| column.index == index);
    let cell = |index: usize, row: usize| {
        profile(index)
            .and_then(|column| column.sample_raw.get(row))
            .map(|raw| raw.trim().to_owned())
            .unwrap_or_default()
    };
    let first = rows.first().copied().unwrap_or(0);
    Example {
        order: order.to_owned(),
        rows: rows.len(),
        header: grouping.header.iter().map(|column| cell(column.index, first)).collect(),
        detail: rows
            .iter()
            .take(MOST_ROWS)
            .map(|row| grouping.detail.iter().map(|column| cell(column.index, *row)).collect())
            .collect(),
        totals: grouping
            .detail
            .iter()
            .map(|column| {
                profile(column.index).map_or_else(String::new, |values| total(values, rows, column.gathered))
            })
            .collect(),
    }
}

/// What the rows of an order come to, in the measure of the file.
fn total(column: &ColumnProfile, rows: &[usize], gathered: Gathered) -> String {
    let at = |row: &usize| column.sample.get(*row).filter(|cell| !cell.is_empty()).map(|cell| (*row, cell));
    let filled: Vec<(usize, &Cell)> = rows.iter().filter_map(at).collect();
    let numbers: Vec<f64> = filled.iter().filter_map(|(_, cell)| cell.number()).collect();
    let written = |found: Option<usize>| {
        found.and_then(|row| column.sample_raw.get(row)).map(|raw| raw.trim().to_owned()).unwrap_or_default()
    };
    let by = |largest: bool| {
        let measure = |cell: &Cell| cell.number().or_else(|| cell.moment().map(|micros| micros as f64));
        let all = filled.iter().filter_map(|(row, cell)| Some((*row, measure(cell)?)));
        let best = if largest {
            all.max_by(|a, b| a.1.total_cmp(&b.1))
        } else {
            all.min_by(|a, b| a.1.total_cmp(&b.1))
        };
        written(best.map(|(row, _)| row))
    };
    match gathered {
        Gathered::Sum if !numbers.is_empty() => plain(numbers.iter().sum()),
        Gathered::Mean if !numbers.is_empty() => plain(numbers.iter().sum::<f64>() / numbers.len() as f64),
        Gathered::Earliest | Gathered::Smallest => by(false),
        Gathered::Latest | Gathered::Largest => by(true),
        Gathered::First | Gathered::Once => written(filled.first().map(|(row, _)| *row)),
        Gathered::Last => written(filled.last().map(|(row, _)| *row)),
        Gathered::Any | Gathered::Sum | Gathered::Mean | Gathered::Stays => String::new(),
    }
}

/// A number to at most four places, without trailing zeros.
fn plain(value: f64) -> String {
    let text = format!("{value:.4}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}
