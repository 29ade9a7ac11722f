//! What is known of a column's values after looking at every row, in bounded memory and in any order of rows.

use super::column_type::ColumnType;
use super::digits::DigitEvidence;
use super::shapes::Shapes;
use super::token::Tokens;
use super::words::{self, WHOLE_MISSING};
use super::written::{Written, unwrap};

/// The evidence of all rows of one column.
///
/// Cells are judged by shape, so that neither the number of rows nor of distinct values matters for memory, and the
/// order of rows does not matter for the decision.
#[derive(Debug, Clone, Default)]
pub struct ColumnEvidence {
    pub(super) blank: u64,
    /// Words of "no value" that mean it in every column.
    pub(super) missing: u64,
    /// Words that mean it in typed columns only: `?`, `none`.
    pub(super) perhaps_missing: u64,
    /// A lone dash among the missing, which is "no" beside a tick.
    pub(super) dashes: u64,
    /// Which words of yes and no occur, and in how many cells.
    pub(super) flag_set: u64,
    pub(super) flags: u64,
    pub(super) digits: DigitEvidence,
    pub(super) shapes: Shapes,
    pub(super) text: TextEvidence,
    /// Cells that a spreadsheet was told to keep as text: `'00123`, `="00123"`.
    pub(super) wrapped: u64,
    scratch: Tokens,
}

/// Cells that no notation has.
#[derive(Debug, Clone, Default)]
pub(super) struct TextEvidence {
    pub(super) count: u64,
    /// Cells without blanks that hold digits: codes rather than remarks.
    pub(super) coded: u64,
    /// A few of them as written, for the report.
    pub(super) examples: Vec<String>,
}

const EXAMPLES: usize = 3;

impl ColumnEvidence {
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes up one cell as written.
    pub fn observe(&mut self, raw: &str) {
        self.observe_many(raw, 1);
    }

    /// Takes up a cell that is written the same in so many rows.
    pub fn observe_many(&mut self, raw: &str, count: u64) {
        let trimmed = super::written::trim(raw);
        if trimmed.is_empty() {
            self.blank += count;
            return;
        }
        let text = match unwrap(trimmed) {
            Written::Plain(text) => text,
            Written::Wrapped(text) => {
                self.wrapped += count;
                if text.is_empty() {
                    self.blank += count;
                    return;
                }
                text
            }
        };
        let bytes = text.as_bytes();
        if bytes[0].is_ascii_digit() {
            let mut value = 0u64;
            let mut length = 0;
            while length < bytes.len() && bytes[length].is_ascii_digit() {
                value = value.wrapping_mul(10).wrapping_add(u64::from(bytes[length] - b'0'));
                length += 1;
            }
            if length == bytes.len() {
                if length > 18 {
                    self.digits.observe_long(count);
                } else {
                    self.digits.observe(value, length, count);
                }
                return;
            }
        } else if text.len() <= 16
            && !(matches!(bytes[0], b'-' | b'+' | b'(' | b'.')
                && bytes.len() > 1
                && bytes[1].is_ascii_digit())
            && let Some(key) = words::fold_whole(text)
            && let Some((kind, value)) = words::whole(key)
        {
            if kind == WHOLE_MISSING {
                self.missing += if value == 1 { count } else { 0 };
                self.perhaps_missing += if value == 0 { count } else { 0 };
                self.dashes += if is_dash(text) { count } else { 0 };
            } else {
                self.flag_set |= 1 << value;
                self.flags += count;
            }
            return;
        }
        let followed = self.shapes.template().is_some_and(|template| self.scratch.follow(text, template));
        if !(followed || self.scratch.scan(text)) || !self.observe_tokens(count) {
            self.text.observe(text, count);
        }
    }

    fn observe_tokens(&mut self, count: u64) -> bool {
        // Full-width digits alone are digits like others.
        if self.scratch.len == 1 && super::token::is_run(self.scratch.codes[0]) && self.scratch.codes[0] <= 18
        {
            self.digits.observe(self.scratch.values[0], usize::from(self.scratch.codes[0]), count);
            return true;
        }
        self.shapes.observe(&self.scratch, count)
    }

    /// Takes up the evidence of other rows of the same column.
    pub fn merge(&mut self, other: Self) {
        self.blank += other.blank;
        self.missing += other.missing;
        self.perhaps_missing += other.perhaps_missing;
        self.dashes += other.dashes;
        self.flag_set |= other.flag_set;
        self.flags += other.flags;
        self.wrapped += other.wrapped;
        self.digits.merge(&other.digits);
        self.text.count += self.shapes.merge(other.shapes);
        self.text.count += other.text.count;
        self.text.coded += other.text.coded;
        for example in other.text.examples {
            self.text.remember(&example);
        }
    }

    /// Rows that hold something, words of "no value" left aside.
    pub fn filled(&self) -> u64 {
        self.digits.count
            + self.flags
            + self.text.count
            + self.shapes.iter().map(|shape| shape.count).sum::<u64>()
    }

    /// The type that all rows support.
    pub fn decide(&self, header: &str) -> ColumnType {
        super::decide::decide(self, header, &super::settle::Settled::default())
    }
}

pub(super) fn is_dash(text: &str) -> bool {
    matches!(text, "-" | "--" | "---" | "–" | "—")
}

impl TextEvidence {
    fn observe(&mut self, text: &str, count: u64) {
        self.count += count;
        let bytes = text.as_bytes();
        if bytes.len() <= 24 && bytes.iter().any(u8::is_ascii_digit) && !bytes.contains(&b' ') {
            self.coded += count;
        }
        if self.examples.len() < EXAMPLES {
            self.remember(text);
        }
    }

    fn remember(&mut self, text: &str) {
        if self.examples.len() < EXAMPLES && !self.examples.iter().any(|known| known == text) {
            self.examples.push(text.chars().take(60).collect());
        }
    }
}
