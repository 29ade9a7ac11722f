//! A work order: what is drawn when it is entered, and what its operations add up to.

use rand_chacha::ChaCha8Rng;

use super::operation::Operation;
use crate::{
    calendar::{HOUR, Ticks},
    plant::{
        calibration::Load,
        demand::Demand,
        effects::{BASE_SCRAP, Effects},
        master_data::{CUSTOMERS, MasterData, PLANNERS},
    },
    random::{between, index, noise, uniform},
};

#[derive(Debug)]
pub(crate) struct Order {
    pub(crate) number: u64,
    pub(crate) facility: u32,
    pub(crate) product: usize,
    pub(crate) family: usize,
    pub(crate) customer: usize,
    pub(crate) planner: usize,
    pub(crate) quantity: i64,
    pub(crate) planned_scrap: i64,
    pub(crate) entered: Ticks,
    pub(crate) planned_release: Ticks,
    pub(crate) release: Ticks,
    pub(crate) planned_end: Ticks,
    pub(crate) due: Ticks,
    /// Run time of all its operations relative to the true standard: this lot's material, drawing, luck.
    pub(crate) difficulty: f64,
    pub(crate) lines: Vec<Line>,
    pub(crate) operations: Vec<Operation>,
    /// Cents per piece.
    pub(crate) unit_price: i64,
    pub(crate) attributes: Attributes,
}

/// Levels that mean nothing: they are there to be tested and found innocent.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Attributes {
    pub(crate) color: usize,
    pub(crate) crate_type: usize,
    pub(crate) buyer: usize,
    pub(crate) zone: usize,
    pub(crate) dock: usize,
    pub(crate) priority: usize,
    pub(crate) revision: usize,
}

pub(crate) const COLORS: [&str; 12] = [
    "Black", "White", "Grey", "Blue", "Red", "Green", "Yellow", "Orange", "Silver", "Natural", "Brown",
    "Beige",
];
pub(crate) const CRATE_TYPES: usize = 15;
pub(crate) const BUYERS: usize = 25;
pub(crate) const ZONES: usize = 30;
pub(crate) const DOCKS: usize = 18;

/// A component issued to an order.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Line {
    pub(crate) material: usize,
    pub(crate) supplier: usize,
    /// Thousandths of a unit.
    pub(crate) planned: i64,
    pub(crate) issued: i64,
    /// Ten-thousandths of a dollar.
    pub(crate) standard_price: i64,
    pub(crate) price: i64,
    /// What the problems did to quantity and price.
    pub(crate) usage_factor: f64,
    pub(crate) price_factor: f64,
    pub(crate) lot: u64,
}

impl Line {
    pub(crate) fn planned_cost(&self) -> i64 {
        cents(self.planned, self.standard_price)
    }

    pub(crate) fn cost(&self) -> i64 {
        cents(self.issued, self.price)
    }
}

/// Thousandths of a unit times ten-thousandths of a dollar.
fn cents(quantity: i64, price: i64) -> i64 {
    (quantity * price + 50_000) / 100_000
}

