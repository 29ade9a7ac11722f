//! Time of orders and resources: execution, waiting, and the union of what was booked on a resource.

use datafusion::prelude::SessionContext;
use domain::analysis::KpiValue;
use ontology::Entity;

use super::{has, median, scope, value};
use crate::{
    canonical::{Canonical, read},
    error::AnalyzeError,
    query::table_name,
};

const HOUR: f64 = 3_600_000_000.0;

pub(super) async fn compute(
    session: &SessionContext,
    canonical: &Canonical,
) -> Result<Vec<KpiValue>, AnalyzeError> {
    let mut values = Vec::new();
    if has(canonical, Entity::WorkOrder, "actual_start") && has(canonical, Entity::WorkOrder, "actual_end") {
        orders(session, canonical, &mut values).await?;
    }
    let timed = |entity: Entity| {
        ["operation_actual_start", "operation_actual_end"].iter().all(|name| has(canonical, entity, name))
    };
    if let Some(entity) = [Entity::Booking, Entity::Operation].into_iter().find(|entity| timed(*entity)) {
        for by in ["machine_id", "work_center_id"].into_iter().filter(|by| has(canonical, entity, by)) {
            for row in read::rows(session, &busy(entity, by)).await? {
                if let (Some(name), Some(hours)) = (row[0].text(), row[1].number()) {
                    values.extend(value("busy_hours", hours, 1.0, scope(by, name), None));
                }
            }
        }
    }
    if let Some(entity) = [Entity::Booking, Entity::Operation].into_iter().find(|entity| timed(*entity)) {
        // The time in which nothing was booked on an order, over the time from its first start to its last end.
        let query = format!(
            "SELECT sum(wait) / {HOUR:?}, sum(CASE WHEN opens THEN last_end - start_at END) / {HOUR:?} FROM (\
             SELECT CASE WHEN reached < start_at THEN start_at - reached ELSE 0 END AS wait, start_at, reached IS NULL AS opens, \
             max(end_at) OVER (PARTITION BY order_key) AS last_end FROM (\
             SELECT order_key, start_at, end_at, max(end_at) OVER (PARTITION BY order_key ORDER BY start_at, end_at, source_row \
             ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS reached FROM ({})))",
            intervals(entity, "order_key")
        );
        let sums = read::rows(session, &query).await?;
        if let Some(row) = sums.first()
            && let (Some(wait), Some(lead)) = (row[0].number(), row[1].number())
            && lead > 0.0
        {
            values.extend(value(
                "queue_time_share",
                wait,
                lead,
                Vec::new(),
                Some(
                    "calendar time in which nothing was booked on the order, nights and weekends included"
                        .to_owned(),
                ),
            ));
        }
    }
    Ok(values)
}

async fn orders(
    session: &SessionContext,
    canonical: &Canonical,
    values: &mut Vec<KpiValue>,
) -> Result<(), AnalyzeError> {
    let column = |name: &'static str| {
        if has(canonical, Entity::WorkOrder, name) { name } else { "CAST(NULL AS DOUBLE)" }
    };
    let query = format!(
        "SELECT median(hours), CAST(count(hours) AS DOUBLE), \
         sum(CASE WHEN made IS NOT NULL THEN hours END), sum(made), \
         sum(CASE WHEN run IS NOT NULL THEN hours END), sum(run), sum(run + coalesce(setup, 0.0) + coalesce(down, 0.0)) FROM (\
         SELECT (CAST(actual_end AS BIGINT) - CAST(actual_start AS BIGINT)) / {HOUR:?} AS hours, \
         {} + coalesce({}, 0.0) AS made, {} AS run, {} AS setup, {} AS down \
         FROM work_orders WHERE actual_start < actual_end)",
        column("quantity_completed"),
        column("quantity_scrapped"),
        column("actual_run_hours"),
        column("actual_setup_hours"),
        column("downtime_hours"),
    );
    let Some(row) = read::rows(session, &query).await?.into_iter().next() else { return Ok(()) };
    let number = |idx: usize| row.get(idx).and_then(read::Value::number);
    if let (Some(hours), Some(n)) = (number(0), number(1)) {
        values.extend(median("lead_time", hours, n, "orders, from first start to last end"));
    }
    for (id, over, under) in
        [("throughput_rate", 3, 2), ("production_process_ratio", 5, 4), ("allocation_ratio", 6, 4)]
    {
        if let (Some(n), Some(d)) = (number(over), number(under))
            && d > 0.0
        {
            values.extend(value(id, n, d, Vec::new(), None));
        }
    }
    Ok(())
}

/// Rows with both ends, as microseconds.
fn intervals(entity: Entity, by: &str) -> String {
    format!(
        "SELECT {by}, source_row, CAST(operation_actual_start AS BIGINT) AS start_at, CAST(operation_actual_end AS BIGINT) AS end_at \
         FROM {} WHERE operation_actual_start <= operation_actual_end AND {by} IS NOT NULL",
        table_name(entity)
    )
}

/// Hours in which each resource had at least one booking.
fn busy(entity: Entity, by: &str) -> String {
    format!(
        "SELECT {by}, sum(CASE WHEN reached IS NULL OR reached <= start_at THEN end_at - start_at \
         WHEN reached < end_at THEN end_at - reached ELSE 0 END) / {HOUR:?} FROM (\
         SELECT {by}, start_at, end_at, max(end_at) OVER (PARTITION BY {by} ORDER BY start_at, end_at, source_row \
         ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS reached FROM ({})) GROUP BY {by} ORDER BY {by}",
        intervals(entity, by)
    )
}
