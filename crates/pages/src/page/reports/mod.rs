//! What can be taken along: workbooks, pages, tables.

mod packs;

use self::packs::{name_of_pack, names_of_packs, packs};
use crate::{
    component::{
        Button, Link,
        empty::Empty,
        form::{Field, Form, Kind},
        table::{Cell, Head, Row, Table},
    },
    layout::{Crumb, Section, Shell},
    page::sheet::{Body, Part, Sheet},
    route,
};

/// One analysis with what can be downloaded of it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Download {
    /// The analysis.
    pub id: String,
    pub name: String,
    pub when: String,
    /// Name and day where it is chosen from a list, in the reader's language: a choice is not translated, as the name is
    /// the customer's.
    pub choice: String,
    pub rows: String,
    pub findings: String,
    pub links: Vec<Link>,
}

/// A link that shows something to somebody without an account.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Shared {
    pub id: String,
    pub name: String,
    /// The whole report, or one finding.
    pub what: String,
    pub password: bool,
    pub until: String,
    pub opened: String,
}

/// A report that is made by itself.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Schedule {
    pub id: String,
    pub name: String,
    /// As it is stored: `weekly_losses`.
    pub pack: String,
    /// day, week or month.
    pub every: String,
    pub next: String,
    /// How many people get a letter.
    pub letters: String,
    /// Why there was none the last time.
    pub trouble: String,
}

/// One that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made {
    pub link: Link,
    pub when: String,
}

/// An answer of the assistant in the report of an analysis.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Added {
    pub id: String,
    pub analysis: String,
    /// What the analysis is called.
    pub name: String,
    pub question: String,
    pub when: String,
}

/// What is made by itself.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Regular {
    /// Whether the reader may change it.
    pub may: bool,
    pub schedules: Vec<Schedule>,
    pub made: Vec<Made>,
    /// Answers in the reports, of the newest analysis first.
    pub added: Vec<Added>,
}

/// `shares` are the links that still open something, for those who may share; `fresh` is one that was made just now.
pub fn page(
    shell: &Shell,
    downloads: &[Download],
    shares: Option<&[Shared]>,
    fresh: Option<&str>,
    regular: &Regular,
) -> Sheet {
    let shell = shell.with(Section::Reports, "Reports", vec![Crumb::here("Reports")]);
    let part = if downloads.is_empty() {
        Part::new(
            "",
            "",
            vec![Body::Empty(Empty::new(
                "file-text",
                "No report yet",
                "Each analysis can be taken along as a workbook with every figure, as one page that opens anywhere, or as tables.",
                Some(Link::new("Upload data", route::UPLOAD)),
            ))],
        )
    } else {
        let heads = vec![
            Head::text("Analysis"),
            Head::number("Rows used"),
            Head::number("Findings"),
            Head::text("Take along"),
        ];
        let rows = downloads
            .iter()
            .map(|download| {
                Row::new(vec![
                    Cell::OwnTwo(download.name.clone(), download.when.clone()),
                    Cell::number(&download.rows),
                    Cell::number(&download.findings),
                    Cell::Links(download.links.clone()),
                ])
            })
            .collect();
        Part::new("Analyses", "newest first", vec![Body::Table(Table::new("Analyses", heads, rows))])
    };
    let mut parts = Vec::new();
    if let Some(link) = fresh {
        let label = "Copy it now; only its digest is kept.".to_owned();
        let body = Body::Secret { label, lines: vec![link.to_owned()] };
        parts.push(Part::new("Your new link", "shown once", vec![body]));
    }
    parts.extend(packs(&shell, downloads));
    parts.push(part);
    parts.extend(builder(&shell, downloads));
    parts.extend(answers(&shell, regular));
    if let Some(shares) = shares.filter(|shares| !shares.is_empty() || !downloads.is_empty()) {
        parts.extend(sharing(&shell, downloads, shares));
    }
    parts.extend(regularly(&shell, regular, downloads.is_empty()));
    Sheet::new(shell, "Reports", "Numbers in the workbooks are numbers and dates are dates.", parts)
}

/// As what a report is made: value and words.
const FORMATS: [(&str, &str); 4] =
    [("pdf", "Cost review (PDF)"), ("xlsx", "Excel"), ("html", "One page (HTML)"), ("csv", "Findings (CSV)")];

/// Parts of the business that a report may be about: value and words.
const AREAS: [(&str, &str); 5] = [
    ("cost", "Cost"),
    ("operations", "Operations"),
    ("equipment", "Equipment"),
    ("quality", "Quality"),
    ("efficiency", "Efficiency"),
];

