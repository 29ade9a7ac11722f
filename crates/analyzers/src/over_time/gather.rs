//! Weekly sums of every followed key figure from the frames of a plant.

use std::collections::BTreeMap;

use domain::analysis::EntityRef;
use ontology::FieldId;

use super::{History, Series, Week};
use crate::{
    engine::{allowed::Allowed, frame::Frame, ledger, observations::NONE, plant::Plant, value},
    suite,
};

/// Entities with more values than this are single things (orders, lots), not parts of the plant.
const MOST_VALUES: usize = 500;

/// A keyed figure of more than this many times the plan is a keying error: it counts as this much.
const LARGEST_RATIO: f64 = 4.0;

/// Monday of a day: 1970-01-01 was a Thursday.
pub(super) fn monday(day: f64) -> i32 {
    let day = day.floor() as i32;
    day - (day + 3).rem_euclid(7)
}

struct Sums<'a> {
    plant: &'a Plant,
    all: BTreeMap<(&'static str, Vec<EntityRef>), BTreeMap<i32, Week>>,
}

impl Sums<'_> {
    /// Adds `over` and `under` of each row to the plant and to the entities of the row.
    fn gather(
        &mut self,
        frame: &Frame,
        kpi: &'static str,
        scopes: &[&'static str],
        day: impl Fn(usize) -> f64,
        parts: impl Fn(usize) -> Option<(f64, f64)>,
    ) {
        let rows: Vec<(u32, i32, f64, f64)> = (0..frame.len)
            .filter_map(|row| {
                let day = day(row);
                let (over, under) = parts(row)?;
                (day.is_finite() && over.is_finite() && under.is_finite() && under > 0.0)
                    .then(|| (row as u32, monday(day), over, under))
            })
            .collect();
        let numbers: Vec<u32> = rows.iter().map(|row| row.0).collect();
        if kpi != "material_unit_price" {
            let weeks = self.all.entry((kpi, Vec::new())).or_default();
            for row in &rows {
                add(weeks, row);
            }
        }
        for scope in scopes {
            let Some(field) = FieldId::named(scope) else { continue };
            let Some((codes, names)) = self.plant.codes(frame, &numbers, scope) else { continue };
            if names.len() > MOST_VALUES || names.len() < 2 {
                continue;
            }
            let mut of_level = vec![BTreeMap::new(); names.len()];
            for (row, code) in rows.iter().zip(codes) {
                if code != NONE {
                    add(&mut of_level[code as usize], row);
                }
            }
            for (weeks, name) in of_level.into_iter().zip(names.iter()) {
                let entity = EntityRef { field, value: name.join(" ") };
                self.all.insert((kpi, vec![entity]), weeks);
            }
        }
    }
}

fn add(weeks: &mut BTreeMap<i32, Week>, (_, monday, over, under): &(u32, i32, f64, f64)) {
    let week = weeks.entry(*monday).or_insert(Week { monday: *monday, over: 0.0, under: 0.0, units: 0 });
    week.over += over;
    week.under += under;
    week.units += 1;
}

pub(super) fn history(plant: &Plant) -> History {
    let mut sums = Sums { plant, all: BTreeMap::new() };
    operations(plant, &mut sums);
    materials(plant, &mut sums);
    orders(plant, &mut sums);
    let series = sums
        .all
        .into_iter()
        .filter(|(_, weeks)| weeks.values().any(|week| week.over != 0.0))
        .map(|((kpi, scope), weeks)| Series {
            kpi: kpi.to_owned(),
            scope,
            weeks: weeks.into_values().collect(),
        })
        .collect();
    History { series }
}

