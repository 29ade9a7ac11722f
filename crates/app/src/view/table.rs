//! `read --json`.

use domain::{Cell, ColumnProfile, ValueKind};
use jiff::civil::DateTime;
use serde_json::{Value, json};

use super::mapping::issues;
use crate::reading::Reading;

/// First values shown per column.
const VALUES_SHOWN: usize = 10;

/// One document: the main table on top level, all tables under `tables` where there are several.
pub fn tables(tables: &[Reading]) -> Value {
    let Some(main) =
        tables.iter().max_by_key(|table| (table.profile.rows, std::cmp::Reverse(table.profile.part.clone())))
    else {
        return json!({"tables": []});
    };
    let mut document = table(main);
    if tables.len() > 1 {
        document["tables"] = tables.iter().map(table).collect();
    }
    document
}

/// One table.
pub fn table(table: &Reading) -> Value {
    let source = &table.source;
    json!({
        "file": table.profile.file,
        "part": table.profile.part,
        "format": source.format,
        "parts": source.parts,
        "encoding": source.encoding,
        "delimiter": source.delimiter,
        "quote": source.quote,
        "escape": source.escape,
        "line_end": source.line_end,
        "header_row": source.header_rows.first(),
        "header_rows": source.header_rows,
        "skipped_rows": source.skipped_rows,
        "skipped": source.skipped.iter().map(|skipped| json!({
            "row": skipped.row, "reason": skipped.reason.as_str(), "text": skipped.text,
        })).collect::<Vec<_>>(),
        "rows": table.profile.rows,
        "columns": table.profile.columns.iter().map(column).collect::<Vec<_>>(),
        "issues": issues(&table.profile.issues),
    })
}

fn column(column: &ColumnProfile) -> Value {
    let bound = |value: Option<f64>| match value {
        Some(value) if column.kind.is_moment() => json!(moment(value as i64, column.kind)),
        Some(value) => json!(value),
        None => Value::Null,
    };
    let first: Vec<usize> = column
        .sample
        .iter()
        .enumerate()
        .filter(|(_, cell)| !cell.is_empty())
        .map(|(row, _)| row)
        .take(VALUES_SHOWN)
        .collect();
    json!({
        "index": column.index,
        "header": column.header,
        "type": column.kind.as_str(),
        "format": column.format,
        "ambiguous": column.ambiguous,
        "currency": column.currency,
        "fill": column.fill(),
        "filled": column.filled,
        "empty": column.empty,
        "unreadable": column.unreadable,
        "distinct": column.distinct,
        "min": bound(column.min),
        "max": bound(column.max),
        "mean": bound(column.mean),
        "samples": first.iter().map(|row| json!(column.sample_raw.get(*row))).collect::<Vec<_>>(),
        "values": first.iter().map(|row| value(&column.sample[*row], column.kind)).collect::<Vec<_>>(),
    })
}

/// A cell as understood: numbers as numbers, moments in ISO 8601, durations in hours.
pub fn value(cell: &Cell, kind: ValueKind) -> Value {
    match cell {
        Cell::Empty | Cell::Unreadable(_) => Value::Null,
        Cell::Flag(flag) => json!(flag),
        Cell::Number(number) if kind == ValueKind::Integer && number.abs() < 9e15 => json!(*number as i64),
        Cell::Number(number) => json!(number),
        Cell::Moment(micros) => json!(moment(*micros, kind)),
        Cell::Time(seconds) => {
            let whole = *seconds as i64;
            json!(format!("{:02}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60))
        }
        Cell::Text(text) => json!(text),
    }
}

pub fn moment(micros: i64, kind: ValueKind) -> String {
    let start = DateTime::constant(1970, 1, 1, 0, 0, 0, 0);
    let Ok(moment) = start.checked_add(jiff::SignedDuration::from_micros(micros)) else {
        return micros.to_string();
    };
    if kind == ValueKind::Date { moment.date().to_string() } else { moment.to_string() }
}
