//! What belongs to the order and what to its rows, how columns were matched, and what their values forbid.

use domain::{
    Cell, ColumnProfile, Granularity, Mapping, TableProfile, ValueKind,
    mapping::{MatchKind, Status},
};
use mapping::{
    Knowledge, Remembered,
    grouping::{self, Gathered},
    propose,
};

fn column(index: usize, header: &str, kind: ValueKind, values: &[String]) -> ColumnProfile {
    let mut distinct = values.to_vec();
    distinct.sort();
    distinct.dedup();
    let cells: Vec<Cell> = values
        .iter()
        .map(|value| match kind {
            ValueKind::Integer | ValueKind::Decimal => value.parse().map_or(Cell::Empty, Cell::Number),
            ValueKind::Date => value.parse().map_or(Cell::Empty, Cell::Moment),
            _ => Cell::Text(value.clone()),
        })
        .collect();
    let numbers: Vec<f64> = cells.iter().filter_map(Cell::number).collect();
    ColumnProfile {
        index,
        header: header.to_owned(),
        kind,
        format: None,
        ambiguous: Vec::new(),
        currency: None,
        filled: values.len() as u64,
        empty: 0,
        unreadable: 0,
        distinct: distinct.len() as u64,
        min: numbers.iter().copied().reduce(f64::min),
        max: numbers.iter().copied().reduce(f64::max),
        mean: None,
        negative: 0,
        zero: 0,
        length_min: 1,
        length_max: 8,
        top: distinct.iter().take(50).map(|value| (value.clone(), 1)).collect(),
        sample: cells,
        sample_raw: values.to_vec(),
    }
}

fn of(rows: usize, value: impl Fn(usize) -> String) -> Vec<String> {
    (0..rows).map(value).collect()
}

/// A list of operations: three steps an order, quantity and cost repeated on each.
fn operations(headers: [&str; 7]) -> TableProfile {
    let n = 60;
    let columns = vec![
        column(0, headers[0], ValueKind::Text, &of(n, |row| format!("J-{}", 20_441 + row / 3))),
        column(1, headers[1], ValueKind::Integer, &of(n, |row| (10 * (row % 3 + 1)).to_string())),
        column(2, headers[2], ValueKind::Integer, &of(n, |row| (100 + row / 3).to_string())),
        column(3, headers[3], ValueKind::Decimal, &of(n, |row| format!("{}.5", 1 + row % 3))),
        column(4, headers[4], ValueKind::Decimal, &of(n, |row| format!("{}.25", 400 + row / 3))),
        column(5, headers[5], ValueKind::Text, &of(n, |row| format!("WC-{}", row % 3))),
        column(6, headers[6], ValueKind::Text, &of(n, |row| format!("P-{:03}", row / 3 % 9))),
    ];
    TableProfile {
        file: "jobs.csv".to_owned(),
        part: None,
        rows: n as u64,
        sample_rows: Vec::new(),
        columns,
        issues: Vec::new(),
    }
}

const ENGLISH: [&str; 7] = [
    "Work Order Number",
    "Operation Sequence",
    "Quantity Ordered",
    "Actual Run Hours",
    "Actual Material Cost",
    "Work Center",
    "Part Number",
];

fn proposed(table: &TableProfile) -> Mapping {
    propose(table, Knowledge::shipped(), &Remembered::nothing())
}

#[test]
fn the_orders_own_columns_and_those_of_its_rows_are_told_apart_with_an_order_as_example() {
    let table = operations(ENGLISH);
    let mapping = proposed(&table);
    assert_eq!(mapping.granularity, Granularity::Operation);
    let grouping = grouping::of(&table, &mapping);
    assert_eq!(grouping.key, ["Work Order Number"]);
    let names = |side: &[grouping::Grouped]| -> Vec<String> {
        side.iter().map(|column| column.field.to_string()).collect()
    };
    assert_eq!(
        names(&grouping.header),
        ["work_order_id", "quantity_ordered", "actual_material_cost", "product_id"]
    );
    assert_eq!(names(&grouping.detail), ["operation_sequence", "actual_run_hours", "work_center_id"]);
    assert!(grouping.header.iter().all(|column| column.gathered == Gathered::Once));
    assert_eq!(grouping.detail[1].gathered, Gathered::Sum);
    let example = grouping.example.unwrap();
    assert_eq!((example.order.as_str(), example.rows), ("J-20441", 3));
    assert_eq!(example.header, ["J-20441", "100", "400.25", "P-000"]);
    assert_eq!(example.detail[1], ["20", "2.5", "WC-1"]);
    assert_eq!(example.totals, ["", "7.5", ""], "1.5 + 2.5 + 3.5 hours");
}

