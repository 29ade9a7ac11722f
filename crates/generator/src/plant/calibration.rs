//! The load of a facility: how long a piece takes so that its machines are as busy as they should be, however many orders there are.
//!
//! Machines, shifts and weeks are fixed. Fewer orders therefore mean larger lots (power 0.6 of the ratio), longer set-ups (0.7), and
//! longer times per piece (what remains). Utilization, the share of set-ups and the shape of the queues stay alike.

use super::{
    effects::{BASE_REWORK, BASE_SCRAP, DIFFICULT_FAMILY, Effects},
    master_data::{FAMILY_D, M07, M12, MACHINES_OF, MILLING, MasterData, Product, WC_40, WORK_CENTERS},
};
use crate::calendar::{HOUR, Ticks, WEEK};

/// Orders per week and facility for which lots and set-ups are those of the master data.
const USUAL_ORDERS_PER_WEEK: f64 = 20_000.0 / 61.0;

/// A set-up for the family that ran before, relative to one for another family.
pub(crate) const SAME_FAMILY_SETUP: f64 = 0.3;

/// Rework of one piece relative to making it.
pub(crate) const REWORK_SHARE: f64 = 0.5;

/// Working hours between two breakdowns, and hours to repair one.
pub(crate) const HOURS_BETWEEN_FAILURES: f64 = 300.0;
pub(crate) const REPAIR_HOURS: f64 = 2.5;

/// Waiting before an operation, in mean operations, that schedulers plan with. It is what queues at the usual load need.
const PLANNED_WAIT: f64 = 3.0;

#[derive(Debug, Clone)]
pub(crate) struct StepLoad {
    pub(crate) work_center: usize,
    /// For a change of family.
    pub(crate) setup: Ticks,
    /// True time of one piece, and what the standard says.
    pub(crate) hours_per_piece: f64,
    pub(crate) standard_hours_per_piece: f64,
}

#[derive(Debug, Clone)]
pub(crate) struct Load {
    /// By product, then step.
    pub(crate) steps: Vec<Vec<StepLoad>>,
    pub(crate) mean_quantity: Vec<f64>,
    /// Cents per piece.
    pub(crate) unit_price: Vec<i64>,
    /// Planned wait before an operation of each work center.
    pub(crate) waits: [Ticks; WORK_CENTERS],
    /// Cumulative shares of the machines of each work center, for family D and for the others.
    pub(crate) machine_shares: [[Vec<f64>; 2]; WORK_CENTERS],
    /// Cumulative shares of the products.
    pub(crate) product_shares: Vec<f64>,
}

impl Load {
    pub(crate) fn new(data: &MasterData, effects: &Effects, orders: u64, weeks: u32) -> Self {
        let size = USUAL_ORDERS_PER_WEEK / (orders as f64 / f64::from(weeks));
        let mean_quantity: Vec<f64> =
            data.products.iter().map(|product| product.mean_quantity * size.powf(0.6)).collect();
        let setup_hours = |hours: f64| hours * size.powf(0.7);
        let weight = data.products.iter().map(|product| product.weight).sum::<f64>();

        let mut setups = [0.0; WORK_CENTERS];
        let mut work = [0.0; WORK_CENTERS];
        let mut visits = [0.0; WORK_CENTERS];
        for (product, quantity) in data.products.iter().zip(&mean_quantity) {
            let share = product.weight / weight * orders as f64;
            for (position, step) in product.routing.iter().enumerate() {
                let w = step.work_center;
                let planted = w == WC_40;
                // A third of the work is done in the shift that may scrap more.
                let scrap = if planted {
                    BASE_SCRAP + (effects.raised_scrap() - BASE_SCRAP) / 3.0
                } else {
                    BASE_SCRAP
                };
                let arriving = quantity * (1.0 - scrap).powi(position as i32);
                let difficulty = if product.family == FAMILY_D { DIFFICULT_FAMILY } else { 1.0 };
                let overrun = if planted { effects.setup(product.family) } else { 1.0 };
                setups[w] +=
                    share * setup_hours(step.setup_hours) * overrun * (5.0 + SAME_FAMILY_SETUP) / 6.0;
                work[w] += share * arriving * step.work * (difficulty + BASE_REWORK * REWORK_SHARE);
                visits[w] += share;
            }
        }
        let mut pace = [0.0; WORK_CENTERS];
        let mut waits = [0; WORK_CENTERS];
        for (w, machines) in MACHINES_OF.into_iter().enumerate() {
            let open = machines.len() as f64 * f64::from(weeks) * (WEEK / HOUR) as f64;
            let busy = open * effects.load(w);
            let usual = open * super::effects::USUAL_LOAD;
            // Set-ups are given; pieces take what is left, at least a fifth.
            let stops = 1.0 + REPAIR_HOURS / HOURS_BETWEEN_FAILURES;
            pace[w] = (busy - setups[w]).max(busy * 0.2) / stops / work[w];
            waits[w] = (PLANNED_WAIT * usual / visits[w] * HOUR as f64) as Ticks;
        }
        let steps: Vec<Vec<StepLoad>> = data
            .products
            .iter()
            .enumerate()
            .map(|(number, product)| {
                let standard = effects.standard(number);
                product
                    .routing
                    .iter()
                    .map(|step| {
                        let hours_per_piece = step.work * pace[step.work_center];
                        StepLoad {
                            work_center: step.work_center,
                            setup: ((setup_hours(step.setup_hours) * HOUR as f64).round() as Ticks).max(2),
                            hours_per_piece,
                            standard_hours_per_piece: hours_per_piece * standard,
                        }
                    })
                    .collect()
            })
            .collect();
        let unit_price = data
            .products
            .iter()
            .zip(&steps)
            .zip(&mean_quantity)
            .map(|((product, steps), quantity)| unit_price(data, product, steps, *quantity))
            .collect();
        Self {
            steps,
            mean_quantity,
            unit_price,
            waits,
            machine_shares: machine_shares(),
            product_shares: cumulative(data.products.iter().map(|product| product.weight)),
        }
    }
}

