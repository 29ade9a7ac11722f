//! API keys, and what was done by whom.

use super::SIDE;
use crate::{
    component::{
        Button,
        form::{Field, Form, Kind},
        table::{Cell, Head, Row, Table},
    },
    layout::Shell,
    page::sheet::{Body, Part, Sheet},
    route, words,
};

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ApiKey {
    pub id: String,
    pub name: String,
    /// The part that may be shown.
    pub prefix: String,
    pub role: String,
    pub used: String,
    pub until: String,
}

/// `fresh` is a key that was made just now; it is shown this once.
pub fn keys_page(shell: &Shell, keys: &[ApiKey], fresh: Option<&str>) -> Sheet {
    let mut parts = Vec::new();
    if let Some(key) = fresh {
        parts.push(Part::new(
            "Your new key",
            "shown once",
            vec![Body::Secret {
                label: "Copy it now; only its digest is kept.".to_owned(),
                lines: vec![key.to_owned()],
            }],
        ));
    }
    if keys.is_empty() {
        parts.push(Part::new(
            "API keys",
            "",
            vec![Body::Text(vec![
                "No key yet. A key lets a program upload files and read findings for your organisation."
                    .to_owned(),
            ])],
        ));
    } else {
        let heads = vec![
            Head::text("Key"),
            Head::text("Role"),
            Head::text("Last used"),
            Head::text("Works until"),
            Head::silent("Revoke"),
        ];
        let rows = keys
            .iter()
            .map(|key| {
                Row::new(vec![
                    Cell::OwnTwo(key.name.clone(), key.prefix.clone()),
                    Cell::text(words::sentence_case(&key.role)),
                    Cell::Muted(key.used.clone()),
                    Cell::Muted(key.until.clone()),
                    Cell::Button(Button {
                        label: "Revoke".to_owned(),
                        action: format!("/settings/api-keys/{}/revoke", key.id),
                        csrf: shell.csrf.clone(),
                        danger: true,
                        ..Button::default()
                    }),
                ])
            })
            .collect();
        parts.push(
            Part::new("API keys", "", vec![Body::Table(Table::new("API keys", heads, rows))])
                .link("API description", "/api/docs"),
        );
    }
    let choices = [("viewer", "Viewer: reads"), ("analyst", "Analyst: reads, uploads, analyzes")]
        .map(|(value, words)| (value.to_owned(), words.to_owned()))
        .to_vec();
    let fields = vec![
        Field::new(Kind::Text, "name", "Name", "").hint("What it is for, such as Nightly upload.").required(),
        Field::new(Kind::Choice(choices), "role", "Role", "viewer"),
    ];
    parts.push(Part::new(
        "New key",
        "",
        vec![Body::Form(Form::new("/settings/api-keys", &shell.csrf, "Make key", fields))],
    ));
    Sheet::new(super::shell(shell, "API keys"), "API keys", "For programs, not for people.", parts)
        .side(&SIDE, &route::settings("api-keys"))
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AuditLine {
    pub when: String,
    pub who: String,
    /// Whether that is a person's name; otherwise it is a kind of caller, in our words.
    pub is_named: bool,
    pub what: String,
    /// What kind of thing it is about, in our words, and which one.
    pub about: String,
    pub id: String,
    /// The reason that was given; mostly none.
    pub why: String,
}

const AUDIT: &str = "/settings/audit";
const AUDIT_ALL: &str = "/settings/audit?show=all";

/// `all` lists who read what, too; `next` is the address of older lines.
pub fn audit_page(shell: &Shell, lines: &[AuditLine], all: bool, next: Option<String>) -> Sheet {
    let part = if lines.is_empty() {
        Part::new("", "", vec![Body::Text(vec!["Nothing was done yet.".to_owned()])])
    } else {
        let heads = vec![Head::text("When"), Head::text("Who"), Head::text("What"), Head::text("About")];
        let rows = lines
            .iter()
            .map(|line| {
                Row::new(vec![
                    Cell::Muted(line.when.clone()),
                    if line.is_named { Cell::own(&line.who) } else { Cell::text(&line.who) },
                    if line.why.is_empty() {
                        Cell::Strong(line.what.clone())
                    } else {
                        Cell::Noted(line.what.clone(), line.why.clone())
                    },
                    if line.id.is_empty() {
                        Cell::text(&line.about)
                    } else {
                        Cell::Noted(line.about.clone(), line.id.clone())
                    },
                ])
            })
            .collect();
        let mut part = Part::new(
            "Audit log",
            "newest first; nobody can change it",
            vec![Body::Table(Table::new("Audit log", heads, rows))],
        );
        if let Some(next) = next {
            part = part.link("Older", next);
        }
        part
    };
    Sheet::new(super::shell(shell, "Audit log"), "Audit log", "Who did what, and when.", vec![part])
        .tabs(&[("Changes", AUDIT), ("With reading", AUDIT_ALL)], if all { AUDIT_ALL } else { AUDIT })
        .side(&SIDE, AUDIT)
}

pub fn samples() -> Vec<Sheet> {
    let shell = Shell::sample();
    let key = ApiKey {
        id: "k1".to_owned(),
        name: "Nightly upload".to_owned(),
        prefix: "pi_live_3f9a…".to_owned(),
        role: "analyst".to_owned(),
        used: "today 02:00".to_owned(),
        until: "1 Jan 2026".to_owned(),
    };
    let line = |what: &str, about: &str, id: &str| AuditLine {
        when: "2 Oct 2025 09:14".to_owned(),
        who: if id.is_empty() { "Api key" } else { "Maria Keller" }.to_owned(),
        is_named: !id.is_empty(),
        what: what.to_owned(),
        about: about.to_owned(),
        id: id.to_owned(),
        why: if what.starts_with("Operator") { "support case 7".to_owned() } else { String::new() },
    };
    vec![
        keys_page(&shell, &[key], Some("pi_live_3f9a0c7be1d24c58a6f3")),
        keys_page(&shell, &[], None),
        audit_page(
            &shell,
            &[
                line("Dataset create", "Dataset", "0190a0a0-0000-7000-8000-000000000001"),
                line("Finding decide", "Finding", "0190a0a0-0000-7000-8000-000000000002"),
                line("Operator looked in", "Org", ""),
                line("Mapping profiles read", "Mapping profiles", ""),
            ],
            false,
            Some("/settings/audit?after=9".to_owned()),
        ),
        audit_page(&shell, &[], true, None),
    ]
}