#[test]
fn a_figure_that_differs_within_orders_is_a_part() {
    let mut table = operations(ENGLISH);
    table.columns[4] =
        column(4, "Actual Material Cost", ValueKind::Decimal, &of(60, |row| format!("{}.25", 40 + row)));
    let grouping = grouping::of(&table, &proposed(&table));
    let cost = grouping.detail.iter().find(|column| column.source == "Actual Material Cost").unwrap();
    assert_eq!(cost.gathered, Gathered::Sum);
    let at = grouping.detail.iter().position(|column| column.index == 4).unwrap();
    assert_eq!(grouping.example.unwrap().totals[at], "123.75", "40.25 + 41.25 + 42.25");
}

#[test]
fn a_list_of_orders_needs_no_example() {
    let mut table = operations(ENGLISH);
    table.columns.retain(|column| !matches!(column.index, 1 | 5));
    table.columns[0] =
        column(0, "Work Order Number", ValueKind::Text, &of(60, |row| format!("J-{}", 20_441 + row)));
    for (at, column) in table.columns.iter_mut().enumerate() {
        column.index = at;
    }
    let mapping = proposed(&table);
    assert_eq!(mapping.granularity, Granularity::Header);
    let grouping = grouping::of(&table, &mapping);
    assert!(grouping.detail.is_empty() && grouping.example.is_none(), "{grouping:?}");
}

#[test]
fn the_kind_of_each_match_is_told() {
    let kinds = |headers: [&str; 7]| -> Vec<Option<MatchKind>> {
        proposed(&operations(headers)).columns.iter().map(|column| column.matched_by).collect()
    };
    let exact = kinds([
        "work_order_id",
        "operation_sequence",
        "quantity_ordered",
        "actual_run_hours",
        "actual_material_cost",
        "work_center_id",
        "product_id",
    ]);
    assert_eq!(exact, [Some(MatchKind::Exact); 7]);
    let shown = kinds([
        "Work order number",
        "Operation sequence",
        "Quantity ordered",
        "Actual run time",
        "Actual material cost",
        "Work center number",
        "Product number",
    ]);
    assert_eq!(shown[0], Some(MatchKind::DisplayName));
    assert_eq!(shown[3], Some(MatchKind::DisplayName));
    assert_eq!(shown[6], Some(MatchKind::DisplayName));
    let german = kinds([
        "Auftragsnummer",
        "Arbeitsgang",
        "Auftragsmenge",
        "Ist-Bearbeitungszeit",
        "Ist-Materialkosten",
        "Arbeitsplatz",
        "Artikelnummer",
    ]);
    assert_eq!(german, [Some(MatchKind::Synonym); 7]);
    let slips = kinds([
        "Wrk Ordr Numbr",
        "Oper Sequnce",
        "Quantty Orderd",
        "Actual Run Hours today",
        "Actual Materal Cost",
        "Work Centr",
        "Part Numbr",
    ]);
    assert!(slips.iter().filter(|kind| **kind == Some(MatchKind::Fuzzy)).count() >= 4, "{slips:?}");
    // The same export again, once confirmed.
    let table = operations(ENGLISH);
    let mut remembered = Remembered::nothing();
    remembered.confirm(&proposed(&table));
    let again = propose(&table, Knowledge::shipped(), &remembered);
    assert!(again.columns.iter().all(|column| column.matched_by == Some(MatchKind::Confirmed)));
}

#[test]
fn a_header_that_says_nothing_is_matched_by_what_its_values_have_to_do_with_others() {
    let mut table = operations(ENGLISH);
    let quantity = |row: usize| 5 + row / 3;
    let price = |row: usize| 3.5 + (row % 7) as f64;
    table.columns.push(column(
        7,
        "Material Quantity",
        ValueKind::Integer,
        &of(60, |row| quantity(row).to_string()),
    ));
    table.columns.push(column(
        8,
        "Material Price",
        ValueKind::Decimal,
        &of(60, |row| price(row).to_string()),
    ));
    let amount = of(60, |row| (quantity(row) as f64 * price(row)).to_string());
    table.columns.push(column(9, "XQ7", ValueKind::Decimal, &amount));
    let decided = &proposed(&table).columns[9];
    if decided.field.is_some() {
        assert_eq!(decided.matched_by, Some(MatchKind::Pattern), "{decided:?}");
    } else {
        assert_eq!(decided.matched_by, None);
    }
}

#[test]
fn values_that_cannot_be_what_the_name_says_are_told_first_and_leave_it_open() {
    let mut table = operations(ENGLISH);
    table.columns[3] = column(
        3,
        "Actual Run Hours",
        ValueKind::Text,
        &of(60, |row| ["long", "short", "as planned"][row % 3].to_owned()),
    );
    let decided = &proposed(&table).columns[3];
    assert_ne!(decided.status, Status::Sure);
    if decided.field.is_some() {
        assert_eq!(
            decided.evidence[0],
            "The values cannot be read as a number; look at them before you use it."
        );
    }
}
