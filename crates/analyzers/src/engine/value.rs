//! What an hour and a piece are worth, from the data and nothing else.

use super::{frame::Frame, plant::Plant};

/// Cost of an hour of work at a row: what was paid, plus the machine's rate where the data charge one. NaN if unknown.
pub fn hour(plant: &Plant, frame: &Frame, row: usize) -> f64 {
    labor_hour(plant, frame, row) + machine_hour(plant, frame, row).unwrap_or(0.0)
}

/// Hours booked on a row in all.
pub fn booked_hours(frame: &Frame, row: usize) -> f64 {
    let parts = ["actual_setup_hours", "actual_run_hours", "rework_hours"];
    let sum: f64 = parts.iter().filter_map(|field| frame.number(field, row)).sum();
    if sum > 0.0 { sum } else { frame.number("actual_labor_hours", row).unwrap_or(0.0) }
}

/// What the row itself says was paid for an hour of its labor.
pub fn paid_hour(frame: &Frame, row: usize) -> Option<f64> {
    let rate = frame.number("labor_rate", row).filter(|rate| *rate > 0.0);
    rate.or_else(|| {
        let hours = booked_hours(frame, row);
        let cost = frame.number("actual_labor_cost", row).filter(|cost| *cost > 0.0)?;
        (hours > 0.0).then_some(cost / hours)
    })
}

fn labor_hour(plant: &Plant, frame: &Frame, row: usize) -> f64 {
    if let Some(rate) = paid_hour(frame, row) {
        return rate;
    }
    if let Some(rate) = plant.number(frame, "standard_labor_rate", row).filter(|rate| *rate > 0.0) {
        return rate;
    }
    if let Some(rate) = plant.number(frame, "labor_rate", row).filter(|rate| *rate > 0.0) {
        return rate;
    }
    let order = frame.order[row] as usize;
    match (plant.orders.number("actual_labor_cost", order), plant.orders.number("actual_labor_hours", order))
    {
        (Some(cost), Some(hours)) if cost > 0.0 && hours > 0.0 => cost / hours,
        _ => plant.own_rates.labor_hour.unwrap_or(f64::NAN),
    }
}

/// The machine's hourly rate, if the data have one.
pub fn machine_hour(plant: &Plant, frame: &Frame, row: usize) -> Option<f64> {
    for field in ["machine_rate", "standard_machine_rate"] {
        if let Some(rate) = plant.number(frame, field, row).filter(|rate| *rate > 0.0) {
            return Some(rate);
        }
    }
    let hours = booked_hours(frame, row);
    frame
        .number("actual_overhead_cost", row)
        .filter(|cost| *cost > 0.0 && hours > 0.0)
        .map(|cost| cost / hours)
        .or_else(|| {
            let order = frame.order[row] as usize;
            let cost = plant.orders.number("actual_overhead_cost", order)?;
            let hours = plant
                .orders
                .number("actual_labor_hours", order)
                .or_else(|| plant.orders.number("actual_machine_hours", order))?;
            (hours > 0.0 && cost > 0.0).then_some(cost / hours)
        })
}

/// Which rates were used, in words, for the assumptions of a finding.
pub fn rates_used(plant: &Plant, frame: &Frame) -> Vec<String> {
    let mut words = Vec::new();
    if frame.has("labor_rate") || frame.has("actual_labor_cost") {
        words.push("Hours are valued at what your data say was paid for them.".to_owned());
    } else if plant.has("standard_labor_rate") || plant.has("labor_rate") {
        words.push("Hours are valued at your own labor rate.".to_owned());
    } else if plant.orders.has("actual_labor_cost") {
        words.push("Hours are valued at labor cost per labor hour of the same order.".to_owned());
    } else if plant.own_rates.labor_hour.is_some() {
        words.push(
            "The data hold no rate: hours are valued at the hourly rate of your saved mapping.".to_owned(),
        );
    }
    if plant.has("machine_rate") || plant.has("standard_machine_rate") {
        words.push("Your hourly machine rate is added.".to_owned());
    } else if plant.has("actual_overhead_cost") {
        words.push("Overhead per hour of the same work is added.".to_owned());
    }
    words
}

