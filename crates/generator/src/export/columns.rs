//! What every key of the layouts shows: the one table between the simulation and the captions.

use super::cell::Cell;
use crate::{
    calendar::Calendar,
    plant::{
        identity::{self, FAMILIES, Identity},
        master_data::SUPPLIERS,
    },
    simulation::{
        machine::{STOP_REASONS, Stop},
        operation::{DEFECTS, Operation, Ticket},
        order::{COLORS, Line, Order},
    },
};

/// What a row can be about. A file has one grain, and rows of a finer grain also know the coarser.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Row<'a> {
    pub(crate) calendar: Calendar,
    pub(crate) order: Option<&'a Order>,
    pub(crate) operation: Option<&'a Operation>,
    pub(crate) ticket: Option<&'a Ticket>,
    pub(crate) line: Option<(usize, &'a Line)>,
    pub(crate) stop: Option<&'a Stop>,
    pub(crate) maintenance: Option<&'a Maintenance>,
    /// Running number of the row in its file.
    pub(crate) serial: u64,
}

/// Work on a machine: planned on a Saturday, or the repair of a breakdown.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Maintenance {
    pub(crate) facility: u32,
    pub(crate) work_center: usize,
    pub(crate) machine: usize,
    pub(crate) day: i64,
    pub(crate) corrective: bool,
    pub(crate) cost: i64,
}

