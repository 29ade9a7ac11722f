//! Pieces that come through all operations of an order without scrap or rework, by product.
//!
//! Scrap and rework are told where they arise; this sees what is a little of both and too little of either.

use domain::chart::{Chart, ChartBody, Dot};

use super::{Analyzer, Outcome};
use crate::{
    engine::{
        context::Context,
        finding::{CostClass, Story, told},
        frame::Frame,
        metric::{AmountUnit, Metric},
        observations::{Kind, NONE},
        plant::Plant,
        search::Rules,
        sentences, words,
    },
    stats::{dispersion, distribution::t_reach},
};

pub(super) const ANALYZER: Analyzer = Analyzer {
    id: "first_pass_yield",
    needs: &[
        &["operation_quantity_reworked"],
        &["operation_quantity_scrapped"],
        &["operation_quantity_completed", "operation_quantity_in"],
        &["product_id", "product_family"],
    ],
    settings: SETTINGS,
    run,
};

const SETTINGS: &[&str] =
    &["confidence_level", "cost_variance_threshold", "min_sample_size", "waste_reduction_target"];

/// Scrap of each product over all its operations, against what the target yield leaves.
fn waste(context: &Context<'_>, lots: &[(usize, f64, f64)]) -> Option<Chart> {
    let plant = context.plant;
    let products = plant.orders.words("product_id").or_else(|| plant.orders.words("product_family"))?;
    let mut clusters: Vec<Vec<(f64, f64)>> = vec![Vec::new(); products.names.len()];
    for (order, ..) in lots {
        let (mut begun, mut scrapped) = (0.0_f64, 0.0);
        for row in plant.operations_of[*order].clone() {
            if let Some((pieces, _)) = passed(&plant.operations, row) {
                begun = begun.max(pieces);
                scrapped +=
                    plant.operations.number("operation_quantity_scrapped", row).unwrap_or(0.0).max(0.0);
            }
        }
        if begun > 0.0 && products.code(*order) != NONE {
            clusters[products.code(*order) as usize].push((scrapped.min(begun), begun));
        }
    }
    let allowed = 1.0 - context.settings.get("waste_reduction_target");
    let fewest = context.settings.get("min_sample_size") as usize;
    let reach = t_reach(context.confidence(), f64::INFINITY);
    let mut dots: Vec<Dot> = clusters
        .iter()
        .enumerate()
        .filter(|(_, orders)| orders.len() >= fewest)
        .map(|(code, orders)| {
            let (bad, all) = orders.iter().fold((0.0, 0.0), |(bad, all), one| (bad + one.0, all + one.1));
            let value = bad / all;
            // Orders, not pieces, are independent.
            let squares: f64 = orders.iter().map(|(bad, all)| (bad - value * all).powi(2)).sum();
            let error = reach * squares.sqrt() / all;
            Dot {
                label: products.names[code].clone(),
                value,
                low: value - error,
                high: value + error,
                n: orders.len() as u64,
                highlighted: value - error > allowed,
            }
        })
        .collect();
    dots.sort_by(|a, b| b.value.total_cmp(&a.value).then_with(|| a.label.cmp(&b.label)));
    let beyond = dots.iter().filter(|dot| dot.highlighted).count();
    dots.truncate(24);
    (!dots.is_empty()).then(|| Chart {
        title: "Pieces scrapped over all operations, by product".to_owned(),
        caption: format!("the target yield leaves {}", words::percent(allowed)),
        alternative: format!("{beyond} products scrap more than {} beyond doubt.", words::percent(allowed)),
        body: ChartBody::Dots { dots, mean: Some(allowed), unit: "%".to_owned() },
    })
}

/// Pieces that passed an operation, and those of them that were scrapped or reworked.
fn passed(frame: &Frame, row: usize) -> Option<(f64, f64)> {
    let number = |field: &str| frame.number(field, row);
    let scrapped = number("operation_quantity_scrapped").unwrap_or(0.0).max(0.0);
    let pieces = number("operation_quantity_completed")
        .map(|good| good + scrapped)
        .or_else(|| number("operation_quantity_in"))
        .filter(|pieces| *pieces > 0.0)?;
    let reworked = number("operation_quantity_reworked").unwrap_or(0.0).max(0.0);
    Some((pieces, (scrapped + reworked).min(pieces)))
}

