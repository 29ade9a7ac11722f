//! What overhead an hour of work carries against the plan's, with the day it changed.
//!
//! Overhead that follows more hours is told where the hours are; this is about the charge per hour.

use super::{Analyzer, Outcome, SEARCH_SETTINGS};
use crate::engine::{
    context::Context,
    finding::{CostClass, Story, told},
    frame::Frame,
    metric::{AmountUnit, Metric},
    observations::Kind,
    search::Rules,
    sentences, value,
};

pub(super) const ANALYZER: Analyzer = Analyzer {
    id: "overhead",
    needs: &[
        &["actual_overhead_cost"],
        &["planned_overhead_cost"],
        &["actual_run_hours", "actual_labor_hours", "actual_machine_hours"],
    ],
    settings: SEARCH_SETTINGS,
    run,
};

fn planned_hours(frame: &Frame, row: usize) -> f64 {
    let parts: f64 = ["planned_setup_hours", "planned_run_hours"]
        .iter()
        .filter_map(|field| frame.number(field, row))
        .sum();
    if parts > 0.0 {
        parts
    } else {
        frame
            .number("planned_labor_hours", row)
            .or_else(|| frame.number("planned_machine_hours", row))
            .unwrap_or(0.0)
    }
}

fn run(context: &Context<'_>) -> Outcome {
    let plant = context.plant;
    let both = |frame: &Frame| frame.has("actual_overhead_cost") && frame.has("planned_overhead_cost");
    let frame = if both(&plant.operations) { &plant.operations } else { &plant.orders };
    let mut metric = Metric::new(
        plant,
        frame,
        Kind::LogRatio,
        AmountUnit::Money,
        ["Overhead per hour", "Planned per hour"],
    );
    for row in 0..frame.len {
        let (hours, planned) = (value::booked_hours(frame, row), planned_hours(frame, row));
        // Costs to the cent over a few minutes are rounding.
        if hours < 0.05 || planned < 0.05 {
            continue;
        }
        if let (Some(actual), Some(budget)) =
            (frame.number("actual_overhead_cost", row), frame.number("planned_overhead_cost", row))
        {
            metric.push_ratio(row, actual / hours, budget / planned, actual);
        }
    }
    for field in ["work_center_id", "department", "facility_id"] {
        metric.attribute(field, &[]);
    }
    metric.own_history("facility_id");
    let at_stake = metric.observations.amount.iter().sum();
    // Rates of an order move with its mix of work, so only what is large is told of orders.
    let rules = context.rules("cost_variance_threshold", AmountUnit::Money, at_stake);
    let of_orders = std::ptr::eq(frame, &raw const plant.orders);
    let rules = Rules { small_levels: false, smallest_change: if of_orders { 1.0 } else { 0.2 }, ..rules };
    told(context, &metric, &rules, 23, |found| {
        let size = sentences::size(&metric, found);
        Story {
            type_: "overhead_variance",
            analyzer: ANALYZER.id,
            measure: "overhead_rate_ratio",
            class: CostClass::Overhead,
            claim: format!(
                "is charged {size} more overhead per hour than {}",
                if found.own_history { "before" } else { "planned" }
            ),
            peers: "others against their planned rate",
            counter_evidence: vec![
                "A new rate that was put into the plan later than into the actuals would look alike."
                    .to_owned(),
            ],
            assumptions: vec!["Hours themselves are told elsewhere; this is the charge per hour.".to_owned()],
            missing: vec![],
            actions: vec![(
                "Compare the charged rate with the one the budget was made with".to_owned(),
                "hours",
            )],
            method: "contrast of ln(overhead per hour / planned), clustered by order, change point by BIC",
        }
    })
    .into()
}
