//! Prices of material against their standard, by supplier and material, with the day they changed.

use super::{Analyzer, Outcome};
use crate::engine::{
    context::Context,
    finding::{self, CostClass, Story, told},
    frame::Frame,
    metric::{AmountUnit, Metric},
    observations::Kind,
    plant::Plant,
    search::Rules,
    sentences, words,
};

pub(super) const ANALYZER: Analyzer = Analyzer {
    id: "material_price",
    needs: &[&["supplier_id", "material_id"], &["material_unit_cost", "actual_material_cost"]],
    settings: SETTINGS,
    run,
};

/// Price paid for a unit on a material line.
pub(super) fn price(frame: &Frame, row: usize) -> Option<f64> {
    frame.number("material_unit_cost", row).or_else(|| {
        let cost = frame.number("actual_material_cost", row)?;
        let quantity = frame.number("actual_material_quantity", row)?;
        (quantity > 0.0).then(|| cost / quantity)
    })
}

/// Price that the plan reckons with.
pub(super) fn standard_price(frame: &Frame, row: usize) -> Option<f64> {
    frame.number("material_standard_cost", row).or_else(|| {
        let cost = frame.number("planned_material_cost", row)?;
        let quantity = frame.number("planned_material_quantity", row)?;
        (quantity > 0.0).then(|| cost / quantity)
    })
}

/// Whether lines of material carry a price that the plan reckons with.
pub(super) fn has_standard(plant: &Plant) -> bool {
    let frame = &plant.materials;
    (0..frame.len).any(|row| standard_price(frame, row).is_some())
}

/// The settings of a search, and inflation.
const SETTINGS: &[&str] = &[
    "confidence_level",
    "cost_escalation_rate",
    "cost_variance_threshold",
    "inflation_adjustment",
    "labor_cost_weight",
    "material_cost_weight",
    "min_sample_size",
    "outlier_detection_sigma",
    "overhead_cost_weight",
    "risk_tolerance",
    "savings_opportunity_multiplier",
];

fn run(context: &Context<'_>) -> Outcome {
    let plant = context.plant;
    let frame = &plant.materials;
    let mut metric =
        Metric::new(plant, frame, Kind::LogRatio, AmountUnit::Money, ["Price paid", "Standard price"]);
    let standard = has_standard(plant);
    let inflation = context.settings.get("inflation_adjustment");
    for row in 0..frame.len {
        let Some(paid) = price(frame, row) else { continue };
        let quantity = frame.number("actual_material_quantity", row).unwrap_or(1.0);
        // Without a standard, prices are compared with those of the same material, of other suppliers or before.
        // What prices rise by everywhere is no supplier's doing: it is expected of each day.
        let years = (plant.day(frame, row) - plant.first_day) / 365.0;
        let expected_rise = if years.is_finite() { (1.0 + inflation).powf(years) } else { 1.0 };
        let expected = if standard { standard_price(frame, row) } else { Some(expected_rise) };
        if let Some(expected) = expected {
            metric.push_ratio(row, paid, expected, paid * quantity);
        }
    }
    if metric.observations.is_empty() {
        return header(context);
    }
    metric.attribute("supplier_id", &["material_id"]);
    if standard {
        metric.attribute("material_id", &[]);
    } else {
        metric.own_history("material_id");
    }
    let mut outcome = priced(context, &metric, false);
    if !standard {
        for finding in &mut outcome.findings {
            finding.assumptions.push(
                format!(
                    "Your data hold no standard price, so the time before is the yardstick; {} a year are taken for inflation (setting `inflation_adjustment`).",
                    words::percent(inflation)
                ),
            );
        }
    }
    outcome
}

/// Orders that carry their material and supplier themselves: cost against plan, where price and usage cannot be told apart.
fn header(context: &Context<'_>) -> Outcome {
    let plant = context.plant;
    let frame = cost_frame(plant);
    if !frame.has("supplier_id") {
        return Outcome::default();
    }
    let metric = cost_ratio(context, frame);
    let mut metric = metric;
    metric.attribute("supplier_id", &["material_id"]);
    // Materials and products explain away what is not the supplier's doing; they are told by the usage analyzer.
    for field in ["material_id", "product_id"] {
        if let Some(idx) = metric.attribute(field, &[]) {
            metric.observations.attributes[idx].reported = false;
        }
    }
    priced(context, &metric, true)
}

/// The frame that knows material cost and what it was for: lines with a cost of their own, lines that are the only one of
/// their order, or the orders.
pub(super) fn cost_frame(plant: &Plant) -> &Frame {
    let lines = &plant.materials;
    let only_one = lines.len > 0 && lines.order.windows(2).all(|pair| pair[0] != pair[1]);
    if lines.has("actual_material_cost") || only_one { lines } else { &plant.orders }
}

