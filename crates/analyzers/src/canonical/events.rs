//! Quality records and machine events, from files of their own or from the columns of wide files.

use std::collections::BTreeSet;

use domain::Granularity;
use ontology::{Entity, FieldId};

use super::{bookings::span, level::View};

/// A query for the rows of one view that go to a table of events, with its fields.
pub(crate) struct EventRows {
    pub(crate) query: String,
    pub(crate) fields: BTreeSet<FieldId>,
}

fn of_entity(view: &View, entity: Entity) -> Vec<FieldId> {
    view.fields.iter().copied().filter(|field| field.definition().entity == entity).collect()
}

/// Rows that record a defect, an inspection or a quality issue.
pub(crate) fn quality(view: &View) -> Option<EventRows> {
    let own = of_entity(view, Entity::Quality);
    if own.is_empty() {
        return None;
    }
    let recorded: Vec<String> = own
        .iter()
        .map(|field| match field.as_str() {
            "defect_count" => format!("coalesce(\"{field}\", 0.0) <> 0.0"),
            "quality_issue" => format!("coalesce(\"{field}\", false)"),
            _ => format!("\"{field}\" IS NOT NULL"),
        })
        .collect();
    let always = view.granularity == Granularity::Event && of_entity(view, Entity::Equipment).is_empty();
    let condition = if always { "true".to_owned() } else { recorded.join(" OR ") };
    Some(rows(view, &BTreeSet::new(), &condition))
}

/// Rows that record a stoppage, planned time or maintenance of a machine. Stoppages inside other files count only where
/// no file of events records them.
pub(crate) fn equipment(view: &View, stoppages_recorded: bool) -> Option<EventRows> {
    let own = of_entity(view, Entity::Equipment);
    if own.is_empty() {
        return None;
    }
    if view.granularity == Granularity::Event {
        let recorded: Vec<String> = own.iter().map(|field| format!("\"{field}\" IS NOT NULL")).collect();
        return Some(rows(view, &BTreeSet::new(), &recorded.join(" OR ")));
    }
    let planned = view.has("planned_production_hours");
    if !view.has("downtime_hours") || (stoppages_recorded && !planned) {
        return planned.then(|| rows(view, &BTreeSet::new(), "\"planned_production_hours\" IS NOT NULL"));
    }
    let condition = if planned {
        "coalesce(\"downtime_hours\", 0.0) > 0.0 OR \"planned_production_hours\" IS NOT NULL"
    } else {
        "coalesce(\"downtime_hours\", 0.0) > 0.0"
    };
    Some(rows(view, &BTreeSet::new(), condition))
}

fn rows(view: &View, leave: &BTreeSet<FieldId>, condition: &str) -> EventRows {
    let mut fields: BTreeSet<FieldId> = view.fields.difference(leave).copied().collect();
    let mut select: Vec<String> = fields.iter().map(|field| format!("\"{field}\"")).collect();
    let named = FieldId::named("downtime_hours");
    if let Some(hours) = named.filter(|_| view.has("downtime_start") && view.has("downtime_end")) {
        let elapsed = span("downtime_start", "downtime_end");
        if fields.contains(&hours) {
            select.retain(|column| column != "\"downtime_hours\"");
            select.push(format!("coalesce(\"downtime_hours\", {elapsed}) AS \"downtime_hours\""));
        } else {
            select.push(format!("{elapsed} AS \"downtime_hours\""));
            fields.insert(hours);
        }
    }
    // A stoppage that was booked began and ended with its booking.
    for (own, of_booking) in
        [("downtime_start", "operation_actual_start"), ("downtime_end", "operation_actual_end")]
    {
        if let Some(field) = FieldId::named(own)
            && view.granularity == Granularity::Labor
            && view.has("downtime_hours")
            && view.has(of_booking)
            && fields.insert(field)
        {
            select.push(format!("\"{of_booking}\" AS \"{own}\""));
        }
    }
    let query = format!(
        "SELECT source_file, source_row, order_key, operation_key, {} FROM {} WHERE {condition}",
        select.join(", "),
        view.name
    );
    EventRows { query, fields }
}
