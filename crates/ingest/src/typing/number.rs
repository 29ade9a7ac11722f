//! Numbers with their signs, marks, currencies and units.

use super::clock::NONE;
use super::token::{LONG_RUN, Tokens, is_run};
use super::words::code;
use std::io::Write as _;

/// How the digits of a number are marked, as far as its shape tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Marks {
    Plain,
    /// One mark that can only be the decimal one.
    Decimal(u8),
    /// Groups of three (or the Indian two), no decimals.
    Grouped(u8),
    GroupedDecimal(u8, u8),
    /// `1.234`: a thousand, or one and a fraction.
    Either(u8),
    /// `.5`
    Leading(u8),
}

/// How a number says that it is negative.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sign {
    None,
    Plus,
    Minus,
    TrailingMinus,
    Parentheses,
    Credit,
    Debit,
}

/// Where the parts of a number stand among the pieces of a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct NumberLayout {
    pub(super) sign: Sign,
    pub(super) currency: u8,
    pub(super) unit: u8,
    pub(super) percent: bool,
    pub(super) marks: Marks,
    pub(super) body: (u8, u8),
    /// The exponent's digits, and whether a minus stands before them.
    pub(super) exponent: u8,
    pub(super) exponent_negative: bool,
    /// `12,-`
    pub(super) dashed: bool,
}

/// The layout of a cell that is a number by its pieces.
pub(super) fn number(codes: &[u8]) -> Option<NumberLayout> {
    let get = |at: usize| codes.get(at).copied().unwrap_or(0);
    let mut layout = NumberLayout {
        sign: Sign::None,
        currency: NONE,
        unit: NONE,
        percent: false,
        marks: Marks::Plain,
        body: (0, 0),
        exponent: NONE,
        exponent_negative: false,
        dashed: false,
    };
    let mut open = false;
    let mut at = 0;
    let set_sign = |layout: &mut NumberLayout, sign: Sign| {
        let free = layout.sign == Sign::None;
        layout.sign = sign;
        free
    };
    loop {
        let fits = match get(at) {
            b' ' => true,
            b'-' => set_sign(&mut layout, Sign::Minus),
            b'+' => set_sign(&mut layout, Sign::Plus),
            b'(' => {
                open = true;
                set_sign(&mut layout, Sign::Parentheses)
            }
            code::CURRENCY | code::WEEKDAY_OR_CURRENCY
                if layout.currency == NONE
                    && (get(at) == code::CURRENCY || matches!(get(at + 1), b'.' | b' ')) =>
            {
                layout.currency = at as u8;
                // `Fr. 12.50`, `Rs.1,234`
                if get(at + 1) == b'.'
                    && (get(at + 2) == b' ' || get(at) == code::WEEKDAY_OR_CURRENCY || is_run(get(at + 2)))
                {
                    at += 1;
                }
                true
            }
            _ => break,
        };
        if !fits {
            return None;
        }
        at += 1;
    }
    let start = at;
    if matches!(get(at), b'.' | b',') {
        at += 1;
    }
    if !is_run(get(at)) || get(at) == LONG_RUN {
        return None;
    }
    at += 1;
    while matches!(get(at), b'.' | b',' | b'\'' | b' ' | b'_') && is_run(get(at + 1)) {
        if get(at + 1) == LONG_RUN {
            return None;
        }
        at += 2;
    }
    layout.body = (start as u8, at as u8);
    layout.marks = marks(&codes[start..at])?;
    if get(at) == code::EXPONENT {
        at += 1;
        // `12E45` is a code; a number in this notation has a sign or decimals.
        if !matches!(get(at), b'+' | b'-') && layout.marks == Marks::Plain {
            return None;
        }
        layout.exponent_negative = get(at) == b'-';
        at += usize::from(matches!(get(at), b'+' | b'-'));
        if !(1..=3).contains(&get(at)) {
            return None;
        }
        layout.exponent = at as u8;
        at += 1;
    }
    if matches!(get(at), b',' | b'.') && get(at + 1) == b'-' && layout.marks == Marks::Plain {
        layout.dashed = true;
        at += 2;
        at += usize::from(get(at) == b'-');
    } else if get(at) == b'.' && layout.marks == Marks::Plain && at + 1 == codes.len() {
        // `12.`
        at += 1;
    }
    while at < codes.len() {
        let fits = match get(at) {
            b' ' => true,
            b'-' => set_sign(&mut layout, Sign::TrailingMinus),
            b'+' => set_sign(&mut layout, Sign::Plus),
            b')' => std::mem::take(&mut open),
            code::CREDIT => set_sign(&mut layout, Sign::Credit),
            code::DEBIT => set_sign(&mut layout, Sign::Debit),
            b'%' => !std::mem::replace(&mut layout.percent, true),
            code::CURRENCY | code::WEEKDAY_OR_CURRENCY if layout.currency == NONE => {
                layout.currency = at as u8;
                at += usize::from(get(at + 1) == b'.');
                true
            }
            code::UNIT
            | code::HOURS
            | code::MINUTES
            | code::SECONDS
            | code::DAYS
            | code::MINUTES_OR_UNIT
            | code::T
            | code::ORDINAL_OR_UNIT
            | code::MINUTE_SIGN
            | code::SECOND_SIGN
                if layout.unit == NONE =>
            {
                layout.unit = at as u8;
                at += usize::from(get(at + 1) == b'.');
                at += usize::from(get(at) == code::MINUTE_SIGN && get(at + 1) == code::UNIT);
                true
            }
            b'/' => {
                is_unit(get(at + 1)) && (layout.currency != NONE || layout.unit != NONE) && {
                    at += 1;
                    true
                }
            }
            _ => false,
        };
        if !fits {
            return None;
        }
        at += 1;
    }
    (!open).then_some(layout)
}