/// A report put together: of which analysis, about what, how sure, how much of it.
fn builder(shell: &Shell, downloads: &[Download]) -> Option<Part> {
    if downloads.is_empty() {
        return None;
    }
    let list = |choices: &[(&str, &str)]| {
        choices.iter().map(|(value, words)| ((*value).to_owned(), (*words).to_owned())).collect()
    };
    let of = downloads.iter().map(|one| (one.id.clone(), one.choice.clone())).collect();
    let mut fields = vec![
        Field::new(Kind::Own(of), "report_of", "Analysis", ""),
        Field::new(Kind::Choice(list(&FORMATS)), "report_as", "As", "pdf"),
        Field::new(
            Kind::Choice(list(&[
                ("", "Every finding"),
                ("likely", "Strong and likely ones"),
                ("strong", "Strong ones only"),
            ])),
            "grade",
            "How sure",
            "",
        ),
        Field::new(Kind::Number, "most", "Findings at most", "")
            .hint("The largest yearly amounts first; empty for all."),
    ];
    let area = |(value, words): (&str, &str)| Field::new(Kind::Check, &format!("area_{value}"), words, "on");
    fields.extend(AREAS.map(area));
    fields.push(Field::new(Kind::Check, "charts", "Pictures of the whole plant", "on"));
    fields.push(Field::new(Kind::Check, "answers", "Answers of the assistant", "on"));
    let form = Form::new("/reports/built", &shell.csrf, "Make the report", fields);
    let caption = "totals and key figures stay those of the whole analysis";
    Some(Part::new("Put a report together", caption, vec![Body::Form(form)]))
}

fn answers(shell: &Shell, regular: &Regular) -> Option<Part> {
    if regular.added.is_empty() {
        return None;
    }
    let heads = vec![Head::text("Question"), Head::text("In the report of"), Head::silent("Take out")];
    let rows = regular
        .added
        .iter()
        .map(|one| {
            let button = Button {
                label: "Take out".to_owned(),
                action: format!("/reports/answers/{}/{}/remove", one.analysis, one.id),
                csrf: shell.csrf.clone(),
                ..Button::default()
            };
            Row::new(vec![
                Cell::OwnTwo(one.question.clone(), one.when.clone()),
                Cell::Own(one.name.clone()),
                if regular.may { Cell::Button(button) } else { Cell::Empty },
            ])
        })
        .collect();
    let table = Table::new("Answers in reports", heads, rows);
    Some(Part::new("Answers in reports", "added on Ask", vec![Body::Table(table)]))
}

fn regularly(shell: &Shell, regular: &Regular, empty: bool) -> Vec<Part> {
    let mut parts = Vec::new();
    if !regular.made.is_empty() {
        let rows = regular
            .made
            .iter()
            .map(|made| Row::new(vec![Cell::Link(made.link.clone()), Cell::Muted(made.when.clone())]))
            .collect();
        let heads = vec![Head::text("Report"), Head::text("Made")];
        parts.push(Part::new(
            "Made by themselves",
            "newest first",
            vec![Body::Table(Table::new("Made by themselves", heads, rows))],
        ));
    }
    if !regular.schedules.is_empty() {
        let heads = vec![
            Head::text("Report"),
            Head::text("Pack"),
            Head::text("Each"),
            Head::text("Next (UTC)"),
            Head::number("Letters"),
            Head::silent("End"),
        ];
        let rows = regular
            .schedules
            .iter()
            .map(|one| {
                let end = Button {
                    label: "End".to_owned(),
                    action: format!("/reports/schedules/{}/end", one.id),
                    csrf: shell.csrf.clone(),
                    danger: true,
                    ..Button::default()
                };
                Row::new(vec![
                    Cell::OwnTwo(one.name.clone(), one.trouble.clone()),
                    Cell::text(name_of_pack(&one.pack)),
                    Cell::text(&one.every),
                    Cell::Muted(one.next.clone()),
                    Cell::number(&one.letters),
                    if regular.may { Cell::Button(end) } else { Cell::Empty },
                ])
            })
            .collect();
        parts.push(Part::new(
            "Regular reports",
            "",
            vec![Body::Table(Table::new("Regular reports", heads, rows))],
        ));
    }
    if regular.may && !empty {
        let list = |choices: &[(&str, &str)]| {
            choices.iter().map(|(value, words)| ((*value).to_owned(), (*words).to_owned())).collect()
        };
        let every = list(&[("day", "Each day"), ("week", "Each Monday"), ("month", "Each first of a month")]);
        let format = list(&[
            ("pdf", "PDF"),
            ("xlsx", "Excel"),
            ("html", "One page (HTML)"),
            ("csv", "Findings (CSV)"),
        ]);
        let letter = list(&[("me", "A letter to me"), ("", "No letter; it waits here")]);
        let fields = vec![
            Field::new(Kind::Text, "name", "Name", "").hint("Such as: Monday review.").required(),
            Field::new(Kind::Choice(every), "every", "How often", "week")
                .hint("At six in the morning where the plant is."),
            Field::new(Kind::Choice(names_of_packs()), "pack", "Pack", "cost_review"),
            Field::new(Kind::Choice(format), "format", "As", "pdf")
                .hint("One page and findings are made of the cost review only."),
            Field::new(Kind::Choice(letter), "letter", "Tell", "me"),
        ];
        parts.push(Part::new(
            "Have a report made regularly",
            "of the newest analysis",
            vec![Body::Form(Form::new("/reports/schedules", &shell.csrf, "Save", fields))],
        ));
    }
    parts
}

