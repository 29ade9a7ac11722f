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
    metric.by_facility();
    metric.pair(machine, family);
    metric.pair(machine, shift);
    metric.pair(shift, family);
    metric.pair(machine, product);
    metric
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
            claim: format!("scraps {}", sentences::size(&metric, found)),
            peers: match fields[0] {
                "product_id" | "product_family" | "material_id" => "other products at the same operations",
                _ => "the same products and operations elsewhere",
            },
            counter_evidence: vec!["If scrap found elsewhere is booked there by custom, the cause lies where it is made; ask who books it.".to_owned()],
            assumptions,
            missing: ["shift", "machine_id", "defect_code"].into_iter().filter(|field| *field != "defect_code" && !context.plant.has(field)).collect(),
            actions: vec![
                (format!("Sort the next scrap of {} by defect and by hour", values.join(" and ")), "days"),
                ("Compare set-up sheets, tools and first-piece checks with those of the others".to_owned(), "hours"),
            ],
            method: "within-stratum contrast of rates, lots weighted by 1 + (n - 1) rho, clustered by order",
        }
    })
    .into()
}
