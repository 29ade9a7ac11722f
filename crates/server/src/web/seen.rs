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

/// An amount with the unit of its field. Quantities have none there: each row states its own, see [`text`].
pub(super) fn amount(field: FieldId, value: f64, currency: &Currency) -> String {
    let unit = match field.definition().unit {
        Some(FieldUnit::Hours) => " h",
        Some(FieldUnit::KilowattHours) => " kWh",
        Some(FieldUnit::Percent) => "%",
        Some(FieldUnit::SecondsPerUnit) => " s per piece",
        Some(FieldUnit::UnitsPerHour | FieldUnit::MoneyPerHour) => " per hour",
        Some(FieldUnit::Persons) if value.abs() > 1.0 => " persons",
        Some(FieldUnit::Persons) => " person",
        Some(FieldUnit::Units | FieldUnit::Money) | None => "",
    };
    format!("{}{unit}", figure(field, value, currency))
}

/// What the row of a quantity says it is counted in: `kg`, `EA`.
pub(super) fn unit_of<'a>(rows: &'a Rows, line: &'a Line, field: FieldId) -> Option<&'a str> {
    if field.definition().unit != Some(FieldUnit::Units) {
        return None;
    }
    let id = match field.definition().entity {
        Entity::Material => "material_unit_of_measure",
        Entity::Quality => return None,
        _ => "unit_of_measure",
    };
    let at = rows.fields.iter().position(|known| known.as_str() == id)?;
    match line.values.get(at) {
        Some(Seen::Text(unit)) if !unit.trim().is_empty() => Some(unit.trim()),
        _ => None,
    }
}

/// What a quantity is counted in that stands alone. Where no column of the table says it, products are counted in pieces, as findings
/// count them; materials never, for each has its own.
pub(super) fn unit_alone<'a>(rows: &'a Rows, line: Option<&'a Line>, field: FieldId) -> Option<&'a str> {
    let is_said = rows.fields.iter().any(|known| known.as_str() == "unit_of_measure");
    let is_of_product = matches!(field.definition().entity, Entity::WorkOrder | Entity::Operation);
    if field.definition().unit == Some(FieldUnit::Units) && is_of_product && !is_said {
        return Some("pieces");
    }
    line.map_or_else(|| unit_of_all(rows, field), |line| unit_of(rows, line, field))
}

/// The one unit of all rows, where all are here and say the same.
fn unit_of_all(rows: &Rows, field: FieldId) -> Option<&str> {
    let mut units = rows.lines.iter().map(|line| unit_of(rows, line, field));
    let first = units.next()??;
    (rows.total == rows.lines.len() as u64 && units.all(|unit| unit == Some(first))).then_some(first)
}

/// What rows come to, with its unit.
pub(super) fn total(rows: &Rows, field: FieldId, sum: f64, currency: &Currency) -> String {
    counted_in(amount(field, sum, currency), unit_alone(rows, None, field))
}

fn counted_in(amount: String, unit: Option<&str>) -> String {
    match unit {
        Some(unit) => format!("{amount} {unit}"),
        None => amount,
    }
}

fn figure(field: FieldId, value: f64, currency: &Currency) -> String {
    let said = match field.definition().unit {
        Some(FieldUnit::Money | FieldUnit::MoneyPerHour) if value.abs() >= 1_000.0 => {
            number::money(value, currency)
        }
        Some(FieldUnit::Money | FieldUnit::MoneyPerHour) => number::cents(value, currency),
        Some(FieldUnit::Hours | FieldUnit::KilowattHours) => number::grouped(value, 2),
        Some(FieldUnit::Percent) => number::grouped(value, 1),
        _ if value.fract() == 0.0 => number::grouped(value, 0),
        _ => number::grouped(value, 3),
    };
    said.replace('-', "−")
}

/// A value in words; `unit` is what its row says that it is counted in.
pub(super) fn text(field: FieldId, seen: &Seen, unit: Option<&str>, currency: &Currency) -> String {
    match seen {
        Seen::Empty => String::new(),
        Seen::Text(text) => text.clone(),
        Seen::Number(value) => counted_in(amount(field, *value, currency), unit),
        Seen::Flag(flag) => if *flag { "yes" } else { "no" }.to_owned(),
        Seen::Moment(micros) => match number::moment(*micros) {
            Some(moment) if moment.time() != jiff::civil::Time::midnight() => {
                moment.strftime("%-d %b %Y %H:%M").to_string()
            }
            _ => number::day(*micros),
        },
    }
}

fn cell(field: FieldId, seen: &Seen, unit: Option<&str>, currency: &Currency) -> Cell {
    match seen {
        Seen::Empty => Cell::Empty,
        Seen::Text(order) if field.as_str() == "work_order_id" => {
            Cell::Link(Link::own(order, route::order(order)))
        }
        Seen::Text(id) if field.definition().type_ == FieldType::Identifier => Cell::Code(id.clone()),
        Seen::Text(text) => Cell::Own(text.clone()),
        Seen::Number(_) => Cell::Number(text(field, seen, unit, currency)),
        _ => Cell::Text(text(field, seen, None, currency)),
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
                let unit = unit_of(rows, line, *field);
                line.values.get(*at).map_or(Cell::Empty, |seen| cell(*field, seen, unit, currency))
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
                Some(sum) => Cell::Number(total(rows, *field, *sum, currency)),
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

#[cfg(test)]
mod tests {
    use super::*;

    fn field(id: &str) -> FieldId {
        FieldId::named(id).unwrap()
    }

    #[test]
    fn every_amount_carries_its_unit() {
        let usd = Currency::parse("USD").unwrap();
        for (id, value, said) in [
            ("actual_run_hours", 4.25, "4.25 h"),
            ("actual_labor_hours", -1_204.5, "−1,204.50 h"),
            ("energy_kwh", 12.0, "12.00 kWh"),
            ("planned_scrap_percent", 2.5, "2.5%"),
            ("standard_cycle_time", 42.0, "42 s per piece"),
            ("standard_rate", 85.0, "85 per hour"),
            ("labor_rate", 31.5, "$31.50 per hour"),
            ("crew_size", 2.0, "2 persons"),
            ("crew_size", 1.0, "1 person"),
            ("actual_total_cost", 4_684.0, "$4,684"),
            ("quantity_ordered", 250.0, "250"),
        ] {
            assert_eq!(amount(field(id), value, &usd), said, "{id}");
        }
    }

    #[test]
    fn a_quantity_is_counted_in_what_its_row_says() {
        let fields = vec![field("actual_material_quantity"), field("material_unit_of_measure")];
        let line = |unit: &str| Line {
            file: "issues.csv".to_owned(),
            row: 2,
            values: vec![Seen::Number(1_200.0), Seen::Text(unit.to_owned())],
        };
        let rows = |units: &[&str]| Rows {
            fields: fields.clone(),
            lines: units.iter().map(|unit| line(unit)).collect(),
            total: units.len() as u64,
            sums: vec![None, None],
        };
        let usd = Currency::parse("USD").unwrap();
        let alike = rows(&["kg", "kg"]);
        let unit = unit_of(&alike, &alike.lines[0], fields[0]);
        assert_eq!(text(fields[0], &alike.lines[0].values[0], unit, &usd), "1,200 kg");
        assert_eq!(unit_of_all(&alike, fields[0]), Some("kg"));
        // A sum of metres and kilograms has no unit.
        assert_eq!(unit_of_all(&rows(&["kg", "m"]), fields[0]), None);
        assert_eq!(unit_of_all(&rows(&["kg", ""]), fields[0]), None);
    }
}
