//! When to replace before failure: only where lives show wear, and then at the age that costs least.

use std::collections::BTreeMap;

use domain::{
    Finding,
    analysis::{Effect, EvidenceCell, Quantity},
    chart::{Chart, ChartBody, Dot},
};

use super::{Analyzer, Outcome, mtbf};
use crate::{
    engine::{context::Context, evidence, finding, observations::NONE, plant::Plant, words},
    stats::{
        multiplicity::benjamini_hochberg,
        robust,
        weibull::{Life, Weibull},
    },
};

pub(super) const ANALYZER: Analyzer = Analyzer {
    id: "maintenance_interval",
    needs: &[&["machine_id"], &["downtime_start"], &["downtime_hours", "downtime_end"]],
    settings: &[
        "confidence_level",
        "equipment_reliability_score",
        "maintenance_cost_weight",
        "min_sample_size",
        "preventive_maintenance_interval",
    ],
    run,
};

/// Lives of a machine in days, with the event row that ended each (or none).
#[derive(Debug, Default)]
pub(crate) struct Record {
    pub(crate) lives: Vec<(Life, Option<usize>)>,
    preventive_days: Vec<f64>,
    /// Day of the last service that was planned.
    pub(crate) serviced: Option<f64>,
}

impl Record {
    /// Days between services in the middle of its own record, where it has one.
    pub(crate) fn interval(&self) -> Option<f64> {
        robust::median(&mut self.preventive_days.clone()).filter(|days| *days > 0.0)
    }
}

/// How types of maintenance that was planned begin.
fn planned_work(kind: &str) -> bool {
    let kind = kind.to_lowercase();
    ["prev", "plan", "vorbeug", "inspe", "wartung", "service", "routine", "pm"]
        .iter()
        .any(|stem| kind.starts_with(stem))
}

/// Median cost of planned work over that of repairs, where both are known.
fn cost_ratio(plant: &Plant) -> Option<f64> {
    let kinds = plant.events.words("maintenance_type")?;
    let (mut planned, mut repairs) = (Vec::new(), Vec::new());
    for row in 0..plant.events.len {
        if let (Some(kind), Some(cost)) = (kinds.name(row), plant.events.number("maintenance_cost", row)) {
            if planned_work(kind) { planned.push(cost) } else { repairs.push(cost) }
        }
    }
    if planned.len() < 5 || repairs.len() < 5 {
        return None;
    }
    let ratio = robust::median(&mut planned)? / robust::median(&mut repairs)?;
    (ratio > 0.0 && ratio.is_finite()).then_some(ratio)
}

/// Lives between renewals: a failure ends one, planned work cuts it short, the end of the data cuts the last.
pub(crate) fn records(context: &Context<'_>) -> BTreeMap<String, Record> {
    let plant = context.plant;
    let events = &plant.events;
    let mut records: BTreeMap<String, Record> = BTreeMap::new();
    let Some(machines) = events.words("machine_id") else { return records };
    let (starts, maintained) = (events.days("downtime_start"), events.days("maintenance_date"));
    let kinds = events.words("maintenance_type");
    let mut renewals: BTreeMap<u32, Vec<(f64, Option<usize>, bool)>> = BTreeMap::new();
    for row in 0..events.len {
        let code = machines.code(row);
        if code == NONE {
            continue;
        }
        let failed = starts
            .map(|days| days[row])
            .filter(|day| day.is_finite() && mtbf::failure_hours(plant, row).is_some());
        if let Some(day) = failed {
            renewals.entry(code).or_default().push((day, Some(row), false));
        } else if let Some(day) = maintained.map(|days| days[row]).filter(|day| day.is_finite()) {
            // What was repaired after a failure is that failure; what was planned is a renewal of its own.
            if kinds.and_then(|kinds| kinds.name(row)).is_some_and(planned_work) {
                renewals.entry(code).or_default().push((day, None, true));
            }
        }
    }
    for (code, mut renewals) in renewals {
        renewals.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        let record = records.entry(machines.names[code as usize].clone()).or_default();
        let mut since = plant.first_day;
        let mut last_planned: Option<f64> = None;
        for (day, row, planned) in &renewals {
            let age = day - since;
            if age > 0.0 {
                record.lives.push((Life { age, failed: row.is_some() }, *row));
            }
            if *planned {
                if let Some(last) = last_planned {
                    record.preventive_days.push(day - last);
                }
                last_planned = Some(*day);
            }
            since = *day;
        }
        record.serviced = last_planned;
        if plant.last_day > since {
            record.lives.push((Life { age: plant.last_day - since, failed: false }, None));
        }
    }
    records
}

