//! Where orders wait: the lead time as a sum of its parts, and the work center that holds most of all waiting.

use domain::{
    Finding,
    analysis::{Effect, EvidenceCell, Quantity},
    chart::{Chart, ChartBody, Dot, Step},
};

use super::{Analyzer, Outcome};
use crate::{
    engine::{context::Context, evidence, finding, flow::Flow, observations::NONE, value, words},
    stats::{resample, robust, serial::SerialMean},
};

pub(super) const ANALYZER: Analyzer = Analyzer {
    id: "queue_time",
    needs: &[&["work_center_id"], &["operation_actual_start"], &["operation_actual_end"]],
    settings: &[
        "confidence_level",
        "lead_time_variance_threshold",
        "min_sample_size",
        "resource_utilization_target",
    ],
    run,
};

/// Every plant has a longest queue. One that holds more than half of all waiting is where the time of orders goes.
const HALF: f64 = 0.5;

fn run(context: &Context<'_>) -> Outcome {
    let mut charts: Vec<Chart> = scatter(context).into_iter().collect();
    let Some(flow) = context.flow() else { return Outcome { charts, ..Outcome::default() } };
    charts.extend(parts(context, flow));
    charts.extend(loads(context, flow));
    Outcome { findings: longest(context, flow).into_iter().collect(), charts, ..Outcome::default() }
}

/// Hours waited before each work center by week.
fn weekly(context: &Context<'_>, flow: &Flow) -> Vec<Vec<f64>> {
    let plant = context.plant;
    let weeks = (plant.span_days() / 7.0).floor().max(0.0) as usize;
    let mut waits = vec![vec![0.0; weeks]; flow.names.len()];
    for (row, wait) in flow.wait.iter().enumerate() {
        let week = ((plant.day(&plant.operations, row) - plant.first_day) / 7.0).floor();
        if let Some(of) = waits.get_mut(flow.work_center[row] as usize)
            && wait.is_finite()
            && week >= 0.0
            && let Some(sum) = of.get_mut(week as usize)
        {
            *sum += wait;
        }
    }
    waits
}

