//! What set-ups cost in hours against the size of batches, per product: the curve of the economic quantity.
//!
//! Holding cost is in no export. So the curve is drawn in hours, and money only where the data value an hour.

use domain::{
    Finding,
    analysis::{Effect, EvidenceCell, Quantity},
    chart::{Chart, ChartBody, Dot},
};

use super::{Analyzer, Outcome};
use crate::engine::{context::Context, evidence, finding, observations::NONE, words};

pub(super) const ANALYZER: Analyzer = Analyzer {
    id: "batch_size",
    needs: &[
        &["actual_setup_hours"],
        &["actual_run_hours"],
        &["product_id"],
        &["quantity_ordered", "quantity_completed"],
    ],
    settings: &["batch_size_optimization", "min_sample_size"],
    run,
};

/// Products told of; the rest is in the chart.
const TOLD: usize = 3;
/// Set-ups below this share of a product's hours are not what its batches are about.
const LEAST_SHARE: f64 = 0.25;

#[derive(Debug, Clone, Default)]
struct Product {
    orders: Vec<u32>,
    setup: f64,
    run: f64,
    pieces: f64,
}

fn run(context: &Context<'_>) -> Outcome {
    if !context.settings.is_on("batch_size_optimization") {
        return Outcome::default();
    }
    let plant = context.plant;
    let Some(words) = plant.orders.words("product_id") else { return Outcome::default() };
    let mut products = vec![Product::default(); words.names.len()];
    let operations = &plant.operations;
    for order in 0..plant.orders.len {
        let code = words.code(order);
        let pieces = plant
            .orders
            .number("quantity_ordered", order)
            .or_else(|| plant.orders.number("quantity_completed", order))
            .filter(|pieces| *pieces > 0.0);
        let (Some(pieces), true) = (pieces, code != NONE) else { continue };
        let (mut setup, mut run) = (0.0, 0.0);
        for row in plant.operations_of.get(order).cloned().unwrap_or_default() {
            setup += operations.number("actual_setup_hours", row).unwrap_or(0.0);
            run += operations.number("actual_run_hours", row).unwrap_or(0.0);
        }
        if setup + run <= 0.0 {
            setup = plant.orders.number("actual_setup_hours", order).unwrap_or(0.0);
            run = plant.orders.number("actual_run_hours", order).unwrap_or(0.0);
        }
        if setup > 0.0 && run > 0.0 {
            let product = &mut products[code as usize];
            product.orders.push(order as u32);
            product.setup += setup;
            product.run += run;
            product.pieces += pieces;
        }
    }
    let fewest = context.settings.get("min_sample_size") as usize;
    let mut ranked: Vec<usize> =
        (0..products.len()).filter(|at| products[*at].orders.len() >= fewest).collect();
    // Twice the batch saves half of the set-ups.
    ranked.sort_by(|a, b| products[*b].setup.total_cmp(&products[*a].setup).then(a.cmp(b)));
    let share = |product: &Product| product.setup / (product.setup + product.run);
    let findings = ranked
        .iter()
        .filter(|at| share(&products[**at]) >= LEAST_SHARE)
        .take(TOLD)
        .map(|at| told(context, &words.names[*at], &products[*at]))
        .collect();
    let charts =
        ranked.is_empty().then(Vec::new).unwrap_or_else(|| vec![overview(&words.names, &products, &ranked)]);
    Outcome { findings, charts, ..Outcome::default() }
}

