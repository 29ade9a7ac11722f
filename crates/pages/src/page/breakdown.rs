//! Where time, material and quality go: losses, steps, machines, products, materials and suppliers.

use domain::{
    Analysis, Money,
    breakdown::{Band, Breakdown, MachineLine, QualityLine, Scale},
    number,
};
use ontology::FieldId;

use super::summary::{TABS, nothing};
use crate::{
    component::{
        Tone,
        facts::{Fact, Facts},
        pill::Pill,
        table::{Cell, Head, Row, Table},
    },
    layout::{Crumb, Section, Shell},
    page::sheet::{Body, Part, Sheet},
    route, words,
};

/// Rows of a table; the API has more.
const LISTED: usize = 20;

pub fn page(shell: &Shell, analysis: Option<&Analysis>) -> Sheet {
    let shell = shell.with(
        Section::Overview,
        "Where it goes",
        vec![Crumb::link("Overview", route::OVERVIEW), Crumb::here("Where it goes")],
    );
    let parts = match analysis {
        None => nothing(),
        Some(analysis) => {
            analysis.breakdown.as_ref().map_or_else(before, |breakdown| parts(analysis, breakdown))
        }
    };
    Sheet::new(
        shell,
        "Where it goes",
        "Figures to look things up in. Nothing here was tested: what stands out beyond chance is among the findings.",
        parts,
    )
    .tabs(&TABS, route::BREAKDOWN)
}

/// An analysis of an earlier version holds no breakdown.
fn before() -> Vec<Part> {
    let said = "This analysis was made before there were such figures. Run it again to see them.".to_owned();
    vec![Part::new("", "", vec![Body::Text(vec![said])])]
}

fn parts(analysis: &Analysis, breakdown: &Breakdown) -> Vec<Part> {
    let mut parts = Vec::new();
    parts.extend(losses(analysis, breakdown));
    parts.extend(operations(breakdown));
    parts.extend(machines(breakdown));
    for (field, title) in [
        ("product_id", "Quality by product"),
        ("material_id", "Quality by material"),
        ("supplier_id", "Quality by supplier"),
    ] {
        parts.extend(quality(breakdown, field, title));
    }
    parts.push(scales(breakdown));
    parts
}

fn money(money: Option<&Money>) -> Cell {
    money.map_or(Cell::Muted("–".to_owned()), |money| {
        Cell::Number(number::money(money.to_f64(), &money.currency))
    })
}

fn share(share: Option<f64>) -> Cell {
    share.map_or(Cell::Muted("–".to_owned()), |share| Cell::Number(number::percent(share, 1)))
}

fn band(band: Option<Band>) -> Cell {
    match band {
        None => Cell::Empty,
        Some(Band::Good) => Cell::Pill(Pill::new(Tone::Gain, "good")),
        Some(Band::Fair) => Cell::Pill(Pill::new(Tone::Warn, "fair")),
        Some(Band::Poor) => Cell::Pill(Pill::new(Tone::Loss, "poor")),
    }
}

/// Labor, material, quality; orders over and under their plan.
fn losses(analysis: &Analysis, breakdown: &Breakdown) -> Option<Part> {
    let mut bodies = Vec::new();
    if let Some(sides) = &breakdown.sides {
        let orders = |n: u64| words::counted(n, "order");
        bodies.push(Body::Facts(Facts {
            facts: vec![
                Fact::new(
                    "Over plan",
                    number::money(sides.over.to_f64(), &analysis.currency),
                    orders(sides.orders_over),
                ),
                Fact::new(
                    "Under plan",
                    number::money(sides.under.to_f64(), &analysis.currency),
                    orders(sides.orders_under),
                ),
                Fact::new(
                    "Together",
                    number::money(analysis.totals.variance.to_f64(), &analysis.currency),
                    "over less under",
                ),
            ],
        }));
    }
    if !breakdown.losses.is_empty() {
        let rows = breakdown.losses.iter().map(|loss| {
            let quantity = loss.quantity.map_or(Cell::Empty, |(value, unit)| {
                Cell::Number(format!("{} {unit}", number::grouped(value, 0)).replace('-', "−"))
            });
            Row::new(vec![
                Cell::Strong(words::sentence_case(loss.class)),
                money(loss.amount.as_ref()),
                quantity,
                Cell::Muted(loss.basis.clone()),
            ])
        });
        let heads = vec![
            Head::text("Loss"),
            Head::number("Beyond plan"),
            Head::number("Quantity"),
            Head::text("How it is reckoned"),
        ];
        bodies.push(Body::Table(Table::new("Losses", heads, rows.collect())));
    }
    (!bodies.is_empty())
        .then(|| Part::new("Labor, material, quality", "against the plan for what was made", bodies))
}

