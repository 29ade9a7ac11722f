//! Uploads that come by themselves.

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

/// A source.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Source {
    pub id: String,
    pub name: String,
    /// `Folder`, `Bucket`, `SFTP server`, `Pushed by a program`.
    pub kind: String,
    pub place: String,
    /// The fingerprint of a server's key.
    pub host_key: String,
    pub looked: String,
    pub trouble: String,
    pub active: bool,
}

/// A file of a source.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct File {
    pub name: String,
    pub when: String,
    /// `taken`, `analyzed`, `waiting` or `refused`.
    pub state: String,
    pub reason: String,
    /// Where to go on with it.
    pub href: String,
}

/// `folder` is where this installation watches for the organisation, if it does.
pub fn page(
    shell: &Shell,
    sources: &[Source],
    plants: &[(String, String)],
    folder: Option<&str>,
    may_change: bool,
) -> Sheet {
    let rows: Vec<Row> = sources
        .iter()
        .map(|one| {
            let button = |label: &str, verb: &str, danger: bool| {
                Cell::Button(Button {
                    label: label.to_owned(),
                    action: format!("/settings/sources/{}/{verb}", one.id),
                    csrf: shell.csrf.clone(),
                    danger,
                    ..Button::default()
                })
            };
            let state = if !one.active {
                Cell::Pill(Pill::new(Tone::Quiet, "Rests"))
            } else if one.trouble.is_empty() {
                Cell::PillNote(Pill::new(Tone::Gain, "Good"), one.looked.clone())
            } else {
                Cell::PillNote(Pill::new(Tone::Loss, "Trouble"), one.trouble.clone())
            };
            let mut cells = vec![
                Cell::OwnTwo(one.name.clone(), format!("{} {}", one.kind, one.place)),
                state,
                Cell::Link(Link::new("Files", format!("/settings/sources/{}", one.id))),
            ];
            if may_change {
                cells.push(if one.active {
                    button("Let it rest", "rest", false)
                } else {
                    button("Look again", "wake", false)
                });
                cells.push(button("Remove", "remove", true));
            }
            Row::new(cells)
        })
        .collect();
    let body = if rows.is_empty() {
        Body::Text(vec![
            "No upload comes by itself yet. An export that you have confirmed once can come every month and be analyzed with nobody present; one that differs waits and says how.".to_owned(),
        ])
    } else {
        let mut heads = vec![Head::text("Source"), Head::text("State"), Head::silent("Files")];
        if may_change {
            heads.extend([Head::silent("Rest"), Head::silent("Remove")]);
        }
        Body::Table(Table::new("Sources", heads, rows))
    };
    let mut parts = vec![Part::new("Sources", "", vec![body])];
    if may_change {
        let mut kinds = vec![
            ("push".to_owned(), "A program pushes files".to_owned()),
            ("s3".to_owned(), "Look into a bucket".to_owned()),
            ("sftp".to_owned(), "Look into a folder of an SFTP server".to_owned()),
        ];
        if folder.is_some() {
            kinds.insert(0, ("folder".to_owned(), "Watch a folder of this installation".to_owned()));
        }
        let hint = match folder {
            Some(folder) => {
                format!(
                    "A folder below {folder}, s3://bucket/prefix or sftp://host/folder; empty for pushed files."
                )
            }
            None => "Such as s3://bucket/prefix or sftp://host/folder; empty for pushed files.".to_owned(),
        };
        let mut fields = vec![
            Field::new(Kind::Text, "name", "Name", "").required(),
            Field::new(Kind::Choice(kinds), "kind", "How files come", "push"),
            Field::new(Kind::Text, "place", "Place", "").hint(&hint),
        ];
        if !plants.is_empty() {
            let mut all = vec![(String::new(), "All plants".to_owned())];
            all.extend(plants.iter().cloned());
            fields.push(Field::new(Kind::Choice(all), "facility", "Plant", ""));
        }
        fields.extend([
            Field::new(Kind::Number, "every_minutes", "Look every so many minutes", "15"),
            Field::new(Kind::Text, "access_key", "Access key of the bucket", "").only("s3"),
            Field::new(Kind::Password, "secret_key", "Secret key of the bucket", "")
                .hint("Kept sealed, never shown again.")
                .only("s3"),
            Field::new(Kind::Text, "region", "Region of the bucket", "").only("s3"),
            Field::new(Kind::Text, "endpoint", "Address of the store", "")
                .hint("Only where it is not Amazon’s.")
                .only("s3"),
            Field::new(Kind::Text, "user", "User at the SFTP server", "").only("sftp"),
            Field::new(Kind::Password, "password", "Password of the user, or of the private key", "")
                .hint("Kept sealed, never shown again.")
                .only("sftp"),
            Field::new(Kind::Area, "private_key", "Private key", "")
                .hint("Instead of a password: Ed25519 or ECDSA, as OpenSSH or PuTTY writes it. Kept sealed, never shown again.")
                .only("sftp"),
            Field::new(Kind::Text, "host_key", "Key of the server", "")
                .hint("SHA256:…, as its administrators name it. Left empty, the one that it shows now is kept and shown to you.")
                .only("sftp"),
        ]);
        parts.push(Part::new(
            "New source",
            "",
            vec![Body::Form(Form::new("/settings/sources", &shell.csrf, "Add source", fields))],
        ));
    }
    Sheet::new(super::shell(shell, "Sources"), "Sources", "Uploads that come by themselves.", parts)
        .side(&SIDE, &route::settings("sources"))
}

