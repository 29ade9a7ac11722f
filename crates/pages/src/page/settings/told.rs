//! What people are told by mail, and what programs are told.

use super::SIDE;
use crate::{
    component::{
        Button, Link, Tone,
        form::{Field, Form, Kind},
        pill::Pill,
        table::{Cell, Head, Row, Table},
    },
    layout::Shell,
    page::sheet::{Body, Part, Sheet},
    route,
};

/// What a reader wants to be told by mail.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Wishes {
    pub language: String,
    /// Value and name of each.
    pub languages: Vec<(String, String)>,
    /// Name, words, whether it is wanted.
    pub kinds: Vec<(String, String, bool)>,
    pub large_from: String,
    pub paused_until: String,
    /// Whether letters go out at all.
    pub mail: bool,
}

/// Something that the organisation was told.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Told {
    pub when: String,
    pub what: String,
}

pub fn mail_page(shell: &Shell, wishes: &Wishes, told: &[Told]) -> Sheet {
    let mut fields = vec![Field::new(
        Kind::Choice(wishes.languages.clone()),
        "language",
        "Language of letters",
        &wishes.language,
    )];
    for (name, words, on) in &wishes.kinds {
        fields.push(Field::new(Kind::Check, name, words, if *on { "on" } else { "" }));
    }
    fields.push(
        Field::new(Kind::Number, "large_from", "A finding is large from", &wishes.large_from)
            .hint("A year, in the currency of your data."),
    );
    fields.push(
        Field::new(Kind::Date, "paused_until", "No letters before", &wishes.paused_until)
            .hint("Leave it empty to get them as they come."),
    );
    let mut bodies = Vec::new();
    if !wishes.mail {
        bodies.push(Body::Text(vec![
            "No mail server is configured, so that no letters go out. What you choose here holds once there is one."
                .to_owned(),
        ]));
    }
    bodies.push(Body::Form(Form::new("/settings/mail", &shell.csrf, "Save what I am told", fields)));
    let mut parts = vec![Part::new("Letters to you", "", bodies)];
    let rows: Vec<Row> =
        told.iter().map(|one| Row::new(vec![Cell::Muted(one.when.clone()), Cell::text(&one.what)])).collect();
    let body = if rows.is_empty() {
        Body::Text(vec!["Nothing yet.".to_owned()])
    } else {
        Body::Table(Table::new("What came up", vec![Head::text("When"), Head::text("What")], rows))
    };
    parts.push(Part::new("What came up", "newest first, whoever was told", vec![body]));
    Sheet::new(super::shell(shell, "Mail"), "Mail", "", parts).side(&SIDE, &route::settings("mail"))
}

/// A program that is told things.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Endpoint {
    pub id: String,
    pub url: String,
    pub types: String,
    pub active: bool,
}

pub fn endpoints_page(shell: &Shell, endpoints: &[Endpoint], types: &[&str], fresh: Option<&str>) -> Sheet {
    let mut parts = Vec::new();
    if let Some(secret) = fresh {
        parts.push(Part::new(
            "The secret of the new webhook",
            "shown once",
            vec![Body::Secret {
                label: "Check the signature of each message with it, after the Standard Webhooks.".to_owned(),
                lines: vec![secret.to_owned()],
            }],
        ));
    }
    let rows: Vec<Row> = endpoints
        .iter()
        .map(|one| {
            let button = |label: &str, verb: &str, danger: bool| {
                Cell::Button(Button {
                    label: label.to_owned(),
                    action: format!("/settings/webhooks/{}/{verb}", one.id),
                    csrf: shell.csrf.clone(),
                    danger,
                    ..Button::default()
                })
            };
            Row::new(vec![
                Cell::Code(one.url.clone()),
                Cell::Muted(if one.types.is_empty() { "everything".to_owned() } else { one.types.clone() }),
                Cell::Link(Link::new("Log", format!("/settings/webhooks/{}", one.id))),
                if one.active {
                    button("Let it rest", "rest", false)
                } else {
                    button("Tell it again", "wake", false)
                },
                button("Remove", "remove", true),
            ])
        })
        .collect();
    let body = if rows.is_empty() {
        Body::Text(vec!["No program is told anything yet.".to_owned()])
    } else {
        let heads = vec![
            Head::text("Address"),
            Head::text("What it is told"),
            Head::silent("Log"),
            Head::silent("Rest"),
            Head::silent("Remove"),
        ];
        Body::Table(Table::new("Webhooks", heads, rows))
    };
    parts.push(Part::new("Webhooks", "", vec![body]));
    let fields = vec![
        Field::new(Kind::Text, "url", "Address", "")
            .hint("Such as https://example.com/plantintel.")
            .required(),
        Field::new(Kind::Text, "types", "What it is told", "")
            .hint(&format!("Empty for everything, or some of: {}.", types.join(", "))),
    ];
    parts.push(Part::new(
        "New webhook",
        "",
        vec![Body::Form(Form::new("/settings/webhooks", &shell.csrf, "Add webhook", fields))],
    ));
    Sheet::new(
        super::shell(shell, "Webhooks"),
        "Webhooks",
        "Your own programs, told what happens here.",
        parts,
    )
    .side(&SIDE, &route::settings("webhooks"))
}

