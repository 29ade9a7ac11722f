//! The pollutions of the Pollock benchmark, one row at a time: each must leave the other rows alone and be mended itself.

use crate::{line, read_text, records, rows_of, written};

fn with_row(at: usize, row: &str) -> String {
    let mut lines: Vec<String> = records().iter().map(|record| line(record, ",", "\"\"")).collect();
    row.clone_into(&mut lines[at]);
    lines.join("\r\n") + "\r\n"
}

fn cells(at: usize) -> Vec<String> {
    records()[at].iter().map(|cell| line(std::slice::from_ref(cell), ",", "\"\"")).collect()
}

#[test]
fn a_delimiter_too_many() {
    for at in [1, 17, 60] {
        for column in 0..9 {
            let mut row = cells(at);
            row.insert(column, String::new());
            let rows = rows_of(with_row(at, &row.join(",")).as_bytes());
            assert_eq!(rows, records(), "row {at}, column {column}");
        }
    }
}

#[test]
fn a_delimiter_too_few() {
    for at in [1, 18, 60] {
        for column in 1..9 {
            let mut row = cells(at);
            let cell = row.remove(column);
            row[column - 1].push_str(&cell);
            let rows = rows_of(with_row(at, &row.join(",")).as_bytes());
            assert_eq!(rows.len(), records().len(), "row {at}, column {column}");
            let others = |rows: &[Vec<String>]| [&rows[..at], &rows[at + 1..]].concat();
            assert_eq!(others(&rows), others(&records()), "row {at}, column {column}");
            assert_eq!(rows[at].len(), 9);
        }
    }
}

#[test]
fn a_quote_that_closes_nothing() {
    for at in [0, 1, 17, 60] {
        for column in 0..9 {
            let mut row = cells(at);
            row[column].insert(0, '"');
            let rows = rows_of(with_row(at, &row.join(",")).as_bytes());
            assert_eq!(rows.len(), records().len(), "row {at}, column {column}");
            let others = |rows: &[Vec<String>]| [&rows[..at], &rows[at + 1..]].concat();
            assert_eq!(others(&rows), others(&records()), "row {at}, column {column}");
        }
    }
}

#[test]
fn a_row_in_another_delimiter() {
    for at in [1, 30, 60] {
        let row = line(&records()[at], " ", "\"\"");
        let rows = rows_of(with_row(at, &row).as_bytes());
        assert_eq!(rows, records(), "row {at}");
    }
}

#[test]
fn odd_rows_are_told_with_their_line() {
    let mut row = cells(17);
    row.insert(3, String::new());
    let table = read_text(&with_row(17, &row.join(",")));
    let issue = table.profile.issues.iter().find(|issue| issue.kind == "ragged_row").unwrap();
    assert_eq!((issue.row, issue.rows, issue.examples.clone()), (Some(18), 1, vec![18]));
}

#[test]
fn rows_without_their_empty_cells_at_the_end() {
    let text = written(&records(), ",", "\n");
    let short: String = text.lines().map(|line| format!("{}\n", line.trim_end_matches(','))).collect();
    let rows = rows_of(short.as_bytes());
    assert_eq!(rows.len(), records().len());
    assert!(
        rows.iter()
            .skip(1)
            .all(|row| row[..8] == records()[rows.iter().position(|r| r == row).unwrap()][..8])
    );
}