fn is_unit(piece: u8) -> bool {
    matches!(
        piece,
        code::UNIT
            | code::HOURS
            | code::MINUTES
            | code::SECONDS
            | code::DAYS
            | code::MINUTES_OR_UNIT
            | code::T
            | code::ORDINAL_OR_UNIT
    )
}

fn marks(body: &[u8]) -> Option<Marks> {
    if !is_run(body[0]) {
        return (body.len() == 2).then_some(Marks::Leading(body[0]));
    }
    match *body {
        [_] => Some(Marks::Plain),
        [first, mark @ (b'.' | b','), 3] if first <= 3 => Some(Marks::Either(mark)),
        [_, mark @ (b'.' | b','), _] => Some(Marks::Decimal(mark)),
        [first, mark, 3] if first <= 3 => Some(Marks::Grouped(mark)),
        _ => {
            let mark = body[1];
            let last = body[body.len() - 2];
            if last == mark {
                return grouped(body, mark).then_some(Marks::Grouped(mark));
            }
            let integer = &body[..body.len() - 2];
            (matches!(last, b'.' | b',') && grouped(integer, mark))
                .then_some(Marks::GroupedDecimal(mark, last))
        }
    }
}

/// Whether the digits stand in groups of three, or in the Indian way.
fn grouped(body: &[u8], mark: u8) -> bool {
    if body.len() < 3 || body.iter().skip(1).step_by(2).any(|found| *found != mark) {
        return false;
    }
    let inner: Vec<u8> = body.iter().skip(2).step_by(2).copied().collect();
    let threes = body[0] <= 3 && inner.iter().all(|length| *length == 3);
    let indian = mark == b','
        && body[0] <= 2
        && inner.len() >= 2
        && inner.last() == Some(&3)
        && inner[..inner.len() - 1].iter().all(|length| *length == 2);
    threes || indian
}

/// Which mark parts the decimals in a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum DecimalMark {
    /// No cell has decimals, nor a mark that could be one.
    #[default]
    None,
    Point,
    Comma,
    /// The column mixes both: only cells that have one reading are read.
    Each,
}

impl DecimalMark {
    pub(super) fn is(self, mark: u8) -> bool {
        match self {
            Self::Point => mark == b'.',
            Self::Comma => mark == b',',
            Self::Each => matches!(mark, b'.' | b','),
            Self::None => false,
        }
    }
}