fn run(context: &Context<'_>) -> Outcome {
    let records = records(context);
    // A machine with few failures says nothing about wear: a third of the units a level needs will do for a curve.
    let fewest = (context.settings.get("min_sample_size") / 2.0).max(8.0) as usize;
    let fits: Vec<(&String, &Record, Weibull)> = records
        .iter()
        .filter_map(|(name, record)| {
            let lives: Vec<Life> = record.lives.iter().map(|life| life.0).collect();
            let fit = Weibull::fit(&lives, context.confidence())?;
            (fit.failures >= fewest).then_some((name, record, fit))
        })
        .collect();
    let p: Vec<f64> = fits.iter().map(|(_, _, fit)| fit.p_constant).collect();
    let q = benjamini_hochberg(&p, p.len());
    let known_ratio = cost_ratio(context.plant);
    let ratio = known_ratio.unwrap_or_else(|| context.settings.get("maintenance_cost_weight"));
    let mut findings = Vec::new();
    for (at, (name, record, fit)) in fits.iter().enumerate() {
        if fit.shape_low <= 1.0 || q[at] > context.strict() {
            continue;
        }
        let Some(best) = fit.best_age(ratio) else { continue };
        findings.push(told(
            context,
            name,
            record,
            fit,
            (best, ratio, known_ratio.is_some()),
            [p[at], q[at]],
            p.len(),
        ));
    }
    findings.into()
}

