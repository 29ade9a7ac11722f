//! What is kept of a table whose mapping was confirmed.

use domain::{ColumnProfile, Granularity, Mapping, TableProfile, ValueKind};
use ontology::{FieldId, Unit};

use crate::names::compact;

/// How the values of a column look, without any of them.
#[derive(Debug, Clone, PartialEq)]
pub struct ValueShape {
    pub kind: ValueKind,
    /// How they are written: `dd.mm.yyyy`, `1.234,56`.
    pub format: Option<String>,
    /// Mean of the numbers; `None` for what is no number.
    pub mean: Option<f64>,
    pub length_min: usize,
    pub length_max: usize,
    /// Share of rows that hold a value, and share of those that are told apart.
    pub fill: f64,
    pub distinct: f64,
}

impl ValueShape {
    pub fn of(column: &ColumnProfile) -> Self {
        let number = matches!(column.kind, ValueKind::Integer | ValueKind::Decimal | ValueKind::Duration);
        Self {
            kind: column.kind,
            format: column.format.clone(),
            mean: column.mean.filter(|_| number),
            length_min: column.length_min,
            length_max: column.length_max,
            fill: column.fill(),
            distinct: column.distinct as f64 / column.filled.max(1) as f64,
        }
    }

    /// From 0 (nothing alike) to 1: whether two columns may hold the same thing.
    pub(super) fn likeness(&self, other: &Self) -> f64 {
        if kinship(self.kind) != kinship(other.kind) {
            return 0.0;
        }
        let near = |a: f64, b: f64, width: f64| (1.0 - (a - b).abs() / width).max(0.0);
        let size = match (self.mean, other.mean) {
            (Some(a), Some(b)) if a * b > 0.0 => near(a.abs().log10(), b.abs().log10(), 1.0),
            (Some(a), Some(b)) => f64::from(u8::from(a == b)),
            _ => near(self.length_max as f64, other.length_max as f64, 8.0),
        };
        let length = near(self.length_min as f64, other.length_min as f64, 6.0);
        let format = f64::from(u8::from(self.format == other.format));
        let fill = near(self.fill, other.fill, 0.6);
        let distinct = near(self.distinct, other.distinct, 0.6);
        0.35 * size + 0.15 * length + 0.15 * format + 0.15 * fill + 0.2 * distinct
    }
}

/// Kinds that one column may show in different exports.
fn kinship(kind: ValueKind) -> u8 {
    match kind {
        ValueKind::Empty => 0,
        ValueKind::Integer | ValueKind::Decimal => 1,
        ValueKind::Date | ValueKind::DateTime => 2,
        ValueKind::TimeOfDay => 3,
        ValueKind::Duration => 4,
        ValueKind::Boolean => 5,
        ValueKind::Text => 6,
    }
}

/// One confirmed column.
#[derive(Debug, Clone, PartialEq)]
pub struct KnownColumn {
    pub source: String,
    /// `None` leaves the column out, which is a decision too.
    pub field: Option<FieldId>,
    pub unit: Option<Unit>,
    /// `None` where only the mapping was kept.
    pub shape: Option<ValueShape>,
}

/// One confirmed table.
#[derive(Debug, Clone, PartialEq)]
pub struct KnownTable {
    pub name: String,
    pub granularity: Granularity,
    pub columns: Vec<KnownColumn>,
}

impl KnownTable {
    /// What is kept of a confirmed mapping; with the profile it was confirmed on, also how its values looked.
    pub fn of(mapping: &Mapping, profile: Option<&TableProfile>) -> Self {
        let columns = mapping.columns.iter().map(|column| KnownColumn {
            source: column.source.clone(),
            field: column.field,
            unit: column.unit,
            shape: profile
                .and_then(|profile| profile.columns.iter().find(|known| known.index == column.index))
                .map(ValueShape::of),
        });
        Self { name: mapping.file.clone(), granularity: mapping.granularity, columns: columns.collect() }
    }

    /// By what the table is known again: its headers, whatever their order, case and punctuation.
    pub fn signature(&self) -> String {
        signature(self.columns.iter().map(|column| column.source.as_str()))
    }
}

/// The headers in a form that does not depend on order, case and punctuation; repeated ones count.
pub fn signature<'a>(headers: impl IntoIterator<Item = &'a str>) -> String {
    let mut keys: Vec<String> = headers.into_iter().map(compact).collect();
    keys.sort_unstable();
    keys.join("\u{1f}")
}
