//! The sheet of one finding: the claim and its facts on top, the rows behind it below, ready to filter.

use domain::{
    Finding,
    analysis::{EvidenceCell, Impact, RowRef},
};
use rust_xlsxwriter::{ExcelDateTime, Workbook, Worksheet};

use super::style::Style;
use crate::{ReportError, number, pdf::grade};

pub(crate) fn write(
    workbook: &mut Workbook,
    rank: usize,
    finding: &Finding,
    style: &Style,
) -> Result<(), ReportError> {
    let sheet = workbook.add_worksheet();
    sheet.set_name(name(rank, finding))?;
    sheet.set_column_width(0, 26)?;
    sheet.set_column_width(1, 22)?;
    sheet.write_string_with_format(0, 0, &*style.say(&finding.title), &style.title)?;
    let mut row = 2;
    if let Some(impact) = &finding.impact {
        write_impact(sheet, &mut row, impact, style)?;
    }
    if let Some(quantity) = &finding.quantity {
        fact(sheet, &mut row, &format!("At stake, {}", quantity.unit), quantity.value, style)?;
        fact(sheet, &mut row, "Likely range, low", quantity.low, style)?;
        fact(sheet, &mut row, "Likely range, high", quantity.high, style)?;
    }
    fact(sheet, &mut row, finding.effect.measure, finding.effect.value, style)?;
    for (label, text) in [
        ("Since", finding.start.as_deref().unwrap_or("whole period")),
        ("Compared with", finding.comparison.as_str()),
        ("Evidence", grade(finding.evidence_grade)),
        ("Method", finding.method),
    ] {
        sheet.write_string(row, 0, &*style.say(label))?;
        sheet.write_string(row, 1, &*style.say(text))?;
        row += 1;
    }
    sheet.write_string(row, 0, &*style.say("Independent units"))?;
    sheet.write_number_with_format(row, 1, finding.n as f64, &style.count)?;
    row += 1;
    for line in finding.observations.iter().chain(&finding.counter_evidence) {
        sheet.write_string(row, 0, &*style.say(line))?;
        row += 1;
    }
    row += 1;
    match &finding.evidence_table {
        Some(table) => {
            for (column, head) in table.heads.iter().enumerate() {
                sheet.write_string_with_format(row, column as u16, &*style.say(head), &style.head)?;
            }
            let head = row;
            for line in &table.rows {
                row += 1;
                for (column, cell) in line.iter().enumerate() {
                    write_cell(sheet, row, column as u16, cell, style)?;
                }
            }
            if !table.heads.is_empty() && !table.rows.is_empty() {
                sheet.autofilter(head, 0, row, table.heads.len() as u16 - 1)?;
            }
        }
        None => write_rows(sheet, row, &finding.evidence_rows, style)?,
    }
    Ok(())
}

/// Sheet names are at most 31 characters and may not hold `[]:*?/\`.
fn name(rank: usize, finding: &Finding) -> String {
    let entity = finding.entities.first().map_or("", |entity| entity.value.as_str());
    let text: String = format!("{rank} {} {entity}", finding.type_)
        .chars()
        .map(|letter| if "[]:*?/\\'".contains(letter) || letter.is_control() { '_' } else { letter })
        .collect();
    text.trim().chars().take(31).collect()
}

fn fact(
    sheet: &mut Worksheet,
    row: &mut u32,
    label: &str,
    value: f64,
    style: &Style,
) -> Result<(), ReportError> {
    sheet.write_string(*row, 0, &*style.say(label))?;
    if value.is_finite() {
        sheet.write_number_with_format(*row, 1, value, &style.number)?;
    }
    *row += 1;
    Ok(())
}

fn write_impact(
    sheet: &mut Worksheet,
    row: &mut u32,
    impact: &Impact,
    style: &Style,
) -> Result<(), ReportError> {
    for (label, money) in [
        ("In this period", &impact.value),
        ("Likely range, low", &impact.low),
        ("Likely range, high", &impact.high),
        ("A year", &impact.annualized),
        ("Could be recovered", &impact.addressable),
    ] {
        sheet.write_string(*row, 0, &*style.say(label))?;
        sheet.write_number_with_format(*row, 1, money.to_f64(), &style.money)?;
        *row += 1;
    }
    Ok(())
}

fn write_cell(
    sheet: &mut Worksheet,
    row: u32,
    column: u16,
    cell: &EvidenceCell,
    style: &Style,
) -> Result<(), ReportError> {
    match cell {
        EvidenceCell::Text(text) => sheet.write_string(row, column, text)?,
        EvidenceCell::Number(value) if value.is_finite() => {
            sheet.write_number_with_format(row, column, *value, &style.number)?
        }
        EvidenceCell::Percent(share) if share.is_finite() => {
            sheet.write_number_with_format(row, column, *share, &style.percent)?
        }
        EvidenceCell::Money(amount) if amount.is_finite() => {
            sheet.write_number_with_format(row, column, *amount, &style.money)?
        }
        EvidenceCell::Date(micros) => match number::moment(*micros) {
            Some(moment) => {
                let date =
                    ExcelDateTime::from_ymd(moment.year() as u16, moment.month() as u8, moment.day() as u8)?;
                sheet.write_datetime_with_format(row, column, &date, &style.date)?
            }
            None => sheet,
        },
        EvidenceCell::Row(reference) => {
            sheet.write_number_with_format(row, column, reference.row as f64, &style.count)?
        }
        EvidenceCell::Number(_) | EvidenceCell::Percent(_) | EvidenceCell::Money(_) | EvidenceCell::Empty => {
            sheet
        }
    };
    Ok(())
}

fn write_rows(sheet: &mut Worksheet, first: u32, rows: &[RowRef], style: &Style) -> Result<(), ReportError> {
    sheet.write_string_with_format(first, 0, &*style.say("File"), &style.head)?;
    sheet.write_string_with_format(first, 1, &*style.say("Row"), &style.head)?;
    for (row, reference) in (first + 1..).zip(rows) {
        sheet.write_string(row, 0, &reference.file)?;
        sheet.write_number_with_format(row, 1, reference.row as f64, &style.count)?;
    }
    Ok(())
}
