//! Scrap by shift, machine, product and pairs of them, with the lot as the unit and defects where they were made.

use super::{Analyzer, Outcome, SEARCH_SETTINGS};
use crate::{
    engine::{
        context::Context,
        defects::{self, Lots},
        finding::{self, CostClass, Story, told},
        frame::Frame,
        metric::{AmountUnit, Metric},
        observations::{Kind, NONE},
        sentences, words,
    },
    stats::dispersion,
};

pub(super) const ANALYZER: Analyzer = Analyzer {
    id: "scrap_rate",
    needs: &[&["operation_quantity_scrapped"], &["operation_quantity_completed", "operation_quantity_in"]],
    settings: SEARCH_SETTINGS,
    run,
};

/// The frame of the finest records that count both pieces and the defect; bookings know the shift.
pub(super) fn frame_with<'a>(context: &Context<'a>, bad: &str) -> Option<&'a Frame> {
    let pieces =
        |frame: &Frame| frame.has("operation_quantity_completed") || frame.has("operation_quantity_in");
    [&context.plant.bookings, &context.plant.operations]
        .into_iter()
        .find(|frame| frame.has(bad) && pieces(frame))
}

/// Observations of a rate: each lot weighs as much as it can tell, given that its pieces are alike.
pub(super) fn rate_metric<'a>(
    context: &Context<'a>,
    frame: &'a Frame,
    lots: &Lots,
    unit: AmountUnit,
    names: [&'static str; 2],
    worth: impl Fn(u32) -> f64,
) -> Metric<'a> {
    let (bad, pieces) =
        lots.lots.iter().fold((0.0, 0.0), |(bad, pieces), lot| (bad + lot.bad, pieces + lot.pieces));
    let rate = bad / f64::max(pieces, 1.0);
    let rho = dispersion::intra_correlation(lots.lots.iter().map(|lot| (lot.bad, lot.pieces, rate)));
    let mut metric = Metric::new(context.plant, frame, Kind::Rate, unit, names);
    for lot in &lots.lots {
        let weight = lot.pieces / dispersion::inflation(lot.pieces, rho);
        metric.push(
            lot.row as usize,
            lot.bad / lot.pieces,
            weight,
            lot.pieces * worth(lot.row),
            lot.bad,
            lot.pieces,
        );
    }
    let machine = metric.attribute("machine_id", &["product_id", "step"]);
    let shift = metric.attribute("shift", &["product_id", "step"]);
    metric.attribute("work_center_id", &["product_id"]);
    let product = metric.attribute("product_id", &["step"]);
    let family = metric.attribute("product_family", &["step"]);
    metric.attribute("tool_id", &["product_id", "step"]);
    metric.attribute("facility_id", &["product_id"]);
    metric.attribute("material_id", &["step"]);
    let supplier = supplier(context, &mut metric);
    metric.by_facility();
    metric.pair(machine, family);
    metric.pair(machine, supplier);
    metric.pair(machine, shift);
    metric.pair(shift, family);
    metric.pair(machine, product);
    metric
}

/// Suppliers of orders of the same products: of the orders themselves, else of the material that costs most of each.
fn supplier(context: &Context<'_>, metric: &mut Metric<'_>) -> Option<usize> {
    let within = ["product_id", "step"];
    match context.leading_material("supplier_id") {
        Some(of) => metric.attribute_of_orders("supplier_id", of, &within),
        None if context.plant.orders.has("supplier_id") => metric.attribute("supplier_id", &within),
        None => None,
    }
}

/// What a finding of this kind is compared with.
pub(super) fn peers(fields: &[&str]) -> &'static str {
    match fields[0] {
        "product_id" | "product_family" | "material_id" => "other products at the same operations",
        "supplier_id" => "orders of the same products with material of other suppliers",
        _ => "the same products and operations elsewhere",
    }
}

/// What to do first where the cause may have been delivered.
pub(super) fn first_step(fields: &[&str], values: &[String]) -> Option<String> {
    (fields[0] == "supplier_id")
        .then(|| format!("Inspect the next deliveries of {} before they are issued", values[0]))
}

/// Values as a step names them: the number of a shift says nothing by itself.
pub(super) fn together(fields: &[&str], values: &[String]) -> String {
    let told: Vec<String> = fields
        .iter()
        .zip(values)
        .map(|(field, value)| {
            let bare = *field == "shift" && value.chars().all(|letter| letter.is_ascii_digit());
            if bare { format!("shift {value}") } else { value.clone() }
        })
        .collect();
    told.join(" and ")
}

/// The operation of a row: itself, or that of its booking.
pub(super) fn operation_of(context: &Context<'_>, frame: &Frame, row: u32) -> Option<usize> {
    if std::ptr::eq(frame, &raw const context.plant.operations) {
        return Some(row as usize);
    }
    context
        .plant
        .operation_of_booking
        .get(row as usize)
        .filter(|operation| **operation != NONE)
        .map(|row| *row as usize)
}

/// How defects found at inspections were dealt with, where there are any.
pub(super) fn inspection_note(lots: &Lots) -> Option<String> {
    (lots.moved > 0.0).then(|| {
        format!(
            "{} defects were booked at inspections; they are shared out to the operations before, by pieces.",
            words::thousands(lots.moved)
        )
    })
}

