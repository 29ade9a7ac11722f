//! Energy that a machine draws although it does nothing: what is left of a day's use when no hour is worked.

use domain::{
    analysis::{Effect, EvidenceCell, Quantity},
    chart::{Chart, ChartBody, Dot},
};

use super::{Analyzer, Outcome};
use crate::{
    engine::{context::Context, evidence, finding, observations::NONE, words},
    stats::{
        distribution::{t_p, t_reach},
        least_squares::plane,
        multiplicity::benjamini_hochberg,
    },
};

pub(super) const ANALYZER: Analyzer = Analyzer {
    id: "idle_energy",
    needs: &[
        &["energy_kwh"],
        &["machine_id"],
        &["actual_run_hours", "actual_machine_hours", "actual_labor_hours"],
        &["operation_actual_start", "booking_date"],
    ],
    settings: &["confidence_level", "energy_consumption_weight", "min_sample_size"],
    run,
};

/// A base below this share of a machine's energy is lamps and losses.
const LEAST_SHARE: f64 = 0.1;

/// A working day of a machine.
#[derive(Debug, Clone, Copy, Default)]
struct Day {
    energy: f64,
    run: f64,
    setup: f64,
}

struct Base {
    code: usize,
    days: usize,
    /// kWh per day that come without work, with the error.
    per_day: f64,
    error: f64,
    energy: f64,
}

fn run(context: &Context<'_>) -> Outcome {
    let plant = context.plant;
    let frame = &plant.operations;
    let Some(machines) = frame.words("machine_id") else { return Outcome::default() };
    let mut days: std::collections::BTreeMap<(u32, i64), Day> = std::collections::BTreeMap::new();
    for row in 0..frame.len {
        let day = plant.day(frame, row);
        let (Some(energy), true, true) =
            (frame.number("energy_kwh", row), machines.code(row) != NONE, day.is_finite())
        else {
            continue;
        };
        let run: f64 =
            ["actual_run_hours", "rework_hours"].iter().filter_map(|field| frame.number(field, row)).sum();
        let run = if run > 0.0 {
            run
        } else {
            frame
                .number("actual_machine_hours", row)
                .or_else(|| frame.number("actual_labor_hours", row))
                .unwrap_or(0.0)
        };
        let entry = days.entry((machines.code(row), day.floor() as i64)).or_default();
        entry.energy += energy;
        entry.run += run;
        entry.setup += frame.number("actual_setup_hours", row).unwrap_or(0.0);
    }
    let fewest = (2.0 * context.settings.get("min_sample_size")) as usize;
    let mut bases = Vec::new();
    let mut from = days.iter().peekable();
    while let Some(code) = from.peek().map(|((code, _), _)| *code) {
        let mut points = Vec::new();
        while let Some((_, day)) = from.next_if(|((other, _), _)| *other == code) {
            points.push(([1.0, day.run, day.setup], day.energy));
        }
        let energy: f64 = points.iter().map(|point| point.1).sum();
        if points.len() < fewest || energy <= 0.0 {
            continue;
        }
        let with_setup = points.iter().any(|point| point.0[2] > 0.0);
        let fitted = if with_setup {
            // The slope of running is that of the work at hand; keyed hours far off would tilt it.
            plane(&trimmed(points.clone())).map(|plane| (plane.coefficient[0], plane.error[0]))
        } else {
            let two: Vec<([f64; 2], f64)> =
                trimmed(points.clone()).into_iter().map(|([one, run, _], y)| ([one, run], y)).collect();
            plane(&two).map(|plane| (plane.coefficient[0], plane.error[0]))
        };
        if let Some((per_day, error)) = fitted {
            bases.push(Base { code: code as usize, days: points.len(), per_day, error, energy });
        }
    }
    let p: Vec<f64> = bases
        .iter()
        .map(|base| {
            if base.per_day > 0.0 {
                t_p(base.per_day / base.error.max(1e-12), base.days as f64 - 3.0)
            } else {
                1.0
            }
        })
        .collect();
    let q = benjamini_hochberg(&p, p.len());
    let avoidable = context.settings.get("energy_consumption_weight");
    let mut findings = Vec::new();
    for (at, base) in bases.iter().enumerate() {
        let reach = t_reach(context.confidence(), base.days as f64) * base.error;
        let of = |per_day: f64| (per_day * base.days as f64 / base.energy).max(0.0);
        let (share, low, high) = (of(base.per_day), of(base.per_day - reach), of(base.per_day + reach));
        if q[at] > context.strict() || low < LEAST_SHARE {
            continue;
        }
        let name = &machines.names[base.code];
        let kwh = |per_day: f64| (per_day * base.days as f64).max(0.0);
        let entities: Vec<_> = finding::entity("machine_id", name).into_iter().collect();
        let mut rows: Vec<(f64, usize)> = (0..frame.len)
            .filter(|row| machines.code(*row) as usize == base.code)
            .filter_map(|row| frame.number("energy_kwh", row).map(|energy| (energy, row)))
            .collect();
        rows.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        let (evidence_rows, table) = evidence::listed(
            plant,
            frame,
            &["Date", "kWh"],
            rows.iter().take(30).map(|(energy, row)| {
                (*row, vec![evidence::date(plant.day(frame, *row)), EvidenceCell::Number(*energy)])
            }),
            rows.len(),
        );
        let grade = finding::grade(q[at], low);
        let title = format!(
            "{} of the energy of {} comes without work",
            words::percent(share),
            words::thing("machine_id", name)
        );
        findings.push(domain::Finding {
            effect: Effect { measure: "base_load_share", value: share, low, high, raw: share },
            quantity: Some(Quantity { unit: "kWh", value: kwh(base.per_day), low: kwh(base.per_day - reach), high: kwh(base.per_day + reach) }),
            p: p[at],
            q: q[at],
            tests_in_family: p.len() as u64,
            unit_of_analysis: "machine_day",
            n: base.days as u64,
            method: "least squares of kWh per day on hours run and set up; the constant, with errors that allow for uneven scatter",
            evidence_grade: grade,
            priority: finding::priority(0.0, share, 0.3, grade),
            comparison: "a day on which nothing is worked".to_owned(),
            observations: vec![
                format!("On {} days it drew {} kWh a day before the first hour was worked.", words::thousands(base.days as f64), words::figure(base.per_day)),
                format!("Of these {} kWh, {} are counted as avoidable: {} kWh (setting `energy_consumption_weight`).", words::figure(kwh(base.per_day)), words::percent(avoidable), words::figure(avoidable * kwh(base.per_day))),
            ],
            counter_evidence: vec!["Heating or cooling that must stay on, or a meter shared with another machine, would explain it.".to_owned()],
            assumptions: vec!["Your data hold no energy price, so kWh are stated and no money.".to_owned()],
            evidence_rows,
            evidence_table: Some(table),
            actions: finding::actions([(format!("Switch {name} to standby in breaks and over night, and read the meter for a week"), "hours")]),
            ..finding::stated("idle_energy", ANALYZER.id, entities, title)
        });
    }
    let mut dots: Vec<Dot> = bases
        .iter()
        .enumerate()
        .map(|(at, base)| {
            let reach = t_reach(context.confidence(), base.days as f64) * base.error;
            let of = |per_day: f64| per_day * base.days as f64 / base.energy;
            Dot {
                label: machines.names[base.code].clone(),
                value: of(base.per_day),
                low: of(base.per_day - reach),
                high: of(base.per_day + reach),
                n: base.days as u64,
                highlighted: q[at] <= context.strict() && of(base.per_day - reach) >= LEAST_SHARE,
            }
        })
        .collect();
    dots.sort_by(|a, b| b.value.total_cmp(&a.value).then_with(|| a.label.cmp(&b.label)));
    dots.truncate(24);
    let charts = (!dots.is_empty()).then(|| Chart {
        title: "Energy that comes without work, share of a machine's energy".to_owned(),
        caption: "the constant of kWh per day against hours, with its interval".to_owned(),
        alternative: dots.first().map_or_else(String::new, |dot| {
            format!("{} leads with {}.", dot.label, words::percent(dot.value.max(0.0)))
        }),
        body: ChartBody::Dots { dots, mean: None, unit: "%".to_owned() },
    });
    Outcome { findings, charts: charts.into_iter().collect(), ..Outcome::default() }
}

