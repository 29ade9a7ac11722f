//! The common shape before typing: numbered rows of cells, as written.

use crate::error::ReadError;

/// A row as the source writes it. One text buffer with cell ends, so that filling it again allocates nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RawRow {
    number: u64,
    text: String,
    ends: Vec<usize>,
}

impl RawRow {
    pub fn new() -> Self {
        Self::default()
    }

    /// A row with these cells, for short sources and tests.
    pub fn of<S: AsRef<str>>(number: u64, cells: impl IntoIterator<Item = S>) -> Self {
        let mut row = Self::new();
        row.start(number);
        for cell in cells {
            row.push(cell.as_ref());
        }
        row
    }

    /// Empties the row and gives it its 1-based line or sheet row.
    pub fn start(&mut self, number: u64) {
        self.number = number;
        self.text.clear();
        self.ends.clear();
    }

    pub fn push(&mut self, cell: &str) {
        self.text.push_str(cell);
        self.ends.push(self.text.len());
    }

    /// Lets a cell be written in place (numbers, dates) without a string of its own.
    pub fn push_display(&mut self, cell: impl std::fmt::Display) {
        use std::fmt::Write as _;
        // Writing into a string cannot fail; a Display that reports an error leaves the cell as far as it came.
        let _ = write!(self.text, "{cell}");
        self.ends.push(self.text.len());
    }

    pub fn number(&self) -> u64 {
        self.number
    }

    pub fn len(&self) -> usize {
        self.ends.len()
    }

    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    pub fn get(&self, index: usize) -> Option<&str> {
        let end = *self.ends.get(index)?;
        let start = if index == 0 { 0 } else { self.ends[index - 1] };
        Some(&self.text[start..end])
    }

    pub fn cells(&self) -> impl ExactSizeIterator<Item = &str> + Clone {
        (0..self.ends.len()).map(|index| self.get(index).unwrap_or(""))
    }

    /// No cell holds anything but white space.
    pub fn is_blank(&self) -> bool {
        self.text.trim().is_empty()
    }
}

/// Where rows come from, in the order of the file. Blank rows are rows too; numbers never fall.
///
/// A source yields what is there: banners, headers, totals and frames included. What they are is for `structure` to say.
pub trait RowSource: Send {
    /// Fills `row` and says whether there was one.
    fn next_row(&mut self, row: &mut RawRow) -> Result<bool, ReadError>;

    /// Share of the source that was yielded, from 0 to 1, where it is known.
    fn progress(&self) -> Option<f64> {
        None
    }
}
