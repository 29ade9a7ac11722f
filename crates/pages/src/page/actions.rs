//! Accepted findings as work, with what was expected and what was verified.

use domain::number;

use crate::{
    component::{
        Link, Tone,
        empty::Empty,
        facts::{Fact, Facts},
        pill::Pill,
        table::{Cell, Head, Row, Table},
    },
    layout::{Crumb, Section, Shell},
    page::{
        finding::state::State,
        sheet::{Body, Card, Part, Sheet},
    },
    route, words,
};

/// A finding that somebody works on.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Work {
    pub id: String,
    pub title: String,
    pub state: State,
    pub owner: String,
    /// ISO date; empty where none is set.
    pub due: String,
    pub overdue: bool,
    /// Whether the newest analysis still makes the finding, so that it has a page.
    pub seen: bool,
    pub category: &'static str,
    /// Yearly amounts, where they are known.
    pub expected: Option<f64>,
    /// As measured on later uploads: what is saved a year, and in which unit.
    pub measured: Option<Measured>,
    /// What a person says was had.
    pub stated: Option<f64>,
    /// ISO date of the action; empty where nothing was done yet.
    pub acted_on: String,
    pub notes: String,
    pub currency: Option<domain::Currency>,
}

/// What later uploads say of a saving.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Measured {
    /// A year: point, low, high.
    pub saved: [f64; 3],
    /// `money`, `h`, `kWh`, `pieces`, `days`.
    pub unit: String,
    /// `verified`, `refuted`, `not_yet`.
    pub verdict: String,
    /// Why, in a sentence.
    pub reason: String,
}

