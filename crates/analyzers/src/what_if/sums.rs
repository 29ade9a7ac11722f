//! The sums that questions are asked of, of the whole plant or of a part of it.

use domain::{Settings, analysis::EntityRef};

use crate::{
    engine::{
        allowed, context::Context, flow::OpenHours, frame::Frame, observations::NONE, plant::Plant, value,
    },
    suite,
};

/// What the data hold of the period; nought where they hold nothing.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Sums {
    pub days: f64,
    pub setups: f64,
    pub setup_hours: f64,
    pub run_hours: f64,
    pub pieces: f64,
    pub scrapped: f64,
    /// Orders that made the pieces.
    pub orders: f64,
    /// Labor and machine cost of an hour, weighted by the hours; `None` where the data hold no rate.
    pub labor_hour: Option<f64>,
    pub machine_hour: Option<f64>,
    /// Cost that the scrapped pieces had reached, in all.
    pub scrap_cost: Option<f64>,
    /// Paid for material.
    pub material_spend: Option<f64>,
    /// Planned cost of a piece.
    pub piece_cost: Option<f64>,
    pub load: Option<Load>,
}

/// Arrivals and service of one work center, as queueing theory counts them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Load {
    pub machines: f64,
    pub utilization: f64,
    /// Mean hours of an operation, set-up and stops included.
    pub effective_hours: f64,
    /// Squared variation of the time between arrivals and of the effective time.
    pub ca2: f64,
    pub ce2: f64,
    /// Mean open hours that operations truly waited.
    pub waited: f64,
    pub operations: f64,
    /// Hours a week in which the plant is open.
    pub open_per_week: f64,
}

impl Sums {
    /// Sums of the rows that all of `scope` holds for; an empty scope is the plant.
    pub fn of(plant: &Plant, scope: &[EntityRef], settings: &Settings) -> Self {
        let mut sums = Self { days: plant.span_days(), ..Self::default() };
        let operations = &plant.operations;
        let within = members(plant, operations, scope);
        let currency = plant.currency.clone().unwrap_or_else(domain::Currency::unstated);
        let context = Context::new(plant, settings, currency, 0.0);
        let reached = context.cost_reached();
        let (mut labor, mut machine, mut hours_of) = (0.0, 0.0, [0.0; 2]);
        let (mut scrap, mut valued) = (0.0, false);
        let mut orders = std::collections::BTreeSet::new();
        for row in (0..operations.len).filter(|row| within[*row]) {
            let number = |field: &str| operations.number(field, row).filter(|value| *value > 0.0);
            let (setup, run) = (number("actual_setup_hours"), number("actual_run_hours"));
            sums.setup_hours += setup.unwrap_or(0.0);
            sums.setups += f64::from(u8::from(setup.is_some()));
            sums.run_hours += run.or_else(|| number("actual_labor_hours")).unwrap_or(0.0);
            sums.pieces += allowed::processed(plant, operations, row).unwrap_or(0.0);
            orders.insert(operations.order[row]);
            let hours = value::booked_hours(operations, row);
            let (all, own) =
                (value::hour(plant, operations, row), value::machine_hour(plant, operations, row));
            if all.is_finite() {
                labor += hours * (all - own.unwrap_or(0.0));
                hours_of[0] += hours;
            }
            if let Some(own) = own {
                machine += hours * own;
                hours_of[1] += hours;
            }
            if let Some(bad) = number("operation_quantity_scrapped") {
                sums.scrapped += bad;
                if reached[row].is_finite() {
                    scrap += bad * reached[row];
                    valued = true;
                }
            }
        }
        sums.orders = orders.len() as f64;
        sums.labor_hour = (hours_of[0] > 0.0).then(|| labor / hours_of[0]);
        sums.machine_hour = (hours_of[1] > 0.0).then(|| machine / hours_of[1]);
        sums.scrap_cost = valued.then_some(scrap);
        sums.material_spend = spend(plant, scope);
        sums.piece_cost = piece_cost(plant, &orders);
        sums.load = load(plant, &within);
        sums
    }

    pub(super) fn per_year(&self, amount: f64) -> f64 {
        amount * 365.0 / self.days.max(1.0)
    }
}

