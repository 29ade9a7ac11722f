//! The orders that cost more than their flexed plan: a list to look at, not a claim about a cause.

use std::collections::BTreeMap;

use domain::{
    Finding,
    analysis::{Effect, EvidenceCell, EvidenceGrade, EvidenceTable, Quantity},
};
use ontology::FieldId;

use super::{Analyzer, Outcome};
use crate::{
    engine::{context::Context, finding, ledger, observations::NONE, plant::Plant, words},
    stats::robust::median,
};

pub(super) const ANALYZER: Analyzer = Analyzer {
    id: "order_overrun",
    needs: &[
        &["actual_total_cost", "actual_material_cost", "actual_labor_cost"],
        &["planned_total_cost", "planned_material_cost", "planned_labor_cost"],
        &["work_order_id"],
    ],
    settings: &["cost_variance_threshold"],
    run,
};

const LISTED: usize = 25;

/// Fewer orders of a product say nothing of what is usual for it.
const SIMILAR: usize = 5;

/// Parts of the money over plan that one level takes: a half is made by the critical orders, most of the rest by the high.
const LEVELS: [(&str, f64); 3] = [("critical", 0.5), ("high", 0.8), ("medium", f64::INFINITY)];

/// An order beside its plan.
struct Order {
    place: usize,
    planned: f64,
    actual: f64,
}

impl Order {
    fn over(&self) -> f64 {
        self.actual - self.planned
    }

    fn share(&self) -> f64 {
        self.actual / self.planned - 1.0
    }
}

fn run(context: &Context<'_>) -> Outcome {
    let plant = context.plant;
    let threshold = context.settings.get("cost_variance_threshold");
    let orders: Vec<Order> = (0..plant.orders.len)
        .filter_map(|place| {
            let costs = ledger::order_costs(plant, place)?;
            (costs.planned > 0.0).then_some(Order { place, planned: costs.planned, actual: costs.actual })
        })
        .collect();
    let mut over: Vec<&Order> = orders.iter().filter(|order| order.share() >= threshold).collect();
    if over.is_empty() {
        return Outcome::default();
    }
    over.sort_by(|a, b| b.over().total_cmp(&a.over()).then(a.place.cmp(&b.place)));
    let total: f64 = over.iter().map(|order| order.over()).sum();
    let ratio = over.iter().map(|order| order.actual).sum::<f64>()
        / over.iter().map(|order| order.planned).sum::<f64>();
    let level_of = levels(&over, total);
    let usual = usual_of_products(plant, &orders);
    let name = |order: usize| {
        plant.orders.words("work_order_id").and_then(|words| words.name(order)).unwrap_or_default().to_owned()
    };
    let listed = &over[..over.len().min(LISTED)];
    let rows: Vec<_> = listed.iter().map(|order| plant.row_ref(&plant.orders, order.place)).collect();
    let entities: Vec<_> = listed
        .first()
        .and_then(|order| finding::entity("work_order_id", &name(order.place)))
        .into_iter()
        .collect();
    let mut observations = vec![
        format!(
            "The largest is {} with {} over plan.",
            name(listed[0].place),
            words::money(listed[0].over(), &context.currency)
        ),
        "Their money is part of the causes named in the other findings; it is not counted again.".to_owned(),
    ];
    let of_level =
        |wanted: &str| words::thousands(level_of.iter().filter(|own| **own == wanted).count() as f64);
    if over.len() > LEVELS.len() {
        observations.push(format!(
            "The first {} make half of it (critical), the next {} most of the rest (high), the other {} what is left (medium).",
            of_level("critical"),
            of_level("high"),
            of_level("medium")
        ));
    }
    let under: Vec<&Order> = orders.iter().filter(|order| order.share() <= -threshold).collect();
    if !under.is_empty() {
        observations.push(format!(
            "{} orders cost at least {} less than their plan, {} in all; they are not set off against these.",
            words::thousands(under.len() as f64),
            words::percent(threshold),
            words::money(-under.iter().map(|order| order.over()).sum::<f64>(), &context.currency)
        ));
    }
    let finding = Finding {
        id: finding::id("order_overrun", &entities),
        type_: "order_overrun",
        analyzer: ANALYZER.id,
        title: format!(
            "{} orders cost at least {} more than their plan, {} in all",
            words::thousands(over.len() as f64),
            words::percent(threshold),
            words::money(total, &context.currency)
        ),
        entities,
        start: None,
        start_low: None,
        start_high: None,
        effect: Effect { measure: "cost_ratio", value: ratio, low: ratio, high: ratio, raw: ratio },
        impact: None,
        quantity: Some(Quantity {
            unit: "orders",
            value: over.len() as f64,
            low: over.len() as f64,
            high: over.len() as f64,
        }),
        p: 1.0,
        q: 1.0,
        tests_in_family: 0,
        unit_of_analysis: "work_order",
        n: over.len() as u64,
        method: "list of differences to the flexed plan; nothing was tested",
        evidence_grade: EvidenceGrade::Hint,
        priority: 10,
        comparison: "each order with its own plan, scaled to what it made".to_owned(),
        observations,
        counter_evidence: vec![
            "In any plant some orders run over by chance, as others run under.".to_owned(),
        ],
        shadows: vec![],
        assumptions: vec![],
        missing_fields: ["operation_sequence"]
            .into_iter()
            .filter(|field| !plant.has(field))
            .filter_map(FieldId::named)
            .collect(),
        evidence_table: Some(EvidenceTable {
            heads: HEADS.map(str::to_owned).to_vec(),
            rows: listed
                .iter()
                .zip(&rows)
                .map(|(order, row)| {
                    let parts = ledger::order_parts(plant, order.place, &(0..0)).unwrap_or_default();
                    let sum = |parts: &[i64]| EvidenceCell::Money(parts.iter().sum::<i64>() as f64 / 100.0);
                    let product = plant.orders.words("product_id").map(|words| words.code(order.place));
                    vec![
                        EvidenceCell::Text(name(order.place)),
                        EvidenceCell::Money(order.planned),
                        EvidenceCell::Money(order.actual),
                        EvidenceCell::Money(order.over()),
                        EvidenceCell::Percent(order.share()),
                        sum(&parts[..2]),
                        sum(&parts[2..5]),
                        sum(&parts[5..]),
                        product
                            .and_then(|product| usual.get(&product))
                            .map_or(EvidenceCell::Empty, |share| EvidenceCell::Percent(*share)),
                        EvidenceCell::Row(row.clone()),
                    ]
                })
                .collect(),
            total: over.len() as u64,
        }),
        evidence_rows: rows,
        actions: vec![],
        chart: None,
    };
    vec![finding].into()
}

