//! The same table gives the same mapping, however its columns and rows are ordered and its headers are written.

use std::collections::BTreeMap;

use domain::{Cell, ColumnProfile, Mapping, TableProfile, ValueKind};
use mapping::{Knowledge, Remembered, propose};
use proptest::prelude::*;

/// Kind, cells, and cells as written.
type Values = (ValueKind, Vec<Cell>, Vec<String>);

/// A list of orders as a plain profile.
fn table() -> TableProfile {
    let text = |values: Vec<String>| {
        (ValueKind::Text, values.iter().map(|value| Cell::Text(value.clone())).collect(), values)
    };
    let number = |values: Vec<f64>| {
        (
            ValueKind::Decimal,
            values.iter().map(|value| Cell::Number(*value)).collect(),
            values.iter().map(f64::to_string).collect(),
        )
    };
    let rows = 0..24_i32;
    let quantity = |row: i32| f64::from(10 + row * 7 % 50);
    let scrap = |row: i32| f64::from(row % 4);
    let day = |row: i32, later: i64| (i64::from(row) * 3 + 19_000 + later) * 86_400_000_000;
    let moment = |later: i64| {
        let values: Vec<i64> = (0..24).map(|row| day(row, later)).collect();
        (
            ValueKind::Date,
            values.iter().map(|value| Cell::Moment(*value)).collect(),
            values.iter().map(i64::to_string).collect(),
        )
    };
    let columns: Vec<(&str, Values)> = vec![
        ("Work Order", text(rows.clone().map(|row| format!("WO-{:05}", 1_000 + row)).collect())),
        ("Part Number", text(rows.clone().map(|row| format!("P{:04}", row % 5)).collect())),
        ("Order Quantity", number(rows.clone().map(quantity).collect())),
        ("Good Qty", number(rows.clone().map(|row| quantity(row) - scrap(row)).collect())),
        ("Scrap Qty", number(rows.clone().map(scrap).collect())),
        ("Planned Start Date", moment(0)),
        ("Due Date", moment(9)),
        (
            "Customer Name",
            text(
                rows.map(|row| format!("Customer {}", ["Alpha", "Beta", "Gamma"][row as usize % 3]))
                    .collect(),
            ),
        ),
    ];
    let columns = columns
        .into_iter()
        .enumerate()
        .map(|(index, (header, (kind, sample, raw)))| profile(index, header, kind, sample, raw))
        .collect();
    TableProfile {
        file: "orders.csv".to_owned(),
        part: None,
        rows: 24,
        sample_rows: Vec::new(),
        columns,
        issues: Vec::new(),
    }
}

fn profile(
    index: usize,
    header: &str,
    kind: ValueKind,
    sample: Vec<Cell>,
    sample_raw: Vec<String>,
) -> ColumnProfile {
    let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
    for raw in &sample_raw {
        *counts.entry(raw).or_default() += 1;
    }
    let mut top: Vec<(String, u64)> =
        counts.into_iter().map(|(value, count)| (value.to_owned(), count)).collect();
    top.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    let numbers: Vec<f64> = sample
        .iter()
        .filter_map(|cell| cell.number().or_else(|| cell.moment().map(|micros| micros as f64)))
        .collect();
    ColumnProfile {
        index,
        header: header.to_owned(),
        kind,
        format: None,
        ambiguous: Vec::new(),
        currency: None,
        filled: sample.len() as u64,
        empty: 0,
        unreadable: 0,
        distinct: top.len() as u64,
        min: numbers.iter().copied().reduce(f64::min),
        max: numbers.iter().copied().reduce(f64::max),
        mean: (!numbers.is_empty()).then_some(30.0),
        negative: 0,
        zero: numbers.iter().filter(|number| **number == 0.0).count() as u64,
        length_min: sample_raw.iter().map(String::len).min().unwrap_or(0),
        length_max: sample_raw.iter().map(String::len).max().unwrap_or(0),
        top,
        sample,
        sample_raw,
    }
}

/// Field and rounded confidence by header, spelling aside.
fn meaning(mapping: &Mapping) -> BTreeMap<String, (String, i64)> {
    mapping
        .columns
        .iter()
        .map(|column| {
            let key: String =
                column.source.to_lowercase().chars().filter(|char| char.is_alphanumeric()).collect();
            let field = column.field.map_or_else(String::new, |field| field.as_str().to_owned());
            (key, (field, (column.confidence * 1e6).round() as i64))
        })
        .collect()
}

fn map(table: &TableProfile) -> BTreeMap<String, (String, i64)> {
    meaning(&propose(table, Knowledge::shipped(), &Remembered::nothing()))
}

#[test]
fn a_plain_list_of_orders_is_understood() {
    let found = map(&table());
    for (header, field) in [
        ("workorder", "work_order_id"),
        ("partnumber", "product_id"),
        ("orderquantity", "quantity_ordered"),
        ("goodqty", "quantity_completed"),
        ("scrapqty", "quantity_scrapped"),
        ("plannedstartdate", "planned_start"),
        ("duedate", "due_date"),
        ("customername", "customer_name"),
    ] {
        assert_eq!(found[header].0, field, "{header}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn the_order_of_columns_does_not_matter(order in Just((0..8_usize).collect::<Vec<_>>()).prop_shuffle()) {
        let plain = table();
        let mut turned = plain.clone();
        turned.columns = order.iter().map(|column| plain.columns[*column].clone()).collect();
        for (index, column) in turned.columns.iter_mut().enumerate() {
            column.index = index;
        }
        prop_assert_eq!(map(&plain), map(&turned));
    }

    #[test]
    fn the_order_of_rows_does_not_matter(order in Just((0..24_usize).collect::<Vec<_>>()).prop_shuffle()) {
        let plain = table();
        let mut turned = plain.clone();
        for (column, from) in turned.columns.iter_mut().zip(&plain.columns) {
            column.sample = order.iter().map(|row| from.sample[*row].clone()).collect();
            column.sample_raw = order.iter().map(|row| from.sample_raw[*row].clone()).collect();
        }
        prop_assert_eq!(map(&plain), map(&turned));
    }

    #[test]
    fn case_and_punctuation_of_headers_do_not_matter(style in proptest::collection::vec(0..5_usize, 8)) {
        let plain = table();
        let mut written = plain.clone();
        for (column, style) in written.columns.iter_mut().zip(style) {
            column.header = match style {
                0 => column.header.to_uppercase(),
                1 => column.header.to_lowercase().replace(' ', "_"),
                2 => column.header.replace(' ', "-"),
                3 => column.header.replace(' ', "."),
                _ => format!(" {} ", column.header.to_lowercase()),
            };
        }
        prop_assert_eq!(map(&plain), map(&written));
    }
}
