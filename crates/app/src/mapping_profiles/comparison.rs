//! Two versions of a mapping side by side.

use std::collections::{BTreeMap, BTreeSet};

use domain::{ColumnMapping, Mapping};
use ontology::{FieldId, Unit};

/// What one table's mapping became.
#[derive(Debug, Clone, PartialEq)]
pub struct TableChange {
    /// The file whose table it is, as the later version names it.
    pub file: String,
    /// Granularity before and after, where it changed.
    pub granularity: Option<(&'static str, &'static str)>,
    /// Columns that differ, in the order of the later version, lost ones last.
    pub columns: Vec<ColumnChange>,
}

/// What one column's meaning became.
#[derive(Debug, Clone, PartialEq)]
pub struct ColumnChange {
    pub source: String,
    /// `None`: the version does not have the column.
    pub before: Option<Meaning>,
    pub after: Option<Meaning>,
}

/// What a column is taken for; no field means that it is left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Meaning {
    pub field: Option<FieldId>,
    pub unit: Option<Unit>,
}

/// What differs from the first version to the second. Tables stand side by side in their order.
pub fn compare(before: &[Mapping], after: &[Mapping]) -> Vec<TableChange> {
    let mut changes = Vec::new();
    for at in 0..before.len().max(after.len()) {
        let (old, new) = (before.get(at), after.get(at));
        let (old_columns, new_columns) = (columns(old), columns(new));
        let order: Vec<&(String, usize)> = ordered(new)
            .into_iter()
            .filter_map(|key| new_columns.get_key_value(&key).map(|(key, _)| key))
            .collect();
        let known: BTreeSet<&(String, usize)> = new_columns.keys().collect();
        let lost = old_columns.keys().filter(|key| !known.contains(key));
        let columns: Vec<ColumnChange> = order
            .into_iter()
            .chain(lost)
            .map(|key| ColumnChange {
                source: key.0.clone(),
                before: old_columns.get(key).copied(),
                after: new_columns.get(key).copied(),
            })
            .filter(|change| change.before != change.after)
            .collect();
        let granularity = match (old, new) {
            (Some(old), Some(new)) if old.granularity != new.granularity => {
                Some((old.granularity.as_str(), new.granularity.as_str()))
            }
            _ => None,
        };
        let Some(file) = new.or(old).map(|mapping| mapping.file.clone()) else { continue };
        if granularity.is_some() || !columns.is_empty() {
            changes.push(TableChange { file, granularity, columns });
        }
    }
    changes
}

/// Columns by header; repeated headers stay apart by their order.
fn columns(mapping: Option<&Mapping>) -> BTreeMap<(String, usize), Meaning> {
    let Some(mapping) = mapping else { return BTreeMap::new() };
    ordered(Some(mapping))
        .into_iter()
        .zip(&mapping.columns)
        .map(|(key, column)| (key, meaning(column)))
        .collect()
}

fn ordered(mapping: Option<&Mapping>) -> Vec<(String, usize)> {
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    let columns = mapping.map_or(&[][..], |mapping| &mapping.columns);
    columns
        .iter()
        .map(|column| {
            let nth = seen.entry(&column.source).or_default();
            *nth += 1;
            (column.source.clone(), *nth)
        })
        .collect()
}

fn meaning(column: &ColumnMapping) -> Meaning {
    Meaning { field: column.field, unit: column.unit }
}

#[cfg(test)]
mod tests {
    use domain::{Granularity, mapping::Status};

    use super::*;

    fn mapping(granularity: Granularity, columns: &[(&str, Option<&str>)]) -> Mapping {
        Mapping {
            file: "a.csv".to_owned(),
            rows: 1,
            source_system: None,
            granularity,
            granularity_evidence: Vec::new(),
            detail: domain::mapping::Detail::Keep,
            grain_columns: Vec::new(),
            columns: columns
                .iter()
                .enumerate()
                .map(|(index, (source, field))| ColumnMapping {
                    index,
                    source: (*source).to_owned(),
                    field: field.and_then(FieldId::named),
                    confidence: 1.0,
                    status: Status::Sure,
                    unit: None,
                    format: None,
                    matched_by: None,
                    alternatives: Vec::new(),
                    evidence: Vec::new(),
                })
                .collect(),
            issues: Vec::new(),
        }
    }

    #[test]
    fn only_what_differs_is_listed() {
        let before = mapping(
            Granularity::Header,
            &[("Job", Some("work_order_id")), ("Note", None), ("Note", None), ("Old", None)],
        );
        let after = mapping(
            Granularity::Operation,
            &[
                ("New", Some("machine_id")),
                ("Note", None),
                ("Note", Some("product_id")),
                ("Job", Some("work_order_id")),
            ],
        );
        let changes = compare(std::slice::from_ref(&before), &[after]);
        let [change] = changes.as_slice() else { panic!("{changes:?}") };
        assert_eq!(change.granularity, Some(("header", "operation")));
        let sources: Vec<_> = change.columns.iter().map(|column| column.source.as_str()).collect();
        assert_eq!(sources, ["New", "Note", "Old"]);
        assert!(change.columns[0].before.is_none() && change.columns[2].after.is_none());
        assert!(compare(std::slice::from_ref(&before), std::slice::from_ref(&before)).is_empty());
    }
}
