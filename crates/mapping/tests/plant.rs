//! Several files of one plant help each other.

use domain::{Cell, ColumnProfile, TableProfile, ValueKind};
use mapping::{Knowledge, Remembered, propose, propose_all};

fn column(index: usize, header: &str, values: Vec<String>) -> ColumnProfile {
    let mut distinct = values.clone();
    distinct.sort();
    distinct.dedup();
    ColumnProfile {
        index,
        header: header.to_owned(),
        kind: ValueKind::Text,
        format: None,
        ambiguous: Vec::new(),
        currency: None,
        filled: values.len() as u64,
        empty: 0,
        unreadable: 0,
        distinct: distinct.len() as u64,
        min: None,
        max: None,
        mean: None,
        negative: 0,
        zero: 0,
        length_min: 3,
        length_max: 8,
        top: distinct.iter().take(50).map(|value| (value.clone(), 1)).collect(),
        sample: values.iter().map(|value| Cell::Text(value.clone())).collect(),
        sample_raw: values,
    }
}

fn table(file: &str, columns: Vec<ColumnProfile>) -> TableProfile {
    let rows = columns.first().map_or(0, ColumnProfile::rows);
    TableProfile {
        file: file.to_owned(),
        part: None,
        rows,
        sample_rows: Vec::new(),
        columns,
        issues: Vec::new(),
    }
}

#[test]
fn a_code_without_meaning_is_known_by_the_file_that_shares_its_values() {
    let orders = |repeat: usize| -> Vec<String> {
        (0..60).map(|row| format!("{:07}", 4_100_000 + row / repeat * 7)).collect()
    };
    let operators: Vec<String> = (0..60).map(|row| format!("E{:03}", row % 9)).collect();
    let headers = table(
        "orders.csv",
        vec![
            column(0, "Work Order Number", orders(1)),
            column(1, "Customer Name", (0..60).map(|row| format!("Customer {}", row % 6)).collect()),
        ],
    );
    let bookings =
        table("bookings.csv", vec![column(0, "XZQ1", orders(4)), column(1, "Employee No", operators)]);
    let alone = propose(&bookings, Knowledge::shipped(), &Remembered::nothing());
    let together = propose_all(&[headers, bookings], Knowledge::shipped(), &Remembered::nothing());
    let name = |field: Option<ontology::FieldId>| field.map(ontology::FieldId::as_str);
    assert_eq!(
        name(together[1].columns[0].field),
        Some("work_order_id"),
        "alone: {:?}",
        name(alone.columns[0].field)
    );
    assert!(together[1].columns[0].evidence.iter().any(|sentence| sentence.contains("another file")));
}

#[test]
fn words_under_the_name_of_a_number_or_a_day_are_never_sure() {
    let orders: Vec<String> = (0..60).map(|row| format!("{:07}", 4_100_000 + row * 7)).collect();
    for (header, words) in [
        ("Qty Ordered", vec!["several"; 60]),
        ("Qty Completed", ["many", "few", "none"].repeat(20)),
        ("Actual Labor Hours", ["long", "short"].repeat(30)),
        ("Due Date", ["soon", "later", "some day"].repeat(20)),
    ] {
        let table = table(
            "orders.csv",
            vec![
                column(0, "Work Order Number", orders.clone()),
                column(1, header, words.into_iter().map(str::to_owned).collect()),
                column(2, "Part Number", (0..60).map(|row| format!("P-{:03}", row % 12)).collect()),
            ],
        );
        let mapping = propose(&table, Knowledge::shipped(), &Remembered::nothing());
        let decided = &mapping.columns[1];
        assert_ne!(decided.status, domain::mapping::Status::Sure, "{header}: {decided:?}");
        assert!(decided.field.is_none() || decided.confidence <= 0.5, "{header}: {}", decided.confidence);
    }
}
