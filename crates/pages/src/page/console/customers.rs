//! Customers: all of them, and one.

use crate::{
    component::{
        Button, Link, Tone,
        facts::{Fact, Facts},
        form::{Field, Form, Kind},
        pill::Pill,
        table::{Cell, Head, Row, Table},
    },
    layout::Shell,
    page::sheet::{Body, Part, Sheet},
};

/// A customer in a list.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Line {
    pub id: String,
    pub name: String,
    pub contact: String,
    pub plan: String,
    /// `trial`, `active`, `inactive`, or empty while nothing is noted.
    pub status: String,
    pub state: String,
    /// `$31,000 of 50,000`.
    pub savings: String,
    /// `23 days left`.
    pub left: String,
}

/// Reviews that wait, pilots, verified savings, promises kept.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Counters {
    pub waiting: String,
    pub pilots: String,
    pub savings: String,
    pub met: String,
}

pub fn index(
    shell: &Shell,
    counters: &Counters,
    lines: &[Line],
    plans: &[(String, String)],
    search: &str,
    status: &str,
    fresh: Option<&str>,
) -> Sheet {
    let facts = vec![
        Fact::new("Reviews waiting", &counters.waiting, ""),
        Fact::new("Pilots", &counters.pilots, ""),
        Fact::new("Verified savings", &counters.savings, ""),
        Fact::new("Promises kept", &counters.met, "of savings"),
    ];
    let mut parts = vec![Part::new("", "", vec![Body::Facts(Facts { facts })])];
    if let Some(link) = fresh {
        parts.push(Part::new(
            "The link for the new owner",
            "shown once; works for seven days",
            vec![Body::Secret { label: "Pass it on:".to_owned(), lines: vec![link.to_owned()] }],
        ));
    }
    let statuses = ["", "trial", "active", "inactive"]
        .map(|value| {
            (
                value.to_owned(),
                if value.is_empty() { "Any".to_owned() } else { crate::words::sentence_case(value) },
            )
        })
        .to_vec();
    parts.push(Part::new(
        "Search",
        "",
        vec![Body::Form(Form::new(
            "/console/search",
            &shell.csrf,
            "Search customers",
            vec![
                Field::new(Kind::Text, "words", "Name, contact or notes", search),
                Field::new(Kind::Choice(statuses), "status", "Status", status),
            ],
        ))],
    ));
    let rows: Vec<Row> = lines
        .iter()
        .map(|line| {
            let pill = match line.status.as_str() {
                "active" => Cell::Pill(Pill::new(Tone::Gain, "Active")),
                "trial" => Cell::Pill(Pill::new(Tone::Accent, "Trial")),
                "inactive" => Cell::Pill(Pill::new(Tone::Quiet, "Inactive")),
                _ => Cell::Muted("nothing noted".to_owned()),
            };
            Row::new(vec![
                Cell::Link(Link::own(line.name.clone(), format!("/console/customers/{}", line.id))),
                if line.contact.is_empty() { Cell::Empty } else { Cell::own(line.contact.clone()) },
                Cell::own(&line.plan),
                pill,
                if line.state == "active" {
                    Cell::Muted("Open".to_owned())
                } else {
                    Cell::Pill(Pill::new(Tone::Warn, crate::words::sentence_case(&line.state)))
                },
                Cell::Two(line.savings.clone(), line.left.clone()),
            ])
        })
        .collect();
    let heads = vec![
        Head::text("Organisation"),
        Head::text("Contact"),
        Head::text("Plan"),
        Head::text("Status"),
        Head::text("State"),
        Head::text("Savings"),
    ];
    parts.push(Part::new("Customers", "by name", vec![Body::Table(Table::new("Customers", heads, rows))]));
    parts.push(Part::new(
        "New customer",
        "",
        vec![Body::Form(Form::new(
            "/console/customers",
            &shell.csrf,
            "Make the organisation",
            vec![
                Field::new(Kind::Text, "name", "Company", "").required(),
                Field::new(Kind::Email, "email", "The owner's address", "").required(),
                Field::new(Kind::Choice(plans.to_vec()), "plan", "Plan", "pilot"),
            ],
        ))],
    ));
    Sheet::new(super::shell(shell, "Customers"), "Customers", "", parts)
}

