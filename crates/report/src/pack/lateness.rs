//! Orders late: by how many days, what they lost their time to, how often each customer, product and resource is on time.

use domain::{
    Analysis, Finding,
    chart::{Chart, ChartBody, Step},
    pack::{Lateness, RatesBy},
    review::category,
};

use super::{
    Cell, Line, Pack, Part, Table, counted, counted_are, data, fact, figure, in_currency, missing, span, text,
};
use crate::{number, pdf::grade};

/// Rows of a table on paper.
const PRINTED: usize = 25;
/// Late orders on paper.
const ORDERS: usize = 40;

pub fn lateness(analysis: &Analysis, lateness: &Lateness) -> Pack {
    let subtitle = lateness.period.iter().map(|period| format!("orders due {}", span(period))).collect();
    let mut parts = vec![in_short(lateness)];
    if lateness.counted() > 0 {
        parts.extend(bands(lateness));
        parts.extend(causes(lateness));
        parts.push(months(lateness));
        parts.extend(lateness.rates.iter().map(|by| rates(lateness, by)));
        parts.extend(orders(lateness));
        parts.push(findings(analysis));
    }
    parts.extend(missing(&lateness.missing));
    parts.push(data(analysis));
    Pack { title: "Lateness".to_owned(), subtitle, currency: Some(analysis.currency.clone()), parts }
}

/// The period and the number of orders of a table.
fn caption(lateness: &Lateness, n: u64) -> Vec<String> {
    let mut caption: Vec<String> =
        lateness.period.iter().map(|period| format!("orders due {}", span(period))).collect();
    caption.push(counted(n, "order"));
    caption
}

fn in_short(lateness: &Lateness) -> Part {
    let mut part = Part { begins_page: true, heading: "In short".to_owned(), ..Part::default() };
    let Some(on_time) = lateness.on_time() else {
        part.lines
            .push(Line::new("No order can be held against a due date; what the data lack is listed below."));
        return part;
    };
    part.facts = vec![
        fact("On time", Cell::Share(on_time), format!("of {}", counted(lateness.counted(), "order"))),
        fact("Late", Cell::Count(lateness.late), "ended after their due date"),
        fact("Overdue", Cell::Count(lateness.overdue), "not finished"),
        fact("Days late", Cell::number(lateness.median_days, 1), "median of late orders"),
    ];
    if lateness.late + lateness.overdue == 0 {
        part.lines.push(Line::new("Every order that was due has kept its date. That is an answer."));
    }
    if let Some(worst) = lateness.causes.first() {
        part.lines.push(Line::new(format!(
            "What most late orders lost their time to: {} ({} of {}).",
            worst.name,
            number::count(worst.orders),
            number::count(lateness.late)
        )));
    }
    if let (Some(due), Some(end)) = (lateness.due, lateness.end) {
        part.lines.push(Line::new(format!(
            "Counted by {} and {}; an order that is overdue and not finished is not on time.",
            words(due),
            words(end)
        )));
    }
    if lateness.uncounted > 0 {
        let said = counted_are(lateness.uncounted, "order", ["is", "are"]);
        part.lines.push(Line::new(format!("{said} not counted: without a due date, or not due yet.")));
    }
    part.lines
        .push(Line::new("The data hold no cost of lateness, so days and orders are stated and no money."));
    part
}

/// A field in words.
fn words(field: &str) -> &'static str {
    match field {
        "promised_date" => "the promised date",
        "required_date" => "the required date",
        "close_date" => "the day of closing",
        "ship_date" => "the day of shipping",
        "actual_end" => "the day it was finished",
        _ => "the due date",
    }
}

fn bands(lateness: &Lateness) -> Option<Part> {
    let all = lateness.late + lateness.overdue;
    if all == 0 {
        return None;
    }
    let share = |n: u64| Cell::Share(n as f64 / all as f64);
    let mut rows: Vec<Vec<Cell>> = lateness
        .bands
        .iter()
        .map(|(from, to, n)| {
            let label = if *from == 0.0 {
                "up to 1 day".to_owned()
            } else if to.is_finite() {
                format!("over {from:.0} up to {to:.0} days")
            } else {
                format!("over {from:.0} days")
            };
            vec![Cell::Said(label), Cell::Count(*n), share(*n)]
        })
        .collect();
    if lateness.overdue > 0 {
        rows.push(vec![
            Cell::said("Not finished, overdue"),
            Cell::Count(lateness.overdue),
            share(lateness.overdue),
        ]);
    }
    Some(Part {
        heading: "By how many days".to_owned(),
        caption: caption(lateness, all),
        table: Some(Table {
            columns: vec![text("Days late", 2.4), figure("Orders", 1.0), figure("Share of them", 1.0)],
            rows,
            total: Some(vec![Cell::said("Late or overdue"), Cell::Count(all), Cell::Share(1.0)]),
            printed: PRINTED,
        }),
        ..Part::default()
    })
}

