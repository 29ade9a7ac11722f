//! Saved mappings: what an export means, so that next month it loads in one step.

use super::variables::About;
use crate::{
    component::{
        Button, Link, Tone,
        empty::Empty,
        facts::{Fact, Facts},
        pill::Pill,
        table::{Cell, Head, Row, Table},
    },
    layout::{Crumb, Section, Shell},
    page::sheet::{Body, Part, Sheet},
    route,
};

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SavedMapping {
    pub id: String,
    pub name: String,
    pub system: String,
    pub version: String,
    /// `12 times`, and when last.
    pub used: (String, String),
    /// `11 of 12 uploads`; empty before the first.
    pub worked: String,
    /// `92%` of its columns mean something; empty where it has none.
    pub coverage: String,
    /// Whether files are recognized by it.
    pub active: bool,
    pub may_delete: bool,
}

/// `sought` is what their names, descriptions and systems were searched for; empty for all.
pub fn page(shell: &Shell, mappings: &[SavedMapping], sought: &str) -> Sheet {
    let part = if mappings.is_empty() && !sought.is_empty() {
        Part::new(
            "",
            "",
            vec![Body::Empty(Empty::new(
                "search",
                "No mapping of that name",
                "Names, descriptions and systems were searched.",
                Some(Link::new("Show all mappings", route::MAPPINGS)),
            ))],
        )
    } else if mappings.is_empty() {
        Part::new(
            "",
            "",
            vec![Body::Empty(Empty::new(
                "layers",
                "No mapping saved yet",
                "Save a mapping while you match columns. The same export then loads in one step and only changes are shown.",
                Some(Link::new("Upload data", route::UPLOAD)),
            ))],
        )
    } else {
        let heads = vec![
            Head::text("Mapping"),
            Head::text("System"),
            Head::text("Version"),
            Head::text("Times used"),
            Head::text("Worked"),
            Head::number("Columns read"),
            Head::text("State"),
            Head::silent("Delete"),
        ];
        let rows = mappings
            .iter()
            .map(|mapping| {
                Row::new(vec![
                    Cell::Link(Link::own(&mapping.name, format!("{}/{}", route::MAPPINGS, mapping.id))),
                    if mapping.system.is_empty() { Cell::Empty } else { Cell::own(&mapping.system) },
                    Cell::text(&mapping.version),
                    Cell::Two(mapping.used.0.clone(), mapping.used.1.clone()),
                    if mapping.worked.is_empty() { Cell::Empty } else { Cell::text(&mapping.worked) },
                    if mapping.coverage.is_empty() { Cell::Empty } else { Cell::number(&mapping.coverage) },
                    if mapping.active {
                        Cell::Pill(Pill::new(Tone::Gain, "Active"))
                    } else {
                        Cell::Pill(Pill::new(Tone::Quiet, "Set aside"))
                    },
                    if mapping.may_delete {
                        Cell::Button(Button {
                            label: "Delete mapping".to_owned(),
                            action: format!("{}/{}/delete", route::MAPPINGS, mapping.id),
                            csrf: shell.csrf.clone(),
                            danger: true,
                            ..Button::default()
                        })
                    } else {
                        Cell::Text(String::new())
                    },
                ])
            })
            .collect();
        Part::new("Saved mappings", "", vec![Body::Table(Table::new("Saved mappings", heads, rows))])
    };
    let sheet = Sheet::new(
        shell.with(
            Section::Data,
            "Mappings",
            vec![Crumb::link("Data", route::DATA), Crumb::here("Mappings")],
        ),
        "Mappings",
        "What the columns of your exports mean.",
        vec![part],
    )
    .tabs(&super::TABS, route::MAPPINGS);
    if mappings.is_empty() && sought.is_empty() {
        sheet
    } else {
        sheet.search(route::MAPPINGS, "Name, description or system", sought)
    }
}

/// A saved state of a mapping.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SavedVersion {
    pub number: i64,
    pub note: String,
    pub who: String,
    pub when: String,
    pub current: bool,
}

/// What differs between two versions: a column, what it meant, what it means.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Difference {
    pub file: String,
    pub column: String,
    pub before: String,
    pub after: String,
}

