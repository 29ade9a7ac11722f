//! The 34 key figures of ISO 22400-2, those that could be computed and those that lack something.

use domain::analysis::KpiValue;

/// A figure of the standard, with its value for the whole plant or with what it would take.
#[derive(Debug, Clone, PartialEq)]
pub struct StandardKpi {
    pub id: &'static str,
    pub name: &'static str,
    pub formula: &'static str,
    pub source: &'static str,
    pub unit: &'static str,
    pub value: Option<KpiValue>,
    /// Fields (any of those joined by `|`) and, where no export brings it, words. Empty where there is a value.
    pub needs: &'static [&'static str],
}

/// All 34, in the order of the standard.
pub fn standard(values: &[KpiValue]) -> Vec<StandardKpi> {
    ontology::kpi::all()
        .iter()
        .filter(|kpi| kpi.source.starts_with("ISO 22400-2"))
        .map(|kpi| {
            let value = values.iter().find(|value| value.id == kpi.id && value.scope.is_empty()).cloned();
            let needs = if value.is_some() { &[][..] } else { needs(kpi.id) };
            StandardKpi {
                id: kpi.id,
                name: kpi.name,
                formula: kpi.formula,
                source: kpi.source,
                unit: kpi.unit,
                value,
                needs,
            }
        })
        .collect()
}

/// What a figure is computed from.
pub fn needs(id: &str) -> &'static [&'static str] {
    const HOURS: &[&str] = &["actual_run_hours", "actual_setup_hours"];
    const ORDER_TIMES: &[&str] = &["actual_run_hours", "operation_actual_start", "operation_actual_end"];
    const PIECES: &[&str] =
        &["operation_quantity_completed|quantity_completed", "operation_quantity_scrapped|quantity_scrapped"];
    const REWORK: &[&str] = &[
        "operation_quantity_completed|quantity_completed",
        "operation_quantity_scrapped|quantity_scrapped",
        "operation_quantity_reworked|quantity_reworked",
    ];
    const PLANNED_TIME: &[&str] = &["actual_run_hours", "planned_production_hours"];
    const MEASURED: &[&str] = &["measured values of a characteristic with their limits"];
    const FAILURES: &[&str] = &["downtime_hours", "actual_run_hours"];
    match id {
        "worker_efficiency" => &["actual_labor_hours", "attendance_hours"],
        "allocation_ratio" | "production_process_ratio" => ORDER_TIMES,
        "throughput_rate" => &["quantity_completed", "actual_start", "actual_end"],
        "allocation_efficiency" | "availability" => PLANNED_TIME,
        "utilization_efficiency" | "setup_ratio" => HOURS,
        "oee_index" | "nee_index" => &[
            "actual_run_hours",
            "planned_production_hours",
            "planned_run_hours|standard_cycle_time",
            "operation_quantity_completed",
            "operation_quantity_scrapped",
        ],
        "effectiveness" => &["planned_run_hours|standard_cycle_time", "actual_run_hours"],
        "quality_ratio" | "scrap_ratio" | "fall_off_ratio" => PIECES,
        "technical_efficiency" => &["actual_run_hours", "downtime_hours"],
        "actual_to_planned_scrap_ratio" => &["quantity_scrapped", "planned_scrap_quantity"],
        "first_pass_yield" | "rework_ratio" => REWORK,
        "machine_capability_cm"
        | "machine_capability_cmk"
        | "process_capability_cp"
        | "process_capability_cpk" => MEASURED,
        "energy_consumption" => &["energy_kwh", "operation_quantity_completed"],
        "inventory_turns" => &["average inventory of the period"],
        "finished_goods_ratio" | "integrated_goods_ratio" => {
            &["quantity_completed", "actual_material_quantity"]
        }
        "production_loss_ratio" => &["quantity_scrapped", "actual_material_quantity"],
        "storage_and_transport_loss_ratio" => {
            &["actual_material_quantity", "losses in storage and transport"]
        }
        "other_loss_ratio" => &["actual_material_quantity", "losses by reason"],
        "equipment_load_ratio" => &["planned_run_hours", "planned_production_hours"],
        "mean_operating_time_between_failures" | "mean_time_to_failure" => FAILURES,
        "mean_time_to_restoration" => &["downtime_hours"],
        "corrective_maintenance_ratio" => &["maintenance_type", "downtime_hours"],
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_34_are_listed_and_each_says_what_it_needs() {
        let all = standard(&[]);
        assert_eq!(all.len(), 34);
        for kpi in &all {
            assert!(kpi.value.is_none() && !kpi.needs.is_empty(), "{}", kpi.id);
            for field in kpi.needs.iter().flat_map(|need| need.split('|')).filter(|need| !need.contains(' '))
            {
                assert!(ontology::FieldId::named(field).is_some(), "{}: {field}", kpi.id);
            }
        }
    }

    #[test]
    fn one_with_a_value_needs_nothing() {
        let value = super::super::value("scrap_ratio", 2.0, 100.0, Vec::new(), None).unwrap();
        let all = standard(&[value]);
        let scrap = all.iter().find(|kpi| kpi.id == "scrap_ratio").unwrap();
        assert_eq!(scrap.value.as_ref().map(|value| value.value), Some(0.02));
        assert!(scrap.needs.is_empty());
    }
}
