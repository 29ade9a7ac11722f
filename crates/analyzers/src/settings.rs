//! Which settings had a say in an analysis, and why the others had none.

use domain::{
    Settings,
    analysis::{SettingUse, SkippedAnalyzer},
    settings::definitions,
};

use crate::{
    engine::{context::FULL_CYCLES_DAYS, plant::Plant},
    suite::{ANALYZERS, material_price_has_standard},
};

/// All settings with their values. One is active where an analyzer that reads it could run and the data hold what it acts on.
pub fn used(plant: &Plant, settings: &Settings, skipped: &[SkippedAnalyzer]) -> Vec<SettingUse> {
    definitions()
        .iter()
        .map(|definition| {
            let reason = inactive(definition.name, plant, settings, skipped);
            SettingUse {
                name: definition.name,
                value: settings.get(definition.name),
                active: reason.is_none(),
                reason,
            }
        })
        .collect()
}

fn inactive(name: &str, plant: &Plant, settings: &Settings, skipped: &[SkippedAnalyzer]) -> Option<String> {
    let said = |reason: &str| Some(reason.to_owned());
    match name {
        "currency_conversion" if settings.exchange.is_none() => {
            return said("there is no table of exchange rates yet: each currency is analyzed apart");
        }
        "inflation_adjustment" if material_price_has_standard(plant) => {
            return said(
                "the data do not say when their standard prices were set, so they are taken as they are",
            );
        }
        "equipment_age_weight" if !plant.has("machine_installed_date") => {
            return said("the data do not say when machines were installed (machine_installed_date)");
        }
        "seasonal_adjustment" if settings.is_on(name) && plant.span_days() < FULL_CYCLES_DAYS => {
            return said("the data hold less than two full years, so a season cannot be told from a trend");
        }
        "maintenance_cost_weight" if plant.has("maintenance_cost") && plant.has("maintenance_type") => {
            return said("the cost of maintenance in the data goes before it");
        }
        "setup_time_weight"
            if !(plant.has("machine_rate")
                || plant.has("standard_machine_rate")
                || plant.has("actual_overhead_cost")) =>
        {
            return said("the data hold no machine rate of which a share could be counted (machine_rate)");
        }
        "savings_opportunity_multiplier" | "risk_tolerance" | "cost_escalation_rate"
            if !holds_money(plant) =>
        {
            return said("the data hold no cost and no rate, so nothing is stated in money");
        }
        "material_cost_weight" if !(plant.has("actual_material_cost") || plant.has("material_unit_cost")) => {
            return said("the data hold no material cost (actual_material_cost)");
        }
        "labor_cost_weight" if !(plant.has("actual_labor_cost") || plant.has("labor_rate")) => {
            return said("the data hold no labor cost (actual_labor_cost)");
        }
        "overhead_cost_weight" if !(plant.has("actual_overhead_cost") || plant.has("machine_rate")) => {
            return said("the data hold no overhead cost (actual_overhead_cost)");
        }
        _ => {}
    }
    let readers: Vec<&str> = ANALYZERS
        .iter()
        .filter(|analyzer| analyzer.settings.contains(&name))
        .map(|analyzer| analyzer.id)
        .collect();
    let missing: Vec<&SkippedAnalyzer> =
        readers.iter().filter_map(|id| skipped.iter().find(|one| one.analyzer == *id)).collect();
    if readers.is_empty() || missing.len() < readers.len() {
        return None;
    }
    let mut fields: Vec<&str> =
        missing.iter().flat_map(|one| one.missing.iter()).map(|field| field.as_str()).collect();
    fields.sort_unstable();
    fields.dedup();
    let words = readers.join(", ").replace('_', " ");
    Some(format!("what reads it ({words}) needs fields that the data lack: {}", fields.join(", ")))
}

fn holds_money(plant: &Plant) -> bool {
    [
        "actual_total_cost",
        "actual_material_cost",
        "actual_labor_cost",
        "labor_rate",
        "machine_rate",
        "material_unit_cost",
    ]
    .iter()
    .any(|field| plant.has(field))
}