fn longest(context: &Context<'_>, flow: &Flow) -> Option<Finding> {
    let plant = context.plant;
    let waits = weekly(context, flow);
    let totals: Vec<f64> = waits.iter().map(|weeks| weeks.iter().sum()).collect();
    let all: f64 = totals.iter().sum();
    let center = (0..totals.len()).max_by(|a, b| totals[*a].total_cmp(&totals[*b]).then(b.cmp(a)))?;
    if totals.iter().filter(|total| **total > 0.0).count() < 3 || all <= 0.0 {
        return None;
    }
    let weeks = waits[center].len();
    let of_week = |week: usize| waits.iter().map(|of| of[week]).sum::<f64>();
    // Its waiting against that of all others together, week by week.
    let lead: Vec<f64> = (0..weeks).map(|week| 2.0 * waits[center][week] - of_week(week)).collect();
    let serial = SerialMean::of(&lead)?;
    let p = (serial.p() * totals.len() as f64).min(1.0);
    let clusters: Vec<(f64, f64)> = (0..weeks).map(|week| (waits[center][week], of_week(week))).collect();
    let mut draws = resample::ratio_of_sums(&clusters, resample::DRAWS, 36);
    let tail = (1.0 - context.confidence()) / 2.0;
    let share = totals[center] / all;
    let low = robust::quantile(&mut draws, tail)?;
    let high = robust::quantile(&mut draws, 1.0 - tail)?;
    let n = (0..flow.wait.len())
        .filter(|row| flow.work_center[*row] as usize == center && flow.wait[*row].is_finite())
        .count();
    if serial.mean <= 0.0
        || p > context.strict()
        || low < HALF
        || n < context.settings.get("min_sample_size") as usize
    {
        return None;
    }
    let name = &flow.names[center];
    let mut rows: Vec<(f64, usize)> = (0..flow.wait.len())
        .filter(|row| flow.work_center[*row] as usize == center && flow.wait[*row].is_finite())
        .map(|row| (flow.wait[row], row))
        .collect();
    rows.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    let (evidence_rows, table) = evidence::listed(
        plant,
        &plant.operations,
        &["Started", "Waited, open hours"],
        rows.iter().take(30).map(|(wait, row)| {
            (*row, vec![evidence::date(plant.day(&plant.operations, *row)), EvidenceCell::Number(*wait)])
        }),
        rows.len(),
    );
    let entities: Vec<_> = finding::entity("work_center_id", name).into_iter().collect();
    let grade = finding::grade(p, low - HALF);
    let target = context.settings.get("resource_utilization_target");
    let load = flow.utilization[center].iter().sum::<f64>() / flow.utilization[center].len().max(1) as f64;
    let machines = flow.machines[center];
    let mut observations = vec![format!(
        "Orders waited {} open hours before it, {} each; all other queues together hold {}.",
        words::figure(totals[center]),
        words::figure(totals[center] / n as f64),
        words::figure(all - totals[center])
    )];
    if load > target && machines > 0 {
        let ratio = wait_factor(target, machines) / wait_factor(load.min(0.995), machines);
        observations.push(format!(
            "It is loaded to {}; at your target of {} the queue formula (VUT) expects {} of today's waiting.",
            words::percent(load),
            words::percent(target),
            words::percent(ratio)
        ));
    }
    let title = format!(
        "{} of all waiting is before {}",
        words::percent(share),
        words::thing("work_center_id", name)
    );
    Some(Finding {
        effect: Effect { measure: "share_of_waiting", value: share, low, high, raw: share },
        quantity: Some(Quantity { unit: "h", value: totals[center], low: low * all, high: high * all }),
        p,
        q: p,
        tests_in_family: totals.len() as u64,
        unit_of_analysis: "week",
        n: n as u64,
        method: "waiting in open hours by work center and week, against all others together, autocorrelation allowed for",
        evidence_grade: grade,
        priority: finding::priority(0.0, share, 0.5, grade),
        comparison: "all other work centers together".to_owned(),
        observations,
        counter_evidence: vec![
            "Orders that wait for material or for a customer are counted where they wait, not for what."
                .to_owned(),
        ],
        assumptions: vec!["No cost of waiting is in your data, so hours are stated and no money.".to_owned()],
        evidence_rows,
        evidence_table: Some(table),
        actions: finding::actions([(
            format!("Release orders to {name} only as fast as it finishes them"),
            "days",
        )]),
        ..finding::stated("queue_time", ANALYZER.id, entities, title)
    })
}

/// u^(sqrt(2(m+1)) - 1) / (m (1 - u)): how waiting grows with load, whatever variability and process time are.
pub(super) fn wait_factor(load: f64, machines: usize) -> f64 {
    let m = machines.max(1) as f64;
    load.powf((2.0 * (m + 1.0)).sqrt() - 1.0) / (m * (1.0 - load).max(1e-3))
}

