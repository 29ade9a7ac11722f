//! Rows below the order: those of the order above its steps, and files of which only the orders stay.

use domain::{Granularity, ValueKind, mapping::Detail};

use crate::kit::{Column, build, table};

const COLUMNS: [Column<'static>; 8] = [
    ("Job", "work_order_id", ValueKind::Text, ""),
    ("Oper", "operation_sequence", ValueKind::Integer, ""),
    ("Qty", "quantity_ordered", ValueKind::Integer, ""),
    ("Plan h", "planned_run_hours", ValueKind::Decimal, ""),
    ("Act h", "actual_run_hours", ValueKind::Decimal, ""),
    ("Act cost", "actual_total_cost", ValueKind::Decimal, ""),
    ("Scrap", "operation_quantity_scrapped", ValueKind::Integer, ""),
    ("Start", "operation_actual_start", ValueKind::Date, ""),
];

const WITH_PARENTS: &str = "Job,Oper,Qty,Plan h,Act h,Act cost,Scrap,Start\n\
    J1,,100,10.0,12.0,600.0,3,\n\
    J1,10,,4.0,5.0,250.0,1,2025-01-02\n\
    J1,20,,6.0,7.0,350.0,2,2025-01-03\n\
    J2,,50,3.0,3.5,180.0,0,\n\
    J2,10,,3.0,3.5,180.0,0,2025-01-04\n";

const FLAT: &str = "Job,Oper,Qty,Plan h,Act h,Act cost,Scrap,Start\n\
    J1,10,100,4.0,5.0,600.0,1,2025-01-02\n\
    J1,20,100,6.0,7.0,600.0,2,2025-01-03\n\
    J2,10,50,3.0,3.5,180.0,0,2025-01-04\n";

const OF_ORDERS: &str = "SELECT order_key, quantity_ordered, planned_run_hours, actual_run_hours, actual_total_cost, \
     quantity_scrapped FROM work_orders ORDER BY order_key";

#[test]
fn a_row_of_the_order_above_its_steps_counts_once_and_is_no_step() {
    let folder = tempfile::tempdir().unwrap();
    let built = build(&[table(folder.path(), "jobs.csv", Granularity::Operation, &COLUMNS, WITH_PARENTS)]);
    assert_eq!(built.ask(OF_ORDERS), ["J1 100.0 10.0 12.0 600.0 3.0", "J2 50.0 3.0 3.5 180.0 0.0"]);
    assert_eq!(
        built.ask("SELECT order_key, operation_sequence, actual_run_hours FROM operations ORDER BY 1, 2"),
        ["J1 10 5.0", "J1 20 7.0", "J2 10 3.5"]
    );
    let said = built.canonical.issues.iter().find(|issue| issue.kind == "parent_rows").unwrap();
    assert_eq!((said.rows, said.examples.clone()), (2, vec![2, 5]));
    assert_eq!(built.canonical.rows.used, 5, "parent rows are used");
}

#[test]
fn a_step_without_its_number_is_no_parent() {
    let folder = tempfile::tempdir().unwrap();
    let text: String = std::iter::once("Job,Oper,Qty,Plan h,Act h,Act cost,Scrap,Start\n".to_owned())
        .chain((0..10).map(|at| {
            let second = if at == 0 { "" } else { "20" };
            format!("J{at},10,5,1.0,1.0,20.0,0,2025-01-02\nJ{at},{second},5,2.0,2.0,20.0,0,2025-01-03\n")
        }))
        .collect();
    let built = build(&[table(folder.path(), "jobs.csv", Granularity::Operation, &COLUMNS, &text)]);
    assert!(built.canonical.issues.iter().all(|issue| issue.kind != "parent_rows"));
    assert_eq!(built.ask("SELECT sum(actual_run_hours) FROM operations"), ["30.0"]);
}

#[test]
fn where_only_orders_stay_each_field_is_gathered_by_its_own_rule_and_no_step_is_left() {
    let folder = tempfile::tempdir().unwrap();
    let kept = table(folder.path(), "jobs.csv", Granularity::Operation, &COLUMNS, FLAT);
    let mut gathered = kept.clone();
    gathered.mapping.detail = Detail::Aggregate;
    let (kept, gathered) = (build(&[kept]), build(&[gathered]));
    // Quantity and cost are the order's own and count once, hours and scrap are added up.
    let expected = ["J1 100.0 10.0 12.0 600.0 3.0", "J2 50.0 3.0 3.5 180.0 0.0"];
    assert_eq!(gathered.ask(OF_ORDERS), expected);
    assert_eq!(kept.ask(OF_ORDERS), expected, "the orders are the same either way");
    assert_eq!(
        gathered.ask("SELECT CAST(actual_start AS DATE) FROM work_orders ORDER BY order_key"),
        ["2025-01-02", "2025-01-04"],
        "the earliest start"
    );
    assert_eq!(kept.ask("SELECT count(*) FROM operations"), ["3"]);
    assert!(gathered.canonical.path(ontology::Entity::Operation).is_none(), "no step is left");
    assert_eq!(gathered.canonical.rows, kept.canonical.rows, "every row is used all the same");
}

#[test]
fn of_two_files_the_one_that_keeps_its_steps_keeps_them() {
    let folder = tempfile::tempdir().unwrap();
    let mut first = table(folder.path(), "jobs.csv", Granularity::Operation, &COLUMNS, FLAT);
    first.mapping.detail = Detail::Aggregate;
    let other = FLAT.replace("J1", "K1").replace("J2", "K2");
    let second = table(folder.path(), "more.csv", Granularity::Operation, &COLUMNS, &other);
    let built = build(&[first, second]);
    assert_eq!(built.ask("SELECT count(*) FROM work_orders"), ["4"]);
    assert_eq!(built.ask("SELECT DISTINCT order_key FROM operations ORDER BY 1"), ["K1", "K2"]);
}
