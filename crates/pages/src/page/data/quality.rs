//! Data quality: what was set aside, what was found odd, what is missing, each with rows to open.

use domain::{Analysis, analysis::RowRef, breakdown::Breakdown, number};

use crate::{
    component::{
        Link, Tone,
        empty::Empty,
        facts::{Fact, Facts},
        pill::Pill,
        table::{Cell, Head, Row, Table},
    },
    layout::{Crumb, Section, Shell},
    page::sheet::{Body, Part, Sheet},
    route, words,
};

/// A known export with how full its columns were, upload by upload.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Filling {
    /// The name of its saved mapping.
    pub name: String,
    /// Days of the uploads, oldest first.
    pub uploads: Vec<String>,
    pub columns: Vec<FilledColumn>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilledColumn {
    pub header: String,
    /// What it means.
    pub field: String,
    /// Percent filled, and percent of that which could be read; one for each upload that had the column.
    pub shares: Vec<Option<(u32, u32)>>,
}

/// A column that is filled so many points less than the time before is told first.
const FELL: u32 = 5;

impl Filling {
    /// Whether every column was full and readable in every upload.
    fn full(&self) -> bool {
        self.columns.iter().all(FilledColumn::full)
    }
}

impl FilledColumn {
    fn full(&self) -> bool {
        self.shares.iter().all(|share| *share == Some((100, 100)))
    }

    /// Points that the newest upload is filled less than the one before it.
    fn fell(&self) -> u32 {
        let known: Vec<u32> = self.shares.iter().flatten().map(|(filled, _)| *filled).collect();
        match (known.as_slice(), self.shares.last()) {
            ([.., before, _], Some(Some((now, _)))) => before.saturating_sub(*now),
            (&[.., before], Some(None)) => before,
            _ => 0,
        }
    }
}

/// What the page shows beside the analysis.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Beside {
    pub fillings: Vec<Filling>,
    /// Where the rows that were set aside can be had as a workbook.
    pub problems: Option<String>,
}

pub fn page(shell: &Shell, analysis: Option<&Analysis>, beside: &Beside) -> Sheet {
    let shell = shell.with(
        Section::Data,
        "Data quality",
        vec![Crumb::link("Data", route::DATA), Crumb::here("Data quality")],
    );
    let parts = match analysis {
        None => vec![Part::new(
            "",
            "",
            vec![Body::Empty(Empty::new(
                "shield-check",
                "Nothing analyzed yet",
                "After the first analysis you see here which rows could not be used and why, and what looks odd in the rest.",
                Some(Link::new("Upload data", route::UPLOAD)),
            ))],
        )],
        Some(analysis) => parts(analysis, beside),
    };
    Sheet::new(
        shell,
        "Data quality",
        "What could not be used, what looks odd, and what would add most.",
        parts,
    )
    .tabs(&super::TABS, route::QUALITY)
}

fn parts(analysis: &Analysis, beside: &Beside) -> Vec<Part> {
    let rows = &analysis.rows;
    let aside: u64 = rows.set_aside.iter().map(|item| item.rows).sum();
    let quality = &analysis.data_quality;
    let facts = Facts {
        facts: vec![
            Fact::new("Rows read", number::count(rows.read), ""),
            Fact::new("Rows used", number::count(rows.used), ""),
            Fact::new("Set aside", number::count(aside), "with reasons"),
            Fact::new("Score", format!("{} of 100", quality.score), format!("grade {}", quality.grade)),
        ],
    };
    let mut parts = vec![Part::new("", "", vec![Body::Facts(facts)])];
    let heads = |what: &str| vec![Head::text(what), Head::number("Rows"), Head::text("For example, rows")];
    if !rows.set_aside.is_empty() {
        let lines = rows
            .set_aside
            .iter()
            .map(|item| line(&words::sentence_case(&item.reason), item.rows, &item.examples))
            .collect();
        let part = Part::new(
            "Set aside",
            "used + set aside = read",
            vec![Body::Table(Table::new("Set aside", heads("Reason"), lines))],
        );
        parts.push(match &beside.problems {
            Some(href) => part.link("These rows as Excel", href),
            None => part,
        });
    }
    if quality.items.is_empty() {
        parts.push(Part::new("Looks odd", "", vec![Body::Text(vec!["No conflict found.".to_owned()])]));
    } else {
        let lines =
            quality.items.iter().map(|item| line(&item.sentence, item.rows, &item.examples)).collect();
        parts.push(Part::new(
            "Looks odd",
            "used, with a caveat",
            vec![Body::Table(Table::new("Looks odd", heads("What was found"), lines))],
        ));
    }
    parts.extend(fillings(&beside.fillings));
    parts.extend(analysis.breakdown.as_ref().and_then(tiers));
    if !analysis.guidance.is_empty() {
        let lines = analysis
            .guidance
            .iter()
            .map(|guidance| {
                Row::new(vec![Cell::Strong(words::field(guidance.field)), Cell::text(&guidance.sentence)])
            })
            .collect();
        parts.push(
            Part::new(
                "What more columns would show",
                "",
                vec![Body::Table(Table::new(
                    "Missing columns",
                    vec![Head::text("Column"), Head::text("What it adds")],
                    lines,
                ))],
            )
            .link("Upload data", route::UPLOAD),
        );
    }
    if !analysis.analyzers_skipped.is_empty() {
        let lines = analysis
            .analyzers_skipped
            .iter()
            .map(|skipped| {
                let fields: Vec<String> =
                    skipped.missing.iter().map(|field| words::field(*field).to_lowercase()).collect();
                let why = skipped.reason.clone().unwrap_or_else(|| format!("needs {}", fields.join(", ")));
                Row::new(vec![Cell::Strong(words::analyzer(skipped.analyzer)), Cell::text(why)])
            })
            .collect();
        parts.push(Part::new(
            "Not run",
            "",
            vec![Body::Table(Table::new("Not run", vec![Head::text("Analysis"), Head::text("Why")], lines))],
        ));
    }
    parts
}

