//! What an hour is paid against its standard rate, by work center. Never by person.

use super::{Analyzer, Outcome, SEARCH_SETTINGS};
use crate::engine::{
    context::Context,
    finding::{CostClass, Story, told},
    frame::Frame,
    metric::{AmountUnit, Metric},
    observations::{Kind, NONE},
    plant::Plant,
    search::Rules,
    sentences, value,
};

pub(super) const ANALYZER: Analyzer = Analyzer {
    id: "labor_rate",
    needs: &[
        &["labor_rate", "actual_labor_cost"],
        &["work_center_id", "department", "machine_id", "facility_id"],
    ],
    settings: SEARCH_SETTINGS,
    run,
};

/// Hours booked on a row and what one of them was paid.
fn paid(frame: &Frame, row: usize) -> Option<(f64, f64)> {
    let hours = value::booked_hours(frame, row);
    if hours <= 0.0 {
        return None;
    }
    let rate = frame
        .number("labor_rate", row)
        .or_else(|| frame.number("actual_labor_cost", row).map(|cost| cost / hours))
        .filter(|rate| *rate > 0.0)?;
    Some((hours, rate))
}

fn standard(plant: &Plant, frame: &Frame, row: usize) -> Option<f64> {
    frame
        .number("standard_labor_rate", row)
        .or_else(|| {
            let operation = *plant
                .operation_of_booking
                .get(row)
                .filter(|_| std::ptr::eq(frame, &raw const plant.bookings))?;
            (operation != NONE)
                .then(|| plant.operations.number("standard_labor_rate", operation as usize))
                .flatten()
        })
        .or_else(|| plant.number(frame, "standard_labor_rate", row))
        .or_else(|| {
            let hours = frame.number("planned_labor_hours", row).filter(|hours| *hours > 0.0)?;
            Some(frame.number("planned_labor_cost", row)? / hours)
        })
        .filter(|rate| *rate > 0.0)
}

fn run(context: &Context<'_>) -> Outcome {
    let plant = context.plant;
    let candidates = [&plant.bookings, &plant.operations, &plant.orders];
    let Some(frame) = candidates.into_iter().find(|frame| {
        frame.has("labor_rate")
            || (frame.has("actual_labor_cost")
                && (frame.has("actual_run_hours") || frame.has("actual_labor_hours")))
    }) else {
        return Outcome::default();
    };
    let has_standard = (0..frame.len).any(|row| standard(plant, frame, row).is_some());
    if !has_standard && std::ptr::eq(frame, &raw const plant.orders) {
        // What an hour of a whole order cost moves with its mix of work; without a standard that proves nothing.
        return Outcome::default();
    }
    let mut metric =
        Metric::new(plant, frame, Kind::LogRatio, AmountUnit::Money, ["Rate paid", "Standard rate"]);
    for row in 0..frame.len {
        let Some((hours, rate)) = paid(frame, row) else { continue };
        let expected = if has_standard { standard(plant, frame, row) } else { Some(1.0) };
        if let Some(expected) = expected {
            metric.push_ratio(row, rate, expected, hours * rate);
        }
    }
    for field in ["work_center_id", "department", "facility_id"] {
        if has_standard {
            metric.attribute(field, &[]);
        } else {
            metric.own_history(field);
        }
    }
    // Machines and shifts explain away, so that a work center is not named for one of its machines. They are never
    // named: who works where decides what an hour costs there, and people are not levels.
    for (field, within) in [("machine_id", "work_center_id"), ("shift", "work_center_id")] {
        if let Some(idx) = metric.attribute(field, &[within]) {
            metric.observations.attributes[idx].reported = false;
        }
    }
    metric.draw_by(&["machine_id", "shift"]);
    let at_stake = metric.observations.amount.iter().sum();
    // People keep their pay: orders of one work center are not independent in it, so small lasting differences between
    // work centers are their people's, and only what is large or changes is a finding.
    let rules = Rules {
        small_levels: false,
        ..context.rules("cost_variance_threshold", AmountUnit::Money, at_stake)
    };
    told(context, &metric, &rules, 15, |found| {
        let size = sentences::size(&metric, found);
        Story {
            type_: "labor_rate_variance",
            analyzer: ANALYZER.id,
            measure: "labor_rate_ratio",
            class: CostClass::Labor,
            claim: format!(
                "is paid {size} more per hour than {}",
                if has_standard { "its standard" } else { "before" }
            ),
            peers: "others against their standard rate",
            counter_evidence: vec![
                "A general pay agreement would show everywhere on the same day; this does not.".to_owned(),
            ],
            assumptions: if has_standard {
                vec![]
            } else {
                vec!["Your data hold no standard rate, so the time before is the yardstick.".to_owned()]
            },
            missing: if has_standard { vec![] } else { vec!["standard_labor_rate"] },
            actions: vec![
                (
                    "Check overtime, agency work and pay grades booked there since the date".to_owned(),
                    "hours",
                ),
                (
                    "If the new rate is agreed, update the standard rate and the price calculation"
                        .to_owned(),
                    "hours",
                ),
            ],
            method: "contrast of ln(rate / standard), clustered by order, change point by BIC",
        }
    })
    .into()
}
