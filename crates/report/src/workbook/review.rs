//! The analysis in short, its cases, and what to do first.

use domain::{Analysis, review};
use rust_xlsxwriter::Workbook;

use super::style::Style;
use crate::ReportError;

pub(crate) fn write(workbook: &mut Workbook, analysis: &Analysis, style: &Style) -> Result<(), ReportError> {
    let sheet = workbook.add_worksheet();
    sheet.set_name(&*style.say("In short"))?;
    sheet.set_column_width(0, 90)?;
    for column in 1..6 {
        sheet.set_column_width(column, 20)?;
    }
    let mut row = 0;
    for line in review::summary(analysis) {
        sheet.write_string_with_format(row, 0, &*style.say(&line), &style.wrapped)?;
        row += 1;
    }
    row += 1;
    for (column, head) in ["Case", "Findings", "A year", "Low", "High"].into_iter().enumerate() {
        sheet.write_string_with_format(row, column as u16, &*style.say(head), &style.head)?;
    }
    row += 1;
    for case in review::cases(analysis) {
        sheet.write_string(row, 0, &*style.say(&case.title()))?;
        sheet.write_number_with_format(row, 1, case.findings.len() as f64, &style.count)?;
        if let Some(yearly) = case.yearly {
            for (column, amount) in (2..).zip([yearly.value, yearly.low, yearly.high]) {
                sheet.write_number_with_format(row, column, amount, &style.money)?;
            }
        }
        row += 1;
    }
    row += 1;
    let heads = [
        "First step",
        "Takes",
        "Within",
        "Could be won back a year",
        "For each day of effort, at least",
        "Finding",
    ];
    for (column, head) in heads.into_iter().enumerate() {
        sheet.write_string_with_format(row, column as u16, &*style.say(head), &style.head)?;
    }
    row += 1;
    for step in review::steps(&analysis.findings) {
        sheet.write_string(row, 0, &*style.say(&step.action.title))?;
        sheet.write_string(row, 1, &*style.say(step.action.effort))?;
        sheet.write_string(row, 2, &*style.say(step.within))?;
        for (column, amount) in (3..).zip([step.recoverable, step.per_day]) {
            if let Some(amount) = amount {
                sheet.write_number_with_format(row, column, amount, &style.money)?;
            }
        }
        sheet.write_string(row, 5, &*style.say(&step.finding.title))?;
        row += 1;
    }
    Ok(())
}
