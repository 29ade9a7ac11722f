//! Orders that do not follow the route of their product: operations left out, added or done again.

use std::collections::{BTreeMap, HashMap};

use domain::{
    Finding,
    analysis::{Effect, EvidenceCell, Quantity},
    chart::{Chart, ChartBody, Step},
};

use super::{Analyzer, Outcome};
use crate::{
    engine::{
        context::Context,
        evidence, finding,
        frame::{Codes, Frame},
        observations::NONE,
        value, words,
    },
    stats::{
        distribution::{count_p, t_reach},
        multiplicity::benjamini_hochberg,
    },
};

pub(super) const ANALYZER: Analyzer = Analyzer {
    id: "routing_deviation",
    needs: &[
        &["product_id", "product_family"],
        &["operation_code", "operation_name", "work_center_id"],
        &["work_order_id"],
    ],
    settings: &["confidence_level", "min_sample_size", "process_compliance_weight"],
    run,
};

/// A product has a route where at least this share of its orders goes the same way.
const ROUTE_SHARE: f64 = 0.5;
/// Deviations rarer than this are accidents of single orders.
const LEAST_SHARE: f64 = 0.02;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Deviation {
    Skipped,
    Added,
    Repeated,
    Swapped,
}

/// How orders go, against the usual route of their product.
#[derive(Debug, Default)]
pub(super) struct Conformance {
    /// Orders whose product has a usual route.
    pub judged: usize,
    pub conforming: usize,
    /// By step and kind: orders.
    deviations: BTreeMap<(u32, Deviation), Vec<u32>>,
    /// Orders by step in the usual route, for shares.
    expected: HashMap<u32, usize>,
    /// Mean hours of conforming orders of a product per piece, by product.
    usual_hours: HashMap<u32, (f64, f64)>,
    product: Vec<u32>,
    /// By product: orders judged, and those on the route.
    by_product: HashMap<u32, (usize, usize)>,
}

impl Conformance {
    /// Share of orders on their route, by name of the product.
    pub(super) fn by_product(&self, context: &Context<'_>) -> HashMap<String, f64> {
        let names =
            context.plant.orders.words("product_id").map(|words| words.names.as_slice()).unwrap_or_default();
        let share = |(product, (judged, conforming)): (&u32, &(usize, usize))| {
            names
                .get(*product as usize)
                .map(|name| (name.clone(), *conforming as f64 / (*judged).max(1) as f64))
        };
        self.by_product.iter().filter_map(share).collect()
    }
}

/// The step of an operation by what the data call it.
fn steps(frame: &Frame) -> Option<(&'static str, &Codes)> {
    ["operation_code", "operation_name", "work_center_id"]
        .into_iter()
        .find_map(|field| frame.words(field).map(|words| (field, words)))
}

fn pieces(context: &Context<'_>, order: usize) -> f64 {
    let orders = &context.plant.orders;
    orders
        .number("quantity_ordered", order)
        .or_else(|| orders.number("quantity_completed", order))
        .unwrap_or(1.0)
        .max(1.0)
}

fn hours_of(context: &Context<'_>, order: usize) -> f64 {
    let operations = &context.plant.operations;
    context.plant.operations_of[order].clone().map(|row| value::booked_hours(operations, row)).sum()
}

