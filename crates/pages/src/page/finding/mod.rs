//! One finding: the claim, its facts, its proof, and what to do about it.

pub mod state;
pub mod what_if;

use askama::Template;
use domain::{
    Currency, Finding,
    analysis::{EvidenceCell, EvidenceTable},
    number,
};

use crate::{
    component::{
        Link,
        facts::{Fact, Facts},
        findings::yearly,
        picture::Picture,
        pill::Pill,
        table::{Cell, Head, Row, Table},
    },
    filters,
    layout::{Crumb, Section, Shell},
    route, words,
};
use state::State;
use what_if::{Question, WhatIf};

/// What people have decided, in full.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Progress {
    pub state: State,
    pub owner: String,
    /// ISO date.
    pub due: String,
    pub reason: String,
    /// For `If-Match`: the version that a change is based on.
    pub version: String,
    pub history: Vec<Event>,
}

/// One line of the history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    pub when: String,
    pub who: String,
    pub what: String,
}

/// The saving that an accepted finding promises, and what later uploads say of it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Saving {
    /// `$60,480 a year`.
    pub promised: String,
    /// ISO date of the action; empty where nothing was done yet.
    pub acted_on: String,
    pub notes: String,
    /// What was measured, in sentences; empty before an analysis looked.
    pub measured: Vec<String>,
    /// How: method, formula, control, assumptions.
    pub calculation: Vec<String>,
}

/// The finding in the light of earlier analyses.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct OverTime {
    /// What became of it since the analysis before, in a sentence; empty where there is none.
    pub fate: String,
    /// Its figure week by week over all uploads.
    pub picture: Option<Picture>,
    /// Day, name and yearly money of each analysis that made it, newest first.
    pub seen: Vec<(String, String, String)>,
}

