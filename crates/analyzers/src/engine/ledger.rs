//! Where the money went: actual against the plan flexed to what was made, split into parts that add up to the cent.

use domain::{
    Currency, Finding, Money,
    analysis::{EvidenceGrade, Totals},
};
use rust_decimal::Decimal;

use super::{observations::NONE, plant::Plant, value};

/// Cost of one order: plan scaled to its good quantity, and actual.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OrderCosts {
    pub planned: f64,
    pub actual: f64,
}

const CLASSES: [(&str, &str, &str); 5] = [
    ("material", "planned_material_cost", "actual_material_cost"),
    ("labor", "planned_labor_cost", "actual_labor_cost"),
    ("overhead", "planned_overhead_cost", "actual_overhead_cost"),
    ("conversion", "planned_conversion_cost", "actual_conversion_cost"),
    ("subcontract", "planned_subcontract_cost", "actual_subcontract_cost"),
];

/// Good over ordered quantity; 1 where either is not known.
pub fn flex(plant: &Plant, order: usize) -> f64 {
    let good = plant.orders.number("quantity_completed", order);
    let ordered = plant.orders.number("quantity_ordered", order);
    match (good, ordered) {
        (Some(good), Some(ordered)) if ordered > 0.0 && good >= 0.0 => good / ordered,
        _ => 1.0,
    }
}

