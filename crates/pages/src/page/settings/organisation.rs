//! The organisation and its plants.

use super::SIDE;
use crate::{
    component::{
        form::{Field, Form, Kind},
        table::{Cell, Head, Row, Table},
    },
    layout::Shell,
    page::sheet::{Body, Part, Sheet},
    route,
};

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Organisation {
    pub name: String,
    pub industry: String,
    pub size: String,
    pub contact: String,
    /// From where it may be used, one in a line.
    pub networks: String,
    pub version: String,
}

pub fn page(shell: &Shell, organisation: &Organisation, may_change: bool) -> Sheet {
    let part = if may_change {
        Part::new(
            "Company",
            "",
            vec![Body::Form(Form::new(
                "/settings/organisation",
                &shell.csrf,
                "Save organisation",
                vec![
                    Field::new(Kind::Text, "name", "Name", &organisation.name)
                        .autocomplete("organization")
                        .required(),
                    Field::new(Kind::Text, "industry", "Industry", &organisation.industry),
                    Field::new(Kind::Text, "size", "People", &organisation.size),
                    Field::new(Kind::Text, "contact", "Contact", &organisation.contact),
                    Field::new(Kind::Area, "networks", "Allowed addresses", &organisation.networks).hint(
                        "One address or range in a line, such as 203.0.113.0/24. People and API keys are then \
                         let in from there only. Empty lets them in from everywhere.",
                    ),
                    Field::new(Kind::Hidden, "version", "", &organisation.version),
                ],
            ))],
        )
    } else {
        Part::new(
            "Company",
            "",
            vec![Body::Text(vec![
                organisation.name.clone(),
                "An admin or owner can change this.".to_owned(),
            ])],
        )
    };
    Sheet::new(super::shell(shell, "Organisation"), "Organisation", "", vec![part])
        .side(&SIDE, &route::settings("organisation"))
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Plant {
    pub id: String,
    pub name: String,
    pub code: String,
    pub currency: String,
    pub zone: String,
}

pub fn plants_page(shell: &Shell, plants: &[Plant], may_change: bool) -> Sheet {
    let mut parts = Vec::new();
    if plants.is_empty() {
        parts.push(Part::new(
            "Plants",
            "",
            vec![Body::Text(vec!["No plant yet. Uploads then belong to the whole organisation.".to_owned()])],
        ));
    } else {
        let heads = vec![
            Head::text("Plant"),
            Head::text("Code in your files"),
            Head::text("Currency"),
            Head::text("Time zone"),
        ];
        let rows = plants
            .iter()
            .map(|plant| {
                Row::new(vec![
                    Cell::OwnStrong(plant.name.clone()),
                    text(&plant.code),
                    text(&plant.currency),
                    text(&plant.zone),
                ])
            })
            .collect();
        parts.push(Part::new("Plants", "", vec![Body::Table(Table::new("Plants", heads, rows))]));
    }
    if may_change {
        let fields = vec![
            Field::new(Kind::Text, "name", "Name", "").required(),
            Field::new(Kind::Text, "code", "Code in your files", "")
                .hint("As the plant column of your exports writes it."),
            Field::new(Kind::Text, "currency", "Currency", "")
                .hint("Three letters, such as USD; used where a file states none."),
            Field::new(Kind::Text, "zone", "Time zone", "").hint("Such as America/New_York."),
        ];
        parts.push(Part::new(
            "Add a plant",
            "",
            vec![Body::Form(Form::new("/settings/plants", &shell.csrf, "Add plant", fields))],
        ));
    }
    Sheet::new(super::shell(shell, "Plants"), "Plants", "", parts).side(&SIDE, &route::settings("plants"))
}

fn text(value: &str) -> Cell {
    if value.is_empty() { Cell::Empty } else { Cell::own(value) }
}

pub fn samples() -> Vec<Sheet> {
    let shell = Shell::sample();
    let organisation = Organisation {
        name: "Brandt & Lowe Components".to_owned(),
        industry: "Machining".to_owned(),
        ..Organisation::default()
    };
    let plant = Plant {
        id: "p1".to_owned(),
        name: "Toledo plant".to_owned(),
        code: "T1".to_owned(),
        currency: "USD".to_owned(),
        zone: "America/New_York".to_owned(),
    };
    vec![
        page(&shell, &organisation, true),
        page(&shell, &organisation, false),
        plants_page(&shell, &[plant], true),
        plants_page(&shell, &[], false),
    ]
}
