//! A ready-made pack as a workbook: what is said on the first sheet, each table on a sheet of its own with all of its rows.

use domain::Currency;
use rust_xlsxwriter::{ExcelDateTime, Format, Workbook, Worksheet};

use super::style::Style;
use crate::{
    ReportError, number,
    pack::{Cell, Pack, Part, Table},
};

pub(super) fn write(workbook: &mut Workbook, pack: &Pack, style: &Style) -> Result<(), ReportError> {
    let currency = pack.currency.clone().unwrap_or_else(Currency::unstated);
    let mut names: Vec<String> = Vec::new();
    // What a supplier is sent begins with its claim.
    if pack.parts.iter().any(|part| part.table.is_none()) || pack.parts.is_empty() {
        let first = workbook.add_worksheet();
        names.push(style.say("Overview").into_owned());
        first.set_name(&*style.say("Overview"))?;
        first.set_column_width(0, 34)?;
        first.set_column_width(1, 22)?;
        first.set_column_width(2, 46)?;
        first.write_string_with_format(0, 0, &*style.say(&pack.title), &style.title)?;
        first.write_string(1, 0, pieces(&pack.subtitle, style))?;
        let mut row = 3;
        for part in pack.parts.iter().filter(|part| part.table.is_none()) {
            said(first, &mut row, part, style)?;
            row += 1;
        }
    }
    for part in &pack.parts {
        let Some(table) = &part.table else { continue };
        let sheet = workbook.add_worksheet();
        let name = name(&style.say(&part.heading), &names);
        sheet.set_name(&name)?;
        names.push(name);
        let mut row = 0;
        said(sheet, &mut row, part, style)?;
        row += 1;
        rows(sheet, row, table, &currency, style)?;
    }
    Ok(())
}

/// Heading, caption, facts, sentences and note of a part.
fn said(sheet: &mut Worksheet, row: &mut u32, part: &Part, style: &Style) -> Result<(), ReportError> {
    let mut line = |row: &mut u32, text: &str, format: &Format| -> Result<(), ReportError> {
        if !text.is_empty() {
            sheet.write_string_with_format(*row, 0, text, format)?;
            *row += 1;
        }
        Ok(())
    };
    line(row, &style.say(&part.heading), &style.title)?;
    line(row, &pieces(&part.caption, style), &style.text)?;
    for fact in &part.facts {
        sheet.write_string(*row, 0, &*style.say(&fact.label))?;
        put(sheet, *row, 1, &fact.value, style, false)?;
        sheet.write_string(*row, 2, &*style.say(&fact.note))?;
        *row += 1;
    }
    for one in &part.lines {
        sheet.write_string(*row, 0, &*style.say(&one.text))?;
        *row += 1;
    }
    if !part.note.is_empty() {
        sheet.write_string(*row, 0, &*style.say(&part.note))?;
        *row += 1;
    }
    Ok(())
}

fn rows(
    sheet: &mut Worksheet,
    first: u32,
    table: &Table,
    currency: &Currency,
    style: &Style,
) -> Result<(), ReportError> {
    for (at, column) in (0..).zip(&table.columns) {
        let head = style.say(&column.head);
        sheet.write_string_with_format(first, at, &*head, &style.head)?;
        let cells = table.rows.iter().chain(&table.total).filter_map(|row| row.get(usize::from(at)));
        let widest =
            cells.take(500).map(|cell| cell.shown(currency).chars().count()).max().unwrap_or_default();
        let width = widest.max(head.chars().count() + 3).clamp(8, 70) as f64 + 2.0;
        // The first column also carries the sentences above the table, which run on over empty cells.
        sheet.set_column_width(at, if at == 0 { width.max(14.0) } else { width })?;
    }
    let mut row = first;
    for cells in &table.rows {
        row += 1;
        for (at, cell) in (0..).zip(cells) {
            put(sheet, row, at, cell, style, false)?;
        }
    }
    let width = table.columns.len() as u16;
    if !table.rows.is_empty() && width > 0 {
        sheet.autofilter(first, 0, row, width - 1)?;
        sheet.set_freeze_panes(first + 1, 0)?;
    }
    if let Some(total) = &table.total {
        for (at, cell) in (0..).zip(total) {
            put(sheet, row + 1, at, cell, style, true)?;
        }
    }
    Ok(())
}

