//! The first steps of an organisation.

use crate::{
    component::{
        Button, Link, Tone,
        form::{Field, Form, Kind},
        pill::Pill,
        table::{Cell, Head, Row, Table},
    },
    layout::{Crumb, Section, Shell},
    page::sheet::{Body, Part, Sheet},
};

/// A step: words, where it is done, whether it is.
pub type Step = (String, String, bool);

/// A field: name, words, value, whether it must be given.
pub type Asked = (String, String, String, bool);

pub fn page(shell: &Shell, name: &str, fields: &[Asked], steps: &[Step], may_fill_in: bool) -> Sheet {
    let shell = shell.with(Section::Overview, "Welcome", vec![Crumb::here("Welcome")]);
    let mut parts = Vec::new();
    if may_fill_in {
        let mut all =
            vec![Field::new(Kind::Text, "name", "Company", name).autocomplete("organization").required()];
        for (field, words, value, needed) in fields {
            let kind = match field.as_str() {
                "size" => {
                    choice(&["1 to 19", "20 to 99", "100 to 499", "500 to 1,999", "2,000 or more"], value)
                }
                "revenue" => choice(
                    &["under 5 million", "5 to 50 million", "50 to 500 million", "over 500 million"],
                    value,
                ),
                "address" => Kind::Area,
                _ => Kind::Text,
            };
            let mut field = Field::new(kind, field, words, value);
            if *needed {
                field = field.required();
            }
            all.push(field);
        }
        parts.push(Part::new(
            "Your company",
            "",
            vec![
                Body::Form(Form::new("/welcome", &shell.csrf, "Save and go on", all)),
                Body::Buttons(vec![Button {
                    label: "Skip for now".to_owned(),
                    action: "/welcome/skip".to_owned(),
                    csrf: shell.csrf.clone(),
                    ..Button::default()
                }]),
            ],
        ));
    }
    parts.push(
        Part::new("Your first steps", "ticked by what is there", vec![Body::Table(table(steps))])
            .link("A sample file to try", "/sample/file"),
    );
    let lead = "Findings speak of your plant; a few words about it help to read them.";
    Sheet::new(shell, "Welcome", lead, parts)
}

fn choice(words: &[&str], value: &str) -> Kind {
    let mut all = vec![(String::new(), "Choose".to_owned())];
    all.extend(words.iter().map(|word| ((*word).to_owned(), (*word).to_owned())));
    if !value.is_empty() && !words.contains(&value) {
        all.push((value.to_owned(), value.to_owned()));
    }
    Kind::Choice(all)
}

fn table(steps: &[Step]) -> Table {
    let next = steps.iter().position(|(_, _, done)| !done);
    let rows = steps
        .iter()
        .enumerate()
        .map(|(at, (words, href, done))| {
            let pill = if *done {
                Pill::new(Tone::Gain, "Done")
            } else if next == Some(at) {
                Pill::new(Tone::Accent, "Next")
            } else {
                Pill::new(Tone::Quiet, "Later")
            };
            Row::new(vec![Cell::Link(Link::new(words.clone(), href.clone())), Cell::Pill(pill)])
        })
        .collect();
    Table::new("Your first steps", vec![Head::text("Step"), Head::text("State")], rows)
}

pub fn samples() -> Vec<Sheet> {
    let shell = Shell::sample();
    let field = |name: &str, words: &str, needed| (name.to_owned(), words.to_owned(), String::new(), needed);
    let fields = [field("size", "People", true), field("industry", "Industry", false)];
    let step = |words: &str, href: &str, done| (words.to_owned(), href.to_owned(), done);
    let steps = [
        step("Say who you are", "/welcome", true),
        step("Upload an export", "/data/new", false),
        step("Ask", "/ask", false),
    ];
    vec![page(&shell, "Brandt & Lowe", &fields, &steps, true), page(&shell, "", &fields, &steps, false)]
}