/// Why a cell is no number of the column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NoNumber {
    /// Its marks contradict those of the column.
    OtherMarks,
    EitherWay,
    TooLong,
}

/// The digits of a number: all of them as one whole number, and how many stand behind the decimal mark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Digits {
    pub(super) mantissa: i64,
    pub(super) decimals: u32,
    pub(super) exponent: i32,
}

impl NumberLayout {
    /// The digits of a cell by the decimal mark of its column. Credit entries count negative.
    pub(super) fn digits(&self, tokens: &Tokens, decimal: DecimalMark) -> Result<Digits, NoNumber> {
        let first = tokens.values[self.body.0 as usize];
        let has_decimals = match self.marks {
            Marks::Plain => false,
            Marks::Grouped(mark) => {
                if decimal.is(mark) && decimal != DecimalMark::Each {
                    return Err(NoNumber::OtherMarks);
                }
                false
            }
            Marks::Decimal(mark) | Marks::Leading(mark) | Marks::GroupedDecimal(_, mark) => {
                if !decimal.is(mark) {
                    return Err(NoNumber::OtherMarks);
                }
                true
            }
            Marks::Either(mark) => {
                // A thousand never begins with zero: `0.125`, `012.500`.
                let length = tokens.codes[self.body.0 as usize];
                if first < 10u64.pow(u32::from(length) - 1) || first == 0 {
                    if !decimal.is(mark) {
                        return Err(NoNumber::OtherMarks);
                    }
                    true
                } else if decimal == DecimalMark::Each {
                    return Err(NoNumber::EitherWay);
                } else {
                    decimal.is(mark)
                }
            }
        };
        let body = self.body.0 as usize..self.body.1 as usize;
        let mut mantissa = 0i64;
        let mut decimals = 0;
        let last = body.end - 1;
        for at in body {
            let length = tokens.codes[at];
            if !is_run(length) {
                continue;
            }
            let value = i64::try_from(tokens.values[at]).map_err(|_| NoNumber::TooLong)?;
            mantissa = mantissa
                .checked_mul(10i64.pow(u32::from(length)))
                .and_then(|grown| grown.checked_add(value))
                .ok_or(NoNumber::TooLong)?;
            if at == last && has_decimals {
                decimals = u32::from(length);
            }
        }
        if matches!(self.sign, Sign::Minus | Sign::TrailingMinus | Sign::Parentheses | Sign::Credit) {
            mantissa = -mantissa;
        }
        let exponent = if self.exponent == NONE { 0 } else { tokens.values[self.exponent as usize] as i32 };
        Ok(Digits { mantissa, decimals, exponent: if self.exponent_negative { -exponent } else { exponent } })
    }
}

const POWERS: [f64; 23] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18,
    1e19, 1e20, 1e21, 1e22,
];

impl Digits {
    /// The nearest double, the same that a parser of the plain decimal gives.
    pub(super) fn to_f64(self) -> f64 {
        let scale = self.exponent - self.decimals as i32;
        // Both factors are exact, so one operation rounds once.
        if self.mantissa.unsigned_abs() < 1 << 53 && scale.abs() <= 22 {
            let mantissa = self.mantissa as f64;
            let power = POWERS[scale.unsigned_abs() as usize];
            return if scale < 0 { mantissa / power } else { mantissa * power };
        }
        let mut buffer = [0u8; 40];
        let mut rest = &mut buffer[..];
        let written = write!(rest, "{}e{scale}", self.mantissa).map(|()| rest.len());
        let length = buffer.len() - written.unwrap_or(40);
        std::str::from_utf8(&buffer[..length]).ok().and_then(|text| text.parse().ok()).unwrap_or(f64::NAN)
    }

    pub(super) fn to_i64(self) -> Option<i64> {
        if self.exponent == 0 && self.decimals == 0 {
            return Some(self.mantissa);
        }
        let value = self.to_f64();
        (value.fract() == 0.0 && value.abs() < 9e15).then_some(value as i64)
    }
}
