//! Run time against the standard: machines that wear, shifts and products that take longer, and standards that are wrong.

use domain::analysis::DataQualityItem;
use ontology::FieldId;

use super::{Analyzer, Outcome};
use crate::engine::{
    context::Context,
    finding::{self, CostClass, Story, claim},
    frame::Frame,
    metric::{AmountUnit, Metric, best_scale},
    observations::Kind,
    plant::Plant,
    search::{Found, search},
    sentences, value,
};
use crate::stats::{change::Shape, robust};

pub(super) const ANALYZER: Analyzer = Analyzer {
    id: "labor_efficiency",
    needs: &[
        &["actual_run_hours", "actual_labor_hours", "actual_machine_hours"],
        &[
            "planned_run_hours",
            "planned_labor_hours",
            "planned_machine_hours",
            "standard_cycle_time",
            "standard_rate",
        ],
    ],
    settings: &[
        "confidence_level",
        "cycle_time_threshold",
        "min_sample_size",
        "outlier_detection_sigma",
        "risk_tolerance",
        "savings_opportunity_multiplier",
    ],
    run,
};

/// Actual and planned hours of the same kind, the most specific that the frame has.
pub(super) fn hours(frame: &Frame) -> Option<(&'static str, Option<&'static str>)> {
    const PAIRS: [(&str, &str); 3] = [
        ("actual_run_hours", "planned_run_hours"),
        ("actual_labor_hours", "planned_labor_hours"),
        ("actual_machine_hours", "planned_machine_hours"),
    ];
    PAIRS
        .into_iter()
        .find(|(actual, planned)| frame.has(actual) && frame.has(planned))
        .map(|(actual, planned)| (actual, Some(planned)))
        .or_else(|| {
            let timed = frame.has("standard_cycle_time") || frame.has("standard_rate");
            PAIRS.into_iter().find(|(actual, _)| timed && frame.has(actual)).map(|(actual, _)| (actual, None))
        })
}

/// Pieces that passed an operation, good and bad.
pub(super) fn processed(plant: &Plant, frame: &Frame, row: usize) -> Option<f64> {
    let good = frame.number("operation_quantity_completed", row);
    let bad = frame.number("operation_quantity_scrapped", row).unwrap_or(0.0);
    good.map(|good| good + bad)
        .or_else(|| plant.number(frame, "quantity_completed", row).map(|good| good + bad))
        .filter(|pieces| *pieces > 0.0)
}

/// Hours that the standard allows for what was made.
pub(super) fn allowed(plant: &Plant, frame: &Frame, actual: &str, planned: Option<&str>) -> Vec<f64> {
    let Some(planned) = planned else {
        return (0..frame.len)
            .map(|row| {
                let pieces = processed(plant, frame, row).unwrap_or(f64::NAN);
                let seconds = frame.number("standard_cycle_time", row).or_else(|| {
                    frame.number("standard_rate", row).filter(|rate| *rate > 0.0).map(|rate| 3_600.0 / rate)
                });
                seconds.map_or(f64::NAN, |seconds| seconds * pieces / 3_600.0)
            })
            .collect();
    };
    let made = |row: usize| processed(plant, frame, row);
    let ordered = |row: usize| plant.number(frame, "quantity_ordered", row);
    let share = |over: Option<f64>, under: Option<f64>| match (over, under) {
        (Some(over), Some(under)) if over > 0.0 && under > 0.0 => over / under,
        _ => f64::NAN,
    };
    let scales: [&dyn Fn(usize) -> f64; 4] = [
        &|_| 1.0,
        &|row| share(made(row), ordered(row)),
        &|row| share(made(row), frame.number("operation_quantity_in", row)),
        &|row| share(plant.number(frame, "quantity_completed", row), ordered(row)),
    ];
    let number = |field: &str, row: usize| frame.number(field, row).unwrap_or(f64::NAN);
    let scale = best_scale(frame.len, &|row| number(actual, row), &|row| number(planned, row), &scales);
    (0..frame.len)
        .map(|row| {
            let scale = Some(scale(row)).filter(|scale| scale.is_finite()).unwrap_or(1.0);
            number(planned, row) * scale
        })
        .collect()
}

