//! The settings in a line each, as a controller would say them. What exactly each drives stands in the reference.

/// Name as people see it, and what more or less of it does.
pub fn meaning(name: &str) -> Option<(&'static str, &'static str)> {
    MEANINGS.iter().find(|(id, _, _)| *id == name).map(|(_, label, says)| (*label, *says))
}

const MEANINGS: &[(&str, &str, &str)] = &[
    (
        "cost_variance_threshold",
        "Cost over plan worth a finding",
        "A cost finding is kept only if the overrun is at least this share of plan.",
    ),
    (
        "material_cost_weight",
        "Weight of material",
        "How far up material findings stand in the list. Money stays as it is.",
    ),
    (
        "labor_cost_weight",
        "Weight of labor",
        "How far up labor findings stand in the list. Money stays as it is.",
    ),
    (
        "overhead_cost_weight",
        "Weight of overhead",
        "How far up overhead findings stand in the list. Money stays as it is.",
    ),
    (
        "min_sample_size",
        "Smallest group",
        "A machine, part or supplier is named only from this many orders on.",
    ),
    ("confidence_level", "Confidence", "Level of every range, and how many false alarms you accept."),
    (
        "outlier_detection_sigma",
        "Outlier",
        "Values further out than this are listed as odd and damped in estimates.",
    ),
    ("seasonal_adjustment", "Take out seasons", "With two full years, months are compared like with like."),
    (
        "inflation_adjustment",
        "Expected inflation",
        "Prices may rise by this much a year before it is a finding, where no standard price says what is right.",
    ),
    (
        "currency_conversion",
        "Convert currencies",
        "Converts amounts by your table of exchange rates, on the day of the order. Off: each currency is analyzed on its own.",
    ),
    ("baseline_lookback_days", "Baseline", "Length of the window that recent weeks are compared with."),
    ("trend_analysis_period", "Trend window", "Trends and shifts are looked for in this many days."),
    ("savings_opportunity_multiplier", "Capture rate", "Share of a loss that counts as recoverable."),
    ("risk_tolerance", "Caution of the headline", "Lower: the headline amount is more careful."),
    (
        "cost_escalation_rate",
        "Growth if nothing is done",
        "Used for what a loss costs over the next twelve months.",
    ),
    (
        "cycle_time_threshold",
        "Run time over plan worth a finding",
        "A run-time finding is kept only from this share on.",
    ),
    ("throughput_weight", "Weight of throughput", "In the index that orders work centers."),
    ("quality_weight", "Weight of quality", "In the index that orders work centers."),
    ("downtime_impact", "Weight of downtime", "In the index that orders work centers."),
    (
        "setup_time_weight",
        "Machine cost of a setup hour",
        "Share of the machine rate added when a lost setup hour is priced.",
    ),
    ("batch_size_optimization", "Look for better batch sizes", "Off: batch sizes are not tested."),
    (
        "schedule_efficiency_target",
        "On-time target",
        "Groups that keep dates worse than others become findings only below it.",
    ),
    (
        "bottleneck_detection_sensitivity",
        "Sensitivity for bottlenecks",
        "Higher: more resources are named as bottleneck.",
    ),
    (
        "resource_utilization_target",
        "Utilization target",
        "Marked on the chart of loads: above it capacity is at risk, below it idle.",
    ),
    (
        "lead_time_variance_threshold",
        "Spread of lead time",
        "Parts whose lead times surely scatter more than this are marked on the chart.",
    ),
    ("mtbf_threshold", "Hours between failures", "A machine that surely fails more often becomes a finding."),
    ("mttr_threshold", "Hours to repair", "A machine whose repairs surely take longer becomes a finding."),
    (
        "oee_target",
        "Effectiveness target (OEE)",
        "A machine behind its sisters becomes a finding only below it; the chart shows the gap.",
    ),
    (
        "maintenance_cost_weight",
        "Cost of planned against failed",
        "Used for the best maintenance interval where no costs are uploaded.",
    ),
    (
        "downtime_correlation_threshold",
        "Strength of a downtime driver",
        "Only drivers at least this strong are listed.",
    ),
    (
        "equipment_age_weight",
        "Age of machines",
        "How much age raises the expected failures of machines with few of them.",
    ),
    (
        "preventive_maintenance_interval",
        "Maintenance interval",
        "Your present interval, where the data do not show one; compared with the best one.",
    ),
    (
        "equipment_reliability_score",
        "Required reliability",
        "Chance of getting through one interval without a failure.",
    ),
    (
        "labor_efficiency_target",
        "Labor efficiency target",
        "Earned over booked hours; groups behind the others become findings only below it.",
    ),
    (
        "material_utilization_target",
        "Material target",
        "Standard over issued quantity; materials behind the others become findings only below it.",
    ),
    ("energy_consumption_weight", "Avoidable idle energy", "Share of idle energy that counts as saving."),
    (
        "waste_reduction_target",
        "Target yield",
        "Parts that surely waste more than this yield allows are marked on the chart.",
    ),
    ("process_compliance_weight", "Weight of following the routing", "In the ranking by efficiency."),
    (
        "continuous_improvement_factor",
        "Expected yearly improvement",
        "What a trend is held against in its explanation.",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_setting_has_a_meaning_and_no_meaning_is_left_over() {
        let names: Vec<&str> = domain::settings::definitions().iter().map(|setting| setting.name).collect();
        let told: Vec<&str> = MEANINGS.iter().map(|(name, _, _)| *name).collect();
        assert_eq!(told, names);
    }
}