/// How full columns are by what they were read with. Mappings whose every column always was full share a part.
fn fillings(all: &[Filling]) -> Vec<Part> {
    let all = all.iter().filter(|filling| !filling.columns.is_empty());
    let (full, open): (Vec<&Filling>, Vec<&Filling>) = all.partition(|filling| filling.full());
    let first = full.iter().chain(&open).any(|filling| filling.uploads.len() == 1);
    let mut parts: Vec<Part> = open.into_iter().map(filling_part).collect();
    match full.as_slice() {
        [] => {}
        [one] => parts.push(filling_part(one)),
        several => {
            let rows = several
                .iter()
                .map(|one| Row::new(vec![Cell::own(&one.name), Cell::number(one.columns.len().to_string())]))
                .collect();
            let heads = vec![Head::text("Mapping"), Head::number("Columns")];
            parts.push(Part::new(
                "Full in every upload",
                "every column of these",
                vec![Body::Table(Table::new("Full in every upload", heads, rows))],
            ));
        }
    }
    if let Some(last) = parts.last_mut().filter(|_| first) {
        last.bodies.push(Body::Text(vec![
            "From the next upload of this export on, each column stands beside what it was before."
                .to_owned(),
        ]));
    }
    parts
}

/// How full each column was in each upload; those that fell stand first, and those that always were full are only counted.
fn filling_part(filling: &Filling) -> Part {
    let (full, mut columns): (Vec<&FilledColumn>, Vec<&FilledColumn>) =
        filling.columns.iter().partition(|column| column.full());
    columns.sort_by_key(|column| std::cmp::Reverse(if column.fell() >= FELL { column.fell() } else { 0 }));
    let lines = columns
        .into_iter()
        .map(|column| {
            let last = column.shares.len().saturating_sub(1);
            let mut cells = vec![Cell::OwnTwo(column.header.clone(), column.field.clone())];
            cells.extend(column.shares.iter().enumerate().map(|(at, share)| match share {
                None => Cell::Empty,
                Some((filled, read)) => {
                    let read = if *read < 100 { format!(", {read}% read") } else { String::new() };
                    if at == last && column.fell() >= FELL {
                        Cell::Loss(format!("↓ {filled}%{read}"))
                    } else {
                        Cell::number(format!("{filled}%{read}"))
                    }
                }
            }));
            Row::new(cells)
        })
        .collect();
    let mut heads = vec![Head::text("Column")];
    heads.extend(filling.uploads.iter().map(|day| Head::number(day)));
    let mut bodies = Vec::new();
    if full.len() < filling.columns.len() {
        bodies.push(Body::Table(Table::new("How full the columns are", heads, lines).wide()));
    }
    let mut notes = Vec::new();
    if !full.is_empty() {
        let what = if full.len() == filling.columns.len() { "column" } else { "more column" };
        notes.push(format!("Full in every upload: {}.", words::counted(full.len() as u64, what)));
    }
    if !notes.is_empty() {
        bodies.push(Body::Text(notes));
    }
    Part::new("How full the columns are", &format!("in uploads read with {}", filling.name), bodies)
}

