//! Generated plants, from their files through canonical tables to findings.

use std::path::Path;

use domain::{Granularity, Settings, ValueKind};
use generator::{DirectorySink, PlantSpec, Problems, generate, truth::Truth};
use ontology::{FieldId, FieldType};

use crate::kit::{Built, Column, build, table};

fn granularity(fields: &[&str]) -> Granularity {
    let has = |wanted: &str| fields.contains(&wanted);
    if has("planned_material_quantity") {
        Granularity::Material
    } else if has("booking_id") {
        Granularity::Labor
    } else if has("downtime_start") || has("defect_code") || has("maintenance_date") {
        Granularity::Event
    } else if has("operation_sequence") {
        Granularity::Operation
    } else {
        Granularity::Header
    }
}

fn kind(field: &str) -> ValueKind {
    match FieldId::named(field).unwrap().definition().type_ {
        FieldType::Number => ValueKind::Decimal,
        FieldType::Timestamp => ValueKind::DateTime,
        _ => ValueKind::Text,
    }
}

pub(crate) fn plant(folder: &Path, problems: Problems) -> (Truth, Built) {
    let spec = PlantSpec { problems, ..PlantSpec::new(2_000, 11) };
    let truth = generate(&spec, &mut DirectorySink::create(folder).unwrap()).unwrap();
    let scratch = tempfile::tempdir().unwrap();
    let tables: Vec<_> = truth
        .fields
        .iter()
        .map(|(file, fields)| {
            let columns: Vec<Column<'_>> =
                fields.iter().map(|(head, field)| (head.as_str(), field.as_str(), kind(field), "")).collect();
            let named: Vec<&str> = fields.values().map(String::as_str).collect();
            let text = std::fs::read_to_string(folder.join(file)).unwrap();
            table(scratch.path(), file, granularity(&named), &columns, &text)
        })
        .collect();
    (truth, build(&tables))
}

/// The sum of a column of a file, added here.
fn sum(folder: &Path, truth: &Truth, file: &str, field: &str) -> f64 {
    let head = truth.fields[file].iter().find(|(_, of)| *of == field).unwrap().0;
    let mut reader = csv::Reader::from_path(folder.join(file)).unwrap();
    let column = reader.headers().unwrap().iter().position(|of| of == head).unwrap();
    reader.records().filter_map(|record| record.unwrap().get(column).unwrap().parse::<f64>().ok()).sum()
}

#[test]
fn every_row_and_every_sum_arrives() {
    let folder = tempfile::tempdir().unwrap();
    let (truth, built) = plant(folder.path(), Problems::all());
    assert_eq!(built.canonical.rows.set_aside, []);
    for (file, field, query) in [
        ("jobs.csv", "actual_total_cost", "SELECT sum(actual_total_cost) FROM work_orders"),
        ("jobs.csv", "quantity_completed", "SELECT sum(quantity_completed) FROM work_orders"),
        ("operations.csv", "actual_run_hours", "SELECT sum(actual_run_hours) FROM operations"),
        ("operations.csv", "actual_run_hours", "SELECT sum(actual_run_hours) FROM work_orders"),
        ("operations.csv", "actual_labor_cost", "SELECT sum(actual_labor_cost) FROM operations"),
        ("materials.csv", "actual_material_quantity", "SELECT sum(actual_material_quantity) FROM materials"),
        ("labor_tickets.csv", "actual_setup_hours", "SELECT sum(actual_setup_hours) FROM bookings"),
        ("downtime.csv", "downtime_hours", "SELECT sum(downtime_hours) FROM equipment_events"),
    ] {
        let expected = sum(folder.path(), &truth, file, field);
        let value: f64 = built.ask(query)[0].parse().unwrap();
        assert!((value - expected).abs() < 1e-6 * expected, "{query}: {value} and not {expected}");
    }
    let orders = built.ask("SELECT count(*), count(DISTINCT order_key) FROM work_orders");
    assert_eq!(orders, ["2000 2000"]);
}

#[test]
fn an_analysis_states_findings_figures_and_quality() {
    let folder = tempfile::tempdir().unwrap();
    let (_, built) = plant(folder.path(), Problems::all());
    let analysis = analyzers::analyze(&built.canonical, &Settings::default()).unwrap();
    assert_eq!(analysis.data_tier, 4);
    assert!(!analysis.findings.is_empty());
    for id in [
        "scrap_ratio",
        "setup_ratio",
        "on_time_delivery",
        "lead_time",
        "busy_hours",
        "mtbf",
        "labor_efficiency",
    ] {
        assert!(analysis.kpis.iter().any(|kpi| kpi.id == id && kpi.value > 0.0), "{id}");
    }
    println!(
        "{} {} {:#?}",
        analysis.data_quality.score,
        analysis.data_quality.grade,
        analysis.data_quality.items.iter().map(|item| &item.sentence).collect::<Vec<_>>()
    );
    for kpi in analysis.kpis.iter().filter(|kpi| kpi.scope.is_empty()) {
        println!("{} {} {:?}", kpi.id, kpi.value, kpi.note);
    }
    assert!(analysis.data_quality.items.iter().any(|item| item.kind == "keying_error"));
    assert!(analysis.data_quality.score >= 90);
}
