//! What changed: an analysis against an earlier one, figures against their baselines, and what moved for good.

use std::collections::BTreeMap;

use domain::{Analysis, Currency, analysis::EntityRef, number};

use crate::{
    component::{
        Link, Tone,
        empty::Empty,
        pill::Pill,
        table::{Cell, Head, Row, Table},
    },
    layout::{Crumb, Section, Shell},
    page::sheet::{Body, Part, Sheet},
    route, words,
};

/// What became of a finding from one analysis to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    New,
    Gone,
    Grown,
    Shrunk,
    Steady,
    NotMeasured,
}

impl Fate {
    pub fn named(name: &str) -> Self {
        match name {
            "new" => Self::New,
            "gone" => Self::Gone,
            "grown" => Self::Grown,
            "shrunk" => Self::Shrunk,
            "not_measured" => Self::NotMeasured,
            _ => Self::Steady,
        }
    }

    pub fn words(self) -> &'static str {
        match self {
            Self::New => "New",
            Self::Gone => "No longer seen",
            Self::Grown => "Grew",
            Self::Shrunk => "Shrank",
            Self::Steady => "As before",
            Self::NotMeasured => "Not measured this time",
        }
    }

    fn pill(self) -> Pill {
        let tone = match self {
            Self::New | Self::Grown => Tone::Loss,
            Self::Gone | Self::Shrunk => Tone::Gain,
            Self::Steady | Self::NotMeasured => Tone::Quiet,
        };
        Pill::new(tone, self.words())
    }
}

/// A finding and what became of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Moved {
    /// Its id, the same in both analyses.
    pub finding: String,
    pub fate: Fate,
    /// Money a year, before and after.
    pub yearly: (Option<f64>, Option<f64>),
}

/// A figure that moved and stayed there.
#[derive(Debug, Clone, PartialEq)]
pub struct Lasting {
    pub kpi: String,
    pub scope: Vec<EntityRef>,
    /// ISO dates: the first day with its interval.
    pub start: String,
    pub start_low: String,
    pub start_high: String,
    pub growing: bool,
    pub before: f64,
    pub now: f64,
    pub worse: bool,
}

/// A figure against its baseline.
#[derive(Debug, Clone, PartialEq)]
pub struct Against {
    pub kpi: String,
    pub scope: Vec<EntityRef>,
    pub baseline: f64,
    pub value: f64,
    pub low: f64,
    pub high: f64,
    pub worse: bool,
    pub beyond_noise: bool,
    pub weeks: usize,
    pub baseline_weeks: usize,
}

/// A key figure in both analyses.
#[derive(Debug, Clone, PartialEq)]
pub struct Figure {
    pub kpi: String,
    pub before: f64,
    pub after: f64,
    pub beyond_noise: Option<bool>,
}

/// An analysis that can be compared with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Other {
    pub id: String,
    pub name: String,
    pub when: String,
    pub compared: bool,
}

/// A plant with the figures of its newest analysis.
#[derive(Debug, Clone, PartialEq)]
pub struct Plant {
    pub name: String,
    pub when: String,
    pub currency: Currency,
    pub findings: u64,
    /// Actual less planned cost.
    pub variance: Option<f64>,
    pub kpis: BTreeMap<String, f64>,
}

/// Figures by which plants are laid side by side, where any of them has them.
const SIDE_BY_SIDE: [&str; 5] =
    ["oee_index", "labor_efficiency", "scrap_ratio", "first_pass_yield", "on_time_delivery"];

#[derive(Debug, Clone, PartialEq, Default)]
pub struct Input<'a> {
    /// The analysis that the other one is compared with, and what to call it.
    pub before: Option<(&'a Analysis, String)>,
    pub moved: Vec<Moved>,
    pub figures: Vec<Figure>,
    pub lasting: Vec<Lasting>,
    pub against: Vec<Against>,
    /// What is held against the baselines, in a sentence.
    pub tested: String,
    pub notes: Vec<String>,
    pub others: Vec<Other>,
    /// Every plant that was analyzed.
    pub plants: Vec<Plant>,
}

/// Baselines that the page shows; all are in the API.
const BASELINES: usize = 40;

