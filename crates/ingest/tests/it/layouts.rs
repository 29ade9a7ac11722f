//! Banners, headers, frames, totals and other rows that are no data.

use ingest::source::SkipReason;

use crate::{read_text, records, rows_of, written};

fn body(n: usize) -> String {
    (0..n)
        .map(|i| format!("WO-{:04};2024-03-{:02};{};{}.5\n", i, 1 + i % 28, ["TURN", "MILL"][i % 2], i))
        .collect()
}

const HEADER: &str = "Order;Date;Operation;Hours\n";

#[test]
fn rows_around_the_table() {
    let cases: &[(&str, &str, u64)] = &[
        ("", "", 1),
        ("Production report\n\n", "", 3),
        ("Production report;;;\n;;;\n", "", 3),
        ("Plant:;1000;;\nUser:;JSMITH;;\nPrinted;01.04.2024 10:00;;\n\n", "", 5),
        ("", "\nEnd of report\n40 rows\n", 1),
        ("", "Total;;;780.0\n", 1),
        ("", ";;;\nGesamt:;;;780,0\n", 1),
    ];
    for &(above, below, header_row) in cases {
        let table = read_text(&format!("{above}{HEADER}{}{below}", body(40)));
        assert_eq!(table.source.header_rows, [header_row], "{:?}", table.source);
        assert_eq!(table.profile.rows, 40, "{:?}", table.source.skipped);
        assert_eq!(table.source.headers, ["Order", "Date", "Operation", "Hours"]);
        let lines = format!("{above}{HEADER}{below}").lines().count() as u64 - 1;
        assert_eq!(table.source.skipped_rows, lines, "every other line is told: {:?}", table.source.skipped);
    }
}

#[test]
fn totals_between_the_rows() {
    let text = format!("{HEADER}{}Subtotal;;;45.0\n{}Subtotal;;;50.0\nTotal;;;95.0\n", body(10), body(12));
    let table = read_text(&text);
    assert_eq!(table.profile.rows, 22);
    let totals = table.source.skipped.iter().filter(|s| s.reason == SkipReason::Total).count();
    assert_eq!(totals, 3);
}

#[test]
fn a_product_called_total_is_data() {
    let text = format!("{HEADER}{}WO-9999;2024-03-01;Total;7.5\n", body(20));
    assert_eq!(read_text(&text).profile.rows, 21);
}

#[test]
fn the_header_on_every_page() {
    let text = format!("{HEADER}{}{HEADER}{}", body(10), body(12));
    let table = read_text(&text);
    assert_eq!(table.profile.rows, 22);
    assert_eq!(table.source.skipped[0].reason, SkipReason::RepeatedHeader);
    assert_eq!(table.source.skipped[0].row, 12);
}

#[test]
fn no_header() {
    let table = read_text(&body(20));
    assert_eq!(table.profile.rows, 20);
    assert!(table.source.header_rows.is_empty());
    assert_eq!(table.source.headers, ["", "", "", ""]);
}

#[test]
fn a_header_over_two_rows() {
    let text: String = (0..20).map(|i| format!("WO-{i:04};{i}.5;{i};{}.25;{}\n", i + 1, i * 2)).collect();
    let table = read_text(&format!(";Planned;;Actual;\nOrder;Hours;Pieces;Hours;Pieces\n{text}"));
    assert_eq!(table.source.header_rows, [1, 2]);
    assert_eq!(
        table.source.headers,
        ["Order", "Planned Hours", "Planned Pieces", "Actual Hours", "Actual Pieces"]
    );
    let table = read_text(&format!("Order;Time;Count;Time2;Count2\n;h;pcs;h;pcs\n{text}"));
    assert_eq!(table.source.headers[1], "Time h");
    assert_eq!(table.profile.rows, 20);
}

#[test]
fn drawn_tables() {
    let rows: String = (0..15).map(|i| format!("| WO-{i:04} | CNC turning | {i:5}.50 |\n")).collect();
    let rule = "+---------+-------------+----------+\n";
    let table = read_text(&format!("{rule}| Order   | Operation   | Hours    |\n{rule}{rows}{rule}"));
    assert_eq!(table.source.headers, ["Order", "Operation", "Hours"]);
    assert_eq!(table.profile.rows, 15);
    assert_eq!(table.profile.columns[2].max, Some(14.5));
}

#[test]
fn columns_set_by_blanks() {
    let rows: String = (0..15).map(|i| format!("WO-{i:04}   CNC turning   {i:5}.50\n")).collect();
    let table = read_text(&format!("Order     Operation     Hours\n{rows}"));
    assert_eq!(table.source.headers, ["Order", "Operation", "Hours"]);
    assert_eq!(table.profile.rows, 15);
}

#[test]
fn headers_that_are_doubled_empty_or_very_long() {
    let long = "X".repeat(20_000);
    let text: String = (0..20).map(|i| format!("A{i};{i};{i}.5;{i}\n")).collect();
    let table = read_text(&format!("Order;Qty;{long};Qty\n{text}"));
    assert_eq!(table.source.headers[1], table.source.headers[3]);
    assert_eq!(table.source.headers[2].len(), 20_000);
    let table = read_text(&format!("Order;;Hours;\n{text}"));
    assert_eq!(table.source.headers, ["Order", "", "Hours", ""]);
    assert_eq!(table.profile.rows, 20);
}

#[test]
fn a_second_table_of_another_width_is_left_out_and_told() {
    let second: String = (0..15).map(|i| format!("M{i:03};Lathe {i};{i};2;3;4\n")).collect();
    let text = format!("{HEADER}{}\nMachine;Name;Age;A;B;C\n{second}", body(40));
    let table = read_text(&text);
    assert_eq!(table.profile.rows, 40, "{:?}", table.profile.issues);
    assert!(table.profile.issues.iter().any(|issue| issue.kind == "other_table"));
}

#[test]
fn a_header_and_one_row() {
    let records = records();
    assert_eq!(rows_of(written(&records[..2], ",", "\r\n").as_bytes()), records[..2]);
}
