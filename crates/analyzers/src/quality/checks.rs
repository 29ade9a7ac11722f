//! Rows that contradict themselves, as conditions on one row.

use datafusion::prelude::SessionContext;
use domain::analysis::DataQualityItem;
use ontology::{Entity, FieldId};

use super::{EXAMPLES, has_all, places};
use crate::{
    canonical::{Canonical, read},
    error::AnalyzeError,
    query::table_name,
};

/// One check of a table: its kind, the fields it takes, the condition, and what it says of `{n}` rows.
struct Check {
    kind: &'static str,
    table: Entity,
    needs: &'static [&'static str],
    condition: &'static str,
    sentence: &'static str,
    field: &'static str,
}

use Entity::{Booking, Equipment, Material, Operation, WorkOrder};

const CHECKS: &[Check] = &[
    Check {
        kind: "end_before_start",
        table: Booking,
        needs: &["operation_actual_start", "operation_actual_end"],
        condition: "operation_actual_end < operation_actual_start",
        sentence: "{n} bookings end before they start.",
        field: "operation_actual_end",
    },
    Check {
        kind: "end_before_start",
        table: Operation,
        needs: &["operation_actual_start", "operation_actual_end"],
        condition: "operation_actual_end < operation_actual_start",
        sentence: "{n} operations end before they start.",
        field: "operation_actual_end",
    },
    Check {
        kind: "end_before_start",
        table: WorkOrder,
        needs: &["actual_start", "actual_end"],
        condition: "actual_end < actual_start",
        sentence: "{n} orders end before they start.",
        field: "actual_end",
    },
    Check {
        kind: "end_before_start",
        table: Equipment,
        needs: &["downtime_start", "downtime_end"],
        condition: "downtime_end < downtime_start",
        sentence: "{n} stoppages end before they start.",
        field: "downtime_end",
    },
    Check {
        kind: "missing_start_or_end",
        table: Booking,
        needs: &["operation_actual_start", "operation_actual_end"],
        condition: "(operation_actual_start IS NULL) <> (operation_actual_end IS NULL)",
        sentence: "{n} bookings have only one of start and end.",
        field: "operation_actual_start",
    },
    Check {
        kind: "missing_start_or_end",
        table: Operation,
        needs: &["operation_actual_start", "operation_actual_end"],
        condition: "(operation_actual_start IS NULL) <> (operation_actual_end IS NULL)",
        sentence: "{n} operations have only one of start and end.",
        field: "operation_actual_start",
    },
    Check {
        kind: "conflicting_span",
        table: Booking,
        needs: &["operation_actual_start", "operation_actual_end", "actual_run_hours"],
        condition: "coalesce(actual_run_hours, 0.0) > (CAST(operation_actual_end AS BIGINT) - CAST(operation_actual_start AS BIGINT)) / 3600000000.0 * 1.5 + 0.5",
        sentence: "{n} bookings hold more hours than passed between their start and end.",
        field: "actual_run_hours",
    },
    Check {
        kind: "impossible_order",
        table: WorkOrder,
        needs: &["order_date", "due_date"],
        condition: "due_date < date_trunc('day', order_date)",
        sentence: "{n} orders were due before they were entered.",
        field: "due_date",
    },
    Check {
        kind: "impossible_order",
        table: WorkOrder,
        needs: &["order_date", "actual_end"],
        condition: "actual_end < date_trunc('day', order_date)",
        sentence: "{n} orders were finished before they were entered.",
        field: "actual_end",
    },
    Check {
        kind: "impossible_order",
        table: WorkOrder,
        needs: &["release_date", "actual_end"],
        condition: "actual_end < date_trunc('day', release_date)",
        sentence: "{n} orders were finished before they were released.",
        field: "actual_end",
    },
    Check {
        kind: "negative_value",
        table: WorkOrder,
        needs: &["quantity_completed"],
        condition: "quantity_completed < 0",
        sentence: "{n} orders made a negative quantity.",
        field: "quantity_completed",
    },
    Check {
        kind: "negative_value",
        table: WorkOrder,
        needs: &["quantity_ordered"],
        condition: "quantity_ordered < 0",
        sentence: "{n} orders ask for a negative quantity.",
        field: "quantity_ordered",
    },
    Check {
        kind: "negative_value",
        table: Operation,
        needs: &["operation_quantity_completed"],
        condition: "operation_quantity_completed < 0",
        sentence: "{n} operations made a negative quantity.",
        field: "operation_quantity_completed",
    },
    Check {
        kind: "negative_value",
        table: Operation,
        needs: &["operation_quantity_scrapped"],
        condition: "operation_quantity_scrapped < 0",
        sentence: "{n} operations scrapped a negative quantity.",
        field: "operation_quantity_scrapped",
    },
    Check {
        kind: "negative_value",
        table: Operation,
        needs: &["actual_run_hours"],
        condition: "actual_run_hours < 0",
        sentence: "{n} operations hold negative run time.",
        field: "actual_run_hours",
    },
    Check {
        kind: "negative_value",
        table: Material,
        needs: &["planned_material_quantity"],
        condition: "planned_material_quantity < 0",
        sentence: "{n} component lines require a negative quantity.",
        field: "planned_material_quantity",
    },
    Check {
        kind: "scrap_over_quantity",
        table: Operation,
        needs: &["operation_quantity_scrapped", "operation_quantity_in"],
        condition: "operation_quantity_scrapped > operation_quantity_in AND operation_quantity_in > 0",
        sentence: "{n} operations scrapped more than arrived at them.",
        field: "operation_quantity_scrapped",
    },
    Check {
        kind: "scrap_over_quantity",
        table: WorkOrder,
        needs: &["quantity_scrapped", "quantity_ordered"],
        condition: "quantity_scrapped > quantity_ordered AND quantity_ordered > 0",
        sentence: "{n} orders scrapped more than they were to make.",
        field: "quantity_scrapped",
    },
    Check {
        kind: "date_outside_period",
        table: Operation,
        needs: &["operation_actual_start"],
        condition: "abs(CAST(operation_actual_start AS BIGINT) - (SELECT approx_median(CAST(operation_actual_start AS BIGINT)) FROM operations)) > 157680000000000",
        sentence: "{n} operations lie more than five years from the rest.",
        field: "operation_actual_start",
    },
    Check {
        kind: "date_outside_period",
        table: WorkOrder,
        needs: &["due_date"],
        condition: "abs(CAST(due_date AS BIGINT) - (SELECT approx_median(CAST(due_date AS BIGINT)) FROM work_orders)) > 315360000000000",
        sentence: "{n} orders are due more than ten years from the rest.",
        field: "due_date",
    },
];

