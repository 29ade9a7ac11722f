//! A column per kind of defect: each cell above zero becomes a row of the quality table, named by its header.

use std::collections::BTreeSet;

use domain::ValueKind;
use ontology::{Entity, FieldId, FieldType};

use super::{events::EventRows, expression, level::View, stage::Staged};
use crate::mapped_table::MappedTable;

/// Fields whose several columns are kinds of what was lost.
const LOST: [&str; 2] = ["operation_quantity_scrapped", "quantity_scrapped"];

/// The columns of a table that count one kind of defect each: how their pieces are read, and their headers. Empty where a
/// code or a description names the defect, and where one column counts all.
pub(crate) fn of(table: &MappedTable) -> Vec<(String, String)> {
    let named = ["defect_code", "defect_description"]
        .into_iter()
        .filter_map(FieldId::named)
        .any(|field| !table.sources(field).is_empty());
    if named {
        return Vec::new();
    }
    LOST.into_iter()
        .filter_map(FieldId::named)
        .map(|field| table.sources(field))
        .find(|sources| {
            sources.len() > 1
                && sources.iter().all(|source| matches!(source.kind, ValueKind::Integer | ValueKind::Decimal))
        })
        .unwrap_or_default()
        .iter()
        .filter_map(|source| {
            let header = table.mapping.columns.iter().find(|column| column.index == source.column)?;
            Some((expression::raw_number(source), header.source.clone()))
        })
        .collect()
}

/// The name of a staged column of one kind of defect.
pub(crate) fn column(idx: usize) -> String {
    format!("defect_{idx}")
}

/// Rows of the quality table: everything that tells rows apart, with the kind and the pieces instead of figures.
pub(crate) fn rows(file: &Staged, view: &View) -> Option<EventRows> {
    if file.defects.is_empty() {
        return None;
    }
    let (code, count) = (FieldId::named("defect_code")?, FieldId::named("defect_count")?);
    let mut fields = BTreeSet::from([code, count]);
    let mut select = Vec::new();
    for field in &file.fields {
        let definition = field.definition();
        let name = if view.fields.contains(field) {
            Some(*field)
        } else {
            FieldId::named(super::level::name_at_operation(*field))
        };
        if definition.type_ != FieldType::Number
            && definition.entity != Entity::Quality
            && let Some(name) = name
            && fields.insert(name)
        {
            select.push(format!("\"{field}\" AS \"{name}\", "));
        }
    }
    let select = select.concat();
    let kinds: Vec<String> = file
        .defects
        .iter()
        .enumerate()
        .map(|(idx, name)| {
            format!(
                "SELECT source_file, source_row, order_key, operation_key, {select}'{}' AS \"{code}\", {} AS \"{count}\" \
                 FROM {} WHERE {} > 0.0",
                name.replace('\'', "''"),
                column(idx),
                file.view(),
                column(idx)
            )
        })
        .collect();
    Some(EventRows { query: kinds.join(" UNION ALL "), fields })
}
