//! Small plants by hand: what the breakdown says of them, and that its sums are those of the plant.

use domain::{
    Settings,
    breakdown::{Band, Breakdown, QualityLine},
};

use crate::{
    engine::{
        bench::{FIRST_DAY, chance, frame, loose, plant},
        plant::Plant,
    },
    run::{SuiteResult, suite},
};

fn told(plant: &Plant, settings: &Settings) -> SuiteResult {
    suite(plant, settings)
}

fn broken_down(plant: &Plant) -> Breakdown {
    told(plant, &Settings::default()).breakdown
}

/// 240 orders of two operations each on four machines; M3 scraps four times as much, and takes a fifth longer.
fn works() -> Plant {
    let orders = frame(240, |row| row as u32)
        .with_words("work_order_id", |row| format!("W{row:03}"))
        .with_words("product_id", |row| format!("P{}", row % 3))
        .with_numbers("quantity_ordered", |_| 100.0)
        .with_numbers("quantity_completed", |_| 100.0)
        .with_numbers("planned_material_cost", |_| 400.0)
        .with_numbers("actual_material_cost", |row| if row % 5 == 0 { 380.0 } else { 420.0 })
        .with_numbers("planned_labor_cost", |_| 100.0)
        .with_numbers("actual_labor_cost", |_| 110.0)
        .with_days("actual_start", |row| FIRST_DAY + row as f64);
    let machine = |row: usize| (row / 2) % 4;
    let operations = frame(480, |row| row as u32 / 2)
        .with_words("operation_sequence", |row| format!("{}", 10 + 10 * (row % 2)))
        .with_words("operation_code", |row| if row % 2 == 0 { "MILL" } else { "TURN" })
        .with_words("machine_id", move |row| format!("M{}", machine(row)))
        .with_numbers("planned_run_hours", |_| 2.0)
        .with_numbers("actual_run_hours", move |row| {
            (if machine(row) == 3 { 2.4 } else { 2.0 }) * (0.95 + 0.1 * chance(row))
        })
        .with_numbers("labor_rate", |_| 30.0)
        .with_numbers("standard_labor_rate", |_| 24.0)
        .with_numbers("operation_quantity_completed", |_| 100.0)
        .with_numbers("operation_quantity_scrapped", move |row| if machine(row) == 3 { 8.0 } else { 2.0 })
        .with_numbers("rework_hours", |row| if row % 20 == 0 { 0.5 } else { 0.0 });
    let mut plant = plant(orders, operations, loose(0), 240.0);
    plant.materials = frame(480, |row| row as u32 / 2)
        .with_words("material_id", |row| if row % 2 == 0 { "STEEL" } else { "PAINT" })
        .with_words("supplier_id", |row| if row % 2 == 0 { "S01" } else { "S02" })
        .with_numbers("planned_material_quantity", |row| if row % 2 == 0 { 30.0 } else { 10.0 })
        .with_numbers("actual_material_quantity", |row| if row % 2 == 0 { 33.0 } else { 10.0 })
        .with_numbers("material_standard_cost", |_| 10.0)
        .with_numbers("material_unit_cost", |_| 10.0);
    plant
}

fn of<'a>(breakdown: &'a Breakdown, field: &str) -> Vec<&'a QualityLine> {
    breakdown.quality.iter().filter(|line| line.field == field).collect()
}

