//! Times of day and durations.

use super::super::clock::{clock, named_span};
use super::super::digits::DigitForm;
use super::super::number::DecimalMark;
use super::super::token::Tokens;
use super::numbers::NumberReader;
use super::{Reading, Unreadable, Value};

/// What a clock reading means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::typing) enum Meaning {
    TimeOfDay,
    Duration,
    /// A duration whose first part is minutes.
    MinutesSeconds,
}

/// What numbers mean in a column of times.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::typing) enum Packed {
    None,
    Digits(DigitForm),
    /// `7.5` is half past seven.
    DecimalHours(DecimalMark),
    /// `7.30` is half past seven.
    HoursPointMinutes,
    /// `0.3125` is half past seven.
    DayFraction(DecimalMark),
}

/// How a column writes its times.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::typing) struct ClockReader {
    pub(in crate::typing) meaning: Meaning,
    pub(in crate::typing) packed: Packed,
}

const MICROS_PER_HOUR: f64 = 3.6e9;

impl ClockReader {
    pub(super) fn read(&self, text: &str) -> Reading<Value<'static>> {
        let mut tokens = Tokens::default();
        if !tokens.scan(text) {
            return Reading::Unreadable(Unreadable::NoTime);
        }
        let shape = tokens.shape();
        if self.meaning != Meaning::TimeOfDay
            && let Some(micros) = named_span(shape, &tokens.values)
        {
            return Reading::Value(Value::Real(micros as f64 / MICROS_PER_HOUR));
        }
        if let Some(layout) = clock(shape) {
            let micros = match self.meaning {
                Meaning::TimeOfDay => layout.time_of_day(shape, &tokens.values),
                Meaning::Duration => layout.span(shape, &tokens.values),
                Meaning::MinutesSeconds => layout.minutes_seconds(shape, &tokens.values),
            };
            return match micros {
                None => Reading::Unreadable(Unreadable::NoSuchTime),
                Some(micros) if self.meaning == Meaning::TimeOfDay => {
                    Reading::Value(Value::Time(micros as f64 / 1e6))
                }
                Some(micros) => Reading::Value(Value::Real(micros as f64 / MICROS_PER_HOUR)),
            };
        }
        self.read_packed(text, &tokens)
    }

    fn read_packed(&self, text: &str, tokens: &Tokens) -> Reading<Value<'static>> {
        let number = |decimal: DecimalMark| NumberReader { decimal, ..NumberReader::default() }.digits(text);
        let seconds = match self.packed {
            Packed::None => return Reading::Unreadable(Unreadable::NoTime),
            Packed::Digits(form) => {
                if tokens.len != 1 || tokens.codes[0] > 18 {
                    return Reading::Unreadable(Unreadable::NoTime);
                }
                form.read(tokens.values[0], usize::from(tokens.codes[0])).map(|micros| micros as f64 / 1e6)
            }
            Packed::DecimalHours(decimal) => match number(decimal) {
                Ok(digits) => Some((digits.to_f64() * 3600.0 * 1000.0).round() / 1000.0),
                Err(reason) => return Reading::Unreadable(reason),
            },
            Packed::DayFraction(decimal) => match number(decimal) {
                Ok(digits) => Some((digits.to_f64() * 86_400.0 * 1000.0).round() / 1000.0),
                Err(reason) => return Reading::Unreadable(reason),
            },
            Packed::HoursPointMinutes => match *tokens.shape() {
                [1 | 2, b'.' | b',', 2] if tokens.values[2] < 60 => {
                    Some((tokens.values[0] * 3600 + tokens.values[2] * 60) as f64)
                }
                [1 | 2] => Some((tokens.values[0] * 3600) as f64),
                _ => None,
            },
        };
        match seconds {
            Some(seconds) if (0.0..=86_400.0).contains(&seconds) => Reading::Value(Value::Time(seconds)),
            _ => Reading::Unreadable(Unreadable::NoSuchTime),
        }
    }
}