impl Order {
    /// Draws order `number`, entered at `entered`.
    pub(crate) fn draw(
        (number, facility): (u64, u32),
        (entered, demand): (Ticks, Demand),
        mut rng: ChaCha8Rng,
        data: &MasterData,
        load: &Load,
        effects: &Effects,
    ) -> Self {
        let rng = &mut rng;
        let Demand { product, quantity, difficulty, .. } = demand;
        let family = data.products[product].family;
        // Customers order unevenly, but not by product.
        let customer = ((uniform(rng).powf(1.5) * CUSTOMERS as f64) as usize).min(CUSTOMERS - 1);
        let planner = index(rng, PLANNERS);

        let steps = &load.steps[product];
        let work: Ticks =
            steps.iter().map(|step| step.setup + planned_run(quantity, step.standard_hours_per_piece)).sum();
        let wait: Ticks = steps.iter().map(|step| load.waits[step.work_center]).sum();
        let spread =
            steps.iter().map(|step| (load.waits[step.work_center] as f64).powi(2)).sum::<f64>().sqrt();
        let safety = (0.6 * spread) as Ticks + 4 * HOUR;

        let planned_release = entered + (between(rng, 8.0, 56.0) * HOUR as f64) as Ticks;
        let late = effects.lateness(planner, planned_release)
            * (24.0 * HOUR as f64 + 0.6 * safety as f64)
            * between(rng, 0.5, 1.5);
        let release = planned_release + (between(rng, 0.0, 4.0) * HOUR as f64 + late) as Ticks;
        let planned_end = planned_release + work + wait;

        let lines = data.products[product]
            .bill
            .iter()
            .map(|part| {
                let material = &data.materials[part.material];
                let supplier = material.suppliers[index(rng, material.suppliers.len())];
                let price_factor = effects.price(supplier, release);
                let usage_factor = effects.usage(part.material, release);
                let planned = quantity * part.per_piece;
                Line {
                    material: part.material,
                    supplier,
                    planned,
                    issued: (planned as f64 * noise(rng, 0.025) * usage_factor).round() as i64,
                    standard_price: material.price,
                    price: (material.price as f64 * noise(rng, 0.02) * price_factor).round() as i64,
                    usage_factor,
                    price_factor,
                    lot: 100_000 + index(rng, 900_000) as u64,
                }
            })
            .collect();
        let attributes = Attributes {
            color: index(rng, COLORS.len()),
            crate_type: index(rng, CRATE_TYPES),
            buyer: index(rng, BUYERS),
            zone: index(rng, ZONES),
            dock: index(rng, DOCKS),
            priority: index(rng, 3) + 1,
            revision: product % 4,
        };
        Self {
            number,
            facility,
            product,
            family,
            customer,
            planner,
            quantity,
            planned_scrap: (quantity as f64 * (1.0 - (1.0 - BASE_SCRAP).powi(steps.len() as i32))).round()
                as i64,
            entered,
            planned_release,
            release,
            planned_end,
            due: planned_end + safety,
            difficulty,
            lines,
            operations: Vec::with_capacity(steps.len()),
            unit_price: load.unit_price[product],
            attributes,
        }
    }

    pub(crate) fn good(&self) -> i64 {
        self.operations.last().map_or(0, |operation| operation.good)
    }

    pub(crate) fn scrap(&self) -> i64 {
        self.operations.iter().map(|operation| operation.scrap).sum()
    }

    pub(crate) fn rework(&self) -> i64 {
        self.operations.iter().map(|operation| operation.rework).sum()
    }

    pub(crate) fn start(&self) -> Ticks {
        self.operations.first().map_or(self.release, |operation| operation.start)
    }

    pub(crate) fn end(&self) -> Ticks {
        self.operations.last().map_or(self.release, |operation| operation.end)
    }

    pub(crate) fn total(&self, of: impl Fn(&Operation) -> i64) -> i64 {
        self.operations.iter().map(of).sum()
    }

    pub(crate) fn planned_material(&self) -> i64 {
        self.lines.iter().map(Line::planned_cost).sum()
    }

    pub(crate) fn material(&self) -> i64 {
        self.lines.iter().map(Line::cost).sum()
    }

    pub(crate) fn planned_cost(&self) -> i64 {
        self.planned_material()
            + self.total(Operation::planned_labor_cost)
            + self.total(Operation::planned_machine_cost)
    }

    pub(crate) fn cost(&self) -> i64 {
        self.material() + self.total(Operation::labor_cost) + self.total(Operation::machine_cost)
    }

    pub(crate) fn revenue(&self) -> i64 {
        self.good() * self.unit_price
    }

    /// The line that costs most in the plan.
    pub(crate) fn main_line(&self) -> Option<&Line> {
        self.lines.iter().max_by_key(|line| line.planned_cost())
    }
}

/// Planned time of a lot, never nothing.
pub(crate) fn planned_run(quantity: i64, hours_per_piece: f64) -> Ticks {
    ((quantity as f64 * hours_per_piece * HOUR as f64).round() as Ticks).max(1)
}
