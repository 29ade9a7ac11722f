//! Saved mappings: what an export means, so that next month it loads in one step.

use crate::{
    component::{
        Button, Link,
        empty::Empty,
        table::{Cell, Head, Row, Table},
    },
    layout::{Crumb, Section, Shell},
    page::sheet::{Body, Part, Sheet},
    route,
};

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SavedMapping {
    pub id: String,
    pub name: String,
    pub system: String,
    pub version: String,
    pub used: String,
    pub may_delete: bool,
}

pub fn page(shell: &Shell, mappings: &[SavedMapping]) -> Sheet {
    let part = if mappings.is_empty() {
        Part::new(
            "",
            "",
            vec![Body::Empty(Empty::new(
                "layers",
                "No mapping saved yet",
                "Save a mapping while you match columns. The same export then loads in one step and only changes are shown.",
                Some(Link::new("Upload data", route::UPLOAD)),
            ))],
        )
    } else {
        let heads = vec![
            Head::text("Mapping"),
            Head::text("System"),
            Head::text("Version"),
            Head::text("Last used"),
            Head::silent("Delete"),
        ];
        let rows = mappings
            .iter()
            .map(|mapping| {
                Row::new(vec![
                    Cell::Strong(mapping.name.clone()),
                    Cell::text(&mapping.system),
                    Cell::text(&mapping.version),
                    Cell::Muted(mapping.used.clone()),
                    if mapping.may_delete {
                        Cell::Button(Button {
                            label: "Delete mapping".to_owned(),
                            action: format!("{}/{}/delete", route::MAPPINGS, mapping.id),
                            csrf: shell.csrf.clone(),
                            danger: true,
                            ..Button::default()
                        })
                    } else {
                        Cell::Text(String::new())
                    },
                ])
            })
            .collect();
        Part::new("Saved mappings", "", vec![Body::Table(Table::new("Saved mappings", heads, rows))])
    };
    Sheet::new(
        shell.with(
            Section::Data,
            "Mappings",
            vec![Crumb::link("Data", route::DATA), Crumb::here("Mappings")],
        ),
        "Mappings",
        "What the columns of your exports mean.",
        vec![part],
    )
    .tabs(&super::TABS, route::MAPPINGS)
}

pub fn samples() -> Vec<Sheet> {
    let shell = Shell::sample();
    let saved = SavedMapping {
        id: "m1".to_owned(),
        name: "Epicor job cost, Toledo".to_owned(),
        system: "Epicor Kinetic".to_owned(),
        version: "3".to_owned(),
        used: "2 Oct 2025".to_owned(),
        may_delete: true,
    };
    vec![page(&shell, &[saved]), page(&shell, &[])]
}
