//! Reading one cell by the decided notation of its column, without allocation.

mod clocks;
mod flags;
mod moments;
mod numbers;

pub(super) use clocks::{ClockReader, Meaning, Packed};
pub(super) use flags::FlagReader;
pub(super) use moments::MomentReader;
pub(super) use numbers::NumberReader;

use super::evidence::is_dash;
use super::words::{self, WHOLE_MISSING};
use super::written::{Written, trim, unwrap};

/// What a cell gave.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Reading<T> {
    Value(T),
    /// Nothing is written.
    Blank,
    /// Something is written that means nothing: `NULL`, `?`, `00/00/0000`, `31.12.9999`.
    NoValue,
    /// What the column's notation does not have.
    Unreadable(Unreadable),
}

impl<T> Reading<T> {
    /// The value, where there is one.
    pub fn some(self) -> Option<T> {
        if let Self::Value(value) = self { Some(value) } else { None }
    }

    pub(super) fn and_then<U>(self, convert: impl FnOnce(T) -> Option<U>) -> Reading<U> {
        match self {
            Self::Value(value) => {
                convert(value).map_or(Reading::Unreadable(Unreadable::OtherKind), Reading::Value)
            }
            Self::Blank => Reading::Blank,
            Self::NoValue => Reading::NoValue,
            Self::Unreadable(reason) => Reading::Unreadable(reason),
        }
    }
}

/// A value as read.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Value<'a> {
    Flag(bool),
    Integer(i64),
    /// Decimals, and durations in hours.
    Real(f64),
    /// Microseconds since 1970-01-01 00:00.
    Moment(i64),
    /// Seconds since midnight.
    Time(f64),
    Text(&'a str),
}

/// Why a cell could not be read by its column's notation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, thiserror::Error)]
pub enum Unreadable {
    #[error("is no number")]
    NoNumber,
    #[error("has decimals in a column of whole numbers")]
    NotWhole,
    #[error("has other decimal and thousands marks than the column")]
    OtherMarks,
    #[error("has more digits than a number can hold")]
    TooLong,
    #[error("is no date")]
    NoDate,
    #[error("is a day that the calendar does not have")]
    NoSuchDay,
    #[error("is a time that the clock does not have")]
    NoSuchTime,
    #[error("can be read in two ways, and the column mixes both")]
    EitherWay,
    #[error("is no time")]
    NoTime,
    #[error("is neither yes nor no")]
    NoFlag,
    #[error("is not of the column's type")]
    OtherKind,
}

/// The notation of a column.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Reader {
    Text,
    Number(NumberReader),
    Moment(MomentReader),
    Clock(ClockReader),
    Flag(FlagReader),
}

impl Reader {
    pub(super) fn read<'a>(&self, raw: &'a str) -> Reading<Value<'a>> {
        let trimmed = trim(raw);
        if trimmed.is_empty() {
            return Reading::Blank;
        }
        let text = match unwrap(trimmed) {
            Written::Wrapped("") => return Reading::Blank,
            Written::Plain(text) | Written::Wrapped(text) => text,
        };
        let reading = match self {
            Self::Text => {
                return if always_missing(text) {
                    Reading::NoValue
                } else {
                    Reading::Value(Value::Text(text))
                };
            }
            Self::Number(reader) => reader.read(text),
            Self::Moment(reader) => reader.read(text),
            Self::Clock(reader) => reader.read(text),
            Self::Flag(reader) => reader.read(text),
        };
        match reading {
            Reading::Unreadable(_) if missing(text).is_some() => Reading::NoValue,
            other => other,
        }
    }
}

/// Whether the cell is a word of "no value", and if so, whether it is one in every column.
fn missing(text: &str) -> Option<bool> {
    match words::whole(words::fold_whole(text)?) {
        Some((WHOLE_MISSING, always)) => Some(always == 1),
        _ => None,
    }
}

fn always_missing(text: &str) -> bool {
    // The quick way out for nearly all text.
    let candidate = text.len() <= 9
        && matches!(text.as_bytes()[0], b'-' | b'(' | b'<' | b'[' | b'\\' | b'#' | b'n' | b'N' | 0x80..);
    candidate && (is_dash(text) || missing(text) == Some(true))
}