/// What a piece that is scrapped at an operation has cost: its plan, less the run time that later operations are spared.
/// Set-ups of later operations are spent all the same, and a few pieces would have been scrapped later anyway.
/// Rows of operations; NaN where the data hold no cost.
pub fn cost_reached(plant: &Plant) -> Vec<f64> {
    let frame = &plant.operations;
    let sum = |field: &str| -> f64 { (0..frame.len).filter_map(|row| frame.number(field, row)).sum() };
    let (good, bad) = (sum("operation_quantity_completed"), sum("operation_quantity_scrapped"));
    let survival = if good > 0.0 { good / (good + bad) } else { 1.0 };
    let mut reached = vec![f64::NAN; frame.len];
    for (order, range) in plant.operations_of.iter().enumerate() {
        let number = |field: &str| plant.orders.number(field, order).filter(|value| *value > 0.0);
        let Some(pieces) = number("quantity_ordered").or_else(|| number("quantity_completed")) else {
            reached[range.clone()].fill(plant.own_rates.scrapped_piece.unwrap_or(f64::NAN));
            continue;
        };
        let hours = |row: usize, field: &str, otherwise: &str| {
            frame.number(field, row).or_else(|| frame.number(otherwise, row)).unwrap_or(0.0)
        };
        let rates: Vec<f64> = range.clone().map(|row| hour(plant, frame, row)).collect();
        let run = |at: usize, row: usize| {
            let cost = hours(row, "planned_run_hours", "actual_run_hours") * rates[at];
            if cost.is_finite() { cost } else { 0.0 }
        };
        let planned = number("planned_total_cost").or_else(|| {
            let material = number("planned_material_cost").or_else(|| number("actual_material_cost"));
            let work: f64 = range
                .clone()
                .enumerate()
                .map(|(at, row)| {
                    let setup = hours(row, "planned_setup_hours", "actual_setup_hours") * rates[at];
                    run(at, row) + if setup.is_finite() { setup } else { 0.0 }
                })
                .sum();
            (material.is_some() || work > 0.0).then(|| material.unwrap_or(0.0) + work)
        });
        let Some(planned) = planned.or_else(|| number("actual_total_cost")) else {
            reached[range.clone()].fill(plant.own_rates.scrapped_piece.unwrap_or(f64::NAN));
            continue;
        };
        let (mut spared, mut survives) = (0.0, 1.0);
        for (at, row) in range.clone().enumerate().rev() {
            reached[row] = ((planned * survives - spared) / pieces).max(0.0);
            spared += run(at, row);
            survives *= survival;
        }
    }
    reached
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        engine::bench::{frame, loose, plant},
        query::OwnRates,
    };

    #[test]
    fn rates_that_a_customer_states_count_where_the_data_hold_none() {
        let orders = || {
            frame(2, |row| row as u32)
                .with_words("work_order_id", |row| format!("W{row}"))
                .with_numbers("quantity_ordered", |_| 10.0)
        };
        let hours = || frame(2, |row| row as u32).with_numbers("actual_run_hours", |_| 2.0);
        let paid = hours().with_numbers("labor_rate", |row| if row == 0 { 30.0 } else { f64::NAN });
        let mut silent = plant(orders(), hours(), loose(0), 30.0);
        let mut telling = plant(orders(), paid, loose(0), 30.0);
        assert!(hour(&silent, &silent.operations, 0).is_nan(), "nothing is assumed");
        assert!(cost_reached(&silent)[0].is_nan());
        let own_rates = OwnRates { labor_hour: Some(45.0), scrapped_piece: Some(3.0) };
        (silent.own_rates, telling.own_rates) = (own_rates, own_rates);
        assert_eq!(hour(&silent, &silent.operations, 0), 45.0);
        assert_eq!(hour(&telling, &telling.operations, 0), 30.0, "what was paid goes before");
        assert_eq!(hour(&telling, &telling.operations, 1), 45.0);
        // Hours have a price now, so a piece has a cost of its own before the stated one is asked for.
        assert_eq!(cost_reached(&silent), [9.0, 9.0]);
        silent.own_rates.labor_hour = None;
        assert_eq!(cost_reached(&silent), [3.0, 3.0]);
    }
}
