//! Results that a reviewer looks at before the customer does.

use crate::{
    component::{
        Button, Link, Tone,
        form::{Field, Form, Kind},
        pill::Pill,
        table::{Cell, Head, Row, Table},
    },
    layout::Shell,
    page::sheet::{Body, Part, Sheet},
};

/// A review in the queue.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Line {
    pub href: String,
    pub name: String,
    pub organisation: String,
    pub state: String,
    pub urgent: bool,
    /// `3 h 20 min`.
    pub waited: String,
    pub findings: String,
}

pub fn queue(shell: &Shell, lines: &[Line]) -> Sheet {
    let rows: Vec<Row> = lines
        .iter()
        .map(|line| {
            let (tone, words) = match line.state.as_str() {
                "published" => (Tone::Quiet, "Published"),
                "approved" => (Tone::Gain, "Approved"),
                "in_review" => (Tone::Accent, "In review"),
                _ => (Tone::Plain, "Waiting"),
            };
            Row::new(vec![
                Cell::Link(Link::own(line.name.clone(), line.href.clone())),
                Cell::own(&line.organisation),
                Cell::Pill(Pill::new(tone, words)),
                if line.urgent {
                    Cell::PillNote(Pill::new(Tone::Loss, "Urgent"), line.waited.clone())
                } else {
                    Cell::Muted(line.waited.clone())
                },
                Cell::number(&line.findings),
            ])
        })
        .collect();
    let body = if rows.is_empty() {
        Body::Text(vec![
            "Nothing waits. Results come here for customers whose results are reviewed; their page says so."
                .to_owned(),
        ])
    } else {
        let heads = vec![
            Head::text("Analysis"),
            Head::text("Organisation"),
            Head::text("State"),
            Head::text("Waiting"),
            Head::number("Findings"),
        ];
        Body::Table(Table::new("Reviews", heads, rows))
    };
    let part =
        Part::new("Queue", "the one that has waited longest first; urgent after four hours", vec![body]);
    Sheet::new(super::shell(shell, "Reviews"), "Reviews", "", vec![part])
}

/// A finding under review.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Finding {
    pub key: String,
    /// As computed.
    pub title: String,
    pub amount: String,
    pub grade: String,
    /// As the reviewer wants it.
    pub new_title: String,
    pub note: String,
    pub hidden: bool,
}

/// A review with what is looked at.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Review {
    /// The address of the review.
    pub at: String,
    pub name: String,
    pub organisation: String,
    pub organisation_href: String,
    pub state: String,
    pub reviewer: String,
    pub notes: String,
    pub version: String,
    /// Name, words, whether it is ticked.
    pub points: Vec<(String, String, bool)>,
    /// What to know of the customer and of how right findings have been so far.
    pub context: Vec<String>,
    /// How earlier findings were judged.
    pub judged: Vec<super::Judged>,
    pub findings: Vec<Finding>,
}

