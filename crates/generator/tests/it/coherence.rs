//! The books of a plant agree with each other, to the cent and to the minute.

use std::collections::BTreeMap;

use crate::plant::{self, Plant, cents, minutes};
use generator::{PlantSpec, Problem, Problems};
use proptest::prelude::*;

fn sums<'a>(plant: &'a Plant, file: &str, column: &str, scale: u32) -> BTreeMap<(&'a str, &'a str), i64> {
    let mut sums = BTreeMap::new();
    for row in plant.table(file) {
        let sequence = row.get("Oper Seq").unwrap_or("");
        *sums.entry((row.get("Job No").unwrap(), sequence)).or_insert(0) +=
            plant::scaled(row.text(column), scale);
    }
    sums
}

fn orders_agree_with_themselves(plant: &Plant) {
    for order in plant.table("jobs.csv") {
        let whole = |column| order.text(column).parse::<i64>().unwrap();
        assert_eq!(whole("Qty Complete") + whole("Qty Scrap"), whole("Qty Ordered"));
        assert!(whole("Qty Complete") >= 1);
        for kind in ["Est", "Act"] {
            let parts: i64 = ["Material", "Labor", "Burden"]
                .iter()
                .map(|part| cents(order.text(&format!("{kind} {part} Cost"))))
                .sum();
            assert_eq!(parts, cents(order.text(&format!("{kind} Total Cost"))));
        }
        assert_eq!(
            cents(order.text("Unit Price")) * whole("Qty Complete"),
            cents(order.text("Sales Amount"))
        );
        let moments: Vec<i64> = ["Planned Release", "Release Date", "Actual Start", "Actual Finish"]
            .map(|column| minutes(order.text(column)))
            .into();
        assert!(moments.is_sorted(), "{moments:?}");
        assert!(minutes(order.text("Order Date")) <= moments[0]);
        assert!(minutes(order.text("Due Date")) > moments[0] - 1_440);
    }
}

fn operations_follow_each_other(plant: &Plant) {
    let mut previous: Option<(&str, i64, i64)> = None;
    for row in plant.table("operations.csv") {
        let whole = |column| row.text(column).parse::<i64>().unwrap();
        let (job, start, end) =
            (row.text("Job No"), minutes(row.text("Actual Start")), minutes(row.text("Actual End")));
        assert!(start <= end);
        assert_eq!(whole("Qty Complete") + whole("Qty Scrap"), whole("Qty In"));
        if let Some((before, ended, good)) = previous
            && before == job
        {
            assert!(ended <= start);
            assert_eq!(good, whole("Qty In"));
        }
        let hours = |columns: &[&str]| columns.iter().map(|column| cents(row.text(column))).sum::<i64>();
        let planned = hours(&["Est Setup Hrs", "Est Run Hrs"]) * cents(row.text("Std Labor Rate"));
        assert_eq!((planned + 50) / 100, cents(row.text("Est Labor Cost")));
        let booked = hours(&["Act Setup Hrs", "Act Run Hrs", "Rework Hrs"]) * cents(row.text("Burden Rate"));
        assert_eq!((booked + 50) / 100, cents(row.text("Act Burden Cost")));
        previous = Some((job, end, whole("Qty Complete")));
    }
}

fn tickets_add_up_to_operations(plant: &Plant) {
    for (ticket, operation, scale) in [
        ("Setup Hrs", "Act Setup Hrs", 2),
        ("Run Hrs", "Act Run Hrs", 2),
        ("Rework Hrs", "Rework Hrs", 2),
        ("Labor Cost", "Act Labor Cost", 2),
        ("Good Qty", "Qty Complete", 0),
        ("Scrap Qty", "Qty Scrap", 0),
    ] {
        assert_eq!(
            sums(plant, "labor_tickets.csv", ticket, scale),
            sums(plant, "operations.csv", operation, scale),
            "{ticket}"
        );
    }
    for row in plant.table("labor_tickets.csv") {
        let hours: i64 =
            ["Setup Hrs", "Run Hrs", "Rework Hrs"].iter().map(|column| cents(row.text(column))).sum();
        assert_eq!((hours * cents(row.text("Pay Rate")) + 50) / 100, cents(row.text("Labor Cost")));
    }
}

