//! The analysis in short: a few sentences, cases of findings that belong together, first steps, and a card for each part of
//! the plant's money.

use domain::{
    Analysis, Currency, Finding, number,
    review::{self, Case, NextStep, Yearly},
};

use crate::{
    component::{
        Link, Tone,
        empty::Empty,
        pill::Pill,
        table::{Cell, Head, Row, Table},
    },
    layout::{Crumb, Section, Shell},
    page::sheet::{Body, Part, Sheet},
    route, words,
};

/// The pages beside the overview.
pub(crate) const TABS: [(&str, &str); 2] =
    [("In short", route::SUMMARY), ("Where it goes", route::BREAKDOWN)];

/// Rows of a list; the rest is among the findings.
const LISTED: usize = 20;

/// The page; `analysis` without what people have dismissed.
pub fn page(shell: &Shell, analysis: Option<&Analysis>) -> Sheet {
    let shell = shell.with(
        Section::Overview,
        "In short",
        vec![Crumb::link("Overview", route::OVERVIEW), Crumb::here("In short")],
    );
    let parts = analysis.map_or_else(nothing, parts);
    Sheet::new(
        shell,
        "In short",
        "What the analysis comes to, what belongs together, and what to do first.",
        parts,
    )
    .tabs(&TABS, route::SUMMARY)
}

/// What stands here before the first analysis.
pub(crate) fn nothing() -> Vec<Part> {
    vec![Part::new(
        "",
        "",
        vec![Body::Empty(Empty::new(
            "list-ordered",
            "Nothing analyzed yet",
            "After the first analysis you see here what it comes to.",
            Some(Link::new("Upload data", route::UPLOAD)),
        ))],
    )]
}

fn parts(analysis: &Analysis) -> Vec<Part> {
    let cases = review::cases(analysis);
    let steps = review::steps(&analysis.findings);
    let mut parts = vec![
        Part::new("Summary", "", vec![Body::List(review::summary(analysis))])
            .link("All findings", route::FINDINGS),
    ];
    if !cases.is_empty() {
        parts.push(Part::new(
            "Cases",
            "findings that belong together, each counted once",
            vec![Body::Table(cases_table(&cases, &analysis.currency))],
        ));
    }
    if !steps.is_empty() {
        parts.push(Part::new(
            "First steps",
            "by what they give back for a day of effort; other ways to the same money are not added",
            vec![Body::Table(steps_table(&steps, &analysis.currency))],
        ));
    }
    parts.extend(cards(analysis, &steps));
    parts
}

fn money(amount: f64, currency: &Currency) -> String {
    number::money(amount, currency)
}

fn amount(yearly: Option<f64>, currency: &Currency) -> Cell {
    yearly.map_or(Cell::Muted("not in money".to_owned()), |amount| Cell::Number(money(amount, currency)))
}