fn causes(lateness: &Lateness) -> Option<Part> {
    if lateness.late == 0 {
        return None;
    }
    let measured = lateness.causes.iter().any(|cause| cause.hours.is_some());
    let rows = lateness.causes.iter().map(|cause| {
        let mut row = vec![
            Cell::said(&cause.name),
            Cell::Count(cause.orders),
            Cell::Share(cause.orders as f64 / lateness.late as f64),
            Cell::Number(cause.median_days, 1),
        ];
        row.extend(measured.then(|| Cell::number(cause.hours, 0)));
        row
    });
    let mut columns = vec![
        text("Lost most to", 3.0),
        figure("Late orders", 0.9),
        figure("Share of them", 0.9),
        figure("Median days late", 1.1),
    ];
    let mut total = vec![
        Cell::said("All late orders"),
        Cell::Count(lateness.late),
        Cell::Share(1.0),
        Cell::number(lateness.median_days, 1),
    ];
    if measured {
        columns.push(figure("Open hours lost", 1.0));
        total.push(Cell::Number(lateness.causes.iter().filter_map(|cause| cause.hours).sum(), 0));
    }
    let bars =
        lateness.causes.iter().map(|cause| Step { label: cause.name.clone(), value: cause.orders as f64 });
    let picture = (lateness.causes.len() > 1).then(|| Chart {
        title: "What late orders lost their time to".to_owned(),
        caption: "late orders by cause, each counted once".to_owned(),
        alternative: "The orders of each row of the table below.".to_owned(),
        body: ChartBody::Pareto { bars: bars.collect(), unit: "orders".to_owned() },
    });
    Some(Part {
        heading: "What they lost their time to".to_owned(),
        caption: caption(lateness, lateness.late),
        picture,
        table: Some(Table { columns, rows: rows.collect(), total: Some(total), printed: PRINTED }),
        note: lateness.causes_note.clone(),
        ..Part::default()
    })
}

fn months(lateness: &Lateness) -> Part {
    let row = |first: Cell, kept: u64, late: u64, overdue: u64| {
        let all = kept + late + overdue;
        vec![
            first,
            Cell::Count(all),
            Cell::Count(kept),
            Cell::Count(late),
            Cell::Count(overdue),
            Cell::Share(kept as f64 / (all as f64).max(1.0)),
        ]
    };
    Part {
        heading: "By the month in which they were due".to_owned(),
        caption: caption(lateness, lateness.counted()),
        table: Some(Table {
            columns: vec![
                text("Month from", 1.6),
                figure("Orders", 1.0),
                figure("On time", 1.0),
                figure("Late", 1.0),
                figure("Overdue", 1.0),
                figure("On time, share", 1.0),
            ],
            rows: lateness
                .months
                .iter()
                .map(|month| row(Cell::Date(month.month.clone()), month.kept, month.late, month.overdue))
                .collect(),
            total: Some(row(Cell::said("All of them"), lateness.kept, lateness.late, lateness.overdue)),
            printed: PRINTED,
        }),
        ..Part::default()
    }
}