fn rolled_up(plant: &Plant, file: &str, column: &str) -> BTreeMap<String, i64> {
    let mut sums = BTreeMap::new();
    for row in plant.table(file) {
        *sums.entry(row.text("Job No").to_owned()).or_insert(0) += cents(row.text(column));
    }
    sums
}

fn orders_add_up_to_the_truth(plant: &Plant) {
    for (file, part, whole) in [
        ("operations.csv", "Act Labor Cost", "Act Labor Cost"),
        ("operations.csv", "Act Burden Cost", "Act Burden Cost"),
        ("operations.csv", "Est Labor Cost", "Est Labor Cost"),
        ("materials.csv", "Act Cost", "Act Material Cost"),
        ("materials.csv", "Est Cost", "Est Material Cost"),
    ] {
        assert_eq!(rolled_up(plant, file, part), rolled_up(plant, "jobs.csv", whole), "{whole}");
    }
    for row in plant.table("materials.csv") {
        let cost = plant::scaled(row.text("Qty Issued"), 3) * plant::scaled(row.text("Unit Cost"), 4);
        assert_eq!((cost + 50_000) / 100_000, cents(row.text("Act Cost")));
    }
    let total = |column| rolled_up(plant, "jobs.csv", column).values().sum::<i64>();
    let totals = plant.truth.totals;
    assert_eq!(total("Est Total Cost"), (totals.planned_cost * 100.0).round() as i64);
    assert_eq!(total("Act Total Cost"), (totals.actual_cost * 100.0).round() as i64);
    assert_eq!(((totals.variance + totals.planned_cost - totals.actual_cost) * 100.0).round(), 0.0);
    for (file, rows) in &plant.truth.rows {
        assert_eq!(plant.table(file).count() as u64, *rows, "{file}");
    }
}

/// No machine works on two orders at once, and each serves in order of arrival.
fn machines_serve_in_turn(plant: &Plant) {
    let mut by_machine: BTreeMap<&str, Vec<(i64, i64)>> = BTreeMap::new();
    for row in plant.table("operations.csv") {
        let span = (minutes(row.text("Actual Start")), minutes(row.text("Actual End")));
        by_machine.entry(row.text("Resource")).or_default().push(span);
    }
    for spans in by_machine.values_mut() {
        spans.sort_unstable();
        assert!(spans.windows(2).all(|pair| pair[0].1 <= pair[1].0));
    }
}

/// Orders on the floor, averaged over time, are the rate of orders times the time each spends there.
fn littles_law_holds(plant: &Plant) {
    let mut events = Vec::new();
    let mut spent = 0_i64;
    for row in plant.table("jobs.csv") {
        let (start, end) = (minutes(row.text("Release Date")), minutes(row.text("Actual Finish")));
        events.push((start, 1_i64));
        events.push((end, -1));
        spent += end - start;
    }
    events.sort_unstable();
    let (mut on_floor, mut area) = (0_i64, 0_i64);
    for pair in events.windows(2) {
        on_floor += pair[0].1;
        area += on_floor * (pair[1].0 - pair[0].0);
    }
    let span = (events.last().unwrap().0 - events[0].0) as f64;
    let orders = plant.table("jobs.csv").count() as f64;
    let (wip, throughput, cycle_time) = (area as f64 / span, orders / span, spent as f64 / orders);
    assert!((wip - throughput * cycle_time).abs() <= 1e-9 * wip, "{wip} {throughput} {cycle_time}");
}

fn check(spec: &PlantSpec) {
    let plant = Plant::of(spec);
    orders_agree_with_themselves(&plant);
    operations_follow_each_other(&plant);
    tickets_add_up_to_operations(&plant);
    orders_add_up_to_the_truth(&plant);
    machines_serve_in_turn(&plant);
    littles_law_holds(&plant);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn any_plant_is_coherent(
        seed in any::<u64>(),
        orders in 60_u64..1_500,
        facilities in 1_u32..3,
        effect in 0.25_f64..2.0,
        set in proptest::collection::vec(any::<bool>(), Problem::ALL.len()),
    ) {
        let problems: Problems = Problem::ALL.into_iter().zip(set).filter(|(_, planted)| *planted).map(|(problem, _)| problem).collect();
        check(&PlantSpec { problems, effect, facilities: Some(facilities.min((orders / 60) as u32)), ..PlantSpec::new(orders, seed) });
    }
}

#[test]
fn the_usual_plant_is_coherent() {
    check(&PlantSpec::new(5_000, 11));
}
