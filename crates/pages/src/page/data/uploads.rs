//! Uploads with their state, rows, period and mapping.

use crate::{
    component::{
        Button, Link, Tone,
        empty::Empty,
        pill::Pill,
        table::{Cell, Head, Row, Table},
    },
    layout::{Crumb, Section, Shell},
    page::sheet::{Body, Part, Sheet},
    route,
};

/// How far an upload has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    Reading,
    /// A person has to decide what columns mean.
    Match,
    Ready,
    Analyzing,
    Analyzed,
    Failed,
}

impl Stage {
    fn pill(self) -> Pill {
        match self {
            Self::Reading => Pill::new(Tone::Accent, "Reading"),
            Self::Match => Pill::new(Tone::Loss, "Your call"),
            Self::Ready => Pill::new(Tone::Accent, "Ready to analyze"),
            Self::Analyzing => Pill::new(Tone::Accent, "Analyzing"),
            Self::Analyzed => Pill::new(Tone::Gain, "Analyzed"),
            Self::Failed => Pill::new(Tone::Loss, "Stopped"),
        }
    }

    /// Where its link leads: the step that is next.
    fn step(self) -> &'static str {
        match self {
            Self::Reading | Self::Match | Self::Ready | Self::Failed => "match",
            Self::Analyzing | Self::Analyzed => "analysis",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upload {
    pub id: String,
    pub name: String,
    pub stage: Stage,
    /// Why it stopped, or what waits.
    pub note: String,
    pub rows: String,
    /// The saved mappings that its files were read by.
    pub mappings: Vec<Link>,
    pub when: String,
    pub who: String,
    pub may_delete: bool,
}

/// `next` is the address of older uploads.
pub fn page(
    shell: &Shell,
    uploads: &[Upload],
    months: Vec<(String, Option<String>)>,
    next: Option<String>,
) -> Sheet {
    let mut parts = Vec::new();
    if uploads.is_empty() {
        parts.push(Part::new(
            "",
            "",
            vec![Body::Empty(Empty::new(
                "database",
                "No upload yet",
                "Each upload stands here with its rows, its state and what its columns mean. You can delete any of them at any time.",
                Some(Link::new("Upload data", route::UPLOAD)),
            ))],
        ));
    } else {
        let heads = vec![
            Head::text("Import"),
            Head::text("State"),
            Head::number("Rows"),
            Head::text("Mapping"),
            Head::text("Uploaded"),
            Head::silent("Delete"),
        ];
        let rows = uploads.iter().map(|upload| row(shell, upload)).collect();
        let mut part =
            Part::new("Uploads", "newest first", vec![Body::Table(Table::new("Uploads", heads, rows))]);
        if let Some(next) = next {
            part = part.link("Older uploads", next);
        }
        parts.push(part);
    }
    if !months.is_empty() {
        parts.push(Part::new(
            "Coverage by month",
            "rows with a date in the month; a gap is a month without data",
            vec![Body::Months(months)],
        ));
    }
    Sheet::new(
        shell.with(Section::Data, "Data", vec![Crumb::here("Data")]),
        "Data",
        "What your figures rest on.",
        parts,
    )
    .tabs(&super::TABS, route::DATA)
    .action("Upload data", route::UPLOAD)
}

fn row(shell: &Shell, upload: &Upload) -> Row {
    let by = if upload.who.is_empty() {
        upload.when.clone()
    } else {
        format!("{} · {}", upload.when, upload.who)
    };
    let delete = if upload.may_delete {
        Cell::Button(Button {
            label: "Delete upload".to_owned(),
            action: format!("{}/{}/delete", route::DATA, upload.id),
            csrf: shell.csrf.clone(),
            danger: true,
            ..Button::default()
        })
    } else {
        Cell::Text(String::new())
    };
    let state = if upload.note.is_empty() {
        Cell::Pill(upload.stage.pill())
    } else {
        Cell::PillNote(upload.stage.pill(), upload.note.clone())
    };
    Row::new(vec![
        Cell::Link(Link::own(&upload.name, route::import(&upload.id, upload.stage.step()))),
        state,
        Cell::number(&upload.rows),
        if upload.mappings.is_empty() { Cell::Empty } else { Cell::Links(upload.mappings.clone()) },
        Cell::Muted(by),
        delete,
    ])
}

pub fn samples() -> Vec<Sheet> {
    let upload = |name: &str, stage, note: &str, rows: &str, when: &str| Upload {
        id: "d1".to_owned(),
        name: name.to_owned(),
        stage,
        note: note.to_owned(),
        rows: rows.to_owned(),
        mappings: if stage == Stage::Analyzed {
            vec![Link::own("Epicor job cost, Toledo", "/data/mappings/m1")]
        } else {
            Vec::new()
        },
        when: when.to_owned(),
        who: "Maria Keller".to_owned(),
        may_delete: true,
    };
    let uploads = [
        upload("JOBCOST_OCT25.csv", Stage::Match, "3 columns need a decision", "13,102", "today 09:14"),
        upload("JOBCOST_SEP25.csv", Stage::Analyzed, "", "12,480", "2 Oct 2025"),
        upload("ROUTING.xlsx", Stage::Failed, "No table was found in the workbook", "–", "1 Oct 2025"),
    ];
    let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep"]
        .iter()
        .enumerate()
        .map(|(idx, month)| ((*month).to_owned(), (idx != 3).then(|| format!("1,{}02", idx + 1))))
        .collect();
    let shell = Shell::sample();
    vec![
        page(&shell, &uploads, months, Some("/data?after=d1".to_owned())),
        page(&shell, &[], Vec::new(), None),
    ]
}