fn cases_table(cases: &[Case<'_>], currency: &Currency) -> Table {
    let rows = cases.iter().take(LISTED).map(|case| {
        let links = case.findings.iter().map(|one| Link::new(one.title.clone(), route::finding(&one.id)));
        let title = if case.findings.len() > 1 { case.title() } else { "Stands alone".to_owned() };
        Row::new(vec![
            Cell::Strong(title),
            Cell::Links(links.collect()),
            Cell::Pill(Pill::new(Tone::Quiet, case.category())),
            amount(case.yearly.map(|yearly| yearly.value), currency),
            case.yearly.map_or(Cell::Empty, |yearly| range(yearly, currency)),
        ])
    });
    Table::new(
        "Cases",
        vec![
            Head::text("Case"),
            Head::text("Findings"),
            Head::text("Part"),
            Head::number("A year"),
            Head::text("Likely range"),
        ],
        rows.collect(),
    )
}

fn range(yearly: Yearly, currency: &Currency) -> Cell {
    Cell::Text(format!("{} – {}", money(yearly.low, currency), money(yearly.high, currency)))
}

fn steps_table(steps: &[NextStep<'_>], currency: &Currency) -> Table {
    let rows = steps.iter().take(LISTED).map(|step| {
        let others: Vec<String> =
            step.alternatives.iter().map(|other| format!("{} ({})", other.title, other.effort)).collect();
        let other =
            if others.is_empty() { String::new() } else { format!("Or instead: {}", others.join("; ")) };
        Row::new(vec![
            Cell::Two(step.action.title.clone(), other),
            Cell::Links(vec![Link::new(step.finding.title.clone(), route::finding(&step.finding.id))]),
            Cell::Two(step.action.effort.to_owned(), step.within.to_owned()),
            amount(step.recoverable, currency),
            step.per_day.map_or(Cell::Empty, |amount| Cell::Number(money(amount, currency))),
        ])
    });
    Table::new(
        "First steps",
        vec![
            Head::text("Step"),
            Head::text("Finding"),
            Head::text("Takes"),
            Head::number("Could be won back a year"),
            Head::number("For each day of effort, at least"),
        ],
        rows.collect(),
    )
}

/// A card for each part of the money: what it is made of, the first step of each, what to ask next.
fn cards(analysis: &Analysis, steps: &[NextStep<'_>]) -> Vec<Part> {
    let mut by_part: Vec<(&'static str, Vec<&Finding>)> = Vec::new();
    for finding in analysis.findings_by_money() {
        let part = words::category(finding.type_);
        match by_part.iter_mut().find(|(name, _)| *name == part) {
            Some((_, members)) => members.push(finding),
            None => by_part.push((part, vec![finding])),
        }
    }
    by_part
        .into_iter()
        .map(|(name, members)| {
            let counted = members.iter().filter(|one| review::counts(one)).filter_map(|one| Yearly::of(one));
            let caption = review::sum(counted)
                .map_or_else(String::new, |sum| format!("{} a year", money(sum.value, &analysis.currency)));
            let rows = members.iter().take(LISTED).map(|finding| {
                let step = steps.iter().find(|step| step.finding.id == finding.id);
                let yearly = Yearly::of(finding).filter(|_| review::counts(finding));
                Row::new(vec![
                    Cell::Links(vec![Link::new(finding.title.clone(), route::finding(&finding.id))]),
                    amount(yearly.map(|yearly| yearly.value), &analysis.currency),
                    step.map_or(Cell::Empty, |step| {
                        Cell::Two(step.action.title.clone(), format!("takes {}", step.action.effort))
                    }),
                ])
            });
            let table = Table::new(
                name,
                vec![Head::text("Finding"), Head::number("A year"), Head::text("First step")],
                rows.collect(),
            );
            let mut bodies = vec![Body::Table(table)];
            let follow_ups = follow_ups(&members);
            if !follow_ups.is_empty() {
                bodies.push(Body::List(follow_ups));
            }
            let mut part = Part::new(name, &caption, bodies);
            if let Some(first) = members.first() {
                part = part.link("Ask about the largest", format!("{}?finding={}", route::ASK, first.id));
            }
            part
        })
        .collect()
}

/// What to find out next: what would prove the largest wrong, and which columns would sharpen the findings.
fn follow_ups(members: &[&Finding]) -> Vec<String> {
    let mut lines: Vec<String> = members
        .first()
        .and_then(|finding| finding.counter_evidence.first())
        .map(|doubt| format!("Check first: {doubt}"))
        .into_iter()
        .collect();
    let mut fields: Vec<String> = members
        .iter()
        .flat_map(|finding| &finding.missing_fields)
        .map(|field| words::field(*field).to_lowercase())
        .collect();
    fields.sort();
    fields.dedup();
    if !fields.is_empty() {
        lines.push(format!("Would sharpen it: {}.", fields.join(", ")));
    }
    lines
}

pub fn samples() -> Vec<Sheet> {
    let shell = Shell::sample();
    vec![page(&shell, Some(&crate::gallery::samples::analysis())), page(&shell, None)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_finding_is_in_one_case_and_one_card() {
        let analysis = crate::gallery::samples::analysis();
        let sheet = page(&Shell::sample(), Some(&analysis));
        let links = |part: &Part| -> usize {
            let tables = part.bodies.iter().filter_map(|body| match body {
                Body::Table(table) => Some(table),
                _ => None,
            });
            let cells = tables.flat_map(|table| &table.rows).flat_map(|row| &row.cells);
            cells.map(|cell| if let Cell::Links(links) = cell { links.len() } else { 0 }).sum()
        };
        let of = |title: &str| sheet.parts.iter().find(|part| part.title == title).map_or(0, links);
        assert_eq!(of("Cases"), analysis.findings.len());
        let parts: std::collections::BTreeSet<&str> =
            analysis.findings.iter().map(|finding| words::category(finding.type_)).collect();
        assert_eq!(parts.iter().map(|part| of(part)).sum::<usize>(), analysis.findings.len());
    }
}
