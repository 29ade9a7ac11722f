//! The console of whoever runs the installation: another rail, another bar, and never a tenant's own page.

pub mod customers;
pub mod reviews;
pub mod running;

use crate::{
    component::{
        form::{Field, Form, Kind},
        table::{Cell, Head, Row, Table},
    },
    layout::{Crumb, Section, Shell},
    page::sheet::{Body, Part, Sheet},
};

/// The frame of a page of the console.
pub(crate) fn shell(shell: &Shell, name: &str) -> Shell {
    Shell {
        console: true,
        ..shell.with(Section::Nowhere, name, vec![Crumb::link("Console", "/console"), Crumb::here(name)])
    }
}

/// The same for a page below one of the rail.
pub(crate) fn shell_under(shell: &Shell, above: (&str, &str), name: &str) -> Shell {
    let mut shell = self::shell(shell, name);
    shell.crumbs.insert(1, Crumb::link(above.0, above.1));
    shell
}

const CUSTOMERS: (&str, &str) = ("Customers", "/console");
const REVIEWS: (&str, &str) = ("Reviews", "/console/reviews");

/// A kind of finding as a customer judged it so far.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Judged {
    pub kind: String,
    pub useful: String,
    pub dismissed: String,
    pub not_confirmed: String,
    /// `0.75`, or empty while nothing is weighed.
    pub weight: String,
}

impl Judged {
    fn sample() -> Self {
        Self {
            kind: "Setup time".to_owned(),
            useful: "5".to_owned(),
            dismissed: "2".to_owned(),
            not_confirmed: "1".to_owned(),
            weight: "0.75".to_owned(),
        }
    }
}

/// How right findings have been for a customer.
fn judged(kinds: &[Judged]) -> Part {
    let body = if kinds.is_empty() {
        Body::Text(vec!["Nobody of this customer has judged a finding yet.".to_owned()])
    } else {
        let rows = kinds
            .iter()
            .map(|one| {
                Row::new(vec![
                    Cell::Strong(one.kind.clone()),
                    Cell::number(&one.useful),
                    Cell::number(&one.dismissed),
                    Cell::number(&one.not_confirmed),
                    Cell::number(&one.weight),
                ])
            })
            .collect();
        let heads = vec![
            Head::text("Kind of finding"),
            Head::number("Accepted"),
            Head::number("Dismissed"),
            Head::number("Not confirmed"),
            Head::number("Weight"),
        ];
        Body::Table(Table::new("Calibration", heads, rows))
    };
    Part::new("Calibration", "a weight ranks the next findings of the kind; it changes no amount", vec![body])
}

/// Asks for the second factor once more, before anything of the console is shown.
pub fn step_up_page(shell: &Shell, next: &str, error: Option<String>) -> Sheet {
    let fields = vec![
        Field::new(Kind::Code, "code", "Code of your authenticator", "")
            .autocomplete("one-time-code")
            .hint("The console asks for it every half hour.")
            .error(error)
            .required(),
        Field::new(Kind::Hidden, "next", "", next),
    ];
    let form = Form::new("/console/confirm", &shell.csrf, "Open the console", fields);
    let part = Part::new("Who runs this installation", "", vec![Body::Form(form)]);
    Sheet::new(self::shell(shell, "Confirm"), "Show your second factor", "", vec![part])
}

/// Asks why an organisation is looked at.
pub fn reason_page(shell: &Shell, next: &str) -> Sheet {
    let fields = vec![
        Field::new(Kind::Text, "reason", "Reason", "")
            .hint("The organisation reads it in its own audit log.")
            .required(),
        Field::new(Kind::Hidden, "next", "", next),
    ];
    let form = Form::new("/console/reason", &shell.csrf, "Look at the organisation", fields);
    let part = Part::new("Before you look", "asked once every half hour", vec![Body::Form(form)]);
    Sheet::new(shell_under(shell, CUSTOMERS, "Reason"), "Why do you look?", "", vec![part])
}

pub fn samples() -> Vec<Sheet> {
    let shell = Shell::sample();
    let mut all = vec![
        step_up_page(&shell, "/console", None),
        step_up_page(&shell, "/console", Some("This is not the present code".to_owned())),
        reason_page(&shell, "/console"),
    ];
    all.extend(customers::samples(&shell));
    all.extend(reviews::samples(&shell));
    all.extend(running::samples(&shell));
    all
}
