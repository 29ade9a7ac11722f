//! Outside processing against its plan, by vendor and product.

use super::{Analyzer, Outcome, SEARCH_SETTINGS};
use crate::engine::{
    context::Context,
    finding::{CostClass, Story, told},
    ledger,
    metric::{AmountUnit, Metric},
    observations::Kind,
    sentences,
};

pub(super) const ANALYZER: Analyzer = Analyzer {
    id: "subcontract",
    needs: &[
        &["actual_subcontract_cost"],
        &["planned_subcontract_cost"],
        &["supplier_id", "product_id", "product_family"],
    ],
    settings: SEARCH_SETTINGS,
    run,
};

fn run(context: &Context<'_>) -> Outcome {
    let plant = context.plant;
    let frame = &plant.orders;
    let mut metric = Metric::new(
        plant,
        frame,
        Kind::LogRatio,
        AmountUnit::Money,
        ["Outside cost", "Planned outside cost"],
    );
    for order in 0..frame.len {
        if let (Some(actual), Some(planned)) =
            (frame.number("actual_subcontract_cost", order), frame.number("planned_subcontract_cost", order))
        {
            metric.push_ratio(order, actual, planned * ledger::flex(plant, order), actual);
        }
    }
    metric.attribute("supplier_id", &["product_id"]);
    metric.attribute("product_id", &[]);
    metric.attribute("product_family", &[]);
    metric.own_history("facility_id");
    let at_stake = metric.observations.amount.iter().sum();
    let rules = context.rules("cost_variance_threshold", AmountUnit::Money, at_stake);
    told(context, &metric, &rules, 24, |found| {
        let size = sentences::size(&metric, found);
        Story {
            type_: "subcontract_variance",
            analyzer: ANALYZER.id,
            measure: "subcontract_ratio",
            class: CostClass::Overhead,
            claim: format!(
                "costs {size} more outside than {}",
                if found.own_history { "before" } else { "planned" }
            ),
            peers: "other outside work against its plan",
            counter_evidence: vec![
                "Work sent out because the plant was full is a capacity problem, not a price.".to_owned(),
            ],
            assumptions: vec!["The plan is scaled to the good quantity.".to_owned()],
            missing: vec![],
            actions: vec![
                ("Compare the vendor's invoices with his quotation".to_owned(), "hours"),
                ("Ask a second vendor for a price".to_owned(), "days"),
            ],
            method: "contrast of ln(outside cost / flexed plan), clustered by order, change point by BIC",
        }
    })
    .into()
}
