//! One work order with everything that hangs on it.

use std::{collections::BTreeMap, sync::Arc};

use app::{
    Error,
    analyses::tables::{Line, Rows, Seen},
};
use axum::{
    Extension, Router,
    extract::{Path, State},
    response::Response,
};
use domain::{Analysis, Currency, number};
use ontology::{Entity, FieldId};
use pages::{
    component::Link,
    page::order::{
        Compared, Fact, Input, OrderPage,
        timeline::{Span, Step, Timeline},
    },
    route, words,
};

use super::{
    analyses, answer,
    kept::Kept,
    reader::Reader,
    seen::{self, plural},
};
use crate::ServerState;
use crate::boxed::get;

pub(super) fn routes() -> Router<ServerState> {
    Router::new().route("/orders/{id}", get(show))
}

async fn show(
    State(state): State<ServerState>,
    Extension(kept): Extension<Kept>,
    Path(id): Path<String>,
    reader: Reader,
) -> Response {
    let result = page(&state, &kept, &id, &reader).await;
    reader.answer(result)
}

async fn page(state: &ServerState, kept: &Kept, id: &str, reader: &Reader) -> Result<Response, Error> {
    let run = reader.newest.as_ref().ok_or(Error::NotFound("order"))?;
    let tables = kept.tables(state, reader, run.id).await?;
    let found = Arc::clone(&tables).order(id.to_owned()).await?;
    if found.is_empty() {
        return Err(Error::NotFound("order"));
    }
    let analysis = analyses::result(state, kept, reader, run.id).await?;
    let currency = &analysis.currency;
    let order = found.get(&Entity::WorkOrder);
    let mut shown = Vec::new();
    for (entity, rows) in found.iter().filter(|(entity, _)| **entity != Entity::WorkOrder) {
        // The order's number is above; here it would be the same on every row.
        let mut columns = seen::usual(*entity, &rows.fields);
        columns.retain(|field| field.as_str() != "work_order_id" && is_filled(rows, *field));
        let heads = columns.iter().map(|field| seen::head(*field)).collect();
        let caption = if rows.total as usize > rows.lines.len() {
            format!("{} of {}", rows.lines.len(), words::counted(rows.total, "row"))
        } else {
            words::counted(rows.total, "row")
        };
        shown.push((
            plural(*entity).to_owned(),
            caption,
            seen::table(plural(*entity), rows, &columns, heads, currency),
        ));
    }
    let input = Input {
        id: id.to_owned(),
        lead: order.map(|rows| lead(rows, currency)).unwrap_or_default(),
        plan: order.map(|rows| compared(rows, currency)).unwrap_or_default(),
        timeline: Timeline::new(steps(&found)),
        tables: shown,
        findings: findings(&analysis, &found),
        facts: order.map(|rows| facts(rows, currency)).unwrap_or_default(),
    };
    Ok(answer::ok(&OrderPage::new(&reader.shell, input)))
}

fn is_filled(rows: &Rows, field: FieldId) -> bool {
    rows.fields.iter().position(|known| *known == field).is_some_and(|at| {
        rows.lines.iter().any(|line| line.values.get(at).is_some_and(|seen| *seen != Seen::Empty))
    })
}

fn value<'a>(rows: &'a Rows, line: &'a Line, id: &str) -> Option<&'a Seen> {
    let at = rows.fields.iter().position(|field| field.as_str() == id)?;
    line.values.get(at).filter(|seen| **seen != Seen::Empty)
}

