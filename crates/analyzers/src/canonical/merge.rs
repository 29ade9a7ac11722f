//! Several sources of the same things, merged by key: field by field, the first source that has a value counts.

use std::collections::BTreeSet;

use ontology::{Entity, FieldId, FieldType, RollUp};

use super::level::View;

/// One source: a query with one row per key, and the fields it has.
#[derive(Debug, Clone)]
pub(crate) struct Contribution {
    pub(crate) query: String,
    pub(crate) fields: BTreeSet<FieldId>,
}

/// How rows of one thing become one value.
pub(crate) fn aggregate(field: FieldId, parts: &BTreeSet<FieldId>) -> String {
    let definition = field.definition();
    let f = format!("\"{field}\"");
    let repeated = definition.entity == Entity::WorkOrder && !parts.contains(&field);
    match definition.type_ {
        FieldType::Flag => format!("bool_or({f})"),
        FieldType::Timestamp => match definition.roll_up {
            RollUp::Min => format!("min({f})"),
            _ => format!("max({f})"),
        },
        FieldType::Number => match definition.roll_up {
            _ if repeated => format!("max({f})"),
            RollUp::Sum | RollUp::LastOperation => sum(&f),
            // Each booking states the pieces that it worked on.
            RollUp::FirstOperation if parts.contains(&field) => sum(&f),
            RollUp::WeightedMean => format!("({} / nullif(count({f}), 0))", sum(&f)),
            RollUp::Min => format!("min({f})"),
            _ => format!("max({f})"),
        },
        // A thing that several shifts worked on has none of its own.
        _ if field.as_str() == "shift" => format!("CASE WHEN min({f}) = max({f}) THEN min({f}) END"),
        _ if definition.roll_up == RollUp::Last => {
            format!("last_value({f} ORDER BY source_file, source_row) FILTER (WHERE {f} IS NOT NULL)")
        }
        _ => format!("min({f})"),
    }
}

/// A sum that does not depend on the order in which threads bring the rows: added as decimals, not as floats.
pub(crate) fn sum(value: &str) -> String {
    format!("CAST(sum(TRY_CAST({value} AS DECIMAL(38, 9))) AS DOUBLE)")
}

/// Rows of a view gathered by `key` (`order_key` or `operation_key`), for the fields wanted.
pub(crate) fn gather(view: &View, key: &str, wanted: &BTreeSet<FieldId>) -> Contribution {
    let fields: BTreeSet<FieldId> = view.fields.intersection(wanted).copied().collect();
    let mut select = vec![
        key.to_owned(),
        "min(source_file) AS source_file".to_owned(),
        "min(source_row) AS source_row".to_owned(),
    ];
    if key == "operation_key" {
        select.push("min(order_key) AS order_key".to_owned());
    }
    select.extend(fields.iter().map(|field| format!("{} AS \"{field}\"", aggregate(*field, &view.parts))));
    let query =
        format!("SELECT {} FROM {} WHERE {key} IS NOT NULL GROUP BY {key}", select.join(", "), view.name);
    Contribution { query, fields }
}

/// All contributions in one query with one row per key.
pub(crate) fn merge(contributions: &[Contribution], key: &str) -> Contribution {
    let fields: BTreeSet<FieldId> = contributions.iter().flat_map(|one| one.fields.iter().copied()).collect();
    let with_order = key == "operation_key";
    let selects: Vec<String> = contributions
        .iter()
        .enumerate()
        .map(|(rank, one)| {
            let mut select = vec![
                format!("CAST({rank} AS INT) AS rank"),
                key.to_owned(),
                "source_file".to_owned(),
                "source_row".to_owned(),
            ];
            if with_order {
                select.push("order_key".to_owned());
            }
            select.extend(fields.iter().map(|field| {
                if one.fields.contains(field) {
                    format!("\"{field}\"")
                } else {
                    format!("{} AS \"{field}\"", super::expression::null(*field))
                }
            }));
            format!("SELECT {} FROM ({})", select.join(", "), one.query)
        })
        .collect();
    let first = |value: &str, flag: bool, ranks: &[usize]| {
        let pick = if flag { "bool_or" } else { "max" };
        let picks: Vec<String> =
            ranks.iter().map(|rank| format!("{pick}(CASE WHEN rank = {rank} THEN {value} END)")).collect();
        if picks.len() == 1 { picks[0].clone() } else { format!("coalesce({})", picks.join(", ")) }
    };
    let all: Vec<usize> = (0..contributions.len()).collect();
    let mut select = vec![
        format!("{} AS source_file", first("source_file", false, &all)),
        format!("{} AS source_row", first("source_row", false, &all)),
    ];
    select.push(if with_order {
        "max(order_key) AS order_key, operation_key".to_owned()
    } else {
        "order_key".to_owned()
    });
    select.extend(fields.iter().map(|field| {
        let ranks: Vec<usize> =
            all.iter().copied().filter(|rank| contributions[*rank].fields.contains(field)).collect();
        let flag = field.definition().type_ == FieldType::Flag;
        format!("{} AS \"{field}\"", first(&format!("\"{field}\""), flag, &ranks))
    }));
    let query = format!("SELECT {} FROM ({}) GROUP BY {key}", select.join(", "), selects.join(" UNION ALL "));
    Contribution { query, fields }
}
