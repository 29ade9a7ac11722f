//! Tables: heads that repeat on every page, words that run on over several lines, numbers that stay whole.

use super::{
    sheet::{Document, EDGE, ROOM, broken, fitting},
    typeface::{self, Cut},
};
use crate::chart::option::Token;

/// A column of a table: its head, its share of the width, whether it holds numbers, and whether its words are ours.
#[derive(Debug, Clone)]
pub(super) struct Column {
    pub(super) head: String,
    pub(super) share: f32,
    pub(super) number: bool,
    pub(super) ours: bool,
}

/// Between two lines of a cell.
const STEP: f32 = 11.0;
/// Right of a cell.
const GUTTER: f32 = 6.0;
/// Lines of a cell.
const LINES: usize = 4;
/// Letters of what is not broken where it can be set smaller: a date, a number of an order.
const SHORT: usize = 18;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Look {
    Head,
    Body,
    Total,
}

impl Look {
    fn of(self) -> (Cut, Token) {
        match self {
            Self::Head => (Cut::Regular, Token::Muted),
            Self::Body => (Cut::Regular, Token::Text),
            Self::Total => (Cut::Bold, Token::Text),
        }
    }
}

/// A row of a table with its cells broken into lines.
struct Row {
    cells: Vec<Broken>,
    look: Look,
    /// Lines of its highest cell.
    lines: usize,
    height: f32,
}

struct Broken {
    lines: Vec<String>,
    size: f32,
    /// Right of a number, words stand apart from it.
    indent: f32,
}

impl Row {
    fn new(columns: &[Column], cells: &[String], look: Look) -> Self {
        let whole: f32 = columns.iter().map(|column| column.share).sum();
        let (cut, _) = look.of();
        let cells: Vec<Broken> = columns
            .iter()
            .zip(cells)
            .enumerate()
            .map(|(at, (column, cell))| {
                let after_number = at > 0 && columns[at - 1].number && !column.number;
                let indent = if after_number { GUTTER } else { 0.0 };
                let room = ROOM * column.share / whole - GUTTER - indent;
                let size = if look == Look::Head { 8.5 } else { 9.0 };
                if column.number && look != Look::Head {
                    let size = fitting(cell, cut, size, room);
                    return Broken { lines: vec![typeface::cut_to(cell, cut, size, room)], size, indent };
                }
                // A date or a short name is set smaller before it is broken, and so is a long word.
                let whole_size = fitting(cell, cut, size, room);
                if whole_size >= size || (whole_size >= size * 0.85 && cell.chars().count() <= SHORT) {
                    return Broken { lines: vec![cell.clone()], size: whole_size, indent };
                }
                let widest = cell
                    .split_whitespace()
                    .max_by(|a, b| typeface::width(a, cut, size).total_cmp(&typeface::width(b, cut, size)));
                let size = widest.map_or(size, |word| fitting(word, cut, size, room));
                Broken { lines: broken(cell, cut, size, room, LINES), size, indent }
            })
            .collect();
        let lines = cells.iter().map(|cell| cell.lines.len()).max().unwrap_or_default().max(1);
        Self { cells, look, lines, height: STEP * lines as f32 + 4.0 }
    }
}

impl Document {
    /// A table whose head repeats on every page it reaches. Words run on over several lines, numbers stand on the first.
    pub(super) fn table(&mut self, columns: &[Column], rows: &[Vec<String>]) {
        let said: Vec<Vec<String>> = rows.iter().map(|row| self.cells(columns, row)).collect();
        self.said_table(columns, &said, None, 0.0);
    }

    /// The same of cells that are in the reader's language already, with what they add up to. The last row, the sum and what
    /// stands `beneath` are not parted.
    pub(super) fn said_table(
        &mut self,
        columns: &[Column],
        rows: &[Vec<String>],
        total: Option<&[String]>,
        beneath: f32,
    ) {
        if columns.is_empty() || rows.is_empty() {
            return;
        }
        let heads: Vec<String> = columns.iter().map(|column| self.say(&column.head).into_owned()).collect();
        let heads = Row::new(columns, &heads, Look::Head);
        let rows: Vec<Row> = rows.iter().map(|row| Row::new(columns, row, Look::Body)).collect();
        let total = total.map(|total| Row::new(columns, total, Look::Total));
        let last = total.as_ref().map_or(0.0, |total| total.height) + beneath;
        let with_last = |at: usize| if at + 1 == rows.len() { last } else { 0.0 };
        if !self.reserve(heads.height + rows[0].height + with_last(0)) {
            return;
        }
        self.row(columns, &heads);
        for (at, row) in rows.iter().enumerate() {
            let pages = self.pages.len();
            if !self.reserve(row.height + with_last(at)) {
                return;
            }
            if self.pages.len() > pages {
                self.row(columns, &heads);
            }
            self.rule();
            self.row(columns, row);
        }
        if let Some(total) = total {
            self.rule();
            self.row(columns, &total);
        }
    }

    /// Cells of text are the customer's, but for those that a column says are ours.
    fn cells(&self, columns: &[Column], row: &[String]) -> Vec<String> {
        let of = |(column, cell): (&Column, &String)| {
            if column.number || column.ours { self.say(cell).into_owned() } else { cell.clone() }
        };
        columns.iter().zip(row).map(of).collect()
    }

    fn row(&mut self, columns: &[Column], row: &Row) {
        let whole: f32 = columns.iter().map(|column| column.share).sum();
        let top = self.y;
        let mut x = EDGE;
        for (column, cell) in columns.iter().zip(&row.cells) {
            let width = ROOM * column.share / whole;
            let left = x + cell.indent;
            for (at, line) in cell.lines.iter().enumerate() {
                // Heads stand on their table.
                let before = if row.look == Look::Head { row.lines - cell.lines.len() } else { 0 };
                let y = top - 10.5 - STEP * (before + at) as f32;
                let (cut, colour) = row.look.of();
                let right = x + width - GUTTER - typeface::width(line, cut, cell.size);
                self.put(if column.number { right } else { left }, y, cell.size, cut, colour, line);
            }
            x += width;
        }
        self.y = top - row.height;
    }
}
