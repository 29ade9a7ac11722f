//! Key figures and the ledger.

use domain::{Analysis, analysis::KpiValue};

use super::{
    Tile,
    wording::{sentence_case, words},
};
use crate::number;

pub(super) fn tiles(analysis: &Analysis) -> Vec<Tile> {
    let whole = |id: &str| analysis.kpis.iter().find(|kpi| kpi.id == id && kpi.scope.is_empty());
    let tile = |label: &'static str, id: &str, signed: bool, missing: &str| match whole(id) {
        Some(kpi) => {
            let value = number::percent(kpi.value, 1);
            let value = if signed && kpi.value > 0.0 { format!("+{value}") } else { value };
            Tile { label, value: Some(value), note: kpi.note.clone().unwrap_or_default() }
        }
        None => Tile { label, value: None, note: missing.to_owned() },
    };
    vec![
        tile("Cost against plan", "cost_variance_ratio", true, "Add planned and actual cost to see it"),
        tile("Finished on time", "on_time_delivery", false, "Add due dates and finish dates to see it"),
        tile("Scrap", "scrap_ratio", false, "Add scrapped quantities to see it"),
        tile("Machine effectiveness (OEE)", "oee_index", false, "Add planned production hours to see it"),
    ]
}

pub(super) fn kpi_row(kpi: &KpiValue) -> [String; 4] {
    let name = ontology::kpi::named(kpi.id).map_or(kpi.id, |definition| definition.name);
    let scope: Vec<String> =
        kpi.scope.iter().map(|entity| format!("{} {}", words(entity.field.as_str()), entity.value)).collect();
    let value = if kpi.unit == "1" {
        number::percent(kpi.value, 1)
    } else {
        format!("{} {}", number::short(kpi.value, ""), kpi.unit)
    };
    let mut basis =
        format!("{} / {}", number::grouped(kpi.numerator, 1), number::grouped(kpi.denominator, 1));
    if let Some(note) = &kpi.note {
        basis = format!("{basis} · {note}");
    }
    let scope = if scope.is_empty() { "plant".to_owned() } else { scope.join(", ") };
    [sentence_case(name), scope, value, basis]
}

pub(super) fn ledger(analysis: &Analysis) -> Vec<[String; 2]> {
    let totals = &analysis.totals;
    let mut lines = vec![
        ["Planned cost, flexed to the quantity made".to_owned(), amount(&totals.planned_cost)],
        ["Actual cost".to_owned(), amount(&totals.actual_cost)],
        ["Variance".to_owned(), amount(&totals.variance)],
    ];
    for (name, part) in &totals.parts {
        lines.push([format!("of it {}", words(name).to_lowercase()), amount(part)]);
    }
    lines.push(["Explained by findings".to_owned(), amount(&totals.explained)]);
    lines.push(["Remainder".to_owned(), amount(&totals.remainder)]);
    if totals.actual_cost.amount.is_zero() && totals.planned_cost.amount.is_zero() {
        lines.clear();
    }
    lines
}

/// To the cent, as a ledger wants it.
fn amount(money: &domain::Money) -> String {
    let text = number::grouped(money.to_f64().abs(), 2);
    if money.to_f64() < 0.0 { format!("−{text}") } else { text }
}
