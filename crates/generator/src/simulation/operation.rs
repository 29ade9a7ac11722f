//! An operation: what happens to a lot at a machine, and how it is booked.

use rand_chacha::ChaCha8Rng;

use super::{
    machine::{Machine, Stop},
    order::{Order, planned_run},
};
use crate::{
    calendar::{HOUR, SHIFT, Ticks, shift_of},
    plant::{
        calibration::{REWORK_SHARE, SAME_FAMILY_SETUP, StepLoad},
        effects::{BASE_REWORK, BASE_SCRAP, DIFFICULT_FAMILY, Effects},
        master_data::{FAMILY_D, MACHINES_OF, MasterData, Rates},
    },
    random::{LotShare, binomial, index, lot_share, noise, uniform},
};

/// Share of operations whose run time somebody booked with the decimal point in the wrong place.
const KEYING_ERRORS: f64 = 0.0005;

pub(crate) const TOOLS: usize = 60;
pub(crate) const FIXTURES: usize = 40;
pub(crate) const DEFECTS: [(&str, &str); 10] = [
    ("D01", "Dimension out of tolerance"),
    ("D02", "Surface scratch"),
    ("D03", "Burr"),
    ("D04", "Crack"),
    ("D05", "Porosity"),
    ("D06", "Wrong position"),
    ("D07", "Tool mark"),
    ("D08", "Deformation"),
    ("D09", "Contamination"),
    ("D10", "Other"),
];
/// Some defects are common, some rare; the mix is the same everywhere.
const DEFECT_SHARES: [f64; 10] = [0.28, 0.46, 0.58, 0.64, 0.70, 0.78, 0.86, 0.91, 0.95, 1.0];

#[derive(Debug)]
pub(crate) struct Operation {
    pub(crate) position: usize,
    pub(crate) work_center: usize,
    pub(crate) machine: usize,
    pub(crate) rates: Rates,
    pub(crate) planned_start: Ticks,
    pub(crate) planned_end: Ticks,
    pub(crate) arrival: Ticks,
    pub(crate) start: Ticks,
    pub(crate) end: Ticks,
    pub(crate) quantity_in: i64,
    pub(crate) good: i64,
    pub(crate) scrap: i64,
    pub(crate) rework: i64,
    pub(crate) planned_setup: Ticks,
    pub(crate) planned_run: Ticks,
    /// What it truly took.
    pub(crate) setup: Ticks,
    pub(crate) run: Ticks,
    pub(crate) rework_time: Ticks,
    pub(crate) tickets: Vec<Ticket>,
    pub(crate) stops: Vec<Stop>,
    /// Hundredths of a kilowatt hour.
    pub(crate) energy: i64,
    pub(crate) tool: usize,
    pub(crate) fixture: usize,
    pub(crate) truth: Counterfactual,
}

/// What the same operation would have been without each problem.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Counterfactual {
    pub(crate) drift: f64,
    pub(crate) setup: f64,
    pub(crate) energy: f64,
    pub(crate) labor_rate: f64,
    pub(crate) rework_time: Ticks,
    pub(crate) true_hours_per_piece: f64,
    pub(crate) standard_hours_per_piece: f64,
    pub(crate) scrap: LotShare,
}

/// What one person booked on an operation in one shift.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ticket {
    pub(crate) employee: usize,
    pub(crate) shift: usize,
    pub(crate) start: Ticks,
    pub(crate) end: Ticks,
    pub(crate) setup: Ticks,
    /// True run time; [`Self::booked_run`] is what the file says.
    pub(crate) run: Ticks,
    pub(crate) rework: Ticks,
    pub(crate) keyed_ten_times: bool,
    pub(crate) good: i64,
    pub(crate) scrap: i64,
    /// Cents per hour.
    pub(crate) pay_rate: i64,
    pub(crate) defect: usize,
    /// Where in the distribution of bad pieces this part of the lot lies.
    pub(crate) quantile: f64,
}

impl Ticket {
    pub(crate) fn booked_run(&self) -> Ticks {
        if self.keyed_ten_times { self.run * 10 } else { self.run }
    }

    pub(crate) fn booked(&self) -> Ticks {
        self.setup + self.booked_run() + self.rework
    }

    pub(crate) fn cost(&self) -> i64 {
        cents(self.booked(), self.pay_rate)
    }
}

/// Hundredths of an hour times cents per hour.
fn cents(time: Ticks, rate: i64) -> i64 {
    (time * rate + HOUR / 2) / HOUR
}

impl Operation {
    pub(crate) fn booked_run(&self) -> Ticks {
        self.tickets.iter().map(Ticket::booked_run).sum()
    }