#[derive(Debug, Clone, PartialEq, Template)]
#[template(path = "page/finding/template.html")]
pub struct FindingPage {
    pub shell: Shell,
    pub id: String,
    pub pills: Vec<Pill>,
    pub title: String,
    pub lead: String,
    pub facts: Facts,
    pub picture: Option<Picture>,
    /// The finding in four parts: heading and sentences.
    pub told: Vec<(&'static str, Vec<String>)>,
    pub saw: Vec<String>,
    pub wrong: Vec<String>,
    pub orders: Option<Table>,
    pub orders_note: String,
    /// Label and text of how it was computed.
    pub method: Vec<(&'static str, String)>,
    pub what_if: Option<WhatIf>,
    pub question: Option<Question>,
    pub over_time: Option<OverTime>,
    pub saving: Option<Saving>,
    pub steps: Vec<(String, String)>,
    pub progress: Progress,
    /// Whether the reader may change the status.
    pub may_decide: bool,
    pub members: Vec<(String, String)>,
    pub exports: Vec<Link>,
    /// The next finding of the list.
    pub next: Option<Link>,
}

/// What the page is made of besides the finding itself.
#[derive(Debug, Clone, Default)]
pub struct Input {
    pub progress: Progress,
    pub picture: Option<Picture>,
    pub may_decide: bool,
    /// Id and name of those who can own it.
    pub members: Vec<(String, String)>,
    pub exports: Vec<Link>,
    pub next: Option<Link>,
    /// Level of the intervals, 0 to 1.
    pub confidence_level: f64,
    /// Hundredths of the finding that the reader asks about.
    pub share: Option<u8>,
    pub over_time: Option<OverTime>,
    pub saving: Option<Saving>,
    pub question: Option<Question>,
}

impl FindingPage {
    pub fn new(shell: &Shell, finding: &Finding, currency: &Currency, input: Input) -> Self {
        let yearly = yearly(finding);
        let mut pills = vec![Pill::new(crate::component::Tone::Quiet, words::sentence_case(finding.type_))];
        let mut status = input.progress.state.pill();
        if !input.progress.owner.is_empty() {
            status.label = format!("{} · {}", status.label, input.progress.owner);
        }
        pills.push(status);
        if !input.progress.due.is_empty() {
            pills.push(Pill::new(
                crate::component::Tone::Plain,
                format!("Due {}", words::day(&input.progress.due)),
            ));
        }
        let (orders, orders_note) = match &finding.evidence_table {
            Some(table) => (
                Some(evidence(table, currency)),
                format!("{} of {}", number::count(table.rows.len() as u64), number::count(table.total)),
            ),
            None => (None, String::new()),
        };
        let short_title: String = words::sentence_case(finding.type_)
            + &finding.entities.first().map_or_else(String::new, |entity| {
                let noun = words::field(entity.field);
                format!(" · {} {}", noun.trim_end_matches(" number"), entity.value)
            });
        Self {
            shell: shell.with(
                Section::Findings,
                &finding.title,
                vec![Crumb::link("Findings", route::FINDINGS), Crumb::here(short_title)],
            ),
            id: finding.id.clone(),
            pills,
            title: finding.title.clone(),
            lead: lead(finding),
            facts: facts(finding, input.confidence_level),
            picture: input.picture,
            told: domain::review::narrative(finding)
                .parts()
                .map(|(head, lines)| (head, lines.iter().map(|line| words::plain(line)).collect()))
                .to_vec(),
            saw: finding.observations.clone(),
            wrong: finding.counter_evidence.clone(),
            orders,
            orders_note,
            method: method(finding),
            what_if: yearly.as_ref().and_then(|yearly| WhatIf::new(yearly, input.share)),
            steps: finding
                .actions
                .iter()
                .map(|action| (action.title.clone(), format!("takes {}", action.effort)))
                .collect(),
            over_time: input.over_time,
            saving: input.saving,
            question: input.question,
            progress: input.progress,
            may_decide: input.may_decide,
            members: input.members,
            exports: input.exports,
            next: input.next,
        }
    }

    pub fn samples() -> Vec<Self> {
        crate::gallery::samples::finding_pages()
    }
}

fn lead(finding: &Finding) -> String {
    let since = match (&finding.start, &finding.start_low, &finding.start_high) {
        (Some(start), Some(low), Some(high)) if low != high => {
            format!(" Since {} (between {} and {}).", words::day(start), words::day(low), words::day(high))
        }
        (Some(start), _, _) => format!(" Since {}.", words::day(start)),
        _ => String::new(),
    };
    format!("Compared with {}.{since}", finding.comparison)
}

fn facts(finding: &Finding, confidence_level: f64) -> Facts {
    let grade = Fact {
        detail: match finding.evidence_grade {
            domain::analysis::EvidenceGrade::Strong => {
                "Would arise by chance in fewer than 1 of 100 comparable searches".to_owned()
            }
            domain::analysis::EvidenceGrade::Likely => {
                "Would arise by chance in fewer than 1 of 10 comparable searches".to_owned()
            }
            domain::analysis::EvidenceGrade::Hint => "Could be chance; not counted in totals".to_owned(),
        },
        ..Fact::new(
            "Evidence",
            words::grade(finding.evidence_grade),
            words::units(finding.unit_of_analysis, finding.n),
        )
    };
    let since = finding
        .start
        .as_ref()
        .map_or_else(|| "in the period".to_owned(), |day| format!("since {}", words::day(day)));
    let facts = match (yearly(finding), &finding.impact, &finding.quantity) {
        (Some(yearly), Some(impact), _) => {
            let level = number::percent(confidence_level, 0);
            vec![
                Fact::new("At stake", number::money(yearly.value, &yearly.currency), "a year"),
                Fact {
                    detail: if confidence_level > 0.0 {
                        format!("Interval at a confidence of {level}")
                    } else {
                        String::new()
                    },
                    ..Fact::new("Likely range", yearly.range_words(), "")
                },
                grade,
                Fact::new("Spent so far", number::money(impact.value.to_f64(), &yearly.currency), since),
            ]
        }
        (_, _, Some(quantity)) => {
            let amount = |value: f64| number::short(value, "");
            vec![
                Fact::new("In the period", format!("{} {}", amount(quantity.value), quantity.unit), ""),
                Fact::new(
                    "Likely range",
                    format!("{} – {} {}", amount(quantity.low), amount(quantity.high), quantity.unit),
                    "",
                ),
                grade,
                Fact::new("In money", "Not available", "no rate in the files"),
            ]
        }
        _ => vec![Fact::new("In money", "Not counted as savings", ""), grade],
    };
    Facts { facts }
}

fn method(finding: &Finding) -> Vec<(&'static str, String)> {
    let mut lines = vec![
        ("Method", words::sentence_case(finding.method)),
        (
            "Chance",
            format!(
                "p = {}, after {} comparable searches q = {}",
                small(finding.p),
                number::count(finding.tests_in_family),
                small(finding.q)
            ),
        ),
    ];
    lines.push((
        "Priority",
        format!(
            "{} of 100: {}. Money counts 40, the distance from the usual 30, urgency 20, certainty 10.",
            finding.priority,
            words::band(finding.priority)
        ),
    ));
    if !finding.assumptions.is_empty() {
        lines.push(("Rates and assumptions", finding.assumptions.join(" ")));
    }
    if !finding.missing_fields.is_empty() {
        let fields: Vec<String> =
            finding.missing_fields.iter().map(|field| words::field(*field).to_lowercase()).collect();
        lines.push(("Would sharpen it", fields.join(", ")));
    }
    if !finding.evidence_rows.is_empty() {
        let rows: Vec<String> = finding
            .evidence_rows
            .iter()
            .take(12)
            .map(|row| format!("{} row {}", row.file, number::count(row.row)))
            .collect();
        lines.push(("For example", rows.join(", ")));
    }
    lines
}

fn small(p: f64) -> String {
    if p < 0.001 { "less than 0.001".to_owned() } else { format!("{p:.3}") }
}

/// The rows behind a finding, numbers to the right and differences with their sign.
pub(crate) fn evidence(table: &EvidenceTable, currency: &Currency) -> Table {
    let is_number = |column: usize| {
        table.rows.iter().filter_map(|row| row.get(column)).any(|cell| {
            matches!(
                cell,
                EvidenceCell::Number(_)
                    | EvidenceCell::Percent(_)
                    | EvidenceCell::Money(_)
                    | EvidenceCell::Row(_)
            )
        })
    };
    let heads = table
        .heads
        .iter()
        .enumerate()
        .map(|(column, head)| if is_number(column) { Head::number(head) } else { Head::text(head) })
        .collect();
    let digits: Vec<usize> = (0..table.heads.len()).map(|column| digits(table, column)).collect();
    let rows = table
        .rows
        .iter()
        .map(|row| {
            let cells = row.iter().enumerate();
            let digits = |column: usize| digits.get(column).copied().unwrap_or_default();
            let cells = cells.map(|(column, cell)| {
                if let (EvidenceCell::Text(order), Some("Work order")) =
                    (cell, table.heads.get(column).map(String::as_str))
                {
                    return Cell::Link(Link::own(order, route::order(order)));
                }
                let is_difference = table.heads.get(column).is_some_and(|head| is_difference(head));
                shown(cell, column == 0, is_difference, digits(column), currency)
            });
            Row::new(cells.collect())
        })
        .collect();
    Table::new("Rows behind this", heads, rows).wide()
}

/// Whether a share is a distance from something, which has a sign, or a level, which has none.
fn is_difference(head: &str) -> bool {
    let head = head.to_lowercase();
    !["rate", "share", "yield", "load", "utilization", "scrapped"].iter().any(|level| head.contains(level))
}

/// Decimals of a column of numbers: as many as its values need to be told apart, the same for all of them.
fn digits(table: &EvidenceTable, column: usize) -> usize {
    let numbers = table.rows.iter().filter_map(|row| match row.get(column) {
        Some(EvidenceCell::Number(value)) => Some(value.abs()),
        _ => None,
    });
    let (mut whole, mut largest) = (true, 0.0_f64);
    for value in numbers {
        whole &= value.fract() == 0.0;
        largest = largest.max(value);
    }
    match (whole, largest) {
        (true, _) => 0,
        (false, largest) if largest >= 100.0 => 1,
        (false, largest) if largest >= 1.0 => 2,
        _ => 3,
    }
}

fn shown(cell: &EvidenceCell, first: bool, is_difference: bool, digits: usize, currency: &Currency) -> Cell {
    match cell {
        EvidenceCell::Text(text) if first => Cell::Code(text.clone()),
        EvidenceCell::Text(text) => Cell::Own(text.clone()),
        EvidenceCell::Number(value) => Cell::Number(number::grouped(*value, digits).replace('-', "−")),
        EvidenceCell::Percent(share) if *share > 0.0 && is_difference => {
            Cell::Number(format!("+{}", number::percent(*share, 1)))
        }
        EvidenceCell::Percent(share) => Cell::Number(number::percent(*share, 1)),
        EvidenceCell::Money(amount) => Cell::Number(number::money(*amount, currency)),
        EvidenceCell::Date(micros) => Cell::Text(number::day(*micros)),
        EvidenceCell::Row(row) => Cell::Number(number::count(row.row)),
        EvidenceCell::Empty => Cell::Empty,
    }
}
