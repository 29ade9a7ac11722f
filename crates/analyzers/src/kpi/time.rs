//! Time of orders and resources: execution, waiting, and the union of what was booked on a resource.

use datafusion::prelude::SessionContext;
use domain::analysis::KpiValue;
use ontology::Entity;

use super::{has, median, scope, spans::Spans, value};
use crate::{
    canonical::{Canonical, read},
    error::AnalyzeError,
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
        let mut by = vec!["order_key"];
        by.extend(["machine_id", "work_center_id"].into_iter().filter(|by| has(canonical, entity, by)));
        let spans = Spans::read(session, entity, &by).await?;
        for (which, by) in by.iter().enumerate().skip(1) {
            for one in spans.laid_over(which) {
                values.extend(value("busy_hours", one.busy as f64 / HOUR, 1.0, scope(by, &one.name), None));
            }
        }
        // The time in which nothing was booked on an order, over the time from its first start to its last end.
        let (wait, lead) = spans
            .laid_over(0)
            .iter()
            .fold((0, 0), |(wait, lead), one| (wait + one.reach - one.busy, lead + one.reach));
        if lead > 0 {
            values.extend(value(
                "queue_time_share",
                wait as f64 / HOUR,
                lead as f64 / HOUR,
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
