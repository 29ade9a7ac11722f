//! Plants made by hand with losses that are known beforehand.

use domain::{
    Analysis, Currency, Settings,
    analysis::{DataQuality, Rows},
};

use super::{claims, lateness, weekly};
use crate::{
    engine::{
        bench::{FIRST_DAY, chance, frame, loose, plant},
        ledger::Ledger,
        plant::Plant,
    },
    run::suite,
};

/// Ten orders: six kept, one late by a day and a half, one by ten days, one overdue, one not due yet.
fn promises() -> Plant {
    let due = |row: usize| FIRST_DAY + if row == 9 { 60.0 } else { 10.0 + row as f64 };
    let late = |row: usize| match row {
        6 => 2.5,
        7 => 11.0,
        8 | 9 => f64::NAN,
        _ => 0.9,
    };
    let orders = frame(10, |row| row as u32)
        .with_words("work_order_id", |row| format!("W{row}"))
        .with_words("customer_id", |row| if row % 2 == 0 { "C1" } else { "C2" })
        .with_days("due_date", due)
        .with_days("actual_end", move |row| due(row) + late(row));
    let operations =
        frame(10, |row| row as u32).with_words("work_center_id", |row| if row < 5 { "A" } else { "B" });
    plant(orders, operations, loose(0), 40.0)
}

#[test]
fn each_order_is_kept_late_overdue_or_not_counted_and_counts_once() {
    let found = lateness(&promises());
    assert_eq!((found.kept, found.late, found.overdue, found.uncounted), (6, 2, 1, 1));
    assert_eq!((found.due, found.end), (Some("due_date"), Some("actual_end")));
    // A due date without a time of day is kept until that day is over.
    assert!((found.median_days.unwrap() - 5.75).abs() < 1e-6, "{:?}", found.median_days);
    assert_eq!(found.bands.iter().map(|band| band.2).sum::<u64>(), found.late);
    assert_eq!(found.causes.iter().map(|cause| cause.orders).sum::<u64>(), found.late);
    assert_eq!(
        found.months.iter().map(|month| month.kept + month.late + month.overdue).sum::<u64>(),
        found.counted()
    );
    let by = |field: &str| found.rates.iter().find(|by| by.field == field).unwrap();
    for by in [by("customer_id"), by("work_center_id")] {
        assert_eq!(by.rates.iter().map(domain::pack::Rate::orders).sum::<u64>(), 9);
        assert_eq!(by.rates.iter().map(|rate| rate.late).sum::<u64>(), 3);
    }
    assert_eq!((by("work_center_id").rates[0].name.as_str(), by("work_center_id").rates[0].late), ("B", 3));
    let orders: Vec<(&str, bool)> =
        found.orders.iter().map(|order| (order.order.as_str(), order.ended.is_some())).collect();
    assert_eq!(orders, [("W7", true), ("W8", false), ("W6", true)]);
    assert!(found.causes_note.contains("needs start and end"), "{}", found.causes_note);
    assert!(found.missing.iter().any(|words| words.contains("product")), "{:?}", found.missing);
}

#[test]
fn without_dates_it_is_said_what_is_missing() {
    let orders = frame(3, |row| row as u32).with_words("work_order_id", |row| format!("W{row}"));
    let found = lateness(&plant(orders, loose(0), loose(0), 30.0));
    assert_eq!((found.counted(), found.uncounted), (0, 3));
    assert!(found.missing[0].contains("when it was due") && found.missing[1].contains("when it ended"));
    let empty = lateness(&Plant::default());
    assert_eq!((empty.counted(), empty.uncounted, empty.period), (0, 0, None));
}

/// Eight orders a day for twelve weeks; each waits before saw and press, those of every fifth day for two days at the press.
fn queues() -> Plant {
    let n = 8 * 84;
    let day = |order: usize| FIRST_DAY + (order / 8) as f64 + 0.3 + (order % 8) as f64 * 0.02;
    let slow = |order: usize| (order / 8) % 5 == 4;
    let start = move |row: usize| {
        let (order, step) = (row / 2, row % 2);
        day(order) + 0.05 + step as f64 * 0.1 + if step == 1 && slow(order) { 2.0 } else { 0.0 }
    };
    let end = move |row: usize| start(row) + 0.04;
    let orders = frame(n, |row| row as u32)
        .with_words("work_order_id", |row| format!("W{row:04}"))
        .with_days("release_date", day)
        .with_days("planned_release_date", move |row| day(row) - if row % 40 == 0 { 3.0 } else { 0.0 })
        .with_days("due_date", move |row| (day(row) - if row % 40 == 0 { 3.0 } else { 0.0 }).floor() + 1.0)
        .with_days("actual_end", move |row| end(row * 2 + 1));
    let operations = frame(2 * n, |row| (row / 2) as u32)
        .with_words("work_center_id", |row| if row % 2 == 0 { "Saw" } else { "Press" })
        .with_days("operation_actual_start", start)
        .with_days("operation_actual_end", end);
    plant(orders, operations, loose(0), 84.0)
}