/// By order: what its operations would let fail at the rate of each step in the whole plant, and what failed. A product with
/// more operations, or with a difficult one, has more chances to fail; that is not its fault.
fn orders(plant: &Plant) -> Vec<(usize, f64, f64)> {
    let frame = &plant.operations;
    let steps = ["operation_code", "operation_name", "work_center_id"]
        .into_iter()
        .find_map(|field| frame.words(field));
    let step = |row: usize| steps.map_or(0, |words| words.code(row).wrapping_add(1) as usize);
    let mut rates = vec![(0.0, 0.0); steps.map_or(1, |words| words.names.len() + 1)];
    for row in 0..frame.len {
        if let Some((pieces, bad)) = passed(frame, row) {
            let rate = &mut rates[step(row)];
            rate.0 += bad;
            rate.1 += pieces;
        }
    }
    let of_order = |(order, range): (usize, &std::ops::Range<usize>)| {
        let (mut expected, mut failed) = (0.0, 0.0);
        for row in range.clone() {
            if let Some((pieces, bad)) = passed(frame, row) {
                let (all_bad, all) = rates[step(row)];
                expected += pieces * all_bad / all;
                failed += bad;
            }
        }
        (expected > 0.0).then_some((order, expected, failed))
    };
    plant.operations_of.iter().enumerate().filter_map(of_order).collect()
}

fn run(context: &Context<'_>) -> Outcome {
    let plant = context.plant;
    let lots = orders(plant);
    let expected: f64 = lots.iter().map(|lot| lot.1).sum();
    let pieces: f64 =
        (0..plant.operations.len).filter_map(|row| passed(&plant.operations, row)).map(|one| one.0).sum();
    if expected <= 0.0 || pieces <= 0.0 {
        return Outcome::default();
    }
    // On the scale of the plant's own rate: an order as the plant is at it, one that fails twice as often at twice it.
    let rate = expected / pieces;
    let rho =
        dispersion::intra_correlation(lots.iter().map(|(_, expected, bad)| (*bad, expected / rate, rate)));
    let names = ["Not right first time", "Pieces at operations"];
    let mut metric = Metric::new(plant, &plant.orders, Kind::Rate, AmountUnit::Pieces, names);
    for (order, expected, bad) in &lots {
        let n = expected / rate;
        metric.push(*order, bad / n, n / dispersion::inflation(n, rho), n, *bad, n);
    }
    metric.attribute("product_family", &[]);
    metric.attribute("product_id", &[]);
    metric.attribute("facility_id", &["product_id"]);
    let began = pieces;
    let rules = Rules {
        small_levels: false,
        smallest_change: 1.0,
        loss_threshold: f64::INFINITY,
        effect_threshold: 2.0 * context.settings.get("cost_variance_threshold"),
        ..context.rules("cost_variance_threshold", AmountUnit::Pieces, began)
    };
    let mut findings = told(context, &metric, &rules, 31, |found| Story {
        type_: "first_pass_yield",
        analyzer: ANALYZER.id,
        measure: "not_right_first_time",
        class: CostClass::Material,
        claim: format!(
            "comes through right the first time less often: {} fail at an operation",
            sentences::size(&metric, found)
        ),
        peers: "orders of all other products",
        counter_evidence: vec![
            "If rework is booked honestly here only, others fail as often without saying so.".to_owned(),
        ],
        assumptions: vec![
            "Money of scrap and of rework is counted where they arise; pieces are stated here.".to_owned(),
        ],
        missing: vec![],
        actions: vec![(
            "Walk one order through all its operations and note where the first piece is touched twice"
                .to_owned(),
            "days",
        )],
        method: "pieces scrapped or reworked against the rate of each step in the whole plant, orders weighted by 1 + (n - 1) rho",
    });
    findings.retain(|finding| finding.q <= context.strict());
    Outcome { findings, charts: waste(context, &lots).into_iter().collect(), ..Outcome::default() }
}

#[cfg(test)]
mod tests {
    use crate::engine::bench::{chance, frame, loose, plant, said};

    fn orders(bad: f64) -> crate::engine::plant::Plant {
        let orders = frame(1_200, |row| row as u32)
            .with_words("work_order_id", |row| format!("W{row}"))
            .with_words("product_id", |row| format!("P{}", row % 6))
            .with_days("release_date", |row| 20_100.0 + row as f64 / 4.0);
        let operations = frame(2_400, |row| row as u32 / 2)
            .with_numbers("operation_quantity_completed", |_| 100.0)
            .with_numbers("operation_quantity_scrapped", move |row| {
                let rate = if row / 2 % 6 == 3 { bad } else { 1.0 };
                (rate * 4.0 * chance(row)).floor()
            })
            .with_numbers("operation_quantity_reworked", move |row| {
                let rate = if row / 2 % 6 == 3 { bad } else { 1.0 };
                (rate * 4.0 * chance(row + 70_000)).floor()
            });
        plant(orders, operations, loose(0), 320.0)
    }

    #[test]
    fn a_product_that_is_touched_twice_is_named() {
        assert_eq!(said("first_pass_yield", &orders(2.0)), ["first_pass_yield P3"]);
        assert!(said("first_pass_yield", &orders(1.0)).is_empty());
    }
}
