//! The bookings of a real machine shop, against figures computed independently with pandas.

use std::path::PathBuf;

use domain::{Granularity, ValueKind};

use crate::kit::{self, Built};

fn log() -> Option<(tempfile::TempDir, Built)> {
    let path = PathBuf::from(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../../shared/real-data/4tu-production-log/Production_Data.csv"
    ));
    let Ok(text) = std::fs::read_to_string(&path) else {
        println!("skipped: the real production log is not here");
        return None;
    };
    let folder = tempfile::tempdir().unwrap();
    let columns = [
        ("Case ID", "work_order_id", ValueKind::Text, ""),
        ("Activity", "operation_name", ValueKind::Text, ""),
        ("Resource", "machine_id", ValueKind::Text, ""),
        ("Start Timestamp", "operation_actual_start", ValueKind::DateTime, ""),
        ("Complete Timestamp", "operation_actual_end", ValueKind::DateTime, ""),
        ("Span", "booking_hours", ValueKind::Duration, "hours"),
        ("Work Order  Qty", "quantity_ordered", ValueKind::Integer, ""),
        ("Part Desc.", "product_name", ValueKind::Text, ""),
        ("Worker ID", "employee_id", ValueKind::Text, ""),
        ("Report Type", "booking_type", ValueKind::Text, ""),
        ("Qty Completed", "operation_quantity_completed", ValueKind::Integer, ""),
        ("Qty Rejected", "operation_quantity_scrapped", ValueKind::Integer, ""),
        ("Qty for MRB", "operation_quantity_on_hold", ValueKind::Integer, ""),
        ("Rework", "operation_quantity_reworked", ValueKind::Boolean, ""),
    ];
    let table = kit::table(folder.path(), "Production_Data.csv", Granularity::Labor, &columns, &text);
    let built = kit::build(&[table]);
    Some((folder, built))
}

/// The first number of an answer.
fn number(built: &Built, query: &str) -> f64 {
    built.ask(query)[0].parse().unwrap()
}

fn close(value: f64, expected: f64) -> bool {
    (value - expected).abs() < 1e-6 * expected.abs().max(1.0)
}

#[test]
fn hours_pieces_and_stoppages_are_those_of_the_log() {
    let Some((_folder, built)) = log() else { return };
    assert_eq!(
        (built.canonical.rows.read, built.canonical.rows.used, built.aside("every column")),
        (4_543, 4_521, 22)
    );
    for (query, expected) in [
        ("SELECT sum(actual_setup_hours) FROM operations", 2_422.383_333_333),
        ("SELECT sum(actual_run_hours) FROM operations", 11_300.75),
        ("SELECT sum(downtime_hours) FROM operations", 171.666_666_667),
        ("SELECT sum(downtime_hours) FROM equipment_events", 171.666_666_667),
        ("SELECT CAST(count(*) AS DOUBLE) FROM equipment_events", 53.0),
        ("SELECT CAST(count(*) AS DOUBLE) FROM operations", 1_365.0),
        ("SELECT CAST(count(*) AS DOUBLE) FROM work_orders", 225.0),
        ("SELECT sum(operation_quantity_completed) FROM operations", 92_519.0),
        ("SELECT sum(quantity_scrapped) FROM work_orders", 593.0),
        ("SELECT sum(quantity_reworked) FROM work_orders", 402.0),
        ("SELECT sum(actual_run_hours) FROM work_orders", 11_300.75),
    ] {
        assert!(
            close(number(&built, query), expected),
            "{query}: {} and not {expected}",
            number(&built, query)
        );
    }
    let employee = ontology::FieldId::named("employee_id").unwrap();
    assert!(built.canonical.tables.values().all(|table| !table.fields.contains_key(&employee)));
}

#[test]
fn key_figures_are_those_of_the_log() {
    let Some((_folder, built)) = log() else { return };
    let kpis = analyzers::kpi::compute(&built.canonical).unwrap();
    let of = |id: &str, scope: &str| {
        let found = kpis.iter().find(|kpi| {
            kpi.id == id && kpi.scope.first().map_or("", |entity| entity.value.as_str()) == scope
        });
        found.unwrap_or_else(|| panic!("no {id} of {scope}")).value
    };
    for (id, scope, expected) in [
        ("setup_ratio", "", 0.176_518_239),
        ("allocation_ratio", "", 0.124_787_359),
        ("production_process_ratio", "", 0.101_490_540),
        ("lead_time", "", 333.633_333_333),
        ("queue_time_share", "", 0.887_319_449),
        ("busy_hours", "Machine 4 - Turning & Milling", 1_390.016_666_667),
        ("busy_hours", "Machine 2 - Round Grinding", 1_030.45),
    ] {
        assert!(close(of(id, scope), expected), "{id} {scope}: {} and not {expected}", of(id, scope));
    }
    let busy: f64 = kpis.iter().filter(|kpi| kpi.id == "busy_hours").map(|kpi| kpi.value).sum();
    assert!(close(busy, 11_646.033_333_333), "bookings of one resource overlap: {busy}");
}

#[test]
fn what_is_wrong_with_the_log_is_listed_with_its_rows() {
    let Some((_folder, built)) = log() else { return };
    let quality = analyzers::quality::assess(&built.canonical, Vec::new()).unwrap();
    let rows =
        |kind: &str| quality.items.iter().filter(|item| item.kind == kind).map(|item| item.rows).sum::<u64>();
    assert_eq!(rows("duplicate_row"), 22);
    assert!((600..750).contains(&rows("conflicting_span")), "{:?}", quality.items);
    assert!(
        quality.items.iter().all(|item| item.rows == 0 || !item.examples.is_empty()),
        "{:?}",
        quality.items
    );
    println!(
        "{} {} {:#?}",
        quality.score,
        quality.grade,
        quality.items.iter().map(|item| &item.sentence).collect::<Vec<_>>()
    );
    assert_eq!(analyzers::tiers::tier(&built.canonical), 3);
    let period = analyzers::tiers::period(&built.canonical).unwrap().unwrap();
    assert_eq!((period.start.as_str(), period.end.as_str()), ("2012-01-02", "2012-03-30"));
}

#[test]
fn neither_inspectors_nor_people_are_blamed() {
    let Some((_folder, built)) = log() else { return };
    for preset in domain::settings::Preset::ALL {
        let analysis = analyzers::analyze(&built.canonical, &domain::Settings::preset(preset)).unwrap();
        for finding in &analysis.findings {
            println!("{}: {}", preset.as_str(), finding.title);
            for entity in &finding.entities {
                assert!(!analyzers::engine::defects::names_inspection(&entity.value), "{}", finding.title);
                assert!(!entity.field.as_str().starts_with("employee"), "{}", finding.title);
            }
        }
    }
}