#[test]
fn a_late_order_is_told_by_the_queue_or_the_release_that_it_lost_most_to() {
    let found = lateness(&queues());
    let named: Vec<(&str, u64)> =
        found.causes.iter().map(|cause| (cause.name.as_str(), cause.orders)).collect();
    // Every fifth day has eight slow orders; every fifth first order of a day was released three days late, none of them slow.
    let (slow, released) = (8 * 16, 17);
    assert_eq!(named, [("Waiting at Press", slow), ("Released late", released)]);
    assert_eq!(found.late, slow + released);
    assert!(found.causes[0].hours.is_some_and(|hours| hours > 0.0));
}

/// An order of 100 planned and 110 actual on each working day of six weeks and two days, but 150 in the sixth week.
fn costs() -> Plant {
    let days: Vec<f64> = (0..44).filter(|day| day % 7 < 5).map(|day| FIRST_DAY + f64::from(day)).collect();
    let sixth = |row: usize| (25..30).contains(&row);
    let n = days.len();
    let ends = days.clone();
    let orders = frame(n + 1, |row| row as u32)
        .with_words("work_order_id", |row| format!("W{row}"))
        .with_days("actual_start", move |row| days.get(row).copied().unwrap_or(FIRST_DAY))
        .with_days("actual_end", move |row| ends.get(row).map_or(f64::NAN, |day| day + 0.5))
        .with_numbers("planned_labor_cost", |_| 60.0)
        .with_numbers("planned_material_cost", |_| 40.0)
        .with_numbers("actual_labor_cost", move |row| if sixth(row) { 110.01 } else { 70.0 })
        .with_numbers("actual_material_cost", |_| 40.0);
    let ends: Vec<f64> = (0..44).filter(|day| day % 7 < 5).map(|day| FIRST_DAY + f64::from(day)).collect();
    let operations = frame(n, |row| row as u32)
        .with_words("work_center_id", |row| if row % 2 == 0 { "Saw" } else { "Press" })
        .with_days("operation_actual_start", move |row| ends[row] + 0.1)
        .with_numbers("planned_labor_hours", |_| 2.0)
        .with_numbers("actual_labor_hours", move |row| if sixth(row) { 4.0 } else { 2.5 })
        .with_numbers("labor_rate", |_| 30.0);
    plant(orders, operations, loose(0), 43.0)
}

#[test]
fn the_weeks_and_what_is_in_none_add_up_to_the_whole_variance_to_the_cent() {
    let plant = costs();
    let found = weekly(&plant);
    let week = found.week.as_ref().unwrap();
    // The seventh week has two days so far; the sixth is over on Friday, for nobody works on Saturday.
    assert_eq!((week.start.as_str(), week.end.as_str()), ("2025-02-10", "2025-02-16"));
    assert_eq!(found.weeks_before, 5);
    let variance = found.variance.as_ref().unwrap();
    assert_eq!(
        (variance.last.to_f64(), variance.mean, variance.low, variance.high),
        (250.05, 50.0, 50.0, 50.0)
    );
    let kinds: rust_decimal::Decimal = found.kinds.iter().map(|kind| kind.last.amount).sum();
    assert_eq!(kinds, variance.last.amount);
    assert_eq!(found.orders, (5, 5.0));
    let weeks: rust_decimal::Decimal = found.weeks.iter().map(|week| week.over.amount).sum();
    let (open, undated) = found.undated.clone().unwrap();
    let (others, other) = found.other_weeks.clone().unwrap();
    assert_eq!((open, others), (1, 2));
    let ledger = Ledger::of(&plant);
    assert_eq!(
        weeks + undated.amount + other.amount,
        rust_decimal::Decimal::new(ledger.actual - ledger.planned, 2)
    );
    let press = found.resources.iter().find(|one| one.name == "Press").unwrap();
    let (hours, before) = press.hours.unwrap();
    assert_eq!(press.operations, 3);
    assert!((hours - 6.0).abs() < 1e-6 && (before - 12.0 * 0.5 / 5.0).abs() < 1e-6, "{hours} {before}");
    assert!(press.money.is_some_and(|(last, _)| (last - 180.0).abs() < 1e-6), "{press:?}");
}

