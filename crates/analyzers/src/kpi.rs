//! Key figures: ratios of sums, each with its numerator and denominator, for the plant and for its parts.
//!
//! A figure over 100 % is shown and flagged, never clipped. Where no planned time is known, times are "of the time any
//! work was booked".

mod delivery;
mod equipment;
pub(crate) mod ratios;
pub(crate) mod reliability;
mod spans;
mod standard;
mod time;

use domain::analysis::{EntityRef, KpiValue};
use ontology::{Entity, FieldId};
pub use standard::{StandardKpi, needs, standard};

use crate::{canonical::Canonical, error::AnalyzeError, query};

/// All key figures that the data allow, in the order of the ontology, then by scope. It blocks.
pub fn compute(canonical: &Canonical) -> Result<Vec<KpiValue>, AnalyzeError> {
    query::block_on(&canonical.limits, run(canonical))
}

async fn run(canonical: &Canonical) -> Result<Vec<KpiValue>, AnalyzeError> {
    let session = query::open(canonical).await?;
    let mut values = ratios::compute(&session, canonical).await?;
    values.extend(time::compute(&session, canonical).await?);
    values.extend(delivery::compute(&session, canonical).await?);
    values.extend(reliability::compute(&session, canonical).await?);
    values.extend(equipment::compute(&session, canonical).await?);
    let place = |id: &str| ontology::kpi::all().iter().position(|kpi| kpi.id == id);
    values.sort_by(|a, b| place(a.id).cmp(&place(b.id)).then_with(|| a.scope.cmp(&b.scope)));
    values.dedup_by(|a, b| a.id == b.id && a.scope == b.scope);
    Ok(values)
}

/// Whether a table holds a field in any row.
fn has(canonical: &Canonical, entity: Entity, name: &str) -> bool {
    FieldId::named(name).is_some_and(|field| canonical.fill(entity, field) > 0.0)
}

/// One figure; `None` where it can not be stated.
fn value(
    id: &str,
    numerator: f64,
    denominator: f64,
    scope: Vec<EntityRef>,
    note: Option<String>,
) -> Option<KpiValue> {
    let kpi = ontology::kpi::named(id)?;
    let ratio = numerator / denominator;
    if !ratio.is_finite() {
        return None;
    }
    let over = kpi.unit == "1" && ratio > 1.0 + 1e-9;
    let over = over && !matches!(id, "actual_to_planned_scrap_ratio" | "finished_goods_ratio" | "cost_index");
    let against_plan = matches!(
        id,
        "effectiveness"
            | "labor_efficiency"
            | "setup_efficiency"
            | "oee_index"
            | "nee_index"
            | "equipment_load_ratio"
    );
    let flag = if against_plan {
        "over 100 %: less time than planned was needed, so the standard is too easy or times are not all booked"
    } else {
        "over 100 %: a time or a quantity behind it is wrong"
    };
    let flag = flag.to_owned();
    let note = match (note, over) {
        (Some(note), true) => Some(format!("{note}; {flag}")),
        (None, true) => Some(flag),
        (note, false) => note,
    };
    Some(KpiValue { id: kpi.id, value: ratio, unit: kpi.unit, numerator, denominator, scope, note })
}

/// The median of `n` values.
fn median(id: &str, median: f64, n: f64, note: &str) -> Option<KpiValue> {
    let kpi = ontology::kpi::named(id)?;
    (median.is_finite() && n > 0.0).then(|| KpiValue {
        id: kpi.id,
        value: median,
        unit: kpi.unit,
        numerator: median,
        denominator: 1.0,
        scope: Vec::new(),
        note: Some(format!("median of {n} {note}")),
    })
}

fn scope(field: &str, name: &str) -> Vec<EntityRef> {
    FieldId::named(field).map(|field| EntityRef { field, value: name.to_owned() }).into_iter().collect()
}