pub fn show(shell: &Shell, review: &Review) -> Sheet {
    let open = review.state != "published";
    let mut parts = vec![
        Part::new("The customer", "", vec![Body::List(review.context.clone())])
            .link(&review.organisation, &*review.organisation_href),
        super::judged(&review.judged),
    ];
    let rows: Vec<Row> = review
        .findings
        .iter()
        .map(|one| {
            let shown = if one.new_title.is_empty() { &one.title } else { &one.new_title };
            Row::new(vec![
                Cell::Two(shown.clone(), one.note.clone()),
                Cell::number(&one.amount),
                Cell::text(&one.grade),
                if one.hidden { Cell::Pill(Pill::new(Tone::Warn, "Left out")) } else { Cell::Empty },
                if open {
                    Cell::Link(Link::new(
                        "Edit",
                        format!("{}/findings?key={}", review.at, crate::route::escaped(&one.key)),
                    ))
                } else {
                    Cell::Empty
                },
            ])
        })
        .collect();
    let heads = vec![
        Head::text("Finding"),
        Head::number("A year"),
        Head::text("Evidence"),
        Head::text("Shown"),
        Head::silent("Edit"),
    ];
    parts.push(Part::new(
        "Findings",
        "as the customer will see them",
        vec![Body::Table(Table::new("Findings", heads, rows))],
    ));
    if open {
        let mut fields: Vec<Field> = review
            .points
            .iter()
            .map(|(name, words, on)| Field::new(Kind::Check, name, words, if *on { "on" } else { "" }))
            .collect();
        fields.push(
            Field::new(Kind::Area, "notes", "Notes", &review.notes).hint("The customer does not see them."),
        );
        fields.push(Field::new(Kind::Hidden, "version", "", &review.version));
        parts.push(Part::new(
            "Checklist",
            &format!("{}{}", crate::words::sentence_case(&review.state.replace('_', " ")), review.reviewer),
            vec![Body::Form(Form::new(&*review.at, &shell.csrf, "Keep what I ticked", fields.clone()))],
        ));
        let mut buttons = vec![Button {
            label: "Approve".to_owned(),
            action: format!("{}/approval", review.at),
            values: vec![("version".to_owned(), review.version.clone())],
            csrf: shell.csrf.clone(),
            ..Button::default()
        }];
        if review.state == "approved" {
            buttons = vec![Button {
                label: "Publish to the customer".to_owned(),
                action: format!("{}/publication", review.at),
                csrf: shell.csrf.clone(),
                ..Button::default()
            }];
        }
        parts.push(Part::new("Next step", "", vec![Body::Buttons(buttons)]));
    }
    Sheet::new(super::shell_under(shell, super::REVIEWS, &review.name), &review.name, "", parts)
}

pub fn edit(shell: &Shell, at: &str, finding: &Finding) -> Sheet {
    let fields = vec![
        Field::new(Kind::Text, "title", "Title", &finding.new_title)
            .hint(&format!("Empty for the computed one: {}", finding.title)),
        Field::new(Kind::Area, "note", "Note for the customer", &finding.note),
        Field::new(Kind::Check, "hidden", "Leave it out", if finding.hidden { "on" } else { "" }),
        Field::new(Kind::Hidden, "key", "", &finding.key),
    ];
    let form = Form::new(format!("{at}/findings"), &shell.csrf, "Save the finding", fields);
    let part = Part::new("How it is shown", "what was computed stays as it was", vec![Body::Form(form)])
        .link("Back to the review", at);
    Sheet::new(super::shell_under(shell, super::REVIEWS, "Finding"), "Edit a finding", "", vec![part])
}

pub(super) fn samples(shell: &Shell) -> Vec<Sheet> {
    let line = Line {
        href: "/console/reviews/o1/a1".to_owned(),
        name: "SEP25".to_owned(),
        organisation: "Brandt & Lowe Components".to_owned(),
        state: "pending".to_owned(),
        urgent: true,
        waited: "4 h 20 min".to_owned(),
        findings: "15".to_owned(),
    };
    let finding = Finding {
        key: "f1".to_owned(),
        title: "Part 7741-B uses 11% more bar stock".to_owned(),
        amount: "$86,400".to_owned(),
        grade: "strong".to_owned(),
        hidden: true,
        ..Finding::default()
    };
    let review = Review {
        at: "/console/reviews/o1/a1".to_owned(),
        name: "SEP25".to_owned(),
        organisation: "Brandt & Lowe Components".to_owned(),
        organisation_href: "/console/customers/o1".to_owned(),
        state: "approved".to_owned(),
        points: vec![("totals".to_owned(), "The totals are right".to_owned(), true)],
        context: vec!["Machining, 120 people".to_owned()],
        judged: vec![super::Judged::sample()],
        findings: vec![finding.clone()],
        ..Review::default()
    };
    let published = Review { state: "published".to_owned(), ..review.clone() };
    vec![
        queue(shell, &[line]),
        queue(shell, &[]),
        show(shell, &review),
        show(shell, &published),
        edit(shell, "/console/reviews/o1/a1", &finding),
    ]
}
