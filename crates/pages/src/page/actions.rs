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
        sheet::{Body, Part, Sheet},
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
    /// Yearly amounts, where they are known.
    pub expected: Option<f64>,
    pub verified: Option<f64>,
    pub currency: Option<domain::Currency>,
}

pub fn page(shell: &Shell, work: &[Work]) -> Sheet {
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
    let mut parts = vec![Part::new("", "", vec![Body::Facts(facts(work, open))])];
    for (title, states) in [
        ("Open", &[State::InProgress, State::Accepted][..]),
        ("Done", &[State::Done][..]),
        ("Measured on later uploads", &[State::Verified, State::NotConfirmed][..]),
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
                Head::number("Expected a year"),
                Head::number("Verified a year"),
            ];
            parts.push(Part::new(title, &caption, vec![Body::Table(Table::new(title, heads, rows))]));
        }
    }
    Sheet::new(shell, "Actions", "Accepted findings as work, from owner to verified saving.", parts)
        .action("Open the findings", route::FINDINGS)
}

fn facts(work: &[Work], open: impl Fn(State) -> bool) -> Facts {
    let sum = |pick: &dyn Fn(&Work) -> Option<f64>| -> String {
        let amounts: Vec<f64> = work.iter().filter_map(pick).collect();
        let currency =
            work.iter().find_map(|work| work.currency.clone()).unwrap_or_else(domain::Currency::unstated);
        if amounts.is_empty() { "Not yet".to_owned() } else { number::money(amounts.iter().sum(), &currency) }
    };
    let overdue = work.iter().filter(|work| open(work.state) && work.overdue).count();
    Facts {
        facts: vec![
            Fact::new(
                "Verified savings",
                sum(&|work: &Work| work.verified.filter(|_| work.state == State::Verified)),
                "a year",
            ),
            Fact::new(
                "Expected from open work",
                sum(&|work: &Work| work.expected.filter(|_| open(work.state))),
                "a year",
            ),
            Fact::new("Open", work.iter().filter(|work| open(work.state)).count().to_string(), ""),
            Fact::new("Past their due date", overdue.to_string(), ""),
        ],
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
        Cell::Link(Link::new(&work.title, route::finding(&work.id))),
        Cell::Pill(work.state.pill()),
        if work.owner.is_empty() { Cell::Muted("nobody yet".to_owned()) } else { Cell::text(&work.owner) },
        due,
        money(work.expected),
        money(work.verified),
    ])
}

pub fn samples() -> Vec<Sheet> {
    let usd = domain::Currency::parse("USD");
    let work = |title: &str, state, owner: &str, overdue, expected, verified| Work {
        id: "f1".to_owned(),
        title: title.to_owned(),
        state,
        owner: owner.to_owned(),
        due: "2025-10-10".to_owned(),
        overdue,
        expected,
        verified,
        currency: usd.clone(),
    };
    let shell = Shell::sample();
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
            Some(45_200.0),
        ),
        work("Anodizing is billed 9% above the order price", State::Done, "", false, None, None),
    ];
    vec![page(&shell, &list), page(&shell, &[])]
}