fn rates(lateness: &Lateness, by: &RatesBy) -> Part {
    let (heading, head) = match by.field {
        "customer_id" | "customer_name" => ("On time by customer", "Customer"),
        "product_family" => ("On time by product family", "Product family"),
        "facility_id" => ("On time by plant", "Plant"),
        "work_center_id" | "work_center_name" => ("On time by resource", "Resource"),
        _ => ("On time by product", "Product"),
    };
    let rows = by.rates.iter().map(|rate| {
        vec![
            Cell::own(&rate.name),
            Cell::Count(rate.orders()),
            Cell::Count(rate.kept),
            Cell::Count(rate.late),
            Cell::Share(rate.on_time()),
            Cell::number(rate.median_days, 1),
        ]
    });
    let mut note = Vec::new();
    if by.several {
        note.push(
            "An order counts at each resource that it passed, so the rows do not add up to the orders."
                .to_owned(),
        );
    }
    if by.unstated > 0 {
        note.push(format!("{} none.", counted_are(by.unstated, "order", ["states", "state"])));
    }
    Part {
        heading: heading.to_owned(),
        caption: caption(lateness, lateness.counted() - by.unstated),
        table: Some(Table {
            columns: vec![
                text(head, 2.2),
                figure("Orders", 0.9),
                figure("On time", 0.9),
                figure("Late or overdue", 1.0),
                figure("On time, share", 1.0),
                figure("Median days late", 1.1),
            ],
            rows: rows.collect(),
            total: None,
            printed: PRINTED,
        }),
        note: note.join(" "),
        ..Part::default()
    }
}

fn orders(lateness: &Lateness) -> Option<Part> {
    if lateness.orders.is_empty() {
        return None;
    }
    let any =
        |of: fn(&domain::pack::LateOrder) -> &str| lateness.orders.iter().any(|order| !of(order).is_empty());
    let (customers, products) = (any(|order| &order.customer), any(|order| &order.product));
    let mut columns = vec![text("Order", 1.1)];
    columns.extend(customers.then(|| text("Customer", 1.2)));
    columns.extend(products.then(|| text("Product", 1.2)));
    columns.extend([
        text("Due", 1.0),
        text("Ended", 1.0),
        figure("Days late", 0.7),
        text("Lost most to", 1.8),
        text("File", 0.0),
        figure("Row", 0.0),
    ]);
    let rows = lateness.orders.iter().map(|order| {
        let mut row = vec![Cell::own(&order.order)];
        row.extend(customers.then(|| Cell::own(&order.customer)));
        row.extend(products.then(|| Cell::own(&order.product)));
        row.extend([
            Cell::Day(order.due),
            order.ended.map_or(Cell::Empty, Cell::Day),
            Cell::Number(order.days, 1),
            Cell::said(&order.cause),
            Cell::own(&order.row.file),
            Cell::Count(order.row.row),
        ]);
        row
    });
    let (listed, all) = (lateness.orders.len() as u64, lateness.late + lateness.overdue);
    Some(Part {
        heading: "Late orders, the latest first".to_owned(),
        caption: caption(lateness, all),
        table: Some(Table { columns, rows: rows.collect(), total: None, printed: ORDERS }),
        note: if listed < all {
            format!(
                "The workbook lists {} of {} orders, the latest first.",
                number::count(listed),
                number::count(all)
            )
        } else {
            format!("The workbook lists all {}, the latest first.", counted(listed, "order"))
        },
        ..Part::default()
    })
}

/// Findings about when orders are done, as the pages tell them.
fn findings(analysis: &Analysis) -> Part {
    let about: Vec<&Finding> = analysis
        .findings_by_money()
        .into_iter()
        .filter(|finding| category(finding.type_) == "Schedule")
        .collect();
    let mut part = Part { heading: "Findings about it".to_owned(), ..Part::default() };
    if about.is_empty() {
        part.lines.push(Line::new(
            "No finding is about release, queues or due dates at these settings. That is an answer.",
        ));
        return part;
    }
    part.caption = analysis
        .period
        .iter()
        .map(span)
        .chain([in_currency(&analysis.currency), counted(about.len() as u64, "finding")])
        .collect();
    let rows = about.iter().map(|finding| {
        let stake = match (&finding.impact, &finding.quantity) {
            (Some(impact), _) => Cell::Money(impact.annualized.to_f64()),
            (None, Some(quantity)) => Cell::Said(number::with_unit(quantity.value, quantity.unit)),
            (None, None) => Cell::Empty,
        };
        vec![
            Cell::said(&finding.title),
            stake,
            Cell::said(if finding.impact.is_some() { "a year" } else { "in the period" }),
            Cell::said(grade(finding.evidence_grade)),
            Cell::Count(finding.n),
        ]
    });
    part.table = Some(Table {
        columns: vec![
            text("Finding", 4.0),
            figure("At stake", 1.0),
            text("Period", 1.0),
            text("Evidence", 0.8),
            figure("n", 0.5),
        ],
        rows: rows.collect(),
        total: None,
        printed: PRINTED,
    });
    part
}