fn operations(plant: &Plant, sums: &mut Sums<'_>) {
    let frame = &plant.operations;
    let scopes = ["facility_id", "work_center_id", "machine_id", "product_family", "shift"];
    let day = |row: usize| plant.day(frame, row);
    let number = |field: &str, row: usize| frame.number(field, row);
    let scrap = |row: usize| number("operation_quantity_scrapped", row);
    let pieces =
        |row: usize| number("operation_quantity_completed", row).map(|good| good + scrap(row).unwrap_or(0.0));
    sums.gather(frame, "scrap_ratio", &scopes, day, |row| Some((scrap(row)?, pieces(row)?)));
    sums.gather(frame, "rework_ratio", &scopes, day, |row| {
        Some((number("operation_quantity_reworked", row)?, pieces(row)?))
    });
    sums.gather(frame, "setup_efficiency", &scopes, day, |row| {
        let planned = number("planned_setup_hours", row)?;
        Some((planned, number("actual_setup_hours", row)?.min(planned * LARGEST_RATIO)))
    });
    if let Some(allowed) = Allowed::of(plant) {
        let spent =
            |row: usize| allowed.spent(frame, row).map(|spent| spent.min(allowed.at(row) * LARGEST_RATIO));
        sums.gather(frame, "labor_efficiency", &scopes, day, |row| Some((allowed.at(row), spent(row)?)));
        sums.gather(frame, "energy_per_hour", &["machine_id", "work_center_id"], day, |row| {
            Some((number("energy_kwh", row)?, spent(row)?))
        });
    }
    sums.gather(frame, "labor_rate_ratio", &["work_center_id", "department"], day, |row| {
        let hours = Some(value::booked_hours(frame, row)).filter(|hours| *hours > 0.0)?;
        let standard = plant.number(frame, "standard_labor_rate", row)?;
        let paid = number("actual_labor_cost", row).or_else(|| Some(number("labor_rate", row)? * hours))?;
        Some((paid, standard * hours))
    });
}

fn materials(plant: &Plant, sums: &mut Sums<'_>) {
    let frame = &plant.materials;
    let day = |row: usize| plant.day(frame, row);
    let quantity = |row: usize| frame.number("actual_material_quantity", row);
    let scopes = ["supplier_id", "material_id"];
    if suite::material_price_has_standard(plant) {
        sums.gather(frame, "material_price_ratio", &scopes, day, |row| {
            let (paid, standard) = suite::material_prices(frame, row);
            let quantity = quantity(row).unwrap_or(1.0);
            Some((paid? * quantity, standard? * quantity))
        });
    } else {
        sums.gather(frame, "material_unit_price", &["material_id"], day, |row| {
            let quantity = quantity(row).unwrap_or(1.0);
            Some((suite::material_prices(frame, row).0? * quantity, quantity))
        });
    }
    if frame.has("planned_material_quantity") && frame.has("actual_material_quantity") {
        let scale = suite::material_scale(plant, frame);
        sums.gather(frame, "material_usage_ratio", &scopes, day, |row| {
            let (paid, standard) = suite::material_prices(frame, row);
            let price = standard.or(paid).unwrap_or(1.0);
            let planned = frame.number("planned_material_quantity", row)? * scale[row];
            Some((quantity(row)?.min(planned * LARGEST_RATIO) * price, planned * price))
        });
    }
}

fn orders(plant: &Plant, sums: &mut Sums<'_>) {
    let frame = &plant.orders;
    let at = |field: &str, row: usize| frame.days(field).map(|days| days[row]).filter(|day| day.is_finite());
    let end = |row: usize| at("actual_end", row).unwrap_or(f64::NAN);
    let scopes = ["facility_id", "product_family", "planner_id"];
    sums.gather(frame, "on_time_delivery", &scopes, end, |row| {
        let kept = at("actual_end", row)?.floor() <= at("due_date", row)?.floor();
        Some((f64::from(u8::from(kept)), 1.0))
    });
    sums.gather(frame, "lead_time", &scopes, end, |row| {
        let start = at("release_date", row).or_else(|| at("actual_start", row))?;
        Some(((at("actual_end", row)? - start).max(0.0), 1.0))
    });
    sums.gather(
        frame,
        "cost_ratio",
        &scopes,
        |row| plant.order_day(row as u32),
        |row| {
            let costs = ledger::order_costs(plant, row)?;
            Some((costs.actual, costs.planned))
        },
    );
}

#[cfg(test)]
mod tests {
    use super::monday;

    #[test]
    fn weeks_begin_on_monday() {
        // 1970-01-01 is a Thursday, 1970-01-05 a Monday.
        assert_eq!([0.0, 3.9, 4.0, 10.5, 11.0].map(monday), [-3, -3, 4, 4, 11]);
    }
}