fn operations(breakdown: &Breakdown) -> Option<Part> {
    let rows: Vec<Row> = breakdown
        .operations
        .iter()
        .take(1 + LISTED)
        .map(|line| {
            let name = if line.name.is_empty() {
                Cell::Strong("All steps".to_owned())
            } else {
                Cell::OwnStrong(line.name.clone())
            };
            Row::new(vec![
                name,
                Cell::Number(number::count(line.records)),
                Cell::Number(number::grouped(line.hours, 0)),
                Cell::Number(number::grouped(line.allowed, 0)),
                share(Some(line.efficiency)),
                share(line.cost_efficiency),
                line.spread.map_or(Cell::Muted("–".to_owned()), |spread| {
                    Cell::Number(format!("± {}", number::percent(spread, 0)))
                }),
                band(line.band),
            ])
        })
        .collect();
    let heads = vec![
        Head::text("Step"),
        Head::number("Records"),
        Head::number("Hours"),
        Head::number("Allowed"),
        Head::number("Labor efficiency"),
        Head::number("Cost efficiency"),
        Head::number("Scatter"),
        Head::text("Band"),
    ];
    (!rows.is_empty()).then(|| {
        Part::new(
            "Efficiency by step",
            "allowed hours over hours spent, at planned over paid rates; two in three records lie within the scatter",
            vec![Body::Table(Table::new("Efficiency by step", heads, rows).wide())],
        )
    })
}

fn machines(breakdown: &Breakdown) -> Option<Part> {
    let rows: Vec<Row> = breakdown.machines.iter().take(LISTED).map(machine).collect();
    let heads = vec![
        Head::text("Machine"),
        Head::number("Risk"),
        Head::number("Chance to stop"),
        Head::text("Why"),
        Head::number("Labor"),
        Head::number("Scrap"),
        Head::number("Waste"),
        Head::number("Standstill"),
        Head::number("Scrap share"),
        Head::number("Same work elsewhere"),
        Head::text("Next service"),
    ];
    (!rows.is_empty()).then(|| {
        Part::new(
            "Machines",
            "the risk is an order to look in: 50 for the chance to stop, 20 for slowing down, 15 for quality, 15 for an overdue service",
            vec![Body::Table(Table::new("Machines", heads, rows).wide())],
        )
    })
}

fn machine(line: &MachineLine) -> Row {
    let mut why = line.reasons.clone();
    if !line.driver.is_empty() {
        why.push(line.driver.clone());
    }
    let service = match &line.service {
        None => Cell::Muted("–".to_owned()),
        Some(service) if service.overdue_days >= 1.0 => Cell::Two(
            words::day(&service.due),
            format!("{} days overdue", number::grouped(service.overdue_days, 0)),
        ),
        Some(service) => Cell::Two(
            words::day(&service.due),
            format!("every {} days", number::grouped(service.interval_days, 0)),
        ),
    };
    Row::new(vec![
        Cell::OwnStrong(line.machine.clone()),
        Cell::Number(line.risk.to_string()),
        line.chance.map_or(Cell::Muted("too few stops".to_owned()), |chance| {
            Cell::Number(number::percent(chance, 0))
        }),
        Cell::Text(why.join(" · ")),
        money(line.labor.as_ref()),
        money(line.scrap.as_ref()),
        money(line.waste.as_ref()),
        money(line.standstill.as_ref()),
        share(line.scrap_rate),
        share(line.scrap_expected),
        service,
    ])
}

fn quality(breakdown: &Breakdown, field: &str, title: &str) -> Option<Part> {
    let lines: Vec<&QualityLine> = breakdown.quality.iter().filter(|line| line.field == field).collect();
    let noun = FieldId::named(field).map(words::field).unwrap_or_default();
    let rows: Vec<Row> = lines
        .iter()
        .take(LISTED)
        .map(|line| {
            let scrapped = (line.pieces > 0.0).then(|| line.scrapped / line.pieces);
            Row::new(vec![
                Cell::OwnStrong(line.value.clone()),
                Cell::Number(number::count(line.orders)),
                share(Some(line.issue_share())),
                share(scrapped),
                money(line.scrap.as_ref()),
                money(line.rework.as_ref()),
                money(line.waste.as_ref()),
                band(line.band),
            ])
        })
        .collect();
    let heads = vec![
        Head::text(&noun),
        Head::number("Orders"),
        Head::number("With an issue"),
        Head::number("Scrap share"),
        Head::number("Scrap"),
        Head::number("Rework"),
        Head::number("Waste"),
        Head::text("Band"),
    ];
    let caption = if field == "product_id" {
        "scrap at the cost that pieces had reached, rework by its hours"
    } else {
        "what orders lost, shared out by planned cost of material; waste is use beyond what the output allows"
    };
    (!rows.is_empty())
        .then(|| Part::new(title, caption, vec![Body::Table(Table::new(title, heads, rows).wide())]))
}

/// What good, fair and poor mean.
fn scales(breakdown: &Breakdown) -> Part {
    let said = |scale: &Scale| {
        let (good, fair) = (number::percent(scale.allowed, 0), number::percent(2.0 * scale.allowed, 0));
        match scale.subject {
            "labor" => format!("Labor: good up to {good} of the hours lost, fair up to {fair}, poor beyond."),
            "scrap" => format!("Scrap: good up to {good} of the pieces, fair up to {fair}, poor beyond."),
            _ => format!("Risk: good up to a chance to stop of {good}, fair up to {fair}, poor beyond."),
        }
    };
    Part::new("What the bands mean", "", vec![Body::List(breakdown.scales.iter().map(said).collect())])
        .link("Change the targets", route::settings("analysis"))
}

pub fn samples() -> Vec<Sheet> {
    let shell = Shell::sample();
    let analysis = crate::gallery::samples::analysis();
    let old = Analysis { breakdown: None, ..analysis.clone() };
    vec![page(&shell, Some(&analysis)), page(&shell, Some(&old)), page(&shell, None)]
}