/// How good a mapping is, judged on the newest upload that was mapped by it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MappingScore {
    /// 0 to 100, and in a word.
    pub score: u32,
    pub band: String,
    /// 0 to 100.
    pub quality: u32,
    /// What speaks against it; errors first.
    pub problems: Vec<String>,
    /// What would raise the score.
    pub hints: Vec<String>,
}

fn score_part(score: &MappingScore) -> Part {
    let mut bodies = vec![Body::Facts(Facts {
        facts: vec![
            Fact::new("Score", format!("{} of 100", score.score), score.band.clone()),
            Fact::new(
                "Checks",
                format!("{} of 100", score.quality),
                "20 less for each error, 5 for each warning",
            ),
        ],
    })];
    let mut lines = score.problems.clone();
    lines.extend(score.hints.iter().map(|hint| format!("Would raise it: {hint}.")));
    if lines.is_empty() {
        lines.push("Nothing speaks against it.".to_owned());
    }
    bodies.push(Body::List(lines));
    Part::new("How good it is", "judged on the newest upload that was mapped by it", bodies)
}

/// One saved mapping: its versions, what changed between two of them, and what it says.
pub fn history(
    shell: &Shell,
    mapping: &SavedMapping,
    versions: &[SavedVersion],
    compared: Option<(i64, i64, Vec<Difference>)>,
    meanings: &[Difference],
    score: Option<&MappingScore>,
    about: Option<&About>,
) -> Sheet {
    let address = format!("{}/{}", route::MAPPINGS, mapping.id);
    let heads = vec![
        Head::text("Version"),
        Head::text("What changed"),
        Head::text("Saved"),
        Head::silent("Compare"),
        Head::silent("Restore"),
    ];
    let rows = versions
        .iter()
        .map(|version| {
            let by = if version.who.is_empty() { String::new() } else { format!(" · {}", version.who) };
            let compare = format!("{address}?before={}&after={}", version.number - 1, version.number);
            Row::new(vec![
                Cell::Strong(version.number.to_string()),
                if version.note.is_empty() { Cell::Empty } else { Cell::own(&version.note) },
                Cell::Muted(format!("{}{by}", version.when)),
                if version.number > 1 {
                    Cell::Link(Link::new(
                        format!("Compare {} with {}", version.number, version.number - 1),
                        compare,
                    ))
                } else {
                    Cell::Text(String::new())
                },
                if version.current {
                    Cell::Pill(Pill::new(Tone::Gain, "In use"))
                } else if mapping.may_delete {
                    Cell::Button(Button {
                        label: format!("Restore version {}", version.number),
                        action: format!("{address}/restore"),
                        values: vec![("number".to_owned(), version.number.to_string())],
                        csrf: shell.csrf.clone(),
                        ..Button::default()
                    })
                } else {
                    Cell::Text(String::new())
                },
            ])
        })
        .collect();
    let mut parts = vec![Part::new(
        "Versions",
        "restoring makes a new version; nothing is lost",
        vec![Body::Table(Table::new("Versions", heads, rows))],
    )];
    if let Some((before, after, differences)) = compared {
        let title = format!("From version {before} to {after}");
        let body = if differences.is_empty() {
            Body::Text(vec!["Every column means the same in both.".to_owned()])
        } else {
            Body::Table(differences_table(&title, "Meant", "Means", &differences))
        };
        parts.push(Part::new(&title, "", vec![body]));
    }
    parts.push(shared(shell, mapping, &address));
    parts.extend(score.map(score_part));
    if let Some(about) = about {
        parts.extend(super::variables::parts(about, &address, &shell.csrf));
    }
    if !meanings.is_empty() {
        let heads = vec![Head::text("Column"), Head::text("Means")];
        let rows = meanings
            .iter()
            .map(|line| Row::new(vec![Cell::OwnStrong(line.column.clone()), Cell::text(&line.after)]))
            .collect();
        parts.push(Part::new(
            "What it says",
            &format!(
                "{} of version {}",
                crate::words::counted(meanings.len() as u64, "column"),
                mapping.version
            ),
            vec![Body::Table(Table::new("What it says", heads, rows))],
        ));
    }
    Sheet::new(
        shell.with(
            Section::Data,
            mapping.name.clone(),
            vec![
                Crumb::link("Data", route::DATA),
                Crumb::link("Mappings", route::MAPPINGS),
                Crumb::here(mapping.name.clone()),
            ],
        ),
        &mapping.name,
        &mapping.system,
        parts,
    )
}

