//! One facility from its first order to its last.
//!
//! A machine serves in order of arrival: an operation starts at the later of its arrival and the moment the machine is free. Arrivals are
//! taken from a heap in the order of time, so this recursion is exact, and only the orders on the floor are in memory.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BinaryHeap},
};

use super::{
    machine::Machine,
    operation::{Surroundings, perform},
    order::Order,
};
use crate::{
    calendar::{Calendar, Ticks, WEEK},
    error::Error,
    plant::{
        calibration::{Load, share_list},
        demand::Market,
        effects::Effects,
        master_data::{MACHINES, MACHINES_OF, MasterData},
    },
    random::{Purpose, Streams, pick, uniform},
    spec::PlantSpec,
};

/// How much faster orders come in at the end than in the middle: a rising volume is a trap, not a problem.
const GROWTH: f64 = 0.06;

/// Streams kept for one order: its own and one for each operation.
const STREAMS_PER_ORDER: u64 = 16;

#[derive(Debug)]
pub(crate) struct Facility<'a> {
    pub(crate) number: u32,
    pub(crate) calendar: Calendar,
    pub(crate) data: &'a MasterData,
    pub(crate) effects: Effects,
    pub(crate) load: Load,
    market: Market,
    pub(crate) orders: u64,
    pub(crate) first_order: u64,
    pub(crate) weeks: u32,
    streams: Streams,
    seed: u64,
}

impl<'a> Facility<'a> {
    pub(crate) fn new(
        spec: &PlantSpec,
        number: u32,
        (first_order, orders): (u64, u64),
        calendar: Calendar,
        data: &'a MasterData,
    ) -> Self {
        let effects = Effects::new(spec, number);
        let market = Market::new(data, orders, spec.weeks);
        let streams = Streams::new(spec.seed, Purpose::Orders, number);
        let demand = (0..orders).map(|index| market.draw(&mut streams.stream(index * STREAMS_PER_ORDER)));
        let load = Load::new(data, &effects, &market, spec.weeks, demand);
        Self {
            number,
            calendar,
            data,
            load,
            market,
            effects,
            orders,
            first_order,
            weeks: spec.weeks,
            streams,
            seed: spec.seed,
        }
    }

    pub(crate) fn period(&self) -> Ticks {
        Ticks::from(self.weeks) * WEEK
    }

    fn machines(&self) -> Vec<Machine> {
        let usual = Streams::new(self.seed, Purpose::Failures, self.number);
        let extra = Streams::new(self.seed, Purpose::ExtraFailures, self.number);
        (0..MACHINES)
            .map(|machine| {
                let stream = machine as u64;
                Machine::new(
                    usual.stream(stream),
                    extra.stream(stream),
                    self.effects.extra_breakdowns(machine),
                )
            })
            .collect()
    }

    /// The moment order `index` is entered: evenly spread, a little denser towards the end.
    fn entered(&self, index: u64, jitter: f64) -> Ticks {
        let share = (index as f64 + jitter) / self.orders as f64;
        // The inverse of (1 - g) x + g x², the cumulated orders of a linearly rising volume.
        let first = 1.0 - GROWTH;
        let at = ((first * first + 4.0 * GROWTH * share).sqrt() - first) / (2.0 * GROWTH);
        (at * self.period() as f64) as Ticks
    }

    fn draw(&self, index: u64) -> Order {
        let mut rng = self.streams.stream(index * STREAMS_PER_ORDER);
        let demand = self.market.draw(&mut rng);
        let entered = self.entered(index, demand.moment);
        Order::draw(
            (self.first_order + index, self.number),
            (entered, demand),
            rng,
            self.data,
            &self.load,
            &self.effects,
        )
    }

    /// Runs all orders and hands over each as it is finished.
    pub(crate) fn run(&self, mut finished: impl FnMut(&Order) -> Result<(), Error>) -> Result<(), Error> {
        let mut machines = self.machines();
        let mut arrivals: BinaryHeap<Reverse<(Ticks, u64)>> = BinaryHeap::new();
        let mut floor: BTreeMap<u64, Order> = BTreeMap::new();
        let mut next = (self.orders > 0).then(|| self.draw(0));
        let mut index = 0;
        loop {
            // Nobody can arrive before the next order is entered, so earlier arrivals are settled.
            while let Some(order) =
                next.take_if(|order| arrivals.peek().is_none_or(|Reverse((at, _))| order.entered <= *at))
            {
                arrivals.push(Reverse((order.release, index)));
                floor.insert(index, order);
                index += 1;
                next = (index < self.orders).then(|| self.draw(index));
            }
            let Some(Reverse((arrival, number))) = arrivals.pop() else { return Ok(()) };
            let Some(order) = floor.get_mut(&number) else { continue };
            let position = order.operations.len();
            let steps = &self.load.steps[order.product];
            let step = &steps[position];
            let mut rng = self.streams.stream(number * STREAMS_PER_ORDER + 1 + position as u64);
            let shares = &self.load.machine_shares[step.work_center][share_list(order.family)];
            let machine = MACHINES_OF[step.work_center].start + pick(shares, uniform(&mut rng));
            let surroundings = Surroundings {
                data: self.data,
                effects: &self.effects,
                step,
                wait: self.load.waits[step.work_center],
            };
            let operation = perform(order, (machine, &mut machines[machine]), arrival, rng, surroundings);
            let end = operation.end;
            order.operations.push(operation);
            if position + 1 < steps.len() {
                arrivals.push(Reverse((end, number)));
            } else if let Some(order) = floor.remove(&number) {
                finished(&order)?;
            }
        }
    }
}