pub(crate) type Show = fn(&Row<'_>) -> Option<Cell>;

const OPERATION_NAMES: [&str; 7] =
    ["Sawing", "Turning", "Milling", "Grinding", "Heat treatment", "Assembly", "Packing"];
const PRODUCT_NAMES: [&str; 6] = ["Flange", "Shaft", "Housing", "Bracket", "Valve body", "Gear"];
const MATERIAL_NAMES: [&str; 5] = ["Round bar", "Flat bar", "Casting", "Sheet", "Fastener kit"];
const SUPPLIER_NAMES: [&str; SUPPLIERS] = [
    "Alder Steel",
    "Birch Metals",
    "Cedar Alloys",
    "Dogwood Supply",
    "Elm Castings",
    "Fir Industrial",
    "Ginkgo Materials",
    "Hazel Forge",
    "Ironwood Bars",
    "Juniper Sheet",
    "Katsura Trading",
    "Larch Components",
];

fn money(cents: i64) -> Cell {
    Cell::Decimal(cents, 2)
}

fn hours(ticks: i64) -> Cell {
    Cell::Decimal(ticks, 2)
}

fn id(prefix: &'static str, number: u64, width: usize) -> Cell {
    Cell::Id(Identity { prefix, number, width })
}

/// The value behind a key of `data/layouts.csv`.
pub(crate) fn show(key: &str) -> Option<Show> {
    Some(match key {
        "order.number" => |r| r.order.map(|o| id("J", 100_000 + o.number, 6)),
        "order.facility" => |r| r.order.map(|o| Cell::Id(identity::facility(o.facility))),
        "order.type" => |r| r.order.map(|_| Cell::Word("Standard")),
        "order.status" => |r| r.order.map(|_| Cell::Word("Closed")),
        "order.product" => |r| r.order.map(|o| Cell::Id(identity::product(o.product))),
        "order.product_name" => |r| {
            r.order.map(|o| {
                Cell::Named(PRODUCT_NAMES[o.family], Identity { prefix: "", ..identity::product(o.product) })
            })
        },
        "order.family" => |r| r.order.map(|o| Cell::Text(FAMILIES[o.family])),
        "order.revision" => |r| r.order.map(|o| Cell::Text(["A", "B", "C", "D"][o.attributes.revision])),
        "order.customer" => |r| r.order.map(|o| Cell::Id(identity::customer(o.customer))),
        "order.sales_order" => |r| r.order.map(|o| id("SO", 500_000 + o.number * 7 / 3, 6)),
        "order.planner" => |r| r.order.map(|o| Cell::Id(identity::planner(o.facility, o.planner))),
        "order.priority" => |r| r.order.map(|o| Cell::Integer(o.attributes.priority as i64)),
        "order.entered" => |r| r.order.map(|o| Cell::Date(r.calendar.opening_day(o.entered))),
        "order.planned_release" => {
            |r| r.order.map(|o| Cell::Moment(r.calendar.opening_minute(o.planned_release)))
        }
        "order.release" => |r| r.order.map(|o| Cell::Moment(r.calendar.opening_minute(o.release))),
        "order.planned_end" => |r| r.order.map(|o| Cell::Moment(r.calendar.closing_minute(o.planned_end))),
        "order.due" => |r| r.order.map(|o| Cell::Date(r.calendar.closing_day(o.due))),
        "order.start" => |r| r.order.map(|o| Cell::Moment(r.calendar.opening_minute(o.start()))),
        "order.end" => |r| r.order.map(|o| Cell::Moment(r.calendar.closing_minute(o.end()))),
        "order.quantity" => |r| r.order.map(|o| Cell::Integer(o.quantity)),
        "order.good" => |r| r.order.map(|o| Cell::Integer(o.good())),
        "order.scrap" => |r| r.order.map(|o| Cell::Integer(o.scrap())),
        "order.rework" => |r| r.order.map(|o| Cell::Integer(o.rework())),
        "order.planned_scrap" => |r| r.order.map(|o| Cell::Integer(o.planned_scrap)),
        "order.planned_material" => |r| r.order.map(|o| money(o.planned_material())),
        "order.material" => |r| r.order.map(|o| money(o.material())),
        "order.planned_hours" => |r| r.order.map(|o| hours(o.total(Operation::planned))),
        "order.hours" => |r| r.order.map(|o| hours(o.total(Operation::booked))),
        "order.planned_labor" => |r| r.order.map(|o| money(o.total(Operation::planned_labor_cost))),
        "order.labor" => |r| r.order.map(|o| money(o.total(Operation::labor_cost))),
        "order.planned_machine_cost" => |r| r.order.map(|o| money(o.total(Operation::planned_machine_cost))),
        "order.machine_cost" => |r| r.order.map(|o| money(o.total(Operation::machine_cost))),
        "order.planned_cost" => |r| r.order.map(|o| money(o.planned_cost())),
        "order.cost" => |r| r.order.map(|o| money(o.cost())),
        "order.unit_price" => |r| r.order.map(|o| money(o.unit_price)),
        "order.revenue" => |r| r.order.map(|o| money(o.revenue())),
        "order.currency" => |r| r.order.map(|_| Cell::Text("USD")),
        "order.color" => |r| r.order.map(|o| Cell::Word(COLORS[o.attributes.color])),
        "order.crate_type" => |r| r.order.map(|o| id("KLT-", o.attributes.crate_type as u64 + 1, 2)),
        "order.buyer" => |r| r.order.map(|o| id("B", o.attributes.buyer as u64 + 1, 2)),
        "order.zone" => |r| r.order.map(|o| id("Z", o.attributes.zone as u64 + 1, 2)),
        "order.dock" => |r| r.order.map(|o| id("D", o.attributes.dock as u64 + 1, 2)),
        "order.main_material" => {
            |r| r.order.and_then(Order::main_line).map(|l| Cell::Id(identity::material(l.material)))
        }
        "order.main_supplier" => {
            |r| r.order.and_then(Order::main_line).map(|l| Cell::Id(identity::supplier(l.supplier)))
        }
        _ => return show_operation(key).or_else(|| show_ticket(key)).or_else(|| show_rest(key)),
    })
}

fn show_operation(key: &str) -> Option<Show> {
    Some(match key {
        "operation.sequence" => |r| r.operation.map(|o| Cell::Integer(10 * (o.position as i64 + 1))),
        "operation.name" => |r| r.operation.map(|o| Cell::Word(OPERATION_NAMES[o.work_center])),
        "operation.work_center" => |r| {
            r.order.zip(r.operation).map(|(w, o)| Cell::Id(identity::work_center(w.facility, o.work_center)))
        },
        "operation.machine" => {
            |r| r.order.zip(r.operation).map(|(w, o)| Cell::Id(identity::machine(w.facility, o.machine)))
        }
        "operation.planned_start" => {
            |r| r.operation.map(|o| Cell::Moment(r.calendar.opening_minute(o.planned_start)))
        }
        "operation.planned_end" => {
            |r| r.operation.map(|o| Cell::Moment(r.calendar.closing_minute(o.planned_end)))
        }
        "operation.start" => |r| r.operation.map(|o| Cell::Moment(r.calendar.opening_minute(o.start))),
        "operation.end" => |r| r.operation.map(|o| Cell::Moment(r.calendar.closing_minute(o.end))),
        "operation.quantity_in" => |r| r.operation.map(|o| Cell::Integer(o.quantity_in)),
        "operation.good" => |r| r.operation.map(|o| Cell::Integer(o.good)),
        "operation.scrap" => |r| r.operation.map(|o| Cell::Integer(o.scrap)),
        "operation.rework" => |r| r.operation.map(|o| Cell::Integer(o.rework)),
        "operation.planned_setup" => |r| r.operation.map(|o| hours(o.planned_setup)),
        "operation.setup" => |r| r.operation.map(|o| hours(o.setup)),
        "operation.planned_run" => |r| r.operation.map(|o| hours(o.planned_run)),
        "operation.run" => |r| r.operation.map(|o| hours(o.booked_run())),
        "operation.rework_hours" => |r| r.operation.map(|o| hours(o.rework_time)),
        "operation.down_hours" => |r| r.operation.map(|o| hours(o.down())),
        "operation.labor_rate" => |r| r.operation.map(|o| money(o.rates.labor)),
        "operation.machine_rate" => |r| r.operation.map(|o| money(o.rates.machine)),
        "operation.planned_labor" => |r| r.operation.map(|o| money(o.planned_labor_cost())),
        "operation.labor" => |r| r.operation.map(|o| money(o.labor_cost())),
        "operation.planned_machine_cost" => |r| r.operation.map(|o| money(o.planned_machine_cost())),
        "operation.machine_cost" => |r| r.operation.map(|o| money(o.machine_cost())),
        "operation.energy" => |r| r.operation.map(|o| Cell::Decimal(o.energy, 2)),
        "operation.tool" => |r| r.operation.map(|o| id("T", 1_000 + o.tool as u64, 4)),
        "operation.fixture" => |r| r.operation.map(|o| id("PAL", o.fixture as u64 + 1, 2)),
        "operation.employee" => |r| {
            let (order, ticket) = r.order.zip(r.operation?.tickets.first())?;
            Some(Cell::Id(identity::employee(order.facility, ticket.employee)))
        },
        "operation.shift" => {
            |r| r.operation.and_then(|o| o.tickets.first()).map(|t| Cell::Integer(t.shift as i64))
        }
        _ => return None,
    })
}

fn show_ticket(key: &str) -> Option<Show> {
    Some(match key {
        "ticket.number" => |r| r.ticket.map(|_| Cell::Integer(7_000_000 + r.serial as i64)),
        "ticket.employee" => {
            |r| r.order.zip(r.ticket).map(|(o, t)| Cell::Id(identity::employee(o.facility, t.employee)))
        }
        "ticket.shift" => |r| r.ticket.map(|t| Cell::Integer(t.shift as i64)),
        "ticket.date" => |r| r.ticket.map(|t| Cell::Date(r.calendar.opening_day(t.start))),
        "ticket.start" => |r| r.ticket.map(|t| Cell::Moment(r.calendar.opening_minute(t.start))),
        "ticket.end" => |r| r.ticket.map(|t| Cell::Moment(r.calendar.closing_minute(t.end))),
        "ticket.setup" => |r| r.ticket.map(|t| hours(t.setup)),
        "ticket.run" => |r| r.ticket.map(|t| hours(t.booked_run())),
        "ticket.rework" => |r| r.ticket.map(|t| hours(t.rework)),
        "ticket.good" => |r| r.ticket.map(|t| Cell::Integer(t.good)),
        "ticket.scrap" => |r| r.ticket.map(|t| Cell::Integer(t.scrap)),
        "ticket.defect" => |r| r.ticket.filter(|t| t.scrap > 0).map(|t| Cell::Text(DEFECTS[t.defect].0)),
        "ticket.pay_rate" => |r| r.ticket.map(|t| money(t.pay_rate)),
        "ticket.cost" => |r| r.ticket.map(|t| money(t.cost())),
        "reject.number" => |r| r.ticket.map(|_| id("NCR-", 10_000 + r.serial, 5)),
        "reject.code" => |r| r.ticket.map(|t| Cell::Text(DEFECTS[t.defect].0)),
        "reject.text" => |r| r.ticket.map(|t| Cell::Word(DEFECTS[t.defect].1)),
        "reject.quantity" => |r| r.ticket.map(|t| Cell::Integer(t.scrap)),
        _ => return None,
    })
}

fn show_rest(key: &str) -> Option<Show> {
    Some(match key {
        "line.sequence" => |r| r.line.map(|(position, _)| Cell::Integer(10 * (position as i64 + 1))),
        "line.material" => |r| r.line.map(|(_, l)| Cell::Id(identity::material(l.material))),
        "line.name" => |r| {
            let (_, line) = r.line?;
            let size = Identity { prefix: "", ..identity::material(line.material) };
            Some(Cell::Named(MATERIAL_NAMES[line.material % MATERIAL_NAMES.len()], size))
        },
        "line.supplier" => |r| r.line.map(|(_, l)| Cell::Id(identity::supplier(l.supplier))),
        "line.supplier_name" => |r| r.line.map(|(_, l)| Cell::Text(SUPPLIER_NAMES[l.supplier])),
        "line.lot" => |r| r.line.map(|(_, l)| id("L", l.lot, 6)),
        "line.date" => |r| r.order.map(|o| Cell::Date(r.calendar.opening_day(o.release))),
        "line.planned" => |r| r.line.map(|(_, l)| Cell::Decimal(l.planned, 3)),
        "line.issued" => |r| r.line.map(|(_, l)| Cell::Decimal(l.issued, 3)),
        "line.unit" => |r| r.line.map(|_| Cell::Word("EA")),
        "line.standard_price" => |r| r.line.map(|(_, l)| Cell::Decimal(l.standard_price, 4)),
        "line.price" => |r| r.line.map(|(_, l)| Cell::Decimal(l.price, 4)),
        "line.planned_cost" => |r| r.line.map(|(_, l)| money(l.planned_cost())),
        "line.cost" => |r| r.line.map(|(_, l)| money(l.cost())),
        "stop.number" => |r| r.stop.map(|_| id("DT", 1 + r.serial, 6)),
        "stop.start" => |r| r.stop.map(|s| Cell::Moment(r.calendar.opening_minute(s.start))),
        "stop.end" => |r| r.stop.map(|s| Cell::Moment(r.calendar.closing_minute(s.start + s.repair))),
        "stop.hours" => |r| r.stop.map(|s| hours(s.repair)),
        "stop.type" => |r| r.stop.map(|_| Cell::Word("Unplanned")),
        "stop.reason" => |r| r.stop.map(|s| Cell::Word(STOP_REASONS[s.reason])),
        "maintenance.number" => |r| r.maintenance.map(|_| id("MO", 40_000 + r.serial, 5)),
        "maintenance.facility" => |r| r.maintenance.map(|m| Cell::Id(identity::facility(m.facility))),
        "maintenance.work_center" => {
            |r| r.maintenance.map(|m| Cell::Id(identity::work_center(m.facility, m.work_center)))
        }
        "maintenance.machine" => {
            |r| r.maintenance.map(|m| Cell::Id(identity::machine(m.facility, m.machine)))
        }
        "maintenance.date" => |r| r.maintenance.map(|m| Cell::Date(m.day)),
        "maintenance.type" => {
            |r| r.maintenance.map(|m| Cell::Word(if m.corrective { "Corrective" } else { "Preventive" }))
        }
        "maintenance.cost" => |r| r.maintenance.map(|m| money(m.cost)),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::export::style::{Style, styles};

    #[test]
    fn every_key_of_the_layouts_is_known() {
        for (name, _) in styles().unwrap() {
            for column in Style::named(&name).unwrap().columns {
                assert!(show(&column.key).is_some(), "{name}: {}", column.key);
            }
        }
    }
}
