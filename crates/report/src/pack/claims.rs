//! Claims of suppliers: each on a page that can be sent to whom it is about, with its rows in the workbook.

use domain::{
    Analysis, Money,
    pack::{Claim, ClaimLine, Claims},
};

use super::{Cell, Line, Pack, Part, Table, counted, fact, figure, in_currency, missing, span, text};
use crate::{number, pdf::grade};

/// Lines of a claim on paper.
const PRINTED: usize = 20;
/// What a finding says to the house and to nobody else: what is expected of the future, and how many other questions were asked.
const FOR_THE_HOUSE: [&str; 3] =
    ["Left alone it would", "At this pace", "comparisons of this kind were made"];
/// Materials that a sentence names.
const MATERIALS: usize = 12;

/// Of one supplier where one is named, else of all, with a page before them that is for the house.
pub fn claims(analysis: &Analysis, claims: &Claims, supplier: Option<&str>) -> Pack {
    let of: Vec<&Claim> =
        claims.claims.iter().filter(|claim| supplier.is_none_or(|name| claim.supplier == name)).collect();
    let mut subtitle: Vec<String> = supplier.iter().map(|name| format!("Supplier {name}")).collect();
    subtitle.extend(analysis.period.as_ref().map(span));
    let mut parts = Vec::new();
    if supplier.is_none() || of.is_empty() {
        parts.push(cover(analysis, claims, &of, supplier));
        // For the house, so before any page that is sent.
        parts.extend(missing(&claims.missing).filter(|_| supplier.is_none()));
    }
    parts.extend(of.iter().map(|claim| page(analysis, claim)));
    let title = if supplier.is_some() { "Claim" } else { "Supplier claims" };
    Pack { title: title.to_owned(), subtitle, currency: Some(analysis.currency.clone()), parts }
}

fn sum(costs: &[&[Money; 3]]) -> Option<[f64; 3]> {
    let parts = costs.iter().map(|[value, low, high]| domain::review::Yearly {
        value: value.to_f64(),
        low: low.to_f64(),
        high: high.to_f64(),
        recoverable: 0.0,
    });
    domain::review::sum(parts).map(|all| [all.value, all.low, all.high])
}

fn cover(analysis: &Analysis, claims: &Claims, of: &[&Claim], supplier: Option<&str>) -> Part {
    let mut part = Part { begins_page: true, heading: "Claims by supplier".to_owned(), ..Part::default() };
    if of.is_empty() {
        let none = match supplier {
            Some(name) => {
                format!("No finding claims anything of supplier {name} at these settings. That is an answer.")
            }
            None if claims.missing.is_empty() => {
                "No finding claims anything of a supplier at these settings. That is an answer.".to_owned()
            }
            None => "Nothing can be claimed of a supplier from these data.".to_owned(),
        };
        part.lines.push(Line::new(none));
        return part;
    }
    part.caption = analysis
        .period
        .iter()
        .map(span)
        .chain([in_currency(&analysis.currency), counted(of.len() as u64, "claim")])
        .collect();
    let mut suppliers: Vec<&str> = Vec::new();
    for claim in of {
        if !suppliers.contains(&claim.supplier.as_str()) {
            suppliers.push(&claim.supplier);
        }
    }
    let amounts = |costs: Option<[f64; 3]>| {
        let costs = costs.map_or([None; 3], |costs| costs.map(Some));
        costs.map(Cell::money)
    };
    let rows = suppliers.iter().map(|name| {
        let own: Vec<&&Claim> = of.iter().filter(|claim| claim.supplier == *name).collect();
        let costs: Vec<&[Money; 3]> = own.iter().filter_map(|claim| claim.cost.as_ref()).collect();
        let known = own.iter().find(|claim| !claim.supplier_name.is_empty());
        let mut row = vec![
            Cell::own(name),
            known.map_or(Cell::Empty, |claim| Cell::own(&claim.supplier_name)),
            Cell::count(own.len()),
        ];
        row.extend(amounts(sum(&costs)));
        row
    });
    let costs: Vec<&[Money; 3]> = of.iter().filter_map(|claim| claim.cost.as_ref()).collect();
    let mut total = vec![Cell::said("All of them"), Cell::Empty, Cell::count(of.len())];
    total.extend(amounts(sum(&costs)));
    part.table = Some(Table {
        columns: vec![
            text("Supplier", 1.2),
            text("Name", 2.0),
            figure("Claims", 0.7),
            figure("Cost", 1.0),
            figure("Likely range, low", 1.2),
            figure("Likely range, high", 1.2),
        ],
        rows: rows.collect(),
        total: Some(total),
        printed: 40,
    });
    "This page is for you. Each claim begins on a page of its own and names no other supplier; hints are no claims."
        .clone_into(&mut part.note);
    part
}

/// What a supplier is asked for, by what happened.
fn asked(type_: &str) -> &'static str {
    match type_ {
        "material_price_variance" => {
            "Please state the price that was agreed for these deliveries, and credit the difference or send the agreement that explains it."
        }
        "material_usage_variance" => {
            "Please check weight, dimensions and yield of these deliveries against the specification, and tell us what you find."
        }
        "subcontract_variance" => {
            "Please state the price that was agreed for this work, and credit the difference or send the agreement that explains it."
        }
        _ => {
            "Please examine these deliveries, tell us the cause and what you will change, and credit what was lost."
        }
    }
}

