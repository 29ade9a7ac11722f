//! The analyzers, one file each, in alphabetical order.

mod batch_size;
mod bottleneck;
mod defect_pareto;
mod downtime_reason;
mod energy_per_hour;
mod first_pass_yield;
mod idle_energy;
mod labor_efficiency;
mod labor_rate;
mod late_orders;
mod late_release;
mod maintenance_interval;
mod margin_leak;
mod material_price;
mod material_usage;
mod material_utilization;
mod mtbf;
mod mttr;
mod oee_loss;
mod order_overrun;
mod overhead;
mod quality_shift;
mod queue_time;
mod rankings;
mod rework_rate;
mod routing_deviation;
mod schedule_adherence;
mod scrap_rate;
#[cfg(test)]
mod setting_tests;
mod setup_overrun;
mod subcontract;
mod team_efficiency;
mod trend;

use domain::{Finding, analysis::DataQualityItem, chart::Chart};

use crate::engine::{context::Context, frame::Frame, plant::Plant};

/// One analyzer: what it needs, and what it does.
#[derive(Debug, Clone, Copy)]
pub struct Analyzer {
    pub id: &'static str,
    /// Groups of fields; one of each group must be mapped and filled.
    pub needs: &'static [&'static [&'static str]],
    /// Settings that change what it says.
    pub settings: &'static [&'static str],
    pub run: fn(&Context<'_>) -> Outcome,
}

/// What an analyzer says.
#[derive(Debug, Default)]
pub struct Outcome {
    pub findings: Vec<Finding>,
    pub charts: Vec<Chart>,
    /// Rows that can not be believed: listed, bounded in estimates, kept in totals.
    pub doubtful: Vec<DataQualityItem>,
}

impl From<Vec<Finding>> for Outcome {
    fn from(findings: Vec<Finding>) -> Self {
        Self { findings, ..Self::default() }
    }
}

/// All analyzers.
pub const ANALYZERS: &[Analyzer] = &[
    batch_size::ANALYZER,
    bottleneck::ANALYZER,
    defect_pareto::ANALYZER,
    downtime_reason::ANALYZER,
    energy_per_hour::ANALYZER,
    first_pass_yield::ANALYZER,
    idle_energy::ANALYZER,
    labor_efficiency::ANALYZER,
    labor_rate::ANALYZER,
    late_orders::ANALYZER,
    late_release::ANALYZER,
    maintenance_interval::ANALYZER,
    margin_leak::ANALYZER,
    material_price::ANALYZER,
    material_usage::ANALYZER,
    material_utilization::ANALYZER,
    mtbf::ANALYZER,
    mttr::ANALYZER,
    oee_loss::ANALYZER,
    order_overrun::ANALYZER,
    overhead::ANALYZER,
    quality_shift::ANALYZER,
    queue_time::ANALYZER,
    rankings::ANALYZER,
    rework_rate::ANALYZER,
    routing_deviation::ANALYZER,
    schedule_adherence::ANALYZER,
    scrap_rate::ANALYZER,
    setup_overrun::ANALYZER,
    subcontract::ANALYZER,
    team_efficiency::ANALYZER,
    trend::ANALYZER,
];

/// Lives and services of machines.
pub(crate) use maintenance_interval::{Record as MachineRecord, records as machine_records};
/// Hours of failures, and what an hour of each machine costs.
pub(crate) use mtbf::{failure_hours, machine_rates};

/// Whether prices are compared with standards of the data rather than with their own past.
pub(crate) fn material_price_has_standard(plant: &Plant) -> bool {
    material_price::has_standard(plant)
}

/// Price paid and standard price of a line of material.
pub(crate) fn material_prices(frame: &Frame, row: usize) -> (Option<f64>, Option<f64>) {
    (material_price::price(frame, row), material_price::standard_price(frame, row))
}

/// The factor that scales the planned quantity of each line of material to what was made.
pub(crate) fn material_scale(plant: &Plant, frame: &Frame) -> Vec<f64> {
    material_usage::scale(plant, frame, "actual_material_quantity", "planned_material_quantity")
}

/// Days that an order was released late.
pub(crate) fn release_delay(plant: &Plant, order: usize) -> Option<f64> {
    late_release::delay(plant, order)
}

/// What two analyzers say of the same thing is told once: a product that fails more often is only told where neither its
/// scrap nor its rework was, be it of the whole product or of a part of its work, such as one shift.
pub(crate) fn without_echoes(findings: &mut Vec<Finding>) {
    let told: Vec<(&'static str, Vec<domain::analysis::EntityRef>)> =
        findings.iter().map(|finding| (finding.type_, finding.entities.clone())).collect();
    let firsts = |type_: &str| -> &'static [&'static str] {
        match type_ {
            "first_pass_yield" => &["scrap_rate", "rework_rate"],
            "labor_efficiency" => &["labor_efficiency_variance"],
            "material_utilization" => &["material_usage_variance"],
            _ => &[],
        }
    };
    findings.retain(|finding| {
        let firsts = firsts(finding.type_);
        let within = |entities: &[domain::analysis::EntityRef]| {
            entities == finding.entities
                || (!finding.entities.is_empty() && finding.entities.iter().all(|one| entities.contains(one)))
        };
        !told.iter().any(|(type_, entities)| firsts.contains(type_) && within(entities))
    });
}

/// Settings of every search.
pub(crate) const SEARCH_SETTINGS: &[&str] = &[
    "confidence_level",
    "cost_escalation_rate",
    "cost_variance_threshold",
    "labor_cost_weight",
    "material_cost_weight",
    "min_sample_size",
    "outlier_detection_sigma",
    "overhead_cost_weight",
    "risk_tolerance",
    "savings_opportunity_multiplier",
];

/// The part of a plant's business that an analyzer looks at: what people focus on.
pub fn area(analyzer: &str) -> &'static str {
    match analyzer {
        "labor_rate" | "margin_leak" | "material_price" | "material_usage" | "order_overrun" | "overhead"
        | "subcontract" => "cost",
        "defect_pareto" | "first_pass_yield" | "quality_shift" | "rework_rate" | "scrap_rate" => "quality",
        "downtime_reason" | "maintenance_interval" | "mtbf" | "mttr" | "oee_loss" => "equipment",
        "energy_per_hour"
        | "idle_energy"
        | "labor_efficiency"
        | "material_utilization"
        | "rankings"
        | "team_efficiency"
        | "trend" => "efficiency",
        _ => "operations",
    }
}