fn members(plant: &Plant, frame: &Frame, scope: &[EntityRef]) -> Vec<bool> {
    let rows: Vec<u32> = (0..frame.len as u32).collect();
    let mut within = vec![true; frame.len];
    for entity in scope {
        let known = plant.codes(frame, &rows, entity.field.as_str());
        let own = known
            .as_ref()
            .and_then(|(_, names)| names.iter().position(|name| name.len() == 1 && name[0] == entity.value));
        for (row, within) in within.iter_mut().enumerate() {
            *within &= known.as_ref().zip(own).is_some_and(|((codes, _), own)| codes[row] as usize == own);
        }
    }
    within
}

fn spend(plant: &Plant, scope: &[EntityRef]) -> Option<f64> {
    let frame = &plant.materials;
    let within = members(plant, frame, scope);
    let mut sum = 0.0;
    let mut known = false;
    for row in (0..frame.len).filter(|row| within[*row]) {
        let paid = suite::material_prices(frame, row).0;
        if let (Some(paid), Some(quantity)) = (paid, frame.number("actual_material_quantity", row)) {
            sum += paid * quantity;
            known = true;
        }
    }
    known.then_some(sum)
}

fn piece_cost(plant: &Plant, orders: &std::collections::BTreeSet<u32>) -> Option<f64> {
    let (mut cost, mut pieces) = (0.0, 0.0);
    for order in orders.iter().filter(|order| **order != NONE) {
        let number = |field: &str| plant.orders.number(field, *order as usize).filter(|value| *value > 0.0);
        if let (Some(planned), Some(ordered)) =
            (number("planned_total_cost").or_else(|| number("actual_total_cost")), number("quantity_ordered"))
        {
            cost += planned;
            pieces += ordered;
        }
    }
    (pieces > 0.0).then(|| cost / pieces)
}

/// `None` without times of operations.
fn load(plant: &Plant, within: &[bool]) -> Option<Load> {
    let frame = &plant.operations;
    let (starts, ends) = (frame.days("operation_actual_start")?, frame.days("operation_actual_end")?);
    let open = OpenHours::learn(starts)?;
    let (mut arrivals, mut services, mut waits) = (Vec::new(), Vec::new(), Vec::new());
    let mut machines: std::collections::BTreeMap<u32, usize> = std::collections::BTreeMap::new();
    let codes = frame.words("machine_id");
    for (order, range) in plant.operations_of.iter().enumerate() {
        let released = plant.orders.days("release_date").map_or(f64::NAN, |days| days[order]);
        // A release that is only a date has no time of day to measure from.
        let mut arrival = if released.fract() == 0.0 { f64::NAN } else { released };
        for row in range.clone() {
            let (start, end) = (starts[row], ends[row]);
            if within[row] && start.is_finite() && end > start {
                services.push(open.between(start, end).max(0.0));
                if arrival.is_finite() {
                    arrivals.push(arrival);
                    waits.push(open.between(arrival, start).max(0.0));
                }
                if let Some(code) = codes.map(|words| words.code(row)).filter(|code| *code != NONE) {
                    *machines.entry(code).or_default() += 1;
                }
            }
            if end.is_finite() {
                arrival = if arrival.is_finite() { arrival.max(end) } else { end };
            }
        }
    }
    let rows = services.len() as f64;
    let used = machines.values().filter(|n| **n as f64 * 100.0 >= rows).count();
    if rows < 30.0 || used == 0 || arrivals.len() < 30 {
        return None;
    }
    arrivals.sort_by(f64::total_cmp);
    let between: Vec<f64> = arrivals.windows(2).map(|pair| open.between(pair[0], pair[1]).max(0.0)).collect();
    let weeks = (plant.last_day - plant.first_day) / 7.0;
    let available = weeks * open.per_week() * used as f64;
    let (mean_service, ce2) = variation(&services)?;
    let (_, ca2) = variation(&between)?;
    Some(Load {
        machines: used as f64,
        utilization: services.iter().sum::<f64>() / available.max(1e-9),
        effective_hours: mean_service,
        ca2,
        ce2,
        waited: waits.iter().sum::<f64>() / waits.len() as f64,
        operations: rows,
        open_per_week: open.per_week(),
    })
}

/// Mean and squared coefficient of variation.
fn variation(values: &[f64]) -> Option<(f64, f64)> {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let variance = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (n - 1.0);
    (mean > 0.0 && variance.is_finite()).then(|| (mean, variance / (mean * mean)))
}