fn run(context: &Context<'_>) -> Outcome {
    let bad = "operation_quantity_scrapped";
    let Some(frame) = frame_with(context, bad) else { return Outcome::default() };
    let lots = defects::lots(context.plant, frame, bad);
    let reached = context.cost_reached();
    let worth = |row: u32| {
        operation_of(context, frame, row).and_then(|row| reached.get(row)).copied().unwrap_or(f64::NAN)
    };
    let valued = lots.lots.iter().any(|lot| worth(lot.row).is_finite());
    let unit = if valued { AmountUnit::Money } else { AmountUnit::Pieces };
    let metric = rate_metric(context, frame, &lots, unit, ["Pieces scrapped", "Pieces"], |row| {
        if valued { worth(row) } else { 1.0 }
    });
    let at_stake = metric.observations.amount.iter().sum();
    let rules = context.rules("cost_variance_threshold", unit, at_stake);
    told(context, &metric, &rules, 17, |found| {
        let (fields, values) = finding::level(&metric, found);
        let mut assumptions = Vec::new();
        if valued {
            assumptions.push("A scrapped piece is valued at the planned cost it had reached, never at its price.".to_owned());
            if context.plant.own_rates.scrapped_piece.is_some() {
                assumptions.push("Where the data hold no cost, it is valued at the cost per piece of your saved mapping.".to_owned());
            }
        }
        assumptions.extend(inspection_note(&lots));
        Story {
            type_: "scrap_rate",
            analyzer: ANALYZER.id,
            measure: "scrap_rate",
            class: CostClass::Material,
            claim: match fields[0] {
                "supplier_id" => format!("delivers for orders that scrap {}", sentences::size(&metric, found)),
                _ => format!("scraps {}", sentences::size(&metric, found)),
            },
            peers: peers(fields),
            counter_evidence: vec!["If scrap found elsewhere is booked there by custom, the cause lies where it is made; ask who books it.".to_owned()],
            assumptions,
            missing: ["shift", "machine_id", "defect_code"].into_iter().filter(|field| *field != "defect_code" && !context.plant.has(field)).collect(),
            actions: vec![
                (
                    first_step(fields, values).unwrap_or_else(|| {
                        format!("Sort the next scrap of {} by defect and by hour", together(fields, values))
                    }),
                    "days",
                ),
                ("Compare set-up sheets, tools and first-piece checks with those of the others".to_owned(), "hours"),
            ],
            method: "within-stratum contrast of rates, lots weighted by 1 + (n - 1) rho, clustered by order",
        }
    })
    .into()
}

#[cfg(test)]
mod tests {
    use crate::engine::{
        bench::{chance, frame, loose, plant, said},
        plant::Plant,
    };

    /// Orders of three products with steel of three suppliers and paint of one; steel of `bad` scraps three times as much,
    /// on machine `at` only where one is named.
    fn works(bad: &'static str, at: Option<usize>) -> Plant {
        let supplier = |order: usize| ["S01", "S02", "S03"][(chance(order + 70_000) * 3.0) as usize];
        let machine = |order: usize| (chance(order + 140_000) * 4.0) as usize;
        let orders = frame(1_800, |row| row as u32)
            .with_words("work_order_id", |row| format!("W{row}"))
            .with_words("product_id", |row| format!("P{}", row % 3));
        let operations = frame(1_800, |row| row as u32)
            .with_words("operation_code", |_| "MILL")
            .with_words("machine_id", move |row| format!("M{}", machine(row)))
            .with_days("operation_actual_start", |row| 20_100.0 + row as f64 / 8.0)
            .with_numbers("operation_quantity_completed", |_| 200.0)
            .with_numbers("operation_quantity_scrapped", move |row| {
                let here = supplier(row) == bad && at.is_none_or(|at| machine(row) == at);
                ((if here { 24.0 } else { 8.0 }) * chance(row)).floor()
            });
        let mut plant = plant(orders, operations, loose(0), 230.0);
        plant.materials = frame(3_600, |row| row as u32 / 2)
            .with_words("material_id", |row| if row % 2 == 0 { "STEEL" } else { "PAINT" })
            .with_words("supplier_id", move |row| if row % 2 == 0 { supplier(row / 2) } else { "S09" })
            .with_numbers("planned_material_quantity", |row| if row % 2 == 0 { 40.0 } else { 1.0 })
            .with_numbers("actual_material_quantity", |row| if row % 2 == 0 { 40.0 } else { 1.0 })
            .with_numbers("material_standard_cost", |_| 5.0);
        plant
    }

    #[test]
    fn a_shift_is_told_as_one_and_what_has_a_name_by_its_name() {
        for (fields, values, expected) in [
            (vec!["shift"], vec!["3"], "shift 3"),
            (vec!["shift"], vec!["Night"], "Night"),
            (vec!["machine_id", "shift"], vec!["M07", "3"], "M07 and shift 3"),
        ] {
            let values: Vec<String> = values.into_iter().map(str::to_owned).collect();
            assert_eq!(super::together(&fields, &values), expected);
        }
    }

    #[test]
    fn scrap_of_a_suppliers_material_is_told_of_the_supplier_and_of_a_pair_where_it_is_one() {
        assert_eq!(said("scrap_rate", &works("S02", None)), ["scrap_rate S02"]);
        assert_eq!(said("scrap_rate", &works("S02", Some(1))), ["scrap_rate M1 S02"]);
        assert!(said("scrap_rate", &works("nobody", None)).is_empty());
    }
}
