//! A column per kind of defect: each cell above zero becomes a row of the quality table, named by its header.

use std::collections::{BTreeMap, BTreeSet};

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
    let mut defects: Vec<(String, String)> = LOST
        .into_iter()
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
        .collect();
    let names = readable(defects.iter().map(|(_, header)| header.as_str()));
    for ((_, header), name) in defects.iter_mut().zip(names) {
        *header = name;
    }
    defects
}

/// Headers as people say them: `itemBlackSpot` among other items is `Black spot`, `otherNG` is `Other NG`.
fn readable<'a>(headers: impl Iterator<Item = &'a str>) -> Vec<String> {
    let words: Vec<Vec<String>> = headers.map(words).collect();
    let first = |words: &[String]| words.first().filter(|_| words.len() > 1).map(|word| word.to_lowercase());
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for first in words.iter().filter_map(|words| first(words)) {
        *counts.entry(first).or_default() += 1;
    }
    let shared = counts.into_iter().find(|(_, n)| *n > 1 && 2 * n > words.len()).map(|(word, _)| word);
    words
        .into_iter()
        .map(|mut words| {
            if shared.is_some() && first(&words) == shared {
                words.remove(0);
            }
            for (at, word) in words.iter_mut().enumerate() {
                // Abbreviations stay as they are.
                if word.chars().filter(|c| c.is_uppercase()).count() < 2 {
                    let lower = word.to_lowercase();
                    *word = if at == 0 { capital(&lower) } else { lower };
                }
            }
            words.join(" ")
        })
        .collect()
}

fn capital(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

/// Splits at blanks, punctuation, and where a small letter meets a capital.
fn words(header: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut before_small = false;
    for c in header.chars() {
        let starts = before_small && c.is_uppercase();
        if starts || !c.is_alphanumeric() {
            words.push(String::new());
        }
        if c.is_alphanumeric()
            && let Some(word) = words.last_mut()
        {
            word.push(c);
        }
        before_small = c.is_lowercase();
    }
    words.retain(|word| !word.is_empty());
    words
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

#[cfg(test)]
mod tests {
    use super::readable;

    #[test]
    fn headers_become_names_of_defects() {
        for (headers, names) in [
            (&["itemBlackSpot", "itemShort", "otherNG"][..], &["Black spot", "Short", "Other NG"][..]),
            (&["Scrap_Burr", "Scrap_Crack"], &["Burr", "Crack"]),
            (&["Kratzer", "Lunker (Guss)"], &["Kratzer", "Lunker guss"]),
            (&["NG", "NG"], &["NG", "NG"]),
        ] {
            assert_eq!(readable(headers.iter().copied()), names);
        }
    }
}
