//! Machines that stop more often than their sisters, by exact counts.

use std::collections::BTreeMap;

use domain::{
    Finding,
    analysis::{Action, Effect, EvidenceCell, EvidenceTable, Quantity},
    chart::{Chart, ChartBody, Dot},
};

use super::{Analyzer, Outcome};
use crate::{
    engine::{context::Context, finding, frame::Frame, observations::NONE, plant::Plant, value, words},
    stats::{
        distribution::{count_p, poisson_interval},
        multiplicity::benjamini_hochberg,
        robust,
    },
};

pub(super) const ANALYZER: Analyzer = Analyzer {
    id: "mtbf",
    needs: &[
        &["machine_id"],
        &["downtime_hours", "downtime_start"],
        &["actual_run_hours", "actual_labor_hours", "actual_machine_hours", "planned_production_hours"],
    ],
    settings: &[
        "confidence_level",
        "equipment_age_weight",
        "mtbf_threshold",
        "risk_tolerance",
        "savings_opportunity_multiplier",
    ],
    run,
};

#[derive(Debug, Clone, Default)]
struct Life {
    stops: Vec<usize>,
    down: f64,
    hours: f64,
    rate_sum: f64,
    orders: u64,
}

/// Whether a stop counts as a failure: planned ones do not.
fn unplanned(kind: Option<&str>) -> bool {
    let Some(kind) = kind else { return true };
    let kind = kind.to_lowercase();
    if kind.contains("unplanned")
        || kind.contains("ungeplant")
        || kind.contains("no planificad")
        || kind.contains("non planifi")
    {
        return true;
    }
    ![
        "planned",
        "geplant",
        "planificad",
        "planifi",
        "changeover",
        "set-up",
        "setup",
        "rüst",
        "maintenance",
        "wartung",
        "mantenimiento",
    ]
    .iter()
    .any(|word| kind.contains(word))
}

/// Hours of a stop that counts as a failure.
pub(crate) fn failure_hours(plant: &Plant, row: usize) -> Option<f64> {
    let kind = plant.events.words("downtime_type").and_then(|kinds| kinds.name(row));
    let hours = plant.events.number("downtime_hours", row).or_else(|| {
        let at = |field: &str| plant.events.days(field).map(|days| days[row]).filter(|day| day.is_finite());
        Some((at("downtime_end")? - at("downtime_start")?) * 24.0)
    });
    hours.filter(|hours| *hours > 0.0 && unplanned(kind)).map(|hours| hours.min(LONGEST_STOP))
}

/// Beyond two months a stop is a machine taken out of use.
const LONGEST_STOP: f64 = 24.0 * 60.0;

/// Hours worked on an operation, as far as time passed for them.
pub(super) fn worked_hours(frame: &Frame, row: usize) -> f64 {
    let booked = value::booked_hours(frame, row);
    let booked = if booked > 0.0 { booked } else { frame.number("actual_machine_hours", row).unwrap_or(0.0) };
    let passed = frame
        .days("operation_actual_start")
        .zip(frame.days("operation_actual_end"))
        .map_or(f64::INFINITY, |(start, end)| (end[row] - start[row]) * 24.0);
    // Keyed hours can not exceed the time that passed.
    if passed > 0.0 { booked.min(passed) } else { booked }
}

/// Mean hourly rate of each machine that has one.
pub(crate) fn machine_rates(plant: &Plant) -> BTreeMap<String, f64> {
    let operations = &plant.operations;
    let Some(machines) = operations.words("machine_id") else { return BTreeMap::new() };
    let mut sums = vec![(0.0, 0.0); machines.names.len()];
    for (row, code) in machines.iter().enumerate() {
        if code != NONE
            && let Some(rate) = value::machine_hour(plant, operations, row)
        {
            let sum = &mut sums[code as usize];
            sum.0 += rate;
            sum.1 += 1.0;
        }
    }
    let named = machines.names.iter().cloned().zip(sums);
    named.filter(|(_, (_, n))| *n > 0.0).map(|(name, (sum, n))| (name, sum / n)).collect()
}

