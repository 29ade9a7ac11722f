//! Orders that begin or end off their plan by planner, once late releases are set apart.

use domain::{
    analysis::{Effect, EvidenceCell, Quantity},
    chart::{Chart, ChartBody, Dot},
};

use super::{Analyzer, Outcome, late_release};
use crate::{
    engine::{context::Context, evidence, finding, observations::NONE, words},
    stats::{distribution::t_reach, multiplicity::benjamini_hochberg, ranks::mann_whitney, robust},
};

pub(super) const ANALYZER: Analyzer = Analyzer {
    id: "schedule_adherence",
    needs: &[
        &["planned_end", "planned_start"],
        &["actual_end", "actual_start"],
        &["planner_id", "work_center_id", "department"],
    ],
    settings: &["confidence_level", "min_sample_size", "schedule_efficiency_target"],
    run,
};

/// Within a day of the plan is on plan.
const TOLERANCE_DAYS: f64 = 1.0;
/// Adherence must be so much below that of the others, in share of orders.
const SMALLEST_GAP: f64 = 0.05;

fn run(context: &Context<'_>) -> Outcome {
    let plant = context.plant;
    let orders = &plant.orders;
    let day =
        |field: &str, order: usize| orders.days(field).map(|days| days[order]).filter(|day| day.is_finite());
    // Starts where both are known, else ends; what the release already explains is told by `late_release`.
    let starts = orders.has("planned_start") && orders.has("actual_start");
    let (planned, actual) =
        if starts { ("planned_start", "actual_start") } else { ("planned_end", "actual_end") };
    let mut known: Vec<(usize, f64)> = (0..orders.len)
        .filter_map(|order| {
            let late = day(actual, order)? - day(planned, order)?;
            let released = late_release::delay(plant, order).unwrap_or(0.0).max(0.0);
            Some((order, if late > 0.0 { (late - released).max(0.0) } else { late }))
        })
        .collect();
    let mut all: Vec<f64> = known.iter().map(|one| one.1).collect();
    let (Some(low), Some(high)) = (robust::quantile(&mut all, 0.001), robust::quantile(&mut all, 0.999))
    else {
        return Outcome::default();
    };
    for one in &mut known {
        one.1 = one.1.clamp(low, high);
    }
    let target = context.settings.get("schedule_efficiency_target");
    let fewest = context.settings.get("min_sample_size") as usize;
    let mut outcome = Outcome::default();
    for field in ["planner_id", "work_center_id", "department"] {
        let Some(words_of) = orders.words(field).filter(|words| words.names.len() >= 2) else { continue };
        let rows: Vec<&(usize, f64)> = known.iter().filter(|one| words_of.code(one.0) != NONE).collect();
        let late: Vec<f64> = rows.iter().map(|one| one.1).collect();
        let group: Vec<u32> = rows.iter().map(|one| words_of.code(one.0)).collect();
        let ranked = mann_whitney(&late, &group, words_of.names.len());
        let tested: Vec<usize> =
            (0..ranked.len()).filter(|code| ranked[*code].is_some_and(|one| one.n >= fewest)).collect();
        let p: Vec<f64> = tested.iter().filter_map(|code| ranked[*code].map(|one| one.p)).collect();
        let q = benjamini_hochberg(&p, p.len());
        let kept = |of: &mut dyn Iterator<Item = f64>| {
            let (n, kept) = of.fold((0.0, 0.0), |(n, kept), late| {
                (n + 1.0, kept + f64::from(u8::from(late.abs() <= TOLERANCE_DAYS)))
            });
            (n, kept / f64::max(n, 1.0))
        };
        let mut dots = Vec::new();
        for ((code, p), q) in tested.iter().zip(&p).zip(&q) {
            let of = |own: bool| {
                late.iter()
                    .zip(&group)
                    .filter(move |(_, of)| (**of == *code as u32) == own)
                    .map(|(late, _)| *late)
            };
            let (n, share) = kept(&mut of(true));
            let (_, others) = kept(&mut of(false));
            let reach = t_reach(context.confidence(), f64::INFINITY) * (share * (1.0 - share) / n).sqrt();
            let later = ranked[*code].is_some_and(|one| one.superiority > 0.5);
            let told =
                later && *q <= context.strict() && share + reach < target && others - share >= SMALLEST_GAP;
            dots.push(Dot {
                label: words_of.names[*code].clone(),
                value: share,
                low: share - reach,
                high: share + reach,
                n: n as u64,
                highlighted: told,
            });
            if !told {
                continue;
            }
            let name = &words_of.names[*code];
            let mut worst: Vec<(f64, usize)> = rows
                .iter()
                .filter(|one| words_of.code(one.0) == *code as u32)
                .map(|one| (one.1, one.0))
                .collect();
            worst.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
            let (evidence_rows, table) = evidence::listed(
                plant,
                orders,
                &["Planned", "Actual", "Days late"],
                worst.iter().take(30).map(|(late, order)| {
                    let date = |field: &str| evidence::date(day(field, *order).unwrap_or(f64::NAN));
                    (*order, vec![date(planned), date(actual), EvidenceCell::Number(*late)])
                }),
                worst.len(),
            );
            let mut own: Vec<f64> = of(true).collect();
            let median = robust::median(&mut own).unwrap_or(0.0);
            let grade = finding::grade(*q, others - share);
            let entities: Vec<_> = finding::entity(field, name).into_iter().collect();
            let what = if starts { "begin" } else { "end" };
            outcome.findings.push(domain::Finding {
                effect: Effect { measure: "schedule_adherence", value: share, low: share - reach, high: share + reach, raw: share },
                quantity: Some(Quantity { unit: "orders", value: n * (others - share), low: n * (others - share - reach).max(0.0), high: n * (others - share + reach) }),
                p: *p,
                q: *q,
                tests_in_family: tested.len() as u64,
                n: n as u64,
                method: "Mann-Whitney of days off plan against all others, late releases taken off",
                evidence_grade: grade,
                priority: finding::priority(0.0, others - share, 0.4, grade),
                comparison: format!("the orders of all others, of which {} {what} within a day of plan", words::percent(others)),
                observations: vec![
                    format!("{} of {} orders {what} within a day of their plan; your target is {}.", words::percent(share), words::thousands(n), words::percent(target)),
                    format!("The middle order is {} days off, late releases not counted.", words::figure(median)),
                ],
                counter_evidence: vec!["If these orders were planned more tightly than those of others, the plan is the difference.".to_owned()],
                assumptions: vec!["No cost of being late is in your data, so orders are stated and no money.".to_owned()],
                evidence_rows,
                evidence_table: Some(table),
                actions: finding::actions([(format!("Compare the planned times of ten orders of {} with what they took", words::thing(field, name)), "hours")]),
                ..finding::stated(
                    "schedule_adherence",
                    ANALYZER.id,
                    entities,
                    format!("Of the orders of {} {} {what} on plan, of others {}", words::thing(field, name), words::percent(share), words::percent(others)),
                )
            });
        }
        dots.sort_by(|a, b| a.value.total_cmp(&b.value).then_with(|| a.label.cmp(&b.label)));
        dots.truncate(24);
        if !dots.is_empty() {
            outcome.charts.push(Chart {
                title: "Orders within a day of their plan, share of orders".to_owned(),
                caption: format!(
                    "by {}; target {}",
                    words::noun(field).to_lowercase(),
                    words::percent(target)
                ),
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

    fn orders(late: f64) -> crate::engine::plant::Plant {
        let begun = |row: usize| 20_100.0 + row as f64 / 3.0;
        let orders = frame(600, |row| row as u32)
            .with_words("work_order_id", |row| format!("W{row}"))
            .with_words("planner_id", |row| format!("PL{}", row % 4))
            .with_days("planned_end", begun)
            .with_days("actual_end", move |row| {
                begun(row) + 1.4 * chance(row) - 0.3
                    + if row % 4 == 1 { late * chance(row + 8_000) } else { 0.0 }
            });
        plant(orders, loose(0), loose(0), 210.0)
    }

    #[test]
    fn the_planner_off_plan_is_named() {
        assert_eq!(said("schedule_adherence", &orders(3.0)), ["schedule_adherence PL1"]);
        assert!(said("schedule_adherence", &orders(0.0)).is_empty());
    }

    #[test]
    fn what_meets_the_target_is_no_finding() {
        let mut settings = Settings::default();
        settings.set("schedule_efficiency_target", "0.1").unwrap();
        assert!(run("schedule_adherence", &orders(3.0), &settings).findings.is_empty());
    }
}
