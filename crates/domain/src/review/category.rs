//! Which part of a plant's money a finding belongs to.

/// The part, by the type of the finding.
pub fn category(type_: &str) -> &'static str {
    match type_ {
        "material_price_variance" | "material_usage_variance" | "material_utilization" => "Material",
        "scrap_rate" | "rework_rate" | "first_pass_yield" | "defect_pareto" | "quality_shift" => "Quality",
        "labor_rate_variance" | "labor_efficiency_variance" | "labor_efficiency" | "setup_overrun" => "Labor",
        "bottleneck" | "queue_time" | "late_orders_driver" | "late_release" | "schedule_adherence"
        | "routing_deviation" | "batch_size" => "Schedule",
        "oee_loss"
        | "mtbf"
        | "mttr"
        | "downtime_reason"
        | "run_time_degradation"
        | "maintenance_interval"
        | "energy_per_hour"
        | "idle_energy" => "Machines",
        "subcontract_variance" => "Outside processing",
        "standard_error" => "Plan",
        "data_quality" => "Data",
        _ => "Other",
    }
}