    pub(crate) fn booked(&self) -> Ticks {
        self.tickets.iter().map(Ticket::booked).sum()
    }

    pub(crate) fn planned(&self) -> Ticks {
        self.planned_setup + self.planned_run
    }

    pub(crate) fn down(&self) -> Ticks {
        self.stops.iter().map(|stop| stop.repair).sum()
    }

    pub(crate) fn planned_labor_cost(&self) -> i64 {
        cents(self.planned(), self.rates.labor)
    }

    pub(crate) fn planned_machine_cost(&self) -> i64 {
        cents(self.planned(), self.rates.machine)
    }

    pub(crate) fn labor_cost(&self) -> i64 {
        self.tickets.iter().map(Ticket::cost).sum()
    }

    pub(crate) fn machine_cost(&self) -> i64 {
        cents(self.booked(), self.rates.machine)
    }

    /// The lot's good pieces had shift-dependent scrap been the usual, if `quantity_in` had arrived.
    pub(crate) fn good_without_raised_scrap(&self, quantity_in: i64) -> i64 {
        let mut shares = Shares::new(quantity_in, self.run);
        let scrap: i64 = self
            .tickets
            .iter()
            .map(|ticket| binomial(shares.next(ticket.run), self.truth.scrap.base, ticket.quantile))
            .sum();
        (quantity_in - scrap).max(1)
    }
}

/// Deals the pieces of a lot to its tickets by run time, none lost.
struct Shares {
    pieces: i64,
    run: Ticks,
    run_so_far: Ticks,
    dealt: i64,
}

impl Shares {
    fn new(pieces: i64, run: Ticks) -> Self {
        Self { pieces, run, run_so_far: 0, dealt: 0 }
    }

    fn next(&mut self, run: Ticks) -> i64 {
        self.run_so_far += run;
        let until = self.pieces * self.run_so_far / self.run.max(1);
        let share = until - self.dealt;
        self.dealt = until;
        share
    }
}

/// What an operation needs to know of the plant.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Surroundings<'a> {
    pub(crate) data: &'a MasterData,
    pub(crate) effects: &'a Effects,
    pub(crate) step: &'a StepLoad,
    pub(crate) wait: Ticks,
}