/// The lead time of the middle of orders as a sum: it adds up for every order.
fn parts(context: &Context<'_>, flow: &Flow) -> Option<Chart> {
    let plant = context.plant;
    let frame = &plant.operations;
    let (starts, ends) = (frame.days("operation_actual_start")?, frame.days("operation_actual_end")?);
    let (mut wait, mut setup, mut run, mut stopped, mut lead, mut n) = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0_f64);
    for range in &plant.operations_of {
        let (mut first, mut last) = (f64::INFINITY, f64::NEG_INFINITY);
        let mut own = [0.0; 4];
        for row in range.clone() {
            if !(starts[row].is_finite() && ends[row] >= starts[row]) {
                continue;
            }
            let waited = if flow.wait[row].is_finite() { flow.wait[row] } else { 0.0 };
            let passed = flow.open.between(starts[row], ends[row]).max(0.0);
            let set = frame.number("actual_setup_hours", row).unwrap_or(0.0).min(passed);
            let ran = (value::booked_hours(frame, row) - set).max(0.0).min(passed - set);
            own[0] += waited;
            own[1] += set;
            own[2] += ran;
            own[3] += passed - set - ran;
            first = first.min(starts[row]);
            last = last.max(ends[row]);
        }
        if last > first {
            wait += own[0];
            setup += own[1];
            run += own[2];
            stopped += own[3];
            lead += own.iter().sum::<f64>();
            n += 1.0;
        }
    }
    if n < 1.0 {
        return None;
    }
    let step = |label: &str, value: f64| Step { label: label.to_owned(), value: value / n };
    Some(Chart {
        title: "Where the time of an order goes, open hours".to_owned(),
        caption: "mean of all orders; the parts add up to the lead time".to_owned(),
        alternative: format!(
            "Of {} open hours {} are waiting.",
            words::figure(lead / n),
            words::figure(wait / n)
        ),
        body: ChartBody::Waterfall {
            start: step("Nothing", 0.0),
            steps: vec![
                step("Waiting", wait),
                step("Set-up", setup),
                step("Work", run),
                step("Stopped or unbooked", stopped),
            ],
            end: step("Lead time", lead),
            unit: "h".to_owned(),
        },
    })
}

/// Load of work centers against the target, with the waiting that the target would leave.
fn loads(context: &Context<'_>, flow: &Flow) -> Option<Chart> {
    let target = context.settings.get("resource_utilization_target");
    let dots = flow.load_dots(|_, dot| dot.low > target);
    let over = dots.iter().filter(|dot| dot.highlighted).count();
    let idle: f64 = (0..flow.names.len())
        .map(|center| {
            let weeks = &flow.utilization[center];
            let open = flow.open.per_week() * flow.machines[center] as f64;
            weeks.iter().map(|load| (target - load).max(0.0) * open).sum::<f64>()
        })
        .sum();
    (!dots.is_empty()).then(|| Chart {
        title: "Load of work centers against the target".to_owned(),
        caption: format!(
            "target {}; {} machine hours lie idle below it",
            words::percent(target),
            words::figure(idle)
        ),
        alternative: format!("{over} work centers are beyond {}.", words::percent(target)),
        body: ChartBody::Dots { dots, mean: Some(target), unit: "%".to_owned() },
    })
}

/// How unsteady the lead time of each product is, and the days of buffer that this forces.
fn scatter(context: &Context<'_>) -> Option<Chart> {
    let plant = context.plant;
    let products = plant.orders.words("product_id").or_else(|| plant.orders.words("product_family"))?;
    let start = plant.orders.days("release_date").or_else(|| plant.orders.days("actual_start"))?;
    let end = plant.orders.days("actual_end")?;
    let mut by_product: Vec<Vec<f64>> = vec![Vec::new(); products.names.len()];
    for order in 0..plant.orders.len {
        let days = end[order] - start[order];
        if days > 0.0 && products.code(order) != NONE {
            by_product[products.code(order) as usize].push(days);
        }
    }
    let threshold = context.settings.get("lead_time_variance_threshold");
    let fewest = context.settings.get("min_sample_size") as usize;
    let mut buffer = 0.0_f64;
    let mut dots: Vec<Dot> = by_product
        .iter_mut()
        .enumerate()
        .filter(|(_, days)| days.len() >= fewest)
        .filter_map(|(code, days)| {
            let n = days.len() as f64;
            let (low, middle, high) =
                (robust::quantile(days, 0.1)?, robust::quantile(days, 0.5)?, robust::quantile(days, 0.9)?);
            let value = (high - low) / (2.563 * middle);
            // The error of a scale from two quantiles is a little over 1 / sqrt(2 n).
            let reach = 1.645 * value * 1.1 / (2.0 * n).sqrt();
            let beyond = value - reach >= threshold;
            if beyond {
                buffer = buffer.max(high - middle);
            }
            Some(Dot {
                label: products.names[code].clone(),
                value,
                low: value - reach,
                high: value + reach,
                n: n as u64,
                highlighted: beyond,
            })
        })
        .collect();
    dots.sort_by(|a, b| b.value.total_cmp(&a.value).then_with(|| a.label.cmp(&b.label)));
    let beyond = dots.iter().filter(|dot| dot.highlighted).count();
    dots.truncate(24);
    (!dots.is_empty()).then(|| Chart {
        title: "How unsteady lead times are, robust coefficient of variation".to_owned(),
        caption: format!("(p90 - p10) / (2.563 x median) by product; threshold {}", words::percent(threshold)),
        alternative: format!("{beyond} products are beyond the threshold; to keep nine of ten dates, up to {} days of buffer are needed.", words::figure(buffer)),
        body: ChartBody::Dots { dots, mean: Some(threshold), unit: "%".to_owned() },
    })
}