/// Planned cost of a piece of a usual lot, scrap allowed for, with a margin of 30 %.
fn unit_price(data: &MasterData, product: &Product, steps: &[StepLoad], quantity: f64) -> i64 {
    const MARGIN: f64 = 1.30;
    let material: f64 = product
        .bill
        .iter()
        .map(|part| part.per_piece as f64 * data.materials[part.material].price as f64 / 100_000.0)
        .sum();
    let conversion: f64 = steps
        .iter()
        .map(|step| {
            let rates = data.rates[step.work_center];
            let hours = step.standard_hours_per_piece + step.setup as f64 / HOUR as f64 / quantity;
            hours * (rates.labor + rates.machine) as f64
        })
        .sum();
    ((material + conversion) * MARGIN / (1.0 - BASE_SCRAP).powi(steps.len() as i32)).round() as i64
}

fn cumulative(weights: impl Iterator<Item = f64>) -> Vec<f64> {
    weights
        .scan(0.0, |sum, weight| {
            *sum += weight;
            Some(*sum)
        })
        .collect()
}

fn machine_shares() -> [[Vec<f64>; 2]; WORK_CENTERS] {
    std::array::from_fn(|work_center| {
        let machines = MACHINES_OF[work_center].clone();
        [true, false].map(|difficult| {
            cumulative(machines.clone().map(|machine| match machine {
                // Half of family D runs on M12, and so much less of the others that its load is that of its sisters.
                M12 if work_center == MILLING => {
                    if difficult {
                        4.0
                    } else {
                        0.65
                    }
                }
                // M07 has room for the time it may lose.
                M07 => 0.75,
                _ => 1.0,
            }))
        })
    })
}

/// Which of the two lists of [`Load::machine_shares`] a family uses.
pub(crate) fn share_list(family: usize) -> usize {
    usize::from(family != FAMILY_D)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::{PlantSpec, Problems};

    #[test]
    fn lots_shrink_with_the_number_of_orders() {
        let data = MasterData::new(3);
        let spec = PlantSpec { problems: Problems::none(), ..PlantSpec::new(20_000, 3) };
        let effects = Effects::new(&spec, 1);
        let few = Load::new(&data, &effects, 1_000, 61);
        let many = Load::new(&data, &effects, 30_000, 61);
        assert!(few.mean_quantity[0] > 5.0 * many.mean_quantity[0]);
        assert!(few.waits[3] > 20 * many.waits[3]);
        for steps in many.steps.iter().flatten() {
            assert!(
                steps.hours_per_piece > 0.002 && steps.hours_per_piece < 1.0,
                "{}",
                steps.hours_per_piece
            );
        }
    }
}
