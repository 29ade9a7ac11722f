//! Where no column of any file names an order.
//!
//! Many plants call their production orders "PO". Read alone that is a purchase order; but when a list has one row per
//! PO with a product and a quantity and no supplier, and nothing else of the plant names an order, then it is the order.
//! Columns of other files that hold the same numbers mean the same. All of it is left for a person to confirm.

use std::collections::BTreeSet;

use domain::{Cell, Granularity, Mapping, TableProfile, mapping::Status};
use ontology::FieldId;

/// Distinct numbers that a column must share with the orders, and the share of its own that must be among them.
const SHARED_MIN: usize = 10;
const SHARE_MIN: f64 = 0.8;

/// How sure a guess of this kind may be.
const CONFIDENCE: f64 = 0.5;

pub(crate) fn name(tables: &[TableProfile], mappings: &mut [Mapping]) {
    let Some(order) = FieldId::named("work_order_id") else { return };
    let has = |mapping: &Mapping, name: &str| {
        mapping.columns.iter().any(|column| column.field.is_some_and(|field| field.as_str() == name))
    };
    if mappings.iter().any(|mapping| has(mapping, "work_order_id")) {
        return;
    }
    let mut orders: BTreeSet<&str> = BTreeSet::new();
    for (table, mapping) in tables.iter().zip(mappings.iter_mut()) {
        if has(mapping, "supplier_id") || has(mapping, "supplier_name") {
            continue;
        }
        let product = ["product_id", "material_id"].into_iter().any(|name| has(mapping, name));
        let quantity =
            ["quantity_ordered", "planned_material_quantity"].into_iter().any(|name| has(mapping, name));
        let key = mapping.columns.iter().position(|column| {
            column.field.is_some_and(|field| field.as_str() == "purchase_order_id")
                && table.columns.get(column.index).is_some_and(|profile| {
                    profile.filled == table.rows && profile.distinct == table.rows && table.rows > 1
                })
        });
        let Some(key) = key.filter(|_| product && quantity) else { continue };
        let says = format!(
            "Every row has a {} of its own, with a product and a quantity, and no other column names the order.",
            mapping.columns[key].source
        );
        decide(mapping, key, order, says);
        orders.extend(words(table, key));
        for (from, to) in [
            ("material_id", "product_id"),
            ("material_name", "product_name"),
            ("planned_material_quantity", "quantity_ordered"),
        ] {
            let made = mapping
                .columns
                .iter()
                .position(|column| column.field.is_some_and(|field| field.as_str() == from));
            if let (Some(made), Some(to)) = (made, FieldId::named(to)) {
                decide(mapping, made, to, "One row is one order, so this is what it makes.".to_owned());
            }
        }
        mapping.granularity = Granularity::Header;
        mapping.granularity_evidence = vec!["Every row has an order number of its own.".to_owned()];
        mapping.grain_columns = vec![key];
    }
    if orders.is_empty() {
        return;
    }
    for (table, mapping) in tables.iter().zip(mappings.iter_mut()) {
        if has(mapping, "work_order_id") {
            continue;
        }
        let key = mapping.columns.iter().position(|column| {
            let own: BTreeSet<&str> = words(table, column.index).collect();
            let shared = own.intersection(&orders).count();
            shared >= SHARED_MIN && shared as f64 >= SHARE_MIN * own.len() as f64
        });
        let Some(key) = key else { continue };
        let says =
            format!("The numbers of {} are order numbers of another file.", mapping.columns[key].source);
        decide(mapping, key, order, says);
        let made =
            ["operation_quantity_completed", "quantity_completed"].into_iter().any(|name| has(mapping, name));
        if matches!(mapping.granularity, Granularity::Event | Granularity::Material) && made {
            mapping.granularity = Granularity::Labor;
            mapping.granularity_evidence = vec!["Rows report pieces of an order.".to_owned()];
        }
    }
}

fn words(table: &TableProfile, column: usize) -> impl Iterator<Item = &str> {
    table.columns.get(column).into_iter().flat_map(|profile| profile.sample.iter().filter_map(Cell::text))
}

fn decide(mapping: &mut Mapping, column: usize, field: FieldId, says: String) {
    if let Some(column) = mapping.columns.get_mut(column) {
        column.field = Some(field);
        column.confidence = CONFIDENCE;
        column.status = Status::YourCall;
        column.evidence.insert(0, says);
        column.alternatives.retain(|alternative| alternative.field != Some(field));
    }
}
