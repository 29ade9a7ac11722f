//! Delivery: orders against their due dates, operations against their planned starts.

use datafusion::prelude::SessionContext;
use domain::analysis::KpiValue;
use ontology::Entity;

use super::{has, median, value};
use crate::{
    canonical::{Canonical, read},
    error::AnalyzeError,
};

const DAY: f64 = 86_400_000_000.0;

pub(super) async fn compute(
    session: &SessionContext,
    canonical: &Canonical,
) -> Result<Vec<KpiValue>, AnalyzeError> {
    let mut values = Vec::new();
    let due = ["due_date", "promised_date", "required_date"]
        .into_iter()
        .find(|name| has(canonical, Entity::WorkOrder, name));
    let end = ["actual_end", "close_date", "ship_date"]
        .into_iter()
        .find(|name| has(canonical, Entity::WorkOrder, name));
    if let (Some(due), Some(end)) = (due, end) {
        // A due date without a time of day is kept until that day is over.
        let query = format!(
            "SELECT CAST(sum(CASE WHEN late IS NOT NULL AND late <= 0 THEN 1 ELSE 0 END) AS DOUBLE), \
             CAST(sum(CASE WHEN late IS NOT NULL OR due < horizon THEN 1 ELSE 0 END) AS DOUBLE), \
             median(CASE WHEN late > 0 THEN days END), CAST(sum(CASE WHEN late > 0 THEN 1 ELSE 0 END) AS DOUBLE) FROM (\
             SELECT due, ended - due AS late, (ended - due) / {DAY:?} AS days, max(ended) OVER () AS horizon FROM (\
             SELECT CAST({due} AS BIGINT) + CASE WHEN CAST({due} AS BIGINT) % 86400000000 = 0 THEN 86399999999 ELSE 0 END AS due, \
             CAST({end} AS BIGINT) AS ended FROM work_orders WHERE {due} IS NOT NULL))"
        );
        if let Some(row) = read::rows(session, &query).await?.first() {
            if let (Some(kept), Some(all)) = (row[0].number(), row[1].number()) {
                let note = format!("{end} by {due}; overdue orders that are not finished count as late");
                values.extend(value("on_time_delivery", kept, all, Vec::new(), Some(note)));
            }
            if let (Some(days), Some(n)) = (row[2].number(), row[3].number()) {
                values.extend(median("median_days_late", days, n, "late orders"));
            }
        }
    }
    if has(canonical, Entity::Operation, "operation_planned_start")
        && has(canonical, Entity::Operation, "operation_actual_start")
    {
        let query = format!(
            "SELECT CAST(sum(CASE WHEN abs(CAST(operation_actual_start AS BIGINT) - CAST(operation_planned_start AS BIGINT)) <= {DAY:?} THEN 1 ELSE 0 END) AS DOUBLE), \
             CAST(count(*) AS DOUBLE) FROM operations WHERE operation_actual_start IS NOT NULL AND operation_planned_start IS NOT NULL"
        );
        let counts = read::numbers(session, &query).await?;
        values.extend(value(
            "schedule_adherence",
            counts[0],
            counts[1],
            Vec::new(),
            Some("begun within one day of the plan".to_owned()),
        ));
    }
    Ok(values)
}
