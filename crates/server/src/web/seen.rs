//! Values of canonical tables, as cells of a page.

use app::analyses::tables::{Line, Rows, Seen};
use domain::{Currency, number};
use ontology::{Entity, FieldId, FieldType, field::FieldUnit};
use pages::{
    component::{
        Link,
        table::{Cell, Head, Row, Table},
    },
    route, words,
};

/// A table in the plural.
pub(super) fn plural(entity: Entity) -> &'static str {
    match entity {
        Entity::WorkOrder => "Work orders",
        Entity::Operation => "Operations",
        Entity::Equipment => "Machine events",
        Entity::Booking => "Bookings",
        Entity::Material => "Materials",
        Entity::Quality => "Quality",
    }
}

pub(super) fn is_number(field: FieldId) -> bool {
    field.definition().type_ == FieldType::Number
}

pub(super) fn amount(field: FieldId, value: f64, currency: &Currency) -> String {
    let said = match field.definition().unit {
        Some(FieldUnit::Money | FieldUnit::MoneyPerHour) if value.abs() >= 1_000.0 => {
            number::money(value, currency)
        }
        Some(FieldUnit::Money | FieldUnit::MoneyPerHour) => number::cents(value, currency),
        Some(FieldUnit::Hours | FieldUnit::KilowattHours) => number::grouped(value, 2),
        _ if value.fract() == 0.0 => number::grouped(value, 0),
        _ => number::grouped(value, 3),
    };
    said.replace('-', "−")
}

pub(super) fn text(field: FieldId, seen: &Seen, currency: &Currency) -> String {
    match seen {
        Seen::Empty => String::new(),
        Seen::Text(text) => text.clone(),
        Seen::Number(value) => amount(field, *value, currency),
        Seen::Flag(flag) => if *flag { "yes" } else { "no" }.to_owned(),
        Seen::Moment(micros) => match number::moment(*micros) {
            Some(moment) if moment.time() != jiff::civil::Time::midnight() => {
                moment.strftime("%-d %b %Y %H:%M").to_string()
            }
            _ => number::day(*micros),
        },
    }
}

pub(super) fn cell(field: FieldId, seen: &Seen, currency: &Currency) -> Cell {
    match seen {
        Seen::Empty => Cell::Empty,
        Seen::Text(order) if field.as_str() == "work_order_id" => {
            Cell::Link(Link::own(order, route::order(order)))
        }
        Seen::Text(id) if field.definition().type_ == FieldType::Identifier => Cell::Code(id.clone()),
        Seen::Text(text) => Cell::Own(text.clone()),
        Seen::Number(_) => Cell::Number(text(field, seen, currency)),
        _ => Cell::Text(text(field, seen, currency)),
    }
}

pub(super) fn head(field: FieldId) -> Head {
    let label = words::field(field);
    if is_number(field) { Head::number(&label) } else { Head::text(&label) }
}

/// Rows with these fields, and where each stands in the customer's files.
pub(super) fn table(
    name: &str,
    rows: &Rows,
    shown: &[FieldId],
    heads: Vec<Head>,
    currency: &Currency,
) -> Table {
    let at: Vec<(usize, FieldId)> = shown
        .iter()
        .filter_map(|field| Some((rows.fields.iter().position(|known| known == field)?, *field)))
        .collect();
    let mut lines: Vec<Row> = rows
        .lines
        .iter()
        .map(|line| {
            let cells = at.iter().map(|(at, field)| {
                line.values.get(*at).map_or(Cell::Empty, |seen| cell(*field, seen, currency))
            });
            Row::new(cells.chain([source(line)]).collect())
        })
        .collect();
    let sums: Vec<Option<f64>> = at.iter().map(|(at, _)| rows.sums.get(*at).copied().flatten()).collect();
    if rows.lines.len() > 1 && sums.iter().any(Option::is_some) {
        let mut cells: Vec<Cell> = at
            .iter()
            .zip(&sums)
            .map(|((_, field), sum)| match sum {
                Some(sum) => Cell::Number(amount(*field, *sum, currency)),
                None => Cell::Text(String::new()),
            })
            .collect();
        if sums.first().is_some_and(Option::is_none) {
            cells[0] = Cell::Strong(format!("All {}", words::counted(rows.total, "row")));
        }
        cells.push(Cell::Text(String::new()));
        lines.push(Row::new(cells));
    }
    let heads = heads.into_iter().chain([Head::text("Source")]).collect();
    Table::new(name, heads, lines).wide()
}

fn source(line: &Line) -> Cell {
    Cell::Muted(format!("{} row {}", line.file, number::count(line.row)))
}

/// The fields that most people look at first, of those that a table holds.
pub(super) fn usual(entity: Entity, fields: &[FieldId]) -> Vec<FieldId> {
    const MOST: usize = 9;
    let wanted: &[&str] = match entity {
        Entity::WorkOrder => &[
            "work_order_id",
            "product_id",
            "work_order_status",
            "due_date",
            "actual_end",
            "quantity_ordered",
            "quantity_completed",
            "quantity_scrapped",
            "planned_total_cost",
            "actual_total_cost",
        ],
        Entity::Operation => &[
            "work_order_id",
            "operation_sequence",
            "operation_name",
            "work_center_id",
            "machine_id",
            "operation_actual_start",
            "operation_actual_end",
            "planned_run_hours",
            "actual_run_hours",
            "operation_quantity_scrapped",
        ],
        Entity::Equipment => &[
            "machine_id",
            "downtime_start",
            "downtime_end",
            "downtime_hours",
            "downtime_reason",
            "maintenance_date",
        ],
        Entity::Booking => &[
            "work_order_id",
            "operation_sequence",
            "booking_date",
            "shift",
            "booking_type",
            "booking_hours",
            "actual_setup_hours",
            "actual_run_hours",
            "labor_rate",
            "actual_labor_cost",
        ],
        Entity::Material => &[
            "work_order_id",
            "material_id",
            "supplier_id",
            "planned_material_quantity",
            "actual_material_quantity",
            "material_standard_cost",
            "material_unit_cost",
            "receipt_date",
        ],
        Entity::Quality => &[
            "work_order_id",
            "operation_sequence",
            "defect_code",
            "defect_description",
            "defect_count",
            "operation_quantity_scrapped",
            "inspection_result",
        ],
    };
    let mut shown: Vec<FieldId> =
        wanted.iter().filter_map(|id| FieldId::named(id)).filter(|field| fields.contains(field)).collect();
    for field in fields {
        if shown.len() >= MOST {
            break;
        }
        // What belongs to another table is known there.
        if field.definition().entity == entity && !shown.contains(field) {
            shown.push(*field);
        }
    }
    shown
}