fn run(context: &Context<'_>) -> Outcome {
    let plant = context.plant;
    let frame = if hours(&plant.operations).is_some() { &plant.operations } else { &plant.orders };
    let Some((actual, planned)) = hours(frame) else { return Outcome::default() };
    let allowed = allowed(plant, frame, actual, planned);
    let valued = (0..frame.len).any(|row| value::hour(plant, frame, row).is_finite());
    let unit = if valued { AmountUnit::Money } else { AmountUnit::Hours };
    let mut metric = Metric::new(plant, frame, Kind::LogRatio, unit, ["Hours", "Hours allowed"]);
    for (row, allowed) in allowed.iter().enumerate() {
        let Some(spent) = frame.number(actual, row) else { continue };
        // A keying error of ten times is not ten times the loss.
        let plausible = spent.min(allowed * 4.0);
        let worth = if valued { value::hour(plant, frame, row) } else { 1.0 };
        metric.push_ratio(row, spent, *allowed, plausible * worth);
    }
    let machine = metric.attribute("machine_id", &["product_id", "step"]);
    metric.attribute("work_center_id", &["product_id"]);
    metric.attribute("product_id", &["step"]);
    let family = metric.attribute("product_family", &["step"]);
    metric.attribute("shift", &["product_id", "step"]);
    metric.attribute("facility_id", &["product_id"]);
    metric.attribute("tool_id", &["product_id", "step"]);
    metric.by_facility();
    metric.pair(machine, family);
    let at_stake = metric.observations.amount.iter().sum();
    let rules = context.rules("cycle_time_threshold", unit, at_stake);
    let result = search(&metric.observations, &rules, 13);
    let usual_spread =
        robust::centre_and_spread(&mut result.residual.clone()).map_or(0.0, |(_, spread)| spread);
    let findings = result
        .found
        .iter()
        .map(|found| {
            let kind = told_as(&metric, found, &result.residual, usual_spread);
            let (fields, values) = finding::level(&metric, found);
            let name = crate::engine::words::things(fields, values);
            let size = sentences::size(&metric, found);
            let (verb, counter, actions) = match kind {
                "run_time_degradation" => (
                    format!("runs {size} slower than its sisters on the same work"),
                    "If other machines slowed down on the same products, or feeds were reduced on purpose, it is not wear.".to_owned(),
                    vec![(format!("Inspect {name}: spindle, drive, feed and last maintenance"), "days"),
                         ("Move difficult parts to a sister machine until then".to_owned(), "hours")],
                ),
                "standard_error" => (
                    format!("takes {size} longer than its standard on every machine: the plan is wrong, not the floor"),
                    "If the product was made faster in earlier years with the same routing, the floor has changed after all.".to_owned(),
                    vec![(format!("Set the standard of {name} to {} of today's", crate::engine::words::percent(found.effect.exp())), "hours"),
                         ("Recalculate its price: quotations reckon with too few hours".to_owned(), "days")],
                ),
                _ => (
                    format!("takes {size} longer than comparable work"),
                    "Difficult orders that gathered there by chance would look alike; compare orders of the same product.".to_owned(),
                    vec![(format!("Watch two orders of {name} next to two comparable ones"), "hours")],
                ),
            };
            let peers = match fields[0] {
                "machine_id" => "other machines on the same product and operation",
                "shift" => "other shifts on the same product and operation",
                "product_id" | "product_family" => "other products at the same operations",
                "tool_id" => "other tools on the same product and operation",
                _ => "other work centers on the same products",
            };
            let mut assumptions = value::rates_used(plant, frame);
            assumptions.push("The plan is scaled to the pieces that passed the operation.".to_owned());
            let story = Story {
                type_: kind,
                analyzer: ANALYZER.id,
                measure: "run_time_ratio",
                class: CostClass::Labor,
                claim: verb,
                peers,
                counter_evidence: vec![counter],
                assumptions,
                missing: ["machine_id", "shift", "labor_rate"].into_iter().filter(|field| !(plant.has(field) || (*field == "labor_rate" && valued))).collect(),
                actions,
                method: "within-stratum contrast of ln(hours / allowed), clustered by order; level, step or drift by BIC",
            };
            if kind != "standard_error" {
                return claim(context, &metric, &result, found, story);
            }
            // What a wrong standard costs is what good pieces were reckoned with too few hours; scrap is another matter.
            let good = good_share(&metric, found);
            let mut corrected = found.clone();
            for amount in [&mut corrected.loss, &mut corrected.loss_low, &mut corrected.loss_high] {
                *amount *= good;
            }
            corrected.loss_draws.iter_mut().for_each(|draw| *draw *= good);
            claim(context, &metric, &result, &corrected, story)
        })
        .collect::<Vec<_>>();
    let doubtful = keying_errors(
        &metric,
        &result.residual,
        usual_spread,
        context.settings.get("outlier_detection_sigma"),
        actual,
    );
    Outcome { findings, doubtful: doubtful.into_iter().collect(), ..Outcome::default() }
}

