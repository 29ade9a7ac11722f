//! What made late orders late, once those that were released late are set apart.

use domain::{
    Finding,
    analysis::{Action, Effect, EvidenceCell, EvidenceTable, Quantity},
    chart::{Chart, ChartBody, Step},
};

use super::{Analyzer, Outcome, bottleneck, late_release};
use crate::{
    engine::{context::Context, finding, words},
    stats::{distribution::t_p, robust},
};

pub(super) const ANALYZER: Analyzer = Analyzer {
    id: "late_orders",
    needs: &[
        &["due_date"],
        &["actual_end"],
        &["work_center_id"],
        &["operation_actual_start"],
        &["operation_actual_end"],
    ],
    settings: &["bottleneck_detection_sensitivity", "confidence_level", "min_sample_size"],
    run,
};

/// Sums of a component over late and punctual orders.
#[derive(Debug, Clone, Copy, Default)]
struct Split {
    late: [f64; 3],
    punctual: [f64; 3],
}

impl Split {
    fn add(&mut self, late: bool, value: f64) {
        let sums = if late { &mut self.late } else { &mut self.punctual };
        sums[0] += 1.0;
        sums[1] += value;
        sums[2] += value * value;
    }

    /// Difference of means and its standard error.
    fn difference(&self) -> (f64, f64) {
        let of = |[n, sum, squares]: [f64; 3]| {
            let mean = sum / n.max(1.0);
            (mean, (squares / n.max(1.0) - mean * mean).max(0.0) / n.max(1.0))
        };
        let ((late, v), (punctual, w)) = (of(self.late), of(self.punctual));
        (late - punctual, (v + w).sqrt())
    }
}

fn run(context: &Context<'_>) -> Outcome {
    Outcome {
        findings: drivers(context),
        charts: funnel(context).into_iter().collect(),
        ..Outcome::default()
    }
}

/// How far orders came whose due date is past: released, started, finished, on time.
fn funnel(context: &Context<'_>) -> Option<Chart> {
    let plant = context.plant;
    let orders = &plant.orders;
    let due = orders.days("due_date")?;
    let last = plant.last_day.floor();
    let past: Vec<usize> = (0..orders.len).filter(|order| due[*order].floor() <= last).collect();
    if past.is_empty() || past.len() < context.settings.get("min_sample_size") as usize {
        return None;
    }
    let ends = orders.days("actual_end")?;
    // A date that half of the finished orders lack says nothing of those that lack it: no step is made of it.
    let finished: Vec<usize> = past.iter().copied().filter(|order| ends[*order].is_finite()).collect();
    let kept = |field: &str| {
        let days = orders.days(field)?;
        let known = finished.iter().filter(|order| days[**order].is_finite()).count();
        (known * 2 >= finished.len().max(1)).then_some(days)
    };
    let mut steps: Vec<(&str, &[f64])> = Vec::new();
    for (label, field) in
        [("Released", "release_date"), ("Started", "actual_start"), ("Finished", "actual_end")]
    {
        steps.extend(kept(field).map(|days| (label, days)));
    }
    let shipped = kept("ship_date");
    let mut counts = vec![0_u64; steps.len()];
    let mut on_time = 0_u64;
    for order in past.iter().copied() {
        let left = shipped.unwrap_or(ends)[order];
        // What comes after a step has passed it, written down or not.
        let reached = if left.is_finite() {
            steps.len()
        } else {
            steps.iter().rposition(|(_, days)| days[order].is_finite()).map_or(0, |at| at + 1)
        };
        counts[..reached].iter_mut().for_each(|count| *count += 1);
        on_time += u64::from(left.floor() <= due[order].floor());
    }
    let mut told: Vec<Step> = steps
        .iter()
        .zip(&counts)
        .map(|((label, _), count)| Step { label: (*label).to_owned(), value: *count as f64 })
        .collect();
    let label = if shipped.is_some() { "Shipped on time" } else { "Finished on time" };
    told.push(Step { label: label.to_owned(), value: on_time as f64 });
    let first = told.first().map(|step| step.value).filter(|first| *first > 0.0)?;
    let (worst, lost, before) = told
        .windows(2)
        .map(|pair| (&pair[1].label, pair[0].value - pair[1].value, pair[0].value))
        .max_by(|a, b| a.1.total_cmp(&b.1))?;
    let alternative = if lost > 0.0 {
        format!(
            "Of {} orders {} were on time; the step “{worst}” loses most, {} ({}).",
            words::thousands(first),
            words::thousands(on_time as f64),
            words::thousands(lost),
            words::percent(lost / before)
        )
    } else {
        format!("All {} orders were on time.", words::thousands(first))
    };
    Some(Chart {
        title: "Orders by step reached, and on time".to_owned(),
        caption: format!(
            "{} orders that were due by {}, with what each step loses",
            words::thousands(past.len() as f64),
            words::long_date(last)
        ),
        alternative,
        body: ChartBody::Funnel { steps: told, unit: "orders".to_owned() },
    })
}