#[test]
fn scrap_and_rework_of_products_materials_and_suppliers_are_those_of_the_plant() {
    let breakdown = broken_down(&works());
    let quality = breakdown.losses.iter().find(|loss| loss.class == "quality").unwrap();
    let whole = quality.amount.as_ref().unwrap().to_f64();
    assert!(whole > 0.0);
    for field in ["product_id", "material_id", "supplier_id"] {
        let lines = of(&breakdown, field);
        let parts: f64 = lines
            .iter()
            .flat_map(|line| [&line.scrap, &line.rework])
            .flatten()
            .map(domain::Money::to_f64)
            .sum();
        assert!((parts - whole).abs() < 0.05, "{field}: {parts} of {whole}");
    }
    let materials = of(&breakdown, "material_id");
    assert_eq!(materials[0].value, "STEEL");
    // Three more than allowed of each order, at ten each; paint is used as planned.
    assert!((materials[0].waste.as_ref().unwrap().to_f64() - 7_200.0).abs() < 0.01);
    assert!(materials[1].waste.as_ref().unwrap().to_f64().abs() < 0.01);
    // Steel is three quarters of the planned material of every order.
    let scrap = |at: usize| materials[at].scrap.as_ref().unwrap().to_f64();
    assert!((scrap(0) / (scrap(0) + scrap(1)) - 0.75).abs() < 1e-6);
    for line in of(&breakdown, "product_id") {
        assert_eq!((line.orders, line.with_issue), (80, 80), "every order scraps something");
        assert!((line.issue_share() - 1.0).abs() < 1e-12);
    }
}

#[test]
fn an_issue_is_scrap_rework_or_a_record_against_the_order() {
    let mut plant = works();
    let operations = frame(480, |row| row as u32 / 2)
        .with_numbers("actual_run_hours", |_| 2.0)
        .with_numbers("operation_quantity_completed", |_| 100.0)
        .with_numbers("operation_quantity_scrapped", |row| if row < 24 { 1.0 } else { 0.0 });
    plant.operations_of = operations.ranges(240);
    plant.operations = operations;
    plant.with_issue = (0..240).map(|order| order >= 228).collect();
    let breakdown = broken_down(&plant);
    let lines = of(&breakdown, "product_id");
    assert_eq!(lines.iter().map(|line| line.with_issue).sum::<u64>(), 24);
    assert!(lines.iter().all(|line| (line.issue_share() - 0.1).abs() < 1e-12));
}

#[test]
fn machines_are_told_beside_what_the_same_work_needs_and_the_worst_leads() {
    let result = told(&works(), &Settings::default());
    let lines = &result.breakdown.machines;
    assert_eq!(lines.len(), 4);
    let worst = &lines[0];
    assert_eq!(worst.machine, "M3");
    assert!((worst.scrap_rate.unwrap() - 8.0 / 108.0).abs() < 1e-6);
    assert!(worst.scrap_rate > worst.scrap_expected);
    // 2.4 hours where 2 are planned for 100 pieces and 108 passed: 0.24 too much of each of 120, at 30 an hour.
    let labor = worst.labor.as_ref().unwrap().to_f64();
    assert!((labor - 0.24 * 120.0 * 30.0).abs() < 60.0, "{labor}");
    // Each order was made on one machine alone, and 60 orders used steel for thirty too much.
    assert!((worst.waste.as_ref().unwrap().to_f64() - 1_800.0).abs() < 0.01);
    assert!(worst.driver.starts_with("Most of it is "), "{}", worst.driver);
    assert!(worst.risk > 0 && !worst.reasons.is_empty(), "{worst:?}");
    assert!(lines[1..].iter().all(|line| line.risk == 0 && line.reasons.is_empty()), "{lines:#?}");
    assert!(lines.iter().all(|line| line.chance.is_none()), "nothing stopped, so no chance is stated");
    let total: f64 = lines.iter().filter_map(|line| line.scrap.as_ref()).map(domain::Money::to_f64).sum();
    let reworked: f64 = result
        .breakdown
        .quality
        .iter()
        .filter(|line| line.field == "product_id")
        .filter_map(|line| line.rework.as_ref())
        .map(domain::Money::to_f64)
        .sum();
    let quality = result.breakdown.losses.iter().find(|loss| loss.class == "quality").unwrap();
    assert!((total + reworked - quality.amount.as_ref().unwrap().to_f64()).abs() < 0.05);
}

