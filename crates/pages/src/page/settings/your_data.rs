//! What leaves the installation, and how to take everything along or delete it.

use super::SIDE;
use crate::{
    component::{
        Link,
        form::{Field, Form, Kind},
        table::{Cell, Head, Row, Table},
    },
    layout::Shell,
    page::sheet::{Body, Part, Sheet},
    route,
};

/// An archive that was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Archive {
    pub when: String,
    pub state: String,
    /// Where it can be downloaded; empty where it cannot.
    pub href: String,
}

/// What can be done with the organisation's data, by whom.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct YourData {
    /// Whether the reader is an owner.
    pub owns: bool,
    pub keep_months: String,
    /// Newest first.
    pub archives: Vec<Archive>,
}

pub fn page(shell: &Shell, data: &YourData) -> Sheet {
    let mut parts = vec![Part::new(
        "Where your data are",
        "",
        vec![Body::List(
            [
                "Uploads, mappings and findings are kept apart from every other organisation, in the database and on disk.",
                "Columns with people’s names or numbers are left out of every analysis.",
                "An upload that you delete takes its rows along; findings are computed again without it.",
            ]
            .map(str::to_owned)
            .to_vec(),
        )],
    )];
    if !data.owns {
        parts.push(Part::new(
            "Taking along and deleting",
            "",
            vec![Body::Text(vec![
                "An owner can take everything along, say how long uploads are kept, and delete the organisation.".to_owned(),
            ])],
        ));
        return Sheet::new(super::shell(shell, "Your data"), "Your data", "", parts)
            .side(&SIDE, &route::settings("your-data"));
    }
    let mut bodies = vec![Body::Text(vec![
        "One archive with every table as lines of JSON and every file as you sent it. The newest one is kept."
            .to_owned(),
    ])];
    if !data.archives.is_empty() {
        let rows = data
            .archives
            .iter()
            .map(|one| {
                Row::new(vec![
                    Cell::text(&one.when),
                    Cell::Muted(crate::words::sentence_case(&one.state)),
                    if one.href.is_empty() {
                        Cell::Empty
                    } else {
                        Cell::Link(Link::new("Download", one.href.clone()))
                    },
                ])
            })
            .collect();
        let heads = vec![Head::text("Asked for"), Head::text("State"), Head::silent("Download")];
        bodies.push(Body::Table(Table::new("Archives", heads, rows)));
    }
    bodies.push(Body::Form(Form::new(
        "/settings/your-data/export",
        &shell.csrf,
        "Make the archive",
        Vec::new(),
    )));
    parts.push(Part::new("Take everything along", "", bodies));
    let months = Field::new(Kind::Number, "months", "Months that uploads are kept", &data.keep_months)
        .hint("Older ones go by themselves. Empty keeps them.");
    parts.push(Part::new(
        "How long uploads are kept",
        "",
        vec![Body::Form(Form::new("/settings/your-data/keep", &shell.csrf, "Save how long", vec![months]))],
    ));
    let confirm = Field::new(Kind::Text, "confirm", "Name of the organisation", "")
        .hint("Type it to confirm. Everybody is signed out and everything is deleted; this cannot be undone. You get the proof by mail.")
        .required();
    parts.push(Part::new(
        "Delete the organisation",
        "",
        vec![Body::Form(Form {
            danger: true,
            ..Form::new(
                "/settings/your-data/delete",
                &shell.csrf,
                "Delete the organisation and all its data",
                vec![confirm],
            )
        })],
    ));
    Sheet::new(super::shell(shell, "Your data"), "Your data", "", parts)
        .side(&SIDE, &route::settings("your-data"))
}

pub fn samples() -> Vec<Sheet> {
    let archive = |state: &str, href: &str| Archive {
        when: "2 Oct 2025".to_owned(),
        state: state.to_owned(),
        href: href.to_owned(),
    };
    let archives = vec![archive("running", ""), archive("completed", "/settings/your-data/export/e1")];
    let owner = YourData { owns: true, keep_months: "24".to_owned(), archives };
    vec![page(&Shell::sample(), &owner), page(&Shell::sample(), &YourData::default())]
}
