//! Settings that no generated plant moves, each on tables of its own: what it does, and that nothing else moves.

use domain::{Finding, Settings};

use crate::engine::{
    bench::{chance, frame, loose, plant, run},
    plant::Plant,
};

fn with(name: &str, value: &str) -> Settings {
    let mut settings = Settings::default();
    settings.set(name, value).unwrap();
    settings
}

fn told(analyzer: &str, plant: &Plant, settings: &Settings) -> Vec<Finding> {
    run(analyzer, plant, settings).findings
}

/// Everything of a finding that is no sentence.
fn figures(finding: &Finding) -> String {
    format!(
        "{} {:?} {:?} {} {} {:?} {:?}",
        finding.id,
        finding.effect,
        finding.impact,
        finding.q,
        finding.priority,
        finding.start,
        finding.entities
    )
}

/// Three years of scrap that is higher in the second half of each year; the data begin in a low half and end in a high one.
fn seasons() -> Plant {
    let orders = frame(4_000, |row| row as u32).with_words("work_order_id", |row| format!("W{row}"));
    let day = |row: usize| 20_094.0 + row as f64 / 4_000.0 * 1_095.0;
    let operations = frame(4_000, |row| row as u32)
        .with_days("operation_actual_start", day)
        .with_numbers("operation_quantity_completed", |_| 400.0)
        .with_numbers("operation_quantity_scrapped", move |row| {
            let growth = 1.0 + 0.5 * row as f64 / 4_000.0;
            let high = if (day(row) - 20_094.0).rem_euclid(365.25) > 182.0 { 1.6 } else { 1.0 };
            (20.0 * growth * high * (0.8 + 0.4 * chance(row))).round()
        });
    plant(orders, operations, loose(0), 1_095.0)
}

#[test]
fn seasonal_adjustment_decides_whether_the_season_is_taken_out() {
    let plant = seasons();
    let (on, off) = (with("seasonal_adjustment", "on"), with("seasonal_adjustment", "off"));
    let adjusted = told("trend", &plant, &on);
    assert_eq!(adjusted.len(), 1, "a trend under a season is found once the season is out");
    assert!(adjusted[0].assumptions[0].contains("are taken out"), "{:?}", adjusted[0].assumptions);
    for finding in told("trend", &plant, &off) {
        assert!(finding.assumptions[0].contains("not taken out"), "{:?}", finding.assumptions);
        assert!(finding.q > adjusted[0].q, "the season hides the trend");
    }
    for other in ["quality_shift", "scrap_rate", "first_pass_yield"] {
        let said = |settings: &Settings| format!("{:?}", told(other, &plant, settings));
        assert_eq!(said(&on), said(&off), "{other}");
    }
}

/// One material bought for two years at prices that rise by 6 % a year, and no standard price.
fn purchases() -> Plant {
    let orders = frame(1_200, |row| row as u32).with_words("work_order_id", |row| format!("W{row}"));
    let mut plant = plant(orders, loose(0), loose(0), 720.0);
    plant.materials = frame(1_200, |row| row as u32)
        .with_words("material_id", |row| format!("MAT{}", row % 3))
        .with_days("booking_date", |row| 20_094.0 + row as f64 * 0.6)
        .with_numbers("actual_material_quantity", |_| 10.0)
        .with_numbers("material_unit_cost", |row| {
            let years = row as f64 * 0.6 / 365.0;
            5.0 * 1.25_f64.powf(years) * (0.98 + 0.04 * chance(row))
        });
    plant
}

#[test]
fn inflation_adjustment_says_which_rise_is_nobodys_doing() {
    let plant = purchases();
    assert!(!told("material_price", &plant, &with("inflation_adjustment", "0")).is_empty());
    let all_of_it = told("material_price", &plant, &with("inflation_adjustment", "0.25"));
    assert!(all_of_it.is_empty(), "{all_of_it:?}");
    let lost = |value: &str| -> f64 {
        told("material_price", &plant, &with("inflation_adjustment", value))
            .iter()
            .filter_map(|finding| finding.impact.as_ref())
            .map(|impact| impact.value.to_f64())
            .sum()
    };
    assert!(lost("0") > lost("0.1") && lost("0.1") > 0.0, "{} {}", lost("0"), lost("0.1"));
    for other in ["material_usage", "trend", "order_overrun"] {
        let said = |value: &str| format!("{:?}", told(other, &plant, &with("inflation_adjustment", value)));
        assert_eq!(said("0"), said("0.25"), "{other}");
    }
}

