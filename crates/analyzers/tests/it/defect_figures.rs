//! Rejects that several files write down, and one list that comes in several files.

use analyzers::{
    MappedTable,
    figures::{self, Ask, By},
};
use domain::{Granularity, ValueKind};
use ontology::FieldId;

use crate::kit::{Column, build, table};

const LIST: &[Column<'_>] = &[
    ("Job", "work_order_id", ValueKind::Text, ""),
    ("Code", "defect_code", ValueKind::Text, ""),
    ("Words", "defect_description", ValueKind::Text, ""),
];
const TICKETS: &[Column<'_>] = &[
    ("Job", "work_order_id", ValueKind::Text, ""),
    ("Op", "operation_sequence", ValueKind::Integer, ""),
    ("Hours", "booking_hours", ValueKind::Decimal, ""),
    ("Good", "operation_quantity_completed", ValueKind::Integer, ""),
    ("Reason", "defect_code", ValueKind::Text, ""),
];

/// The records of each kind of defect, the most frequent first.
fn records(tables: &[MappedTable]) -> Vec<(String, f64)> {
    let built = build(tables);
    let ask = Ask {
        metric: "defect_records",
        filters: &[],
        without: &[],
        beyond: None,
        period: None,
        by: FieldId::named("defect_code").map(By::Field),
        limit: 10,
        descending: true,
    };
    let found = figures::compute(&built.canonical, &ask).unwrap().unwrap();
    assert_eq!(found.whole.value, Some(found.lines.iter().filter_map(|line| line.value).sum()));
    found.lines.into_iter().map(|line| (line.name, line.value.unwrap())).collect()
}

fn counted(pairs: &[(&str, f64)]) -> Vec<(String, f64)> {
    pairs.iter().map(|(name, n)| ((*name).to_owned(), *n)).collect()
}

#[test]
fn a_reject_that_two_files_name_is_one() {
    let folder = tempfile::tempdir().unwrap();
    let tickets = "Job,Op,Hours,Good,Reason\nA,10,1,9,D1\nA,20,1,8,\nB,10,2,7,D1\nB,20,2,6,D2\n";
    let list = "Job,Code,Words\nA,D1,burr\nB,D1,burr\nB,D2,crack\nB,D2,crack\n";
    let tables = [
        table(folder.path(), "tickets.csv", Granularity::Labor, TICKETS, tickets),
        table(folder.path(), "rejects.csv", Granularity::Event, LIST, list),
    ];
    assert_eq!(records(&tables), counted(&[("D1", 2.0), ("D2", 2.0)]));
    assert_eq!(records(&tables[..1]), counted(&[("D1", 2.0), ("D2", 1.0)]));
}

#[test]
fn the_files_of_two_months_are_one_list() {
    let folder = tempfile::tempdir().unwrap();
    let (may, june) = ("Job,Code,Words\nA,D1,burr\nB,D2,crack\n", "Job,Code,Words\nC,D1,burr\nC,D1,burr\n");
    let tables = [
        table(folder.path(), "may.csv", Granularity::Event, LIST, may),
        table(folder.path(), "june.csv", Granularity::Event, LIST, june),
    ];
    assert_eq!(records(&tables), counted(&[("D1", 3.0), ("D2", 1.0)]));
}
