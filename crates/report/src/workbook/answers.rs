//! The sheet of answers that were put into the report: what was asked, what was answered, its table with real numbers, and what it
//! rests on.

use rust_xlsxwriter::Workbook;

use super::style::Style;
use crate::{Quote, ReportError};

pub(crate) fn write(workbook: &mut Workbook, answers: &[Quote], style: &Style) -> Result<(), ReportError> {
    if answers.is_empty() {
        return Ok(());
    }
    let sheet = workbook.add_worksheet();
    sheet.set_name(&*style.say("Answers"))?;
    sheet.set_column_width(0, 60)?;
    for column in 1..8 {
        sheet.set_column_width(column, 18)?;
    }
    let mut row = 0;
    for quote in answers {
        sheet.write_string_with_format(row, 0, &quote.question, &style.title)?;
        row += 1;
        let by = (!quote.by.is_empty()).then_some(&quote.by);
        for line in by.into_iter().chain(&quote.text) {
            sheet.write_string_with_format(row, 0, line, &style.wrapped)?;
            row += 1;
        }
        if !quote.rows.is_empty() {
            for (column, head) in (0..).zip(&quote.heads) {
                sheet.write_string_with_format(row, column, head, &style.head)?;
            }
            row += 1;
            for line in &quote.rows {
                for (column, cell) in (0..).zip(line) {
                    match cell.number {
                        Some(number) => {
                            let whole = number.fract() == 0.0;
                            let format = match (cell.percent, whole) {
                                (true, _) => &style.share,
                                (false, true) => &style.count,
                                (false, false) => &style.number,
                            };
                            sheet.write_number_with_format(row, column, number, format)?;
                        }
                        None => {
                            sheet.write_string(row, column, &cell.shown)?;
                        }
                    }
                }
                row += 1;
            }
        }
        for line in quote.notes.iter().chain(&quote.grounds()) {
            sheet.write_string_with_format(row, 0, line, &style.wrapped)?;
            row += 1;
        }
        row += 1;
    }
    Ok(())
}
