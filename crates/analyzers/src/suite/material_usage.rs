//! Quantities of material against what the output allows, by material and product.

use super::{Analyzer, Outcome, SEARCH_SETTINGS, material_price};
use crate::engine::{
    context::Context,
    finding::{self, CostClass, Story, told},
    frame::Frame,
    metric::{AmountUnit, Metric, best_scale},
    observations::Kind,
    plant::Plant,
    sentences,
};

pub(super) const ANALYZER: Analyzer = Analyzer {
    id: "material_usage",
    needs: &[
        &["material_id", "product_id"],
        &["actual_material_quantity", "actual_material_cost"],
        &["planned_material_quantity", "planned_material_cost"],
    ],
    settings: SEARCH_SETTINGS,
    run,
};

/// The factor that scales the plan of each row to what was made: by whichever quantity fits the data best.
pub(super) fn scale(plant: &Plant, frame: &Frame, actual: &str, planned: &str) -> Vec<f64> {
    let of_order = |row: usize, field: &str| plant.orders.number(field, frame.order[row] as usize);
    let share = |row: usize, field: &str| match (of_order(row, field), of_order(row, "quantity_ordered")) {
        (Some(made), Some(ordered)) if ordered > 0.0 => made / ordered,
        _ => f64::NAN,
    };
    let good =
        |row: usize| Some(share(row, "quantity_completed")).filter(|share| *share > 0.0).unwrap_or(f64::NAN);
    let made = |row: usize| good(row) + share(row, "quantity_scrapped");
    let number = |field: &str, row: usize| plant.number(frame, field, row).unwrap_or(f64::NAN);
    let scale = best_scale(
        frame.len,
        &|row| number(actual, row),
        &|row| number(planned, row),
        &[&|_| 1.0, &good, &made],
    );
    (0..frame.len).map(|row| Some(scale(row)).filter(|scale| scale.is_finite()).unwrap_or(1.0)).collect()
}

fn run(context: &Context<'_>) -> Outcome {
    let plant = context.plant;
    let frame = &plant.materials;
    let quantities = frame.has("actual_material_quantity") && frame.has("planned_material_quantity");
    let mut metric = if quantities {
        let mut metric = Metric::new(
            plant,
            frame,
            Kind::LogRatio,
            if material_cost_known(frame) { AmountUnit::Money } else { AmountUnit::Pieces },
            ["Quantity used", "Quantity allowed"],
        );
        let scale = scale(plant, frame, "actual_material_quantity", "planned_material_quantity");
        for (row, scale) in scale.into_iter().enumerate() {
            let (Some(actual), Some(planned)) = (
                frame.number("actual_material_quantity", row),
                frame.number("planned_material_quantity", row),
            ) else {
                continue;
            };
            let price =
                material_price::standard_price(frame, row).or_else(|| material_price::price(frame, row));
            metric.push_ratio(row, actual, planned * scale, actual * price.unwrap_or(1.0));
        }
        metric
    } else {
        material_price::cost_ratio(context, material_price::cost_frame(plant))
    };
    metric.attribute("material_id", &[]);
    let others = [
        ("product_id", "material_id"),
        ("product_family", "material_id"),
        ("supplier_id", "material_id"),
        ("machine_id", "product_id"),
    ];
    for (field, within) in others {
        if let Some(idx) = metric.attribute(field, &[within]) {
            // Where only cost is known, a supplier's difference is a price, told there, and that of a product may be the
            // price of any of its materials.
            metric.observations.attributes[idx].reported = quantities;
        }
    }
    let at_stake = metric.observations.amount.iter().sum();
    let rules = if quantities {
        context.rules("cost_variance_threshold", metric.unit, at_stake)
    } else {
        material_price::joined_rules(context, at_stake, true)
    };
    told(context, &metric, &rules, 12, |found| {
        let (fields, values) = finding::level(&metric, found);
        let size = sentences::size(&metric, found);
        let (verb, peers) = match fields[0] {
            "material_id" => (format!("is used up {size} faster than planned"), "other materials against their plan"),
            "supplier_id" => (format!("material is used up {size} faster than that of others"), "other suppliers of the same materials"),
            _ => (format!("uses {size} more material than planned"), "other products with the same materials"),
        };
        Story {
            type_: "material_usage_variance",
            analyzer: ANALYZER.id,
            measure: "usage_ratio",
            class: CostClass::Material,
            claim: verb,
            peers,
            counter_evidence: vec![
                "A bill of material that was changed on paper only would explain it, and so would issues booked to the wrong order.".to_owned(),
            ],
            assumptions: if quantities {
                vec!["Quantities are valued at the standard price, where your data have one.".to_owned()]
            } else {
                vec!["Only cost is known, so price and quantity cannot be told apart; a difference between materials is read as usage.".to_owned()]
            },
            missing: if quantities { vec![] } else { vec!["actual_material_quantity", "planned_material_quantity"] },
            actions: vec![
                (format!("Weigh or count the next three issues of {} against the bill of material", values[0]), "hours"),
                ("Compare cutting plans, dimensions and lots before and after".to_owned(), "days"),
            ],
            method: "within-group contrast of ln(used / allowed), clustered by order, change point by BIC",
        }
    })
    .into()
}

fn material_cost_known(frame: &Frame) -> bool {
    ["material_unit_cost", "material_standard_cost", "actual_material_cost", "planned_material_cost"]
        .iter()
        .any(|field| frame.has(field))
}
