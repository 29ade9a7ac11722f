//! What the cells of a column look like, learned from rows of the right width.

use std::collections::HashMap;

/// Distinct patterns that are kept per column.
const PATTERNS: usize = 128;

/// What a single cell is, by its characters alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    Empty,
    /// Digits with number marks.
    Number,
    /// Digits with date or time marks.
    Moment,
    /// Letters and digits without blanks.
    Code,
    /// One word of letters.
    Word,
    /// Several words.
    Text,
}

pub fn look(cell: &str) -> Look {
    let cell = cell.trim();
    if cell.is_empty() {
        return Look::Empty;
    }
    let (mut digits, mut letters, mut blanks, mut date_marks, mut number_marks, mut other) =
        (0, 0, 0, 0, 0, 0);
    for c in cell.chars() {
        match c {
            '0'..='9' => digits += 1,
            ' ' | '\u{a0}' => blanks += 1,
            ':' | '/' => date_marks += 1,
            '.' | ',' | '-' | '+' | '%' | '$' | '€' | '£' | '(' | ')' | '\'' => number_marks += 1,
            c if c.is_alphabetic() => letters += 1,
            _ => other += 1,
        }
    }
    let dashes = cell.matches('-').count() + cell.matches('.').count();
    if digits > 0 && letters <= 3 && other == 0 && (date_marks > 0 || (dashes >= 2 && digits >= 6)) {
        return Look::Moment;
    }
    if digits > 0 && letters == 0 && other == 0 {
        return Look::Number;
    }
    if blanks > 0 {
        return Look::Text;
    }
    if digits > 0 || other > 0 || number_marks > 0 {
        return Look::Code;
    }
    Look::Word
}

/// The cell with digits as `9` (run by run) and letters as `a`; `None` for running text.
pub fn pattern(cell: &str) -> Option<String> {
    let cell = cell.trim();
    if cell.len() > 48 || matches!(look(cell), Look::Text | Look::Empty | Look::Word) {
        return None;
    }
    let mut out = String::with_capacity(cell.len());
    let mut last = '\0';
    for c in cell.chars() {
        if c.is_ascii_digit() {
            out.push('9');
        } else if c.is_alphabetic() {
            if last != 'a' {
                out.push('a');
            }
            last = 'a';
            continue;
        } else {
            out.push(c);
        }
        last = c;
    }
    Some(out)
}

#[derive(Debug, Clone, Default)]
pub struct ColumnModel {
    rows: u32,
    filled: u32,
    looks: [u32; 6],
    patterns: HashMap<String, u32>,
    length_sum: f64,
    length_squares: f64,
    values: HashMap<String, u32>,
}

impl ColumnModel {
    pub fn learn(&mut self, cell: &str) {
        self.rows += 1;
        let look = look(cell);
        self.looks[look as usize] += 1;
        if look == Look::Empty {
            return;
        }
        self.filled += 1;
        let length = (cell.trim().chars().count() as f64).ln();
        self.length_sum += length;
        self.length_squares += length * length;
        if self.values.len() < PATTERNS || self.values.contains_key(cell) {
            *self.values.entry(cell.to_owned()).or_default() += 1;
        }
        if let Some(pattern) = pattern(cell)
            && (self.patterns.len() < PATTERNS || self.patterns.contains_key(&pattern))
        {
            *self.patterns.entry(pattern).or_default() += 1;
        }
    }

    pub fn rows(&self) -> u32 {
        self.rows
    }

    /// Share of rows with a value.
    pub fn fill(&self) -> f64 {
        f64::from(self.filled) / f64::from(self.rows.max(1))
    }

    /// Share of filled cells that look so.
    pub fn share(&self, look: Look) -> f64 {
        f64::from(self.looks[look as usize]) / f64::from(self.filled.max(1))
    }

    pub fn holds_value(&self, cell: &str) -> bool {
        self.values.contains_key(cell)
    }

    /// How well a cell fits the column, from 0 to 1.
    pub fn fit(&self, cell: &str) -> f64 {
        let look = look(cell);
        if look == Look::Empty {
            return 0.05 + 0.95 * (1.0 - self.fill()).sqrt();
        }
        if self.filled == 0 {
            return 0.1;
        }
        let seen = f64::from(self.filled);
        if let Some(count) = pattern(cell).and_then(|p| self.patterns.get(&p).copied()) {
            return 0.75 + 0.25 * (f64::from(count) / seen * 4.0).min(1.0);
        }
        if let Some(count) = self.values.get(cell) {
            return 0.75 + 0.25 * (f64::from(*count) / seen * 8.0).min(1.0);
        }
        let words = self.share(Look::Word) + self.share(Look::Text);
        let share = match look {
            // One word or several is the same kind of thing.
            Look::Word | Look::Text => words,
            Look::Code => self.share(Look::Code).max(0.5 * words),
            look => self.share(look),
        };
        let mean = self.length_sum / seen;
        let spread = (self.length_squares / seen - mean * mean).max(0.0).sqrt().max(0.15);
        let z = ((cell.trim().chars().count() as f64).ln() - mean) / spread;
        0.85 * share * (0.15 + 0.85 * (-z * z / 10.0).exp())
    }
}

/// The models of all columns.
#[derive(Debug, Clone, Default)]
pub struct TableModel {
    pub columns: Vec<ColumnModel>,
}

impl TableModel {
    pub fn new(width: usize) -> Self {
        Self { columns: vec![ColumnModel::default(); width] }
    }

    pub fn learn<'a>(&mut self, cells: impl Iterator<Item = &'a str>) {
        for (column, cell) in self.columns.iter_mut().zip(cells) {
            column.learn(cell);
        }
    }

    /// Mean fit of cells under the columns in order; columns without a cell count as empty.
    pub fn fit<'a>(&self, cells: impl Iterator<Item = &'a str>) -> f64 {
        if self.columns.is_empty() {
            return 0.0;
        }
        let mut cells = cells;
        let sum: f64 = self.columns.iter().map(|column| column.fit(cells.next().unwrap_or(""))).sum();
        sum / self.columns.len() as f64
    }

    /// How many columns of a row hold a value as a rule.
    pub fn usual_fill(&self) -> f64 {
        self.columns.iter().map(ColumnModel::fill).sum()
    }
}
