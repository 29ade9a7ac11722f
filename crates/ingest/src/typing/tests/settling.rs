//! Columns of a file that settle each other.

use super::notations::{evidence_of, shown};
use crate::typing::{Column, settle};

/// Reads the first cell of each column after settling.
fn settled(columns: &[(&str, &[&str])]) -> Vec<(String, bool, bool)> {
    let evidence: Vec<_> = columns.iter().map(|(_, cells)| evidence_of(cells)).collect();
    let mut decided: Vec<Column<'_>> =
        columns.iter().zip(&evidence).map(|((header, _), evidence)| Column::new(header, evidence)).collect();
    settle(&mut decided);
    decided
        .iter()
        .zip(columns)
        .map(|(column, (_, cells))| {
            (
                shown(&column.decided, cells[0]),
                column.decided.ambiguous.is_empty(),
                column.decided.settled_by.is_some(),
            )
        })
        .collect()
}

#[test]
fn an_open_date_order_is_taken_from_a_column_with_the_same_mark() {
    let columns =
        settled(&[("Start", &["03/04/2024", "05/06/2024"]), ("End", &["03/14/2024", "05/16/2024"])]);
    assert_eq!(columns[0], ("2024-03-04".to_owned(), false, true));
    assert_eq!(columns[1], ("2024-03-14".to_owned(), true, false));
}

#[test]
fn siblings_of_two_minds_settle_nothing() {
    let columns = settled(&[
        ("Start", &["03/04/2024", "05/06/2024"]),
        ("End", &["03/14/2024", "05/16/2024"]),
        ("Due", &["14/03/2024", "16/05/2024"]),
    ]);
    assert_eq!(columns[0], ("2024-04-03".to_owned(), false, false));
}

#[test]
fn an_open_decimal_mark_is_taken_from_a_sibling() {
    let columns = settled(&[("Cost", &["1.234", "2.500"]), ("Hours", &["1,5", "2,25"])]);
    assert_eq!(columns[0].0, "1234");
    let columns = settled(&[("Cost", &["1.234", "2.500"]), ("Hours", &["1.5", "2.25"])]);
    assert_eq!(columns[0].0, "1.234");
}

#[test]
fn working_days_speak_for_an_order_but_leave_it_open() {
    // Monday to Friday of the first two weeks of April to July 2024, day first.
    let cells: Vec<String> = (4..=7)
        .flat_map(|month| (1..=12).map(move |day| (month, day)))
        .filter(|(month, day)| (crate::typing::calendar::days(2024, *month, *day) + 3).rem_euclid(7) < 5)
        .map(|(month, day)| format!("{day:02}/{month:02}/2024"))
        .collect();
    let cells: Vec<&str> = cells.iter().map(String::as_str).collect();
    let decided = evidence_of(&cells).decide("x");
    assert_eq!(decided.format.as_deref(), Some("dd/mm/yyyy"));
    assert_eq!(decided.ambiguous, ["mm/dd/yyyy"]);
    assert!(decided.settled_by.is_some_and(|reason| reason.contains("working days")));
}
