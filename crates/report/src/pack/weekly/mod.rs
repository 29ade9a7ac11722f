//! The last full week against the weeks before: by kind of cost, by resource, by finding; what is new, what ended.

mod findings;
mod resources;

use domain::{
    Analysis,
    chart::{Band, Chart, ChartBody, Point},
    pack::Weekly,
};

use self::{
    findings::{fates, findings},
    resources::resources,
};
use super::{Cell, Line, Pack, Part, Table, counted, data, fact, figure, in_currency, missing, span, text};
use crate::number;

/// Rows of a table on paper.
const PRINTED: usize = 30;

pub fn weekly(analysis: &Analysis, weekly: &Weekly) -> Pack {
    let mut subtitle: Vec<String> = weekly.week.iter().map(span).collect();
    if let Some(before) = &weekly.before {
        subtitle.push(format!("against the {} before", counted(weekly.weeks_before.into(), "week")));
        subtitle.push(span(before));
    }
    let mut parts = vec![in_short(analysis, weekly)];
    if weekly.week.is_some() {
        parts.extend(kinds(analysis, weekly));
        parts.extend(weeks(analysis, weekly));
        parts.extend(resources(analysis, weekly));
        parts.push(findings(analysis, weekly));
    }
    parts.push(fates(analysis, weekly));
    parts.extend(missing(&weekly.missing));
    parts.push(data(analysis));
    Pack { title: "Weekly losses".to_owned(), subtitle, currency: Some(analysis.currency.clone()), parts }
}

/// The period, the unit and the number of orders of a table of money.
fn caption(analysis: &Analysis, weekly: &Weekly) -> Vec<String> {
    let mut caption: Vec<String> = weekly.week.iter().map(span).collect();
    caption.push(in_currency(&analysis.currency));
    caption.push(counted(weekly.orders.0, "order"));
    caption
}

fn in_short(analysis: &Analysis, weekly: &Weekly) -> Part {
    let money = |amount: f64| number::money(amount, &analysis.currency);
    let mut part = Part { begins_page: true, heading: "In short".to_owned(), ..Part::default() };
    let (Some(week), Some(variance)) = (&weekly.week, &weekly.variance) else {
        let none = "There is no week with costs to speak of; what the data lack is listed below.";
        part.lines.push(Line::new(none));
        return part;
    };
    let last = variance.last.to_f64();
    part.facts = vec![
        fact("Cost over plan", Cell::Money(last), "last full week"),
        fact(
            "A week before",
            Cell::Money(variance.mean),
            format!("mean of {}", counted(weekly.weeks_before.into(), "week")),
        ),
        fact(
            "Difference",
            Cell::Money(last - variance.mean),
            if last > variance.mean { "more than before" } else { "less than before" },
        ),
        fact(
            "Orders ended",
            Cell::Count(weekly.orders.0),
            format!("{} a week before", number::grouped(weekly.orders.1, 1)),
        ),
    ];
    if weekly.orders.0 == 0 {
        let none =
            format!("No order ended in the week from {}: it lost nothing that can be counted.", span(week));
        part.lines.push(Line::new(none));
    } else {
        let side = if last >= 0.0 { "more" } else { "less" };
        let ended = format!("What ended in the week cost {} {side} than its plan.", money(last.abs()));
        part.lines.push(Line::new(ended));
    }
    if weekly.weeks_before > 0 {
        let usual = if last > variance.high {
            "That is more than in any of the weeks before."
        } else if last < variance.low {
            "That is less than in any of the weeks before."
        } else {
            "That lies within what the weeks before came to."
        };
        part.lines.push(Line::new(format!(
            "{usual} They came to between {} and {}.",
            money(variance.low),
            money(variance.high)
        )));
    }
    let worst = weekly.kinds.iter().max_by(|a, b| a.last.amount.cmp(&b.last.amount));
    if let Some(worst) = worst.filter(|worst| worst.last.to_f64() > 0.0) {
        part.lines.push(Line::new(format!(
            "The largest kind: {}, {}; a week before it was {}.",
            worst.kind,
            money(worst.last.to_f64()),
            money(worst.mean)
        )));
    }
    part
}

