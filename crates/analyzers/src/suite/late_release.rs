//! Orders that reach the floor later than planned, by planner: a role of the schedule, not a judgement of a person.

use super::{Analyzer, Outcome};
use crate::engine::{
    context::Context,
    finding::{CostClass, Story, told},
    metric::{AmountUnit, Metric},
    observations::Kind,
    plant::Plant,
    search::Rules,
    sentences,
};
use crate::stats::robust;

pub(super) const ANALYZER: Analyzer = Analyzer {
    id: "late_release",
    needs: &[
        &["release_date"],
        &["planned_release_date", "planned_start"],
        &["planner_id", "work_order_type", "product_family"],
    ],
    settings: &["confidence_level", "min_sample_size"],
    run,
};

/// Days that a release of an order is late; negative where it is early.
pub(super) fn delay(plant: &Plant, order: usize) -> Option<f64> {
    let day = |field: &str| plant.orders.days(field).map(|days| days[order]).filter(|day| day.is_finite());
    let planned = day("planned_release_date").or_else(|| day("planned_start"))?;
    Some(day("release_date")? - planned)
}

/// Less than a quarter of a day is the clock, not the planner.
const SMALLEST_DELAY_DAYS: f64 = 0.25;

fn run(context: &Context<'_>) -> Outcome {
    let plant = context.plant;
    let frame = &plant.orders;
    let delays: Vec<Option<f64>> = (0..frame.len).map(|order| delay(plant, order)).collect();
    let mut known: Vec<f64> = delays.iter().flatten().copied().collect();
    let (Some(low), Some(high)) = (robust::quantile(&mut known, 0.005), robust::quantile(&mut known, 0.995))
    else {
        return Outcome::default();
    };
    let mut metric =
        Metric::new(plant, frame, Kind::Difference, AmountUnit::Days, ["Day released", "Day planned"]);
    for (order, delay) in delays.iter().enumerate() {
        if let Some(delay) = delay {
            let delay = delay.clamp(low, high);
            metric.push(order, delay, 1.0, 1.0, delay, 0.0);
        }
    }
    metric.attribute("planner_id", &[]);
    for field in ["product_family", "work_order_type", "facility_id"] {
        if let Some(idx) = metric.attribute(field, &[])
            && plant.has("planner_id")
        {
            metric.observations.attributes[idx].reported = false;
        }
    }
    let rules = Rules {
        effect_threshold: SMALLEST_DELAY_DAYS,
        loss_threshold: f64::INFINITY,
        ..context.rules("cost_variance_threshold", AmountUnit::Days, 0.0)
    };
    told(context, &metric, &rules, 19, |found| {
        let size = sentences::size(&metric, found);
        Story {
            type_: "late_release",
            analyzer: ANALYZER.id,
            measure: "release_delay_days",
            class: CostClass::Overhead,
            claim: format!("releases orders {size} later than the others do"),
            peers: "release of all other orders against their plan",
            counter_evidence: vec![
                "If material or drawings arrived late for these orders, the release had to wait.".to_owned(),
            ],
            assumptions: vec![
                "No cost of lateness is in your data, so days are stated and no money.".to_owned(),
            ],
            missing: vec![],
            actions: vec![
                (
                    "Look at the ten latest releases together with planning: what were they waiting for?"
                        .to_owned(),
                    "hours",
                ),
                ("Release by planned date from a daily list".to_owned(), "days"),
            ],
            method: "contrast of release minus planned release in days, by order",
        }
    })
    .into()
}
