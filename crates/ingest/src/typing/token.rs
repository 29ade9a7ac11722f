//! Cutting a cell into digit runs, marks and known words.
//!
//! The codes of the pieces, without their values, are the cell's shape: `12.03.2024 07:30` has the shape of two digits,
//! a point, two digits, a point, four digits, a blank, and so on. All rows of a shape are judged together.

use super::words::{self, code, currencies, fold_char};

/// More pieces than the longest moment has; what has more is text.
pub(super) const MAX_TOKENS: usize = 24;

pub(super) type Shape = [u8; MAX_TOKENS];

/// Digit runs have their length as code, longer ones this.
pub(super) const LONG_RUN: u8 = 31;

/// The pieces of one cell.
#[derive(Debug, Clone)]
pub(super) struct Tokens {
    /// Run length, ASCII mark, or a word's code of [`code`]; zero behind the end.
    pub(super) codes: Shape,
    /// The number of a run, the value of a word.
    pub(super) values: [u64; MAX_TOKENS],
    pub(super) len: usize,
}

impl Default for Tokens {
    fn default() -> Self {
        Self { codes: [0; MAX_TOKENS], values: [0; MAX_TOKENS], len: 0 }
    }
}

pub(super) const fn is_run(code: u8) -> bool {
    code != 0 && code <= LONG_RUN
}

/// A shape whose cells all have the same width, by which the next cell is cut without looking for its pieces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Template {
    shape: Shape,
    len: u8,
    width: u8,
}

impl Template {
    /// The template of a shape of digits and marks, and of the `T` between date and time.
    pub(super) fn of(shape: &Shape) -> Option<Self> {
        let len = shape.iter().position(|piece| *piece == 0).unwrap_or(MAX_TOKENS);
        let mut width = 0;
        for at in 0..len {
            width += match shape[at] {
                LONG_RUN => return None,
                piece if is_run(piece) => piece,
                piece if piece < code::FIRST_WORD => 1,
                code::T if at > 0 && is_run(shape[at - 1]) && at + 1 < len && is_run(shape[at + 1]) => 1,
                _ => return None,
            };
        }
        Some(Self { shape: *shape, len: len as u8, width })
    }
}

impl Tokens {
    /// Cuts a cell that has the shape of a template; `false` when it may have another.
    pub(super) fn follow(&mut self, text: &str, template: &Template) -> bool {
        let bytes = text.as_bytes();
        if bytes.len() != usize::from(template.width) {
            return false;
        }
        let mut rest = bytes;
        for (piece, value) in template.shape[..usize::from(template.len)].iter().zip(&mut self.values) {
            if is_run(*piece) {
                let Some((run, behind)) = rest.split_at_checked(usize::from(*piece)) else { return false };
                let mut number = 0u64;
                for byte in run {
                    let digit = byte.wrapping_sub(b'0');
                    if digit > 9 {
                        return false;
                    }
                    number = number * 10 + u64::from(digit);
                }
                *value = number;
                rest = behind;
            } else {
                let wanted = if *piece == code::T { b'T' } else { *piece };
                let Some((byte, behind)) = rest.split_first() else { return false };
                if *byte != wanted {
                    return false;
                }
                *value = 0;
                rest = behind;
            }
        }
        self.codes = template.shape;
        self.len = usize::from(template.len);
        true
    }

    pub(super) fn shape(&self) -> &[u8] {
        &self.codes[..self.len]
    }

    fn push(&mut self, code: u8, value: u64) -> bool {
        if self.len == MAX_TOKENS {
            return false;
        }
        self.codes[self.len] = code;
        self.values[self.len] = value;
        self.len += 1;
        true
    }

    /// Cuts a trimmed cell; `false` when it holds a word or sign that no number, date, span or flag has.
    pub(super) fn scan(&mut self, text: &str) -> bool {
        self.codes = [0; MAX_TOKENS];
        self.len = 0;
        let bytes = text.as_bytes();
        let mut at = 0;
        while at < bytes.len() {
            let byte = bytes[at];
            let fits = match byte {
                b'0'..=b'9' => {
                    let start = at;
                    let mut value = 0u64;
                    while at < bytes.len() && bytes[at].is_ascii_digit() {
                        value = value.wrapping_mul(10).wrapping_add(u64::from(bytes[at] - b'0'));
                        at += 1;
                    }
                    let length = at - start;
                    if length > 18 { self.push(LONG_RUN, u64::MAX) } else { self.push(length as u8, value) }
                }
                b' ' | b'\t' => {
                    at += 1;
                    self.push_blank()
                }
                b'$' => {
                    at += 1;
                    self.push(code::CURRENCY, 0)
                }
                b'`' => {
                    at += 1;
                    self.push(b'\'', 0)
                }
                b'A'..=b'Z' | b'a'..=b'z' => match self.word(text, at) {
                    Some(next) => {
                        at = next;
                        true
                    }
                    None => false,
                },
                0x21..=0x7E => {
                    at += 1;
                    self.push(byte, 0)
                }
                0x80.. => match self.beyond_ascii(text, at) {
                    Some(next) => {
                        at = next;
                        true
                    }
                    None => false,
                },
                _ => false,
            };
            if !fits {
                return false;
            }
        }
        true
    }

    fn push_blank(&mut self) -> bool {
        (self.len > 0 && self.codes[self.len - 1] == b' ') || self.push(b' ', 0)
    }