fn kinds(analysis: &Analysis, weekly: &Weekly) -> Option<Part> {
    let variance = weekly.variance.as_ref()?;
    let row = |kind: &domain::pack::KindWeek| {
        vec![
            Cell::said(&kind.kind),
            Cell::Money(kind.last.to_f64()),
            Cell::Money(kind.mean),
            Cell::Money(kind.low),
            Cell::Money(kind.high),
            Cell::Money(kind.last.to_f64() - kind.mean),
        ]
    };
    let mut part = Part {
        heading: "Cost over plan by kind".to_owned(),
        caption: caption(analysis, weekly),
        note: "The plan is scaled to the quantity made. The kinds add up to the cost over plan, to the cent; less than plan is negative."
            .to_owned(),
        ..Part::default()
    };
    if weekly.kinds.is_empty() {
        part.lines.push(Line::new(
            "No kind of cost was off its plan, neither in the week nor before. That is an answer.",
        ));
        return Some(part);
    }
    part.table = Some(Table {
        columns: vec![
            text("Kind", 2.0),
            figure("Last week", 1.0),
            figure("A week before", 1.0),
            figure("Lowest week", 1.0),
            figure("Highest week", 1.0),
            figure("Difference", 1.0),
        ],
        rows: weekly.kinds.iter().map(row).collect(),
        total: Some(row(variance)),
        printed: PRINTED,
    });
    Some(part)
}

fn weeks(analysis: &Analysis, weekly: &Weekly) -> Option<Part> {
    if weekly.weeks.is_empty() {
        return None;
    }
    let (orders, cost) = weekly.whole.as_ref()?;
    let mut rows: Vec<Vec<Cell>> = weekly
        .weeks
        .iter()
        .map(|week| vec![Cell::Day(week.at), Cell::Count(week.orders), Cell::Money(week.over.to_f64())])
        .collect();
    for (label, sum) in [
        ("Other weeks, and weeks in part", &weekly.other_weeks),
        ("Not ended yet, or without a day", &weekly.undated),
    ] {
        if let Some((orders, money)) = sum {
            rows.push(vec![Cell::said(label), Cell::Count(*orders), Cell::Money(money.to_f64())]);
        }
    }
    let last = weekly.weeks.len() - 1;
    let points: Vec<Point> = weekly
        .weeks
        .iter()
        .enumerate()
        .map(|(place, week)| Point { at: week.at, value: week.over.to_f64(), highlighted: place == last })
        .collect();
    let before = weekly.variance.as_ref().filter(|_| weekly.weeks_before > 1);
    let picture = (points.len() > 2).then(|| Chart {
        title: "Cost over plan, week by week".to_owned(),
        caption: "the last full week stands out; the band is what the weeks before came to".to_owned(),
        alternative: "Each week of the table below as a point.".to_owned(),
        body: ChartBody::Control {
            points,
            expected: before.map(|variance| Band { low: variance.low, high: variance.high }),
            before: before.map(|variance| variance.mean),
            after: None,
            shift_at: None,
            unit: analysis.currency.as_str().replace("XXX", ""),
        },
    });
    Some(Part {
        heading: "Cost over plan, week by week".to_owned(),
        caption: vec![in_currency(&analysis.currency), counted(*orders, "order")],
        picture,
        table: Some(Table {
            columns: vec![text("Week from", 2.4), figure("Orders", 1.0), figure("Cost over plan", 1.4)],
            rows,
            total: Some(vec![Cell::said("Whole analysis"), Cell::Count(*orders), Cell::Money(cost.to_f64())]),
            printed: PRINTED,
        }),
        note: "An order counts in the week in which it ended, once.".to_owned(),
        ..Part::default()
    })
}