/// What is noted of a customer, as a form writes it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Noted {
    pub name: String,
    pub contact_name: String,
    pub contact_email: String,
    pub contact_phone: String,
    pub address: String,
    pub notes: String,
    pub pays: String,
    pub status: String,
    pub plan: String,
    pub csv_upload_limit: String,
    pub savings_target: String,
    pub pilot_ends_on: String,
    pub reviewed: bool,
    pub version: String,
}

/// One customer.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Customer {
    pub id: String,
    pub name: String,
    pub state: String,
    pub since: String,
    pub savings: String,
    pub left: String,
    pub noted: Noted,
    pub plans: Vec<(String, String)>,
    /// What it has, in words and numbers.
    pub numbers: Vec<(String, String)>,
    pub facilities: Vec<(String, String)>,
    pub profiles: Vec<(String, String)>,
    /// Name, day, state, findings.
    pub analyses: Vec<[String; 4]>,
    pub settings: String,
    /// The company form, as the customer filled it in.
    pub company: Vec<(String, String)>,
    /// How its findings were judged.
    pub judged: Vec<super::Judged>,
}

pub fn show(shell: &Shell, customer: &Customer) -> Sheet {
    let at = format!("/console/customers/{}", customer.id);
    let noted = &customer.noted;
    let facts = vec![
        Fact::new("State", crate::words::sentence_case(&customer.state), &*customer.since),
        Fact::new("Savings", &customer.savings, &*customer.left),
        Fact::new("Plan", crate::words::sentence_case(&noted.plan), ""),
        Fact::new("Settings", crate::words::sentence_case(&customer.settings), ""),
    ];
    let choice = |values: &[&str]| {
        Kind::Choice(
            values.iter().map(|value| ((*value).to_owned(), crate::words::sentence_case(value))).collect(),
        )
    };
    let fields = vec![
        Field::new(Kind::Text, "name", "Company", &noted.name).required(),
        Field::new(Kind::Text, "contact_name", "Contact", &noted.contact_name),
        Field::new(Kind::Email, "contact_email", "Address for mail", &noted.contact_email),
        Field::new(Kind::Text, "contact_phone", "Telephone", &noted.contact_phone),
        Field::new(Kind::Area, "address", "Address", &noted.address),
        Field::new(Kind::Area, "notes", "Notes", &noted.notes).hint("The customer does not see them."),
        Field::new(choice(&["pilot", "subscription"]), "pays", "How it pays", &noted.pays),
        Field::new(choice(&["trial", "active", "inactive"]), "status", "Status", &noted.status),
        Field::new(Kind::Choice(customer.plans.clone()), "plan", "Plan whose limits hold", &noted.plan),
        Field::new(Kind::Number, "csv_upload_limit", "Uploads of a pilot", &noted.csv_upload_limit)
            .hint("In a month, in place of the plan's; a subscription has its plan's."),
        Field::new(Kind::Number, "savings_target", "Promised savings", &noted.savings_target),
        Field::new(Kind::Date, "pilot_ends_on", "The pilot ends", &noted.pilot_ends_on),
        Field::new(
            Kind::Check,
            "reviewed",
            "A reviewer looks at results before the customer does",
            if noted.reviewed { "on" } else { "" },
        ),
        Field::new(Kind::Hidden, "version", "", &noted.version),
    ];
    let pairs = |name: &str, left: &str, right: &str, pairs: &[(String, String)], none: &str| {
        if pairs.is_empty() {
            return Body::Text(vec![none.to_owned()]);
        }
        let rows = pairs
            .iter()
            .map(|(one, other)| Row::new(vec![Cell::Strong(one.clone()), Cell::own(other)]))
            .collect();
        Body::Table(Table::new(name, vec![Head::text(left), Head::text(right)], rows))
    };
    let analyses = if customer.analyses.is_empty() {
        Body::Text(vec!["No analysis yet.".to_owned()])
    } else {
        let rows = customer
            .analyses
            .iter()
            .map(|[name, day, state, findings]| {
                Row::new(vec![
                    Cell::OwnStrong(name.clone()),
                    Cell::Muted(day.clone()),
                    Cell::text(state),
                    Cell::number(findings),
                ])
            })
            .collect();
        let heads =
            vec![Head::text("Analysis"), Head::text("Day"), Head::text("State"), Head::number("Findings")];
        Body::Table(Table::new("Analyses", heads, rows))
    };
    let states =
        [("active", "Open it"), ("suspended", "Suspend it: read, not write"), ("closed", "Close it")];
    let buttons = states
        .into_iter()
        .filter(|(state, _)| *state != customer.state)
        .map(|(state, label)| Button {
            label: label.to_owned(),
            action: format!("{at}/state"),
            values: vec![("state".to_owned(), state.to_owned())],
            csrf: shell.csrf.clone(),
            danger: state != "active",
        })
        .collect();
    let parts = vec![
        Part::new("", "", vec![Body::Facts(Facts { facts })]),
        Part::new("Customer", "", vec![Body::Form(Form::new(&*at, &shell.csrf, "Save customer", fields))])
            .link("Its settings", format!("{at}/settings"))
            .link("Its audit log", format!("/console/audit?org={}", customer.id)),
        Part::new("In numbers", "", vec![pairs("In numbers", "What", "How much", &customer.numbers, "")]),
        Part::new(
            "The company form",
            "as the customer filled it in",
            vec![pairs("The company form", "Field", "Answer", &customer.company, "Not filled in yet.")],
        ),
        Part::new(
            "Plants",
            "",
            vec![pairs("Plants", "Plant", "Currency", &customer.facilities, "No plant yet.")],
        ),
        Part::new(
            "Saved mappings",
            "",
            vec![pairs("Saved mappings", "Mapping", "System", &customer.profiles, "No mapping saved yet.")],
        ),
        Part::new("Analyses", "newest first", vec![analyses]),
        super::judged(&customer.judged),
        Part::new("State", "", vec![Body::Buttons(buttons)]),
    ];
    Sheet::new(super::shell_under(shell, super::CUSTOMERS, &customer.name), &customer.name, "", parts)
}