/// Material cost of whole orders against their flexed plan.
pub(super) fn cost_ratio<'a>(context: &Context<'a>, frame: &'a Frame) -> Metric<'a> {
    let plant = context.plant;
    let mut metric = Metric::new(
        plant,
        frame,
        Kind::LogRatio,
        AmountUnit::Money,
        ["Material cost", "Planned material cost"],
    );
    let scale = super::material_usage::scale(plant, frame, "actual_material_cost", "planned_material_cost");
    for (row, scale) in scale.into_iter().enumerate() {
        let (Some(actual), Some(planned)) = (
            plant.number(frame, "actual_material_cost", row),
            plant.number(frame, "planned_material_cost", row),
        ) else {
            continue;
        };
        metric.push_ratio(row, actual, planned * scale, actual);
    }
    metric
}

/// Where only cost is known, small differences may come from components that the data do not show.
pub(super) fn joined_rules(context: &Context<'_>, at_stake: f64, joined: bool) -> Rules {
    let rules = context.rules("cost_variance_threshold", AmountUnit::Money, at_stake);
    if joined { Rules { small_levels: false, smallest_change: 1.0 / 3.0, ..rules } } else { rules }
}

fn priced(context: &Context<'_>, metric: &Metric<'_>, joined: bool) -> Outcome {
    let at_stake = metric.observations.amount.iter().sum();
    let rules = joined_rules(context, at_stake, joined);
    told(context, metric, &rules, 11, |found| {
        let (fields, values) = finding::level(metric, found);
        let supplier = fields[0] == "supplier_id";
        let size = sentences::size(metric, found);
        let peers =
            if supplier { "other suppliers of the same materials" } else { "other materials against their standard" };
        let claim_words = match (supplier, found.own_history) {
            (true, true) => format!("charges {size} more than before"),
            (true, false) => format!("charges {size} more than other suppliers"),
            (false, true) => format!("costs {size} more than before"),
            (false, false) => format!("costs {size} more than its standard"),
        };
        let mut assumptions = vec!["The joint effect of a higher price and a higher quantity is counted as price.".to_owned()];
        let mut missing = Vec::new();
        if joined {
            assumptions = vec!["Only cost is known, so price and quantity cannot be told apart; a difference between suppliers is read as price.".to_owned()];
            missing = vec!["material_unit_cost", "material_standard_cost", "actual_material_quantity"];
        }
        Story {
            type_: "material_price_variance",
            analyzer: ANALYZER.id,
            measure: "price_ratio",
            class: CostClass::Material,
            claim: claim_words,
            peers,
            counter_evidence: vec![format!(
                "A price agreement that changed the standard on the same day would explain it; so would other grades or lot sizes bought from {}.",
                values[0]
            )],
            assumptions,
            missing,
            actions: vec![
                (format!("Compare the invoices of {} around the date with the price agreement", values[0]), "hours"),
                ("Ask the other suppliers of these materials for a quotation".to_owned(), "days"),
            ],
            method: "within-material contrast of ln(price / standard), clustered by order, change point by BIC",
        }
    })
    .into()
}

#[cfg(test)]
mod tests {
    use domain::{Settings, analysis::EvidenceCell};

    use crate::engine::{
        bench::{FIRST_DAY, chance, frame, loose, plant, run},
        plant::Plant,
    };

    /// Steel of three suppliers for 900 orders; S02 charges 15 % more from day 100 on.
    fn purchases() -> Plant {
        let orders = frame(900, |row| row as u32).with_words("work_order_id", |row| format!("W{row:03}"));
        let mut plant = plant(orders, loose(0), loose(0), 300.0);
        plant.materials = frame(900, |row| row as u32)
            .with_words("material_id", |row| format!("MAT{}", row % 2))
            .with_words("supplier_id", |row| format!("S{:02}", row % 3))
            .with_days("receipt_date", |row| FIRST_DAY + row as f64 / 3.0)
            .with_numbers("actual_material_quantity", |_| 20.0)
            .with_numbers("material_standard_cost", |_| 5.0)
            .with_numbers("material_unit_cost", |row| {
                let dear = row % 3 == 2 && row >= 300;
                5.0 * (if dear { 1.15 } else { 1.0 }) * (0.99 + 0.02 * chance(row))
            });
        plant
    }

    #[test]
    fn a_supplier_is_told_with_the_day_of_its_price_jump_and_its_orders() {
        let findings = run("material_price", &purchases(), &Settings::default()).findings;
        let [finding] = &findings[..] else { panic!("{findings:#?}") };
        assert_eq!(
            (finding.entities[0].field.as_str(), finding.entities[0].value.as_str()),
            ("supplier_id", "S02")
        );
        // Day 100 is 16 April 2025.
        assert!(
            ("2025-04-10".."2025-04-22").contains(&finding.start.as_deref().unwrap()),
            "{:?}",
            finding.start
        );
        let table = finding.evidence_table.as_ref().unwrap();
        assert_eq!((table.heads[0].as_str(), table.total), ("Work order", 200));
        for row in &table.rows {
            let EvidenceCell::Text(order) = &row[0] else { panic!("{row:?}") };
            let number: usize = order.trim_start_matches('W').parse().unwrap();
            assert!(number % 3 == 2 && number >= 300, "{order} is none of its dear orders");
        }
    }
}
