//! The sheets of a workbook cell by cell, for one whose layout is known: a workbook of our own that comes back.
//!
//! Nothing is guessed and nothing typed: the cells are text as [`formats`](crate::formats) writes it.

use std::path::Path;

use domain::Issue;

use crate::error::ReadError;
use crate::formats::{self, Content, Format};
use crate::read::ReadOptions;
use crate::rows::RawRow;

/// One sheet with the rows that hold anything.
#[derive(Debug, Clone)]
pub struct Sheet {
    pub name: String,
    pub rows: Vec<RawRow>,
    /// What was noticed: cells that show an error, formulas without a value.
    pub issues: Vec<Issue>,
}

/// What a workbook may hold; one with more is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    pub rows: usize,
    pub cells: usize,
    pub unpacked_bytes: u64,
}

/// Why a workbook cannot be taken.
#[derive(Debug, thiserror::Error)]
pub enum SheetsError {
    #[error("this is no Excel workbook (xlsx)")]
    NoWorkbook,
    #[error("the workbook holds more than {} rows or {} cells", .0.rows, .0.cells)]
    TooLarge(Bounds),
    #[error(transparent)]
    Unreadable(#[from] ReadError),
}

/// All sheets of an XLSX workbook; `folder` takes scratch files, which whoever calls removes with it.
pub fn read(path: &Path, folder: &Path, bounds: Bounds) -> Result<Vec<Sheet>, SheetsError> {
    if formats::detect::detect(path)? != Ok(Format::Xlsx) {
        return Err(SheetsError::NoWorkbook);
    }
    let options = ReadOptions { unpacked_bytes_max: bounds.unpacked_bytes, ..ReadOptions::default() };
    let (mut n_rows, mut n_cells) = (0, 0);
    let mut sheets = Vec::new();
    for part in formats::open(path, &options, folder)? {
        let Content::Rows(mut source) = part.content else { continue };
        let mut rows = Vec::new();
        let mut row = RawRow::new();
        while source.next_row(&mut row)? {
            if row.is_blank() {
                continue;
            }
            n_rows += 1;
            n_cells += row.len();
            if n_rows > bounds.rows || n_cells > bounds.cells {
                return Err(SheetsError::TooLarge(bounds));
            }
            rows.push(std::mem::take(&mut row));
        }
        sheets.push(Sheet {
            name: part.names.into_iter().next_back().unwrap_or_default(),
            rows,
            issues: part.issues,
        });
    }
    Ok(sheets)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rust_xlsxwriter::Workbook;

    const BOUNDS: Bounds = Bounds { rows: 20, cells: 100, unpacked_bytes: 16 << 20 };

    #[test]
    fn cells_come_as_they_stand_sheet_by_sheet() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.xlsx");
        let mut book = Workbook::new();
        let sheet = book.add_worksheet();
        sheet.set_name("jobs").unwrap();
        sheet.write_string(0, 0, "Row").unwrap();
        sheet.write_number(3, 0, 9.0).unwrap();
        sheet.write_string(3, 2, " 007 ").unwrap();
        book.add_worksheet().set_name("parts").unwrap().write_boolean(0, 1, true).unwrap();
        book.save(&path).unwrap();
        let mut sheets = read(&path, folder.path(), BOUNDS).unwrap();
        sheets.sort_by(|a, b| a.name.cmp(&b.name));
        let cells = |row: &RawRow| (row.number(), row.cells().map(str::to_owned).collect::<Vec<_>>());
        let rows: Vec<_> = sheets[0].rows.iter().map(cells).collect();
        assert_eq!(rows[0], (1, ["Row", "", ""].map(str::to_owned).to_vec()));
        assert_eq!(rows[1], (4, vec!["9".to_owned(), String::new(), " 007 ".to_owned()]));
        assert_eq!((sheets[1].name.as_str(), sheets[1].rows[0].get(1)), ("parts", Some("TRUE")));
        for bounds in [Bounds { rows: 2, ..BOUNDS }, Bounds { cells: 4, ..BOUNDS }] {
            let refused = read(&path, folder.path(), bounds).unwrap_err();
            assert!(matches!(refused, SheetsError::TooLarge(_)), "{refused}");
        }
        let refused = read(&path, folder.path(), Bounds { unpacked_bytes: 100, ..BOUNDS }).unwrap_err();
        assert!(matches!(refused, SheetsError::Unreadable(ReadError::UnpacksTooLarge { .. })), "{refused}");
    }

    #[test]
    fn what_is_no_workbook_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.xlsx");
        for bytes in [&b"Row,Reason\n9,x\n"[..], b"{\"a\": 1}", b"", b"PK\x03\x04torn", b"%PDF-1.7"] {
            std::fs::write(&path, bytes).unwrap();
            assert!(read(&path, folder.path(), BOUNDS).is_err(), "{bytes:?}");
        }
        std::fs::write(&path, "Row,Reason\n9,x\n").unwrap();
        let refused = read(&path, folder.path(), BOUNDS).unwrap_err();
        assert!(matches!(refused, SheetsError::NoWorkbook), "{refused}");
    }
}
