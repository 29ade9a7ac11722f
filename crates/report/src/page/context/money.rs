//! The money that can be won back: what it is, and to which part of the plant it belongs.

use domain::{Analysis, Currency, Finding};

use super::Share;
use crate::number;

pub(super) fn recoverable_note(analysis: &Analysis, priced: usize) -> String {
    let unpriced = analysis.findings.len() - priced.min(analysis.findings.len());
    match (priced, unpriced) {
        (0, 0) => "Nothing found that is larger than chance at these settings.".to_owned(),
        (0, unpriced) => {
            format!("{unpriced} findings, none of them in money: the files carry no cost or rate for them.")
        }
        (priced, 0) => format!("in the period analyzed · {priced} findings, overlaps counted once"),
        (priced, unpriced) => {
            format!(
                "in the period analyzed · {priced} findings in money, overlaps counted once; {unpriced} not counted as savings"
            )
        }
    }
}

/// What share of the money belongs to which part of the plant.
pub(super) fn split(findings: &[&Finding], currency: &Currency) -> Vec<Share> {
    const PARTS: [(&str, &str); 5] = [
        ("Material", "fill-1"),
        ("Quality", "fill-2"),
        ("Labor", "fill-3"),
        ("Schedule", "fill-4"),
        ("Other", "fill-5"),
    ];
    let part = |type_: &str| match type_ {
        "material_price_variance" | "material_usage_variance" | "material_utilization" => 0,
        "scrap_rate" | "rework_rate" | "first_pass_yield" | "defect_pareto" | "quality_shift" => 1,
        "labor_rate_variance"
        | "labor_efficiency_variance"
        | "labor_efficiency"
        | "setup_overrun"
        | "run_time_degradation" => 2,
        "bottleneck" | "queue_time" | "late_orders_driver" | "late_release" | "schedule_adherence" => 3,
        _ => 4,
    };
    let mut sums = [0.0; 5];
    for finding in findings {
        if let Some(impact) = &finding.impact {
            sums[part(finding.type_)] += impact.addressable.to_f64().max(0.0);
        }
    }
    let total: f64 = sums.iter().sum();
    let mut x = 0.0;
    let mut shares = Vec::new();
    for ((label, class), sum) in PARTS.into_iter().zip(sums) {
        if sum > 0.0 && total > 0.0 {
            let width = sum / total * 100.0;
            shares.push(Share {
                label: label.to_owned(),
                amount: number::compact(sum, currency.as_str()).replace(" XXX", ""),
                x: format!("{x:.2}"),
                width: format!("{:.2}", (width - 0.4).max(0.2)),
                class,
            });
            x += width;
        }
    }
    shares
}
