//! Figures of equipment that take time from one table and planned time or stoppages from another: availability,
//! effectiveness and quality as one, load, fall-off, losses of material, maintenance.
//!
//! Where no planned time is known, availability and what is built on it are of the time any work was booked, and say so.

use std::collections::BTreeMap;

use datafusion::prelude::SessionContext;
use domain::analysis::{EntityRef, KpiValue};
use ontology::Entity;

use super::{has, scope, value};
use crate::{
    canonical::{Canonical, read},
    error::AnalyzeError,
};

const SCOPES: [&str; 4] = ["", "facility_id", "work_center_id", "machine_id"];
const LEVELS: usize = 500;

/// Sums of a scope, in hours and pieces.
#[derive(Debug, Clone, Copy, Default)]
struct Times {
    run: f64,
    setup: f64,
    stopped: f64,
    /// Run hours that have a planned time beside them, and that planned time for what was made.
    timed: f64,
    allowed: f64,
    good: f64,
    made: f64,
    planned: f64,
}

pub(super) async fn compute(
    session: &SessionContext,
    canonical: &Canonical,
) -> Result<Vec<KpiValue>, AnalyzeError> {
    let mut values = Vec::new();
    if has(canonical, Entity::Operation, "actual_run_hours") {
        for by in SCOPES.into_iter().filter(|by| by.is_empty() || has(canonical, Entity::Operation, by)) {
            for (name, times) in times(session, canonical, by).await? {
                let of = || if by.is_empty() { Vec::new() } else { scope(by, &name) };
                effectiveness(&times, &of, &mut values);
            }
        }
    }
    values.extend(fall_off(session, canonical).await?);
    values.extend(losses(session, canonical).await?);
    values.extend(maintenance(session, canonical).await?);
    Ok(values)
}

async fn times(
    session: &SessionContext,
    canonical: &Canonical,
    by: &str,
) -> Result<BTreeMap<String, Times>, AnalyzeError> {
    let field = |entity: Entity, name: &'static str| {
        if has(canonical, entity, name) { name } else { "CAST(NULL AS DOUBLE)" }
    };
    let of = |name| field(Entity::Operation, name);
    let (run, setup, down) = (of("actual_run_hours"), of("actual_setup_hours"), of("downtime_hours"));
    let (planned, into) = (of("planned_run_hours"), of("operation_quantity_in"));
    let (good, bad) = (of("operation_quantity_completed"), of("operation_quantity_scrapped"));
    let group = |entity: Entity| {
        if by.is_empty() {
            (String::from("''"), String::new())
        } else if has(canonical, entity, by) {
            (by.to_owned(), format!(" WHERE {by} IS NOT NULL GROUP BY {by} ORDER BY {by} LIMIT {LEVELS}"))
        } else {
            (String::new(), String::new())
        }
    };
    let (key, grouped) = group(Entity::Operation);
    let allowed = format!(
        "{planned} * CASE WHEN {into} > 0 THEN ({good} + coalesce({bad}, 0.0)) / {into} ELSE 1.0 END"
    );
    // Named, because two figures that are not there are the same expression.
    let query = format!(
        "SELECT {key} AS scope, sum({run}) AS run, sum(CASE WHEN {run} IS NOT NULL THEN {setup} END) AS setup, \
         sum(CASE WHEN {run} IS NOT NULL THEN {down} END) AS stopped, \
         sum(CASE WHEN {allowed} IS NOT NULL THEN {run} END) AS timed, \
         sum(CASE WHEN {run} IS NOT NULL THEN {allowed} END) AS allowed, \
         sum({good}) AS good, sum({good} + coalesce({bad}, 0.0)) AS made FROM operations{grouped}"
    );
    let mut all = BTreeMap::new();
    for row in read::rows(session, &query).await? {
        let Some(name) = row[0].text() else { continue };
        let number = |at: usize| row[at].number().unwrap_or(0.0);
        all.insert(
            name.trim().to_owned(),
            Times {
                run: number(1),
                setup: number(2),
                stopped: number(3),
                timed: number(4),
                allowed: number(5),
                good: number(6),
                made: number(7),
                planned: 0.0,
            },
        );
    }
    let recorded = has(canonical, Entity::Equipment, "downtime_hours");
    let timed = has(canonical, Entity::Equipment, "planned_production_hours");
    let (key, grouped) = group(Entity::Equipment);
    if (recorded || timed) && !key.is_empty() {
        let stopped = field(Entity::Equipment, "downtime_hours");
        let planned = field(Entity::Equipment, "planned_production_hours");
        let query = format!(
            "SELECT {key} AS scope, sum({stopped}) AS stopped, sum({planned}) AS planned FROM equipment_events{grouped}"
        );
        for row in read::rows(session, &query).await? {
            if let Some(times) = row[0].text().and_then(|name| all.get_mut(name.trim())) {
                // Stoppages written on operations and in a list of their own are the same ones.
                times.stopped = times.stopped.max(row[1].number().unwrap_or(0.0));
                times.planned = row[2].number().unwrap_or(0.0);
            }
        }
    }
    Ok(all)
}

