//! The tools that only a model calls: one finding whole, rows, two figures side by side, a free query.

use analyzers::sandbox;
use assistant::tool::{
    Call, Comparison, Difference, FigureCall, FindingDetail, Outcome, RowsCall, Source, Table,
};
use serde_json::{Value, json};

use super::{
    Data,
    look_up::{figure, finding_line, look_up},
};
use crate::Error;

/// Looks up whatever a call asks for. It blocks.
pub(super) fn any(data: &Data, call: &Call) -> Result<Outcome, Error> {
    match call {
        Call::Compare(sides) => compare(data, sides),
        Call::Finding { id } => Ok(finding(data, id)),
        Call::Rows(call) => rows(data, call),
        Call::Query { sql } => Ok(query(data, sql)),
        other => look_up(data, other),
    }
}

fn compare(data: &Data, [first, second]: &[FigureCall; 2]) -> Result<Outcome, Error> {
    let (Some(first), Some(second)) = (figure(data, first)?, figure(data, second)?) else {
        return Ok(Outcome::Refused { reason: "that figure cannot be computed that way".to_owned() });
    };
    let difference = first.whole.value.zip(second.whole.value).map(|(from, to)| Difference::of(from, to));
    Ok(Outcome::Comparison(Box::new(Comparison { first, second, difference })))
}

fn finding(data: &Data, id: &str) -> Outcome {
    let Some(found) = data.analysis.findings.iter().find(|finding| finding.id == id) else {
        return Outcome::Refused { reason: "this analysis has no such finding".to_owned() };
    };
    Outcome::Finding(Box::new(FindingDetail {
        line: finding_line(found),
        currency: data.analysis.currency.as_str().to_owned(),
        entities: found
            .entities
            .iter()
            .map(|entity| (entity.field.as_str().to_owned(), entity.value.clone()))
            .collect(),
        measure: found.effect.measure.to_owned(),
        effect: found.effect.value,
        effect_low: found.effect.low,
        effect_high: found.effect.high,
        start: found.start.clone(),
        n: found.n,
        comparison: found.comparison.clone(),
        assumptions: found.assumptions.clone(),
        missing_fields: found.missing_fields.iter().map(|field| field.as_str().to_owned()).collect(),
        actions: found.actions.iter().map(|action| action.title.clone()).collect(),
    }))
}

fn rows(data: &Data, call: &RowsCall) -> Result<Outcome, Error> {
    let refused = |reason: String| Ok(Outcome::Refused { reason });
    if !data.canonical.tables.contains_key(&call.entity) {
        return refused(format!("the data hold no table {}", call.entity.as_str()));
    }
    let held = data.explorer.fields(call.entity);
    let named = call.filters.iter().map(|filter| filter.field).chain(call.sort.map(|(field, _)| field));
    if let Some(field) = named.into_iter().find(|field| !held.contains(field)) {
        return refused(format!("{field} is not on the rows of {}", call.entity.as_str()));
    }
    let ask = explorer::Ask {
        entity: call.entity,
        equals: call.filters.iter().map(|filter| (filter.field, filter.value.clone())).collect(),
        sort: call.sort,
        offset: 0,
        limit: call.limit as u64,
    };
    let found = data.explorer.rows(&ask)?;
    let cell = |seen: &explorer::Seen| match seen {
        explorer::Seen::Empty => Value::Null,
        explorer::Seen::Text(text) => json!(text),
        explorer::Seen::Number(number) => json!(number),
        explorer::Seen::Flag(flag) => json!(flag),
        explorer::Seen::Moment(micros) => {
            domain::number::moment(*micros).map_or(Value::Null, |moment| json!(moment.to_string()))
        }
    };
    let filters: Vec<String> =
        call.filters.iter().map(|filter| format!("{} {}", filter.field, filter.value)).collect();
    Ok(Outcome::Table(Table {
        query: format!("{} {}", call.entity.as_str(), filters.join(", ")).trim().to_owned(),
        columns: ["file".to_owned(), "row".to_owned()]
            .into_iter()
            .chain(found.fields.iter().map(|field| field.as_str().to_owned()))
            .collect(),
        rows: found
            .lines
            .iter()
            .map(|line| {
                [json!(line.file), json!(line.row)].into_iter().chain(line.values.iter().map(cell)).collect()
            })
            .collect(),
        cut: found.total > found.lines.len() as u64,
        sources: found.lines.iter().map(|line| Source { file: line.file.clone(), row: line.row }).collect(),
    }))
}

fn query(data: &Data, sql: &str) -> Outcome {
    let found = match sandbox::select(&data.canonical, sql, sandbox::Bounds::default()) {
        Ok(found) => found,
        Err(refusal) => return Outcome::Refused { reason: refusal.to_string() },
    };
    let at = |name: &str| found.columns.iter().position(|column| column == name);
    let sources = match (at("source_file"), at("source_row")) {
        (Some(file), Some(row)) => found
            .rows
            .iter()
            .filter_map(|cells| match (&cells[file], &cells[row]) {
                (sandbox::Cell::Number(file), sandbox::Cell::Number(row)) => {
                    let name = data.canonical.files.get(*file as usize)?;
                    Some(Source { file: name.clone(), row: *row as u64 })
                }
                _ => None,
            })
            .collect(),
        _ => Vec::new(),
    };
    Outcome::Table(Table {
        query: sql.to_owned(),
        columns: found.columns,
        rows: found
            .rows
            .into_iter()
            .map(|cells| {
                let value = |cell| match cell {
                    sandbox::Cell::Empty => Value::Null,
                    sandbox::Cell::Number(number) => json!(number),
                    sandbox::Cell::Text(text) => json!(text),
                };
                cells.into_iter().map(value).collect()
            })
            .collect(),
        cut: found.cut,
        sources,
    })
}

/// The tables that can be queried, a line each.
pub(super) fn tables(data: &Data) -> String {
    let mut lines = String::new();
    for (entity, table) in &data.canonical.tables {
        let name = analyzers::canonical::file_name(*entity).trim_end_matches(".parquet");
        let fields: Vec<&str> = data.explorer.fields(*entity).iter().map(|field| field.as_str()).collect();
        lines.push_str(&format!(
            "- {name} ({} rows): source_file, source_row, order_key, {}\n",
            table.rows,
            fields.join(", ")
        ));
    }
    lines
}