#[test]
fn steps_are_told_with_efficiency_cost_and_scatter() {
    let breakdown = broken_down(&works());
    let [whole, mill, turn] = &breakdown.operations[..] else { panic!("{:?}", breakdown.operations) };
    assert_eq!((whole.name.as_str(), whole.records), ("", 480));
    assert!((whole.hours - mill.hours - turn.hours).abs() < 1e-6);
    assert!((whole.efficiency - whole.allowed / whole.hours).abs() < 1e-12);
    // Paid 30 where 24 were planned.
    assert!((whole.cost_efficiency.unwrap() - whole.efficiency * 0.8).abs() < 1e-9);
    assert!(whole.spread.unwrap() > 0.0 && mill.band == Some(Band::Good));
    let labor = breakdown.losses.iter().find(|loss| loss.class == "labor").unwrap();
    assert!((labor.quantity.unwrap().0 - (whole.hours - whole.allowed)).abs() < 1e-9);
}

#[test]
fn orders_over_and_under_their_plan_stand_apart_and_make_the_variance() {
    let result = told(&works(), &Settings::default());
    let sides = result.breakdown.sides.as_ref().unwrap();
    assert_eq!((sides.orders_over, sides.orders_under), (192, 48));
    assert_eq!(sides.over.amount - sides.under.amount, result.totals.variance.amount);
    assert!(sides.under.to_f64() > 0.0);
    let class = |wanted: &str| {
        let loss = result.breakdown.losses.iter().find(|loss| loss.class == wanted).unwrap();
        loss.amount.as_ref().unwrap().amount
    };
    let parts: rust_decimal::Decimal = result.totals.parts.iter().map(|(_, part)| part.amount).sum();
    assert_eq!(class("labor") + class("material"), parts, "labor and material are the whole of these orders");
}

#[test]
fn bands_follow_their_settings_and_nothing_else_moves() {
    let plant = works();
    let mut strict = Settings::default();
    strict.set("labor_efficiency_target", "0.99").unwrap();
    let (before, after) = (told(&plant, &Settings::default()), told(&plant, &strict));
    let bands = |result: &SuiteResult| -> Vec<Option<Band>> {
        result.breakdown.operations.iter().map(|line| line.band).collect()
    };
    assert_ne!(bands(&before), bands(&after));
    let without = |result: &SuiteResult| {
        let mut breakdown = result.breakdown.clone();
        breakdown.scales.clear();
        breakdown.operations.iter_mut().for_each(|line| line.band = None);
        breakdown
    };
    assert_eq!(without(&before), without(&after));
    let mut tight = Settings::default();
    tight.set("waste_reduction_target", "0.99").unwrap();
    let scrap = |settings: &Settings| of(&told(&plant, settings).breakdown, "product_id")[0].band;
    assert_eq!(scrap(&Settings::default()), Some(Band::Good));
    assert_eq!(scrap(&tight), Some(Band::Poor));
}

/// M0 stopped every twenty days on average, M1 wears out after about thirty, M2 twice in all; each is serviced.
fn stops(overdue: f64) -> Plant {
    let mut of: Vec<(usize, f64)> = Vec::new();
    let mut day = [FIRST_DAY; 2];
    for failure in 0..40 {
        day[0] += -20.0 * chance(failure).max(1e-9).ln();
        day[1] += 26.0 + 8.0 * chance(failure + 500);
        of.extend([(0, day[0]), (1, day[1])]);
    }
    of.extend([(2, FIRST_DAY + 100.0), (2, FIRST_DAY + 300.0)]);
    let last = day[1];
    of.retain(|(_, day)| *day <= last);
    let stops = of.len();
    let of = move |row: usize| if row < stops { of[row] } else { (row - stops, f64::NAN) };
    let of = std::sync::Arc::new(of);
    let (a, b, c) = (of.clone(), of.clone(), of);
    let events = loose(stops + 3)
        .with_words("machine_id", move |row| format!("M{}", a(row).0))
        .with_days("downtime_start", move |row| b(row).1)
        .with_numbers("downtime_hours", move |row| if c(row).1.is_finite() { 3.0 } else { f64::NAN })
        .with_words("maintenance_type", move |row| if row < stops { "" } else { "preventive" })
        .with_days("maintenance_date", move |row| if row < stops { f64::NAN } else { last - overdue });
    plant(frame(0, |_| 0), loose(0), events, last - FIRST_DAY)
}