/// Text stays text whatever it begins with, numbers and dates are such.
fn put(
    sheet: &mut Worksheet,
    row: u32,
    column: u16,
    cell: &Cell,
    style: &Style,
    bold: bool,
) -> Result<(), ReportError> {
    let format = |format: &Format| if bold { format.clone().set_bold() } else { format.clone() };
    match cell {
        Cell::Own(text) => sheet.write_string_with_format(row, column, text, &format(&style.text))?,
        Cell::Said(text) => {
            sheet.write_string_with_format(row, column, &*style.say(text), &format(&style.text))?
        }
        Cell::Count(count) => {
            sheet.write_number_with_format(row, column, *count as f64, &format(&style.count))?
        }
        Cell::Number(value, digits) if value.is_finite() => {
            let shape = if *digits == 0 { &style.count } else { &style.number };
            sheet.write_number_with_format(row, column, *value, &format(shape))?
        }
        Cell::Money(amount) | Cell::Cents(amount) if amount.is_finite() => {
            // To the cent, as paper has it.
            let amount = (amount * 100.0).round() / 100.0;
            sheet.write_number_with_format(row, column, amount, &format(&style.money))?
        }
        Cell::Share(share) if share.is_finite() => {
            sheet.write_number_with_format(row, column, *share, &format(&style.percent))?
        }
        Cell::Day(micros) => {
            let date = number::moment(*micros).map(|at| (at.year(), at.month(), at.day()));
            return day(sheet, row, column, date, style);
        }
        Cell::Date(iso) => {
            let date = number::civil(iso).map(|day| (day.year(), day.month(), day.day()));
            return day(sheet, row, column, date, style);
        }
        Cell::Number(..) | Cell::Money(_) | Cell::Cents(_) | Cell::Share(_) | Cell::Empty => sheet,
    };
    Ok(())
}

fn day(
    sheet: &mut Worksheet,
    row: u32,
    column: u16,
    date: Option<(i16, i8, i8)>,
    style: &Style,
) -> Result<(), ReportError> {
    // Excel knows no day before 1900.
    if let Some((year, month, day)) = date.filter(|(year, ..)| *year >= 1900) {
        let date = ExcelDateTime::from_ymd(year as u16, month as u8, day as u8)?;
        sheet.write_datetime_with_format(row, column, &date, &style.date)?;
    }
    Ok(())
}

fn pieces(pieces: &[String], style: &Style) -> String {
    pieces.iter().map(|piece| style.say(piece)).collect::<Vec<_>>().join(" · ")
}

/// Sheet names are at most 31 characters, may not hold `[]:*?/\`, and differ whatever the case of their letters.
fn name(heading: &str, taken: &[String]) -> String {
    let safe: String = heading
        .chars()
        .map(|letter| if "[]:*?/\\'".contains(letter) || letter.is_control() { ' ' } else { letter })
        .collect();
    let words = safe.split_whitespace().collect::<Vec<_>>().join(" ");
    let is_taken = |name: &str| taken.iter().any(|other| other.to_lowercase() == name.to_lowercase());
    let first: String = words.chars().take(31).collect::<String>().trim().to_owned();
    let numbered = |n: usize| format!("{} {n}", words.chars().take(27).collect::<String>().trim());
    if !first.is_empty() && !is_taken(&first) {
        return first;
    }
    // One more name than there are sheets: one of them is free.
    (2..taken.len() + 3).map(numbered).find(|other| !is_taken(other)).unwrap_or_else(|| numbered(1))
}
