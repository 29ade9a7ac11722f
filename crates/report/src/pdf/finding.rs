//! A finding on one page: the claim, its facts, the picture, what was seen, what would prove it wrong, what to do.

use domain::{
    Analysis, Currency, Finding,
    analysis::{EvidenceCell, EvidenceGrade, EvidenceTable},
    chart::{Chart, ChartBody},
};

use translation::Tongue;

use super::{sheet::Document, table::Column, typeface::Cut};
use crate::{
    ReportError,
    chart::{Renderer, in_tongue, option::Token},
    number,
};

/// Rows of the evidence that are printed; the workbook has all.
const ROWS: usize = 14;

pub(super) fn write(
    document: &mut Document,
    analysis: &Analysis,
    finding: &Finding,
    renderer: &Renderer,
    tongue: Tongue,
) -> Result<(), ReportError> {
    document.page(true);
    document.text(&finding.title, 17.0, Cut::Bold, Token::Text, 0.0, 4);
    document.gap(2.0);
    document.text(&finding.comparison, 10.0, Cut::Regular, Token::Muted, 0.0, 2);
    document.gap(8.0);
    document.facts(&facts(finding, &analysis.currency));
    if let Some(chart) = &finding.chart {
        document.text(&chart.title, 10.5, Cut::Bold, Token::Text, 0.0, 2);
        document.text(&chart.caption, 8.5, Cut::Regular, Token::Muted, 0.0, 2);
        document.gap(4.0);
        document.picture(
            &translation::page(renderer.svg(&in_tongue(chart, tongue), 760, tongue)?, tongue),
            high(chart),
        );
    }
    document.heading("What we saw");
    for (at, line) in finding.observations.iter().take(6).enumerate() {
        document.entry(&format!("{}", at + 1), line);
    }
    for line in finding.counter_evidence.iter().take(2) {
        document.entry("?", &format!("What would prove us wrong: {line}"));
    }
    if !finding.actions.is_empty() {
        document.heading("Next step");
        for action in finding.actions.iter().take(4) {
            document.entry("–", &format!("{} (takes {})", action.title, action.effort));
        }
    }
    if let Some(table) = &finding.evidence_table {
        let (columns, mut rows) = evidence(table, &analysis.currency);
        // What is said to be there is there.
        rows.truncate(document.rows_left());
        if !rows.is_empty() {
            document.heading(&format!("Rows behind this: {} of {}", rows.len(), number::count(table.total)));
            document.table(&columns, &rows);
        }
    }
    Ok(())
}

/// How high a picture may be: many levels below each other would be too small to read.
fn high(chart: &Chart) -> f32 {
    match &chart.body {
        ChartBody::Dots { dots, .. } if dots.len() > 8 => 290.0,
        _ => 190.0,
    }
}

/// Amounts a year, as the pages say them.
pub(super) fn yearly(finding: &Finding) -> Option<[f64; 3]> {
    let impact = finding.impact.as_ref()?;
    let value = impact.value.to_f64();
    let pace = if value == 0.0 { 1.0 } else { impact.annualized.to_f64() / value };
    Some([impact.annualized.to_f64(), impact.low.to_f64() * pace, impact.high.to_f64() * pace])
}

fn facts(finding: &Finding, currency: &Currency) -> Vec<(String, String, String)> {
    let fact = |label: &str, value: String, note: &str| (label.to_owned(), value, note.to_owned());
    let mut facts = Vec::new();
    if let Some([value, low, high]) = yearly(finding) {
        let short = |amount: f64| number::compact(amount, currency.as_str()).replace(" XXX", "");
        facts.push(fact("At stake", number::money(value, currency), "a year"));
        facts.push(fact("Likely range", format!("{} – {}", short(low), short(high)), "a year"));
    } else if let Some(quantity) = &finding.quantity {
        facts.push(fact("At stake", number::with_unit(quantity.value, quantity.unit), "in the period"));
    }
    let unit = finding.unit_of_analysis.trim_start_matches("work_").replace('_', " ");
    let units = format!("{} {unit}{}", number::count(finding.n), if finding.n == 1 { "" } else { "s" });
    facts.push(fact("Evidence", grade(finding.evidence_grade).to_owned(), &units));
    if let Some(impact) = &finding.impact {
        facts.push(fact("Spent so far", number::money(impact.value.to_f64(), currency), "in the period"));
    }
    facts
}

pub(crate) fn grade(grade: EvidenceGrade) -> &'static str {
    match grade {
        EvidenceGrade::Strong => "Strong",
        EvidenceGrade::Likely => "Likely",
        EvidenceGrade::Hint => "Hint",
    }
}

fn evidence(table: &EvidenceTable, currency: &Currency) -> (Vec<Column>, Vec<Vec<String>>) {
    let cells = |at: usize| table.rows.iter().filter_map(move |row| row.get(at));
    let columns = table
        .heads
        .iter()
        .enumerate()
        .map(|(at, head)| Column {
            head: head.clone(),
            share: 1.0,
            // Dates are written as the reader's country writes them.
            ours: cells(at).all(|cell| matches!(cell, EvidenceCell::Date(_) | EvidenceCell::Empty)),
            number: table.rows.iter().any(|row| {
                !matches!(
                    row.get(at),
                    Some(EvidenceCell::Text(_) | EvidenceCell::Date(_) | EvidenceCell::Empty) | None
                )
            }),
        })
        .collect();
    let rows = table
        .rows
        .iter()
        .take(ROWS)
        .map(|row| row.iter().map(|cell| shown(cell, currency)).collect())
        .collect();
    (columns, rows)
}

fn shown(cell: &EvidenceCell, currency: &Currency) -> String {
    match cell {
        EvidenceCell::Text(text) => text.clone(),
        EvidenceCell::Number(value) => {
            number::grouped(*value, if value.fract() == 0.0 { 0 } else { 2 }).replace('-', "–")
        }
        EvidenceCell::Percent(share) => number::percent(*share, 1),
        EvidenceCell::Money(amount) => number::money(*amount, currency),
        EvidenceCell::Date(micros) => number::day(*micros),
        EvidenceCell::Row(row) => number::count(row.row),
        EvidenceCell::Empty => "–".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_of_rows_are_ours_to_write_and_names_are_the_customers() {
        let table = EvidenceTable {
            heads: ["Order", "Date", "Pieces"].map(str::to_owned).to_vec(),
            rows: vec![
                vec![
                    EvidenceCell::Text("2 Jan 2024".to_owned()),
                    EvidenceCell::Date(0),
                    EvidenceCell::Number(9.0),
                ],
                vec![EvidenceCell::Text("J1".to_owned()), EvidenceCell::Empty, EvidenceCell::Number(3.0)],
            ],
            total: 2,
        };
        let (columns, rows) = evidence(&table, &Currency::unstated());
        let ours: Vec<bool> = columns.iter().map(|column| column.ours).collect();
        assert_eq!(ours, [false, true, false]);
        assert_eq!(translation::text(&rows[0][1], Tongue::German), "1. Jan. 1970");
    }
}