pub fn page(shell: &Shell, after: &Analysis, input: &Input<'_>) -> Sheet {
    let shell = shell.with(
        Section::Overview,
        "What changed",
        vec![Crumb::link("Overview", route::OVERVIEW), Crumb::here("What changed")],
    );
    let mut parts = Vec::new();
    match &input.before {
        Some((before, name)) => {
            let caption = format!("against {name}");
            parts.push(Part::new("Findings", &caption, vec![findings(before, after, &input.moved)]));
            if !input.figures.is_empty() {
                parts.push(Part::new("Key figures of the plant", &caption, vec![figures(input, after)]));
            }
        }
        None => parts.push(Part::new(
            "",
            "",
            vec![Body::Empty(Empty::new(
                "trending-up",
                "This is the first analysis of this plant",
                "When the next export is analyzed, this page says which findings are new, gone, grown or shrunk.",
                Some(Link::new("Upload data", route::UPLOAD)),
            ))],
        )),
    }
    let mut lasting_bodies = vec![if input.lasting.is_empty() {
        Body::Text(vec!["No figure moved and stayed there beyond what it does by itself.".to_owned()])
    } else {
        Body::Table(lasting(input, &after.currency))
    }];
    if !input.notes.is_empty() {
        lasting_bodies.push(Body::List(input.notes.clone()));
    }
    parts.push(Part::new("Moved and stayed", "over all uploads, with the day it began", lasting_bodies));
    let baselines = if input.against.is_empty() {
        Body::Text(vec!["Eight whole weeks before the tested ones are the least for a baseline.".to_owned()])
    } else {
        Body::Table(baselines(input, &after.currency))
    };
    let quiet = input.against.iter().filter(|one| !one.beyond_noise && !one.scope.is_empty()).count();
    let tested = if quiet == 0 {
        input.tested.clone()
    } else {
        format!("{} {quiet} more figures are as usual.", input.tested).trim_start().to_owned()
    };
    parts.push(Part::new("Against the usual", &tested, vec![baselines]));
    if input.plants.len() > 1 {
        let caption = "each by its newest analysis";
        parts.push(Part::new("Plants side by side", caption, vec![Body::Table(plants(&input.plants))]));
    }
    if !input.others.is_empty() {
        parts.push(Part::new("Compare with another analysis", "", vec![Body::Table(others(&input.others))]));
    }
    Sheet::new(
        shell,
        "What changed",
        "New, gone, grown and shrunk since an earlier analysis; and what moved for good.",
        parts,
    )
}

fn findings(before: &Analysis, after: &Analysis, moved: &[Moved]) -> Body {
    if moved.is_empty() {
        return Body::Text(vec!["Neither analysis claims anything.".to_owned()]);
    }
    let money = |amount: Option<f64>, currency: &Currency| match amount {
        Some(amount) => Cell::Number(number::money(amount, currency)),
        None => Cell::Number("–".to_owned()),
    };
    let rows = moved
        .iter()
        .map(|moved| {
            let now = after.findings.iter().find(|finding| finding.id == moved.finding);
            let was = before.findings.iter().find(|finding| finding.id == moved.finding);
            let title = now.or(was).map_or_else(String::new, |finding| finding.title.clone());
            Row::new(vec![
                match now {
                    Some(finding) => Cell::Link(Link::new(title, route::finding(&finding.id))),
                    None => Cell::Text(title),
                },
                Cell::Pill(moved.fate.pill()),
                money(moved.yearly.0, &before.currency),
                money(moved.yearly.1, &after.currency),
            ])
        })
        .collect();
    let heads = vec![
        Head::text("Finding"),
        Head::text("Since then"),
        Head::number("A year, before"),
        Head::number("A year, now"),
    ];
    Body::Table(Table::new("Findings, before and now", heads, rows))
}

fn figures(input: &Input<'_>, after: &Analysis) -> Body {
    let rows = input
        .figures
        .iter()
        .map(|figure| {
            let noise = match figure.beyond_noise {
                Some(true) => "more than it moves by itself",
                Some(false) => "within what it moves by itself",
                None => "too few weeks to say",
            };
            Row::new(vec![
                Cell::Strong(words::sentence_case(&figure.kpi)),
                Cell::Number(value(&figure.kpi, figure.before, &after.currency)),
                Cell::Number(value(&figure.kpi, figure.after, &after.currency)),
                Cell::Muted(noise.to_owned()),
            ])
        })
        .collect();
    let heads = vec![
        Head::text("Key figure"),
        Head::number("Before"),
        Head::number("Now"),
        Head::text("The move is"),
    ];
    Body::Table(Table::new("Key figures, before and now", heads, rows))
}

