//! Workbooks: every sheet with data is a part, the largest visible one first.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufReader, Cursor};
use std::path::Path;

use calamine::{
    Data, DataRef, Dimensions, Ods, Reader as _, Sheet, SheetType, SheetVisible, Xls, Xlsb, Xlsx,
};
use domain::Issue;
use domain::issue::Severity;

use crate::error::ReadError;
use crate::formats::detect::Format;
use crate::formats::merged::Merged;
use crate::formats::opening::Opening;
use crate::formats::spool::Spool;
use crate::formats::{Content, Part, archive, cell_text};

struct SheetPart {
    part: Part,
    cells: u64,
    visible: bool,
}

pub(crate) fn open(opening: &Opening<'_>, path: &Path, format: Format) -> Result<Vec<Part>, ReadError> {
    let words = format.words();
    let failed = |error: &dyn std::fmt::Display| {
        let detail = error.to_string();
        if detail.to_lowercase().contains("password") {
            ReadError::PasswordProtected { file: opening.file.clone() }
        } else {
            opening.damaged(words, detail)
        }
    };
    let mut sheets = Sheets { opening, words, parts: Vec::new(), skipped: Vec::new(), present: Vec::new() };
    match format {
        Format::Xlsx => {
            archive::check(opening, path, words)?;
            let mut book: Xlsx<_> = Xlsx::new(input(path)?).map_err(|error| failed(&error))?;
            let epoch_1904 = book.has_1904_epoch();
            for sheet in book.sheets_metadata().to_vec() {
                if !sheets.wanted(&sheet) {
                    continue;
                }
                let regions = book.merge_cells_by_sheet_name(&sheet.name).unwrap_or_default();
                let mut rows = SheetRows::new(opening, regions, epoch_1904)?;
                let mut cells = match book.worksheet_cells_reader(&sheet.name) {
                    Ok(cells) => cells,
                    Err(error) => {
                        sheets.skip(&sheet, &format!("it cannot be read: {error}"));
                        continue;
                    }
                };
                while let Some(cell) =
                    cells.next_cell_with_formula_metadata().map_err(|error| failed(&error))?
                {
                    rows.cell(cell.pos, &cell.value, cell.formula.is_some())?;
                }
                sheets.add(&sheet, rows)?;
            }
        }
        Format::Xlsb => {
            archive::check(opening, path, words)?;
            let mut book: Xlsb<_> = Xlsb::new(input(path)?).map_err(|error| failed(&error))?;
            let epoch_1904 = book.has_1904_epoch();
            for sheet in book.sheets_metadata().to_vec() {
                if !sheets.wanted(&sheet) {
                    continue;
                }
                let mut rows = SheetRows::new(opening, Vec::new(), epoch_1904)?;
                let mut cells = match book.worksheet_cells_reader(&sheet.name) {
                    Ok(cells) => cells,
                    Err(error) => {
                        sheets.skip(&sheet, &format!("it cannot be read: {error}"));
                        continue;
                    }
                };
                while let Some(cell) = cells.next_cell().map_err(|error| failed(&error))? {
                    rows.cell(cell.get_position(), cell.get_value(), false)?;
                }
                sheets.add(&sheet, rows)?;
            }
        }
        Format::Xls => {
            let bytes = archive::whole(opening, path, words)?;
            let mut book: Xls<_> = Xls::new(Cursor::new(bytes)).map_err(|error| failed(&error))?;
            let epoch_1904 = book.has_1904_epoch();
            for sheet in book.sheets_metadata().to_vec() {
                if !sheets.wanted(&sheet) {
                    continue;
                }
                let regions = book.merge_cells_by_sheet_name(&sheet.name).unwrap_or_default();
                let range = book.worksheet_range(&sheet.name).map_err(|error| failed(&error))?;
                sheets.range(&sheet, &range, regions, epoch_1904)?;
            }
        }
        _ => {
            archive::check(opening, path, words)?;
            let mut book: Ods<_> = Ods::new(input(path)?).map_err(|error| failed(&error))?;
            for sheet in book.sheets_metadata().to_vec() {
                if !sheets.wanted(&sheet) {
                    continue;
                }
                let range = book.worksheet_range(&sheet.name).map_err(|error| failed(&error))?;
                sheets.range(&sheet, &range, Vec::new(), false)?;
            }
        }
    }
    sheets.finish()
}