fn page(analysis: &Analysis, claim: &Claim) -> Part {
    let currency = &analysis.currency;
    let mut part = Part { begins_page: true, heading: claim.title.clone(), ..Part::default() };
    part.caption = vec![match claim.supplier_name.as_str() {
        "" => format!("Claim to supplier {}", claim.supplier),
        name => format!("Claim to supplier {} ({name})", claim.supplier),
    }];
    part.caption.extend(analysis.period.as_ref().map(span));
    part.caption.push(in_currency(currency));
    match &claim.cost {
        Some([value, low, high]) => {
            let short =
                |amount: &Money| number::compact(amount.to_f64(), currency.as_str()).replace(" XXX", "");
            part.facts.push(fact("Cost to us", Cell::Money(value.to_f64()), "in the period"));
            let range = format!("{} – {}", short(low), short(high));
            part.facts.push(fact("Likely range", Cell::Said(range), "in the period"));
        }
        None => {
            part.facts.push(fact("Cost to us", Cell::said("Not in money"), "no cost or rate in the files"));
        }
    }
    part.facts.push(match &claim.since {
        Some(day) => fact("Since", Cell::Date(day.clone()), "first day seen"),
        None => fact("Since", Cell::said("whole period"), ""),
    });
    let lots = if claim.lots > 0 { format!("from {}", counted(claim.lots, "lot")) } else { String::new() };
    part.facts.push(fact("Orders", Cell::Count(claim.orders), lots));
    if let Some(quantity) = claim.quantity {
        part.facts.push(fact("Quantity", Cell::Number(quantity, 0), "in the unit of the files"));
    }
    let unit = claim.unit_of_analysis.trim_start_matches("work_").replace('_', " ");
    part.facts.push(fact(
        "Evidence",
        Cell::said(grade(claim.grade)),
        format!("tested on {}", counted(claim.n, &unit)),
    ));
    let told =
        claim.observations.iter().filter(|text| !FOR_THE_HOUSE.iter().any(|words| text.contains(words)));
    part.lines.extend(told.map(Line::new));
    if !claim.comparison.is_empty() {
        part.lines.push(Line::new(format!("Compared with: {}", claim.comparison)));
    }
    if !claim.materials.is_empty() {
        let named = claim.materials.iter().take(MATERIALS).cloned().collect::<Vec<_>>().join(", ");
        let more = claim.materials.len().saturating_sub(MATERIALS);
        part.lines.push(Line::new(match more {
            0 => format!("It is about these materials: {named}"),
            more => format!("It is about these materials: {named} and {more} more"),
        }));
    }
    if let Some(difference) = claim.difference() {
        part.lines.push(Line::new(format!(
            "The {} below differ by {} as booked; the cost above is what remains when chance and the usual spread are taken out.",
            counted(claim.lines_total, "line"),
            number::money(difference, currency)
        )));
    }
    part.lines.extend(claim.counter_evidence.iter().map(|text| Line::doubt(text)));
    part.lines.push(Line::new(asked(claim.type_)));
    if !claim.lines.is_empty() {
        part.table = Some(lines(claim));
        let listed = claim.lines.len() as u64;
        part.note = if listed < claim.lines_total {
            format!(
                "The workbook lists {} of {} lines, the largest first.",
                number::count(listed),
                number::count(claim.lines_total)
            )
        } else {
            format!("The workbook lists all {}, the largest first.", counted(listed, "line"))
        };
    }
    part
}

/// What a column shows of a line.
type Of<'a> = Box<dyn Fn(&ClaimLine) -> Cell + 'a>;

/// The lines behind a claim; columns that none of them fills are left out.
fn lines(claim: &Claim) -> Table {
    let any = |of: &dyn Fn(&ClaimLine) -> bool| claim.lines.iter().any(of);
    let measured = |value: Option<f64>| match value {
        Some(value) if claim.in_money => Cell::Cents(value),
        value => Cell::number(value, 2),
    };
    let all: Vec<(bool, super::Column, Of<'_>)> = vec![
        (true, text("Order", 1.2), Box::new(|line| Cell::own(&line.order))),
        (
            any(&|line| line.day.is_some()),
            text("Date", 1.2),
            Box::new(|line| line.day.map_or(Cell::Empty, Cell::Day)),
        ),
        (
            any(&|line| !line.material.is_empty()),
            text("Material", 1.2),
            Box::new(|line| Cell::own(&line.material)),
        ),
        (any(&|line| !line.lot.is_empty()), text("Lot", 1.2), Box::new(|line| Cell::own(&line.lot))),
        (
            any(&|line| !line.purchase_order.is_empty()),
            text("Purchase order", 1.2),
            Box::new(|line| Cell::own(&line.purchase_order)),
        ),
        (
            any(&|line| line.quantity.is_some()),
            figure("Quantity", 0.9),
            Box::new(|line| Cell::number(line.quantity, 1)),
        ),
        (
            any(&|line| line.expected.is_some()),
            figure(claim.measured[0], 1.1),
            Box::new(move |line| measured(line.expected)),
        ),
        (
            any(&|line| line.found.is_some()),
            figure(claim.measured[1], 1.1),
            Box::new(move |line| measured(line.found)),
        ),
        (
            any(&|line| line.difference.is_some()),
            figure("Difference", 1.0),
            Box::new(|line| Cell::cents(line.difference)),
        ),
        (true, text("File", 0.0), Box::new(|line| Cell::own(&line.row.file))),
        (true, figure("Row", 0.0), Box::new(|line| Cell::Count(line.row.row))),
    ];
    let kept: Vec<_> = all.into_iter().filter(|(is_there, ..)| *is_there).collect();
    Table {
        rows: claim.lines.iter().map(|line| kept.iter().map(|(_, _, cell)| cell(line)).collect()).collect(),
        columns: kept.into_iter().map(|(_, column, _)| column).collect(),
        total: None,
        printed: PRINTED,
    }
}