/// A message and what came of it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Delivery {
    pub id: String,
    pub type_: String,
    pub when: String,
    /// `waiting`, `delivered` or `failed`.
    pub state: String,
    pub note: String,
}

pub fn log_page(shell: &Shell, endpoint: &Endpoint, deliveries: &[Delivery]) -> Sheet {
    let rows: Vec<Row> = deliveries
        .iter()
        .map(|one| {
            let (tone, words) = match one.state.as_str() {
                "delivered" => (Tone::Gain, "Delivered"),
                "failed" => (Tone::Loss, "Given up"),
                _ => (Tone::Warn, "On its way"),
            };
            Row::new(vec![
                Cell::Muted(one.when.clone()),
                Cell::Strong(one.type_.clone()),
                Cell::PillNote(Pill::new(tone, words), one.note.clone()),
                Cell::Button(Button {
                    label: "Send again".to_owned(),
                    action: format!("/settings/webhooks/{}/replay", endpoint.id),
                    values: vec![("delivery".to_owned(), one.id.clone())],
                    csrf: shell.csrf.clone(),
                    ..Button::default()
                }),
            ])
        })
        .collect();
    let body = if rows.is_empty() {
        Body::Text(vec!["Nothing was sent there yet.".to_owned()])
    } else {
        let heads = vec![
            Head::text("When"),
            Head::text("About"),
            Head::text("How it stands"),
            Head::silent("Send again"),
        ];
        Body::Table(Table::new("Messages", heads, rows))
    };
    let part =
        Part::new("Messages", "newest first", vec![body]).link("All webhooks", route::settings("webhooks"));
    Sheet::new(super::shell(shell, "Webhooks"), "Log of a webhook", &endpoint.url, vec![part])
        .side(&SIDE, &route::settings("webhooks"))
}

pub fn samples() -> Vec<Sheet> {
    let shell = Shell::sample();
    let wishes = Wishes {
        language: "en".to_owned(),
        languages: vec![("en".to_owned(), "English".to_owned()), ("de".to_owned(), "Deutsch".to_owned())],
        kinds: vec![("weekly".to_owned(), "A summary at the start of the week".to_owned(), true)],
        large_from: "50000".to_owned(),
        paused_until: String::new(),
        mail: false,
    };
    let told = Told { when: "2 Oct 2025 09:14".to_owned(), what: "84 of 100 uploads used".to_owned() };
    let endpoint = Endpoint {
        id: "w1".to_owned(),
        url: "https://example.com/plantintel".to_owned(),
        types: "limit.near".to_owned(),
        active: true,
    };
    let delivery = Delivery {
        id: "d1".to_owned(),
        type_: "limit.near".to_owned(),
        when: "2 Oct 2025 09:14".to_owned(),
        state: "failed".to_owned(),
        note: "500, 12 attempts".to_owned(),
    };
    vec![
        mail_page(&shell, &wishes, &[told]),
        mail_page(&shell, &Wishes::default(), &[]),
        endpoints_page(&shell, std::slice::from_ref(&endpoint), &["limit.near"], Some("whsec_sample")),
        endpoints_page(&shell, &[], &["limit.near"], None),
        log_page(&shell, &endpoint, &[delivery]),
        log_page(&shell, &endpoint, &[]),
    ]
}