/// Eight machines of which the oldest stops a little more often.
fn machines() -> Plant {
    let stops: Vec<(usize, usize)> = (0..8)
        .flat_map(|machine| (0..if machine == 7 { 14 } else { 5 }).map(move |at| (machine, at)))
        .collect();
    let named = stops.clone();
    let events = loose(stops.len())
        .with_words("machine_id", |row| format!("M{}", named[row].0))
        .with_days("machine_installed_date", |row| if named[row].0 == 7 { 9_000.0 } else { 19_000.0 })
        .with_days("downtime_start", |row| 20_094.0 + 20.0 * named[row].1 as f64 + chance(row))
        .with_numbers("downtime_hours", |_| 3.0);
    let orders = frame(800, |row| row as u32).with_words("work_order_id", |row| format!("W{row}"));
    let operations = frame(800, |row| row as u32)
        .with_words("machine_id", |row| format!("M{}", row % 8))
        .with_days("operation_actual_start", |row| 20_094.0 + row as f64 / 3.0)
        .with_numbers("actual_run_hours", |_| 10.0);
    plant(orders, operations, events, 300.0)
}

#[test]
fn equipment_age_weight_expects_more_stops_of_an_old_machine() {
    let plant = machines();
    let young = told("mtbf", &plant, &with("equipment_age_weight", "0"));
    assert!(young.iter().any(|finding| finding.entities[0].value == "M7"), "{young:?}");
    let old = told("mtbf", &plant, &with("equipment_age_weight", "1"));
    let q = |findings: &[Finding]| findings.iter().map(|finding| finding.q).fold(1.0, f64::min);
    assert!(old.is_empty() || q(&old) > q(&young), "{old:?}");
    for other in ["mttr", "downtime_reason", "maintenance_interval"] {
        let said = |value: &str| format!("{:?}", told(other, &plant, &with("equipment_age_weight", value)));
        assert_eq!(said("0"), said("1"), "{other}");
    }
}

/// A machine whose lives are all about thirty days; no services are recorded.
fn wearing() -> Plant {
    let mut day = 20_094.0;
    let days: Vec<f64> = (0..60)
        .map(|failure| {
            day += 24.0 + 12.0 * chance(failure + 1_000);
            day
        })
        .collect();
    let events = loose(days.len())
        .with_words("machine_id", |_| "M1")
        .with_days("downtime_start", move |row| days[row])
        .with_numbers("downtime_hours", |_| 3.0);
    plant(frame(0, |_| 0), loose(0), events, 2_000.0)
}

#[test]
fn preventive_maintenance_interval_is_what_the_best_one_is_compared_with() {
    let plant = wearing();
    let of = |days: &str| {
        told("maintenance_interval", &plant, &with("preventive_maintenance_interval", days)).remove(0)
    };
    let (usual, rare) = (of("21"), of("60"));
    assert!(
        usual.title.ends_with("now it is every 21") && rare.title.ends_with("now it is every 60"),
        "{}",
        rare.title
    );
    assert!(rare.quantity.as_ref().unwrap().value > usual.quantity.as_ref().unwrap().value);
    assert_eq!(usual.effect, rare.effect);
    assert_eq!((usual.q, &usual.entities), (rare.q, &rare.entities));
}

#[test]
fn equipment_reliability_score_asks_for_an_earlier_service() {
    let plant = wearing();
    let settings = |score: &str| {
        let mut settings = with("preventive_maintenance_interval", "32");
        settings.set("equipment_reliability_score", score).unwrap();
        settings
    };
    let of = |score: &str| told("maintenance_interval", &plant, &settings(score)).remove(0);
    let (easy, strict) = (of("0.05"), of("0.99"));
    assert!(
        !easy.observations.iter().any(|said| said.contains("That would take")),
        "{:?}",
        easy.observations
    );
    assert!(
        strict.observations.iter().any(|said| said.contains("That would take")),
        "{:?}",
        strict.observations
    );
    assert_eq!(figures(&easy), figures(&strict));
}
