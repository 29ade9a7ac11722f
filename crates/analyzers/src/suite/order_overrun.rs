//! The orders that cost more than their flexed plan: a list to look at, not a claim about a cause.

use domain::{
    Finding,
    analysis::{Effect, EvidenceCell, EvidenceGrade, EvidenceTable, Quantity},
};
use ontology::FieldId;

use super::{Analyzer, Outcome};
use crate::engine::{context::Context, finding, ledger, words};

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

fn run(context: &Context<'_>) -> Outcome {
    let plant = context.plant;
    let threshold = context.settings.get("cost_variance_threshold");
    let mut over: Vec<(f64, f64, f64, usize)> = (0..plant.orders.len)
        .filter_map(|order| ledger::order_costs(plant, order).map(|costs| (order, costs)))
        .filter(|(_, costs)| costs.planned > 0.0 && costs.actual / costs.planned - 1.0 >= threshold)
        .map(|(order, costs)| (costs.actual - costs.planned, costs.planned, costs.actual, order))
        .collect();
    if over.is_empty() {
        return Outcome::default();
    }
    over.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.3.cmp(&b.3)));
    let total: f64 = over.iter().map(|order| order.0).sum();
    let ratio = over.iter().map(|order| order.2).sum::<f64>() / over.iter().map(|order| order.1).sum::<f64>();
    let name = |order: usize| {
        plant.orders.words("work_order_id").and_then(|words| words.name(order)).unwrap_or_default().to_owned()
    };
    let listed = &over[..over.len().min(LISTED)];
    let rows: Vec<_> = listed.iter().map(|(.., order)| plant.row_ref(&plant.orders, *order)).collect();
    let entities: Vec<_> = listed
        .first()
        .and_then(|(.., order)| finding::entity("work_order_id", &name(*order)))
        .into_iter()
        .collect();
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
        observations: vec![
            format!(
                "The largest is {} with {} over plan.",
                name(listed[0].3),
                words::money(listed[0].0, &context.currency)
            ),
            "Their money is part of the causes named in the other findings; it is not counted again."
                .to_owned(),
        ],
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
            heads: ["Work order", "Planned", "Actual", "Over", "Over plan", "File row"]
                .map(str::to_owned)
                .to_vec(),
            rows: listed
                .iter()
                .zip(&rows)
                .map(|((over, planned, actual, order), row)| {
                    vec![
                        EvidenceCell::Text(name(*order)),
                        EvidenceCell::Money(*planned),
                        EvidenceCell::Money(*actual),
                        EvidenceCell::Money(*over),
                        EvidenceCell::Percent(actual / planned - 1.0),
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
