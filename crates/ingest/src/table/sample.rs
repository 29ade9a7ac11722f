//! Rows that stand for the table: its head, and blocks spread evenly over the rest, the same in every run.

use crate::text::scan::Piece;

/// Rows of the head.
const HEAD: u64 = 1000;
/// Rows of a block, and how many blocks are kept at most.
const BLOCK: u64 = 25;
const BLOCKS: u64 = 40;

/// Keeps at most two thousand rows while all rows pass by.
#[derive(Debug)]
pub struct Sample {
    width: usize,
    seen: u64,
    /// One block of this many blocks is kept.
    stride: u64,
    rows: Vec<Sampled>,
}

/// A row that is kept: its place among all rows, its number in the file, and its cells.
#[derive(Debug)]
struct Sampled {
    at: u64,
    number: u64,
    cells: Vec<String>,
}

impl Sample {
    pub fn new(width: usize) -> Self {
        Self { width, seen: 0, stride: 1, rows: Vec::new() }
    }

    fn wants(stride: u64, row: u64) -> bool {
        row < HEAD || ((row - HEAD) / BLOCK).is_multiple_of(stride)
    }

    /// `number` tells the number in the file of a row of the piece, by its line there.
    pub fn take(&mut self, piece: &Piece, number: impl Fn(u64) -> u64) {
        let first = self.seen;
        let mut row = 0;
        while row < piece.rows() as u64 {
            let at = first + row;
            if !Self::wants(self.stride, at) {
                // On to the next block that is wanted.
                let block = (at - HEAD) / BLOCK;
                row = HEAD + (block / self.stride + 1) * self.stride * BLOCK - first;
                continue;
            }
            let cells = (0..self.width).map(|column| piece.cell(row as usize, column).to_owned()).collect();
            self.rows.push(Sampled { at, number: number(piece.lines[row as usize]), cells });
            if self.rows.len() as u64 >= HEAD + BLOCKS * BLOCK {
                self.stride *= 2;
                let stride = self.stride;
                self.rows.retain(|row| Self::wants(stride, row.at));
            }
            row += 1;
        }
        self.seen += piece.rows() as u64;
    }

    /// The cells of a column in the sampled rows, in the order of the file.
    pub fn column(&self, column: usize) -> Vec<String> {
        self.rows.iter().map(|row| row.cells[column].clone()).collect()
    }

    /// The numbers in the file of the sampled rows.
    pub fn numbers(&self) -> Vec<u64> {
        self.rows.iter().map(|row| row.number).collect()
    }
}
