//! Energy per hour of work, by machine, against its own past.

use super::{Analyzer, Outcome, SEARCH_SETTINGS};
use crate::engine::{
    context::Context,
    finding::{CostClass, Story, told},
    metric::{AmountUnit, Metric},
    observations::Kind,
    search::Rules,
    sentences, value,
};

pub(super) const ANALYZER: Analyzer = Analyzer {
    id: "energy_per_hour",
    needs: &[
        &["energy_kwh"],
        &["machine_id", "work_center_id"],
        &["actual_run_hours", "actual_labor_hours", "actual_machine_hours"],
    ],
    settings: SEARCH_SETTINGS,
    run,
};

fn run(context: &Context<'_>) -> Outcome {
    let plant = context.plant;
    let frame = &plant.operations;
    let mut metric = Metric::new(plant, frame, Kind::LogRatio, AmountUnit::KilowattHours, ["kWh", "Hours"]);
    for row in 0..frame.len {
        let hours = value::booked_hours(frame, row);
        let hours =
            if hours > 0.0 { hours } else { frame.number("actual_machine_hours", row).unwrap_or(0.0) };
        if let Some(energy) = frame.number("energy_kwh", row) {
            metric.push_ratio(row, energy, hours, energy);
        }
    }
    let level = metric.own_history("machine_id");
    if level.is_none() {
        metric.own_history("work_center_id");
    }
    let at_stake = metric.observations.amount.iter().sum();
    // The mix of set-up and running moves the figure by a few percent; only what is larger is a change of the machine.
    let rules = Rules {
        loss_threshold: f64::INFINITY,
        ..context.rules("cost_variance_threshold", AmountUnit::KilowattHours, at_stake)
    };
    told(context, &metric, &rules, 16, |found| {
        let size = sentences::size(&metric, found);
        Story {
            type_: "energy_per_hour",
            analyzer: ANALYZER.id,
            measure: "energy_per_hour_ratio",
            class: CostClass::Overhead,
            claim: format!("draws {size} more energy per hour than before"),
            peers: "its own past",
            counter_evidence: vec![
                "A meter that was replaced or now also feeds another machine would explain it.".to_owned(),
            ],
            assumptions: vec!["Your data hold no energy price, so the loss is stated in kWh.".to_owned()],
            missing: vec![],
            actions: vec![
                ("Measure idle and running power with a clamp meter for one shift".to_owned(), "hours"),
                ("Check bearings, compressed air, pumps and what stays on overnight".to_owned(), "days"),
            ],
            method: "change of ln(kWh / hour) against its own past, clustered by order, by BIC",
        }
    })
    .into()
}