fn input(path: &Path) -> Result<BufReader<File>, ReadError> {
    File::open(path).map(BufReader::new).map_err(|error| ReadError::io("read", path, error))
}

/// The sheets as they come, and what is to be said of those that do not.
struct Sheets<'a> {
    opening: &'a Opening<'a>,
    words: &'static str,
    parts: Vec<SheetPart>,
    skipped: Vec<Issue>,
    present: Vec<String>,
}

impl Sheets<'_> {
    fn wanted(&mut self, sheet: &Sheet) -> bool {
        if sheet.typ != SheetType::WorkSheet {
            self.skip(sheet, "it holds a chart, a dialog or macros and no cells");
            return false;
        }
        self.present.push(sheet.name.clone());
        // A single sheet is read whatever its name: the option may name the archive member around it.
        true
    }

    fn skip(&mut self, sheet: &Sheet, why: &str) {
        let message = format!("sheet {:?} was left out: {why}", sheet.name);
        self.skipped.push(self.opening.issue(Severity::Note, "sheet_left_out", message));
    }

    fn range(
        &mut self,
        sheet: &Sheet,
        range: &calamine::Range<Data>,
        regions: Vec<Dimensions>,
        epoch_1904: bool,
    ) -> Result<(), ReadError> {
        let mut rows = SheetRows::new(self.opening, regions, epoch_1904)?;
        let (row, column) = range.start().unwrap_or_default();
        for (y, x, cell) in range.used_cells() {
            rows.cell((row + y as u32, column + x as u32), &borrowed(cell), false)?;
        }
        self.add(sheet, rows)
    }

    fn add(&mut self, sheet: &Sheet, mut rows: SheetRows<'_>) -> Result<(), ReadError> {
        rows.end_row()?;
        let mut issues = rows.issues(&sheet.name);
        let cells = rows.spool.cells;
        if cells == 0 {
            self.skipped.append(&mut issues);
            self.skip(sheet, "it is empty");
            return Ok(());
        }
        let visible = sheet.visible == SheetVisible::Visible;
        if !visible {
            let message =
                format!("sheet {:?} is hidden in the workbook and was read all the same", sheet.name);
            issues.push(self.opening.issue(Severity::Note, "hidden_sheet", message));
        }
        let part = Part {
            names: vec![sheet.name.clone()],
            format: self.words.into(),
            content: Content::Rows(Box::new(rows.spool.finish(None)?)),
            issues,
        };
        self.parts.push(SheetPart { part, cells, visible });
        Ok(())
    }

    fn finish(mut self) -> Result<Vec<Part>, ReadError> {
        self.parts.sort_by_key(|sheet| (!sheet.visible, std::cmp::Reverse(sheet.cells)));
        let mut parts: Vec<Part> = self.parts.into_iter().map(|sheet| sheet.part).collect();
        match parts.first_mut() {
            Some(main) => main.issues.append(&mut self.skipped),
            None => return Err(self.opening.no_rows(format!("{} sheets, all empty", self.present.len()))),
        }
        Ok(parts)
    }
}

/// One sheet on its way to the spool.
struct SheetRows<'a> {
    opening: &'a Opening<'a>,
    spool: Spool,
    merged: Merged,
    epoch_1904: bool,
    row: u32,
    cells: Vec<String>,
    textual: Vec<bool>,
    errors: BTreeMap<String, u64>,
    error_rows: Vec<u64>,
    errors_rows: u64,
    error_row_last: u64,
    formulas_without_value: u64,
    formula_rows: Vec<u64>,
}

impl<'a> SheetRows<'a> {
    fn new(opening: &'a Opening<'a>, regions: Vec<Dimensions>, epoch_1904: bool) -> Result<Self, ReadError> {
        Ok(Self {
            opening,
            spool: Spool::new(opening)?,
            merged: Merged::new(regions),
            epoch_1904,
            row: 0,
            cells: Vec::new(),
            textual: Vec::new(),
            errors: BTreeMap::new(),
            error_rows: Vec::new(),
            errors_rows: 0,
            error_row_last: 0,
            formulas_without_value: 0,
            formula_rows: Vec::new(),
        })
    }

