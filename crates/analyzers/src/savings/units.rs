//! What a saving is measured by: rows of what was spent and what was expected, of the treated thing and of its peers.

use domain::Settings;

use super::{Opportunity, Unit};
use crate::{
    engine::{
        allowed::Allowed,
        context::Context,
        frame::Frame,
        observations::NONE,
        plant::{Names, Plant},
        value,
    },
    suite,
};

/// Types of findings that can be verified.
pub(super) const VERIFIABLE: &[&str] = &[
    "energy_per_hour",
    "labor_efficiency",
    "labor_efficiency_variance",
    "labor_rate_variance",
    "late_release",
    "material_price_variance",
    "material_usage_variance",
    "material_utilization",
    "rework_rate",
    "run_time_degradation",
    "scrap_rate",
    "setup_overrun",
    "standard_error",
];

pub(super) struct Measured {
    pub(super) unit: &'static str,
    pub(super) control: &'static str,
    pub(super) units: Vec<Unit>,
    pub(super) assumptions: Vec<String>,
}

/// A keyed figure of more than this many times what was expected is a keying error: it counts as this much.
const LARGEST_RATIO: f64 = 4.0;

/// Actual and expected of a row.
type Pair = Option<(f64, f64)>;

/// `None` where the data lack the fields.
pub(super) fn measure(plant: &Plant, opportunity: &Opportunity, settings: &Settings) -> Option<Measured> {
    let (operations, materials, orders) = (&plant.operations, &plant.materials, &plant.orders);
    let bounded = |actual: f64, expected: f64| Some((actual.min(LARGEST_RATIO * expected), expected));
    let worth = |row: usize| value::hour(plant, operations, row);
    let priced = (0..operations.len).any(|row| worth(row).is_finite());
    let hour = |row: usize| if priced { worth(row) } else { 1.0 };
    let hours = if priced { "money" } else { "h" };
    let number = |field: &str, row: usize| operations.number(field, row);
    let (frame, unit, pair): (&Frame, &'static str, Box<dyn Fn(usize) -> Pair + '_>) =
        match opportunity.type_.as_str() {
            "material_price_variance" => (
                materials,
                "money",
                Box::new(|row| {
                    let (paid, standard) = suite::material_prices(materials, row);
                    let quantity = materials.number("actual_material_quantity", row).unwrap_or(1.0);
                    Some((paid? * quantity, standard? * quantity))
                }),
            ),
            "material_usage_variance" | "material_utilization" => {
                let scale = suite::material_scale(plant, materials);
                (
                    materials,
                    "money",
                    Box::new(move |row| {
                        let (paid, standard) = suite::material_prices(materials, row);
                        let price = standard.or(paid)?;
                        let planned = materials.number("planned_material_quantity", row)? * scale[row];
                        let used = materials.number("actual_material_quantity", row)?;
                        bounded(used * price, planned * price)
                    }),
                )
            }
            "setup_overrun" => (
                operations,
                hours,
                Box::new(move |row| {
                    let planned = number("planned_setup_hours", row)?;
                    bounded(number("actual_setup_hours", row)? * hour(row), planned * hour(row))
                }),
            ),
            "labor_efficiency" | "labor_efficiency_variance" | "run_time_degradation" | "standard_error" => {
                let allowed = Allowed::of(plant)?;
                (
                    operations,
                    hours,
                    Box::new(move |row| {
                        let spent = allowed.spent(operations, row)?;
                        bounded(spent * hour(row), allowed.at(row) * hour(row))
                    }),
                )
            }
            "labor_rate_variance" => (
                operations,
                "money",
                Box::new(move |row| {
                    let hours = Some(value::booked_hours(operations, row)).filter(|hours| *hours > 0.0)?;
                    let standard = plant.number(operations, "standard_labor_rate", row)?;
                    let paid = number("actual_labor_cost", row)
                        .or_else(|| Some(number("labor_rate", row)? * hours))?;
                    bounded(paid, standard * hours)
                }),
            ),
            "energy_per_hour" => (
                operations,
                "kWh",
                Box::new(move |row| {
                    let hours = Some(value::booked_hours(operations, row)).filter(|hours| *hours > 0.0)?;
                    Some((number("energy_kwh", row)?, hours))
                }),
            ),
            "scrap_rate" => return pieces(plant, opportunity, settings, "operation_quantity_scrapped"),
            "rework_rate" => return pieces(plant, opportunity, settings, "operation_quantity_reworked"),
            "late_release" => (
                orders,
                "days",
                Box::new(move |row| {
                    // Early releases are no gain that could pay for late ones.
                    Some((suite::release_delay(plant, row)?.clamp(0.0, 90.0), 1.0))
                }),
            ),
            _ => return None,
        };
    let (treated, levels) = split(plant, frame, opportunity)?;
    let units = (0..frame.len)
        .filter_map(|row| {
            let (actual, expected) = pair(row)?;
            Some(unit_of(plant, frame, row, treated[row], levels[row], actual, expected))
        })
        .collect();
    let mut assumptions = Vec::new();
    if unit == "money" && std::ptr::eq(frame, operations) {
        assumptions.extend(value::rates_used(plant, operations));
    }
    Some(Measured { unit, control: CONTROL, units, assumptions })
}

