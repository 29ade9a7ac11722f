//! Operations: from operation files, completed by bookings, or rolled up from bookings alone.

use std::collections::BTreeSet;

use datafusion::prelude::SessionContext;
use ontology::{Entity, FieldId, FieldType};

use super::{
    level::{View, define},
    merge::{self, Contribution},
    read,
};
use crate::error::AnalyzeError;

/// Fields of bookings that say something about their operation.
const OF_BOOKINGS: [&str; 7] = [
    "labor_rate",
    "standard_labor_rate",
    "machine_rate",
    "standard_machine_rate",
    "shift",
    "crew_size",
    "booking_date",
];

/// What an operation can hold of a view: its own fields, parts of order figures, rates and shift.
fn own_fields(view: &View) -> BTreeSet<FieldId> {
    view.fields
        .iter()
        .copied()
        .filter(|field| {
            let entity = field.definition().entity;
            entity == Entity::Operation
                || (entity == Entity::WorkOrder && view.parts.contains(field))
                || OF_BOOKINGS.contains(&field.as_str())
                || matches!(field.as_str(), "actual_labor_hours" | "downtime_hours" | "supplier_id")
        })
        .collect()
}

/// Rows of operations: a query, its fields, and whether rows already stand in the order of their file.
pub(crate) struct Operations {
    pub(crate) query: String,
    pub(crate) fields: BTreeSet<FieldId>,
    pub(crate) in_file_order: bool,
}

pub(crate) async fn plan(
    session: &SessionContext,
    operations: &[&View],
    bookings: Option<&View>,
) -> Result<Option<Operations>, AnalyzeError> {
    let known: BTreeSet<FieldId> = operations.iter().flat_map(|view| own_fields(view)).collect();
    let added: BTreeSet<FieldId> = bookings.map_or_else(BTreeSet::new, |view| {
        own_fields(view)
            .into_iter()
            .filter(|field| !known.contains(field))
            .filter(|field| {
                let figure = matches!(field.definition().type_, FieldType::Number | FieldType::Timestamp);
                operations.is_empty() || (figure && field.as_str() != "booking_date")
            })
            .collect()
    });
    if let ([only], true) = (operations, added.is_empty()) {
        let counts = read::numbers(
            session,
            &format!(
                "SELECT CAST(count(operation_key) AS DOUBLE), CAST(count(DISTINCT operation_key) AS DOUBLE) FROM {}",
                only.name
            ),
        )
        .await?;
        if counts[0] == counts[1] {
            let fields: BTreeSet<FieldId> = own_fields(only);
            let select: Vec<String> = fields.iter().map(|field| format!("\"{field}\"")).collect();
            let query = format!(
                "SELECT source_file, source_row, order_key, operation_key, {} FROM {}",
                select.join(", "),
                only.name
            );
            return Ok(Some(with_planned_hours(query, fields, true)));
        }
    }
    let mut contributions: Vec<Contribution> =
        operations.iter().rev().map(|view| merge::gather(view, "operation_key", &own_fields(view))).collect();
    if let Some(bookings) = bookings
        && (operations.is_empty() || !added.is_empty())
    {
        let wanted = if operations.is_empty() { own_fields(bookings) } else { added };
        contributions.push(merge::gather(bookings, "operation_key", &wanted));
    }
    if contributions.is_empty() {
        return Ok(None);
    }
    let merged = merge::merge(&contributions, "operation_key");
    Ok(Some(with_planned_hours(merged.query, merged.fields, false)))
}

