//! What the data allow: the tier, and the period they are about. A field counts where it is mapped and filled.

use domain::analysis::Period;
use jiff::{Timestamp, tz::Offset};
use ontology::{Entity, FieldId};

use crate::{
    canonical::{Canonical, read},
    error::AnalyzeError,
    query,
};

/// The share of rows of a table that must hold a field before an analysis may rest on it.
pub const LEAST_FILL: f64 = 0.2;

/// Records are rare by nature: a reason stands only where something went wrong.
const RECORDS: [Entity; 2] = [Entity::Quality, Entity::Equipment];

/// Whether the field is mapped and filled in any table.
pub fn filled(canonical: &Canonical, name: &str) -> bool {
    let Some(field) = FieldId::named(name) else { return false };
    canonical.tables.keys().any(|entity| {
        let fill = canonical.fill(*entity, field);
        if RECORDS.contains(entity) { fill > 0.0 } else { fill >= LEAST_FILL }
    })
}

fn any(canonical: &Canonical, names: &[&str]) -> bool {
    names.iter().any(|name| filled(canonical, name))
}

/// 0: order totals. 1: with product, material, supplier or customer and dates. 2: with operations, their hours and
/// quantities. 3: with machine, start and end. 4: with shift, defect or reason of stoppage. 5: with maintenance, energy,
/// price standards and a calendar.
pub fn tier(canonical: &Canonical) -> u8 {
    let steps = [
        any(
            canonical,
            &["product_id", "product_name", "product_family", "material_id", "supplier_id", "customer_id"],
        ) && any(
            canonical,
            &[
                "order_date",
                "release_date",
                "due_date",
                "actual_start",
                "actual_end",
                "close_date",
                "planned_start",
                "booking_date",
                "operation_actual_start",
                "receipt_date",
            ],
        ),
        canonical.tables.contains_key(&Entity::Operation)
            && any(
                canonical,
                &[
                    "actual_run_hours",
                    "actual_setup_hours",
                    "actual_labor_hours",
                    "actual_machine_hours",
                    "booking_hours",
                ],
            )
            && any(
                canonical,
                &[
                    "operation_quantity_completed",
                    "operation_quantity_in",
                    "quantity_completed",
                    "quantity_ordered",
                ],
            ),
        any(canonical, &["machine_id", "work_center_id"])
            && filled(canonical, "operation_actual_start")
            && filled(canonical, "operation_actual_end"),
        any(canonical, &["shift", "employee_id", "defect_code", "defect_description", "downtime_reason"]),
        any(canonical, &["maintenance_date", "maintenance_type"])
            && filled(canonical, "energy_kwh")
            && any(canonical, &["material_standard_cost", "standard_labor_rate", "standard_machine_rate"])
            && filled(canonical, "planned_production_hours"),
    ];
    steps.iter().take_while(|step| **step).count() as u8
}

/// The days that the data are about, by what was done and not by what was planned; one day in two hundred at either end
/// may be a keying error and does not stretch it.
pub fn period(canonical: &Canonical) -> Result<Option<Period>, AnalyzeError> {
    query::block_on(&canonical.limits, async {
        let session = query::open(canonical).await?;
        for (entity, name) in [
            (Entity::Booking, "operation_actual_start"),
            (Entity::Booking, "booking_date"),
            (Entity::Operation, "operation_actual_start"),
            (Entity::WorkOrder, "actual_end"),
            (Entity::WorkOrder, "actual_start"),
            (Entity::WorkOrder, "close_date"),
            (Entity::WorkOrder, "release_date"),
            (Entity::WorkOrder, "order_date"),
            (Entity::WorkOrder, "due_date"),
            (Entity::Material, "receipt_date"),
            (Entity::Equipment, "downtime_start"),
        ] {
            let Some(field) = FieldId::named(name) else { continue };
            if canonical.fill(entity, field) < LEAST_FILL {
                continue;
            }
            let query = format!(
                "WITH days AS (SELECT CAST({name} AS BIGINT) AS at FROM {} WHERE {name} IS NOT NULL) \
                 SELECT CAST(min(at) AS DOUBLE), CAST(max(at) AS DOUBLE) FROM days, \
                 (SELECT approx_percentile_cont(at, 0.005) AS lo, approx_percentile_cont(at, 0.995) AS hi FROM days) ends \
                 WHERE at BETWEEN lo - (hi - lo) / 4 - 86400000000 AND hi + (hi - lo) / 4 + 86400000000",
                query::table_name(entity)
            );
            let rows = read::rows(&session, &query).await?;
            if let Some(row) = rows.first()
                && let (Some(from), Some(to)) = (row[0].number(), row[1].number())
                && let (Some(start), Some(end)) = (day(from), day(to))
            {
                return Ok(Some(Period { start, end }));
            }
        }
        Ok(None)
    })
}

/// The ISO date of microseconds since 1970.
fn day(micros: f64) -> Option<String> {
    let moment = Timestamp::from_microsecond(micros as i64).ok()?;
    Some(Offset::UTC.to_datetime(moment).date().to_string())
}
