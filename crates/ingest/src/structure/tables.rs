//! A second table below the first: rows of another width that start with names.

use super::head::Layout;
use super::model::{Look, look};
use crate::source::SkipReason;
use crate::text::line::{Cells, parse};
use crate::text::scan::{Odd, Piece, What};

/// Rows of its own width that must follow the names of another table.
const FOLLOWING: usize = 2;

/// Follows the rows of a file from piece to piece.
#[derive(Debug, Default)]
pub struct OtherTables {
    /// Cells per row of the other table that is being passed.
    width: Option<usize>,
}

impl OtherTables {
    /// Takes the rows of other tables out of a piece and notes them.
    pub fn sift(&mut self, piece: &mut Piece, layout: &Layout) {
        if self.width.is_none() && !piece.odd.iter().any(|odd| may_start(odd, layout.width)) {
            return;
        }
        let mut out = Vec::new();
        let mut previous: Option<u64> = None;
        for at in 0..piece.odd.len() {
            let odd = &piece.odd[at];
            // Two good rows in between end the other table.
            let good = previous.map_or(odd.line, |line| odd.line - line - 1);
            if good >= 2 {
                self.width = None;
            }
            previous = Some(odd.line);
            if self.width.is_none() && may_start(odd, layout.width) && names(odd, layout) {
                // Rows of the same width must follow at once, or it is a single odd row.
                let follows = (1..=FOLLOWING).all(|next| {
                    piece.odd.get(at + next).is_some_and(|row| {
                        row.line == odd.line + next as u64 && row.found == odd.found && row.row.is_some()
                    })
                });
                if follows {
                    self.width = Some(odd.found);
                }
            }
            if self.width == Some(odd.found)
                && let Some(row) = odd.row
            {
                out.push(row);
                piece.odd[at].what = What::Skipped(SkipReason::OtherTable);
            }
        }
        let after = previous.map_or(piece.line_count, |line| piece.line_count - line - 1);
        if after >= 2 {
            self.width = None;
        }
        if out.is_empty() {
            return;
        }
        piece.remove_rows(&out);
        for odd in &mut piece.odd {
            if let Some(row) = odd.row {
                let before = out.partition_point(|removed| *removed < row);
                odd.row = (out.get(before) != Some(&row)).then_some(row - before);
            }
        }
    }
}

fn may_start(odd: &Odd, width: usize) -> bool {
    odd.row.is_some() && odd.found >= 2 && odd.found != width
}

/// Whether a row names columns: words in nearly every cell, and none that this table has there as values.
fn names(odd: &Odd, layout: &Layout) -> bool {
    let mut cells = Cells::default();
    parse(&odd.text, &layout.dialect, &mut cells);
    let filled: Vec<&str> = cells.iter().filter(|cell| !cell.trim().is_empty()).collect();
    let words = filled.iter().filter(|c| matches!(look(c), Look::Word | Look::Text | Look::Code)).count();
    let typed = layout
        .model
        .columns
        .iter()
        .filter(|column| column.share(Look::Number) + column.share(Look::Moment) >= 0.8)
        .count();
    let known =
        cells.iter().zip(&layout.model.columns).filter(|(cell, column)| column.holds_value(cell)).count();
    filled.len() * 10 >= odd.found * 6 && words == filled.len() && typed > 0 && known == 0
}
