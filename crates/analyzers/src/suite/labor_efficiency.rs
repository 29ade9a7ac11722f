//! Run time against the standard: machines that wear, shifts and products that take longer, and standards that are wrong.

use std::borrow::Cow;

use domain::analysis::DataQualityItem;
use ontology::FieldId;

use super::{Analyzer, Outcome};
use crate::engine::{
    allowed,
    context::Context,
    finding::{self, CostClass, Story, claim},
    metric::{AmountUnit, Metric},
    observations::Kind,
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

fn run(context: &Context<'_>) -> Outcome {
    let plant = context.plant;
    let frame = if allowed::hours(&plant.operations).is_some() { &plant.operations } else { &plant.orders };
    let Some((actual, planned)) = allowed::hours(frame) else { return Outcome::default() };
    let allowed = if std::ptr::eq(frame, &raw const plant.operations) {
        context.allowed().map(|allowed| Cow::Borrowed(&allowed.hours))
    } else {
        Some(Cow::Owned(allowed::of(plant, frame, actual, planned)))
    };
    let Some(allowed) = allowed else { return Outcome::default() };
    let valued = (0..frame.len).any(|row| value::hour(plant, frame, row).is_finite());
    let unit = if valued { AmountUnit::Money } else { AmountUnit::Hours };
    let mut metric = Metric::new(plant, frame, Kind::LogRatio, unit, ["Hours", "Hours allowed"]);
    for (row, allowed) in allowed.iter().copied().map(f64::from).enumerate() {
        let Some(spent) = frame.number(actual, row) else { continue };
        // A keying error of ten times is not ten times the loss.
        let plausible = spent.min(allowed * 4.0);
        let worth = if valued { value::hour(plant, frame, row) } else { 1.0 };
        metric.push_ratio(row, spent, allowed, plausible * worth);
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
