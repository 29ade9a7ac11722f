//! The pack of a month: the money, the findings in order, a page for each of the largest, the data.

use domain::{Analysis, Finding, review};

use translation::Tongue;

use super::{
    answers,
    finding::{self, yearly},
    sheet::Document,
    table::Column,
    typeface::Cut,
};
use crate::{
    Caption, ReportError,
    chart::{Renderer, in_tongue, option::Token},
    number,
    pack::rows_used,
};

/// Findings with a page of their own.
const PAGES: usize = 12;
/// Findings in the list.
const LISTED: usize = 40;
/// Pictures of the plant.
const PICTURES: usize = 2;

pub(super) fn write(
    document: &mut Document,
    analysis: &Analysis,
    caption: &Caption,
    renderer: &Renderer,
    tongue: Tongue,
) -> Result<(), ReportError> {
    let currency = &analysis.currency;
    let ranked = analysis.findings_by_money();
    document.page(false);
    document.text("Where the plant is losing money", 20.0, Cut::Bold, Token::Text, 0.0, 2);
    document.gap(2.0);
    document.text(&period(analysis), 10.0, Cut::Regular, Token::Muted, 0.0, 2);
    document.gap(10.0);
    let priced: Vec<&&Finding> = ranked.iter().filter(|finding| review::counts(finding)).collect();
    let stake: f64 = priced.iter().filter_map(|finding| yearly(finding)).map(|[value, ..]| value).sum();
    let fact = |label: &str, value: String, note: String| (label.to_owned(), value, note);
    let mut facts = Vec::new();
    if priced.is_empty() {
        facts.push(fact("At stake", "Not in money".to_owned(), "no cost or rate in the files".to_owned()));
    } else {
        facts.push(fact(
            "At stake a year",
            number::money(stake, currency),
            format!("{}, Strong or Likely", plural(priced.len(), "finding")),
        ));
    }
    let totals = &analysis.totals;
    if !(totals.planned_cost.amount.is_zero() && totals.actual_cost.amount.is_zero()) {
        let variance = totals.variance.to_f64();
        let side = if variance >= 0.0 { "over plan" } else { "under plan" };
        facts.push(fact("Actual cost", number::money(totals.actual_cost.to_f64(), currency), String::new()));
        facts.push(fact("Against plan", number::money(variance.abs(), currency), side.to_owned()));
    }
    facts.push(fact("Findings", ranked.len().to_string(), "in all".to_owned()));
    document.facts(&facts);
    document.heading("In short");
    for line in review::summary(analysis) {
        document.entry("–", &line);
    }
    document.gap(6.0);
    for chart in analysis.charts.iter().take(PICTURES) {
        if document.reserve(220.0) {
            document.text(&chart.title, 10.5, Cut::Bold, Token::Text, 0.0, 2);
            document.text(&chart.caption, 8.5, Cut::Regular, Token::Muted, 0.0, 2);
            document.gap(4.0);
            document.picture(
                &translation::page(renderer.svg(&in_tongue(chart, tongue), 720, tongue)?, tongue),
                190.0,
            );
            document.gap(6.0);
        }
    }
    document.heading("Findings by money at stake");
    if ranked.is_empty() {
        document.text(
            "Nothing stands out from chance at these settings. That is an answer.",
            10.0,
            Cut::Regular,
            Token::Text,
            0.0,
            2,
        );
    }
    // Titles and grades are our words, and numbers are said as everywhere.
    let column = |head: &str, share, number| Column { head: head.to_owned(), share, number, ours: true };
    let columns = [
        column("", 0.3, true),
        column("Finding", 4.2, false),
        column("A year", 0.9, true),
        column("Likely range", 1.6, true),
        column("Evidence", 0.8, false),
    ];
    let rows: Vec<Vec<String>> = ranked
        .iter()
        .take(LISTED)
        .enumerate()
        .map(|(at, finding)| {
            let short = |amount: f64| number::compact(amount, currency.as_str()).replace(" XXX", "");
            let (value, range) = match yearly(finding) {
                Some([value, low, high]) => {
                    (number::money(value, currency), format!("{} – {}", short(low), short(high)))
                }
                None => ("–".to_owned(), String::new()),
            };
            let grade = finding::grade(finding.evidence_grade).to_owned();
            vec![(at + 1).to_string(), finding.title.clone(), value, range, grade]
        })
        .collect();
    document.table(&columns, &rows);
    cases(document, analysis);
    for finding in ranked.iter().take(PAGES) {
        finding::write(document, analysis, finding, renderer, tongue)?;
    }
    answers::write(document, &caption.answers);
    data(document, analysis, caption);
    Ok(())
}

