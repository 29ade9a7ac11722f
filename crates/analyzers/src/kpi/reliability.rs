//! Stoppages: how long machines run between them, and how long it takes to end them.

use datafusion::prelude::SessionContext;
use domain::analysis::KpiValue;
use ontology::Entity;

use super::{has, scope, value};
use crate::{
    canonical::{Canonical, read},
    error::AnalyzeError,
};

/// How types of stoppages that were planned begin, in the languages of the exports.
pub(crate) const PLANNED: &str = "lower(downtime_type) LIKE 'plan%' OR lower(downtime_type) LIKE 'geplant%' OR lower(downtime_type) LIKE 'prog%' \
    OR lower(downtime_type) LIKE 'prévu%' OR lower(downtime_type) LIKE 'prevent%' OR lower(downtime_type) LIKE 'setup%' \
    OR lower(downtime_type) LIKE 'changeover%'";

pub(super) async fn compute(
    session: &SessionContext,
    canonical: &Canonical,
) -> Result<Vec<KpiValue>, AnalyzeError> {
    let mut values = Vec::new();
    if !has(canonical, Entity::Equipment, "downtime_hours") {
        return Ok(values);
    }
    let typed = has(canonical, Entity::Equipment, "downtime_type");
    let condition = if typed { format!("NOT coalesce({PLANNED}, false)") } else { "true".to_owned() };
    let note = if typed {
        None
    } else {
        Some("every stoppage counts as a failure: the data do not tell planned ones apart".to_owned())
    };
    let by_machine = has(canonical, Entity::Equipment, "machine_id");
    let operating = has(canonical, Entity::Operation, "actual_run_hours");
    let mut scopes = vec![("'' ", String::new())];
    if by_machine {
        scopes.push((
            "machine_id",
            " AND machine_id IS NOT NULL GROUP BY machine_id ORDER BY machine_id LIMIT 500".to_owned(),
        ));
    }
    for (by, group) in scopes {
        let query = format!(
            "SELECT {by} AS scope, CAST(count(*) AS DOUBLE), sum(downtime_hours) FROM equipment_events WHERE downtime_hours > 0 AND {condition}{group}"
        );
        let whole = by != "machine_id";
        let mut run = std::collections::BTreeMap::new();
        if operating && (whole || has(canonical, Entity::Operation, "machine_id")) {
            let query = if whole {
                "SELECT '' , sum(actual_run_hours) FROM operations".to_owned()
            } else {
                "SELECT machine_id, sum(actual_run_hours) FROM operations WHERE machine_id IS NOT NULL GROUP BY machine_id".to_owned()
            };
            for row in read::rows(session, &query).await? {
                if let (Some(name), Some(hours)) = (row[0].text(), row[1].number()) {
                    run.insert(name.trim().to_owned(), hours);
                }
            }
        }
        for row in read::rows(session, &query).await? {
            let (Some(name), Some(failures), Some(hours)) = (row[0].text(), row[1].number(), row[2].number())
            else {
                continue;
            };
            if failures == 0.0 {
                continue;
            }
            let of = || if whole { Vec::new() } else { scope("machine_id", name) };
            values.extend(value("mttr", hours, failures, of(), note.clone()));
            values.extend(value("mean_time_to_restoration", hours, failures + 1.0, of(), note.clone()));
            if let Some(run) = run.get(name.trim()) {
                values.extend(value("mtbf", *run, failures, of(), note.clone()));
                values.extend(value("mean_time_to_failure", *run, failures + 1.0, of(), note.clone()));
                values.extend(value(
                    "mean_operating_time_between_failures",
                    *run,
                    failures + 1.0,
                    of(),
                    note.clone(),
                ));
            }
        }
    }
    Ok(values)
}