/// Stops that a machine would have had at the usual rate of its sisters.
pub(super) fn usual_stops(context: &Context<'_>, machine: &str) -> Option<f64> {
    let lives: Vec<(String, Life)> =
        lives(context).into_iter().filter(|(_, life)| life.hours > 0.0).collect();
    let own = lives.iter().find(|(name, _)| name == machine)?.1.hours;
    Some(usual_rate(&lives) * own)
}

/// Stops per hour of the middle machine, so that one bad machine does not hide itself.
fn usual_rate(lives: &[(String, Life)]) -> f64 {
    let mut rates: Vec<f64> = lives.iter().map(|(_, life)| life.stops.len() as f64 / life.hours).collect();
    let stops: f64 = lives.iter().map(|(_, life)| life.stops.len() as f64).sum();
    let hours: f64 = lives.iter().map(|(_, life)| life.hours).sum();
    let middle = robust::median(&mut rates).unwrap_or(0.0);
    if lives.len() >= 4 && middle > 0.0 { middle } else { stops / hours.max(1e-9) }
}

fn lives(context: &Context<'_>) -> BTreeMap<String, Life> {
    let plant = context.plant;
    let mut lives: BTreeMap<String, Life> = BTreeMap::new();
    if let Some(machines) = plant.events.words("machine_id") {
        for row in 0..plant.events.len {
            if let (Some(name), Some(hours)) = (machines.name(row), failure_hours(plant, row)) {
                let life = lives.entry(name.to_owned()).or_default();
                life.stops.push(row);
                life.down += hours;
            }
        }
    }
    let operations = &plant.operations;
    if let Some(machines) = operations.words("machine_id") {
        for row in 0..operations.len {
            let code = machines.code(row);
            if code == NONE {
                continue;
            }
            let hours = worked_hours(operations, row);
            let Some(life) = lives.get_mut(&machines.names[code as usize]) else {
                if let Some(name) = machines.names.get(code as usize) {
                    lives.insert(name.clone(), Life { hours, orders: 1, ..Life::default() });
                }
                continue;
            };
            life.hours += hours;
            life.orders += 1;
            if let Some(rate) = value::machine_hour(plant, operations, row) {
                life.rate_sum += rate;
            }
        }
    }
    lives
}

/// Factor by which a machine is expected to stop more often for its age: 1 + weight x age in standard deviations. It
/// weighs as much as eight stops would, so that a machine with many stops is judged by these.
fn age_factors(context: &Context<'_>, lives: &[(String, Life)]) -> Vec<f64> {
    const WEIGHT_IN_STOPS: f64 = 8.0;
    let plant = context.plant;
    let weight = context.settings.get("equipment_age_weight");
    let (Some(installed), Some(machines)) =
        (plant.events.days("machine_installed_date"), plant.events.words("machine_id"))
    else {
        return vec![1.0; lives.len()];
    };
    let age = |name: &str| {
        (0..plant.events.len)
            .find(|row| machines.name(*row) == Some(name) && installed[*row].is_finite())
            .map(|row| plant.last_day - installed[row])
    };
    let ages: Vec<Option<f64>> = lives.iter().map(|(name, _)| age(name)).collect();
    let known: Vec<f64> = ages.iter().flatten().copied().collect();
    let n = known.len().max(1) as f64;
    let mean = known.iter().sum::<f64>() / n;
    let spread = (known.iter().map(|age| (age - mean).powi(2)).sum::<f64>() / n).sqrt();
    ages.iter()
        .zip(lives)
        .map(|(age, (_, life))| {
            let Some(age) = age.filter(|_| spread > 0.0) else { return 1.0 };
            let prior = (1.0 + weight * (age - mean) / spread).clamp(0.3, 3.0);
            let share = WEIGHT_IN_STOPS / (WEIGHT_IN_STOPS + life.stops.len() as f64);
            1.0 + share * (prior - 1.0)
        })
        .collect()
}

/// A rate that is not at least twice the usual must be beyond doubt.
const SMALL_RATIO: f64 = 2.0;