/// The queue that late orders waited in.
fn drivers(context: &Context<'_>) -> Vec<Finding> {
    let plant = context.plant;
    let Some((flow, constraint)) = bottleneck::found(context) else { return Vec::new() };
    let (Some(due), Some(end)) = (plant.orders.days("due_date"), plant.orders.days("actual_end")) else {
        return Vec::new();
    };
    // An order that was released late is late for that reason; its waiting proves nothing about the queues.
    let mut delays: Vec<f64> =
        (0..plant.orders.len).filter_map(|order| late_release::delay(plant, order)).collect();
    let latest = robust::centre_and_spread(&mut delays)
        .map_or(f64::INFINITY, |(centre, spread)| centre + (3.0 * spread).max(0.25));
    let n_centers = flow.names.len();
    let mut splits = vec![Split::default(); n_centers];
    let (mut late_orders, mut set_apart, mut punctual_orders) = (Vec::new(), 0_u64, 0_u64);
    let mut waits = vec![0.0; n_centers];
    for order in 0..plant.orders.len {
        if !due[order].is_finite() || !end[order].is_finite() {
            continue;
        }
        let late = end[order].floor() > due[order].floor();
        if late_release::delay(plant, order).is_some_and(|delay| delay > latest) {
            set_apart += u64::from(late);
            continue;
        }
        waits.fill(0.0);
        for row in plant.operations_of[order].clone() {
            if let Some(wait) = waits.get_mut(flow.work_center[row] as usize)
                && flow.wait[row].is_finite()
            {
                *wait += flow.wait[row];
            }
        }
        for (split, wait) in splits.iter_mut().zip(&waits) {
            split.add(late, *wait);
        }
        if late {
            late_orders.push((waits[constraint.work_center], order));
        } else {
            punctual_orders += 1;
        }
    }
    let fewest = context.settings.get("min_sample_size") as usize;
    if late_orders.len() < fewest || (punctual_orders as usize) < fewest {
        return Vec::new();
    }
    let differences: Vec<(f64, f64)> = splits.iter().map(Split::difference).collect();
    let positive: f64 = differences.iter().map(|difference| difference.0.max(0.0)).sum();
    let (own, error) = differences[constraint.work_center];
    let next = differences
        .iter()
        .enumerate()
        .filter(|(center, _)| *center != constraint.work_center)
        .map(|(_, difference)| *difference)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .unwrap_or((0.0, 0.0));
    // The work center was named by its load. That late orders waited longer there than anywhere else must hold against each
    // of the others, so the nearest decides and none has to pay for the rest (intersection-union).
    let z = (own - next.0) / error.hypot(next.1).max(1e-12);
    let p = t_p(z, late_orders.len() as f64);
    if own <= next.0 || p > 1.0 - context.confidence() {
        return Vec::new();
    }
    let name = flow.names[constraint.work_center].clone();
    let share = own / positive.max(1e-9);
    late_orders.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    let listed = &late_orders[..late_orders.len().min(30)];
    let rows: Vec<_> = listed.iter().map(|(_, order)| plant.row_ref(&plant.orders, *order)).collect();
    let entities: Vec<_> = finding::entity("work_center_id", &name).into_iter().collect();
    let grade = finding::grade(p, own - 2.0 * error);
    let low = (own - 1.645 * error) / positive.max(1e-9);
    let high = ((own + 1.645 * error) / positive.max(1e-9)).min(1.0);
    let hours = own * late_orders.len() as f64;
    let mut bars: Vec<Step> = flow
        .names
        .iter()
        .zip(&differences)
        .filter(|(_, difference)| difference.0 > 0.0)
        .map(|(name, difference)| Step { label: name.clone(), value: difference.0 })
        .collect();
    bars.sort_by(|a, b| b.value.total_cmp(&a.value).then_with(|| a.label.cmp(&b.label)));
    let order_name = |order: usize| {
        plant.orders.words("work_order_id").and_then(|words| words.name(order)).unwrap_or_default().to_owned()
    };
    let mut observations = vec![
        format!(
            "{} orders were late although they were released in time; they waited {} open hours longer at {name} than punctual ones.",
            words::thousands(late_orders.len() as f64),
            words::figure(own)
        ),
        format!("That is {} of all the waiting that late orders had more.", words::percent(share)),
    ];
    if set_apart > 0 {
        observations.push(format!(
            "{} more late orders were already released late; they are not blamed on a queue.",
            words::thousands(set_apart as f64)
        ));
    }
    let finding = Finding {
        id: finding::id("late_orders_driver", &entities),
        type_: "late_orders_driver",
        analyzer: ANALYZER.id,
        title: format!("Waiting at {} makes orders late: {} of their extra waiting", words::thing("work_center_id", &name), words::percent(share)),
        entities,
        start: None,
        start_low: None,
        start_high: None,
        effect: Effect { measure: "share_of_excess_wait", value: share, low, high, raw: share },
        impact: None,
        quantity: Some(Quantity { unit: "h", value: hours, low: (own - 1.645 * error) * late_orders.len() as f64, high: (own + 1.645 * error) * late_orders.len() as f64 }),
        p,
        q: p,
        tests_in_family: n_centers as u64,
        unit_of_analysis: "work_order",
        n: late_orders.len() as u64,
        method: "waiting of late against punctual orders by work center, late releases set apart",
        evidence_grade: grade,
        priority: finding::priority(0.002, share, 0.6, grade),
        comparison: "punctual orders that were released in time".to_owned(),
        observations,
        counter_evidence: vec!["If late orders took other routes than punctual ones, their waiting would differ for that reason.".to_owned()],
        shadows: vec![],
        assumptions: vec!["No cost of lateness is in your data, so hours are stated and no money.".to_owned()],
        missing_fields: vec![],
        evidence_table: Some(EvidenceTable {
            heads: ["Work order", "Due", "Finished", "Waited there, open hours", "File row"].map(str::to_owned).to_vec(),
            rows: listed
                .iter()
                .zip(&rows)
                .map(|((wait, order), row)| {
                    vec![
                        EvidenceCell::Text(order_name(*order)),
                        EvidenceCell::Date((due[*order] * 86_400e6) as i64),
                        EvidenceCell::Date((end[*order] * 86_400e6) as i64),
                        EvidenceCell::Number(*wait),
                        EvidenceCell::Row(row.clone()),
                    ]
                })
                .collect(),
            total: late_orders.len() as u64,
        }),
        evidence_rows: rows,
        actions: vec![
            Action { title: format!("Sequence the queue of {name} by due date"), effort: "hours" },
            Action { title: format!("Relieve {name}: overtime, a second machine, or work moved elsewhere"), effort: "weeks" },
        ],
        chart: Some(Chart {
            title: "Extra waiting of late orders, open hours each".to_owned(),
            caption: "late orders against punctual ones, by work center".to_owned(),
            alternative: format!("{name} leads with {} hours.", words::figure(own)),
            body: ChartBody::Pareto { bars, unit: "h".to_owned() },
        }),
    };
    vec![finding]
}

