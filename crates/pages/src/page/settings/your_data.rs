//! What leaves the installation, and how to take everything along or delete it.

use super::SIDE;
use crate::{
    component::form::{Field, Form, Kind},
    layout::Shell,
    page::sheet::{Body, Part, Sheet},
    route,
};

/// What this installation can do with the organisation's data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Abilities {
    pub export: bool,
    pub delete: bool,
}

pub fn page(shell: &Shell, abilities: Abilities) -> Sheet {
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
    if abilities.export {
        parts.push(Part::new(
            "Take everything along",
            "",
            vec![
                Body::Text(vec![
                    "One archive with uploads, mappings, findings and the audit log.".to_owned(),
                ]),
                Body::Form(Form::new(
                    "/settings/your-data/export",
                    &shell.csrf,
                    "Make the archive",
                    Vec::new(),
                )),
            ],
        ));
    }
    if abilities.delete {
        let field = Field::new(Kind::Text, "confirm", "Name of the organisation", "")
            .hint("Type it to confirm. Everything is deleted; this cannot be undone.")
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
                    vec![field],
                )
            })],
        ));
    }
    Sheet::new(super::shell(shell, "Your data"), "Your data", "", parts)
        .side(&SIDE, &route::settings("your-data"))
}

pub fn samples() -> Vec<Sheet> {
    vec![
        page(&Shell::sample(), Abilities { export: true, delete: true }),
        page(&Shell::sample(), Abilities::default()),
    ]
}