#[test]
fn a_plant_without_dates_or_costs_has_no_week_and_says_so() {
    let found = weekly(&Plant::default());
    assert_eq!((found.week, found.kinds.len(), found.resources.len()), (None, 0, 0));
    assert!(found.missing.iter().any(|words| words.contains("no whole week")), "{:?}", found.missing);
}

/// Steel of three suppliers for 900 orders; S02 charges 15 % more from day 100 on.
fn purchases() -> Plant {
    let orders = frame(900, |row| row as u32)
        .with_words("work_order_id", |row| format!("W{row:03}"))
        .with_words("customer_id", |row| if row % 2 == 0 { "Borealis" } else { "Cerberus" });
    let mut plant = plant(orders, loose(0), loose(0), 300.0);
    plant.materials = frame(900, |row| row as u32)
        .with_words("material_id", |row| format!("MAT{}", row % 2))
        .with_words("material_lot_id", |row| format!("L{:03}", row / 3))
        .with_words("supplier_id", |row| format!("S{:02}", row % 3))
        .with_words("supplier_name", |row| ["Steel North", "Steel South", "Steel East"][row % 3])
        .with_days("receipt_date", |row| FIRST_DAY + row as f64 / 3.0)
        .with_numbers("actual_material_quantity", |_| 20.0)
        .with_numbers("material_standard_cost", |_| 5.0)
        .with_numbers("material_unit_cost", |row| {
            let dear = row % 3 == 2 && row >= 300;
            5.0 * (if dear { 1.15 } else { 1.0 }) * (0.99 + 0.02 * chance(row))
        });
    plant
}

fn analysis(plant: &Plant) -> Analysis {
    let result = suite(plant, &Settings::default());
    Analysis {
        data_tier: 0,
        analyzers_run: result.run,
        analyzers_skipped: result.skipped,
        period: None,
        currency: Currency::parse("USD").unwrap(),
        rows: Rows::default(),
        totals: result.totals,
        kpis: Vec::new(),
        findings: result.findings,
        guidance: Vec::new(),
        data_quality: DataQuality { score: 100, grade: 'A', items: Vec::new() },
        charts: Vec::new(),
        settings: Vec::new(),
        breakdown: None,
    }
}

#[test]
fn a_claim_lists_the_lines_of_its_supplier_since_the_day_and_names_nobody_else() {
    let plant = purchases();
    let analysis = analysis(&plant);
    let found = claims(&plant, &analysis).claims;
    let [claim] = &found[..] else { panic!("{found:#?}") };
    assert_eq!((claim.supplier.as_str(), claim.supplier_name.as_str()), ("S02", "Steel East"));
    let since = claim.since.as_deref().unwrap();
    assert!(claim.lines_total >= 195 && claim.lines_total <= 205, "{} since {since}", claim.lines_total);
    assert_eq!((claim.orders, claim.lots, claim.materials.len()), (claim.lines_total, claim.lines_total, 2));
    assert!((claim.quantity.unwrap() - 20.0 * claim.lines_total as f64).abs() < 1e-6);
    // 15 % of 5 a piece on 20 pieces.
    let each = claim.difference().unwrap() / claim.lines_total as f64;
    assert!((each - 15.0).abs() < 0.8, "{each}");
    let [value, low, high] = claim.cost.clone().unwrap();
    assert!(low.amount < value.amount && value.amount < high.amount);
    assert_eq!(
        value,
        analysis.findings.iter().find(|one| one.id == claim.finding).unwrap().impact.clone().unwrap().value
    );
    let said = format!("{claim:?}");
    for other in ["S00", "S01", "Steel North", "Steel South", "Borealis", "Cerberus"] {
        assert!(!said.contains(other), "{other} is nobody's business: {said}");
    }
}

#[test]
fn a_sentence_that_names_another_supplier_is_left_out_of_a_claim() {
    let plant = purchases();
    let mut analysis = analysis(&plant);
    let finding = analysis.findings.iter_mut().find(|one| one.entities[0].value == "S02").unwrap();
    finding.observations = vec!["Dearer than S01.".to_owned(), "Dearer than S010 and before.".to_owned()];
    finding.comparison = "what Borealis pays".to_owned();
    let found = claims(&plant, &analysis).claims;
    assert_eq!(found[0].observations, ["Dearer than S010 and before."]);
    assert_eq!(found[0].comparison, "");
    analysis.findings.clear();
    assert!(claims(&plant, &analysis).claims.is_empty());
    let nothing = claims(&Plant::default(), &analysis);
    assert!(nothing.missing[0].contains("No row names a supplier"), "{:?}", nothing.missing);
}