fn lasting(input: &Input<'_>, currency: &Currency) -> Table {
    let rows = input
        .lasting
        .iter()
        .map(|change| {
            let now = value(&change.kpi, change.now, currency);
            Row::new(vec![
                Cell::Strong(of(&change.kpi, &change.scope)),
                Cell::Text(if change.growing { "grows week by week" } else { "stepped" }.to_owned()),
                Cell::Two(
                    words::day(&change.start),
                    format!(
                        "between {} and {}",
                        words::day(&change.start_low),
                        words::day(&change.start_high)
                    ),
                ),
                Cell::Number(value(&change.kpi, change.before, currency)),
                if change.worse { Cell::Loss(now) } else { Cell::Number(now) },
                Cell::Pill(Pill::new(
                    if change.worse { Tone::Loss } else { Tone::Gain },
                    if change.worse { "Worse" } else { "Better" },
                )),
            ])
        })
        .collect();
    let heads = vec![
        Head::text("Figure"),
        Head::text("How"),
        Head::text("Since"),
        Head::number("Before"),
        Head::number("Now"),
        Head::text("Which is"),
    ];
    Table::new("Figures that moved and stayed", heads, rows)
}

fn baselines(input: &Input<'_>, currency: &Currency) -> Table {
    let mut told: Vec<&Against> = input.against.iter().collect();
    // What is beyond noise first, then the plant itself. Parts that are as usual are counted, not listed.
    told.retain(|one| one.beyond_noise || one.scope.is_empty());
    told.sort_by_key(|one| (!one.beyond_noise, !one.scope.is_empty()));
    let rows = told
        .into_iter()
        .take(BASELINES)
        .map(|one| {
            let multiple = if one.baseline.abs() > 0.0 {
                format!("{:.2} times", one.value / one.baseline)
            } else {
                "–".to_owned()
            };
            let now = value(&one.kpi, one.value, currency);
            Row::new(vec![
                Cell::Two(
                    of(&one.kpi, &one.scope),
                    format!("{} weeks against {}", one.weeks, one.baseline_weeks),
                ),
                Cell::Number(value(&one.kpi, one.baseline, currency)),
                if one.beyond_noise && one.worse { Cell::Loss(now) } else { Cell::Number(now) },
                Cell::Number(multiple),
                match (one.beyond_noise, one.worse) {
                    (true, true) => Cell::Pill(Pill::new(Tone::Loss, "Worse than usual")),
                    (true, false) => Cell::Pill(Pill::new(Tone::Gain, "Better than usual")),
                    (false, _) => Cell::Muted("as usual".to_owned()),
                },
            ])
        })
        .collect();
    let heads = vec![
        Head::text("Figure"),
        Head::number("Usual"),
        Head::number("Now"),
        Head::number("Of the usual"),
        Head::text("Which is"),
    ];
    Table::new("Figures against their baselines", heads, rows)
}

fn plants(plants: &[Plant]) -> Table {
    let figures: Vec<&str> = SIDE_BY_SIDE
        .into_iter()
        .filter(|figure| plants.iter().any(|plant| plant.kpis.contains_key(*figure)))
        .collect();
    let rows = plants
        .iter()
        .map(|plant| {
            let mut cells = vec![
                Cell::OwnTwo(plant.name.clone(), plant.when.clone()),
                Cell::Number(number::count(plant.findings)),
                match plant.variance {
                    Some(variance) => Cell::Number(number::money(variance, &plant.currency)),
                    None => Cell::Number("–".to_owned()),
                },
            ];
            cells.extend(figures.iter().map(|figure| match plant.kpis.get(*figure) {
                Some(now) => Cell::Number(value(figure, *now, &plant.currency)),
                None => Cell::Number("–".to_owned()),
            }));
            Row::new(cells)
        })
        .collect();
    let mut heads =
        vec![Head::text("Plant"), Head::number("Findings"), Head::number("Actual less planned cost")];
    heads.extend(figures.iter().map(|figure| Head::number(&words::sentence_case(figure))));
    Table::new("Plants side by side", heads, rows)
}