fn told(context: &Context<'_>, name: &str, product: &Product) -> Finding {
    let plant = context.plant;
    let orders = product.orders.len() as f64;
    let (batch, per_setup, per_piece) =
        (product.pieces / orders, product.setup / orders, product.run / product.pieces);
    let share = product.setup / (product.setup + product.run);
    let freed = product.setup / 2.0;
    let mut listed: Vec<(f64, usize)> = product
        .orders
        .iter()
        .map(|order| {
            let order = *order as usize;
            (plant.orders.number("quantity_ordered", order).unwrap_or(0.0), order)
        })
        .collect();
    listed.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    let (evidence_rows, table) = evidence::listed(
        plant,
        &plant.orders,
        &["Date", "Quantity"],
        listed.iter().take(30).map(|(pieces, order)| {
            (*order, vec![evidence::date(plant.order_day(*order as u32)), EvidenceCell::Number(*pieces)])
        }),
        listed.len(),
    );
    let entities: Vec<_> = finding::entity("product_id", name).into_iter().collect();
    let title = format!(
        "{} spends {} of its hours on set-ups; batches twice as large would free {} hours",
        words::thing("product_id", name),
        words::percent(share),
        words::figure(freed)
    );
    // Hours per piece of a batch q: per_setup / q + per_piece; doubling moves pieces in stock by half a batch.
    let curve: Vec<Dot> = [0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 4.0]
        .into_iter()
        .map(|times| {
            let size = batch * times;
            let hours = per_setup / size + per_piece;
            Dot {
                label: format!("{} pieces", words::figure(size)),
                value: hours * 60.0,
                low: hours * 60.0,
                high: hours * 60.0,
                n: (product.pieces / size).round() as u64,
                highlighted: (times - 1.0_f64).abs() < 1e-9,
            }
        })
        .collect();
    Finding {
        effect: Effect { measure: "setup_share", value: share, low: share, high: share, raw: share },
        quantity: Some(Quantity { unit: "h", value: freed, low: freed, high: freed }),
        n: product.orders.len() as u64,
        method: "set-up and run hours of all orders against their size; a calculation, not a test",
        comparison: "the same pieces in batches twice as large".to_owned(),
        observations: vec![
            format!(
                "{} orders of {} pieces on average were set up for {} hours each; a piece then runs {} minutes.",
                words::thousands(orders),
                words::figure(batch),
                words::figure(per_setup),
                words::figure(per_piece * 60.0)
            ),
            format!(
                "At twice the batch a piece takes {} minutes instead of {}, and {} more pieces lie in stock on average.",
                words::figure((per_setup / (2.0 * batch) + per_piece) * 60.0),
                words::figure((per_setup / batch + per_piece) * 60.0),
                words::figure(batch / 2.0)
            ),
        ],
        counter_evidence: vec!["Batches are small for a reason where customers order few pieces or shelf life is short.".to_owned()],
        assumptions: vec!["Your data hold no cost of stock, so no best batch in money is claimed: Q* = sqrt(2 D S / (H (1 - d/p))) needs H.".to_owned()],
        evidence_rows,
        evidence_table: Some(table),
        actions: finding::actions([(format!("Join orders of {name} that fall into the same fortnight"), "hours")]),
        chart: Some(Chart {
            title: "Minutes per piece against the size of a batch".to_owned(),
            caption: format!("{name}; set-up hours spread over the batch, plus run time; the marked one is today's"),
            alternative: format!("Today {} minutes at {} pieces.", words::figure((per_setup / batch + per_piece) * 60.0), words::figure(batch)),
            body: ChartBody::Dots { dots: curve, mean: Some(per_piece * 60.0), unit: "min".to_owned() },
        }),
        ..finding::stated("batch_size", ANALYZER.id, entities, title)
    }
}

fn overview(names: &[String], products: &[Product], ranked: &[usize]) -> Chart {
    let bars: Vec<domain::chart::Step> = ranked
        .iter()
        .take(15)
        .map(|at| domain::chart::Step { label: names[*at].clone(), value: products[*at].setup })
        .collect();
    Chart {
        title: "Hours of set-up by product".to_owned(),
        caption: "what larger batches could save half of, at twice their size".to_owned(),
        alternative: bars.first().map_or_else(String::new, |bar| {
            format!("{} leads with {} hours.", bar.label, words::figure(bar.value))
        }),
        body: ChartBody::Pareto { bars, unit: "h".to_owned() },
    }
}

#[cfg(test)]
mod tests {
    use crate::engine::bench::{frame, loose, plant, run, said};
    use domain::{Settings, analysis::EvidenceGrade};

    fn orders() -> crate::engine::plant::Plant {
        let orders = frame(120, |row| row as u32)
            .with_words("work_order_id", |row| format!("W{row}"))
            .with_words("product_id", |row| format!("P{}", row % 3))
            .with_numbers("quantity_ordered", |row| if row % 3 == 1 { 5.0 } else { 200.0 });
        let operations = frame(120, |row| row as u32)
            .with_numbers("actual_setup_hours", |_| 2.0)
            .with_numbers("actual_run_hours", |row| if row % 3 == 1 { 1.0 } else { 40.0 });
        plant(orders, operations, loose(0), 300.0)
    }

    #[test]
    fn small_batches_are_calculated_and_nothing_is_claimed() {
        let plant = orders();
        assert_eq!(said("batch_size", &plant), ["batch_size P1"]);
        let finding = &run("batch_size", &plant, &Settings::default()).findings[0];
        assert_eq!(finding.evidence_grade, EvidenceGrade::Hint);
        assert!(finding.impact.is_none());
        // 40 set-ups of 2 hours; twice the batch saves half of them.
        assert_eq!(finding.quantity.as_ref().unwrap().value, 40.0);
    }

    #[test]
    fn the_switch_turns_it_off() {
        let mut settings = Settings::default();
        settings.set("batch_size_optimization", "off").unwrap();
        let outcome = run("batch_size", &orders(), &settings);
        assert!(outcome.findings.is_empty() && outcome.charts.is_empty());
    }
}
