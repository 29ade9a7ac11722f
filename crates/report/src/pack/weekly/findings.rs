//! Findings in the week: the figure that each is about, what is new, what has ended.

use domain::{
    Analysis,
    pack::{FindingWeek, Weekly},
};

use super::{
    super::{Cell, Line, Part, Table, counted, figure, in_currency, span, text},
    PRINTED,
};

pub(super) fn findings(analysis: &Analysis, weekly: &Weekly) -> Part {
    let mut part = Part {
        heading: "By finding".to_owned(),
        caption: weekly
            .week
            .iter()
            .map(span)
            .chain([in_currency(&analysis.currency), counted(weekly.findings.len() as u64, "finding")])
            .collect(),
        ..Part::default()
    };
    if weekly.findings.is_empty() {
        let none = if analysis.findings.is_empty() {
            "Nothing stands out from chance at these settings. That is an answer."
        } else {
            "No finding is about a figure that is followed week by week."
        };
        part.lines.push(Line::new(none));
        return part;
    }
    "The figure that each finding is about, in the week and in the weeks before. Its money is a year at the pace of the \
                 whole analysis; a single week is too short to price."
        .clone_into(&mut part.note);
    let rows = weekly.findings.iter().map(|one| {
        vec![
            Cell::said(&one.title),
            Cell::money(one.yearly),
            Cell::said(name_of(&one.kpi)),
            value(one, one.last),
            value(one, one.before),
            Cell::Count(one.units),
            Cell::said(moved(one)),
        ]
    });
    part.table = Some(Table {
        columns: vec![
            text("Finding", 3.0),
            figure("A year", 0.9),
            text("Figure", 1.3),
            figure("Last week", 0.8),
            figure("Before", 0.8),
            figure("n", 0.5),
            text("Development", 1.0),
        ],
        rows: rows.collect(),
        total: None,
        printed: PRINTED,
    });
    part
}

/// What a figure that is followed is called.
fn name_of(kpi: &str) -> &'static str {
    match kpi {
        "cost_ratio" => "Cost against plan",
        "energy_per_hour" => "Energy per hour",
        "labor_efficiency" => "Labor efficiency",
        "labor_rate_ratio" => "Labor rate against standard",
        "lead_time" => "Lead time, days",
        "material_price_ratio" => "Price against standard",
        "material_unit_price" => "Price of a unit",
        "material_usage_ratio" => "Material used against plan",
        "on_time_delivery" => "On time",
        "rework_ratio" => "Rework",
        "setup_efficiency" => "Setup efficiency",
        _ => "Scrap",
    }
}

fn value(one: &FindingWeek, value: Option<f64>) -> Cell {
    let Some(value) = value else { return Cell::Empty };
    match one.kpi.as_str() {
        "lead_time" | "energy_per_hour" => Cell::Number(value, 1),
        "material_unit_price" => Cell::Number(value, 2),
        _ => Cell::Share(value),
    }
}

fn moved(one: &FindingWeek) -> &'static str {
    let (Some(last), Some(before)) = (one.last, one.before) else {
        return if one.last.is_none() { "not in this week" } else { "without a week before" };
    };
    if one.began {
        return "new in this week";
    }
    let rose = last - before;
    if rose.abs() < before.abs() * 0.005 {
        "as before"
    } else if (rose > 0.0) == one.rising_is_worse {
        "worse"
    } else {
        "better"
    }
}

pub(super) fn fates(analysis: &Analysis, weekly: &Weekly) -> Part {
    let mut part = Part {
        heading: "New and ended since the analysis before".to_owned(),
        caption: vec![in_currency(&analysis.currency)],
        ..Part::default()
    };
    let Some(fates) = &weekly.fates else {
        let none = "There is no earlier analysis of this plant, so it cannot be said what is new and what has ended.";
        part.lines.push(Line::new(none));
        part.caption.clear();
        return part;
    };
    if fates.is_empty() {
        part.lines.push(Line::new(
            "No finding is new and none has ended since the analysis before. That is an answer.",
        ));
        part.caption.clear();
        return part;
    }
    part.caption.push(counted(fates.len() as u64, "finding"));
    let rows = fates.iter().map(|one| {
        vec![
            Cell::said(&one.title),
            Cell::said(if one.fate == "new" { "new" } else { "ended" }),
            Cell::money(one.yearly),
        ]
    });
    part.table = Some(Table {
        columns: vec![text("Finding", 5.0), text("Development", 1.0), figure("A year", 1.1)],
        rows: rows.collect(),
        total: None,
        printed: PRINTED,
    });
    part
}
