//! The load of a facility: how long a piece takes so that its machines are as busy as they should be, however many orders there are.
//!
//! Machines, shifts and weeks are fixed. Fewer orders therefore mean larger lots (power 0.6 of the ratio), longer set-ups (0.7), and
//! longer times per piece (what remains). Utilization, the share of set-ups and the shape of the queues stay alike.

use super::{
    demand::{Demand, Market, cumulative},
    effects::{BASE_REWORK, BASE_SCRAP, DIFFICULT_FAMILY, Effects},
    master_data::{FAMILY_D, M07, M12, MACHINES_OF, MILLING, MasterData, Product, WC_40, WORK_CENTERS},
};
use crate::calendar::{HOUR, Ticks, WEEK};

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
    /// Cents per piece.
    pub(crate) unit_price: Vec<i64>,
    /// Planned wait before an operation of each work center.
    pub(crate) waits: [Ticks; WORK_CENTERS],
    /// Cumulative shares of the machines of each work center, for family D and for the others.
    pub(crate) machine_shares: [[Vec<f64>; 2]; WORK_CENTERS],
}

impl Load {
    /// `orders` are those the facility will truly get, so that its load is met whatever their luck.
    pub(crate) fn new(
        data: &MasterData,
        effects: &Effects,
        market: &Market,
        weeks: u32,
        orders: impl Iterator<Item = Demand>,
    ) -> Self {
        let setup_hours = |hours: f64| hours * market.size.powf(0.7);
        let mut setups = [0.0; WORK_CENTERS];
        let mut work = [0.0; WORK_CENTERS];
        let mut visits = [0.0_f64; WORK_CENTERS];
        for order in orders {
            let product = &data.products[order.product];
            for (position, step) in product.routing.iter().enumerate() {
                let w = step.work_center;
                let planted = w == WC_40;
                // A third of the work is done in the shift that may scrap more.
                let raised = if planted { effects.raised_scrap() } else { BASE_SCRAP };
                let scrap = BASE_SCRAP + (raised - BASE_SCRAP) / 3.0;
                let arriving = order.quantity as f64 * (1.0 - scrap).powi(position as i32);
                let difficulty = if product.family == FAMILY_D { DIFFICULT_FAMILY } else { 1.0 };
                let overrun = if planted { effects.setup(product.family, 0) } else { 1.0 };
                setups[w] += setup_hours(step.setup_hours) * overrun * (5.0 + SAME_FAMILY_SETUP) / 6.0;
                work[w] +=
                    arriving * step.work * order.difficulty * (difficulty + BASE_REWORK * REWORK_SHARE);
                visits[w] += 1.0;
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
            pace[w] = (busy - setups[w]).max(busy * 0.2) / stops / work[w].max(1.0);
            waits[w] = (PLANNED_WAIT * usual / visits[w].max(1.0) * HOUR as f64) as Ticks;
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
            .zip(&market.mean_quantity)
            .map(|((product, steps), quantity)| unit_price(data, product, steps, *quantity))
            .collect();
        Self { steps, unit_price, waits, machine_shares: machine_shares() }
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
    use crate::{
        random::{Purpose, Streams},
        spec::{PlantSpec, Problems},
    };

    #[test]
    fn lots_shrink_with_the_number_of_orders() {
        let data = MasterData::new(3);
        let spec = PlantSpec { problems: Problems::none(), ..PlantSpec::new(20_000, 3) };
        let effects = Effects::new(&spec, 1);
        let load = |orders| {
            let market = Market::new(&data, orders, 61);
            let streams = Streams::new(3, Purpose::Orders, 1);
            let demand = (0..orders).map(|order| market.draw(&mut streams.stream(order)));
            (market.mean_quantity[0], Load::new(&data, &effects, &market, 61, demand))
        };
        let (large, few) = load(1_000);
        let (small, many) = load(30_000);
        assert!(large > 5.0 * small);
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