pub(super) fn conformance(context: &Context<'_>) -> Option<Conformance> {
    let plant = context.plant;
    let (_, steps) = steps(&plant.operations)?;
    let products = plant.orders.words("product_id").or_else(|| plant.orders.words("product_family"))?;
    let fewest = context.settings.get("min_sample_size") as usize;
    let route = |order: usize| -> Vec<u32> {
        let rows = plant.operations_of[order].clone();
        rows.map(|row| steps.code(row)).filter(|code| *code != NONE).collect()
    };
    let mut variants: HashMap<u32, HashMap<Vec<u32>, usize>> = HashMap::new();
    let mut orders_of: HashMap<u32, usize> = HashMap::new();
    for order in 0..plant.orders.len {
        let product = products.code(order);
        let route = route(order);
        if product != NONE && !route.is_empty() {
            *orders_of.entry(product).or_default() += 1;
            let of = variants.entry(product).or_default();
            // A product with hundreds of ways has no route; its variants need not be kept.
            if of.len() < 500 || of.contains_key(&route) {
                *of.entry(route).or_default() += 1;
            }
        }
    }
    let usual: HashMap<u32, Vec<u32>> = variants
        .into_iter()
        .filter_map(|(product, variants)| {
            let all = orders_of[&product];
            let (route, n) = variants.into_iter().max_by(|a, b| a.1.cmp(&b.1).then_with(|| b.0.cmp(&a.0)))?;
            (all >= fewest && n as f64 >= ROUTE_SHARE * all as f64).then_some((product, route))
        })
        .collect();
    if usual.is_empty() {
        return None;
    }
    let mut conformance = Conformance { product: products.iter().collect(), ..Conformance::default() };
    for order in 0..plant.orders.len {
        let Some(usual) = usual.get(&products.code(order)) else { continue };
        let own = route(order);
        if own.is_empty() {
            continue;
        }
        conformance.judged += 1;
        conformance.by_product.entry(products.code(order)).or_default().0 += 1;
        let mut distinct = usual.clone();
        distinct.sort_unstable();
        distinct.dedup();
        for step in &distinct {
            *conformance.expected.entry(*step).or_default() += 1;
        }
        if own == *usual {
            conformance.conforming += 1;
            conformance.by_product.entry(products.code(order)).or_default().1 += 1;
            let entry = conformance.usual_hours.entry(products.code(order)).or_default();
            entry.0 += hours_of(context, order);
            entry.1 += pieces(context, order);
            continue;
        }
        let count = |of: &[u32], step: u32| of.iter().filter(|other| **other == step).count();
        let mut named = false;
        let mut all: Vec<u32> = own.iter().chain(usual).copied().collect();
        all.sort_unstable();
        all.dedup();
        for step in all {
            let (is, should) = (count(&own, step), count(usual, step));
            let kind = match (is, should) {
                (0, 1..) => Deviation::Skipped,
                (1.., 0) => Deviation::Added,
                (is, should) if is > should => Deviation::Repeated,
                (is, should) if is < should => Deviation::Skipped,
                _ => continue,
            };
            named = true;
            conformance.deviations.entry((step, kind)).or_default().push(order as u32);
        }
        if !named && let Some(step) = own.iter().zip(usual).find(|(a, b)| a != b).map(|(a, _)| *a) {
            conformance.deviations.entry((step, Deviation::Swapped)).or_default().push(order as u32);
        }
    }
    Some(conformance)
}

fn run(context: &Context<'_>) -> Outcome {
    let plant = context.plant;
    let (Some(conformance), Some((field, steps))) = (conformance(context), steps(&plant.operations)) else {
        return Outcome::default();
    };
    let fewest = context.settings.get("min_sample_size") as usize;
    let reach = t_reach(context.confidence(), f64::INFINITY);
    let of = |step: u32, kind: Deviation, n: usize| match kind {
        Deviation::Added => conformance.judged,
        _ => conformance.expected.get(&step).copied().unwrap_or(0).max(n),
    };
    // The chance of so many orders if no more than the accidental share left the route.
    let p: Vec<f64> = conformance
        .deviations
        .iter()
        .map(|((step, kind), orders)| {
            let accidental = LEAST_SHARE * of(*step, *kind, orders.len()) as f64;
            if orders.len() as f64 > accidental { count_p(orders.len() as f64, accidental, 1.0) } else { 1.0 }
        })
        .collect();
    let q = benjamini_hochberg(&p, p.len());
    let mut findings = Vec::new();
    for (at, ((step, kind), orders)) in conformance.deviations.iter().enumerate() {
        let of = of(*step, *kind, orders.len());
        let (n, share) = (orders.len(), orders.len() as f64 / of.max(1) as f64);
        let error = reach * (share * (1.0 - share) / of.max(1) as f64).sqrt();
        if n < fewest || share - error < LEAST_SHARE || q[at] > context.strict() {
            continue;
        }
        let named = (field, steps.names[*step as usize].as_str());
        let finding = told(context, &conformance, named, *kind, orders, [share, error]);
        let grade = finding::grade(q[at], share - error - LEAST_SHARE);
        findings.push(Finding {
            p: p[at],
            q: q[at],
            tests_in_family: p.len() as u64,
            evidence_grade: grade,
            ..finding
        });
    }
    let share = conformance.conforming as f64 / conformance.judged.max(1) as f64;
    let mut bars: Vec<Step> = conformance
        .deviations
        .iter()
        .map(|((step, kind), orders)| Step {
            label: format!("{} {}", steps.names[*step as usize], words_of(*kind)),
            value: orders.len() as f64,
        })
        .collect();
    bars.sort_by(|a, b| b.value.total_cmp(&a.value).then_with(|| a.label.cmp(&b.label)));
    bars.truncate(15);
    let chart = Chart {
        title: "Orders off the usual route of their product".to_owned(),
        caption: format!(
            "{} of {} orders follow it",
            words::percent(share),
            words::thousands(conformance.judged as f64)
        ),
        alternative: bars.first().map_or("No order leaves the route.".to_owned(), |bar| {
            format!("Most often {}: {} orders.", bar.label, words::thousands(bar.value))
        }),
        body: ChartBody::Pareto { bars: bars.clone(), unit: "orders".to_owned() },
    };
    Outcome { findings, charts: if bars.is_empty() { vec![] } else { vec![chart] }, ..Outcome::default() }
}

fn words_of(kind: Deviation) -> &'static str {
    match kind {
        Deviation::Skipped => "left out",
        Deviation::Added => "added",
        Deviation::Repeated => "done again",
        Deviation::Swapped => "in another place",
    }
}