/// Runs the next operation of `order` on `machine`, to which it came at `arrival`.
pub(crate) fn perform(
    order: &Order,
    (number, machine): (usize, &mut Machine),
    arrival: Ticks,
    mut rng: ChaCha8Rng,
    plant: Surroundings<'_>,
) -> Operation {
    let rng = &mut rng;
    let Surroundings { data, effects, step, wait } = plant;
    let position = order.operations.len();
    let (quantity_in, planned_from) = order
        .operations
        .last()
        .map_or((order.quantity, order.planned_release), |previous| (previous.good, previous.planned_end));
    let start = arrival.max(machine.free);
    let changed_family = machine.family != Some(order.family);
    machine.family = Some(order.family);

    let planned_setup =
        if changed_family { step.setup } else { (step.setup as f64 * SAME_FAMILY_SETUP).round() as Ticks }
            .max(1);
    let planned_run_time = planned_run(order.quantity, step.standard_hours_per_piece);
    let planned_start = planned_from + wait;

    let setup_factor = effects.setup(order.family, start);
    let setup = ((planned_setup as f64 * noise(rng, 0.18) * setup_factor).round() as Ticks).max(1);
    let difficulty = if order.family == FAMILY_D { DIFFICULT_FAMILY } else { 1.0 };
    let drift = effects.drift(number, start);
    let pace = step.hours_per_piece * order.difficulty * noise(rng, 0.12);
    let run = ((quantity_in as f64 * pace * difficulty * drift * HOUR as f64).round() as Ticks).max(1);
    let energy_noise = noise(rng, 0.05);
    let keyed_wrong = uniform(rng) < KEYING_ERRORS;
    let (tool, fixture) = (index(rng, TOOLS), index(rng, FIXTURES));

    let rework_quantile = uniform(rng);
    let rework_share = lot_share(rng, BASE_REWORK, effects.raised_rework(number, order.family, start));
    let rework_hours = |pieces: i64| (pieces as f64 * pace * REWORK_SHARE * HOUR as f64).round() as Ticks;
    let rework = binomial(quantity_in, rework_share.raised, rework_quantile);
    let rework_time = rework_hours(rework);
    let scrap_share = lot_share(rng, BASE_SCRAP, effects.raised_scrap());

    let mut stops = machine.work(setup + run + rework_time);
    let mut clock = Clock { at: start, tickets: Vec::new() };
    clock.spend(setup, |ticket| &mut ticket.setup);
    let mut done = 0;
    for stop in &mut stops {
        // Breakdowns during set-up or rework are booked where the run begins or ends.
        let offset = (stop.offset - setup).clamp(done, run);
        clock.spend(offset - done, |ticket| &mut ticket.run);
        done = offset;
        stop.start = clock.at;
        clock.at += stop.repair;
    }
    clock.spend(run - done, |ticket| &mut ticket.run);
    clock.spend(rework_time, |ticket| &mut ticket.rework);
    let Clock { at: end, mut tickets } = clock;
    machine.free = end;

    let rates = data.rates[step.work_center];
    let labor_rate = effects.labor_rate(step.work_center, start);
    let mut shares = Shares::new(quantity_in, run);
    let mut scrap = 0;
    for ticket in &mut tickets {
        ticket.employee = crew(rng, number, step.work_center, ticket.shift);
        ticket.pay_rate = (rates.labor as f64 * data.pay[ticket.employee] * labor_rate).round() as i64;
        ticket.quantile = uniform(rng);
        ticket.defect = crate::random::pick(&DEFECT_SHARES, uniform(rng));
        let pieces = shares.next(ticket.run);
        let share = if effects.scraps_more(ticket.shift, ticket.start) {
            scrap_share.raised
        } else {
            scrap_share.base
        };
        // One good piece always remains, so that every order runs to its end.
        ticket.scrap = binomial(pieces, share, ticket.quantile).min(quantity_in - 1 - scrap);
        ticket.good = pieces - ticket.scrap;
        scrap += ticket.scrap;
    }
    if keyed_wrong && let Some(ticket) = tickets.iter_mut().max_by_key(|ticket| ticket.run) {
        ticket.keyed_ten_times = true;
    }
    let energy_factor = effects.energy(number, start);
    let working_hours = (run + rework_time) as f64 / HOUR as f64 + 0.4 * setup as f64 / HOUR as f64;
    Operation {
        position,
        work_center: step.work_center,
        machine: number,
        rates,
        planned_start,
        planned_end: planned_start + planned_setup + planned_run_time,
        arrival,
        start,
        end,
        quantity_in,
        good: quantity_in - scrap,
        scrap,
        rework,
        planned_setup,
        planned_run: planned_run_time,
        setup,
        run,
        rework_time,
        tickets,
        stops,
        energy: (100.0 * data.power[number] * working_hours * energy_noise * energy_factor).round() as i64,
        tool,
        fixture,
        truth: Counterfactual {
            drift,
            setup: setup_factor,
            energy: energy_factor,
            labor_rate,
            rework_time: rework_hours(binomial(quantity_in, rework_share.base, rework_quantile)),
            true_hours_per_piece: step.hours_per_piece,
            standard_hours_per_piece: step.standard_hours_per_piece,
            scrap: scrap_share,
        },
    }
}

/// Mostly the machine's own operator of the shift, sometimes a colleague of the same work center.
fn crew(rng: &mut ChaCha8Rng, machine: usize, work_center: usize, shift: usize) -> usize {
    let machines = MACHINES_OF[work_center].clone();
    let relief = machines.start + index(rng, machines.len());
    let machine = if uniform(rng) < 0.2 { relief } else { machine };
    machine * 3 + shift - 1
}

/// Lays working time on the clock and cuts it into tickets where shifts change.
struct Clock {
    at: Ticks,
    tickets: Vec<Ticket>,
}

impl Clock {
    fn spend(&mut self, mut time: Ticks, kind: impl Fn(&mut Ticket) -> &mut Ticks) {
        while time > 0 {
            let shift_end = (self.at.div_euclid(SHIFT) + 1) * SHIFT;
            let part = time.min(shift_end - self.at);
            let same_shift = self
                .tickets
                .last()
                .is_some_and(|ticket| ticket.start.div_euclid(SHIFT) == self.at.div_euclid(SHIFT));
            if !same_shift {
                self.tickets.push(Ticket::new(self.at));
            }
            if let Some(ticket) = self.tickets.last_mut() {
                *kind(ticket) += part;
                ticket.end = self.at + part;
            }
            self.at += part;
            time -= part;
        }
    }
}

impl Ticket {
    fn new(start: Ticks) -> Self {
        Self {
            employee: 0,
            shift: shift_of(start),
            start,
            end: start,
            setup: 0,
            run: 0,
            rework: 0,
            keyed_ten_times: false,
            good: 0,
            scrap: 0,
            pay_rate: 0,
            defect: 0,
            quantile: 0.0,
        }
    }
}
