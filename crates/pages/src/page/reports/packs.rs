//! Ready-made packs: of the newest analysis by a link, of others and of one supplier by a form.

use super::Download;
use crate::{
    component::{
        Link,
        form::{Field, Form, Kind},
        table::{Cell, Head, Row, Table},
    },
    layout::Shell,
    page::sheet::{Body, Part},
};

/// Ready-made packs: value, name, and what it is for.
const PACKS: [(&str, &str, &str); 4] = [
    ("cost_review", "Monthly cost review", "Where the money goes, and a page for each large finding"),
    (
        "weekly_losses",
        "Weekly losses",
        "The last full week against the weeks before; what is new, what ended",
    ),
    ("supplier_claims", "Supplier claims", "A page to send to each supplier, with its orders, lots and rows"),
    (
        "lateness",
        "Lateness",
        "Orders late, by how much and why; on-time rates by customer, product and resource",
    ),
];

/// The packs of the newest analysis, and a form for those of others or of one supplier.
pub(super) fn packs(shell: &Shell, downloads: &[Download]) -> Vec<Part> {
    let Some(newest) = downloads.first() else { return Vec::new() };
    let rows = PACKS
        .iter()
        .map(|(value, name, about)| {
            let link = |words: &str, extension: &str| {
                let address = match *value {
                    "cost_review" => format!("/reports/{}.{extension}", newest.id),
                    value => format!("/reports/packs/{}/{value}.{extension}", newest.id),
                };
                Link::new(words, address)
            };
            Row::new(vec![
                Cell::Two((*name).to_owned(), (*about).to_owned()),
                Cell::Links(vec![link("PDF", "pdf"), link("Excel", "xlsx")]),
            ])
        })
        .collect();
    let table = Table::new("Ready-made packs", vec![Head::text("Pack"), Head::text("Take along")], rows);
    let of = downloads.iter().map(|one| (one.id.clone(), one.choice.clone())).collect();
    let choices = |all: &[(&str, &str)]| {
        all.iter().map(|(value, words)| ((*value).to_owned(), (*words).to_owned())).collect()
    };
    let fields = vec![
        Field::new(Kind::Own(of), "pack_of", "Analysis", &newest.id),
        Field::new(Kind::Choice(names_of_packs()), "pack_kind", "Pack", "supplier_claims"),
        Field::new(Kind::Choice(choices(&[("pdf", "PDF"), ("xlsx", "Excel")])), "pack_as", "As", "pdf"),
        Field::new(Kind::Text, "supplier", "Supplier", "")
            .hint("For supplier claims: the supplier as your data name it; empty for all."),
    ];
    let form = Form::new("/reports/packs", &shell.csrf, "Make the pack", fields);
    vec![
        Part::new("Ready-made packs", "of the newest analysis", vec![Body::Table(table)]),
        Part::new("Make a pack", "of another analysis, or of one supplier", vec![Body::Form(form)]),
    ]
}

pub(super) fn names_of_packs() -> Vec<(String, String)> {
    PACKS.iter().map(|(value, name, _)| ((*value).to_owned(), (*name).to_owned())).collect()
}

/// What a stored pack is called.
pub(super) fn name_of_pack(value: &str) -> &'static str {
    PACKS.iter().find(|(known, ..)| *known == value).map_or("Monthly cost review", |(_, name, _)| name)
}