/// What the data allow so far, and what the next tier takes.
fn tiers(breakdown: &Breakdown) -> Option<Part> {
    let next = breakdown.next_tier().map(|tier| tier.tier);
    let lines: Vec<Row> = breakdown
        .tiers
        .iter()
        .map(|tier| {
            let state = if tier.reached {
                Pill::new(Tone::Gain, "reached")
            } else if Some(tier.tier) == next {
                Pill::new(Tone::Warn, "next")
            } else {
                Pill::new(Tone::Quiet, "later")
            };
            let analyzers: Vec<String> = tier.analyzers.iter().map(|id| words::analyzer(id)).collect();
            Row::new(vec![
                Cell::Number(tier.tier.to_string()),
                Cell::Two(words::sentence_case(tier.name), tier.gives.to_owned()),
                Cell::PillNote(state, words::plain(&tier.sentence)),
                Cell::Muted(analyzers.join(", ")),
            ])
        })
        .collect();
    let heads = vec![
        Head::number("Tier"),
        Head::text("What it takes, and gives"),
        Head::text("State"),
        Head::text("Opens"),
    ];
    (!lines.is_empty()).then(|| {
        Part::new(
            "What the data allow",
            "each tier builds on those below",
            vec![Body::Table(Table::new("Tiers", heads, lines))],
        )
    })
}

fn line(sentence: &str, rows: u64, examples: &[RowRef]) -> Row {
    // File by file, as a spreadsheet numbers its rows.
    let mut files: Vec<(&str, Vec<String>)> = Vec::new();
    for example in examples.iter().take(6) {
        match files.iter_mut().find(|(file, _)| *file == example.file.as_str()) {
            Some((_, rows)) => rows.push(example.row.to_string()),
            None => files.push((example.file.as_str(), vec![example.row.to_string()])),
        }
    }
    let told: Vec<String> =
        files.into_iter().map(|(file, rows)| format!("{file}: {}", rows.join(", "))).collect();
    Row::new(vec![Cell::text(sentence), Cell::number(number::count(rows)), Cell::own(told.join("; "))])
}

pub fn samples() -> Vec<Sheet> {
    let shell = Shell::sample();
    let column = |header: &str, field: &str, shares: &[Option<(u32, u32)>]| FilledColumn {
        header: header.to_owned(),
        field: field.to_owned(),
        shares: shares.to_vec(),
    };
    let beside = Beside {
        fillings: vec![Filling {
            name: "Epicor operations".to_owned(),
            uploads: vec!["4 Jul 2025".to_owned(), "2 Aug 2025".to_owned(), "2 Sep 2025".to_owned()],
            columns: vec![
                column("Job", "Work order", &[Some((100, 100)), Some((100, 100)), Some((99, 100))]),
                column("Qty", "Quantity", &[Some((100, 100)); 3]),
                column("Lab Rate", "Labor rate", &[Some((98, 100)), Some((97, 99)), Some((61, 99))]),
                column("Scrap Code", "Defect code", &[None, Some((12, 100)), Some((14, 100))]),
            ],
        }],
        problems: Some("/data/d1/rows/problems.xlsx".to_owned()),
    };
    let analysis = crate::gallery::samples::analysis();
    vec![page(&shell, Some(&analysis), &beside), page(&shell, None, &Beside::default())]
}

#[cfg(test)]
mod tests {
    use askama::Template;

    use super::*;

    #[test]
    fn a_column_that_is_filled_less_than_before_stands_first_and_says_so() {
        let html = samples()[0].render().unwrap();
        let (rate, job) = (html.find("Lab Rate").unwrap(), html.find(">Job<").unwrap());
        assert!(rate < job && html.contains("↓ 61%, 99% read"), "{html}");
        // What always was full is counted, not listed.
        assert!(!html.contains(">Qty<") && html.contains("Full in every upload: 1 more column."), "{html}");
        assert!(html.contains("href=\"/data/d1/rows/problems.xlsx\""));
        let missing =
            FilledColumn { header: String::new(), field: String::new(), shares: vec![Some((90, 100)), None] };
        assert_eq!(missing.fell(), 90);
    }

    #[test]
    fn mappings_that_always_were_full_share_a_part() {
        let filling = |name: &str, filled: u32| {
            let shares = vec![Some((filled, 100))];
            let column = FilledColumn { header: "Qty".to_owned(), field: String::new(), shares };
            Filling { name: name.to_owned(), uploads: vec!["2 Oct 2025".to_owned()], columns: vec![column] }
        };
        let titles = |all: &[Filling]| -> Vec<String> {
            fillings(all).into_iter().map(|part| format!("{}, {}", part.title, part.caption)).collect()
        };
        let open = "How full the columns are, in uploads read with rejects";
        assert_eq!(
            titles(&[filling("jobs", 100), filling("rejects", 51), filling("materials", 100)]),
            [open, "Full in every upload, every column of these"]
        );
        assert_eq!(titles(&[filling("rejects", 100)]), [open]);
        for words in ["Full in every upload", "every column of these"] {
            assert!(translation::knows(words, translation::Tongue::Spanish), "{words}");
        }
    }
}