/// The ledger on top.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Ledger {
    pub currency: Option<domain::Currency>,
    /// A year, verified: point, low, high.
    pub verified: [f64; 3],
    pub to_date: f64,
    /// Stated by people and not measured.
    pub stated: f64,
    /// Captured of all that were accepted, 0 to 1.
    pub conversion: Option<f64>,
    /// What the pilot should save, and the days that are left.
    pub target: Option<(f64, Option<i32>)>,
    /// Name, count, promised a year, verified a year.
    pub stages: Vec<(&'static str, usize, f64, f64)>,
    pub categories: Vec<(&'static str, usize, f64, f64)>,
}

/// The two ways to look at work.
const VIEWS: [(&str, &str); 2] = [("Table", route::ACTIONS), ("Board", BOARD)];
/// The address of the board.
const BOARD: &str = "/actions?view=board";

/// Where work stands: title, and the states that belong there.
const COLUMNS: [(&str, &[State]); 4] = [
    ("Accepted", &[State::Accepted]),
    ("In progress", &[State::InProgress]),
    ("Done, to be measured", &[State::Done]),
    ("Measured", &[State::Verified, State::NotConfirmed]),
];

/// The same work as a board.
pub fn board(shell: &Shell, work: &[Work], ledger: &Ledger) -> Sheet {
    let mut sheet = page(shell, work, ledger);
    if work.is_empty() {
        return sheet;
    }
    let columns = COLUMNS
        .into_iter()
        .map(|(title, states)| {
            let cards = work.iter().filter(|work| states.contains(&work.state)).map(card).collect();
            (title.to_owned(), cards)
        })
        .collect();
    sheet.parts.truncate(1);
    sheet.parts.push(Part::new("", "", vec![Body::Board(columns)]));
    sheet.tabs(&VIEWS, BOARD)
}

fn card(work: &Work) -> Card {
    let tone = if work.overdue { Tone::Warn } else { Tone::Quiet };
    let late = if work.overdue { ", overdue" } else { "" };
    Card {
        title: work.title.clone(),
        href: if work.seen { route::finding(&work.id) } else { String::new() },
        pill: work.state.pill(),
        owner: work.owner.clone(),
        due: (!work.due.is_empty()).then(|| Pill::new(tone, format!("{}{late}", words::day(&work.due)))),
        amount: match (&work.currency, work.expected) {
            (Some(currency), Some(amount)) => format!("{} a year", number::money(amount, currency)),
            _ => String::new(),
        },
        note: match &work.measured {
            Some(measured) if measured.verdict == "not_yet" => measured.reason.clone(),
            Some(measured) => saved(measured, work.currency.as_ref()),
            None => String::new(),
        },
    }
}

pub fn page(shell: &Shell, work: &[Work], ledger: &Ledger) -> Sheet {
    let shell = shell.with(Section::Actions, "Actions", vec![Crumb::here("Actions")]);
    let open = |state: State| matches!(state, State::Accepted | State::InProgress);
    if work.is_empty() {
        let empty = Empty::new(
            "circle-check",
            "No action yet",
            "Accept a finding and it stands here with its owner, its due date and what it should save. Later uploads then show whether it did.",
            Some(Link::new("Open the findings", route::FINDINGS)),
        );
        return Sheet::new(shell, "Actions", "", vec![Part::new("", "", vec![Body::Empty(empty)])]);
    }
    let mut parts = vec![Part::new("", "", vec![Body::Facts(facts(work, ledger, open))])];
    for (title, states) in [
        ("Open", &[State::InProgress, State::Accepted][..]),
        ("Done, to be measured on later uploads", &[State::Done][..]),
        ("Measured on later uploads", &[State::Verified, State::NotConfirmed][..]),
        ("Not pursued", &[State::Dismissed][..]),
    ] {
        let rows: Vec<Row> = states
            .iter()
            .flat_map(|state| work.iter().filter(move |work| work.state == *state))
            .map(row)
            .collect();
        if !rows.is_empty() {
            let caption = words::counted(rows.len() as u64, "action");
            let heads = vec![
                Head::text("Finding"),
                Head::text("Status"),
                Head::text("Owner"),
                Head::text("Due"),
                Head::number("Promised a year"),
                Head::text("Measured"),
            ];
            parts.push(Part::new(title, &caption, vec![Body::Table(Table::new(title, heads, rows))]));
        }
    }
    parts.push(Part::new("By status", "", vec![Body::Table(sums("Status", &ledger.stages, ledger))]));
    parts.push(Part::new("By category", "", vec![Body::Table(sums("Category", &ledger.categories, ledger))]));
    Sheet::new(shell, "Actions", "Accepted findings as work, from owner to verified saving.", parts)
        .action("Open the findings", route::FINDINGS)
        .tabs(&VIEWS, route::ACTIONS)
}

fn facts(work: &[Work], ledger: &Ledger, open: impl Fn(State) -> bool) -> Facts {
    let currency = ledger.currency.clone().unwrap_or_else(domain::Currency::unstated);
    let money = |amount: f64| number::money(amount, &currency);
    let [verified, low, high] = ledger.verified;
    let any = work.iter().any(|work| work.state == State::Verified);
    let mut note = "a year".to_owned();
    if any {
        note = format!("a year ({} – {}); {} so far", money(low), money(high), money(ledger.to_date));
    }
    if let Some((target, days)) = ledger.target {
        let left = days
            .map_or_else(String::new, |days| format!(", {} left", words::counted(days.max(0) as u64, "day")));
        note.push_str(&format!(" · target {}{left}", money(target)));
    }
    if ledger.stated > 0.0 {
        note.push_str(&format!(" · {} more stated by people, not measured", money(ledger.stated)));
    }
    let overdue = work.iter().filter(|work| open(work.state) && work.overdue).count();
    let promised: f64 = work.iter().filter(|work| open(work.state)).filter_map(|work| work.expected).sum();
    let conversion = ledger.conversion.map_or_else(|| "–".to_owned(), |share| number::percent(share, 0));
    Facts {
        facts: vec![
            Fact::new("Verified savings", if any { money(verified) } else { "Not yet".to_owned() }, note),
            Fact::new("Promised by open work", money(promised), "a year"),
            Fact::new("Captured of what was accepted", conversion, ""),
            Fact::new("Past their due date", overdue.to_string(), ""),
        ],
    }
}

fn sums(name: &str, rows: &[(&'static str, usize, f64, f64)], ledger: &Ledger) -> Table {
    let currency = ledger.currency.clone().unwrap_or_else(domain::Currency::unstated);
    let money = |amount: f64| Cell::Number(number::money(amount, &currency));
    let rows = rows
        .iter()
        .map(|(name, count, promised, verified)| {
            Row::new(vec![
                Cell::Strong((*name).to_owned()),
                Cell::Number(count.to_string()),
                money(*promised),
                money(*verified),
            ])
        })
        .collect();
    let heads = vec![
        Head::text(name),
        Head::number("Actions"),
        Head::number("Promised a year"),
        Head::number("Verified a year"),
    ];
    Table::new(name, heads, rows)
}

/// `$45,200 a year ($30k – $60k)`, in money or in its own unit.
pub fn saved(measured: &Measured, currency: Option<&domain::Currency>) -> String {
    let shown = |value: f64| match (measured.unit.as_str(), currency) {
        ("money", Some(currency)) => number::money(value, currency),
        (unit, _) => format!("{} {}", number::grouped(value, 0), if unit == "money" { "" } else { unit }),
    };
    let [point, low, high] = measured.saved.map(shown);
    format!("{} a year ({} – {})", point.trim(), low.trim(), high.trim())
}

fn measured(work: &Work) -> Cell {
    match (&work.measured, work.stated) {
        (Some(measured), _) => {
            let pill = match measured.verdict.as_str() {
                "verified" => Pill::new(Tone::Gain, "Verified"),
                "refuted" => Pill::new(Tone::Loss, "No saving"),
                _ => Pill::new(Tone::Quiet, "Too early"),
            };
            let said = if measured.verdict == "not_yet" {
                measured.reason.clone()
            } else {
                saved(measured, work.currency.as_ref())
            };
            Cell::PillNote(pill, said)
        }
        (None, Some(stated)) => {
            let currency = work.currency.clone().unwrap_or_else(domain::Currency::unstated);
            Cell::Muted(format!("{} stated, not measured", number::money(stated, &currency)))
        }
        (None, None) if work.acted_on.is_empty() => Cell::Muted("nothing done yet".to_owned()),
        (None, None) => Cell::Muted(format!("from {} on, by the next upload", words::day(&work.acted_on))),
    }
}

fn row(work: &Work) -> Row {
    let money = |amount: Option<f64>| match (&work.currency, amount) {
        (Some(currency), Some(amount)) => Cell::Number(number::money(amount, currency)),
        _ => Cell::Number("–".to_owned()),
    };
    let due = if work.due.is_empty() {
        Cell::Empty
    } else if work.overdue {
        Cell::Pill(Pill::new(Tone::Warn, format!("{}, overdue", words::day(&work.due))))
    } else {
        Cell::Text(words::day(&work.due))
    };
    Row::new(vec![
        if work.seen {
            Cell::Link(Link::new(&work.title, route::finding(&work.id)))
        } else {
            Cell::Two(work.title.clone(), "no longer seen in the newest analysis".to_owned())
        },
        Cell::Pill(work.state.pill()),
        if work.owner.is_empty() { Cell::Muted("nobody yet".to_owned()) } else { Cell::own(&work.owner) },
        due,
        money(work.expected),
        measured(work),
    ])
}

pub fn samples() -> Vec<Sheet> {
    let usd = domain::Currency::parse("USD");
    let work = |title: &str, state, owner: &str, overdue, expected, measured: Option<Measured>| Work {
        id: "f1".to_owned(),
        title: title.to_owned(),
        state,
        owner: owner.to_owned(),
        due: "2025-10-10".to_owned(),
        overdue,
        seen: state != State::Verified,
        category: "Labor",
        expected,
        acted_on: if measured.is_some() { "2025-06-02".to_owned() } else { String::new() },
        measured,
        stated: None,
        notes: String::new(),
        currency: usd.clone(),
    };
    let shell = Shell::sample();
    let verified = Measured {
        saved: [45_200.0, 31_000.0, 58_000.0],
        unit: "money".to_owned(),
        verdict: "verified".to_owned(),
        reason: "Even the low end of the interval is a saving.".to_owned(),
    };
    let early = Measured {
        verdict: "not_yet".to_owned(),
        reason: "12 days and 9 orders since the action; 28 days and 20 orders are the least.".to_owned(),
        ..verified.clone()
    };
    let list = [
        work(
            "Part 7741-B uses 11% more bar stock than planned since July",
            State::Accepted,
            "R. Osei",
            false,
            Some(86_400.0),
            None,
        ),
        work(
            "Night-shift setups at Turning run 38 minutes over plan",
            State::InProgress,
            "D. Marín",
            true,
            Some(61_300.0),
            None,
        ),
        work(
            "Saw blades wear out twice as fast on Saw 2",
            State::Verified,
            "D. Marín",
            false,
            Some(48_000.0),
            Some(verified),
        ),
        work("Anodizing is billed 9% above the order price", State::Done, "", false, None, Some(early)),
    ];
    let ledger = Ledger {
        currency: usd,
        verified: [45_200.0, 31_000.0, 58_000.0],
        to_date: 15_100.0,
        stated: 0.0,
        conversion: Some(0.25),
        target: Some((50_000.0, Some(61))),
        stages: vec![
            ("Identified", 1, 86_400.0, 0.0),
            ("In progress", 2, 61_300.0, 0.0),
            ("Captured", 1, 48_000.0, 45_200.0),
            ("Not pursued", 0, 0.0, 0.0),
        ],
        categories: vec![("Labor", 3, 109_300.0, 45_200.0), ("Material", 1, 86_400.0, 0.0)],
    };
    vec![page(&shell, &list, &ledger), page(&shell, &[], &Ledger::default()), board(&shell, &list, &ledger)]
}