/// How much more than Poisson counts scatter, from the four fifths that scatter least, so that bad machines do not hide
/// themselves. What chance alone makes of as few machines is no scatter of their own: then counts are Poisson.
fn dispersion(scatter: &mut [f64]) -> f64 {
    scatter.sort_by(f64::total_cmp);
    let kept = (scatter.len() * 4 / 5).max(1).min(scatter.len());
    let mean = scatter[..kept].iter().sum::<f64>() / kept as f64;
    // Mean and spread of chi-square with one degree of freedom below its quantile of 80 %.
    let (expected, spread) = (0.4375, 0.445);
    let by_chance = 1.0 + 1.645 * spread / expected / (kept as f64).sqrt();
    let found = mean / expected;
    if found > by_chance { found } else { 1.0 }
}

fn run(context: &Context<'_>) -> Outcome {
    let plant = context.plant;
    let lives: Vec<(String, Life)> =
        lives(context).into_iter().filter(|(_, life)| life.hours > 0.0).collect();
    if lives.is_empty() || lives.iter().all(|(_, life)| life.stops.is_empty()) {
        return Outcome::default();
    }
    let usual = usual_rate(&lives);
    let ages = age_factors(context, &lives);
    // Machines differ a little by nature: how much more than Poisson their counts scatter, by the middle of them.
    let mut scatter: Vec<f64> = lives
        .iter()
        .map(|(_, life)| {
            (life.stops.len() as f64 - usual * life.hours).powi(2) / (usual * life.hours).max(1e-9)
        })
        .collect();
    let dispersion = dispersion(&mut scatter);
    let p: Vec<f64> = lives
        .iter()
        .zip(&ages)
        .map(|((_, life), age)| count_p(life.stops.len() as f64, usual * age * life.hours, dispersion))
        .collect();
    let q = benjamini_hochberg(&p, p.len());
    let threshold = context.settings.get("mtbf_threshold");
    let confidence = context.confidence();
    let mut findings = Vec::new();
    for (idx, (name, life)) in lives.iter().enumerate() {
        let stops = life.stops.len() as f64;
        let everywhere = usual;
        let usual = everywhere * ages[idx];
        let (low, high) = poisson_interval(stops / dispersion, confidence);
        let (low, high) = (low * dispersion, high * dispersion);
        let mtbf_high = life.hours / low.max(1e-9);
        let ratio = stops / (usual * life.hours).max(1e-9);
        if q[idx] > 1.0 - confidence || ratio <= 1.0 || low <= usual * life.hours || mtbf_high >= threshold {
            continue;
        }
        if ratio < SMALL_RATIO && q[idx] > context.strict() {
            continue;
        }
        let repair = life.down / stops;
        let rate = if life.orders > 0 { life.rate_sum / life.orders as f64 } else { 0.0 };
        let excess = |stops: f64| (stops - usual * life.hours).max(0.0) * repair;
        let hours = [excess(stops), excess(low), excess(high)];
        let impact = (rate > 0.0).then(|| {
            let loss = hours.map(|hours| hours * rate);
            finding::impact(context, loss, &finding::spread(loss), plant.first_day)
        });
        let entities: Vec<_> = finding::entity("machine_id", name).into_iter().collect();
        let listed = &life.stops[..life.stops.len().min(30)];
        let rows: Vec<_> = listed.iter().map(|row| plant.row_ref(&plant.events, *row)).collect();
        let grade = finding::grade(q[idx], low - usual * life.hours);
        let share = if context.planned_cost > 0.0 { hours[0] * rate / context.planned_cost } else { 0.0 };
        let reasons = plant.events.words("downtime_reason");
        findings.push(Finding {
            id: finding::id("mtbf", &entities),
            type_: "mtbf",
            analyzer: ANALYZER.id,
            title: format!(
                "{} stops {} times as often as its sisters, every {} hours",
                words::thing("machine_id", name),
                words::figure(ratio),
                words::figure(life.hours / stops)
            ),
            entities,
            start: None,
            start_low: None,
            start_high: None,
            effect: Effect {
                measure: "failure_rate_ratio",
                value: ratio,
                low: low / (usual * life.hours),
                high: high / (usual * life.hours),
                raw: ratio,
            },
            impact,
            quantity: Some(Quantity { unit: "h", value: hours[0], low: hours[1], high: hours[2] }),
            p: p[idx],
            q: q[idx],
            tests_in_family: p.len() as u64,
            unit_of_analysis: "stop",
            n: life.stops.len() as u64,
            method: "count of stops against hours worked at the usual rate, gamma tail, dispersion between machines allowed for",
            evidence_grade: grade,
            priority: finding::priority(share, ratio - 1.0, 0.6, grade),
            comparison: format!("the middle machine of {}, which stops every {} hours", lives.len(), words::figure(1.0 / usual)),
            observations: vec![
                format!(
                    "{} stops in {} hours of work; at the usual rate there would have been {}.",
                    words::thousands(stops),
                    words::figure(life.hours),
                    words::figure(usual * life.hours)
                ),
                format!("A stop took {} hours on average.", words::figure(repair)),
                format!("Its mean time between stops lies between {} and {} hours.", words::figure(life.hours / high), words::figure(mtbf_high)),
            ],
            counter_evidence: vec!["If only its operators write every stop down, the others stop more often than the data say.".to_owned()],
            shadows: vec![],
            assumptions: if rate > 0.0 {
                vec!["An hour of standstill is valued at the machine's own hourly rate.".to_owned()]
            } else {
                vec!["No machine rate is in your data, so hours are stated and no money.".to_owned()]
            },
            missing_fields: ["downtime_reason", "machine_rate"].into_iter().filter(|field| !plant.has(field)).filter_map(ontology::FieldId::named).collect(),
            evidence_table: Some(EvidenceTable {
                heads: ["Stop", "Hours", "Reason", "File row"].map(str::to_owned).to_vec(),
                rows: listed
                    .iter()
                    .zip(&rows)
                    .map(|(row, reference)| {
                        let day = plant.events.days("downtime_start").map_or(f64::NAN, |days| days[*row]);
                        vec![
                            if day.is_finite() { EvidenceCell::Date((day * 86_400e6) as i64) } else { EvidenceCell::Empty },
                            plant.events.number("downtime_hours", *row).map_or(EvidenceCell::Empty, EvidenceCell::Number),
                            reasons.and_then(|words| words.name(*row)).map_or(EvidenceCell::Empty, |reason| EvidenceCell::Text(reason.to_owned())),
                            EvidenceCell::Row(reference.clone()),
                        ]
                    })
                    .collect(),
                total: life.stops.len() as u64,
            }),
            evidence_rows: rows,
            actions: vec![
                Action { title: format!("List the stops of {name} by reason and repair the first two for good"), effort: "days" },
                Action { title: "Bring its next service forward".to_owned(), effort: "hours" },
            ],
            chart: Some(chart(&lives, name, everywhere, dispersion, confidence)),
        });
    }
    findings.into()
}

fn chart(lives: &[(String, Life)], own: &str, usual: f64, dispersion: f64, confidence: f64) -> Chart {
    let mut dots: Vec<Dot> = lives
        .iter()
        .map(|(name, life)| {
            let stops = life.stops.len() as f64;
            let (low, high) = poisson_interval(stops / dispersion, confidence);
            let per = 1_000.0 / life.hours;
            Dot {
                label: name.clone(),
                value: stops * per,
                low: low * dispersion * per,
                high: high * dispersion * per,
                n: life.stops.len() as u64,
                highlighted: name == own,
            }
        })
        .collect();
    dots.sort_by(|a, b| b.value.total_cmp(&a.value).then_with(|| a.label.cmp(&b.label)));
    dots.truncate(24);
    Chart {
        title: "Stops per 1,000 hours of work".to_owned(),
        caption: "each machine with its exact interval".to_owned(),
        alternative: format!(
            "{own} leads; the middle machine has {} stops per 1,000 hours.",
            words::figure(usual * 1_000.0)
        ),
        body: ChartBody::Dots { dots, mean: Some(usual * 1_000.0), unit: "stops".to_owned() },
    }
}
