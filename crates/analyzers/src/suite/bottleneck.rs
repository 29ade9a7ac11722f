//! The work center that holds the plant up: the busiest one beyond doubt, with what waits before it.

use domain::{
    Finding,
    analysis::{Action, Effect, EvidenceCell, EvidenceTable, Quantity},
    chart::{Chart, ChartBody},
};

use super::{Analyzer, Outcome};
use crate::engine::{
    context::Context,
    finding,
    flow::{Constraint, Flow, constraint},
    words,
};

pub(super) const ANALYZER: Analyzer = Analyzer {
    id: "bottleneck",
    needs: &[&["work_center_id"], &["machine_id"], &["operation_actual_start"], &["operation_actual_end"]],
    settings: &["bottleneck_detection_sensitivity", "confidence_level"],
    run,
};

/// The constraint at the plant's settings.
pub(super) fn found<'c>(context: &'c Context<'_>) -> Option<(&'c Flow, Constraint)> {
    let flow = context.flow()?;
    let sensitivity = context.settings.get("bottleneck_detection_sensitivity");
    let constraint = constraint(flow, context.confidence(), sensitivity)?;
    Some((flow, constraint))
}

fn run(context: &Context<'_>) -> Outcome {
    let Some((flow, constraint)) = found(context) else { return Outcome::default() };
    let name = flow.names[constraint.work_center].clone();
    let plant = context.plant;
    let mut waits: Vec<(f64, usize)> = flow
        .wait
        .iter()
        .enumerate()
        .filter(|(row, wait)| flow.work_center[*row] == constraint.work_center as u32 && wait.is_finite())
        .map(|(row, wait)| (*wait, row))
        .collect();
    waits.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    let waited: f64 = waits.iter().map(|wait| wait.0).sum();
    let everywhere: f64 = flow.wait.iter().filter(|wait| wait.is_finite()).sum();
    let [load, low, high] = constraint.utilization;
    let entities: Vec<_> = finding::entity("work_center_id", &name).into_iter().collect();
    let listed = &waits[..waits.len().min(30)];
    let rows: Vec<_> = listed.iter().map(|(_, row)| plant.row_ref(&plant.operations, *row)).collect();
    let order_name = |row: usize| {
        let order = plant.operations.order[row] as usize;
        plant.orders.words("work_order_id").and_then(|words| words.name(order)).unwrap_or_default().to_owned()
    };
    let grade = finding::grade(constraint.p, constraint.share_low);
    let dots = flow.load_dots(|center, _| center == constraint.work_center);
    let finding = Finding {
        id: finding::id("bottleneck", &entities),
        type_: "bottleneck",
        analyzer: ANALYZER.id,
        title: format!(
            "{} is the bottleneck at {} load",
            words::thing("work_center_id", &name),
            words::percent(load)
        ),
        entities,
        start: None,
        start_low: None,
        start_high: None,
        effect: Effect { measure: "utilization", value: load, low, high, raw: load },
        impact: None,
        quantity: Some(Quantity { unit: "h", value: waited, low: waited, high: waited }),
        p: constraint.p,
        q: constraint.p,
        tests_in_family: flow.names.len() as u64,
        unit_of_analysis: "week",
        n: constraint.weeks as u64,
        method: "weekly load of work centers, paired against each other one (autocorrelation allowed for) and against the spread of the others; share of runs of four weeks by block bootstrap",
        evidence_grade: grade,
        priority: finding::priority(0.0025, load - constraint.second, 0.6, grade),
        comparison: format!("all other work centers, the next at {}", words::percent(constraint.second)),
        observations: vec![
            format!(
                "Looked at four weeks at a time, it was the busiest work center in {} of {} weeks.",
                words::percent(constraint.share),
                constraint.weeks
            ),
            format!(
                "Orders waited {} open hours before it, {} of all waiting in the plant.",
                words::figure(waited),
                words::percent(waited / everywhere.max(1e-9))
            ),
        ],
        counter_evidence: vec![
            "Hours that were booked there but worked elsewhere would make it look busier than it is."
                .to_owned(),
        ],
        shadows: vec![],
        assumptions: vec![format!(
            "The plant is taken to be open in the {} hours of the week in which work is begun.",
            flow.open.per_week()
        )],
        missing_fields: vec![],
        evidence_table: Some(EvidenceTable {
            heads: ["Work order", "Waited, open hours", "File row"].map(str::to_owned).to_vec(),
            rows: listed
                .iter()
                .zip(&rows)
                .map(|((wait, row), reference)| {
                    vec![
                        EvidenceCell::Text(order_name(*row)),
                        EvidenceCell::Number(*wait),
                        EvidenceCell::Row(reference.clone()),
                    ]
                })
                .collect(),
            total: waits.len() as u64,
        }),
        evidence_rows: rows,
        actions: vec![
            Action { title: format!("Keep {name} running through breaks and hand-overs"), effort: "days" },
            Action {
                title: "Bundle set-ups there and move what another work center can do".to_owned(),
                effort: "weeks",
            },
        ],
        chart: Some(Chart {
            title: "Load of work centers, share of open hours".to_owned(),
            caption: "mean of weeks with its 95 % interval".to_owned(),
            alternative: format!(
                "{name} is loaded to {}, the next work center to {}.",
                words::percent(load),
                words::percent(constraint.second)
            ),
            body: ChartBody::Dots { dots, mean: None, unit: "%".to_owned() },
        }),
    };
    vec![finding].into()
}