fn told(
    context: &Context<'_>,
    conformance: &Conformance,
    (field, step): (&'static str, &str),
    kind: Deviation,
    orders: &[u32],
    [share, error]: [f64; 2],
) -> Finding {
    let plant = context.plant;
    // Hours beyond those of conforming orders of the same product, per piece.
    let mut extra = 0.0;
    let mut listed: Vec<(f64, usize)> = orders
        .iter()
        .map(|order| {
            let order = *order as usize;
            let own = hours_of(context, order);
            let more = conformance
                .usual_hours
                .get(&conformance.product[order])
                .filter(|usual| usual.1 > 0.0)
                .map_or(0.0, |usual| own - usual.0 / usual.1 * pieces(context, order));
            extra += more;
            (more, order)
        })
        .collect();
    listed.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    let (evidence_rows, table) = evidence::listed(
        plant,
        &plant.orders,
        &["Hours over conforming orders"],
        listed.iter().take(30).map(|(more, order)| (*order, vec![EvidenceCell::Number(*more)])),
        orders.len(),
    );
    let grade = domain::analysis::EvidenceGrade::Likely;
    let entities: Vec<_> = finding::entity(field, step).into_iter().collect();
    let doing = words_of(kind);
    let named =
        if field == "work_center_id" { words::thing(field, step) } else { format!("Operation {step}") };
    let title = format!(
        "{named} is {doing} in {} of the orders that should follow another route",
        words::percent(share)
    );
    let mut finding = Finding {
        effect: Effect {
            measure: "share_of_orders",
            value: share,
            low: (share - error).max(0.0),
            high: share + error,
            raw: share,
        },
        quantity: Some(Quantity { unit: "h", value: extra, low: extra, high: extra }),
        n: orders.len() as u64,
        method: "routes of orders against the most usual route of their product; count against an accidental share of 2 %, exact tail",
        priority: finding::priority(
            0.0,
            share * (1.0 + context.settings.get("process_compliance_weight")),
            0.3,
            grade,
        ),
        comparison: "the way at least half of the orders of the same product go".to_owned(),
        observations: vec![
            format!(
                "{} orders are concerned; the lower bound of their share is {}.",
                words::thousands(orders.len() as f64),
                words::percent((share - error).max(0.0))
            ),
            format!(
                "Together they took {} hours {} than conforming orders of the same products.",
                words::figure(extra.abs()),
                if extra >= 0.0 { "more" } else { "less" }
            ),
        ],
        counter_evidence: vec![
            "If the route was changed on purpose, the older one is out of date rather than the orders wrong."
                .to_owned(),
        ],
        assumptions: vec![
            "Extra hours are already counted where hours are told; they are stated here and not added."
                .to_owned(),
        ],
        evidence_rows,
        evidence_table: Some(table),
        actions: finding::actions([(
            match kind {
                Deviation::Repeated => format!(
                    "Ask why {step} is done twice: rework booked as work, or a step that does not hold?"
                ),
                Deviation::Skipped => {
                    format!("Ask whether {step} is needed: if so, who lets it be left out?")
                }
                Deviation::Added => format!("Put {step} into the route, or find what makes it necessary"),
                Deviation::Swapped => "Write the order that works best into the route".to_owned(),
            },
            "days",
        )]),
        ..finding::stated("routing_deviation", ANALYZER.id, entities, title)
    };
    finding.id = format!("{}-{}", finding.id, doing.replace(' ', "_"));
    finding
}

#[cfg(test)]
mod tests {
    use crate::engine::bench::{chance, frame, loose, plant, said};

    /// Three operations; in `again` of the orders the second is done twice.
    fn orders(again: f64) -> crate::engine::plant::Plant {
        let n = 600;
        let orders = frame(n, |row| row as u32)
            .with_words("work_order_id", |row| format!("W{row}"))
            .with_words("product_id", |row| format!("P{}", row % 4));
        let mut of: Vec<(u32, &str)> = Vec::new();
        for order in 0..n {
            of.extend([(order as u32, "Saw"), (order as u32, "Mill")]);
            if chance(order) < again {
                of.push((order as u32, "Mill"));
            }
            of.push((order as u32, "Pack"));
        }
        let codes = of.clone();
        let operations = frame(of.len(), move |row| codes[row].0)
            .with_words("operation_name", |row| of[row].1)
            .with_numbers("actual_run_hours", |_| 1.0);
        plant(orders, operations, loose(0), 300.0)
    }

    #[test]
    fn what_is_done_again_is_named_where_it_is_more_than_an_accident() {
        assert_eq!(said("routing_deviation", &orders(0.12)), ["routing_deviation Mill"]);
        assert!(said("routing_deviation", &orders(0.01)).is_empty());
        // Half of the orders going another way: there is no route to leave.
        assert!(said("routing_deviation", &orders(0.0)).is_empty());
    }
}
