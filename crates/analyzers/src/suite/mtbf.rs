//! Machines that stop more often than their sisters, by exact counts.

use std::collections::BTreeMap;

use domain::{
    Finding,
    analysis::{Action, Effect, EvidenceCell, EvidenceTable, Quantity},
    chart::{Chart, ChartBody, Dot},
};

use super::{Analyzer, Outcome};
use crate::{
    engine::{context::Context, finding, observations::NONE, value, words},
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
    settings: &["confidence_level", "mtbf_threshold", "risk_tolerance", "savings_opportunity_multiplier"],
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

fn lives(context: &Context<'_>) -> BTreeMap<String, Life> {
    let plant = context.plant;
    let mut lives: BTreeMap<String, Life> = BTreeMap::new();
    if let Some(machines) = plant.events.words("machine_id") {
        let kinds = plant.events.words("downtime_type");
        for row in 0..plant.events.len {
            let hours = plant.events.number("downtime_hours", row).or_else(|| {
                let at = |field: &str| {
                    plant.events.days(field).map(|days| days[row]).filter(|day| day.is_finite())
                };
                Some((at("downtime_end")? - at("downtime_start")?) * 24.0)
            });
            let Some(name) = machines.name(row) else { continue };
            if hours.is_some_and(|hours| hours > 0.0) && unplanned(kinds.and_then(|kinds| kinds.name(row))) {
                let life = lives.entry(name.to_owned()).or_default();
                life.stops.push(row);
                life.down += hours.unwrap_or(0.0).min(24.0 * 60.0);
            }
        }
    }
    let operations = &plant.operations;
    if let Some(machines) = operations.words("machine_id") {
        for row in 0..operations.len {
            let code = machines.codes[row];
            if code == NONE {
                continue;
            }
            let hours = value::booked_hours(operations, row);
            let hours = if hours > 0.0 {
                hours
            } else {
                operations.number("actual_machine_hours", row).unwrap_or(0.0)
            };
            let passed = operations
                .days("operation_actual_start")
                .zip(operations.days("operation_actual_end"))
                .map_or(f64::INFINITY, |(start, end)| (end[row] - start[row]) * 24.0);
            // Keyed hours can not exceed the time that passed.
            let hours = if passed > 0.0 { hours.min(passed) } else { hours };
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

fn run(context: &Context<'_>) -> Outcome {
    let plant = context.plant;
    let lives: Vec<(String, Life)> =
        lives(context).into_iter().filter(|(_, life)| life.hours > 0.0).collect();
    if lives.is_empty() || lives.iter().all(|(_, life)| life.stops.is_empty()) {
        return Outcome::default();
    }
    // The usual rate is that of the middle machine, so that one bad machine does not hide itself.
    let mut rates: Vec<f64> = lives.iter().map(|(_, life)| life.stops.len() as f64 / life.hours).collect();
    let all = (
        lives.iter().map(|(_, life)| life.stops.len() as f64).sum::<f64>(),
        lives.iter().map(|(_, life)| life.hours).sum::<f64>(),
    );
    let middle = robust::median(&mut rates).unwrap_or(0.0);
    let usual = if lives.len() >= 4 && middle > 0.0 { middle } else { all.0 / all.1 };
    // Machines differ a little by nature: how much more than Poisson their counts scatter, by the middle of them.
    let mut scatter: Vec<f64> = lives
        .iter()
        .map(|(_, life)| {
            (life.stops.len() as f64 - usual * life.hours).powi(2) / (usual * life.hours).max(1e-9)
        })
        .collect();
    // 0.455 is the median of chi-square with one degree of freedom.
    let dispersion = (robust::median(&mut scatter).unwrap_or(1.0) / 0.455).max(1.0);
    let p: Vec<f64> = lives
        .iter()
        .map(|(_, life)| count_p(life.stops.len() as f64, usual * life.hours, dispersion))
        .collect();
    let q = benjamini_hochberg(&p, p.len());
    let threshold = context.settings.get("mtbf_threshold");
    let confidence = context.confidence();
    let mut findings = Vec::new();
    for (idx, (name, life)) in lives.iter().enumerate() {
        let stops = life.stops.len() as f64;
        let (low, high) = poisson_interval(stops / dispersion, confidence);
        let (low, high) = (low * dispersion, high * dispersion);
        let mtbf_high = life.hours / low.max(1e-9);
        let ratio = stops / (usual * life.hours).max(1e-9);
        if q[idx] > 1.0 - confidence || ratio <= 1.0 || low <= usual * life.hours || mtbf_high >= threshold {
            continue;
        }
        let repair = life.down / stops;
        let rate = if life.orders > 0 { life.rate_sum / life.orders as f64 } else { 0.0 };
        let excess = |stops: f64| (stops - usual * life.hours).max(0.0) * repair;
        let hours = [excess(stops), excess(low), excess(high)];
        let impact = (rate > 0.0).then(|| {
            let loss = hours.map(|hours| hours * rate);
            let draws: Vec<f64> =
                (1..200_u32).map(|draw| loss[1] + (loss[2] - loss[1]) * f64::from(draw) / 200.0).collect();
            finding::impact(context, loss, &draws, plant.first_day)
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
            chart: Some(chart(&lives, name, usual, dispersion, confidence)),
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