#[cfg(test)]
mod tests {
    use domain::{
        Settings,
        chart::{Chart, ChartBody},
    };

    use crate::engine::{
        bench::{FIRST_DAY, frame, loose, plant, run},
        frame::Frame,
        plant::Plant,
    };

    /// A hundred orders that were due on day 50 of 60, and twenty that are due after the data end.
    fn orders(with: impl Fn(Frame) -> Frame) -> Plant {
        let due = |row: usize| if row < 100 { FIRST_DAY + 50.0 } else { FIRST_DAY + 90.0 };
        plant(with(frame(120, |row| row as u32).with_days("due_date", due)), loose(0), loose(0), 60.0)
    }

    /// The day for the first `n` orders, none for the others.
    fn first(n: usize, day: f64) -> impl Fn(usize) -> f64 {
        move |row| if row < n { FIRST_DAY + day } else { f64::NAN }
    }

    fn drawn(plant: &Plant) -> Option<(Chart, Vec<(String, f64)>)> {
        let chart = run("late_orders", plant, &Settings::default()).charts.pop()?;
        let ChartBody::Funnel { steps, unit } = &chart.body else { panic!("{chart:?}") };
        assert_eq!(unit, "orders");
        let steps = steps.iter().map(|step| (step.label.clone(), step.value)).collect();
        Some((chart, steps))
    }

