//! A ready-made pack on paper: its parts from top to bottom, tables with as many rows as paper has.

use domain::{
    Currency,
    chart::{Chart, ChartBody},
};
use translation::Tongue;

use super::{sheet::Document, table::Column, typeface::Cut};
use crate::{
    ReportError,
    chart::{Renderer, in_tongue, option::Token},
    pack::{Cell, Pack, Part, Table},
};

pub(super) fn write(
    document: &mut Document,
    pack: &Pack,
    renderer: &Renderer,
    tongue: Tongue,
) -> Result<(), ReportError> {
    let currency = pack.currency.clone().unwrap_or_else(Currency::unstated);
    document.page(false);
    document.text(&pack.title, 20.0, Cut::Bold, Token::Text, 0.0, 2);
    document.gap(2.0);
    document.pieces(&pack.subtitle, 10.0);
    document.gap(6.0);
    for (at, part) in pack.parts.iter().enumerate() {
        if part.begins_page && at > 0 {
            document.page(false);
        }
        self::part(document, part, &currency, renderer, tongue)?;
    }
    Ok(())
}

fn part(
    document: &mut Document,
    part: &Part,
    currency: &Currency,
    renderer: &Renderer,
    tongue: Tongue,
) -> Result<(), ReportError> {
    // A heading is not left alone at the foot of a page: what stands beneath it comes along.
    let rows = part.table.as_ref().map_or(0, |table| table.rows.len().min(table.printed) + 1);
    let beneath = if part.picture.is_some() { 250.0 } else { 90.0 + 15.0 * rows as f32 };
    document.reserve(beneath.min(260.0));
    if part.begins_page {
        document.text(&part.heading, 14.0, Cut::Bold, Token::Text, 0.0, 4);
        document.gap(2.0);
    } else {
        document.heading(&part.heading);
    }
    document.pieces(&part.caption, 8.5);
    document.gap(4.0);
    // Five facts and more stand in two rows.
    let facts: Vec<_> = part
        .facts
        .iter()
        .map(|fact| (fact.label.clone(), fact.value.shown(currency), fact.note.clone()))
        .collect();
    let in_a_row = if facts.len() > 4 { facts.len().div_ceil(2) } else { 4 };
    for row in facts.chunks(in_a_row) {
        let mut row = row.to_vec();
        if facts.len() > 4 {
            row.resize(in_a_row, Default::default());
        }
        document.facts(&row);
    }
    for line in &part.lines {
        document.entry(line.sign, &line.text);
    }
    if let Some(chart) = &part.picture {
        document.gap(2.0);
        document.text(&chart.caption, 8.5, Cut::Regular, Token::Muted, 0.0, 2);
        let svg = renderer.svg(&said(chart, tongue), 720, tongue)?;
        document.picture(&translation::page(svg, tongue), 180.0);
    }
    let note = if part.note.is_empty() { 0.0 } else { 26.0 };
    if let Some(table) = &part.table {
        self::table(document, table, currency, note);
    }
    if !part.note.is_empty() {
        document.gap(3.0);
        document.text(&part.note, 8.5, Cut::Regular, Token::Muted, 0.0, 4);
    }
    Ok(())
}

/// A picture in the reader's language. The names of its bars are ours, where elsewhere they are the customer's.
fn said(chart: &Chart, tongue: Tongue) -> Chart {
    let mut said = in_tongue(chart, tongue);
    if let ChartBody::Pareto { bars, .. } = &mut said.body {
        for bar in bars {
            bar.label = translation::text(&bar.label, tongue).into_owned();
        }
    }
    said
}

/// `beneath`: what is to stay with the last row.
fn table(document: &mut Document, table: &Table, currency: &Currency, beneath: f32) {
    let printed: Vec<usize> = (0..table.columns.len()).filter(|at| table.columns[*at].share > 0.0).collect();
    let columns: Vec<Column> = printed
        .iter()
        .map(|at| {
            let column = &table.columns[*at];
            Column { head: column.head.clone(), share: column.share, number: column.number, ours: false }
        })
        .collect();
    let row = |document: &Document, row: &[Cell]| -> Vec<String> {
        let cells = printed.iter().filter_map(|at| row.get(*at));
        cells
            .map(|cell| match cell {
                Cell::Own(text) => text.clone(),
                cell => document.say(&cell.shown(currency)).into_owned(),
            })
            .collect()
    };
    let rows: Vec<Vec<String>> =
        table.rows.iter().take(table.printed).map(|cells| row(document, cells)).collect();
    let total = table.total.as_ref().map(|cells| row(document, cells));
    document.said_table(&columns, &rows, total.as_deref(), beneath);
    if table.rows.len() > table.printed && beneath == 0.0 {
        let more = format!("{} rows more are in the workbook.", table.rows.len() - table.printed);
        document.text(&more, 8.5, Cut::Regular, Token::Muted, 0.0, 1);
    }
}
