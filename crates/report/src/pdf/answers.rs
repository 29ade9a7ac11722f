//! Answers of the assistant that were put into the report.

use super::{sheet::Document, table::Column, typeface::Cut};
use crate::{Quote, chart::option::Token};

/// Rows of one table; the workbook has all.
const ROWS: usize = 40;
/// Columns that fit side by side.
const COLUMNS: usize = 6;

pub(super) fn write(document: &mut Document, answers: &[Quote]) {
    if answers.is_empty() {
        return;
    }
    document.page(false);
    document.text("Questions and answers", 17.0, Cut::Bold, Token::Text, 0.0, 1);
    for quote in answers {
        document.heading(&quote.question);
        if !quote.by.is_empty() {
            document.text(&quote.by, 8.5, Cut::Regular, Token::Muted, 0.0, 1);
        }
        for line in &quote.text {
            document.text(line, 10.0, Cut::Regular, Token::Text, 0.0, 12);
        }
        if !quote.rows.is_empty() {
            table(document, quote);
        }
        for line in quote.notes.iter().chain(&quote.grounds()) {
            document.text(line, 8.5, Cut::Regular, Token::Muted, 0.0, 4);
        }
        document.gap(4.0);
    }
}

fn table(document: &mut Document, quote: &Quote) {
    let width = quote.rows.iter().map(Vec::len).max().unwrap_or(0).min(COLUMNS);
    let columns: Vec<Column> = (0..width)
        .map(|at| Column {
            head: quote.heads.get(at).cloned().unwrap_or_default(),
            share: if at == 0 { 2.0 } else { 1.0 },
            number: quote.rows.iter().any(|row| row.get(at).is_some_and(|cell| cell.number.is_some())),
            ours: false,
        })
        .collect();
    let rows: Vec<Vec<String>> = quote
        .rows
        .iter()
        .take(ROWS)
        .map(|row| {
            (0..width).map(|at| row.get(at).map(|cell| cell.shown.clone()).unwrap_or_default()).collect()
        })
        .collect();
    document.gap(4.0);
    document.table(&columns, &rows);
    if quote.rows.len() > ROWS {
        let more = format!("{} rows more are in the workbook.", quote.rows.len() - ROWS);
        document.text(&more, 8.5, Cut::Regular, Token::Muted, 0.0, 1);
    }
}
