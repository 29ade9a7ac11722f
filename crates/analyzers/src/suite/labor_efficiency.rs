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
    let center = metric.attribute("work_center_id", &["product_id"]);
    let product = metric.attribute("product_id", &["step"]);
    metric.attribute("shift", &["product_id", "step"]);
    metric.attribute("facility_id", &["product_id"]);
    metric.attribute("tool_id", &["product_id", "step"]);
    metric.by_facility();
    // A family is told through its products, or where it is made; what people act on is one of these.
    let family = metric.attribute("product_family", &["step"]);
    metric.pair(machine, family);
    if product.is_none() {
        metric.pair(center, family);
    }
    metric.forget(family);
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
                "product_id" => "other products at the same operations",
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

#[cfg(test)]
mod tests {
    use domain::Settings;

    use crate::engine::{
        bench::{FIRST_DAY, chance, frame, loose, plant, run, said},
        plant::Plant,
    };

    /// Three years of nine products in three families on four machines; `extra` is how much longer an order takes.
    fn works(extra: impl Fn(usize) -> f64, products: bool) -> Plant {
        let product = |row: usize| (chance(row + 5_000) * 9.0) as usize;
        let mut orders = frame(3_600, |row| row as u32)
            .with_words("work_order_id", |row| format!("W{row}"))
            .with_words("product_family", move |row| ["A", "B", "C"][product(row) / 3]);
        if products {
            orders = orders.with_words("product_id", move |row| format!("P{}", product(row)));
        }
        let operations = frame(3_600, |row| row as u32)
            .with_words("operation_code", |_| "MILL")
            .with_words("work_center_id", |row| format!("WC{}", row % 4 / 2))
            .with_words("machine_id", |row| format!("M{}", row % 4))
            .with_days("operation_actual_start", |row| FIRST_DAY + row as f64 / 10.0)
            .with_numbers("planned_run_hours", |_| 2.0)
            .with_numbers("labor_rate", |_| 30.0)
            .with_numbers("actual_run_hours", move |row| {
                2.0 * (1.0 + extra(row)) * (0.9 + 0.2 * chance(row))
            });
        plant(orders, operations, loose(0), 360.0)
    }

    #[test]
    fn a_machine_that_slows_down_is_dated_and_projected() {
        let plant =
            works(|row| if row % 4 == 2 { (row as f64 / 10.0 - 120.0).max(0.0) / 600.0 } else { 0.0 }, true);
        let findings = run("labor_efficiency", &plant, &Settings::default()).findings;
        let slow = findings.iter().find(|one| one.type_ == "run_time_degradation").expect("a drift");
        assert_eq!(slow.entities[0].value, "M2");
        assert!(slow.start.is_some());
        let said =
            slow.observations.iter().find(|line| line.starts_with("At this pace")).expect("projection");
        assert!(said.contains("a projection over 90 days, not a measurement"), "{said}");
        let shares: Vec<f64> = said
            .split([' ', ',', ':'])
            .filter_map(|word| word.strip_suffix('%'))
            .map(|share| share.parse::<f64>().unwrap() / 100.0)
            .collect();
        let now = slow.effect.value - 1.0;
        assert!(shares[0] > now && shares[0] < 2.0 * now, "{said} from {now}");
        assert!(shares[1] <= shares[0] && shares[0] <= shares[2], "{said}");
    }

    #[test]
    fn a_slow_family_is_told_through_what_it_is_made_of() {
        let family = |row: usize| (chance(row + 5_000) * 9.0) as usize / 3;
        let slow = |row: usize| if family(row) == 2 { 0.4 } else { 0.0 };
        for products in [true, false] {
            for told in said("labor_efficiency", &works(slow, products)) {
                let field = told.split(' ').nth(1).unwrap();
                assert!(["P", "W", "M"].iter().any(|first| field.starts_with(first)), "{told}");
            }
        }
        let told = said("labor_efficiency", &works(slow, true)).join(", ");
        assert!(["P6", "P7", "P8"].iter().all(|product| told.contains(product)), "{told}");
        let told = said("labor_efficiency", &works(slow, false)).join(", ");
        assert!(told.contains("WC0 C") && told.contains("WC1 C"), "{told}");
    }
}