fn sum_of_classes(
    plant: &Plant,
    order: usize,
    field: impl Fn(&(&'static str, &'static str, &'static str)) -> &'static str,
) -> Option<f64> {
    // Conversion is labor and overhead in one figure: it only counts where these are missing.
    let number =
        |class: &(&'static str, &'static str, &'static str)| plant.orders.number(field(class), order);
    let separate = number(&CLASSES[1]).is_some() || number(&CLASSES[2]).is_some();
    let values: Vec<f64> =
        CLASSES.iter().filter(|class| class.0 != "conversion" || !separate).filter_map(number).collect();
    (!values.is_empty()).then(|| values.iter().sum())
}

/// `None` where an order lacks plan or actual.
pub fn order_costs(plant: &Plant, order: usize) -> Option<OrderCosts> {
    let planned = plant
        .orders
        .number("planned_total_cost", order)
        .or_else(|| sum_of_classes(plant, order, |class| class.1))?;
    let actual = plant
        .orders
        .number("actual_total_cost", order)
        .or_else(|| sum_of_classes(plant, order, |class| class.2))?;
    Some(OrderCosts { planned: planned * flex(plant, order), actual })
}

/// Parts of the variance, in the order of the waterfall. `other` closes the sum of every order.
pub const PARTS: [&str; 9] = [
    "material price",
    "material usage",
    "labor rate",
    "setup",
    "labor efficiency",
    "overhead",
    "conversion",
    "subcontract",
    "other",
];

/// The variance of one order in cents, by part; its sum is actual - flexed plan, both rounded to the cent.
pub fn order_parts(
    plant: &Plant,
    order: usize,
    lines: &std::ops::Range<usize>,
) -> Option<[i64; PARTS.len()]> {
    let costs = order_costs(plant, order)?;
    let total = cents(costs.actual) - cents(costs.planned);
    let flex = flex(plant, order);
    let class = |idx: usize| {
        let (_, planned, actual) = CLASSES[idx];
        Some(plant.orders.number(actual, order)? - plant.orders.number(planned, order)? * flex)
    };
    let mut parts = [0_i64; PARTS.len()];
    if let Some(material) = class(0) {
        let price: f64 = lines
            .clone()
            .filter_map(|row| {
                let frame = &plant.materials;
                let paid = frame.number("material_unit_cost", row)?;
                let standard = frame.number("material_standard_cost", row)?;
                Some((paid - standard) * frame.number("actual_material_quantity", row)?)
            })
            .sum();
        parts[0] = cents(price);
        parts[1] = cents(material) - parts[0];
    }
    if let Some(labor) = class(1) {
        let (mut rate, mut setup) = (0.0, 0.0);
        for row in plant.operations_of.get(order).cloned().unwrap_or_default() {
            let frame = &plant.operations;
            let Some(standard) = plant.number(frame, "standard_labor_rate", row) else { continue };
            let hours = value::booked_hours(frame, row);
            if let Some(cost) = frame.number("actual_labor_cost", row) {
                rate += cost - standard * hours;
            }
            if let Some((actual, planned)) =
                frame.number("actual_setup_hours", row).zip(frame.number("planned_setup_hours", row))
            {
                setup += (actual - planned) * standard;
            }
        }
        parts[2] = cents(rate);
        parts[3] = cents(setup);
        parts[4] = cents(labor) - parts[2] - parts[3];
    }
    parts[5] = class(2).map_or(0, cents);
    if class(1).is_none() && class(2).is_none() {
        parts[6] = class(3).map_or(0, cents);
    }
    parts[7] = class(4).map_or(0, cents);
    parts[8] = total - parts[..8].iter().sum::<i64>();
    Some(parts)
}

/// Actual over flexed plan of material, labor and overhead, weighted by the settings; what a plant does not know is left out
/// and the other weights make up for it.
pub fn cost_index(plant: &Plant, settings: &domain::Settings) -> Option<domain::analysis::KpiValue> {
    let kpi = ontology::kpi::named("cost_index")?;
    let names = ["material_cost_weight", "labor_cost_weight", "overhead_cost_weight"];
    let (mut sum, mut weights) = (0.0, 0.0);
    for ((_, planned, actual), name) in CLASSES.iter().zip(names) {
        let (mut plan, mut spent) = (0.0, 0.0);
        for order in 0..plant.orders.len {
            if let (Some(planned), Some(actual)) =
                (plant.orders.number(planned, order), plant.orders.number(actual, order))
            {
                plan += planned * flex(plant, order);
                spent += actual;
            }
        }
        if plan > 0.0 {
            sum += settings.get(name) * spent / plan;
            weights += settings.get(name);
        }
    }
    (weights > 0.0).then(|| domain::analysis::KpiValue {
        id: kpi.id,
        value: sum / weights,
        unit: kpi.unit,
        numerator: sum,
        denominator: weights,
        scope: Vec::new(),
        note: Some("actual over flexed plan by class, weighted by your settings".to_owned()),
    })
}

/// The lines of material of each order; none where any line belongs to no order.
pub fn lines(plant: &Plant) -> Vec<std::ops::Range<usize>> {
    if plant.materials.order.iter().all(|order| *order != NONE) {
        plant.materials.ranges(plant.orders.len)
    } else {
        vec![0..0; plant.orders.len]
    }
}

fn cents(amount: f64) -> i64 {
    (amount * 100.0).round() as i64
}

/// Sums over all orders, before any finding: flexed plan, actual, parts; all in cents.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Ledger {
    pub planned: i64,
    pub actual: i64,
    pub parts: [i64; PARTS.len()],
    /// Orders over their plan with what they are over; over less under is the variance.
    pub over: (u64, i64),
    /// Orders under their plan with what they are under.
    pub under: (u64, i64),
}

impl Ledger {
    pub fn of(plant: &Plant) -> Self {
        let mut ledger = Self::default();
        for (order, lines) in lines(plant).iter().enumerate() {
            let (Some(costs), Some(parts)) = (order_costs(plant, order), order_parts(plant, order, lines))
            else {
                continue;
            };
            ledger.planned += cents(costs.planned);
            ledger.actual += cents(costs.actual);
            let difference = cents(costs.actual) - cents(costs.planned);
            let side = if difference > 0 { &mut ledger.over } else { &mut ledger.under };
            side.0 += u64::from(difference != 0);
            side.1 += difference.abs();
            for (sum, part) in ledger.parts.iter_mut().zip(parts) {
                *sum += part;
            }
        }
        ledger
    }

    /// The totals of an analysis: what findings explain, and the rest. Hints are not counted.
    pub fn totals(&self, findings: &[Finding], currency: &Currency) -> Totals {
        let money = |cents: i64| Money { amount: Decimal::new(cents, 2), currency: currency.clone() };
        let variance = Decimal::new(self.actual - self.planned, 2);
        let explained: Decimal = findings
            .iter()
            .filter(|finding| finding.evidence_grade != EvidenceGrade::Hint)
            .filter_map(|finding| finding.impact.as_ref())
            .map(|impact| impact.value.amount)
            .sum();
        let explained = if self.planned == 0 && self.actual == 0 { Decimal::ZERO } else { explained };
        Totals {
            planned_cost: money(self.planned),
            actual_cost: money(self.actual),
            variance: money(self.actual - self.planned),
            explained: Money { amount: explained, currency: currency.clone() },
            remainder: Money { amount: variance - explained, currency: currency.clone() },
            parts: PARTS
                .iter()
                .zip(self.parts)
                .filter(|(_, part)| *part != 0)
                .map(|(name, part)| ((*name).to_owned(), money(part)))
                .collect(),
        }
    }
}
