//! The table as read, written as RFC 4180.

use std::io::{BufWriter, Write};
use std::path::Path;

use crate::error::ReadError;
use crate::read::ReadOptions;
use crate::structure::tables::OtherTables;
use crate::text::scan::scan;
use crate::text::table::TextTable;

const PIECE_BYTES: usize = 1 << 20;

pub(crate) fn write(
    path: &Path,
    table: &TextTable,
    options: &ReadOptions,
    out: &mut dyn Write,
) -> Result<(), ReadError> {
    let error = |e| ReadError::io("write the rows of", path, e);
    let mut out = BufWriter::new(out);
    let end: &[u8] = if options.csv_crlf { b"\r\n" } else { b"\n" };
    if !table.layout.header_rows.is_empty() {
        write_row(&mut out, table.layout.headers.iter().map(String::as_str), end).map_err(error)?;
    }
    let mut pieces = table.pieces(PIECE_BYTES)?;
    let mut others = OtherTables::default();
    while let Some(text) = pieces.next_piece()? {
        let mut piece = scan(&text, &table.layout);
        others.sift(&mut piece, &table.layout);
        for row in 0..piece.rows() {
            write_row(&mut out, (0..piece.width).map(|column| piece.cell(row, column)), end)
                .map_err(error)?;
        }
    }
    out.flush().map_err(error)
}

fn write_row<'a>(
    out: &mut impl Write,
    cells: impl Iterator<Item = &'a str>,
    end: &[u8],
) -> std::io::Result<()> {
    let mut count = 0;
    let mut only_empty = false;
    for cell in cells {
        if count > 0 {
            out.write_all(b",")?;
        }
        count += 1;
        only_empty = count == 1 && cell.is_empty();
        if cell.bytes().any(|byte| matches!(byte, b',' | b'"' | b'\n' | b'\r')) {
            out.write_all(b"\"")?;
            out.write_all(cell.replace('"', "\"\"").as_bytes())?;
            out.write_all(b"\"")?;
        } else {
            out.write_all(cell.as_bytes())?;
        }
    }
    // A row of one empty cell would read as no row.
    if only_empty {
        out.write_all(b"\"\"")?;
    }
    out.write_all(end)
}
