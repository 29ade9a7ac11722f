//! Which work centers and products do well over all, by the weights of the settings. Rankings claim nothing.

use domain::chart::{Chart, ChartBody, Dot};

use super::{Analyzer, Outcome, routing_deviation};
use crate::engine::{context::Context, observations::NONE, words};

pub(super) const ANALYZER: Analyzer = Analyzer {
    id: "rankings",
    needs: &[
        &["work_center_id", "product_id"],
        &["actual_run_hours", "actual_labor_hours", "actual_machine_hours"],
        &[
            "planned_run_hours",
            "planned_labor_hours",
            "planned_machine_hours",
            "standard_cycle_time",
            "standard_rate",
        ],
    ],
    settings: &[
        "downtime_impact",
        "energy_consumption_weight",
        "process_compliance_weight",
        "quality_weight",
        "throughput_weight",
    ],
    run,
};

/// Sums of a work center or product.
#[derive(Debug, Clone, Copy, Default)]
struct Sums {
    allowed: f64,
    spent: f64,
    good: f64,
    pieces: f64,
    down: f64,
    energy: f64,
    rows: u64,
}

fn run(context: &Context<'_>) -> Outcome {
    let plant = context.plant;
    let frame = &plant.operations;
    let Some(allowed) = context.allowed() else { return Outcome::default() };
    let rows: Vec<u32> = (0..frame.len as u32).collect();
    let sums_by = |field: &str| {
        let (codes, names) = plant.codes(frame, &rows, field)?;
        if names.len() > 5_000 {
            return None;
        }
        let mut sums = vec![Sums::default(); names.len()];
        for (row, code) in codes.iter().copied().enumerate() {
            let Some(spent) = allowed.spent(frame, row) else { continue };
            let Some(sum) = (code != NONE).then(|| &mut sums[code as usize]) else { continue };
            sum.allowed += allowed.at(row);
            sum.spent += spent;
            let bad = frame.number("operation_quantity_scrapped", row).unwrap_or(0.0);
            if let Some(good) = frame.number("operation_quantity_completed", row) {
                sum.good += good;
                sum.pieces += good + bad;
            }
            sum.down += frame.number("downtime_hours", row).unwrap_or(0.0);
            sum.energy += frame.number("energy_kwh", row).unwrap_or(0.0);
            sum.rows += 1;
        }
        Some((sums, names))
    };
    let mut charts = Vec::new();
    if let Some((mut sums, names)) = sums_by("work_center_id") {
        // Stoppages that stand in a list of their own.
        if let Some(centers) = plant.events.words("work_center_id") {
            for row in 0..plant.events.len {
                let at = centers.name(row).and_then(|name| names.iter().position(|of| of[0] == name));
                if let (Some(at), Some(hours)) = (at, super::mtbf::failure_hours(plant, row)) {
                    sums[at].down += hours;
                }
            }
        }
        let weight = |name: &str| context.settings.get(name);
        let parts = |sum: &Sums| {
            vec![
                (weight("throughput_weight"), sum.allowed / sum.spent),
                (weight("quality_weight"), if sum.pieces > 0.0 { sum.good / sum.pieces } else { f64::NAN }),
                (
                    weight("downtime_impact"),
                    if sum.down > 0.0 { sum.spent / (sum.spent + sum.down) } else { f64::NAN },
                ),
            ]
        };
        charts.extend(picture(
            "Operations index of work centers",
            "throughput, quality and availability, weighted by your settings",
            &sums,
            &names,
            parts,
        ));
    }
    if let Some((sums, names)) = sums_by("product_id") {
        let total =
            sums.iter().fold((0.0, 0.0), |(energy, hours), sum| (energy + sum.energy, hours + sum.allowed));
        let usual_energy = total.0 / f64::max(total.1, 1e-9);
        let conformance = routing_deviation::conformance(context)
            .map(|conformance| conformance.by_product(context))
            .unwrap_or_default();
        let (energy, compliance) = (
            context.settings.get("energy_consumption_weight"),
            context.settings.get("process_compliance_weight"),
        );
        let names_ = names.clone();
        let parts = move |at: usize, sum: &Sums| {
            let conforming = conformance.get(&names_[at][0]).copied().unwrap_or(f64::NAN);
            vec![
                ((1.0 - energy - compliance).max(0.0), sum.allowed / sum.spent),
                (energy, if sum.energy > 0.0 { usual_energy / (sum.energy / sum.allowed) } else { f64::NAN }),
                (compliance, conforming),
            ]
        };
        let indexed: Vec<(usize, Sums)> = sums.iter().copied().enumerate().collect();
        charts.extend(ranked("Efficiency of products", "hours, energy and routing, weighted by your settings; 100% is planned hours, usual energy, usual route", &indexed, &names, &parts));
    }
    Outcome { charts, ..Outcome::default() }
}

fn picture(
    title: &str,
    caption: &str,
    sums: &[Sums],
    names: &[Vec<String>],
    parts: impl Fn(&Sums) -> Vec<(f64, f64)>,
) -> Option<Chart> {
    let indexed: Vec<(usize, Sums)> = sums.iter().copied().enumerate().collect();
    ranked(title, caption, &indexed, names, &|_, sum: &Sums| parts(sum))
}

/// A weight and the ratio it weighs; NaN where it is not known.
type Part = (f64, f64);

/// Products of powers, with the weights of what is known made to add up to one.
fn ranked(
    title: &str,
    caption: &str,
    sums: &[(usize, Sums)],
    names: &[Vec<String>],
    parts: &dyn Fn(usize, &Sums) -> Vec<Part>,
) -> Option<Chart> {
    let mut dots: Vec<Dot> = sums
        .iter()
        .filter(|(_, sum)| sum.rows >= 10 && sum.spent > 0.0)
        .filter_map(|(at, sum)| {
            let parts: Vec<(f64, f64)> =
                parts(*at, sum).into_iter().filter(|(weight, value)| *weight > 0.0 && *value > 0.0).collect();
            let weights: f64 = parts.iter().map(|part| part.0).sum();
            let value = parts.iter().map(|(weight, value)| weight / weights * value.ln()).sum::<f64>().exp();
            (weights > 0.0 && value.is_finite()).then(|| Dot {
                label: names[*at][0].clone(),
                value,
                low: value,
                high: value,
                n: sum.rows,
                highlighted: false,
            })
        })
        .collect();
    dots.sort_by(|a, b| a.value.total_cmp(&b.value).then_with(|| a.label.cmp(&b.label)));
    dots.truncate(24);
    let lowest = dots.first()?.clone();
    Some(Chart {
        title: title.to_owned(),
        caption: caption.to_owned(),
        alternative: format!("{} is lowest with {}.", lowest.label, words::percent(lowest.value)),
        body: ChartBody::Dots { dots, mean: Some(1.0), unit: "%".to_owned() },
    })
}