const HEADS: [&str; 10] = [
    "Work order",
    "Planned",
    "Actual",
    "Over",
    "Over plan",
    "Material",
    "Labor",
    "Other",
    "Same product, middle",
    "File row",
];

/// The level of each order, the largest first: those that make the first half of the money, those up to four fifths, the rest.
fn levels(over: &[&Order], total: f64) -> Vec<&'static str> {
    let mut before = 0.0;
    over.iter()
        .map(|order| {
            let share = before / total;
            before += order.over();
            LEVELS.iter().find(|(_, until)| share < *until).map_or("medium", |(level, _)| *level)
        })
        .collect()
}

/// What orders of a product usually cost over their plan, where there are enough of them.
fn usual_of_products(plant: &Plant, orders: &[Order]) -> BTreeMap<u32, f64> {
    let Some(products) = plant.orders.words("product_id") else { return BTreeMap::new() };
    let mut shares: BTreeMap<u32, Vec<f64>> = BTreeMap::new();
    for order in orders {
        let product = products.code(order.place);
        if product != NONE {
            shares.entry(product).or_default().push(order.share());
        }
    }
    shares
        .into_iter()
        .filter(|(_, shares)| shares.len() >= SIMILAR)
        .filter_map(|(product, mut shares)| Some((product, median(&mut shares)?)))
        .collect()
}

#[cfg(test)]
mod tests {
    use domain::{Settings, analysis::EvidenceCell};

    use super::{HEADS, Order, levels};
    use crate::engine::bench::{frame, loose, plant, run};

    #[test]
    fn every_order_over_plan_is_told_by_its_parts_beside_its_product() {
        // Every tenth order costs half more material and a tenth less labor, every seventh other a fifth less material.
        let material = |order: usize| match (order % 10, order % 7) {
            (0, _) => 150.0 + order as f64,
            (_, 0) => 60.0,
            _ => 100.0,
        };
        let labor = |order: usize| if order.is_multiple_of(10) { 45.0 } else { 50.0 };
        let orders = frame(60, |order| order as u32)
            .with_words("work_order_id", |order| format!("{order:03}"))
            .with_words("product_id", |order| if order < 3 { "rare".to_owned() } else { "usual".to_owned() })
            .with_numbers("planned_material_cost", |_| 100.0)
            .with_numbers("actual_material_cost", material)
            .with_numbers("planned_labor_cost", |_| 50.0)
            .with_numbers("actual_labor_cost", labor);
        let outcome = run("order_overrun", &plant(orders, loose(0), loose(0), 60.0), &Settings::default());
        let [finding] = &outcome.findings[..] else { panic!("one list") };
        let table = finding.evidence_table.as_ref().expect("rows");
        assert_eq!(table.rows.len(), 6);
        let column = |head: &str| HEADS.iter().position(|own| *own == head).expect(head);
        let money = |row: &[EvidenceCell], head: &str| match row[column(head)] {
            EvidenceCell::Money(amount) => amount,
            ref other => panic!("{head}: {other:?}"),
        };
        for row in &table.rows {
            let parts: f64 = ["Material", "Labor", "Other"].iter().map(|head| money(row, head)).sum();
            assert!((parts - money(row, "Over")).abs() < 0.005, "{row:?}");
            assert!((money(row, "Labor") + 5.0).abs() < 0.005, "{row:?}");
        }
        let rare = table.rows.iter().find(|row| row[0] == EvidenceCell::Text("000".to_owned())).expect("000");
        assert_eq!(rare[column("Same product, middle")], EvidenceCell::Empty, "three orders are too few");
        assert_eq!(table.rows[0][column("Same product, middle")], EvidenceCell::Percent(0.0));
        let said = finding.observations.join(" ");
        assert!(said.contains("The first 3 make half of it (critical), the next 2"), "{said}");
        assert!(said.contains("8 orders cost at least 10% less than their plan"), "{said}");
    }

    #[test]
    fn the_orders_that_make_half_of_the_money_are_critical() {
        let orders: Vec<Order> = [50.0, 20.0, 15.0, 10.0, 5.0]
            .into_iter()
            .map(|over| Order { place: 0, planned: 100.0, actual: 100.0 + over })
            .collect();
        let over: Vec<&Order> = orders.iter().collect();
        assert_eq!(levels(&over, 100.0), ["critical", "high", "high", "medium", "medium"]);
        assert_eq!(levels(&over[..1], 50.0), ["critical"]);
    }
}
