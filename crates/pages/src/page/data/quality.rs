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

pub fn page(shell: &Shell, analysis: Option<&Analysis>) -> Sheet {
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
        Some(analysis) => parts(analysis),
    };
    Sheet::new(
        shell,
        "Data quality",
        "What could not be used, what looks odd, and what would add most.",
        parts,
    )
    .tabs(&super::TABS, route::QUALITY)
}

fn parts(analysis: &Analysis) -> Vec<Part> {
    let rows = &analysis.rows;
    let aside: u64 = rows.set_aside.iter().map(|item| item.rows).sum();
    let quality = &analysis.data_quality;
    let facts = Facts {
        facts: vec![
            Fact::new("Rows read", number::count(rows.read), ""),
            Fact::new("Used", number::count(rows.used), ""),
            Fact::new("Set aside", number::count(aside), "with reasons"),
            Fact::new("Score", format!("{} of 100", quality.score), format!("grade {}", quality.grade)),
        ],
    };
    let mut parts = vec![Part::new("", "", vec![Body::Facts(facts)])];
    let heads = |what: &str| vec![Head::text(what), Head::number("Rows"), Head::text("For example")];
    if !rows.set_aside.is_empty() {
        let lines = rows
            .set_aside
            .iter()
            .map(|item| line(&words::sentence_case(&item.reason), item.rows, &item.examples))
            .collect();
        parts.push(Part::new(
            "Set aside",
            "used + set aside = read",
            vec![Body::Table(Table::new("Set aside", heads("Reason"), lines))],
        ));
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
    let examples: Vec<String> =
        examples.iter().take(6).map(|row| format!("{} row {}", row.file, number::count(row.row))).collect();
    Row::new(vec![Cell::text(sentence), Cell::number(number::count(rows)), Cell::Muted(examples.join(", "))])
}

pub fn samples() -> Vec<Sheet> {
    let shell = Shell::sample();
    vec![page(&shell, Some(&crate::gallery::samples::analysis())), page(&shell, None)]
}
