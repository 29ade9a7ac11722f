//! What a saved mapping is called, and the ten variables that are kept with it.

use domain::{CORE_VARIABLES, CoreKind, CoreVariables};

use crate::{
    component::form::{Field, Form, Kind},
    page::sheet::{Body, Part},
};

/// What a person may change about a saved mapping beside its columns.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct About {
    pub name: String,
    pub description: String,
    pub system: String,
    pub active: bool,
    pub version: String,
    pub variables: CoreVariables,
    /// What could not be taken of the last try: field, what was written, and why.
    pub errors: Vec<(String, String, String)>,
}

/// Two cards: the mapping itself, and its variables.
pub(super) fn parts(about: &About, address: &str, csrf: &str) -> Vec<Part> {
    let error = |name: &str| {
        about.errors.iter().find(|(field, _, _)| field == name).map(|(_, _, reason)| reason.clone())
    };
    let written = |name: &str, otherwise: String| {
        about.errors.iter().find(|(field, _, _)| field == name).map_or(otherwise, |(_, text, _)| text.clone())
    };
    let version = || Field::new(Kind::Hidden, "version", "", &about.version);
    let itself = Form::new(
        format!("{address}/about"),
        csrf,
        "Save name",
        vec![
            Field::new(Kind::Text, "name", "Name, up to 50 characters", written("name", about.name.clone()))
                .required()
                .error(error("name")),
            Field::new(Kind::Area, "description", "What it is for", &about.description)
                .error(error("description")),
            Field::new(Kind::Text, "source_system", "System", &about.system).error(error("source_system")),
            Field::new(Kind::Check, "active", "Recognize files by it", if about.active { "on" } else { "" }),
            version(),
        ],
    );
    let mut fields: Vec<Field> = CORE_VARIABLES
        .iter()
        .map(|variable| {
            let value = about.variables.get(variable.name);
            let (label, hint) = words(variable.name);
            if variable.kind == CoreKind::Switch {
                let on = value.is_some_and(|value| value != 0.0);
                return Field::new(Kind::Check, variable.name, label, if on { "on" } else { "" }).hint(hint);
            }
            let value = value.map(|value| value.to_string()).unwrap_or_default();
            Field::new(Kind::Number, variable.name, label, written(variable.name, value))
                .hint(hint)
                .error(error(variable.name))
        })
        .collect();
    fields.push(version());
    let variables = Form::new(format!("{address}/variables"), csrf, "Save variables", fields);
    vec![
        Part::new("This mapping", "", vec![Body::Form(itself)]),
        Part::new(
            "Variables of its analyses",
            "what is left empty has no say; rates are never assumed",
            vec![Body::Form(variables)],
        ),
    ]
}

fn words(name: &str) -> (&'static str, &'static str) {
    match name {
        "labor_rate_hourly" => {
            ("Cost of an hour of work", "Counts where the export holds no rate; in the currency of the data.")
        }
        "scrap_cost_per_unit" => (
            "Cost of a scrapped piece",
            "Counts where the export holds no cost; in the currency of the data.",
        ),
        "variance_threshold_pct" => {
            ("Smallest deviation, in percent", "15 is usual. Goes before the same setting of the plant.")
        }
        "min_variance_amount" => (
            "Smallest amount",
            "1000 is usual. Findings in money below it are not told and stay in the remainder.",
        ),
        "confidence_threshold_pct" => {
            ("Least certainty, in percent", "65 is usual. Less certain findings are not told.")
        }
        "quality_min_issue_rate_pct" => (
            "Smallest rate of bad pieces, in percent",
            "10 is usual. Scrap and rework below it are not told.",
        ),
        "pattern_min_orders" => {
            ("Fewest orders of a pattern", "3 is usual. Goes before the same setting of the plant.")
        }
        "focus_material_costs" => {
            ("Look at material costs", "Once one focus is set, only what is in focus is analyzed.")
        }
        "focus_labor_efficiency" => ("Look at labor efficiency", ""),
        _ => ("Look at quality", ""),
    }
}
