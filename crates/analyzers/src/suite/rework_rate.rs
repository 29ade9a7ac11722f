//! Rework by machine, product and pairs of them.

use super::{
    Analyzer, Outcome, SEARCH_SETTINGS,
    scrap_rate::{first_step, frame_with, inspection_note, operation_of, peers, rate_metric, together},
};
use crate::engine::{
    allowed,
    context::Context,
    defects,
    finding::{self, CostClass, Story, told},
    metric::AmountUnit,
    sentences, value,
};

pub(super) const ANALYZER: Analyzer = Analyzer {
    id: "rework_rate",
    needs: &[&["operation_quantity_reworked"], &["operation_quantity_completed", "operation_quantity_in"]],
    settings: SEARCH_SETTINGS,
    run,
};

fn run(context: &Context<'_>) -> Outcome {
    let bad = "operation_quantity_reworked";
    let Some(frame) = frame_with(context, bad) else { return Outcome::default() };
    let lots = defects::lots(context.plant, frame, bad);
    // Hours of a reworked piece relative to running it once, over the whole plant: a single row knows it too badly.
    let operations = &context.plant.operations;
    let (mut rework, mut run) = (0.0, 0.0);
    for row in 0..operations.len {
        let number = |field: &str| operations.number(field, row);
        if let (Some(hours), Some(again), Some(run_hours), Some(pieces)) = (
            number("rework_hours"),
            number(bad),
            number("actual_run_hours"),
            allowed::processed(context.plant, operations, row),
        ) && again > 0.0
        {
            rework += hours;
            run += run_hours / pieces * again;
        }
    }
    let relative = if run > 0.0 { rework / run } else { 0.0 };
    let worth = |row: u32| -> f64 {
        let Some(operation) = operation_of(context, frame, row) else { return f64::NAN };
        let per_piece = operations
            .number("actual_run_hours", operation)
            .zip(allowed::processed(context.plant, operations, operation))
            .map_or(f64::NAN, |(hours, pieces)| hours / pieces);
        relative * per_piece * value::hour(context.plant, operations, operation)
    };
    let valued = relative > 0.0 && lots.lots.iter().any(|lot| worth(lot.row).is_finite());
    let unit = if valued { AmountUnit::Money } else { AmountUnit::Pieces };
    let metric = rate_metric(context, frame, &lots, unit, ["Pieces reworked", "Pieces"], |row| {
        if valued { worth(row) } else { 1.0 }
    });
    let at_stake = metric.observations.amount.iter().sum();
    let rules = context.rules("cost_variance_threshold", unit, at_stake);
    told(context, &metric, &rules, 18, |found| {
        let (fields, values) = finding::level(&metric, found);
        let mut assumptions = if valued { value::rates_used(context.plant, operations) } else { Vec::new() };
        assumptions.extend(inspection_note(&lots));
        Story {
            type_: "rework_rate",
            analyzer: ANALYZER.id,
            measure: "rework_rate",
            class: CostClass::Labor,
            claim: match fields[0] {
                "supplier_id" => format!("delivers for orders that rework {}", sentences::size(&metric, found)),
                _ => format!("reworks {}", sentences::size(&metric, found)),
            },
            peers: peers(fields),
            counter_evidence: vec!["If only this place books rework at all, it is honest rather than bad; check how others book it.".to_owned()],
            assumptions,
            missing: if valued { vec![] } else { vec!["rework_hours", "labor_rate"] },
            actions: vec![
                (
                    first_step(fields, values).unwrap_or_else(|| {
                        format!("Take {} off the plan of the other until the cause is known", together(fields, values))
                    }),
                    "hours",
                ),
                ("Measure the reworked feature on ten pieces before and after".to_owned(), "days"),
            ],
            method: "within-stratum contrast of rates, lots weighted by 1 + (n - 1) rho, clustered by order; pairs must beat their parts",
        }
    })
    .into()
}
