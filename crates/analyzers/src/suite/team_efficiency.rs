//! Hours earned over hours worked by shift and department, against the target and the others. Never by person.

use domain::{
    analysis::{Effect, EvidenceCell, Quantity},
    chart::{Chart, ChartBody, Dot},
};

use super::{Analyzer, Outcome};
use crate::{
    engine::{context::Context, evidence, finding, observations::NONE, words},
    stats::{
        multiplicity::benjamini_hochberg,
        serial::SerialMean,
        shrink::{kept_share, variance_between},
    },
};

pub(super) const ANALYZER: Analyzer = Analyzer {
    id: "team_efficiency",
    needs: &[
        &["shift", "department"],
        &["actual_run_hours", "actual_labor_hours", "actual_machine_hours"],
        &[
            "planned_run_hours",
            "planned_labor_hours",
            "planned_machine_hours",
            "standard_cycle_time",
            "standard_rate",
        ],
    ],
    settings: &["confidence_level", "cycle_time_threshold", "labor_efficiency_target", "min_sample_size"],
    run,
};

fn run(context: &Context<'_>) -> Outcome {
    let plant = context.plant;
    let frame = &plant.operations;
    let Some(allowed) = context.allowed() else { return Outcome::default() };
    let actual = allowed.actual;
    let weeks = (plant.span_days() / 7.0).floor() as usize;
    if !(8..=1_000).contains(&weeks) {
        return Outcome::default();
    }
    let rows: Vec<u32> = (0..frame.len as u32).collect();
    let (target, threshold) =
        (context.settings.get("labor_efficiency_target"), context.settings.get("cycle_time_threshold"));
    let mut outcome = Outcome::default();
    for field in ["shift", "department"] {
        let Some((codes, names)) = plant.codes(frame, &rows, field) else { continue };
        if names.len() < 2 || names.len() > 200 {
            continue;
        }
        let mut cells = vec![(0.0, 0.0); names.len() * weeks];
        let mut orders = vec![0_usize; names.len()];
        for (row, code) in codes.iter().copied().enumerate() {
            let week = ((plant.day(frame, row) - plant.first_day) / 7.0).floor();
            let Some(spent) = allowed.spent(frame, row) else { continue };
            if code != NONE && week >= 0.0 && week < weeks as f64 {
                let cell = &mut cells[code as usize * weeks + week as usize];
                cell.0 += allowed.at(row);
                cell.1 += spent;
                orders[code as usize] += 1;
            }
        }
        let total: Vec<(f64, f64)> = (0..weeks)
            .map(|week| {
                (0..names.len()).fold((0.0, 0.0), |(earned, spent), code| {
                    let cell = cells[code * weeks + week];
                    (earned + cell.0, spent + cell.1)
                })
            })
            .collect();
        let fewest = context.settings.get("min_sample_size") as usize;
        let mut tested = Vec::new();
        for code in (0..names.len()).filter(|code| orders[*code] >= fewest) {
            let gaps: Vec<f64> = (0..weeks)
                .filter_map(|week| {
                    let (earned, spent) = cells[code * weeks + week];
                    let (others_earned, others_spent) = (total[week].0 - earned, total[week].1 - spent);
                    (spent > 0.0 && others_spent > 0.0).then(|| earned / spent - others_earned / others_spent)
                })
                .collect();
            if let Some(gap) = SerialMean::of(&gaps) {
                let of = &cells[code * weeks..(code + 1) * weeks];
                let (earned, spent) = of.iter().fold((0.0, 0.0), |(e, s), cell| (e + cell.0, s + cell.1));
                tested.push((code, gap, earned, spent));
            }
        }
        let p: Vec<f64> = tested.iter().map(|one| one.1.p()).collect();
        let q = benjamini_hochberg(&p, p.len());
        let (means, variances): (Vec<f64>, Vec<f64>) =
            tested.iter().map(|one| (one.1.mean, one.1.error.powi(2))).unzip();
        let between = variance_between(&means, &variances);
        let mut dots = Vec::new();
        for (at, (code, gap, earned, spent)) in tested.iter().enumerate() {
            let value = earned / spent;
            let (low, high) = gap.interval(context.confidence());
            let usual = value - gap.mean;
            // A team with little work is pulled towards the others.
            let kept = kept_share(gap.error.powi(2), between);
            let shrunken = usual + kept * gap.mean;
            let told =
                q[at] <= context.strict() && usual + high < target && -kept * gap.mean / usual >= threshold;
            dots.push(Dot {
                label: names[*code][0].clone(),
                value,
                low: usual + low,
                high: usual + high,
                n: orders[*code] as u64,
                highlighted: told,
            });
            if !told {
                continue;
            }
            let name = &names[*code][0];
            let hours = [spent * (usual - value) / usual, spent * -high / usual, spent * -low / usual];
            let mut worst: Vec<(f64, usize)> = (0..frame.len)
                .filter(|row| codes[*row] == *code as u32)
                .filter_map(|row| frame.number(actual, row).map(|spent| (spent - allowed.at(row), row)))
                .filter(|(over, _)| over.is_finite())
                .collect();
            worst.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
            let (evidence_rows, table) = evidence::listed(
                plant,
                frame,
                &["Date", "Hours over allowed"],
                worst.iter().take(30).map(|(over, row)| {
                    (*row, vec![evidence::date(plant.day(frame, *row)), EvidenceCell::Number(*over)])
                }),
                worst.len(),
            );
            let grade = finding::grade(q[at], -high);
            let entities: Vec<_> = finding::entity(field, name).into_iter().collect();
            outcome.findings.push(domain::Finding {
                effect: Effect { measure: "labor_efficiency", value: shrunken, low: usual + low, high: usual + high, raw: value },
                quantity: Some(Quantity { unit: "h", value: hours[0], low: hours[1], high: hours[2] }),
                p: p[at],
                q: q[at],
                tests_in_family: p.len() as u64,
                unit_of_analysis: "team_week",
                n: orders[*code] as u64,
                method: "hours earned over hours worked, week by week against the others, autocorrelation allowed for, shrunken",
                evidence_grade: grade,
                priority: finding::priority(0.0, 1.0 - value / usual, 0.3, grade),
                comparison: format!("all others in the same weeks, at {}; your target is {}", words::percent(usual), words::percent(target)),
                observations: vec![
                    format!("{} hours were worked for what {} would do.", words::figure(*spent), words::figure(*earned)),
                    format!("Against the others that is {} hours, likely between {} and {}.", words::figure(hours[0]), words::figure(hours[1]), words::figure(hours[2])),
                ],
                counter_evidence: vec!["Teams that get the difficult orders look slow; the findings by product and machine compare like with like.".to_owned()],
                assumptions: vec!["These hours are already counted in the labor efficiency findings; nothing is added here. No person is looked at.".to_owned()],
                evidence_rows,
                evidence_table: Some(table),
                actions: finding::actions([(format!("Ask the lead of {} what holds work up: material, tools, help, waiting", words::thing(field, name)), "hours")]),
                ..finding::stated(
                    "labor_efficiency",
                    ANALYZER.id,
                    entities,
                    format!("{} earns {} of its hours, the others {}", words::thing(field, name), words::percent(value), words::percent(usual)),
                )
            });
        }
        dots.sort_by(|a, b| a.value.total_cmp(&b.value).then_with(|| a.label.cmp(&b.label)));
        dots.truncate(24);
        if !dots.is_empty() {
            outcome.charts.push(Chart {
                title: format!("Hours earned over hours worked, by {field}"),
                caption: format!("target {}", words::percent(target)),
                alternative: dots.first().map_or_else(String::new, |dot| {
                    format!("{} is lowest with {}.", dot.label, words::percent(dot.value))
                }),
                body: ChartBody::Dots { dots, mean: Some(target), unit: "%".to_owned() },
            });
        }
    }
    outcome
}

#[cfg(test)]
mod tests {
    use crate::engine::bench::{chance, frame, loose, plant, run, said};
    use domain::Settings;

    fn work(slow: f64) -> crate::engine::plant::Plant {
        let orders = frame(1_200, |row| row as u32).with_words("work_order_id", |row| format!("W{row}"));
        let operations = frame(1_200, |row| row as u32)
            .with_words("shift", |row| format!("{}", row % 3 + 1))
            .with_days("operation_actual_start", |row| 20_094.0 + row as f64 / 6.0)
            .with_numbers("planned_run_hours", |_| 4.0)
            .with_numbers("actual_run_hours", move |row| {
                (3.5 + chance(row)) * if row % 3 == 2 { slow } else { 1.0 }
            });
        plant(orders, operations, loose(0), 200.0)
    }

    #[test]
    fn a_shift_below_the_others_and_the_target_is_named() {
        assert_eq!(said("team_efficiency", &work(1.4)), ["labor_efficiency 3"]);
        assert!(said("team_efficiency", &work(1.0)).is_empty());
        let mut settings = Settings::default();
        settings.set("labor_efficiency_target", "0.5").unwrap();
        assert!(run("team_efficiency", &work(1.4), &settings).findings.is_empty());
    }
}