fn others(others: &[Other]) -> Table {
    let rows = others
        .iter()
        .map(|other| {
            Row::new(vec![
                Cell::OwnStrong(other.name.clone()),
                Cell::Text(other.when.clone()),
                if other.compared {
                    Cell::Muted("compared above".to_owned())
                } else {
                    Cell::Link(Link::new("Compare", format!("{}?before={}", route::CHANGES, other.id)))
                },
            ])
        })
        .collect();
    Table::new("Analyses", vec![Head::text("Analysis"), Head::text("Made"), Head::silent("Compare")], rows)
}

/// `Scrap ratio · machine number M07`.
pub fn of(kpi: &str, scope: &[EntityRef]) -> String {
    let mut said = words::sentence_case(kpi);
    for entity in scope {
        said.push_str(&format!(
            " · {} {}",
            words::field(entity.field).trim_end_matches(" number"),
            entity.value
        ));
    }
    said
}

/// A key figure as people read it.
pub fn value(kpi: &str, value: f64, currency: &Currency) -> String {
    match kpi {
        "lead_time" => format!("{} days", number::grouped(value, 1)),
        "energy_per_hour" => format!("{} kWh/h", number::grouped(value, 1)),
        "material_unit_price" => number::money(value, currency),
        _ if value.abs() < 20.0 => number::percent(value, 1),
        _ => number::grouped(value, 1),
    }
}

pub fn samples() -> Vec<Sheet> {
    let (after, before) = (crate::gallery::samples::analysis(), crate::gallery::samples::earlier());
    let shell = Shell::sample();
    let yearly = |id: &str, analysis: &Analysis| {
        let finding = analysis.findings.iter().find(|finding| finding.id == id)?;
        Some(crate::component::findings::yearly(finding)?.value)
    };
    let moved = after
        .findings
        .iter()
        .zip([Fate::New, Fate::Grown, Fate::Shrunk, Fate::Steady, Fate::NotMeasured])
        .map(|(finding, fate)| Moved {
            finding: finding.id.clone(),
            fate,
            yearly: (yearly(&finding.id, &before), yearly(&finding.id, &after)),
        })
        .collect();
    let machine = ontology::FieldId::named("machine_id")
        .map(|field| EntityRef { field, value: "M07".to_owned() })
        .into_iter()
        .collect::<Vec<_>>();
    let input = Input {
        before: Some((&before, "the August upload".to_owned())),
        moved,
        figures: vec![Figure {
            kpi: "scrap_ratio".to_owned(),
            before: 0.021,
            after: 0.034,
            beyond_noise: Some(true),
        }],
        lasting: vec![Lasting {
            kpi: "labor_efficiency".to_owned(),
            scope: machine.clone(),
            start: "2025-05-06".to_owned(),
            start_low: "2025-04-22".to_owned(),
            start_high: "2025-05-20".to_owned(),
            growing: true,
            before: 0.97,
            now: 0.74,
            worse: true,
        }],
        against: vec![Against {
            kpi: "scrap_ratio".to_owned(),
            scope: machine,
            baseline: 0.02,
            value: 0.045,
            low: 0.01,
            high: 0.04,
            worse: true,
            beyond_noise: true,
            weeks: 6,
            baseline_weeks: 8,
        }],
        tested: "The weeks since the analysis before, against the weeks before them.".to_owned(),
        notes: vec!["The history is shorter than two full years.".to_owned()],
        others: vec![Other {
            id: "a1".to_owned(),
            name: "JOBCOST_JUL25.csv".to_owned(),
            when: "2 Aug 2025".to_owned(),
            compared: false,
        }],
        plants: [("Toledo", Some(31_400.0)), ("Dayton", None)]
            .map(|(name, variance)| Plant {
                name: name.to_owned(),
                when: "2 Oct 2025".to_owned(),
                currency: after.currency.clone(),
                findings: 15,
                variance,
                kpis: SIDE_BY_SIDE
                    .into_iter()
                    .filter(|_| variance.is_some())
                    .map(|figure| (figure.to_owned(), 0.87))
                    .collect(),
            })
            .to_vec(),
    };
    vec![page(&shell, &after, &input), page(&shell, &after, &Input::default())]
}