fn told(
    context: &Context<'_>,
    name: &str,
    record: &Record,
    fit: &Weibull,
    (best, ratio, known): (f64, f64, bool),
    [p, q]: [f64; 2],
    tests: usize,
) -> Finding {
    let plant = context.plant;
    let setting = context.settings.get("preventive_maintenance_interval");
    let current = record.interval();
    let interval = current.unwrap_or(setting);
    let required = context.settings.get("equipment_reliability_score");
    let survives = fit.survival(interval);
    let saved = 1.0 - fit.cost_rate(best, ratio) / fit.cost_rate(interval, ratio);
    let per_year = |age: f64| 365.0 * fit.cost_rate(age, ratio);
    let entities: Vec<_> = finding::entity("machine_id", name).into_iter().collect();
    let lives: Vec<(f64, usize)> =
        record.lives.iter().filter_map(|(life, row)| row.map(|row| (life.age, row))).collect();
    let (evidence_rows, table) = evidence::listed(
        plant,
        &plant.events,
        &["Failure", "Days since the last renewal"],
        lives.iter().take(30).map(|(age, row)| {
            let day = plant.events.days("downtime_start").map_or(f64::NAN, |days| days[*row]);
            (*row, vec![evidence::date(day), EvidenceCell::Number(*age)])
        }),
        lives.len(),
    );
    let grade = finding::grade(q, fit.shape_low - 1.0);
    let title = format!(
        "{} wears out: servicing it every {} days costs least, now it is every {}",
        words::thing("machine_id", name),
        words::figure(best),
        words::figure(interval)
    );
    let dots: Vec<Dot> = [0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0]
        .into_iter()
        .map(|times| {
            let age = best * times;
            let value = per_year(age);
            Dot {
                label: format!("{} days", words::figure(age)),
                value,
                low: value,
                high: value,
                n: fit.failures as u64,
                highlighted: (times - 1.0_f64).abs() < 1e-9,
            }
        })
        .collect();
    let mut observations = vec![
        format!(
            "{} failures and {} lives that were cut short show a shape of {}, likely between {} and {}; 1 would be chance, not wear.",
            fit.failures,
            record.lives.len() - fit.failures,
            words::figure(fit.shape),
            words::figure(fit.shape_low),
            words::figure(fit.shape_high)
        ),
        format!(
            "It reaches {} days without a failure with a chance of {}; your settings ask for {}.",
            words::figure(interval),
            words::percent(survives),
            words::percent(required)
        ),
    ];
    if survives < required {
        let reliable = fit.scale * (-required.ln()).powf(1.0 / fit.shape);
        observations.push(format!("That would take a service every {} days.", words::figure(reliable)));
    }
    Finding {
        effect: Effect {
            measure: "weibull_shape",
            value: fit.shape,
            low: fit.shape_low,
            high: fit.shape_high,
            raw: fit.shape,
        },
        quantity: Some(Quantity {
            unit: "repairs per year",
            value: (per_year(interval) - per_year(best)).max(0.0),
            low: 0.0,
            high: per_year(interval),
        }),
        p,
        q,
        tests_in_family: tests as u64,
        unit_of_analysis: "life",
        n: record.lives.len() as u64,
        method: "Weibull by maximum likelihood with lives cut short, profile interval of the shape; age replacement",
        evidence_grade: grade,
        priority: finding::priority(0.0, saved.max(0.0), 0.5, grade),
        comparison: if current.is_some() {
            "the services that your data record"
        } else {
            "the interval of your settings"
        }
        .to_owned(),
        observations,
        counter_evidence: vec![
            "If failures of different parts are mixed, the wear of one may hide in the chance of the others."
                .to_owned(),
        ],
        assumptions: vec![
            if known {
                format!(
                    "A planned service costs {} of a repair, by the median of your maintenance costs.",
                    words::percent(ratio)
                )
            } else {
                format!(
                    "A planned service is taken to cost {} of a repair (setting `maintenance_cost_weight`), since your data hold no cost of both.",
                    words::percent(ratio)
                )
            },
            "After a repair or a service the machine counts as new.".to_owned(),
        ],
        missing_fields: ["maintenance_date", "maintenance_cost"]
            .into_iter()
            .filter(|field| !plant.has(field))
            .filter_map(ontology::FieldId::named)
            .collect(),
        evidence_rows,
        evidence_table: Some(table),
        actions: finding::actions([(
            format!(
                "Plan a service of {name} every {} days and compare after three of them",
                words::figure(best)
            ),
            "hours",
        )]),
        chart: Some(Chart {
            title: "Cost per year against the interval of service, in repairs".to_owned(),
            caption: format!("{name}; services and failures, a repair counts as 1"),
            alternative: format!(
                "{} days cost {} repairs a year, {} days cost {}.",
                words::figure(best),
                words::figure(per_year(best)),
                words::figure(interval),
                words::figure(per_year(interval))
            ),
            body: ChartBody::Dots { dots, mean: Some(per_year(interval)), unit: "repairs".to_owned() },
        }),
        ..finding::stated("maintenance_interval", ANALYZER.id, entities, title)
    }
}

#[cfg(test)]
mod tests {
    use crate::engine::bench::{chance, frame, loose, plant, run, said};
    use domain::Settings;

    /// M0 fails by chance, M1 wears: its lives are all about thirty days.
    fn stops() -> crate::engine::plant::Plant {
        let mut day = [20_094.0, 20_094.0];
        let mut of: Vec<(usize, f64)> = Vec::new();
        for failure in 0..60 {
            day[0] += -25.0 * chance(failure).max(1e-9).ln();
            day[1] += 24.0 + 12.0 * chance(failure + 1_000);
            of.extend([(0, day[0]), (1, day[1])]);
        }
        let machine = of.clone();
        let events = loose(of.len())
            .with_words("machine_id", |row| format!("M{}", machine[row].0))
            .with_days("downtime_start", move |row| of[row].1)
            .with_numbers("downtime_hours", |_| 3.0);
        plant(frame(0, |_| 0), loose(0), events, 2_000.0)
    }

    #[test]
    fn only_wear_is_told_and_the_interval_follows_the_cost_of_a_service() {
        let plant = stops();
        assert_eq!(said("maintenance_interval", &plant), ["maintenance_interval M1"]);
        let best = |weight: &str| {
            let mut settings = Settings::default();
            settings.set("maintenance_cost_weight", weight).unwrap();
            run("maintenance_interval", &plant, &settings).findings[0].title.clone()
        };
        assert_ne!(best("0.1"), best("0.5"));
    }
}
