//! Holds the bars of accuracy on the shared examples, every system judged by knowledge that lacks it.

use std::collections::BTreeMap;

use mapping::{
    Knowledge, Remembered,
    evaluation::{Accuracy, Outcome, compare},
    propose,
};

#[expect(dead_code, reason = "languages are looked at by the accuracy example")]
mod cases;

#[test]
fn unseen_systems_are_mapped_above_the_bars() {
    let cases = cases::load_all(&cases::shared_folder());
    if cases.is_empty() {
        println!("skipped: the shared examples are not here");
        return;
    }
    let mut bodies: BTreeMap<&str, Knowledge> = BTreeMap::new();
    for case in &cases {
        bodies.entry(&case.family).or_insert_with(|| Knowledge::without_system(&case.family));
    }
    let mut outcomes: Vec<Outcome> = Vec::new();
    let mut grains = 0;
    for case in &cases {
        let mapping = propose(&case.table, &bodies[case.family.as_str()], &Remembered::nothing());
        grains += usize::from(case.truth.granularity == Some(mapping.granularity));
        outcomes.extend(compare(&case.truth, &mapping));
    }
    let accuracy = Accuracy::of(&outcomes);
    println!("{accuracy:#?}");
    assert!(accuracy.f1 >= 0.89, "F1 {:.3}", accuracy.f1);
    assert!(accuracy.unmapped_kept >= 0.95, "kept {:.3}", accuracy.unmapped_kept);
    assert!(accuracy.calibration_error <= 0.045, "calibration error {:.3}", accuracy.calibration_error);
    assert!(grains * 20 >= cases.len() * 19, "granularity {grains} of {}", cases.len());
}

#[test]
fn a_field_that_only_one_column_can_mean_is_given_once() {
    let eighth = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/eighth");
    for case in cases::load_all(&cases::shared_folder()).iter().chain(&cases::load_all(&eighth)) {
        let mapping = propose(&case.table, Knowledge::shipped(), &Remembered::nothing());
        for field in ["product_id", "employee_id", "operation_sequence", "material_id", "machine_id"] {
            // The same values twice are one thing told twice.
            let values: std::collections::BTreeSet<&[String]> = mapping
                .columns
                .iter()
                .filter(|column| column.field == ontology::FieldId::named(field))
                .map(|column| case.table.columns[column.index].sample_raw.as_slice())
                .collect();
            assert!(values.len() <= 1, "{}: {field} {} times", case.truth.case, values.len());
        }
    }
}

#[test]
fn a_confirmed_export_needs_no_decision_again() {
    for case in cases::load_all(&cases::shared_folder()).iter().take(4) {
        let first = propose(&case.table, Knowledge::shipped(), &Remembered::nothing());
        let mut confirmed = first.clone();
        // A person decides otherwise on the first column.
        confirmed.columns[0].field = ontology::FieldId::named("energy_kwh");
        let mut remembered = Remembered::nothing();
        remembered.confirm(&confirmed);
        let again = propose(&case.table, Knowledge::shipped(), &remembered);
        for (one, other) in confirmed.columns.iter().zip(&again.columns) {
            assert_eq!(one.field, other.field, "{}: {}", case.truth.case, one.source);
            assert!(other.confidence > 0.99);
        }
    }
}

#[test]
fn what_stands_beside_a_column_tells_what_it_means() {
    let tests = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    for (folder, header, field) in [
        // Labor beside material is money, though alone the word would mean hours.
        ("third/sage200-worksorders-header-en", "Est. Labour", "planned_labor_cost"),
        ("third/sage200-worksorders-header-en", "Act. Machine", "actual_overhead_cost"),
        // Little words bound a span where a table has a column of each.
        ("looked/stoplog-maschinen-event-de", "von", "downtime_start"),
        ("looked/stoplog-maschinen-event-de", "bis", "downtime_end"),
        // The product of the order stands beside the component.
        ("cases/kingdee-yongliao-material-zh", "产品编码", "product_id"),
        ("cases/kingdee-yongliao-material-zh", "子项物料编码", "material_id"),
        // Yes and no name no supplier.
        ("third/bc-marszruta-operation-pl", "Podwykonawca", "is_outside"),
    ] {
        let case = cases::load(&tests.join(folder)).expect("a case");
        let knowledge = Knowledge::without_system(&case.family);
        let mapping = propose(&case.table, &knowledge, &Remembered::nothing());
        let column = mapping.columns.iter().find(|column| column.source == header).expect("a column");
        assert_eq!(column.field, ontology::FieldId::named(field), "{folder}: {header}");
    }
}
