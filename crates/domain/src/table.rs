//! A table as read: what mapping sees of a file, without knowing the file.
//!
//! The whole table lies in a Parquet file that `ingest` wrote, with one column `source_row` (Int64, the 1-based line
//! or sheet row) and the typed columns `c0`, `c1`, … in the order of the file. Arrow types by [`ValueKind`]:
//! Boolean → Boolean, Integer → Int64, Decimal and Duration → Float64 (durations in hours), `Date` and `DateTime` →
//! Timestamp(Microsecond, no zone; plant-local), `TimeOfDay` → Float64 (seconds since midnight), Text and Empty → Utf8.
//! An empty, "no date" or unreadable cell is null there.

use crate::issue::Issue;

/// What the values of a column are, by the evidence of all rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ValueKind {
    /// No row holds a value.
    Empty,
    Boolean,
    /// Whole numbers that carry no leading zeros.
    Integer,
    Decimal,
    Date,
    DateTime,
    TimeOfDay,
    /// A span of time written as such (`HHH:MM`); plain decimal hours are [`ValueKind::Decimal`].
    Duration,
    /// Words, codes, and digits with leading zeros.
    Text,
}

impl ValueKind {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::Boolean => "boolean",
            Self::Integer => "integer",
            Self::Decimal => "decimal",
            Self::Date => "date",
            Self::DateTime => "datetime",
            Self::TimeOfDay => "time",
            Self::Duration => "duration",
            Self::Text => "text",
        }
    }

    pub fn is_number(self) -> bool {
        matches!(self, Self::Integer | Self::Decimal | Self::Duration)
    }

    pub fn is_moment(self) -> bool {
        matches!(self, Self::Date | Self::DateTime)
    }
}

/// One typed cell of the sample.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    Empty,
    Flag(bool),
    /// Integer, decimal, and duration (hours).
    Number(f64),
    /// Microseconds since 1970-01-01 00:00 on the plant's own clock.
    Moment(i64),
    /// Seconds since midnight.
    Time(f64),
    Text(String),
    /// What the column's format could not read, as written.
    Unreadable(String),
}

impl Cell {
    pub fn number(&self) -> Option<f64> {
        match self {
            Self::Number(value) => Some(*value),
            _ => None,
        }
    }

    pub fn moment(&self) -> Option<i64> {
        match self {
            Self::Moment(micros) => Some(*micros),
            _ => None,
        }
    }

    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    pub fn is_empty(&self) -> bool {
        matches!(self, Self::Empty)
    }
}

/// A column: its header, how its values are read, and what is known of them over all rows.
#[derive(Debug, Clone, PartialEq)]
pub struct ColumnProfile {
    pub index: usize,
    /// As the file writes it, white space trimmed; empty where the file has none.
    pub header: String,
    pub kind: ValueKind,
    /// How values are written, in words a person can check: `dd.mm.yyyy`, `1.234,56`, `HHMMSS`, `X or blank`.
    pub format: Option<String>,
    /// Other readings that the values allow just as well. Not empty means that a person should look.
    pub ambiguous: Vec<String>,
    /// ISO 4217 code where the values carry a currency sign or code.
    pub currency: Option<String>,
    pub filled: u64,
    pub empty: u64,
    pub unreadable: u64,
    /// Distinct values, exact up to 100,000 and an estimate above.
    pub distinct: u64,
    /// Over all readable numbers (for moments: microseconds).
    pub min: Option<f64>,
    pub max: Option<f64>,
    pub mean: Option<f64>,
    pub negative: u64,
    pub zero: u64,
    /// Length in characters of the shortest and longest filled value as written.
    pub length_min: usize,
    pub length_max: usize,
    /// The most frequent values as written, most frequent first, at most 50.
    pub top: Vec<(String, u64)>,
    /// Cells of the sample rows: all columns of a table sample the same rows, in file order.
    pub sample: Vec<Cell>,
    /// The same cells as written.
    pub sample_raw: Vec<String>,
}

impl ColumnProfile {
    pub fn rows(&self) -> u64 {
        self.filled + self.empty
    }

    /// Share of rows that hold a value.
    pub fn fill(&self) -> f64 {
        if self.rows() == 0 { 0.0 } else { self.filled as f64 / self.rows() as f64 }
    }
}

/// A table, as far as mapping needs to see it.
#[derive(Debug, Clone, PartialEq)]
pub struct TableProfile {
    /// The file's name, without its folder.
    pub file: String,
    /// The sheet, or the member of an archive.
    pub part: Option<String>,
    /// Data rows, without banners, headers, blank and total rows.
    pub rows: u64,
    /// Where the rows of the sample stand in the file; empty for what was read before that was kept.
    pub sample_rows: Vec<u64>,
    pub columns: Vec<ColumnProfile>,
    pub issues: Vec<Issue>,
}
