//! What labor, material and quality lose against the plan.

use domain::{
    Money,
    analysis::Totals,
    breakdown::{Loss, OperationLine},
};

use super::quality::{Costs, known};
use crate::engine::context::Context;

pub(super) fn of(
    context: &Context<'_>,
    totals: &Totals,
    costs: &Costs,
    operations: &[OperationLine],
) -> Vec<Loss> {
    let part = |names: &[&str]| {
        let parts = totals.parts.iter().filter(|(name, _)| names.contains(&name.as_str()));
        let amounts: Vec<&Money> = parts.map(|(_, money)| money).collect();
        (!amounts.is_empty()).then(|| Money {
            amount: amounts.iter().map(|money| money.amount).sum(),
            currency: context.currency.clone(),
        })
    };
    let hours = operations.first().map(|whole| (whole.hours - whole.allowed, "h"));
    let scrapped = known(&costs.scrapped).map(|pieces| (pieces, "pieces"));
    let (scrap, rework) = (known(&costs.scrap), known(&costs.rework));
    let quality = known(&[scrap.unwrap_or(f64::NAN), rework.unwrap_or(f64::NAN)]);
    [
        Loss {
            class: "labor",
            amount: part(&["labor rate", "setup", "labor efficiency"]),
            quantity: hours,
            basis: "rate, set-ups and hours against the plan for what was made".to_owned(),
        },
        Loss {
            class: "material",
            amount: part(&["material price", "material usage"]),
            quantity: None,
            basis: "price and usage against the plan for what was made".to_owned(),
        },
        Loss {
            class: "quality",
            amount: quality.map(|amount| Money::rounded(amount, &context.currency)),
            quantity: scrapped,
            basis: "scrapped pieces at the cost they had reached, and hours of rework; this is part of labor and material, not on top of them"
                .to_owned(),
        },
    ]
    .into_iter()
    .filter(|loss| loss.amount.is_some() || loss.quantity.is_some())
    .collect()
}
