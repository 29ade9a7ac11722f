//! Set-up time against plan, by family, work center and machine.

use super::{Analyzer, Outcome};
use crate::engine::{
    context::Context,
    finding::{self, CostClass, Story, claim},
    metric::{AmountUnit, Metric},
    observations::Kind,
    search::search,
    sentences, value, words,
};

pub(super) const ANALYZER: Analyzer = Analyzer {
    id: "setup_overrun",
    needs: &[&["actual_setup_hours"], &["planned_setup_hours"]],
    settings: &[
        "confidence_level",
        "cycle_time_threshold",
        "min_sample_size",
        "outlier_detection_sigma",
        "risk_tolerance",
        "savings_opportunity_multiplier",
        "setup_time_weight",
    ],
    run,
};

fn run(context: &Context<'_>) -> Outcome {
    let plant = context.plant;
    let frame = if plant.operations.has("actual_setup_hours") && plant.operations.has("planned_setup_hours") {
        &plant.operations
    } else {
        &plant.orders
    };
    let valued = (0..frame.len).any(|row| value::hour(plant, frame, row).is_finite());
    let unit = if valued { AmountUnit::Money } else { AmountUnit::Hours };
    let mut metric =
        Metric::new(plant, frame, Kind::LogRatio, unit, ["Set-up hours", "Planned set-up hours"]);
    let (mut full, mut avoidable) = (0.0, 0.0);
    let weight = context.settings.get("setup_time_weight");
    for row in 0..frame.len {
        let (Some(actual), Some(planned)) =
            (frame.number("actual_setup_hours", row), frame.number("planned_setup_hours", row))
        else {
            continue;
        };
        let plausible = actual.min(planned * 6.0);
        let worth = if valued { value::hour(plant, frame, row) } else { 1.0 };
        if valued && worth.is_finite() {
            let machine = value::machine_hour(plant, frame, row).unwrap_or(0.0);
            full += plausible * worth;
            avoidable += plausible * (worth - machine + weight * machine);
        }
        metric.push_ratio(row, actual, planned, plausible * worth);
    }
    let family = metric.attribute("product_family", &["step"]);
    metric.attribute("product_id", &["step"]);
    metric.attribute("work_center_id", &[]);
    let machine = metric.attribute("machine_id", &["step", "product_family"]);
    metric.attribute("shift", &["step", "product_family"]);
    metric.attribute("facility_id", &[]);
    metric.by_facility();
    metric.pair(machine, family);
    let at_stake = metric.observations.amount.iter().sum();
    let rules = context.rules("cycle_time_threshold", unit, at_stake);
    let result = search(&metric.observations, &rules, 14);
    let share = if full > 0.0 { (avoidable / full).clamp(0.0, 1.0) } else { 1.0 };
    let findings = result
        .found
        .iter()
        .map(|found| {
            let (fields, values) = finding::level(&metric, found);
            let size = sentences::size(&metric, found);
            let mut assumptions = value::rates_used(plant, frame);
            if valued {
                assumptions.push(format!(
                    "Of the machine's rate, {} is counted as avoidable when a set-up gets shorter (setting `setup_time_weight`).",
                    words::percent(weight)
                ));
            }
            let story = Story {
                type_: "setup_overrun",
                analyzer: ANALYZER.id,
                measure: "setup_ratio",
                class: CostClass::Labor,
                claim: format!("takes {size} longer to set up than planned, compared with the rest"),
                peers: match fields[0] {
                    "product_family" | "product_id" => "other products at the same operations",
                    "machine_id" | "shift" => "the same family at the same operation elsewhere",
                    _ => "all others against their plan",
                },
                counter_evidence: vec!["If planned set-up times were copied from another family, the plan is wrong rather than the floor.".to_owned()],
                assumptions,
                missing: if valued { vec![] } else { vec!["labor_rate"] },
                actions: vec![
                    (format!("Film one set-up of {} and separate what can be done while the machine runs", values[0]), "days"),
                    ("Schedule orders of one family behind each other".to_owned(), "hours"),
                ],
                method: "within-operation contrast of ln(actual / planned set-up), clustered by order",
            };
            let mut finding = claim(context, &metric, &result, found, story);
            if let Some(impact) = &mut finding.impact {
                impact.addressable = domain::Money::rounded(impact.addressable.to_f64() * share, &context.currency);
            }
            finding
        })
        .collect::<Vec<_>>();
    findings.into()
}