fn sharing(shell: &Shell, downloads: &[Download], shares: &[Shared]) -> Vec<Part> {
    let mut parts = Vec::new();
    if !shares.is_empty() {
        let heads = vec![
            Head::text("Shared"),
            Head::text("Password"),
            Head::text("Until"),
            Head::number("Opened"),
            Head::silent("Revoke"),
        ];
        let rows = shares
            .iter()
            .map(|share| {
                Row::new(vec![
                    Cell::OwnTwo(share.name.clone(), share.what.clone()),
                    Cell::text(if share.password { "asked for" } else { "none" }),
                    Cell::Muted(share.until.clone()),
                    Cell::number(&share.opened),
                    Cell::Button(Button {
                        label: "Revoke".to_owned(),
                        action: format!("/reports/shares/{}/revoke", share.id),
                        csrf: shell.csrf.clone(),
                        danger: true,
                        ..Button::default()
                    }),
                ])
            })
            .collect();
        parts.push(Part::new(
            "Shared links",
            "what they show needs no account",
            vec![Body::Table(Table::new("Shared links", heads, rows))],
        ));
    }
    if !downloads.is_empty() {
        let choices =
            downloads.iter().map(|download| (download.id.clone(), download.choice.clone())).collect();
        let days = [("7", "A week"), ("14", "Two weeks"), ("30", "30 days"), ("90", "90 days")]
            .map(|(value, words)| (value.to_owned(), words.to_owned()))
            .to_vec();
        let fields = vec![
            Field::new(Kind::Own(choices), "analysis", "Analysis", &downloads[0].id),
            Field::new(Kind::Choice(days), "days", "Works for", "14"),
            Field::new(Kind::Password, "password", "Password", "")
                .hint("If you want one: 8 characters or more.")
                .autocomplete("new-password"),
        ];
        parts.push(Part::new(
            "Share a report",
            "with somebody who has no account",
            vec![Body::Form(Form::new("/reports/shares", &shell.csrf, "Make link", fields))],
        ));
    }
    parts
}

pub fn samples() -> Vec<Sheet> {
    let shell = Shell::sample();
    let download = Download {
        id: "a1".to_owned(),
        name: "JOBCOST_SEP25.csv".to_owned(),
        when: "2 Oct 2025".to_owned(),
        choice: "JOBCOST_SEP25.csv, 2 Oct 2025".to_owned(),
        rows: "12,266".to_owned(),
        findings: "15".to_owned(),
        links: vec![
            Link::new("Excel", "/reports/a1.xlsx"),
            Link::new("One page (HTML)", "/reports/a1.html"),
            Link::new("Findings (CSV)", "/reports/a1.csv"),
        ],
    };
    let shared = Shared {
        id: "s1".to_owned(),
        name: "JOBCOST_SEP25.csv".to_owned(),
        what: "the whole report".to_owned(),
        password: true,
        until: "16 Oct 2025".to_owned(),
        opened: "3".to_owned(),
    };
    let link = "https://plant.example.com/shared/3f9a0c7be1d24c58a6f3";
    let regular = Regular {
        may: true,
        schedules: vec![Schedule {
            id: "r1".to_owned(),
            name: "Monday review".to_owned(),
            pack: "weekly_losses".to_owned(),
            every: "week".to_owned(),
            next: "6 Oct 2025 10:00".to_owned(),
            letters: "1".to_owned(),
            trouble: String::new(),
        }],
        made: vec![Made {
            link: Link::new("Monday review.pdf", "/reports/made/m1"),
            when: "29 Sep 2025".to_owned(),
        }],
        added: vec![Added {
            id: "n1".to_owned(),
            analysis: "a1".to_owned(),
            name: "JOBCOST_SEP25.csv".to_owned(),
            question: "Which machines have the highest scrap rate?".to_owned(),
            when: "2 Oct 2025".to_owned(),
        }],
    };
    vec![
        page(&shell, &[download], Some(&[shared]), Some(link), &regular),
        page(&shell, &[], None, None, &Regular::default()),
    ]
}