/// Findings that belong together, and what to do first.
fn cases(document: &mut Document, analysis: &Analysis) {
    let amount = |yearly: Option<f64>| {
        yearly.map_or_else(|| "–".to_owned(), |amount| number::money(amount, &analysis.currency))
    };
    let column = |head: &str, share, number| Column { head: head.to_owned(), share, number, ours: true };
    let together: Vec<Vec<String>> = review::cases(analysis)
        .iter()
        .filter(|case| case.findings.len() > 1)
        .take(LISTED)
        .map(|case| vec![case.title(), amount(case.yearly.map(|yearly| yearly.value))])
        .collect();
    if !together.is_empty() {
        document.heading("Findings that belong together");
        document.table(&[column("Case", 4.0, false), column("A year", 1.0, true)], &together);
    }
    let steps: Vec<Vec<String>> = review::steps(&analysis.findings)
        .iter()
        .take(PAGES)
        .map(|step| {
            let effort = step.action.effort.to_owned();
            vec![step.action.title.clone(), effort, step.within.to_owned(), amount(step.recoverable)]
        })
        .collect();
    if !steps.is_empty() {
        document.heading("First steps");
        let columns = [
            column("Step", 4.0, false),
            column("Takes", 0.7, false),
            column("Within", 1.0, false),
            column("Could be won back a year", 1.3, true),
        ];
        document.table(&columns, &steps);
    }
}

fn data(document: &mut Document, analysis: &Analysis, caption: &Caption) {
    document.page(false);
    document.text("The data behind it", 17.0, Cut::Bold, Token::Text, 0.0, 1);
    document.gap(6.0);
    document.text(&rows_used(analysis), 10.0, Cut::Regular, Token::Text, 0.0, 4);
    document.text(&caption.settings, 10.0, Cut::Regular, Token::Text, 0.0, 4);
    for item in analysis.rows.set_aside.iter().take(20) {
        document.entry("–", &format!("{} rows set aside: {}", number::count(item.rows), item.reason));
    }
    for item in analysis.data_quality.items.iter().take(20) {
        document.entry("–", &item.sentence);
    }
    if !analysis.guidance.is_empty() {
        document.heading("What more columns would show");
        for guidance in analysis.guidance.iter().take(10) {
            document.entry("+", &guidance.sentence);
        }
    }
    document.heading("How to read it");
    for line in [
        "At stake is what a loss costs in twelve months at the pace of the data. The likely range is an interval at the plant's confidence level.",
        "Strong would arise by chance in fewer than 1 of 100 comparable searches, Likely in fewer than 1 of 10. A hint is not counted in totals.",
        "Every figure opens onto the rows it came from, in the product and in the workbook.",
    ] {
        document.entry("–", line);
    }
}

fn plural(count: usize, one: &str) -> String {
    if count == 1 { format!("1 {one}") } else { format!("{count} {one}s") }
}

fn period(analysis: &Analysis) -> String {
    analysis.period.as_ref().map_or_else(
        || "no dates in the files".to_owned(),
        |period| format!("{} to {}", number::date(&period.start), number::date(&period.end)),
    )
}

/// Stands at the foot of every page: what it is about and what it rests on.
pub(super) fn foot(analysis: &Analysis, caption: &Caption) -> String {
    let mut parts = vec!["PlantIntel".to_owned(), period(analysis)];
    if !caption.files.is_empty() {
        parts.push(caption.files.join(", "));
    }
    parts.join(" · ")
}
