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
    let plant = context.plant;
    let Some((flow, constraint)) = bottleneck::found(context) else { return Outcome::default() };
    let (Some(due), Some(end)) = (plant.orders.days("due_date"), plant.orders.days("actual_end")) else {
        return Outcome::default();
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
        return Outcome::default();
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
        return Outcome::default();
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
    vec![finding].into()
}
