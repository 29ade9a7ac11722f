//! Where margin leaks: customers who bring less for the same products, and products sold below what they cost.

use domain::{
    Finding,
    analysis::{Effect, EvidenceCell, Quantity},
};

use super::{Analyzer, Outcome};
use crate::{
    engine::{
        context::Context,
        evidence, finding,
        finding::{CostClass, Story, told},
        ledger,
        metric::{AmountUnit, Metric},
        observations::{Kind, NONE},
        search::Rules,
        sentences, words,
    },
    stats::{multiplicity::benjamini_hochberg, resample, robust},
};

pub(super) const ANALYZER: Analyzer = Analyzer {
    id: "margin_leak",
    needs: &[
        &["revenue"],
        &["actual_total_cost", "actual_material_cost", "actual_labor_cost"],
        &["customer_id", "product_id"],
    ],
    settings: &["confidence_level", "cost_variance_threshold", "min_sample_size", "outlier_detection_sigma"],
    run,
};

/// An order that is sold: its revenue, its actual cost and its flexed plan.
struct Sale {
    order: usize,
    revenue: f64,
    cost: f64,
    planned: f64,
}

fn run(context: &Context<'_>) -> Outcome {
    let plant = context.plant;
    let sales: Vec<Sale> = (0..plant.orders.len)
        .filter_map(|order| {
            let revenue = plant.orders.number("revenue", order).filter(|revenue| *revenue > 0.0)?;
            let costs = ledger::order_costs(plant, order).filter(|costs| costs.actual > 0.0)?;
            Some(Sale { order, revenue, cost: costs.actual, planned: costs.planned })
        })
        .collect();
    let mut findings = customers(context, &sales);
    findings.extend(sold_below_cost(context, &sales));
    findings.into()
}

/// Customers pay for the same product within its own orders: what is left of their revenue against that of others.
fn customers(context: &Context<'_>, sales: &[Sale]) -> Vec<Finding> {
    let plant = context.plant;
    if !plant.orders.has("product_id") {
        return Vec::new();
    }
    let mut metric =
        Metric::new(plant, &plant.orders, Kind::LogRatio, AmountUnit::Pieces, ["Cost", "Revenue"]);
    for sale in sales {
        metric.push_ratio(sale.order, sale.planned.max(0.01), sale.revenue, 1.0);
    }
    if metric.attribute("customer_id", &["product_id"]).is_none() {
        return Vec::new();
    }
    let rules = Rules {
        loss_threshold: f64::INFINITY,
        small_levels: false,
        smallest_change: 1.0,
        ..context.rules("cost_variance_threshold", AmountUnit::Pieces, 0.0)
    };
    let mut findings = told(context, &metric, &rules, 32, |found| {
        let size = sentences::size(&metric, found);
        Story {
            type_: "margin_leak",
            analyzer: ANALYZER.id,
            measure: "planned_cost_per_revenue_ratio",
            class: CostClass::Overhead,
            claim: format!("brings so much less for the same products that their planned cost weighs {size} more"),
            peers: "other customers of the same products",
            counter_evidence: vec!["Larger lots, longer terms or services left out may be worth the lower price.".to_owned()],
            assumptions: vec!["This is revenue that does not come in, not cost: it is in no class of the cost variance and is not added to it.".to_owned()],
            missing: vec![],
            actions: vec![("Compare the price list of this customer with that of others, product by product".to_owned(), "hours")],
            method: "within-product contrast of ln(planned cost / revenue), by order, shrunken towards all customers",
        }
    });
    findings.retain(|finding| finding.q <= context.strict());
    for finding in &mut findings {
        let customer = finding.entities.first().map(|entity| entity.value.clone()).unwrap_or_default();
        let own = plant.orders.words("customer_id");
        let revenue: f64 = sales
            .iter()
            .filter(|sale| own.and_then(|words| words.name(sale.order)) == Some(customer.as_str()))
            .map(|sale| sale.revenue)
            .sum();
        // At the others' ratio the same plan would have brought this much more.
        let missing = |ratio: f64| revenue * (ratio - 1.0).max(0.0);
        let effect = &finding.effect;
        finding.quantity = Some(Quantity {
            unit: words::currency_unit(&context.currency),
            value: missing(effect.value),
            low: missing(effect.low),
            high: missing(effect.high),
        });
    }
    findings
}