pub fn files_page(shell: &Shell, source: &Source, files: &[File]) -> Sheet {
    let rows: Vec<Row> = files
        .iter()
        .map(|one| {
            let pill = match one.state.as_str() {
                "analyzed" => Pill::new(Tone::Gain, "Analyzed"),
                "waiting" => Pill::new(Tone::Warn, "Waits for you"),
                "refused" => Pill::new(Tone::Loss, "Not used"),
                _ => Pill::new(Tone::Accent, "Being read"),
            };
            let name = if one.href.is_empty() {
                Cell::own(&one.name)
            } else {
                Cell::Link(Link::own(one.name.clone(), one.href.clone()))
            };
            Row::new(vec![name, Cell::Muted(one.when.clone()), Cell::PillNote(pill, one.reason.clone())])
        })
        .collect();
    let mut bodies = Vec::new();
    if source.kind.starts_with("Pushed") {
        bodies.push(Body::Text(vec![format!(
            "Push with an API key: POST /api/v1/sources/{}/files?name=jobs.csv, the file as the body.",
            source.id
        )]));
    }
    if !source.host_key.is_empty() {
        bodies.push(Body::Text(vec![format!(
            "The server’s key is {}. Compare it with what its administrators say; a server that shows another one is not signed in to.",
            source.host_key
        )]));
    }
    bodies.push(if rows.is_empty() {
        Body::Text(vec!["No file came yet.".to_owned()])
    } else {
        Body::Table(Table::new(
            "Files",
            vec![Head::text("File"), Head::text("When"), Head::text("What came of it")],
            rows,
        ))
    });
    let part = Part::new("Files", "newest first", bodies).link("All sources", route::settings("sources"));
    Sheet::new(super::shell(shell, "Sources"), &source.name, &source.place, vec![part])
        .side(&SIDE, &route::settings("sources"))
}

pub fn samples() -> Vec<Sheet> {
    let shell = Shell::sample();
    let source = Source {
        id: "s1".to_owned(),
        name: "Monthly export".to_owned(),
        kind: "Pushed by a program".to_owned(),
        place: String::new(),
        host_key: String::new(),
        looked: "looked at 2 Oct 2025".to_owned(),
        trouble: String::new(),
        active: true,
    };
    let trouble = Source { trouble: "there is no folder exports".to_owned(), ..source.clone() };
    let rests = Source { active: false, ..source.clone() };
    let file = |state: &str, reason: &str| File {
        name: "SEP25.csv".to_owned(),
        when: "2 Oct 2025".to_owned(),
        state: state.to_owned(),
        reason: reason.to_owned(),
        href: "/data/d1/match".to_owned(),
    };
    let plants = [("p1".to_owned(), "Toledo plant".to_owned())];
    vec![
        page(&shell, &[source.clone(), trouble, rests], &plants, Some("/srv/watched/o1"), true),
        page(&shell, &[], &[], None, false),
        files_page(
            &shell,
            &source,
            &[file("analyzed", ""), file("waiting", "new columns: Shift"), file("taken", "")],
        ),
        files_page(&shell, &source, &[]),
        files_page(
            &shell,
            &Source {
                kind: "SFTP server".to_owned(),
                place: "sftp://files.example.com/exports".to_owned(),
                host_key: "SHA256:uNiVztksCsDhcc0u9e8BrrQXVUpKZIDTMczCvj3tD2s".to_owned(),
                ..source
            },
            &[],
        ),
    ]
}
