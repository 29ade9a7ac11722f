//! What is different from when a table was confirmed, told before the next analysis.

use domain::{ColumnProfile, TableProfile, ValueKind};
use ontology::Unit;

use super::{
    known::{KnownColumn, KnownTable},
    recognise::{MatchedBy, MatchedColumn},
};
use crate::names::stated_unit;

/// One difference. Columns of the new table are numbers of its columns; known ones are told by their header.
#[derive(Debug, Clone, PartialEq)]
pub enum Drift {
    /// The table has a column that was not there.
    Added { column: usize, source: String },
    /// A column that was there is not any more.
    Missing { source: String },
    /// A column bears another name; that it is the same is seen from its values and its place.
    Renamed { column: usize, before: String, now: String },
    /// Values are of another kind.
    Kind { column: usize, source: String, before: ValueKind, now: ValueKind },
    /// Values are written in another way.
    Format { column: usize, source: String, before: String, now: String },
    /// The header states another unit than the one that was confirmed.
    Unit { column: usize, source: String, before: Unit, now: Unit },
    /// Numbers are larger or smaller by about the step between two units (60, 1,000, 3,600).
    Scale { column: usize, source: String, factor: f64 },
}

impl Drift {
    /// The difference in one sentence.
    pub fn sentence(&self) -> String {
        match self {
            Self::Added { source, .. } => format!("\"{source}\" is new"),
            Self::Missing { source } => format!("\"{source}\" is not in the file any more"),
            Self::Renamed { before, now, .. } => {
                format!(
                    "\"{before}\" seems to be called \"{now}\" now: its values and its place are the same"
                )
            }
            Self::Kind { source, before, now, .. } => {
                format!("\"{source}\" held {}, now it holds {}", kind_words(*before), kind_words(*now))
            }
            Self::Format { source, before, now, .. } => {
                format!("\"{source}\" was written as {before}, now as {now}")
            }
            Self::Unit { source, before, now, .. } => {
                format!(
                    "\"{source}\" was confirmed in {}, its header now says {}",
                    before.as_str(),
                    now.as_str()
                )
            }
            Self::Scale { source, factor, .. } if *factor >= 1.0 => {
                format!("\"{source}\" is about {factor:.0} times as large as before: look at its unit")
            }
            Self::Scale { source, factor, .. } => {
                format!(
                    "\"{source}\" is about {:.0} times smaller than before: look at its unit",
                    1.0 / factor
                )
            }
        }
    }

    /// Whether a decision that was confirmed may not hold any more. A new column is a question of its own, and one that
    /// was left out before may go.
    pub fn endangers_decision(&self) -> bool {
        !matches!(self, Self::Added { .. } | Self::Missing { .. })
    }
}

fn kind_words(kind: ValueKind) -> &'static str {
    match kind {
        ValueKind::Empty => "nothing",
        ValueKind::Boolean => "flags",
        ValueKind::Integer => "whole numbers",
        ValueKind::Decimal => "decimal numbers",
        ValueKind::Date => "dates",
        ValueKind::DateTime => "dates with a time",
        ValueKind::TimeOfDay => "times of day",
        ValueKind::Duration => "durations",
        ValueKind::Text => "text",
    }
}

/// All differences, in the order of the new table's columns, then what is missing in the order it was known.
pub(super) fn between(known: &KnownTable, table: &TableProfile, matched: &[MatchedColumn]) -> Vec<Drift> {
    let mut drift = Vec::new();
    for (at, column) in table.columns.iter().enumerate() {
        let Some(pair) = matched.iter().find(|pair| pair.column == at) else {
            drift.push(Drift::Added { column: at, source: column.header.clone() });
            continue;
        };
        let Some(before) = known.columns.get(pair.known) else { continue };
        if pair.by == MatchedBy::Values {
            drift.push(Drift::Renamed {
                column: at,
                before: before.source.clone(),
                now: column.header.clone(),
            });
        }
        drift.extend(of_column(at, column, before));
    }
    for (at, column) in known.columns.iter().enumerate() {
        if matched.iter().all(|pair| pair.known != at) {
            drift.push(Drift::Missing { source: column.source.clone() });
        }
    }
    drift
}

fn of_column(at: usize, column: &ColumnProfile, before: &KnownColumn) -> Option<Drift> {
    let source = || column.header.clone();
    // Where the header never told the confirmed unit, people know better than it does.
    if let (Some(confirmed), Some(stated)) = (before.unit, stated_unit(&column.header))
        && confirmed != stated
        && stated_unit(&before.source).is_none_or(|old| old == confirmed)
    {
        return Some(Drift::Unit { column: at, source: source(), before: confirmed, now: stated });
    }
    let shape = before.shape.as_ref()?;
    if shape.kind == ValueKind::Empty || column.kind == ValueKind::Empty {
        return None;
    }
    if !same_kind(shape.kind, column.kind) {
        return Some(Drift::Kind { column: at, source: source(), before: shape.kind, now: column.kind });
    }
    // How whole numbers happen to be written is no format of theirs.
    if let (Some(old), Some(new), true) = (&shape.format, &column.format, shape.kind == column.kind)
        && old != new
    {
        return Some(Drift::Format { column: at, source: source(), before: old.clone(), now: new.clone() });
    }
    let (old, new) = (shape.mean?, column.mean?);
    let in_unit = before.unit.is_some() && old > 0.0 && new > 0.0;
    let factor = new / old;
    (in_unit && STEPS.iter().any(|step| near(factor, *step) || near(factor, 1.0 / step)))
        .then(|| Drift::Scale { column: at, source: source(), factor })
}

/// Steps between units of time that people confuse.
const STEPS: [f64; 3] = [60.0, 1_000.0, 3_600.0];

/// Within a factor of two and a half: means wander from month to month, units do not.
fn near(factor: f64, step: f64) -> bool {
    factor / step < 2.5 && step / factor < 2.5
}

/// Whole and decimal numbers, and dates with and without time, come and go with the rows.
fn same_kind(one: ValueKind, other: ValueKind) -> bool {
    let group = |kind| match kind {
        ValueKind::Integer | ValueKind::Decimal => ValueKind::Decimal,
        ValueKind::Date | ValueKind::DateTime => ValueKind::Date,
        kind => kind,
    };
    group(one) == group(other)
}
