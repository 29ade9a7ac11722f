//! A table as read: its profile, and how its file is written.

use domain::{Cell, ColumnProfile, TableProfile, ValueKind};
use ingest::source::{SkipReason, SkippedRow, SourceDescription, UnreadableCell};
use serde_json::{Value, json};

use super::{Archived, Unreadable, fields, members, named, take};
use crate::reading::Reading;

fields!(Reading { profile, source });
fields!(TableProfile { file, part, rows, sample_rows, columns, issues });
fields!(ColumnProfile {
    index,
    header,
    kind,
    format,
    ambiguous,
    currency,
    filled,
    empty,
    unreadable,
    distinct,
    min,
    max,
    mean,
    negative,
    zero,
    length_min,
    length_max,
    top,
    sample,
    sample_raw,
});
fields!(SourceDescription {
    format,
    parts,
    encoding,
    delimiter,
    quote,
    escape,
    line_end,
    header_rows,
    headers,
    skipped,
    skipped_rows,
    unreadable,
});
fields!(SkippedRow { row, reason, text });
fields!(UnreadableCell { row, column, text });

named!(SkipReason, |reason| reason.as_str().to_owned(), |name| {
    SkipReason::ALL.into_iter().find(|reason| reason.as_str() == name)
});
named!(ValueKind, |kind| kind.as_str().to_owned(), |name| {
    [
        ValueKind::Empty,
        ValueKind::Boolean,
        ValueKind::Integer,
        ValueKind::Decimal,
        ValueKind::Date,
        ValueKind::DateTime,
        ValueKind::TimeOfDay,
        ValueKind::Duration,
        ValueKind::Text,
    ]
    .into_iter()
    .find(|kind| kind.as_str() == name)
});

impl Archived for Cell {
    fn keep(&self) -> Value {
        match self {
            Self::Empty => Value::Null,
            Self::Flag(flag) => json!({"flag": flag}),
            Self::Number(number) => json!({"number": number.keep()}),
            Self::Moment(micros) => json!({"moment": micros}),
            Self::Time(seconds) => json!({"time": seconds.keep()}),
            Self::Text(text) => json!({"text": text}),
            Self::Unreadable(text) => json!({"unreadable": text}),
        }
    }

    fn restore(value: Value) -> Result<Self, Unreadable> {
        if value.is_null() {
            return Ok(Self::Empty);
        }
        let mut cell = members(value)?;
        let kind = cell.keys().next().cloned().unwrap_or_default();
        Ok(match kind.as_str() {
            "flag" => Self::Flag(take(&mut cell, "flag")?),
            "number" => Self::Number(take(&mut cell, "number")?),
            "moment" => Self::Moment(take(&mut cell, "moment")?),
            "time" => Self::Time(take(&mut cell, "time")?),
            "text" => Self::Text(take(&mut cell, "text")?),
            "unreadable" => Self::Unreadable(take(&mut cell, "unreadable")?),
            _ => return Err(Unreadable::not("cell", &Value::Object(cell))),
        })
    }
}