pub(super) async fn run(
    session: &SessionContext,
    canonical: &Canonical,
) -> Result<Vec<DataQualityItem>, AnalyzeError> {
    let mut items = Vec::new();
    for table in Entity::ALL {
        let checks: Vec<&Check> = CHECKS
            .iter()
            .filter(|check| check.table == table && has_all(canonical, table, check.needs))
            .collect();
        if checks.is_empty() {
            continue;
        }
        let counts: Vec<String> = checks
            .iter()
            .enumerate()
            .map(|(idx, check)| {
                format!("CAST(sum(CASE WHEN {} THEN 1 ELSE 0 END) AS DOUBLE) AS n{idx}", check.condition)
            })
            .collect();
        let counts =
            read::numbers(session, &format!("SELECT {} FROM {}", counts.join(", "), table_name(table)))
                .await?;
        for (check, n) in checks.into_iter().zip(counts).filter(|(_, n)| *n > 0.0) {
            items.push(item(session, canonical, check, n as u64).await?);
        }
    }
    items.extend(unknown_orders(session, canonical).await?);
    Ok(items)
}

async fn item(
    session: &SessionContext,
    canonical: &Canonical,
    check: &Check,
    n: u64,
) -> Result<DataQualityItem, AnalyzeError> {
    let query = format!(
        "SELECT source_file, source_row FROM {} WHERE {} ORDER BY source_file, source_row LIMIT {EXAMPLES}",
        table_name(check.table),
        check.condition
    );
    Ok(DataQualityItem {
        kind: check.kind,
        sentence: check.sentence.replace("{n}", &n.to_string()),
        rows: n,
        examples: places(canonical, &read::rows(session, &query).await?),
        field: FieldId::named(check.field),
    })
}

/// Orders that only finer files know: their product, customer and dates are missing.
async fn unknown_orders(
    session: &SessionContext,
    canonical: &Canonical,
) -> Result<Option<DataQualityItem>, AnalyzeError> {
    if !has_all(canonical, WorkOrder, &["product_id"]) {
        return Ok(None);
    }
    let missing = "product_id IS NULL";
    let n =
        read::numbers(session, &format!("SELECT CAST(count(*) AS DOUBLE) FROM work_orders WHERE {missing}"))
            .await?[0];
    if n == 0.0 {
        return Ok(None);
    }
    let query = format!(
        "SELECT source_file, source_row FROM work_orders WHERE {missing} ORDER BY source_file, source_row LIMIT {EXAMPLES}"
    );
    Ok(Some(DataQualityItem {
        kind: "order_unknown",
        sentence: format!(
            "{n} orders have no product: they are missing in the list of orders, or have none there."
        ),
        rows: n as u64,
        examples: places(canonical, &read::rows(session, &query).await?),
        field: FieldId::named("product_id"),
    }))
}