/// Hours so far from what the work needs that a slip of the pen is likelier than the work: beyond the robust limit of
/// the settings and at least five times too much or too little.
fn keying_errors(
    metric: &Metric<'_>,
    residual: &[f64],
    spread: f64,
    sigma: f64,
    field: &str,
) -> Option<DataQualityItem> {
    let limit = (sigma * spread).max(5.0_f64.ln());
    let centre = robust::median(&mut residual.to_vec())?;
    let mut rows: Vec<(f64, usize)> = residual
        .iter()
        .enumerate()
        .map(|(idx, residual)| ((residual - centre).abs(), idx))
        .filter(|(distance, _)| *distance > limit)
        .collect();
    rows.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    let examples = rows
        .iter()
        .take(100)
        .map(|(_, idx)| metric.plant.row_ref(metric.frame, metric.observations.row[*idx] as usize))
        .collect();
    (!rows.is_empty()).then(|| DataQualityItem {
        kind: "keying_error",
        sentence: format!(
            "{} rows hold hours at least five times what the same work takes; they stay in the totals and are bounded in estimates.",
            crate::engine::words::thousands(rows.len() as f64)
        ),
        rows: rows.len() as u64,
        examples,
        field: FieldId::named(field),
    })
}

/// Share of good pieces among those that passed the rows of a level; 1 where pieces are not known.
fn good_share(metric: &Metric<'_>, found: &Found) -> f64 {
    let (mut good, mut all) = (0.0, 0.0);
    for idx in metric.observations.attributes[found.attribute].members(found.level) {
        let row = metric.observations.row[idx] as usize;
        if let Some(pieces) = metric.frame.number("operation_quantity_completed", row) {
            good += pieces;
            all += pieces + metric.frame.number("operation_quantity_scrapped", row).unwrap_or(0.0);
        }
    }
    if all > 0.0 { good / all } else { 1.0 }
}

/// Which finding it is: a product that is always off by the same factor has a wrong standard.
fn told_as(metric: &Metric<'_>, found: &Found, residual: &[f64], usual_spread: f64) -> &'static str {
    // The plant only says where the thing stands.
    let fields: Vec<&str> =
        finding::level(metric, found).0.iter().copied().filter(|field| *field != "facility_id").collect();
    let level = found.fit.shape == Shape::Level;
    if fields == ["machine_id"] && matches!(found.fit.shape, Shape::Drift { .. }) {
        return "run_time_degradation";
    }
    if fields == ["product_id"] && level {
        let attribute = &metric.observations.attributes[found.attribute];
        let mut own: Vec<f64> = attribute.members(found.level).map(|idx| residual[idx]).collect();
        if let Some((_, spread)) = robust::centre_and_spread(&mut own)
            && spread <= 1.5 * usual_spread.max(0.02)
        {
            return "standard_error";
        }
    }
    "labor_efficiency_variance"
}
