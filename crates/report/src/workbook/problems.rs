//! The rows of an import that something is wrong with: a sheet for each table, the reason before each row.

use std::collections::{BTreeMap, BTreeSet};

use domain::Cell;
use rust_xlsxwriter::{ExcelDateTime, Format, Workbook, Worksheet};
use translation::Tongue;

use super::{created, style::Style};
use crate::ReportError;

/// What is wrong in one table.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Problems {
    pub file: String,
    /// The sheet, or the member of an archive.
    pub part: Option<String>,
    pub headers: Vec<String>,
    pub problems: Vec<Problem>,
    /// The cells of these rows as they were read, by the row's number in the file.
    pub cells: BTreeMap<u64, Vec<Cell>>,
    /// Problems beyond those that are listed.
    pub more: u64,
}

/// One thing that is wrong with one row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    pub row: u64,
    pub column: Option<usize>,
    /// The cell, or the row, as it is written; empty where the cells say it.
    pub written: String,
    /// Without a full stop.
    pub reason: String,
}

impl Problems {
    /// Rows with what is wrong with each, in the order of the file.
    fn rows(&self) -> BTreeMap<u64, Vec<&Problem>> {
        let mut rows: BTreeMap<u64, Vec<&Problem>> = BTreeMap::new();
        for problem in &self.problems {
            rows.entry(problem.row).or_default().push(problem);
        }
        rows
    }
}

/// Problems as XLSX: numbers and dates as such, what could not be read as it is written.
pub fn workbook(tables: &[Problems], tongue: Tongue) -> Result<Vec<u8>, ReportError> {
    let mut workbook = Workbook::new();
    workbook.set_properties(&created()?);
    let style = Style::new(&domain::Currency::unstated(), tongue);
    for (table, name) in tables.iter().zip(sheet_names(tables)) {
        let sheet = workbook.add_worksheet();
        sheet.set_name(name)?;
        write(sheet, table, &style)?;
    }
    Ok(workbook.save_to_buffer()?)
}

/// The sheet of each table, by its name.
pub fn sheet_names(tables: &[Problems]) -> Vec<String> {
    let mut taken = BTreeSet::new();
    tables.iter().map(|table| name(table, &mut taken)).collect()
}

/// Columns of a sheet before those of the table: the row of the file, and what is wrong with it.
pub const COLUMNS_BEFORE: usize = 2;

fn write(sheet: &mut Worksheet, table: &Problems, style: &Style) -> Result<(), ReportError> {
    let moment = Format::new().set_num_format("yyyy-mm-dd hh:mm");
    let time = Format::new().set_num_format("hh:mm:ss");
    let odd = Format::new().set_background_color(0x00FB_E9E1);
    sheet.set_freeze_panes(1, 2)?;
    sheet.set_column_width(1, 60)?;
    for (column, head) in ["Row", "Reason"].into_iter().enumerate() {
        sheet.write_string_with_format(0, column as u16, &*style.say(head), &style.head)?;
    }
    for (column, header) in table.headers.iter().enumerate() {
        sheet.set_column_width(column as u16 + 2, 16)?;
        sheet.write_string_with_format(0, column as u16 + 2, header, &style.head)?;
    }
    let mut line = 0;
    for (row, problems) in table.rows() {
        line += 1;
        sheet.write_number(line, 0, row as f64)?;
        let mut reasons: Vec<_> = problems.iter().map(|problem| style.say(&problem.reason)).collect();
        reasons.dedup();
        sheet.write_string_with_format(line, 1, reasons.join("; "), &style.wrapped)?;
        for (column, cell) in table.cells.get(&row).into_iter().flatten().enumerate() {
            let column = column as u16 + 2;
            match cell {
                Cell::Empty => {}
                Cell::Flag(flag) => {
                    sheet.write_boolean(line, column, *flag)?;
                }
                Cell::Number(number) => {
                    sheet.write_number(line, column, *number)?;
                }
                Cell::Time(seconds) => {
                    sheet.write_number_with_format(line, column, seconds / 86_400.0, &time)?;
                }
                Cell::Moment(micros) => match ExcelDateTime::from_timestamp(micros.div_euclid(1_000_000)) {
                    Ok(at) => {
                        let whole = micros.rem_euclid(86_400_000_000) == 0;
                        let format = if whole { &style.date } else { &moment };
                        sheet.write_datetime_with_format(line, column, &at, format)?;
                    }
                    // A workbook knows no days before 1900.
                    Err(_) => {
                        sheet.write_string(line, column, domain::number::day(*micros))?;
                    }
                },
                Cell::Text(text) | Cell::Unreadable(text) => {
                    sheet.write_string(line, column, text)?;
                }
            }
        }
        for problem in problems.iter().filter(|problem| !problem.written.is_empty()) {
            let column = problem.column.unwrap_or_default() as u16 + 2;
            sheet.write_string_with_format(line, column, &problem.written, &odd)?;
        }
    }
    if table.more > 0 {
        let more = format!("{} more problems are not listed here.", domain::number::count(table.more));
        sheet.write_string_with_format(line + 1, 1, &*style.say(&more), &style.wrapped)?;
    }
    Ok(())
}

/// A name that a sheet may have and no other sheet has.
fn name(table: &Problems, taken: &mut BTreeSet<String>) -> String {
    let whole = table.part.as_deref().unwrap_or(&table.file);
    let safe: String = whole
        .chars()
        .map(|letter| if "[]:*?/\\'".contains(letter) { '_' } else { letter })
        .take(26)
        .collect();
    let mut name = safe.clone();
    let mut n = 2;
    while !taken.insert(name.to_lowercase()) {
        name = format!("{safe} {n}");
        n += 1;
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(file: &str) -> Problems {
        let problem = |row, column, written: &str, reason: &str| Problem {
            row,
            column,
            written: written.to_owned(),
            reason: reason.to_owned(),
        };
        Problems {
            file: file.to_owned(),
            headers: vec!["Job".to_owned(), "Hours".to_owned()],
            problems: vec![
                problem(9, Some(1), "=see log", "not written like the others"),
                problem(4, None, "", "no order number, so it belongs to no order"),
                problem(9, None, "", "set aside by you while the rows were reviewed"),
            ],
            cells: BTreeMap::from([
                (4, vec![Cell::Empty, Cell::Number(2.5)]),
                (9, vec![Cell::Text("=J7".to_owned()), Cell::Empty]),
            ]),
            ..Problems::default()
        }
    }

    #[test]
    fn rows_stand_in_the_order_of_the_file_with_all_their_reasons() {
        let table = table("jobs.csv");
        let rows: Vec<(u64, usize)> = table.rows().into_iter().map(|(row, all)| (row, all.len())).collect();
        assert_eq!(rows, [(4, 1), (9, 2)]);
    }

    #[test]
    fn every_table_has_a_sheet_and_equal_input_gives_equal_bytes() {
        let tables =
            [table("jobs [2025]/all: of the plant in Toledo.csv"), table("jobs.csv"), table("jobs.csv")];
        let bytes = workbook(&tables, Tongue::German).unwrap();
        assert!(bytes.starts_with(b"PK"));
        assert_eq!(bytes, workbook(&tables, Tongue::German).unwrap());
    }
}
