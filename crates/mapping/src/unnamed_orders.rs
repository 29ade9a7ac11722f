//! Where no column of any file names an order.
//!
//! Many plants call their production orders "PO". Read alone that is a purchase order; but when a list has one row per
//! PO with a product and a quantity and no supplier, and nothing else of the plant names an order, then it is the order.
//! Columns of other files that hold the same numbers mean the same. Without such a list, the column that names the PO in
//! a report of pieces is it. All of it is left for a person to confirm.
//!
//! Lists of machines, tools or items that came along name no order, however much their key looks like one.

use std::collections::BTreeSet;

use domain::{Cell, ColumnProfile, Granularity, Mapping, TableProfile, ValueKind, mapping::Status};
use ontology::FieldId;

use crate::view::View;

/// Distinct numbers that a column must share with the orders, and the share of its own that must be among them.
const SHARED_MIN: usize = 10;
const SHARE_MIN: f64 = 0.8;

/// How sure a guess of this kind may be.
const CONFIDENCE: f64 = 0.5;

/// A guess below this does not keep the orders of other files from being found.
const BELIEVED: f64 = 0.6;

/// What a table of transactions states, and a list of things does not.
const MEASURES: [&str; 12] = [
    "quantity_completed",
    "quantity_ordered",
    "operation_quantity_completed",
    "operation_quantity_scrapped",
    "actual_run_hours",
    "actual_labor_hours",
    "booking_hours",
    "downtime_hours",
    "actual_material_quantity",
    "planned_run_hours",
    "actual_total_cost",
    "planned_total_cost",
];

pub(crate) fn name(tables: &[TableProfile], views: &[View<'_>], mappings: &mut [Mapping]) {
    let Some(order) = FieldId::named("work_order_id") else { return };
    if mappings.iter().any(|mapping| order_column(mapping).is_some_and(|(_, belief)| belief >= BELIEVED)) {
        let orders = believed(tables, mappings);
        without_lists(tables, mappings, &orders);
        shared(tables, mappings, order, &orders);
        return;
    }
    // Nobody believes what is guessed so far: it must not stand in the way, and comes back where nothing better is found.
    let guessed: Vec<Mapping> = mappings.to_vec();
    for mapping in mappings.iter_mut() {
        if let Some((key, _)) = order_column(mapping) {
            mapping.columns[key].field = None;
        }
    }
    let orders = listed(tables, mappings, order);
    let found = if orders.is_empty() {
        reported(tables, views, mappings, order)
    } else {
        shared(tables, mappings, order, &orders);
        true
    };
    for (mapping, guessed) in mappings.iter_mut().zip(guessed) {
        if order_column(mapping).is_none() && order_column(&guessed).is_some() && !found {
            *mapping = guessed;
        } else if order_column(mapping).is_none()
            && let Some((key, _)) = order_column(&guessed)
        {
            leave_out(&mut mapping.columns[key]);
        }
    }
}

fn has(mapping: &Mapping, name: &str) -> bool {
    mapping.columns.iter().any(|column| column.field.is_some_and(|field| field.as_str() == name))
}

/// The column that names the order, and how far it is believed.
fn order_column(mapping: &Mapping) -> Option<(usize, f64)> {
    mapping
        .columns
        .iter()
        .enumerate()
        .filter(|(_, column)| column.field.is_some_and(|field| field.as_str() == "work_order_id"))
        .map(|(at, column)| (at, column.confidence))
        .max_by(|a, b| a.1.total_cmp(&b.1))
}

/// The numbers of the orders in the files that are believed to name them.
fn believed<'a>(tables: &'a [TableProfile], mappings: &[Mapping]) -> BTreeSet<&'a str> {
    let mut orders = BTreeSet::new();
    for (table, mapping) in tables.iter().zip(mappings) {
        if let Some((key, belief)) = order_column(mapping)
            && belief >= BELIEVED
        {
            orders.extend(words(table, mapping.columns[key].index));
        }
    }
    orders
}