/// Who reads their exports by it, and how it goes elsewhere.
fn shared(shell: &Shell, mapping: &SavedMapping, address: &str) -> Part {
    let mut bodies = vec![Body::Text(vec![
        "Everybody in your organisation reads exports with these columns by it; there is nothing to send."
            .to_owned(),
        "As a file it goes to another installation, or to the command line.".to_owned(),
    ])];
    if mapping.may_delete {
        bodies.push(Body::Buttons(vec![Button {
            label: "Copy this mapping".to_owned(),
            action: format!("{address}/copy"),
            csrf: shell.csrf.clone(),
            ..Button::default()
        }]));
    }
    Part::new("Shared", "", bodies).link("Download as a file", format!("{address}/mapping.json"))
}

fn differences_table(name: &str, before: &str, after: &str, differences: &[Difference]) -> Table {
    let heads = vec![Head::text("Column"), Head::text("File"), Head::text(before), Head::text(after)];
    let said = |text: &String| if text.is_empty() { Cell::Empty } else { Cell::text(text) };
    let rows = differences
        .iter()
        .map(|line| {
            Row::new(vec![
                Cell::OwnStrong(line.column.clone()),
                Cell::own(line.file.clone()),
                said(&line.before),
                said(&line.after),
            ])
        })
        .collect();
    Table::new(name, heads, rows)
}

pub fn samples() -> Vec<Sheet> {
    let shell = Shell::sample();
    let saved = SavedMapping {
        id: "m1".to_owned(),
        name: "Epicor job cost, Toledo".to_owned(),
        system: "Epicor Kinetic".to_owned(),
        version: "3".to_owned(),
        used: ("12 times".to_owned(), "2 Oct 2025".to_owned()),
        worked: "11 of 12 uploads".to_owned(),
        coverage: "92%".to_owned(),
        active: true,
        may_delete: true,
    };
    let aside = SavedMapping {
        id: "m2".to_owned(),
        used: ("not yet".to_owned(), String::new()),
        worked: String::new(),
        coverage: String::new(),
        active: false,
        ..saved.clone()
    };
    let version = |number, note: &str, current| SavedVersion {
        number,
        note: note.to_owned(),
        who: "Maria Keller".to_owned(),
        when: "2 Oct 2025".to_owned(),
        current,
    };
    let difference = Difference {
        file: "JOBCOST_SEP25.csv".to_owned(),
        column: "Est Hrs".to_owned(),
        before: "Planned labor time".to_owned(),
        after: "Planned run time, in minutes".to_owned(),
    };
    let score = MappingScore {
        score: 82,
        band: "good".to_owned(),
        quality: 95,
        problems: vec!["“Est Hrs”: its values look like minutes".to_owned()],
        hints: vec!["map a product or material".to_owned()],
    };
    let versions = [version(3, "", true), version(2, "Minutes, not hours", false), version(1, "", false)];
    let compared = Some((1, 2, vec![difference.clone()]));
    let mut about = About {
        name: saved.name.clone(),
        system: saved.system.clone(),
        active: true,
        version: "4".to_owned(),
        ..About::default()
    };
    for (name, value) in [("labor_rate_hourly", "42.5"), ("focus_quality_issues", "on")] {
        let taken = about.variables.set(name, value);
        debug_assert!(taken.is_ok());
    }
    let mut wrong = about.clone();
    let reason = "This takes a percentage from 0 to 100.".to_owned();
    wrong.errors.push(("variance_threshold_pct".to_owned(), "150".to_owned(), reason));
    vec![
        page(&shell, &[saved.clone(), aside], ""),
        page(&shell, &[], ""),
        page(&shell, &[], "SAP"),
        history(&shell, &saved, &versions, compared, &[difference], Some(&score), Some(&about)),
        history(&shell, &saved, &versions[..1], Some((2, 3, Vec::new())), &[], None, Some(&wrong)),
    ]
}