/// A standard per piece becomes planned hours where the pieces are known and no planned hours are.
fn with_planned_hours(query: String, mut fields: BTreeSet<FieldId>, in_file_order: bool) -> Operations {
    let has = |name: &str| fields.iter().any(|field| field.as_str() == name);
    let pieces = if has("operation_quantity_in") {
        Some("\"operation_quantity_in\"".to_owned())
    } else if has("operation_quantity_completed") && has("operation_quantity_scrapped") {
        Some("(\"operation_quantity_completed\" + coalesce(\"operation_quantity_scrapped\", 0.0))".to_owned())
    } else if has("operation_quantity_completed") {
        Some("\"operation_quantity_completed\"".to_owned())
    } else {
        None
    };
    let hours_per_piece = if has("standard_cycle_time") {
        Some("\"standard_cycle_time\" / 3600.0")
    } else if has("standard_rate") {
        Some("1.0 / nullif(\"standard_rate\", 0.0)")
    } else {
        None
    };
    let planned = FieldId::named("planned_run_hours");
    if let (Some(pieces), Some(hours), Some(planned), false) =
        (pieces, hours_per_piece, planned, has("planned_run_hours"))
    {
        fields.insert(planned);
        return Operations {
            query: format!("SELECT *, {hours} * {pieces} AS \"{planned}\" FROM ({query})"),
            fields,
            in_file_order,
        };
    }
    Operations { query, fields, in_file_order }
}

/// The clause that puts operations in order where it is not that of their file.
pub(crate) fn order(operations: &Operations) -> String {
    let sequence = if operations.fields.iter().any(|field| field.as_str() == "operation_sequence") {
        "TRY_CAST(\"operation_sequence\" AS DOUBLE), "
    } else {
        ""
    };
    format!(" ORDER BY order_key, {sequence}source_file, source_row, operation_key")
}

/// What operations add up to for their orders.
pub(crate) async fn of_orders(
    session: &SessionContext,
    fields: &BTreeSet<FieldId>,
) -> Result<Contribution, AnalyzeError> {
    let has = |name: &str| fields.iter().any(|field| field.as_str() == name);
    let mut select: Vec<String> =
        ["order_key", "min(source_file) AS source_file", "min(source_row) AS source_row"]
            .map(str::to_owned)
            .to_vec();
    let mut out = BTreeSet::new();
    let mut put = |name: &str, value: String| {
        if let Some(field) = FieldId::named(name)
            && out.insert(field)
        {
            select.push(format!("{value} AS \"{name}\""));
        }
    };
    for (from, to, how) in [
        ("operation_actual_start", "actual_start", "min"),
        ("operation_actual_end", "actual_end", "max"),
        ("operation_planned_start", "planned_start", "min"),
        ("operation_planned_end", "planned_end", "max"),
        ("operation_quantity_scrapped", "quantity_scrapped", "sum"),
        ("operation_quantity_reworked", "quantity_reworked", "sum"),
        ("operation_quantity_on_hold", "quantity_on_hold", "sum"),
    ] {
        if has(from) {
            let value = format!("\"{from}\"");
            put(to, if how == "sum" { merge::sum(&value) } else { format!("{how}({value})") });
        }
    }
    if has("operation_quantity_completed") {
        let mut by = Vec::new();
        if has("operation_sequence") {
            by.push("TRY_CAST(\"operation_sequence\" AS DOUBLE) NULLS FIRST");
        }
        if has("operation_actual_end") {
            by.push("\"operation_actual_end\" NULLS FIRST");
        }
        by.push("source_row");
        // Where nothing names a step, machines that worked on an order shared its pieces; steps pass them on.
        let steps =
            ["operation_sequence", "operation_code", "operation_name", "work_center_id"].into_iter().any(has);
        let value = if steps {
            format!(
                "last_value(\"operation_quantity_completed\" ORDER BY {}) FILTER (WHERE \"operation_quantity_completed\" IS NOT NULL)",
                by.join(", ")
            )
        } else {
            merge::sum("\"operation_quantity_completed\"")
        };
        put("quantity_completed", value);
    }
    for field in fields {
        let definition = field.definition();
        let adds = definition.type_ == FieldType::Number
            && definition.roll_up == ontology::RollUp::Sum
            && !field.as_str().starts_with("operation_quantity");
        if adds {
            put(field.as_str(), merge::sum(&format!("\"{field}\"")));
        }
    }
    let name = "operations_of_orders";
    define(
        session,
        name,
        &format!(
            "SELECT {} FROM operations WHERE order_key IS NOT NULL GROUP BY order_key",
            select.join(", ")
        ),
    )
    .await?;
    Ok(Contribution { query: format!("SELECT * FROM {name}"), fields: out })
}
