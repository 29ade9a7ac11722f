//! Where time, material and quality go, by step, machine, product, material and supplier: figures to look things up in.
//!
//! Nothing is tested here, so nothing here claims anything; what a machine's risk says beyond its stops comes from findings,
//! which are tested. Start at [`of`].

mod losses;
mod machines;
mod operations;
mod quality;
mod risk;

use domain::{
    Finding, Money, Settings,
    analysis::Totals,
    breakdown::{Breakdown, Scale, Sides},
};

use crate::engine::{context::Context, ledger::Ledger};

/// What the settings take for good, fair and poor.
pub fn scales(settings: &Settings) -> Vec<Scale> {
    [
        ("labor", "labor_efficiency_target"),
        ("scrap", "waste_reduction_target"),
        ("risk", "equipment_reliability_score"),
    ]
    .into_iter()
    .map(|(subject, setting)| Scale {
        subject,
        setting,
        allowed: (1.0 - settings.get(setting)).clamp(0.0, 1.0),
    })
    .collect()
}

/// The breakdown of a plant; tiers are told by whoever knows the tables.
pub(crate) fn of(context: &Context<'_>, ledger: &Ledger, totals: &Totals, findings: &[Finding]) -> Breakdown {
    let breakdown = Breakdown { scales: scales(context.settings), ..Breakdown::default() };
    let labor = breakdown.scale("labor");
    let scrap = breakdown.scale("scrap");
    let risk = breakdown.scale("risk");
    let costs = quality::Costs::of(context);
    let operations = operations::lines(context, labor);
    let machines = machines::lines(context, &costs, risk, findings);
    let quality = quality::lines(context, &costs, scrap);
    let losses = losses::of(context, totals, &costs, &operations);
    Breakdown { sides: sides(context, ledger), operations, machines, quality, losses, ..breakdown }
}

fn sides(context: &Context<'_>, ledger: &Ledger) -> Option<Sides> {
    let money = |cents: i64| Money {
        amount: rust_decimal::Decimal::new(cents, 2),
        currency: context.currency.clone(),
    };
    let (over, under) = (ledger.over, ledger.under);
    (over.0 + under.0 > 0).then(|| Sides {
        orders_over: over.0,
        over: money(over.1),
        orders_under: under.0,
        under: money(under.1),
    })
}

#[cfg(test)]
mod tests;
