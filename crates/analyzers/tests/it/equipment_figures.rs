//! Key figures of equipment, redone by hand on a handful of rows.

use domain::{Granularity, Settings, ValueKind, analysis::KpiValue};

use crate::kit::{Column, build, table};

const OPERATIONS: &[Column<'_>] = &[
    ("Job", "work_order_id", ValueKind::Text, ""),
    ("Op", "operation_sequence", ValueKind::Integer, ""),
    ("Machine", "machine_id", ValueKind::Text, ""),
    ("Setup", "actual_setup_hours", ValueKind::Decimal, ""),
    ("Run", "actual_run_hours", ValueKind::Decimal, ""),
    ("Plan", "planned_run_hours", ValueKind::Decimal, ""),
    ("In", "operation_quantity_in", ValueKind::Integer, ""),
    ("Good", "operation_quantity_completed", ValueKind::Integer, ""),
    ("Scrap", "operation_quantity_scrapped", ValueKind::Integer, ""),
];
const WORK: &str = "\
Job,Op,Machine,Setup,Run,Plan,In,Good,Scrap
A,10,M1,1,10,9,100,95,5
A,20,M2,2,5,4,95,95,0
B,10,M1,1,8,9,50,40,10
";
const EVENTS: &[Column<'_>] = &[
    ("Machine", "machine_id", ValueKind::Text, ""),
    ("Start", "downtime_start", ValueKind::Date, ""),
    ("Down", "downtime_hours", ValueKind::Decimal, ""),
    ("Available", "planned_production_hours", ValueKind::Decimal, ""),
    ("Kind", "maintenance_type", ValueKind::Text, ""),
];

fn figures(planned: bool) -> Vec<KpiValue> {
    let folder = tempfile::tempdir().unwrap();
    let mut tables = vec![table(folder.path(), "work.csv", Granularity::Operation, OPERATIONS, WORK)];
    let text = if planned {
        "Machine,Start,Down,Available,Kind\nM1,2025-01-03,4,30,\nM2,2025-01-04,,10,\nM1,2025-01-05,3,,Corrective\nM1,2025-01-06,1,,Preventive\n"
    } else {
        "Machine,Start,Down,Available,Kind\nM1,2025-01-03,4,,\nM1,2025-01-05,3,,Corrective\nM1,2025-01-06,1,,Preventive\n"
    };
    tables.push(table(folder.path(), "stops.csv", Granularity::Event, EVENTS, text));
    let built = build(&tables);
    analyzers::analyze(&built.canonical, &Settings::default()).unwrap().kpis
}

#[track_caller]
fn check(figures: &[KpiValue], id: &str, machine: &str, over: f64, under: f64) -> KpiValue {
    let of = |kpi: &&KpiValue| {
        kpi.id == id && kpi.scope.first().map_or("", |entity| entity.value.as_str()) == machine
    };
    let found: Vec<&KpiValue> = figures.iter().filter(of).collect();
    let [kpi] = found[..] else { panic!("{id} of `{machine}`: {found:?}") };
    assert!((kpi.numerator - over).abs() < 1e-9 && (kpi.denominator - under).abs() < 1e-9, "{kpi:?}");
    assert!((kpi.value - over / under).abs() < 1e-12, "{kpi:?}");
    kpi.clone()
}

#[test]
fn with_planned_time_they_are_of_planned_time() {
    let figures = figures(true);
    // M1 ran 18 of 30 planned hours, was set up for 2 and stood still for 8.
    check(&figures, "availability", "M1", 18.0, 30.0);
    check(&figures, "allocation_efficiency", "M1", 28.0, 30.0);
    // The plan needs 9 hours for 100 pieces and 9 for 50; good are 135 of 150.
    check(&figures, "equipment_load_ratio", "M1", 18.0, 30.0);
    check(&figures, "oee_index", "M1", 18.0 * 0.9, 30.0);
    check(&figures, "nee_index", "M1", 20.0 * 0.9, 30.0);
    check(&figures, "fall_off_ratio", "", 15.0, 150.0);
    check(&figures, "corrective_maintenance_ratio", "", 3.0, 4.0);
    let plant = check(&figures, "availability", "", 23.0, 40.0);
    assert!(plant.note.unwrap().contains("of planned production time"));
}

#[test]
fn without_planned_time_they_say_what_they_are_of() {
    let figures = figures(false);
    let availability = check(&figures, "availability", "M1", 18.0, 28.0);
    assert!(availability.note.unwrap().contains("of the time any work was booked"));
    assert!(figures.iter().all(|kpi| kpi.id != "allocation_efficiency" && kpi.id != "equipment_load_ratio"));
}