#[test]
fn a_chance_is_stated_only_of_stops_and_grows_with_the_age_of_what_wears() {
    let breakdown = broken_down(&stops(10.0));
    let line = |name: &str| breakdown.machines.iter().find(|line| line.machine == name).unwrap();
    let (steady, few) = (line("M0"), line("M2"));
    assert!(few.chance.is_none() && few.band.is_none(), "two stops are no rate");
    // At a constant rate of one in twenty days, 21 days pass without a stop in a third of all cases.
    let chance = steady.chance.unwrap();
    assert!((0.45..0.85).contains(&chance), "{chance}");
    assert!(steady.reasons[0].contains("with a chance of"), "{:?}", steady.reasons);
    assert!(breakdown.machines.iter().all(|line| line.risk <= 100));
    assert!(breakdown.machines.windows(2).all(|pair| pair[0].risk >= pair[1].risk));
}

#[test]
fn the_next_service_is_due_an_interval_after_the_last() {
    for (since, overdue) in [(10.0, 0.0), (30.0, 9.0)] {
        let breakdown = broken_down(&stops(since));
        let line = breakdown.machines.iter().find(|line| line.machine == "M2").unwrap();
        let service = line.service.as_ref().unwrap();
        // The setting says 21 days where the machine has no interval of its own.
        assert_eq!((service.interval_days, service.own_interval), (21.0, false));
        assert!((service.overdue_days - overdue).abs() < 1e-6, "{service:?}");
        assert_eq!(
            line.reasons.iter().any(|reason| reason.starts_with("Its service was due on")),
            overdue > 0.0
        );
        assert!(service.last < service.due);
    }
}

#[test]
fn a_clean_plant_has_no_machine_at_risk() {
    let orders = frame(400, |row| row as u32).with_words("work_order_id", |row| format!("W{row}"));
    let operations = frame(400, |row| row as u32)
        .with_words("machine_id", |row| format!("M{}", row % 5))
        .with_words("operation_code", |_| "MILL")
        .with_numbers("planned_run_hours", |_| 2.0)
        .with_numbers("actual_run_hours", |row| 2.0 * (0.9 + 0.2 * chance(row)))
        .with_numbers("operation_quantity_completed", |_| 200.0)
        .with_numbers("operation_quantity_scrapped", |row| (8.0 * chance(row + 9_000)).floor())
        .with_numbers("labor_rate", |_| 30.0);
    let breakdown = broken_down(&plant(orders, operations, loose(0), 200.0));
    assert_eq!(breakdown.machines.len(), 5);
    assert!(breakdown.machines.iter().all(|line| line.risk == 0 && line.reasons.is_empty()));
}

#[test]
fn orders_that_carry_everything_themselves_are_broken_down_too() {
    let orders = frame(120, |row| row as u32)
        .with_words("work_order_id", |row| format!("W{row}"))
        .with_words("material_id", |row| format!("MAT{}", row % 2))
        .with_words("machine_id", |row| format!("M{}", row % 3))
        .with_numbers("quantity_ordered", |_| 50.0)
        .with_numbers("quantity_completed", |_| 48.0)
        .with_numbers("quantity_scrapped", |row| if row % 3 == 0 { 4.0 } else { 1.0 })
        .with_numbers("planned_total_cost", |_| 500.0)
        .with_numbers("actual_total_cost", |_| 520.0)
        .with_numbers("planned_labor_hours", |_| 5.0)
        .with_numbers("actual_labor_hours", |_| 6.0)
        .with_numbers("actual_labor_cost", |_| 180.0);
    let breakdown = broken_down(&plant(orders, loose(0), loose(0), 120.0));
    let materials = of(&breakdown, "material_id");
    // 240 pieces of ten each, half by half.
    let scrap: f64 = materials.iter().map(|line| line.scrap.as_ref().unwrap().to_f64()).sum();
    assert!((scrap - 2_400.0).abs() < 0.01, "{scrap}");
    assert_eq!(breakdown.machines.len(), 3);
    assert!(breakdown.machines.iter().all(|line| line.labor.is_some()));
    assert!(breakdown.operations[0].efficiency < 1.0);
}