pub(super) fn samples(shell: &Shell) -> Vec<Sheet> {
    let line = Line {
        id: "o1".to_owned(),
        name: "Brandt & Lowe Components".to_owned(),
        contact: "Maria Keller".to_owned(),
        plan: "pilot".to_owned(),
        status: "trial".to_owned(),
        state: "active".to_owned(),
        savings: "$31,000 of 50,000".to_owned(),
        left: "23 days left".to_owned(),
    };
    let counters = Counters {
        waiting: "2".to_owned(),
        pilots: "4".to_owned(),
        savings: "$81,000".to_owned(),
        met: "1".to_owned(),
    };
    let plans = vec![("pilot".to_owned(), "Pilot".to_owned())];
    let other = Line { status: String::new(), state: "suspended".to_owned(), ..line.clone() };
    let customer = Customer {
        id: "o1".to_owned(),
        name: line.name.clone(),
        state: "active".to_owned(),
        savings: line.savings.clone(),
        plans: plans.clone(),
        numbers: vec![("Members".to_owned(), "5".to_owned())],
        facilities: vec![("Toledo plant".to_owned(), "USD".to_owned())],
        profiles: vec![("Job cost".to_owned(), "Epicor".to_owned())],
        analyses: vec![[
            "SEP25".to_owned(),
            "2 Oct 2025".to_owned(),
            "completed".to_owned(),
            "15".to_owned(),
        ]],
        settings: "balanced".to_owned(),
        judged: vec![super::Judged::sample()],
        company: vec![("Industry".to_owned(), "Machining".to_owned())],
        ..Customer::default()
    };
    vec![
        index(
            shell,
            &counters,
            &[line, other],
            &plans,
            "",
            "",
            Some("https://plant.example.com/sign-in/link?token=x"),
        ),
        show(shell, &customer),
        show(shell, &Customer { name: "New".to_owned(), state: "closed".to_owned(), ..Customer::default() }),
    ]
}
