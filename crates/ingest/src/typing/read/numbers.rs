//! Numbers.

use super::super::number::{DecimalMark, Digits, NoNumber, NumberLayout, number};
use super::super::token::{Shape, Tokens};
use super::{Reading, Unreadable, Value};

/// How a column writes its numbers.
#[derive(Debug, Clone, Default)]
pub(in crate::typing) struct NumberReader {
    pub(in crate::typing) decimal: DecimalMark,
    /// The column holds whole numbers only.
    pub(in crate::typing) whole: bool,
    /// Frequent shapes whose layout need not be found again. It does not change what is read.
    pub(in crate::typing) known: Vec<(Shape, NumberLayout)>,
}

impl PartialEq for NumberReader {
    fn eq(&self, other: &Self) -> bool {
        (self.decimal, self.whole) == (other.decimal, other.whole)
    }
}

impl NumberReader {
    pub(super) fn read(&self, text: &str) -> Reading<Value<'static>> {
        match self.digits(text) {
            Ok(digits) if self.whole => {
                digits.to_i64().map_or(Reading::Unreadable(Unreadable::NotWhole), |whole| {
                    Reading::Value(Value::Integer(whole))
                })
            }
            Ok(digits) => {
                let number = digits.to_f64();
                if number.is_finite() {
                    Reading::Value(Value::Real(number))
                } else {
                    Reading::Unreadable(Unreadable::TooLong)
                }
            }
            Err(reason) => Reading::Unreadable(reason),
        }
    }

    pub(super) fn digits(&self, text: &str) -> Result<Digits, Unreadable> {
        if let Some(digits) = self.plain(text.as_bytes()) {
            return Ok(digits);
        }
        let mut tokens = Tokens::default();
        if !tokens.scan(text) {
            return Err(Unreadable::NoNumber);
        }
        let known = self.known.iter().find(|(shape, _)| *shape == tokens.codes).map(|(_, layout)| *layout);
        let layout = known.or_else(|| number(tokens.shape())).ok_or(Unreadable::NoNumber)?;
        layout.digits(&tokens, self.decimal).map_err(|reason| match reason {
            NoNumber::OtherMarks => Unreadable::OtherMarks,
            NoNumber::EitherWay => Unreadable::EitherWay,
            NoNumber::TooLong => Unreadable::TooLong,
        })
    }

    /// The quick way for `1234`, `-1234` and `-1234.56`.
    fn plain(&self, bytes: &[u8]) -> Option<Digits> {
        let mark = match self.decimal {
            DecimalMark::Point => b'.',
            DecimalMark::Comma => b',',
            DecimalMark::None | DecimalMark::Each => 0,
        };
        let negative = bytes.first() == Some(&b'-');
        let digits = &bytes[usize::from(negative)..];
        if digits.is_empty() || digits.len() > 18 || !digits[0].is_ascii_digit() {
            return None;
        }
        let mut mantissa = 0i64;
        let mut marked = None;
        for (at, byte) in digits.iter().enumerate() {
            if byte.is_ascii_digit() {
                mantissa = mantissa * 10 + i64::from(byte - b'0');
            } else if *byte == mark && marked.is_none() {
                marked = Some(at);
            } else {
                return None;
            }
        }
        let decimals = match marked {
            None => 0,
            Some(at) if at + 1 < digits.len() => (digits.len() - at - 1) as u32,
            Some(_) => return None,
        };
        Some(Digits { mantissa: if negative { -mantissa } else { mantissa }, decimals, exponent: 0 })
    }
}
