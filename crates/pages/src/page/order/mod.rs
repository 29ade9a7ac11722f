//! One work order: plan against actual, its operations in time, everything booked on it, and where it all stands.

pub mod timeline;

use askama::Template;

use crate::{
    component::{
        Link,
        table::{Cell, Head, Row, Table},
    },
    filters,
    layout::{Crumb, Section, Shell},
    route,
};
use timeline::Timeline;

#[derive(Debug, Clone, PartialEq, Default)]
pub struct Input {
    pub id: String,
    /// `Bearing housing · 250 ordered · closed`.
    pub lead: String,
    /// What was planned, what it was, and the difference.
    pub plan: Vec<Compared>,
    pub timeline: Option<Timeline>,
    /// Title, caption and rows of each table of the order.
    pub tables: Vec<(String, String, Table)>,
    pub findings: Vec<Link>,
    /// Facts of the order: its customer, its dates, its product.
    pub facts: Vec<Fact>,
}

/// What the order says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Fact {
    pub label: String,
    pub value: String,
    /// Whether the value is a word of the customer.
    pub own: bool,
}

/// A figure with its plan.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Compared {
    pub what: String,
    pub planned: String,
    pub actual: String,
    pub difference: String,
    pub is_over: bool,
}

#[derive(Debug, Clone, PartialEq, Template)]
#[template(path = "page/order/template.html")]
pub struct OrderPage {
    pub shell: Shell,
    pub input: Input,
    pub plan: Option<Table>,
}

impl OrderPage {
    pub fn new(shell: &Shell, input: Input) -> Self {
        let crumbs = vec![Crumb::link("Explore", route::EXPLORE), Crumb::here(format!("Order {}", input.id))];
        Self {
            shell: shell.with(Section::Explore, format!("Order {}", input.id), crumbs),
            plan: (!input.plan.is_empty()).then(|| plan(&input.plan)),
            input,
        }
    }

    pub fn samples() -> Vec<Self> {
        let shell = Shell::sample();
        let compared = |what: &str, planned: &str, actual: &str, difference: &str, is_over| Compared {
            what: what.to_owned(),
            planned: planned.to_owned(),
            actual: actual.to_owned(),
            difference: difference.to_owned(),
            is_over,
        };
        let fact =
            |label: &str, value: &str, own| Fact { label: label.to_owned(), value: value.to_owned(), own };
        let rows = Table::new(
            "Operations",
            vec![
                Head::text("Operation sequence"),
                Head::text("Machine number"),
                Head::number("Actual run time"),
            ],
            vec![Row::new(vec![
                Cell::Code("10".to_owned()),
                Cell::Code("M07".to_owned()),
                Cell::number("4.25 h"),
            ])],
        );
        vec![Self::new(
            &shell,
            Input {
                id: "J-20611-1".to_owned(),
                lead: "Bearing housing · 250 ordered · closed".to_owned(),
                plan: vec![
                    compared("Total cost", "$4,120", "$4,684", "+$564 (+13.7%)", true),
                    compared("Labor time", "18.00 h", "16.50 h", "−1.50 h (−8.3%)", false),
                ],
                timeline: Timeline::new(timeline::sample()),
                tables: vec![("Operations".to_owned(), "1 row".to_owned(), rows.wide())],
                findings: vec![Link::new("Machine M07 runs 45% slower than its sisters", "/findings/f1")],
                facts: vec![
                    fact("Product number", "M1-10306", true),
                    fact("Due date", "18 Sep 2025", false),
                    fact("Quantity ordered", "250 kg", false),
                ],
            },
        )]
    }
}

fn plan(lines: &[Compared]) -> Table {
    let rows = lines
        .iter()
        .map(|line| {
            let difference = line.difference.clone();
            Row::new(vec![
                Cell::Strong(line.what.clone()),
                Cell::Number(line.planned.clone()),
                Cell::Number(line.actual.clone()),
                if line.is_over { Cell::Loss(difference) } else { Cell::Number(difference) },
            ])
        })
        .collect();
    let heads = vec![
        Head::text("Figure"),
        Head::number("Planned"),
        Head::number("Actual"),
        Head::number("Difference"),
    ];
    Table::new("Plan against actual", heads, rows)
}
