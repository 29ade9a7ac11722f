//! Rows of a workbook or document, written down as text so that they go the same way as a text file.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use crate::error::ReadError;
use crate::rows::{RawRow, RowSource};
use crate::text::encoding::Utf8Text;

/// Rows on disk and what their lines are called in the source.
#[derive(Debug)]
pub(crate) struct Spooled {
    pub(crate) text: Utf8Text,
    /// Cells of the longest row.
    pub(crate) width: usize,
    /// From this line of the spool on, the row is the line plus the difference.
    steps: Vec<(u64, i64)>,
}

impl Spooled {
    /// The source's row for a line of the spool.
    pub(crate) fn row(&self, line: u64) -> u64 {
        let at = self.steps.partition_point(|(from, _)| *from <= line);
        let difference = if at == 0 { 0 } else { self.steps[at - 1].1 };
        line.saturating_add_signed(difference)
    }
}

/// Writes all rows of a source as RFC 4180 into `target`.
pub(crate) fn spool(
    source: &mut dyn RowSource,
    target: &Path,
    columns_max: usize,
    file: &str,
) -> Result<Spooled, ReadError> {
    let error = |e| ReadError::io("write", target, e);
    let mut out = BufWriter::with_capacity(1 << 16, File::create(target).map_err(error)?);
    let mut row = RawRow::new();
    let mut steps: Vec<(u64, i64)> = Vec::new();
    let (mut line, mut bytes, mut width) = (1, 0, 0);
    let mut text = String::new();
    while source.next_row(&mut row)? {
        if row.len() > columns_max {
            return Err(ReadError::TooManyColumns {
                file: file.to_owned(),
                found: row.len(),
                limit: columns_max,
            });
        }
        width = width.max(row.len());
        let difference = row.number() as i64 - line as i64;
        if steps.last().map_or(0, |(_, last)| *last) != difference {
            steps.push((line, difference));
        }
        text.clear();
        for (at, cell) in row.cells().enumerate() {
            if at > 0 {
                text.push(',');
            }
            push_cell(&mut text, cell);
        }
        text.push('\n');
        line += memchr::memchr_iter(b'\n', text.as_bytes()).count() as u64;
        bytes += text.len() as u64;
        out.write_all(text.as_bytes()).map_err(error)?;
    }
    out.flush().map_err(error)?;
    let text = Utf8Text {
        path: target.to_owned(),
        skip: 0,
        bytes,
        encoding: "utf-8".to_owned(),
        line_end: None,
        malformed: false,
    };
    Ok(Spooled { text, width: width.max(1), steps })
}

fn push_cell(text: &mut String, cell: &str) {
    if !cell.bytes().any(|byte| matches!(byte, b',' | b'"' | b'\n' | b'\r')) && !cell.starts_with(' ') {
        text.push_str(cell);
        return;
    }
    text.push('"');
    for part in cell.split_inclusive('"') {
        text.push_str(part);
        if part.ends_with('"') {
            text.push('"');
        }
    }
    text.push('"');
}