/// Products whose orders together cost more than they brought, beyond doubt.
fn sold_below_cost(context: &Context<'_>, sales: &[Sale]) -> Vec<Finding> {
    let plant = context.plant;
    let Some(products) = plant.orders.words("product_id") else { return Vec::new() };
    let mut by_product: Vec<Vec<&Sale>> = (0..products.names.len()).map(|_| Vec::new()).collect();
    for sale in sales {
        let code = products.code(sale.order);
        if code != NONE {
            by_product[code as usize].push(sale);
        }
    }
    let fewest = context.settings.get("min_sample_size") as usize;
    let tested: Vec<usize> = (0..by_product.len()).filter(|code| by_product[*code].len() >= fewest).collect();
    let tail = (1.0 - context.confidence()) / 2.0;
    let mut p = Vec::new();
    let mut margins = Vec::new();
    for code in &tested {
        let clusters: Vec<(f64, f64)> =
            by_product[*code].iter().map(|sale| (sale.revenue - sale.cost, sale.revenue)).collect();
        let mut draws = resample::ratio_of_sums(&clusters, resample::DRAWS, 33 + ((*code as u64) << 8));
        let above = draws.iter().filter(|draw| **draw >= 0.0).count();
        p.push((above as f64 + 1.0) / (draws.len() as f64 + 1.0));
        let low = robust::quantile(&mut draws, tail).unwrap_or(0.0);
        margins.push((low, robust::quantile(&mut draws, 1.0 - tail).unwrap_or(0.0)));
    }
    let q = benjamini_hochberg(&p, p.len());
    let mut findings = Vec::new();
    for (at, code) in tested.iter().enumerate() {
        let of = &by_product[*code];
        let sum = |value: fn(&Sale) -> f64| of.iter().map(|sale| value(sale)).sum::<f64>();
        let (revenue, cost, planned) =
            (sum(|sale| sale.revenue), sum(|sale| sale.cost), sum(|sale| sale.planned));
        let (low, high) = margins[at];
        if q[at] > 1.0 - context.confidence() || high >= 0.0 || revenue >= cost {
            continue;
        }
        let name = &products.names[*code];
        let entities: Vec<_> = finding::entity("product_id", name).into_iter().collect();
        let mut worst = of.clone();
        worst.sort_by(|a, b| {
            (a.revenue - a.cost).total_cmp(&(b.revenue - b.cost)).then(a.order.cmp(&b.order))
        });
        let (evidence_rows, table) = evidence::listed(
            plant,
            &plant.orders,
            &["Revenue", "Cost", "Margin"],
            worst.iter().take(30).map(|sale| {
                (
                    sale.order,
                    vec![
                        EvidenceCell::Money(sale.revenue),
                        EvidenceCell::Money(sale.cost),
                        EvidenceCell::Money(sale.revenue - sale.cost),
                    ],
                )
            }),
            of.len(),
        );
        let grade = finding::grade(q[at], -high);
        let money = |value: f64| words::money(value, &context.currency);
        findings.push(Finding {
            effect: Effect { measure: "margin", value: 1.0 - cost / revenue, low, high, raw: 1.0 - cost / revenue },
            quantity: Some(Quantity {
                unit: words::currency_unit(&context.currency),
                value: cost - revenue,
                low: -high * revenue,
                high: -low * revenue,
            }),
            p: p[at],
            q: q[at],
            tests_in_family: p.len() as u64,
            n: of.len() as u64,
            method: "margin of all orders of a product, interval by drawing orders again",
            evidence_grade: grade,
            priority: finding::priority(((cost - revenue) / context.planned_cost.max(1.0)).max(0.0), 1.0 - cost / revenue, 0.5, grade),
            comparison: format!("its plan, which allowed a margin of {}", money(revenue - planned)),
            observations: vec![
                format!("Its {} orders brought {} and cost {}.", words::thousands(of.len() as f64), money(revenue), money(cost)),
                if planned > revenue {
                    "Already the plan was above the price: the price is wrong, not the floor.".to_owned()
                } else {
                    format!("The plan left {}; {} more than planned was spent.", money(revenue - planned), money(cost - planned))
                },
            ],
            counter_evidence: vec!["A product that brings others with it may be worth its loss.".to_owned()],
            assumptions: vec!["What was spent beyond the plan is already counted in the findings on cost; nothing is added here.".to_owned()],
            evidence_rows,
            evidence_table: Some(table),
            actions: finding::actions([
                (format!("Quote {name} anew from its actual cost"), "hours"),
                ("Look first at the findings that name its operations and materials".to_owned(), "hours"),
            ]),
            ..finding::stated(
                "margin_leak",
                ANALYZER.id,
                entities,
                format!("{} is sold {} below what it costs", words::thing("product_id", name), money(cost - revenue)),
            )
        });
    }
    findings
}

#[cfg(test)]
mod tests {
    use crate::engine::bench::{chance, frame, loose, plant, said};

    fn orders(customer: f64, product: f64) -> crate::engine::plant::Plant {
        let orders = frame(900, |row| row as u32)
            .with_words("work_order_id", |row| format!("W{row}"))
            .with_words("product_id", |row| format!("P{}", row % 5))
            .with_words("customer_id", |row| format!("C{}", row / 5 % 6))
            .with_days("release_date", |row| 20_100.0 + row as f64 / 3.0)
            .with_numbers("planned_total_cost", |row| 100.0 * (1 + row % 5) as f64)
            .with_numbers("actual_total_cost", |row| {
                100.0 * (1 + row % 5) as f64 * (0.95 + 0.1 * chance(row))
            })
            .with_numbers("revenue", move |row| {
                let price = 130.0 * (1 + row % 5) as f64 * (0.98 + 0.04 * chance(row + 5_000));
                let paid = if row / 5 % 6 == 2 { customer } else { 1.0 };
                price * paid * if row % 5 == 4 { product } else { 1.0 }
            });
        plant(orders, loose(0), loose(0), 310.0)
    }

    #[test]
    fn a_customer_who_pays_less_and_a_product_below_cost_are_named() {
        assert!(said("margin_leak", &orders(1.0, 1.0)).is_empty());
        assert_eq!(said("margin_leak", &orders(0.8, 1.0)), ["margin_leak C2"]);
        assert_eq!(said("margin_leak", &orders(1.0, 0.7)), ["margin_leak P4"]);
    }
}
