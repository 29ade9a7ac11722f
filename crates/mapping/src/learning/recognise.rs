//! Which confirmed tables a new one is like, column by column.

use std::collections::BTreeMap;

use domain::{Mapping, TableProfile};

use super::{
    drift::{self, Drift},
    known::{KnownTable, ValueShape},
};
use crate::names::{compact, without_unit};

/// How a column was found again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MatchedBy {
    /// It bears the same header, case and punctuation aside.
    Header,
    /// Its header is new, its values and its place are those of a column that is gone.
    Values,
}

/// A column of the new table and the confirmed one that it is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MatchedColumn {
    pub column: usize,
    pub known: usize,
    pub by: MatchedBy,
}

/// One confirmed table that a new one is like.
#[derive(Debug, Clone, PartialEq)]
pub struct Recognised {
    /// Its place in the list that was handed in.
    pub table: usize,
    /// Columns that both have, of all that either has; 1 is the same export again.
    pub likeness: f64,
    pub columns: Vec<MatchedColumn>,
    pub drift: Vec<Drift>,
}

impl Recognised {
    /// The same headers as when it was confirmed, and nothing in the values speaks against it: no decision is needed.
    pub fn is_same_export(&self) -> bool {
        self.drift.is_empty()
    }
}

/// Less in common than this is another table.
const LIKENESS_MIN: f64 = 0.3;

/// How alike values and place must be for a column to be taken for a renamed one, and by how much more than the next.
const RENAMED_MIN: f64 = 0.72;
const RENAMED_LEAD: f64 = 0.05;

/// Ranks the confirmed tables that `table` is like, likest first and newest first among equals (the list runs from the
/// oldest confirmation to the newest). Each comes with the columns found again and with what has changed. A `proposal`
/// for the table helps to tell renamed columns apart; without it values and places decide alone.
pub fn recognise(known: &[KnownTable], table: &TableProfile, proposal: Option<&Mapping>) -> Vec<Recognised> {
    let mut found: Vec<Recognised> = known
        .iter()
        .enumerate()
        .filter_map(|(place, known)| {
            let mut columns = by_header(known, table);
            if union_share(&columns, known, table) < LIKENESS_MIN / 2.0 {
                return None;
            }
            by_values(known, table, proposal, &mut columns);
            let likeness = union_share(&columns, known, table);
            columns.sort_by_key(|pair| pair.column);
            let drift = drift::between(known, table, &columns);
            (likeness >= LIKENESS_MIN).then_some(Recognised { table: place, likeness, columns, drift })
        })
        .collect();
    found.sort_by(|a, b| b.likeness.total_cmp(&a.likeness).then(b.table.cmp(&a.table)));
    found
}

/// Columns in common of all columns; a renamed one counts a little less than one with the same header.
fn union_share(columns: &[MatchedColumn], known: &KnownTable, table: &TableProfile) -> f64 {
    let all = known.columns.len() + table.columns.len() - columns.len();
    let common: f64 = columns
        .iter()
        .map(|pair| match pair.by {
            MatchedBy::Header => 1.0,
            MatchedBy::Values => 0.9,
        })
        .sum();
    if all == 0 { 0.0 } else { common / all as f64 }
}

/// Columns with the same header; repeated headers in their order.
fn by_header(known: &KnownTable, table: &TableProfile) -> Vec<MatchedColumn> {
    let mut places: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (place, column) in known.columns.iter().enumerate() {
        places.entry(compact(&column.source)).or_default().push(place);
    }
    let mut met: BTreeMap<String, usize> = BTreeMap::new();
    let mut found = Vec::new();
    for (column, profile) in table.columns.iter().enumerate() {
        let key = compact(&profile.header);
        let nth = met.entry(key.clone()).or_default();
        if let Some(place) = places.get(&key).and_then(|places| places.get(*nth)) {
            found.push(MatchedColumn { column, known: *place, by: MatchedBy::Header });
        }
        *nth += 1;
    }
    // `Std (h)` that became `Std (min)` is the same column in another unit.
    let bare = |header: &str| without_unit(header).map(|(rest, _)| compact(rest));
    for (column, profile) in table.columns.iter().enumerate() {
        let Some(name) = bare(&profile.header).filter(|_| found.iter().all(|pair| pair.column != column))
        else {
            continue;
        };
        let place = known.columns.iter().position(|column| bare(&column.source).as_ref() == Some(&name));
        if let Some(place) = place.filter(|place| found.iter().all(|pair| pair.known != *place)) {
            found.push(MatchedColumn { column, known: place, by: MatchedBy::Header });
        }
    }
    found
}

/// Pairs what is left by values, neighbours and, where there is one, the proposal; only where one pair stands out.
fn by_values(
    known: &KnownTable,
    table: &TableProfile,
    proposal: Option<&Mapping>,
    columns: &mut Vec<MatchedColumn>,
) {
    let left: Vec<usize> =
        (0..table.columns.len()).filter(|at| columns.iter().all(|pair| pair.column != *at)).collect();
    let gone: Vec<usize> =
        (0..known.columns.len()).filter(|at| columns.iter().all(|pair| pair.known != *at)).collect();
    let score = |column: usize, place: usize| -> f64 {
        let profile = &table.columns[column];
        let Some(shape) = &known.columns[place].shape else { return 0.0 };
        let values = ShapeOf(profile).likeness(shape);
        let neighbours = beside(columns, column, place);
        let field = proposal
            .and_then(|proposal| proposal.columns.iter().find(|proposed| proposed.index == profile.index))
            .and_then(|proposed| proposed.field);
        let agrees = field.is_some() && field == known.columns[place].field;
        0.7 * values + 0.3 * neighbours + if agrees { 0.15 } else { 0.0 }
    };
    let mut pairs: Vec<(f64, usize, usize)> = left
        .iter()
        .flat_map(|column| gone.iter().map(move |place| (*column, *place)))
        .map(|(column, place)| (score(column, place), column, place))
        .filter(|(score, ..)| *score >= RENAMED_MIN)
        .collect();
    pairs.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)).then(a.2.cmp(&b.2)));
    let mut new: Vec<MatchedColumn> = Vec::new();
    for (score, column, place) in &pairs {
        let rival = pairs.iter().any(|(other, also, there)| {
            ((also == column) != (there == place)) && *other > score - RENAMED_LEAD
        });
        if !rival {
            new.push(MatchedColumn { column: *column, known: *place, by: MatchedBy::Values });
        }
    }
    columns.extend(new);
}

struct ShapeOf<'a>(&'a domain::ColumnProfile);

impl ShapeOf<'_> {
    fn likeness(&self, known: &ValueShape) -> f64 {
        ValueShape::of(self.0).likeness(known)
    }
}

/// Whether the columns before and behind are the ones that stood there: 1 both, 0 neither. An edge counts as itself.
fn beside(columns: &[MatchedColumn], column: usize, place: usize) -> f64 {
    let known_of = |column: usize| columns.iter().find(|pair| pair.column == column).map(|pair| pair.known);
    let before = match (column.checked_sub(1), place.checked_sub(1)) {
        (None, None) => true,
        (Some(column), Some(place)) => known_of(column) == Some(place),
        _ => false,
    };
    let behind = known_of(column + 1) == Some(place + 1);
    f64::midpoint(f64::from(u8::from(before)), f64::from(u8::from(behind)))
}