/// Takes back doubtful order numbers of lists that report nothing and share no number with the orders of other files.
fn without_lists(tables: &[TableProfile], mappings: &mut [Mapping], orders: &BTreeSet<&str>) {
    for (table, mapping) in tables.iter().zip(mappings.iter_mut()) {
        let Some((key, belief)) = order_column(mapping) else { continue };
        let reports = MEASURES.iter().any(|name| has(mapping, name));
        if belief >= BELIEVED
            || reports
            || words(table, mapping.columns[key].index).any(|word| orders.contains(word))
        {
            continue;
        }
        leave_out(&mut mapping.columns[key]);
    }
}

fn leave_out(column: &mut domain::ColumnMapping) {
    column.field = None;
    column.confidence = CONFIDENCE;
    column.status = Status::YourCall;
    column.evidence.insert(0, "No other file has these for order numbers.".to_owned());
}

/// Lists with one row per PO become lists of orders; their numbers come back.
fn listed<'a>(tables: &'a [TableProfile], mappings: &mut [Mapping], order: FieldId) -> BTreeSet<&'a str> {
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
    orders
}

/// Columns of reports that hold the numbers of the orders name them.
fn shared(tables: &[TableProfile], mappings: &mut [Mapping], order: FieldId, orders: &BTreeSet<&str>) {
    for (table, mapping) in tables.iter().zip(mappings.iter_mut()) {
        let reports = MEASURES.iter().any(|name| has(mapping, name));
        if has(mapping, "work_order_id") || !reports {
            continue;
        }
        let key = mapping.columns.iter().position(|column| {
            let own: BTreeSet<&str> = words(table, column.index).collect();
            let shared = own.intersection(orders).count();
            shared >= SHARED_MIN && shared as f64 >= SHARE_MIN * own.len() as f64
        });
        let Some(key) = key else { continue };
        let says =
            format!("The numbers of {} are order numbers of another file.", mapping.columns[key].source);
        decide(mapping, key, order, says);
        booked(mapping);
    }
}

/// The column of a report of pieces that names the PO, where nothing lists orders. Says whether there was one.
fn reported(tables: &[TableProfile], views: &[View<'_>], mappings: &mut [Mapping], order: FieldId) -> bool {
    let mut found = false;
    for ((table, view), mapping) in tables.iter().zip(views).zip(mappings.iter_mut()) {
        let Some(purchase) = view.knowledge.concepts.id("purchase_order") else { continue };
        if !makes(mapping) || has(mapping, "supplier_id") || has(mapping, "supplier_name") {
            continue;
        }
        let named = view
            .columns
            .iter()
            .zip(&view.names)
            .filter(|(profile, name)| name.names(purchase) && is_number_of_orders(profile, table.rows))
            .map(|(profile, _)| profile.index)
            .min();
        let Some(key) = named else { continue };
        let says = format!(
            "Rows report pieces, {} is filled with numbers that repeat, and no other column names the order.",
            mapping.columns.get(key).map_or("it", |column| column.source.as_str())
        );
        decide(mapping, key, order, says);
        booked(mapping);
        found = true;
    }
    found
}

/// Codes or long numbers in nearly every row, many of them, and fewer than rows.
fn is_number_of_orders(profile: &ColumnProfile, rows: u64) -> bool {
    let keyed = match profile.kind {
        ValueKind::Text => {
            profile.top.iter().filter(|(value, _)| value.bytes().any(|byte| byte.is_ascii_digit())).count()
                * 10
                >= profile.top.len() * 9
        }
        ValueKind::Integer => profile.min.is_some_and(|min| min >= 100.0),
        _ => false,
    };
    keyed
        && profile.filled * 10 >= rows * 9
        && profile.distinct >= SHARED_MIN as u64
        && profile.distinct < rows
}

fn makes(mapping: &Mapping) -> bool {
    ["operation_quantity_completed", "quantity_completed"].into_iter().any(|name| has(mapping, name))
}

/// A table whose rows report pieces of an order holds bookings, not events or components.
fn booked(mapping: &mut Mapping) {
    if matches!(mapping.granularity, Granularity::Event | Granularity::Material) && makes(mapping) {
        mapping.granularity = Granularity::Labor;
        mapping.granularity_evidence = vec!["Rows report pieces of an order.".to_owned()];
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
