//! Where time, material and quality go, as `analyze --json` says it.

use domain::{
    Money,
    breakdown::{
        Band, Breakdown, Loss, MachineLine, OperationLine, QualityLine, Scale, Service, Sides, TierLine,
    },
};
use serde_json::{Value, json};

use super::analysis::amount;

pub(super) fn breakdown(breakdown: &Breakdown) -> Value {
    let list = |values: Vec<Value>| Value::Array(values);
    json!({
        "tiers": tiers(&breakdown.tiers),
        "next_tier": breakdown.next_tier().map(tier),
        "scales": list(breakdown.scales.iter().map(scale).collect()),
        "sides": breakdown.sides.as_ref().map(sides),
        "losses": list(breakdown.losses.iter().map(loss).collect()),
        "operations": list(breakdown.operations.iter().map(operation).collect()),
        "machines": list(breakdown.machines.iter().map(machine).collect()),
        "quality": list(breakdown.quality.iter().map(quality).collect()),
    })
}

/// Tiers of data, the lowest first.
pub fn tiers(lines: &[TierLine]) -> Value {
    lines.iter().map(tier).collect()
}

fn tier(line: &TierLine) -> Value {
    json!({
        "tier": line.tier,
        "name": line.name,
        "gives": line.gives,
        "analyzers": line.analyzers,
        "reached": line.reached,
        "missing": line.missing,
        "sentence": line.sentence,
    })
}

fn money(money: Option<&Money>) -> Option<f64> {
    money.map(amount)
}

fn band(band: Option<Band>) -> Option<&'static str> {
    band.map(Band::as_str)
}

fn scale(scale: &Scale) -> Value {
    json!({
        "subject": scale.subject,
        "setting": scale.setting,
        "good_to": scale.allowed,
        "fair_to": 2.0 * scale.allowed,
    })
}

fn sides(sides: &Sides) -> Value {
    json!({
        "orders_over": sides.orders_over,
        "over": amount(&sides.over),
        "orders_under": sides.orders_under,
        "under": amount(&sides.under),
    })
}

fn loss(loss: &Loss) -> Value {
    json!({
        "class": loss.class,
        "amount": money(loss.amount.as_ref()),
        "quantity": loss.quantity.map(|(value, unit)| json!({"value": value, "unit": unit})),
        "basis": loss.basis,
    })
}

fn operation(line: &OperationLine) -> Value {
    json!({
        "name": (!line.name.is_empty()).then_some(&line.name),
        "records": line.records,
        "hours": line.hours,
        "allowed": line.allowed,
        "efficiency": line.efficiency,
        "cost_efficiency": line.cost_efficiency,
        "spread": line.spread,
        "band": band(line.band),
    })
}

fn machine(line: &MachineLine) -> Value {
    json!({
        "machine_id": line.machine,
        "hours": line.hours,
        "labor": money(line.labor.as_ref()),
        "scrap": money(line.scrap.as_ref()),
        "waste": money(line.waste.as_ref()),
        "standstill": money(line.standstill.as_ref()),
        "driver": line.driver,
        "scrap_rate": line.scrap_rate,
        "scrap_expected": line.scrap_expected,
        "risk": line.risk,
        "reasons": line.reasons,
        "chance_of_stopping": line.chance,
        "band": band(line.band),
        "service": line.service.as_ref().map(service),
    })
}

fn service(service: &Service) -> Value {
    json!({
        "last": service.last,
        "due": service.due,
        "interval_days": service.interval_days,
        "own_interval": service.own_interval,
        "overdue_days": service.overdue_days,
    })
}

fn quality(line: &QualityLine) -> Value {
    json!({
        "field": line.field,
        "value": line.value,
        "orders": line.orders,
        "with_issue": line.with_issue,
        "issue_share": line.issue_share(),
        "pieces": line.pieces,
        "scrapped": line.scrapped,
        "scrap": money(line.scrap.as_ref()),
        "rework": money(line.rework.as_ref()),
        "waste": money(line.waste.as_ref()),
        "band": band(line.band),
    })
}
