//! What data are worth: a score that falls with defects, a refusal where nothing can be said, and orders with an issue.

use std::fmt::Write;

use analyzers::AnalyzeError;
use domain::{Analysis, Granularity, Settings, ValueKind};

use crate::kit::{Built, Column, build, table};

const ORDERS: [Column<'_>; 7] = [
    ("Job", "work_order_id", ValueKind::Text, ""),
    ("Part", "product_id", ValueKind::Text, ""),
    ("Entered", "order_date", ValueKind::Date, ""),
    ("Due", "due_date", ValueKind::Date, ""),
    ("Qty", "quantity_ordered", ValueKind::Integer, ""),
    ("Plan", "planned_total_cost", ValueKind::Decimal, ""),
    ("Actual", "actual_total_cost", ValueKind::Decimal, ""),
];

/// A hundred orders, of which the first `wrong` were due before they were entered.
fn orders(wrong: usize) -> Built {
    let mut text = "Job,Part,Entered,Due,Qty,Plan,Actual\n".to_owned();
    for job in 0..100 {
        let due = if job < wrong { "2024-06-01" } else { "2025-06-01" };
        let _ = writeln!(text, "J{job:03},P{},2025-03-01,{due},10,100.0,104.0", job % 4);
    }
    let folder = tempfile::tempdir().unwrap();
    build(&[table(folder.path(), "jobs.csv", Granularity::Header, &ORDERS, &text)])
}

fn analyzed(built: &Built) -> Result<Analysis, AnalyzeError> {
    analyzers::analyze(&built.canonical, &Settings::default())
}

#[test]
fn the_score_falls_with_the_share_of_rows_that_contradict_themselves() {
    let quality = |wrong: usize| analyzed(&orders(wrong)).unwrap().data_quality;
    let (clean, some, many) = (quality(0), quality(8), quality(30));
    assert_eq!((clean.score, clean.grade), (100, 'A'), "{:?}", clean.items);
    assert!(clean.score > some.score && some.score > many.score, "{} {}", some.score, many.score);
    assert_eq!((some.score, many.score), (90, 75));
    let item = many.items.iter().find(|item| item.kind == "impossible_order").unwrap();
    assert_eq!((item.rows, item.examples.len()), (30, 20));
    assert_eq!(item.examples[0].file, "jobs.csv");
}

#[test]
fn data_that_hold_nothing_to_analyze_are_refused_with_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let columns = &ORDERS[..4];
    let text = "Job,Part,Entered,Due\nJ1,P1,2025-03-01,2025-06-01\nJ2,P1,2025-03-01,2025-06-01\n";
    let words = build(&[table(folder.path(), "words.csv", Granularity::Header, columns, text)]);
    match analyzed(&words) {
        Err(AnalyzeError::Unusable { reason }) => assert!(reason.contains("match at least one"), "{reason}"),
        other => panic!("{other:?}"),
    }
    let mut text =
        "Job,Part,Entered,Due,Qty,Plan,Actual\nJ1,P1,2025-03-01,2025-06-01,10,100.0,104.0\n".to_owned();
    for row in 0..15 {
        let _ = writeln!(text, ",P1,2025-03-01,2025-06-{:02},10,100.0,{row}.0", row + 1);
    }
    let lost = build(&[table(folder.path(), "lost.csv", Granularity::Header, &ORDERS, &text)]);
    match analyzed(&lost) {
        Err(AnalyzeError::Unusable { reason }) => {
            assert!(reason.contains("Only 1 of 16 rows can be used"), "{reason}");
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_order_has_an_issue_by_its_flag_its_defect_or_its_inspection() {
    let folder = tempfile::tempdir().unwrap();
    let columns = [
        ("Job", "work_order_id", ValueKind::Text, ""),
        ("Issue", "quality_issue", ValueKind::Boolean, ""),
        ("Defect", "defect_code", ValueKind::Text, ""),
        ("Result", "inspection_result", ValueKind::Text, ""),
    ];
    let mut text = "Job,Issue,Defect,Result\n".to_owned();
    text.push_str(
        "J000,Y,,passed\nJ001,N,SCRATCH,passed\nJ002,N,,rejected\nJ002,N,,rejected\nJ003,N,,passed\n",
    );
    let mut jobs = "Job,Part,Entered,Due,Qty,Plan,Actual,Bad,Made\n".to_owned();
    for job in 0..100 {
        let _ = writeln!(jobs, "J{job:03},P{},2025-03-01,2025-06-01,10,100.0,104.0,0,10", job % 4);
    }
    let mut fields = ORDERS.to_vec();
    fields.push(("Bad", "quantity_scrapped", ValueKind::Integer, ""));
    fields.push(("Made", "quantity_completed", ValueKind::Integer, ""));
    let built = build(&[
        table(folder.path(), "jobs.csv", Granularity::Header, &fields, &jobs),
        table(folder.path(), "inspections.csv", Granularity::Event, &columns, &text),
    ]);
    let breakdown = analyzed(&built).unwrap().breakdown.unwrap();
    let products: Vec<_> = breakdown.quality.iter().filter(|line| line.field == "product_id").collect();
    let issues: Vec<(&str, u64)> =
        products.iter().map(|line| (line.value.as_str(), line.with_issue)).collect();
    assert_eq!(issues, [("P0", 1), ("P1", 1), ("P2", 1), ("P3", 0)], "twice rejected is one order");
}

#[test]
fn an_analysis_says_which_tier_is_next_and_what_it_takes() {
    let breakdown = analyzed(&orders(0)).unwrap().breakdown.unwrap();
    let next = breakdown.next_tier().unwrap();
    assert_eq!(next.tier, 2);
    assert!(
        next.sentence.starts_with("Add rows of operations, actual_run_hours or actual_setup_hours"),
        "{}",
        next.sentence
    );
    assert!(next.analyzers.contains(&"scrap_rate"));
}
