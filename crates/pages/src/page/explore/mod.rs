//! The canonical tables themselves: rows, filters that stand in the address, groups with totals, and a picture of them.

use askama::Template;

use crate::{
    component::{Link, empty::Empty, picture::Picture, table::Table},
    filters,
    layout::{Crumb, Section, Shell},
    page::sheet::Tab,
    route,
};

/// Something that can be chosen, with its value in the address.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Choice {
    pub value: String,
    pub label: String,
    pub chosen: bool,
}

/// A condition that rows meet, and the address without it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    pub field: String,
    pub value: String,
    pub without: String,
}

#[derive(Debug, Clone, PartialEq, Default)]
pub struct Input {
    pub tables: Vec<Tab>,
    /// What the form repeats: the table, the conditions, the order.
    pub kept: Vec<(String, String)>,
    pub conditions: Vec<Condition>,
    pub groups: Vec<Choice>,
    /// Fields that rows can be told apart by.
    pub wheres: Vec<Choice>,
    /// What groups are ranked by.
    pub measures: Vec<Choice>,
    /// Columns of rows; empty while rows are grouped.
    pub columns: Vec<Choice>,
    pub chart: bool,
    pub grouped: bool,
    /// `1 – 50 of 3,126 rows`.
    pub note: String,
    pub table: Option<Table>,
    pub picture: Option<Picture>,
    pub previous: Option<String>,
    pub next: Option<String>,
    pub export: Option<Link>,
}

#[derive(Debug, Clone, PartialEq, Template)]
#[template(path = "page/explore/template.html")]
pub struct Explore {
    pub shell: Shell,
    pub empty: Option<Empty>,
    pub input: Input,
}

impl Explore {
    pub fn new(shell: &Shell, input: Input) -> Self {
        Self {
            shell: shell.with(Section::Explore, "Explore", vec![Crumb::here("Explore")]),
            empty: None,
            input,
        }
    }

    pub fn without_data(shell: &Shell, why: &str) -> Self {
        let empty = Empty::new(
            "table-2",
            "Nothing to explore yet",
            why,
            Some(Link::new("Upload data", route::UPLOAD)),
        );
        Self { empty: Some(empty), ..Self::new(shell, Input::default()) }
    }

    pub fn samples() -> Vec<Self> {
        use crate::component::table::{Cell, Head, Row};
        let shell = Shell::sample();
        let tab = |label: &str, current| Tab { link: Link::new(label, "/explore?table=operation"), current };
        let choice = |label: &str, chosen| Choice {
            value: label.to_lowercase().replace(' ', "_"),
            label: label.to_owned(),
            chosen,
        };
        let base = Input {
            tables: vec![tab("Work orders · 3,126", false), tab("Operations · 12,480", true)],
            kept: vec![("table".to_owned(), "operation".to_owned())],
            conditions: vec![Condition {
                field: "Department".to_owned(),
                value: "Turning".to_owned(),
                without: "/explore?table=operation".to_owned(),
            }],
            groups: vec![choice("Work center number", false), choice("Department", false)],
            wheres: vec![choice("Work center number", false), choice("Department", false)],
            measures: vec![choice("Actual run time", true)],
            columns: vec![choice("Work order number", true), choice("Tool number", false)],
            note: "1 – 2 of 2,114 rows".to_owned(),
            table: Some(
                Table::new(
                    "Operations",
                    vec![
                        Head::text("Work order number"),
                        Head::number("Actual run time"),
                        Head::text("Source"),
                    ],
                    vec![
                        Row::new(vec![
                            Cell::Link(Link::own("J-20611-1", "/orders/J-20611-1")),
                            Cell::number("4.25 h"),
                            Cell::Muted("operations.csv row 12".to_owned()),
                        ]),
                        Row::new(vec![
                            Cell::Strong("All 2,114 rows".to_owned()),
                            Cell::number("8,214.00 h"),
                            Cell::Empty,
                        ]),
                    ],
                )
                .wide(),
            ),
            next: Some("/explore?table=operation&page=2".to_owned()),
            export: Some(Link::new("Rows (CSV)", "/explore/rows.csv?table=operation")),
            ..Input::default()
        };
        let grouped = Input {
            grouped: true,
            chart: true,
            groups: vec![choice("Work center number", true)],
            columns: Vec::new(),
            picture: Picture::examples_first(),
            ..base.clone()
        };
        vec![
            Self::new(&shell, base),
            Self::new(&shell, grouped),
            Self::without_data(&shell, "Upload an export; its orders, operations and bookings stand here."),
        ]
    }
}