    #[test]
    fn each_step_keeps_those_that_came_through_it() {
        let plant = orders(|frame| {
            frame
                .with_days("release_date", first(98, 10.0))
                // Of six orders that were worked on nobody wrote down when they began.
                .with_days("actual_start", |row| if row < 6 { f64::NAN } else { first(95, 20.0)(row) })
                .with_days("actual_end", first(90, 40.0))
                // Thirty left on the day they were due, at noon; the others later or never.
                .with_days("ship_date", |row| if row < 30 { FIRST_DAY + 50.5 } else { first(80, 51.0)(row) })
        });
        let (chart, steps) = drawn(&plant).unwrap();
        let expected = [("Released", 98.0), ("Started", 95.0), ("Finished", 90.0), ("Shipped on time", 30.0)];
        assert_eq!(steps, expected.map(|(label, value)| (label.to_owned(), value)));
        assert_eq!(
            chart.alternative,
            "Of 98 orders 30 were on time; the step “Shipped on time” loses most, 60 (67%)."
        );
        assert_eq!(chart.caption, "100 orders that were due by 7 March 2025, with what each step loses");
    }

    #[test]
    fn steps_that_the_data_do_not_tell_are_not_invented() {
        let plant = orders(|frame| {
            frame
                .with_days("actual_end", |row| if row < 70 { FIRST_DAY + 50.9 } else { FIRST_DAY + 51.0 })
                // Known of too few to say that the others never started.
                .with_days("actual_start", first(20, 20.0))
        });
        let (_, steps) = drawn(&plant).unwrap();
        assert_eq!(steps, [("Finished".to_owned(), 100.0), ("Finished on time".to_owned(), 70.0)]);
        let punctual = orders(|frame| frame.with_days("actual_end", first(120, 30.0)));
        assert_eq!(drawn(&punctual).unwrap().0.alternative, "All 100 orders were on time.");
        assert!(drawn(&orders(|frame| frame)).is_none());
        let never = orders(|frame| frame.with_days("actual_end", |_| f64::NAN));
        assert!(drawn(&never).is_none());
    }
}