/// Every area, in the order of the settings page.
pub const AREAS: [&str; 5] = ["cost", "operations", "equipment", "quality", "efficiency"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_setting_is_read_by_somebody_but_the_one_that_needs_exchange_rates() {
        let unread: Vec<&str> = domain::settings::definitions()
            .iter()
            .map(|definition| definition.name)
            .filter(|name| !ANALYZERS.iter().any(|analyzer| analyzer.settings.contains(name)))
            .collect();
        assert_eq!(unread, ["currency_conversion"]);
    }

    #[test]
    fn what_was_told_of_a_part_is_not_told_again_of_the_whole() {
        let finding = |type_: &'static str, entities: &[(&str, &str)]| {
            let entities = entities
                .iter()
                .map(|(field, value)| domain::analysis::EntityRef {
                    field: ontology::FieldId::named(field).unwrap(),
                    value: (*value).to_owned(),
                })
                .collect();
            crate::engine::finding::stated(type_, "scrap_rate", entities, String::new())
        };
        let (plant, shift) = (("facility_id", "F01"), ("shift", "3"));
        for (first, echo, left) in [
            (vec![shift, plant], vec![plant], 1),
            (vec![plant], vec![plant], 1),
            (vec![plant], vec![shift, plant], 2),
            (vec![shift], vec![plant], 2),
            (vec![shift], vec![], 2),
        ] {
            let mut findings = vec![finding("scrap_rate", &first), finding("first_pass_yield", &echo)];
            without_echoes(&mut findings);
            assert_eq!(findings.len(), left, "{first:?} {echo:?}");
        }
    }

    #[test]
    fn the_registry_is_alphabetical_and_its_words_exist() {
        assert!(ANALYZERS.windows(2).all(|pair| pair[0].id < pair[1].id));
        for analyzer in ANALYZERS {
            for field in analyzer.needs.iter().flat_map(|group| group.iter()) {
                assert!(ontology::FieldId::named(field).is_some(), "{}: {field}", analyzer.id);
            }
            for setting in analyzer.settings {
                assert!(
                    domain::settings::definitions().iter().any(|definition| definition.name == *setting),
                    "{}: {setting}",
                    analyzer.id
                );
            }
        }
    }
}