const CONTROL: &str = "the same figure of all others of its kind, which the action did not touch";

fn unit_of(
    plant: &Plant,
    frame: &Frame,
    row: usize,
    treated: bool,
    level: u32,
    actual: f64,
    expected: f64,
) -> Unit {
    let order = frame.order[row];
    let cluster = if order == NONE { plant.orders.len as u32 + row as u32 } else { order };
    Unit { treated, level, cluster, day: plant.day(frame, row), actual, expected }
}

/// Defects are rates: what is expected of a lot is its pieces, and money is what the defects of it cost.
fn pieces(plant: &Plant, opportunity: &Opportunity, settings: &Settings, bad: &str) -> Option<Measured> {
    // Bookings know the shift, operations know the rest.
    let frames = [&plant.bookings, &plant.operations];
    let frame =
        frames.into_iter().find(|frame| frame.has(bad) && frame.has("operation_quantity_completed"))?;
    let (treated, levels) = split(plant, frame, opportunity)?;
    let currency = plant.currency.clone().unwrap_or_else(domain::Currency::unstated);
    let context = Context::new(plant, settings, currency, 0.0);
    let reached = context.cost_reached();
    let operation = |row: usize| {
        if std::ptr::eq(frame, &raw const plant.operations) {
            Some(row)
        } else {
            plant.operation_of_booking.get(row).filter(|row| **row != NONE).map(|row| *row as usize)
        }
    };
    let scrap = bad == "operation_quantity_scrapped";
    // A reworked piece costs the hours it takes again; only the data's own rework hours say how many.
    let again = {
        let operations = &plant.operations;
        let (mut cost, mut reworked) = (0.0, 0.0);
        for row in 0..operations.len {
            if let (Some(hours), Some(pieces)) = (
                operations.number("rework_hours", row),
                operations.number("operation_quantity_reworked", row),
            ) {
                let hour = value::hour(plant, operations, row);
                if hour.is_finite() && pieces > 0.0 {
                    cost += hours * hour;
                    reworked += pieces;
                }
            }
        }
        if reworked > 0.0 { cost / reworked } else { f64::NAN }
    };
    let worth = |row: usize| {
        if scrap {
            operation(row).and_then(|row| reached.get(row)).copied().unwrap_or(f64::NAN)
        } else {
            again
        }
    };
    let valued = (0..frame.len).any(|row| worth(row).is_finite());
    let units = crate::engine::defects::lots(plant, frame, bad)
        .lots
        .iter()
        .filter_map(|lot| {
            let row = lot.row as usize;
            let worth = if valued { worth(row) } else { 1.0 };
            worth.is_finite().then(|| {
                unit_of(plant, frame, row, treated[row], levels[row], lot.bad * worth, lot.pieces * worth)
            })
        })
        .collect();
    let assumption = if scrap {
        "A scrapped piece is valued at the planned cost it had reached."
    } else {
        "A reworked piece is valued at the rework hours that your data book for one, at your rates."
    };
    Some(Measured {
        unit: if valued { "money" } else { "pieces" },
        control: CONTROL,
        units,
        assumptions: if valued { vec![assumption.to_owned()] } else { Vec::new() },
    })
}

/// Which rows the action concerns, and to which peer the others belong.
fn split(plant: &Plant, frame: &Frame, opportunity: &Opportunity) -> Option<(Vec<bool>, Vec<u32>)> {
    let rows: Vec<u32> = (0..frame.len as u32).collect();
    let mut treated = vec![true; frame.len];
    let mut levels: Option<(Vec<u32>, Names)> = None;
    for entity in &opportunity.entities {
        let (codes, names) = plant.codes(frame, &rows, entity.field.as_str())?;
        let own = names.iter().position(|name| name.len() == 1 && name[0] == entity.value)? as u32;
        for (treated, code) in treated.iter_mut().zip(&codes) {
            *treated &= *code == own;
        }
        // Peers are told apart by the first thing that the finding names.
        levels.get_or_insert((codes, names));
    }
    Some((treated, levels?.0))
}
