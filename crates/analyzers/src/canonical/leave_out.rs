//! Canonical tables without the rows that a plant's settings leave out: suppliers, materials, machines, types of orders.
//!
//! A row is left out where it names what is left out, and so is everything that hangs on an order of a type that is. What
//! goes is counted among the rows set aside, with the reason.

use std::{collections::BTreeSet, path::Path};

use domain::{analysis::SetAside, settings::LeaveOut};
use ontology::{Entity, FieldId};

use super::{Canonical, sink::Sink};
use crate::{error::AnalyzeError, query};

/// The type of an order stands on the order alone.
const ORDER_TYPE: &str = "work_order_type";

const REASON: &str = "left out by your settings";

/// The tables without what is left out; they lie in `dir`. Nothing to leave out gives the tables as they are.
pub fn without(canonical: Canonical, leave_out: &LeaveOut, dir: &Path) -> Result<Canonical, AnalyzeError> {
    let kept: Vec<(Entity, String)> = canonical
        .tables
        .keys()
        .filter_map(|entity| Some((*entity, kept(&canonical, *entity, leave_out)?)))
        .collect();
    if kept.is_empty() {
        return Ok(canonical);
    }
    std::fs::create_dir_all(dir).map_err(|source| AnalyzeError::Io { path: dir.to_owned(), source })?;
    let limits = canonical.limits.clone();
    query::block_on(&limits, async move {
        let session = query::open(&canonical).await?;
        let mut left = canonical.clone();
        let mut gone = 0;
        for (entity, kept) in kept {
            let before = canonical.tables[&entity].rows;
            let frame = session.sql(&kept).await?;
            let mut sink = Sink::create(&dir.join(super::file_name(entity)), frame.schema().as_arrow())?;
            sink.write_all(frame).await?;
            let made = sink.finish()?;
            gone += before.saturating_sub(made.rows);
            left.tables.insert(entity, made);
        }
        // A row of a file can be part of several tables; it is used or set aside once.
        let gone = gone.min(left.rows.used);
        if gone > 0 {
            left.rows.used -= gone;
            left.rows.set_aside.push(SetAside {
                reason: REASON.to_owned(),
                rows: gone,
                examples: Vec::new(),
            });
        }
        Ok(left)
    })
}

/// The query for what stays of a table; `None` where all of it does.
fn kept(canonical: &Canonical, entity: Entity, leave_out: &LeaveOut) -> Option<String> {
    let holds = |entity: Entity, field: &str| {
        FieldId::named(field).is_some_and(|field| canonical.fill(entity, field) > 0.0)
    };
    let (mut own, mut by_order) = (Vec::new(), None);
    for (field, values) in leave_out.values.iter().filter(|(_, values)| !values.is_empty()) {
        if holds(entity, field) {
            own.push(format!("NOT coalesce({}, false)", named(field, values)));
        } else if *field == ORDER_TYPE && entity != Entity::WorkOrder && holds(Entity::WorkOrder, field) {
            by_order = Some(named(field, values));
        }
    }
    let table = query::table_name(entity);
    match by_order {
        None if own.is_empty() => None,
        None => Some(format!("SELECT * FROM {table} WHERE {}", own.join(" AND "))),
        Some(gone) => {
            own.push("gone_key IS NULL".to_owned());
            let orders = query::table_name(Entity::WorkOrder);
            // A join gives rows in any order; files say which is theirs.
            Some(format!(
                "SELECT rows.* FROM {table} rows LEFT JOIN (SELECT DISTINCT order_key AS gone_key FROM {orders} WHERE {gone} AND order_key IS NOT NULL) gone ON rows.order_key = gone.gone_key WHERE {} ORDER BY rows.source_file, rows.source_row",
                own.join(" AND ")
            ))
        }
    }
}

/// Case and blanks around a value do not matter.
fn named(field: &str, values: &BTreeSet<String>) -> String {
    let quoted: Vec<String> =
        values.iter().map(|value| format!("'{}'", value.trim().to_lowercase().replace('\'', "''"))).collect();
    format!("lower(trim(\"{field}\")) IN ({})", quoted.join(", "))
}
