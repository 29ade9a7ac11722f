//! A canonical table in compact memory: codes and numbers in columns, 5 million rows in a few hundred megabytes.

use std::collections::HashMap;

use super::{columns::Columns, narrow::Narrow, observations::NONE};

/// Words as numbers. Names are in alphabetical order, so that codes do not depend on the order of rows.
#[derive(Debug, Clone, Default)]
pub struct Codes {
    codes: Narrow,
    pub names: Vec<String>,
}

impl Codes {
    /// From the code of each row and the names that codes stand for.
    pub fn new(codes: Vec<u32>, names: Vec<String>) -> Self {
        Self { codes: Narrow::from_codes(codes), names }
    }

    /// The code of a row, or [`NONE`].
    pub fn code(&self, row: usize) -> u32 {
        self.codes.at(row)
    }

    /// The code of each row in turn.
    pub fn iter(&self) -> impl Iterator<Item = u32> + '_ {
        self.codes.iter()
    }

    pub fn name(&self, row: usize) -> Option<&str> {
        self.names.get(self.code(row) as usize).map(String::as_str)
    }
}

/// Gathers words in the order they come; [`CodesBuilder::finish`] sorts the names.
#[derive(Debug, Default)]
pub struct CodesBuilder {
    ids: HashMap<Box<str>, u32>,
    codes: Narrow,
    /// The word before and its code: rows of an order stand together, and so do many other words.
    last: String,
    last_code: u32,
}

impl CodesBuilder {
    /// With room for as many rows as are expected.
    pub fn with_capacity(rows: usize) -> Self {
        Self { codes: Narrow::with_capacity(rows), ..Self::default() }
    }

    pub fn push(&mut self, word: Option<&str>) {
        let Some(word) = word.map(str::trim).filter(|word| !word.is_empty()) else {
            self.codes.push(NONE);
            return;
        };
        if self.last == word {
            self.codes.push(self.last_code);
            return;
        }
        let code = if let Some(code) = self.ids.get(word) {
            *code
        } else {
            let code = self.ids.len() as u32;
            self.ids.insert(word.into(), code);
            code
        };
        self.codes.push(code);
        self.last.clear();
        self.last.push_str(word);
        self.last_code = code;
    }

    pub fn finish(self) -> Codes {
        let mut names: Vec<(Box<str>, u32)> = self.ids.into_iter().collect();
        names.sort_unstable();
        let mut new_code = vec![0_u32; names.len()];
        for (rank, (_, code)) in names.iter().enumerate() {
            new_code[*code as usize] = rank as u32;
        }
        let mut codes = self.codes;
        codes.recode(&new_code);
        Codes { codes, names: names.into_iter().map(|(name, _)| name.into()).collect() }
    }
}

#[derive(Debug, Clone)]
pub enum Column {
    Words(Codes),
    /// NaN where there is none. For tables with few rows and money that must add up to the cent.
    Numbers(Vec<f64>),
    /// Seven digits are enough for a row of an operation, at half the memory.
    Small(Vec<f32>),
    /// Days since 1970-01-01 with their fraction; NaN where there is none.
    Days(Vec<f64>),
}

impl Column {
    fn permute(&mut self, order: &[u32]) {
        match self {
            Self::Words(words) => words.codes = words.codes.permuted(order),
            Self::Numbers(values) | Self::Days(values) => {
                *values = order.iter().map(|row| values[*row as usize]).collect();
            }
            Self::Small(values) => *values = order.iter().map(|row| values[*row as usize]).collect(),
        }
    }
}

/// A table. Only columns with at least one value are in it.
#[derive(Debug, Clone, Default)]
pub struct Frame {
    pub len: usize,
    pub file: Vec<u16>,
    pub row: Vec<u32>,
    /// Index of the order in the frame of orders, or [`NONE`].
    pub order: Vec<u32>,
    pub columns: Columns,
}

impl Frame {
    pub fn has(&self, field: &str) -> bool {
        self.columns.contains_key(field)
    }

    pub fn days(&self, field: &str) -> Option<&[f64]> {
        match self.columns.get(field) {
            Some(Column::Days(values)) => Some(values),
            _ => None,
        }
    }

    pub fn words(&self, field: &str) -> Option<&Codes> {
        match self.columns.get(field) {
            Some(Column::Words(words)) => Some(words),
            _ => None,
        }
    }

    /// The number of a row, where there is one.
    pub fn number(&self, field: &str, row: usize) -> Option<f64> {
        let value = match self.columns.get(field)? {
            Column::Numbers(values) => values.get(row).copied(),
            Column::Small(values) => values.get(row).map(|value| f64::from(*value)),
            Column::Words(_) | Column::Days(_) => None,
        };
        value.filter(|value| value.is_finite())
    }

    /// Puts rows in the order of `order`.
    pub fn permute(&mut self, order: &[u32]) {
        self.file = order.iter().map(|row| self.file[*row as usize]).collect();
        self.row = order.iter().map(|row| self.row[*row as usize]).collect();
        self.order = order.iter().map(|row| self.order[*row as usize]).collect();
        for column in self.columns.values_mut() {
            column.permute(order);
        }
    }

    /// Rows of each order, as ranges; rows must stand in order of [`Frame::order`].
    pub fn ranges(&self, n_orders: usize) -> Vec<std::ops::Range<usize>> {
        let mut ranges = vec![0..0; n_orders];
        let mut from = 0;
        while from < self.len {
            let order = self.order[from];
            let mut to = from + 1;
            while to < self.len && self.order[to] == order {
                to += 1;
            }
            if let Some(range) = ranges.get_mut(order as usize) {
                *range = from..to;
            }
            from = to;
        }
        ranges
    }
}