/// Days whose energy per hour lies far off the middle are keying errors of hours.
fn trimmed(points: Vec<([f64; 3], f64)>) -> Vec<([f64; 3], f64)> {
    let per_hour = |point: &([f64; 3], f64)| point.1 / (point.0[1] + point.0[2]).max(0.05);
    let mut rates: Vec<f64> = points.iter().map(per_hour).collect();
    let Some(middle) = crate::stats::robust::median(&mut rates) else { return points };
    points.into_iter().filter(|point| (middle / 4.0..=middle * 4.0).contains(&per_hour(point))).collect()
}

#[cfg(test)]
mod tests {
    use crate::engine::bench::{chance, frame, loose, plant, run, said};
    use domain::Settings;

    fn work(idle: f64) -> crate::engine::plant::Plant {
        let orders = frame(600, |row| row as u32).with_words("work_order_id", |row| format!("W{row}"));
        let hours = |row: usize| 2.0 + 8.0 * chance(row);
        let operations = frame(600, |row| row as u32)
            .with_words("machine_id", |row| format!("M{}", row % 3))
            .with_days("operation_actual_start", |row| 20_100.0 + (row / 3) as f64)
            .with_numbers("actual_run_hours", hours)
            .with_numbers("energy_kwh", move |row| {
                10.0 * hours(row) * (0.95 + 0.1 * chance(row + 7_000)) + if row % 3 == 2 { idle } else { 0.0 }
            });
        plant(orders, operations, loose(0), 210.0)
    }

    #[test]
    fn the_machine_that_draws_without_work_is_named() {
        assert_eq!(said("idle_energy", &work(30.0)), ["idle_energy M2"]);
        assert!(said("idle_energy", &work(0.0)).is_empty());
    }

    #[test]
    fn the_weight_moves_what_is_avoidable_and_nothing_else() {
        let told = |weight: &str| {
            let mut settings = Settings::default();
            settings.set("energy_consumption_weight", weight).unwrap();
            run("idle_energy", &work(30.0), &settings).findings.remove(0)
        };
        let (little, much) = (told("0.1"), told("0.5"));
        assert_ne!(little.observations[1], much.observations[1]);
        assert_eq!(
            (little.quantity, little.effect, little.priority),
            (much.quantity, much.effect, much.priority)
        );
    }
}