    /// A word from `start`; where it ends, if it is known.
    fn word(&mut self, text: &str, start: usize) -> Option<usize> {
        let bytes = text.as_bytes();
        let mut folded = [0u8; 16];
        let mut length = 0;
        let mut at = start;
        while at < bytes.len() {
            let byte = bytes[at];
            let (first, second, width) = if byte.is_ascii_alphabetic() {
                (byte | 0x20, 0, 1)
            } else if byte < 0x80 {
                break;
            } else {
                let character = text[at..].chars().next()?;
                let (first, second) = fold_char(character);
                if first == 0 {
                    break;
                }
                (first, second, character.len_utf8())
            };
            for letter in [first, second] {
                if letter > 1 {
                    *folded.get_mut(length)? = letter;
                    length += 1;
                }
            }
            at += width;
        }
        let word = &folded[..length];
        if bytes.get(at) == Some(&b'$')
            && let Some(currency) = currencies::of_dollar(word)
        {
            return self.push(code::CURRENCY, currency).then_some(at + 1);
        }
        if let Some(half) = half_day(word)
            && let Some(next) = dotted_m(bytes, at)
        {
            return self.push(code::HALF_DAY, half).then_some(next);
        }
        let (role, value) = words::part(u128::from_le_bytes(folded))?;
        self.push(role, value).then_some(at)
    }

    /// A character outside ASCII: full-width digits and marks, typographic signs, Chinese and Japanese.
    fn beyond_ascii(&mut self, text: &str, start: usize) -> Option<usize> {
        let rest = &text[start..];
        let character = rest.chars().next()?;
        let next = start + character.len_utf8();
        if let Some(currency) = currencies::of_sign(character) {
            return self.push(code::CURRENCY, currency).then_some(next);
        }
        let fits = match character {
            '\u{A0}' | '\u{2000}'..='\u{200A}' | '\u{202F}' | '\u{3000}' => self.push_blank(),
            '\u{2212}' | '\u{2010}'..='\u{2014}' => self.push(b'-', 0),
            '\u{2018}' | '\u{2019}' | '\u{B4}' | '\u{2032}' => self.push(b'\'', 0),
            '０'..='９' => return self.wide_run(text, start),
            '！'..='～' => {
                let plain = (character as u32 - 0xFEE0) as u8;
                !plain.is_ascii_alphanumeric() && self.push(plain, 0)
            }
            '年' => self.push(code::YEAR_SIGN, 0),
            '月' => self.push(code::MONTH_SIGN, 0),
            '日' | '号' | '號' => self.push(code::DAY_SIGN, 0),
            '时' | '時' | '点' | '點' => self.push(code::HOUR_SIGN, 0),
            '分' => self.push(code::MINUTE_SIGN, 0),
            '秒' => self.push(code::SECOND_SIGN, 0),
            '天' => self.push(code::DAYS, 0),
            '件' | '个' | '個' | '台' | '套' | '只' | '片' | '根' => {
                self.push(code::UNIT, words::units::index_of("pcs"))
            }
            _ => {
                for (sign, role, value) in SIGNS {
                    if rest.starts_with(sign) {
                        return self.push(role, value).then_some(start + sign.len());
                    }
                }
                return if fold_char(character).0 > 1 { self.word(text, start) } else { None };
            }
        };
        fits.then_some(next)
    }

    fn wide_run(&mut self, text: &str, start: usize) -> Option<usize> {
        let mut value = 0u64;
        let mut length = 0u8;
        let mut at = start;
        for character in text[start..].chars() {
            let digit = match character {
                '0'..='9' => character as u32 - '0' as u32,
                '０'..='９' => character as u32 - '０' as u32,
                _ => break,
            };
            if length == 18 {
                return None;
            }
            value = value * 10 + u64::from(digit);
            length += 1;
            at += character.len_utf8();
        }
        self.push(length, value).then_some(at)
    }
}

const SIGNS: [(&str, u8, u64); 29] = [
    ("上午", code::HALF_DAY, 0),
    ("午前", code::HALF_DAY, 0),
    ("下午", code::HALF_DAY, 1),
    ("午後", code::HALF_DAY, 1),
    ("小时", code::HOURS, 0),
    ("小時", code::HOURS, 0),
    ("时间", code::HOURS, 0),
    ("星期一", code::WEEKDAY, 0),
    ("星期二", code::WEEKDAY, 0),
    ("星期三", code::WEEKDAY, 0),
    ("星期四", code::WEEKDAY, 0),
    ("星期五", code::WEEKDAY, 0),
    ("星期六", code::WEEKDAY, 0),
    ("周一", code::WEEKDAY, 0),
    ("周二", code::WEEKDAY, 0),
    ("周三", code::WEEKDAY, 0),
    ("周四", code::WEEKDAY, 0),
    ("周五", code::WEEKDAY, 0),
    ("周六", code::WEEKDAY, 0),
    ("周日", code::WEEKDAY, 0),
    ("火", code::WEEKDAY, 0),
    ("水", code::WEEKDAY, 0),
    ("木", code::WEEKDAY, 0),
    ("金", code::WEEKDAY, 0),
    ("土", code::WEEKDAY, 0),
    ("千克", code::UNIT, 0),
    ("公斤", code::UNIT, 0),
    ("钟", code::UNIT, 0),
    ("鐘", code::UNIT, 0),
];

fn half_day(word: &[u8]) -> Option<u64> {
    match word {
        b"a" => Some(0),
        b"p" => Some(1),
        _ => None,
    }
}

/// Where `.m.`, `. m.` or `.m` ends.
fn dotted_m(bytes: &[u8], at: usize) -> Option<usize> {
    if bytes.get(at) != Some(&b'.') {
        return None;
    }
    let mut next = at + 1;
    if bytes.get(next) == Some(&b' ') {
        next += 1;
    }
    if !matches!(bytes.get(next), Some(b'm' | b'M')) {
        return None;
    }
    next += 1;
    Some(if bytes.get(next) == Some(&b'.') { next + 1 } else { next })
}