#[cfg(test)]
mod tests {
    use super::wait_factor;
    use crate::engine::bench::{chance, frame, loose, plant, run, said};
    use domain::Settings;

    /// Four work centers in a row; orders wait `queue` days before the third, little elsewhere.
    fn line(queue: f64) -> crate::engine::plant::Plant {
        let n = 700;
        let orders = frame(n, |row| row as u32)
            .with_words("work_order_id", |row| format!("W{row}"))
            .with_words("product_id", |row| format!("P{}", row % 4))
            .with_days("release_date", |row| 20_094.03 + row as f64 / 3.0)
            .with_days("actual_end", |row| 20_097.0 + row as f64 / 3.0 + 4.0 * chance(row));
        let start = move |row: usize| {
            let (order, step) = (row / 4, row % 4);
            let wait = 0.2 * chance(order) * (step + 1) as f64
                + if step >= 2 { queue * (0.5 + chance(order + 99)) } else { 0.0 };
            20_094.05 + order as f64 / 3.0 + step as f64 * 0.1 + wait
        };
        let operations = frame(n * 4, |row| row as u32 / 4)
            .with_words("work_center_id", |row| format!("WC{}", row % 4))
            .with_words("machine_id", |row| format!("M{}", row % 4))
            .with_numbers("actual_run_hours", |_| 2.0)
            .with_days("operation_actual_start", start)
            .with_days("operation_actual_end", move |row| start(row) + 0.085);
        plant(orders, operations, loose(0), n as f64 / 3.0 + 4.0)
    }

    #[test]
    fn the_queue_that_holds_most_waiting_is_named() {
        assert_eq!(said("queue_time", &line(1.5)), ["queue_time WC2"]);
        assert!(said("queue_time", &line(0.0)).is_empty());
    }

    #[test]
    fn thresholds_mark_the_charts_and_move_no_finding() {
        let charts = |name: &str, value: &str| {
            let mut settings = Settings::default();
            settings.set(name, value).unwrap();
            let outcome = run("queue_time", &line(1.5), &settings);
            let charts: Vec<_> = outcome.charts.iter().map(|chart| chart.alternative.clone()).collect();
            (charts, outcome.findings.iter().map(|finding| finding.effect.clone()).collect::<Vec<_>>())
        };
        for (name, low, high) in
            [("lead_time_variance_threshold", "0.01", "5"), ("resource_utilization_target", "0.05", "0.99")]
        {
            let ((low, found), (high, found_again)) = (charts(name, low), charts(name, high));
            assert_eq!(low.iter().zip(&high).filter(|(a, b)| a != b).count(), 1, "{name}: {low:?} {high:?}");
            assert_eq!(found, found_again, "{name}");
        }
    }

    #[test]
    fn waiting_grows_with_load() {
        // One machine: u / (1 - u) after u^(sqrt(4) - 1).
        assert!((wait_factor(0.8, 1) - 4.0).abs() < 1e-9);
        assert!(wait_factor(0.95, 2) > 3.0 * wait_factor(0.8, 2));
    }
}
