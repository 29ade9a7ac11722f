//! The type of a column, and reading its cells by it.

use domain::Cell;
use domain::table::ValueKind;

use super::read::{Reader, Reading, Value};

/// What a column's values are and how they are written, by the evidence of all rows.
#[derive(Debug, Clone)]
pub struct ColumnType {
    pub kind: ValueKind,
    /// In words a person can check: `dd.mm.yyyy`, `1.234,56`, `HHMMSS`, `X or blank`. Mixed notations are joined by `and`.
    pub format: Option<String>,
    /// Other readings that the values allow just as well. Not empty means that a person should look.
    pub ambiguous: Vec<String>,
    /// ISO 4217 code where the values carry a currency sign or code.
    pub currency: Option<String>,
    /// The unit that values carry behind the number: `h`, `kg`, `%`.
    pub unit_suffix: Option<String>,
    /// What a person should know of how the column was read: odd values, mixed notations with their counts, "no date" values.
    pub notes: Vec<String>,
    /// What chose among ambiguous readings, in words: another column, working days, the header.
    pub settled_by: Option<String>,
    pub(super) reader: Reader,
}

/// Two types are equal when they read every cell alike; notes and counts may differ while a file is still being read.
impl PartialEq for ColumnType {
    fn eq(&self, other: &Self) -> bool {
        self.kind == other.kind && self.reader == other.reader
    }
}

impl ColumnType {
    pub(super) fn new(kind: ValueKind, reader: Reader) -> Self {
        Self {
            kind,
            format: None,
            ambiguous: Vec::new(),
            currency: None,
            unit_suffix: None,
            notes: Vec::new(),
            settled_by: None,
            reader,
        }
    }

    /// The value of a cell; borrows the cell where it is text.
    pub fn value<'a>(&self, raw: &'a str) -> Reading<Value<'a>> {
        self.reader.read(raw)
    }

    /// The cell of a sample. Empty cells and "no date" values are [`Cell::Empty`].
    pub fn read(&self, raw: &str) -> Cell {
        match self.value(raw) {
            Reading::Value(value) => match value {
                Value::Flag(flag) => Cell::Flag(flag),
                Value::Integer(number) => Cell::Number(number as f64),
                Value::Real(number) => Cell::Number(number),
                Value::Moment(micros) => Cell::Moment(micros),
                Value::Time(seconds) => Cell::Time(seconds),
                Value::Text(text) => Cell::Text(text.to_owned()),
            },
            Reading::Blank | Reading::NoValue => Cell::Empty,
            Reading::Unreadable(_) => Cell::Unreadable(raw.trim().to_owned()),
        }
    }

    pub fn read_bool(&self, raw: &str) -> Reading<bool> {
        self.value(raw).and_then(|value| if let Value::Flag(flag) = value { Some(flag) } else { None })
    }

    pub fn read_i64(&self, raw: &str) -> Reading<i64> {
        self.value(raw).and_then(|value| if let Value::Integer(number) = value { Some(number) } else { None })
    }

    /// Integers, decimals, hours of durations, seconds of times of day.
    pub fn read_f64(&self, raw: &str) -> Reading<f64> {
        self.value(raw).and_then(|value| match value {
            Value::Integer(number) => Some(number as f64),
            Value::Real(number) | Value::Time(number) => Some(number),
            _ => None,
        })
    }

    /// Microseconds since 1970-01-01 00:00 on the plant's clock.
    pub fn read_micros(&self, raw: &str) -> Reading<i64> {
        self.value(raw).and_then(|value| if let Value::Moment(micros) = value { Some(micros) } else { None })
    }

    pub fn read_text<'a>(&self, raw: &'a str) -> Reading<&'a str> {
        self.value(raw).and_then(|value| if let Value::Text(text) = value { Some(text) } else { None })
    }
}