fn lead(rows: &Rows, currency: &Currency) -> String {
    let Some(line) = rows.lines.first() else { return String::new() };
    let said = |id: &str| {
        let field = FieldId::named(id)?;
        Some(seen::text(field, value(rows, line, id)?, seen::unit_of(rows, line, field), currency))
    };
    let parts = [
        said("product_name").or_else(|| said("product_id")),
        said("quantity_ordered").map(|quantity| format!("{quantity} ordered")),
        said("work_order_status"),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    parts.join(" · ")
}

/// Every figure of the order that has a plan.
fn compared(rows: &Rows, currency: &Currency) -> Vec<Compared> {
    let Some(line) = rows.lines.first() else { return Vec::new() };
    let number_of = |id: &str| match value(rows, line, id) {
        Some(Seen::Number(number)) => Some(*number),
        _ => None,
    };
    let mut lines = Vec::new();
    for actual in &rows.fields {
        let Some(what) = actual.as_str().strip_prefix("actual_") else { continue };
        let planned = format!("planned_{what}");
        let (Some(is), Some(was)) = (number_of(actual.as_str()), number_of(&planned)) else { continue };
        let difference = is - was;
        // What would read as 0.0% is no difference.
        let is_as_planned = difference.abs() < 0.005 || difference.abs() < 0.0005 * was.abs();
        let sign = if difference > 0.0 { "+" } else { "−" };
        let share = if was > 0.0 {
            format!(" ({sign}{})", number::percent(difference.abs() / was, 1))
        } else {
            String::new()
        };
        lines.push(Compared {
            what: words::field(*actual).trim_start_matches("Actual ").to_owned(),
            planned: seen::amount(*actual, was, currency),
            actual: seen::amount(*actual, is, currency),
            difference: if is_as_planned {
                "as planned".to_owned()
            } else {
                format!("{sign}{}{share}", seen::amount(*actual, difference.abs(), currency))
            },
            is_over: difference > 0.0 && !is_as_planned,
        });
    }
    for line in &mut lines {
        line.what = words::sentence_case(&line.what);
    }
    lines
}

/// What the order says of itself besides its figures.
fn facts(rows: &Rows, currency: &Currency) -> Vec<Fact> {
    let Some(line) = rows.lines.first() else { return Vec::new() };
    let mut facts: Vec<Fact> = rows
        .fields
        .iter()
        .zip(&line.values)
        .filter(|(field, seen)| {
            let id = field.as_str();
            **seen != Seen::Empty
                && id != "work_order_id"
                && !(seen::is_number(**field) && (id.starts_with("planned_") || id.starts_with("actual_")))
        })
        .map(|(field, seen)| Fact {
            label: words::field(*field),
            value: seen::text(*field, seen, seen::unit_alone(rows, Some(line), *field), currency),
            own: matches!(seen, Seen::Text(_)),
        })
        .collect();
    facts.push(Fact {
        label: "Source".to_owned(),
        value: format!("{} row {}", line.file, number::count(line.row)),
        own: false,
    });
    facts
}

/// Operations with their times; where they have none, what was booked on them.
fn steps(found: &BTreeMap<Entity, Rows>) -> Vec<Step> {
    let moment = |rows: &Rows, line: &Line, id: &str| match value(rows, line, id) {
        Some(Seen::Moment(micros)) => Some(*micros),
        _ => None,
    };
    let span = |rows: &Rows, line: &Line, from: &str, to: &str| -> Option<Span> {
        let (from, to) = (moment(rows, line, from), moment(rows, line, to));
        let (from, to) = (from.or(to)?, to.or(from)?);
        Some((from.min(to), from.max(to)))
    };
    let text = |rows: &Rows, line: &Line, id: &str| match value(rows, line, id) {
        Some(Seen::Text(text)) => Some(text.clone()),
        _ => None,
    };
    let Some(rows) = found.get(&Entity::Operation).or_else(|| found.get(&Entity::Booking)) else {
        return Vec::new();
    };
    rows.lines
        .iter()
        .map(|line| {
            let label: Vec<String> = [
                text(rows, line, "operation_sequence"),
                text(rows, line, "operation_name").or_else(|| text(rows, line, "work_center_id")),
            ]
            .into_iter()
            .flatten()
            .collect();
            Step {
                label: label.join(" "),
                planned: span(rows, line, "operation_planned_start", "operation_planned_end"),
                actual: span(rows, line, "operation_actual_start", "operation_actual_end"),
            }
        })
        .collect()
}

/// Findings that rest on a row of this order.
fn findings(analysis: &Analysis, found: &BTreeMap<Entity, Rows>) -> Vec<Link> {
    let is_ours = |file: &str, row: u64| {
        found.values().flat_map(|rows| &rows.lines).any(|line| line.row == row && line.file == file)
    };
    analysis
        .findings_by_money()
        .into_iter()
        .filter(|finding| finding.evidence_rows.iter().any(|row| is_ours(&row.file, row.row)))
        .map(|finding| Link::new(&finding.title, route::finding(&finding.id)))
        .collect()
}