    fn cell(
        &mut self,
        (row, column): (u32, u32),
        value: &DataRef<'_>,
        formula: bool,
    ) -> Result<(), ReadError> {
        if row < self.row {
            return Err(self
                .opening
                .damaged("workbook", format!("row {} stands below row {}", row + 1, self.row + 1)));
        }
        if row > self.row {
            self.end_row()?;
            self.row = row;
        }
        let number = u64::from(row) + 1;
        let (text, textual) = match value {
            DataRef::Empty => {
                if formula {
                    self.formulas_without_value += 1;
                    note_row(&mut self.formula_rows, number);
                }
                return Ok(());
            }
            DataRef::Int(value) => (value.to_string(), false),
            DataRef::Float(value) => (cell_text::number(*value), false),
            DataRef::String(text) => (text.clone(), true),
            DataRef::SharedString(text) => ((*text).to_owned(), true),
            DataRef::Bool(value) => (if *value { "TRUE" } else { "FALSE" }.to_owned(), false),
            DataRef::DateTime(value) if value.is_duration() => (cell_text::span(value.as_f64()), false),
            DataRef::DateTime(value) => (cell_text::moment(value.as_f64(), self.epoch_1904), true),
            DataRef::DateTimeIso(text) => (cell_text::iso_moment(text).to_owned(), true),
            DataRef::DurationIso(text) => (cell_text::iso_span(text), false),
            DataRef::Error(error) => {
                *self.errors.entry(error.to_string()).or_default() += 1;
                self.errors_rows += u64::from(self.error_row_last != number);
                self.error_row_last = number;
                note_row(&mut self.error_rows, number);
                return Ok(());
            }
        };
        let column = column as usize;
        if column >= self.spool.columns_max() {
            return if text.is_empty() { Ok(()) } else { Err(self.spool.too_many_columns(column + 1)) };
        }
        if self.cells.len() <= column {
            self.cells.resize(column + 1, String::new());
            self.textual.resize(column + 1, false);
        }
        self.cells[column] = text;
        self.textual[column] = textual;
        Ok(())
    }

    fn end_row(&mut self) -> Result<(), ReadError> {
        let textual = &self.textual;
        let columns_max = self.spool.columns_max();
        self.merged.fill(self.row, &mut self.cells, columns_max, |column| textual.get(column) == Some(&true));
        self.spool.push(u64::from(self.row) + 1, &self.cells)?;
        self.cells.clear();
        self.textual.clear();
        Ok(())
    }

    fn issues(&self, sheet: &str) -> Vec<Issue> {
        let mut issues = Vec::new();
        if !self.errors.is_empty() {
            let kinds: Vec<String> =
                self.errors.iter().map(|(kind, count)| format!("{count} times {kind}")).collect();
            let message = format!(
                "sheet {sheet:?} shows errors instead of values ({}); these cells were left empty",
                kinds.join(", ")
            );
            let mut issue = self.opening.issue(Severity::Warning, "error_cell", message);
            issue.row = self.error_rows.first().copied();
            issue.rows = self.errors_rows;
            issue.examples.clone_from(&self.error_rows);
            issues.push(issue);
        }
        if self.formulas_without_value > 0 {
            let message = format!(
                "sheet {sheet:?} has {} formulas without a stored result, which were left empty; open the file in Excel, save it and read it again",
                self.formulas_without_value
            );
            let mut issue = self.opening.issue(Severity::Warning, "formula_without_value", message);
            issue.row = self.formula_rows.first().copied();
            issue.rows = self.formula_rows.len() as u64;
            issue.examples.clone_from(&self.formula_rows);
            issues.push(issue);
        }
        if self.merged.numbers_kept_once > 0 {
            let message = format!(
                "sheet {sheet:?} has {} merged cells that hold a number over several rows; the number counts for the first row only",
                self.merged.numbers_kept_once
            );
            issues.push(self.opening.issue(Severity::Note, "merged_number", message));
        }
        issues
    }
}

fn note_row(rows: &mut Vec<u64>, number: u64) {
    if rows.len() < 100 && rows.last() != Some(&number) {
        rows.push(number);
    }
}

fn borrowed(cell: &Data) -> DataRef<'_> {
    match cell {
        Data::Int(value) => DataRef::Int(*value),
        Data::Float(value) => DataRef::Float(*value),
        Data::String(text) => DataRef::SharedString(text),
        Data::Bool(value) => DataRef::Bool(*value),
        Data::DateTime(value) => DataRef::DateTime(*value),
        Data::DateTimeIso(text) => DataRef::DateTimeIso(text.clone()),
        Data::DurationIso(text) => DataRef::DurationIso(text.clone()),
        Data::Error(error) => DataRef::Error(error.clone()),
        Data::Empty => DataRef::Empty,
    }
}