fn effectiveness(times: &Times, of: &dyn Fn() -> Vec<EntityRef>, values: &mut Vec<KpiValue>) {
    let busy = times.run + times.setup + times.stopped;
    let (base, note) = if times.planned > 0.0 {
        (times.planned, "of planned production time")
    } else {
        (busy, "of the time any work was booked; planned production time is not in the data")
    };
    let note = || Some(note.to_owned());
    if base <= 0.0 {
        return;
    }
    values.extend(value("availability", times.run, base, of(), note()));
    if times.planned > 0.0 {
        values.extend(value("allocation_efficiency", busy, base, of(), note()));
        if times.allowed > 0.0 {
            let note =
                Some("hours that the plan needs for what was made, of planned production time".to_owned());
            values.extend(value("equipment_load_ratio", times.allowed, base, of(), note));
        }
    }
    if times.timed <= 0.0 || times.made <= 0.0 {
        return;
    }
    let share = times.allowed / times.timed * times.good / times.made;
    // Availability x effectiveness x quality: numerator and denominator stay hours.
    values.extend(value("oee_index", times.run * share, base, of(), note()));
    values.extend(value("nee_index", (times.run + times.setup) * share, base, of(), note()));
}

/// Scrap of all operations over what the first operation of each order made.
async fn fall_off(session: &SessionContext, canonical: &Canonical) -> Result<Option<KpiValue>, AnalyzeError> {
    let needs = ["operation_quantity_completed", "operation_quantity_scrapped"];
    if !needs.iter().all(|name| has(canonical, Entity::Operation, name)) {
        return Ok(None);
    }
    let query = "SELECT sum(bad), sum(first) FROM (SELECT sum(operation_quantity_scrapped) AS bad, \
                 max(operation_quantity_completed + coalesce(operation_quantity_scrapped, 0.0)) AS first \
                 FROM operations WHERE order_key IS NOT NULL GROUP BY order_key)";
    let sums = read::numbers(session, query).await?;
    let note = "the first operation is taken to be the one of the order that made most";
    Ok(value("fall_off_ratio", sums[0], sums[1], Vec::new(), Some(note.to_owned())))
}

/// Good pieces and losses per material consumed.
async fn losses(session: &SessionContext, canonical: &Canonical) -> Result<Vec<KpiValue>, AnalyzeError> {
    let mut values = Vec::new();
    if !has(canonical, Entity::Material, "actual_material_quantity") {
        return Ok(values);
    }
    let consumed = read::numbers(session, "SELECT sum(actual_material_quantity) FROM materials")
        .await?
        .first()
        .copied()
        .unwrap_or(0.0);
    if has(canonical, Entity::WorkOrder, "quantity_completed") {
        let good = read::numbers(session, "SELECT sum(quantity_completed) FROM work_orders").await?;
        let note = "units of product per unit of material; materials of different units are added";
        values.extend(value("finished_goods_ratio", good[0], consumed, Vec::new(), Some(note.to_owned())));
    }
    if has(canonical, Entity::Material, "planned_material_quantity") {
        let query = "SELECT sum(CASE WHEN actual_material_quantity > planned_material_quantity THEN actual_material_quantity - planned_material_quantity ELSE 0.0 END), \
                     sum(CASE WHEN planned_material_quantity IS NOT NULL THEN actual_material_quantity END) FROM materials";
        let sums = read::numbers(session, query).await?;
        let note = "material issued beyond the plan of its order";
        values.extend(value("production_loss_ratio", sums[0], sums[1], Vec::new(), Some(note.to_owned())));
    }
    Ok(values)
}

/// Corrective over all maintenance: in hours where they are known, else in cost.
async fn maintenance(
    session: &SessionContext,
    canonical: &Canonical,
) -> Result<Option<KpiValue>, AnalyzeError> {
    if !has(canonical, Entity::Equipment, "maintenance_type") {
        return Ok(None);
    }
    let corrective = "(lower(maintenance_type) LIKE 'corr%' OR lower(maintenance_type) LIKE 'korr%' OR lower(maintenance_type) LIKE 'rep%' \
                      OR lower(maintenance_type) LIKE 'break%' OR lower(maintenance_type) LIKE 'unplan%' OR lower(maintenance_type) LIKE 'instand%')";
    for (field, note) in [
        ("downtime_hours", None),
        ("maintenance_cost", Some("by cost: the data hold no hours of maintenance")),
    ] {
        if !has(canonical, Entity::Equipment, field) {
            continue;
        }
        let query = format!(
            "SELECT sum(CASE WHEN {corrective} THEN {field} END), sum({field}) FROM equipment_events WHERE maintenance_type IS NOT NULL"
        );
        let sums = read::numbers(session, &query).await?;
        if sums[1] > 0.0 {
            return Ok(value(
                "corrective_maintenance_ratio",
                sums[0],
                sums[1],
                Vec::new(),
                note.map(str::to_owned),
            ));
        }
    }
    Ok(None)
}
