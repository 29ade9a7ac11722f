//! Adds up, order by order, what the plant cost and what each problem cost.

use crate::{
    calendar::{Calendar, HOUR, Ticks},
    plant::{
        effects::Effects,
        identity,
        master_data::{LOW_STANDARDS, MACHINES, PL3},
    },
    simulation::{
        operation::{Operation, Ticket},
        order::Order,
    },
    spec::Problem,
    truth::{DataError, Totals},
};

/// Keying errors that are listed one by one in `truth.json`; all are counted.
const LISTED_ERRORS: usize = 2_000;

#[derive(Debug, Default)]
pub(crate) struct Ledger {
    planned: i64,
    actual: i64,
    flexed: f64,
    revenue: i64,
    /// Cents by problem.
    impact: [f64; Problem::ALL.len()],
    pub(crate) low_standards: [f64; LOW_STANDARDS.end - LOW_STANDARDS.start],
    pub(crate) extra_stops: u64,
    pub(crate) extra_stop_hours: f64,
    pub(crate) extra_energy: f64,
    pub(crate) late_release_hours: f64,
    pub(crate) late_releases: u64,
    pub(crate) busy: [Ticks; MACHINES],
    pub(crate) bottleneck_queue: Ticks,
    pub(crate) first_day: Option<i64>,
    pub(crate) last_day: Option<i64>,
    pub(crate) orders: u64,
    pub(crate) late: u64,
    pub(crate) operations: u64,
    pub(crate) pieces: i64,
    pub(crate) scrap: i64,
    pub(crate) booked: Ticks,
    pub(crate) errors: Vec<DataError>,
    pub(crate) error_rows: u64,
}

fn in_hours(time: Ticks) -> f64 {
    time as f64 / HOUR as f64
}

/// What a factor above 1 added to a value that contains it.
fn added(value: f64, factor: f64) -> f64 {
    value * (1.0 - 1.0 / factor)
}

/// Cents per hour of work at an operation, as it was paid.
fn hourly(operation: &Operation) -> f64 {
    let time = |ticket: &Ticket| (ticket.setup + ticket.run + ticket.rework) as f64;
    let paid: f64 = operation.tickets.iter().map(|ticket| time(ticket) * ticket.pay_rate as f64).sum();
    let worked: f64 = operation.tickets.iter().map(time).sum();
    paid / worked.max(1.0) + operation.rates.machine as f64
}

impl Ledger {
    pub(crate) fn add(&mut self, order: &Order, effects: &Effects, calendar: Calendar) {
        self.totals_of(order);
        let first = calendar.opening_day(order.entered);
        let last = calendar.closing_day(order.end());
        self.first_day = Some(self.first_day.map_or(first, |day| day.min(first)));
        self.last_day = Some(self.last_day.map_or(last, |day| day.max(last)));
        self.orders += 1;
        self.late += u64::from(last > calendar.closing_day(order.due));
        for operation in &order.operations {
            self.measure(order, operation);
            self.operation_problems(order, operation);
        }
        for line in &order.lines {
            let cents = (line.issued * line.price) as f64 / 100_000.0;
            *self.of(Problem::SupplierPrice) += added(cents, line.price_factor);
            *self.of(Problem::MaterialUsage) += added(cents, line.usage_factor);
        }
        if effects.has(Problem::ShiftScrap) {
            *self.of(Problem::ShiftScrap) += scrap_loss(order);
        }
        if effects.lateness(order.planner, order.planned_release) > 0.0 && order.planner == PL3 {
            self.late_releases += 1;
            self.late_release_hours += in_hours(order.release - order.planned_release);
        }
    }

    fn of(&mut self, problem: Problem) -> &mut f64 {
        &mut self.impact[problem as usize]
    }

    pub(crate) fn dollars(&self, problem: Problem) -> f64 {
        cents_to_dollars(self.impact[problem as usize])
    }

    fn totals_of(&mut self, order: &Order) {
        let planned = order.planned_cost();
        self.planned += planned;
        self.actual += order.cost();
        self.flexed += (planned as f64 * order.good() as f64 / order.quantity as f64).round();
        self.revenue += order.revenue();
    }

    fn measure(&mut self, order: &Order, operation: &Operation) {
        self.operations += 1;
        self.pieces += operation.quantity_in;
        self.scrap += operation.scrap;
        self.booked += operation.booked();
        if order.facility == 1 {
            self.busy[operation.machine] += operation.end - operation.start;
            if operation.work_center == crate::plant::master_data::WC_40 {
                self.bottleneck_queue += operation.start - operation.arrival;
            }
        }
        if operation.tickets.iter().any(|ticket| ticket.keyed_ten_times) {
            self.error_rows += 1;
            if self.errors.len() < LISTED_ERRORS {
                self.errors.push(DataError {
                    work_order_id: format!("J{}", 100_000 + order.number),
                    operation_sequence: 10 * (operation.position as u32 + 1),
                    field: "actual_run_hours".to_owned(),
                    factor: 10,
                });
            }
        }
    }

    fn operation_problems(&mut self, order: &Order, operation: &Operation) {
        let truth = &operation.truth;
        let hourly = hourly(operation);
        *self.of(Problem::MachineDrift) += added(in_hours(operation.run), truth.drift) * hourly;
        *self.of(Problem::FamilySetup) += added(in_hours(operation.setup), truth.setup) * hourly;
        *self.of(Problem::ReworkPair) += in_hours(operation.rework_time - truth.rework_time) * hourly;
        let paid: f64 = operation
            .tickets
            .iter()
            .map(|ticket| in_hours(ticket.setup + ticket.run + ticket.rework) * ticket.pay_rate as f64)
            .sum();
        *self.of(Problem::LaborRate) += added(paid, truth.labor_rate);
        let missing = truth.true_hours_per_piece - truth.standard_hours_per_piece;
        if missing > 0.0 && LOW_STANDARDS.contains(&order.product) {
            let rates = (operation.rates.labor + operation.rates.machine) as f64;
            let cents = missing * operation.good as f64 * rates;
            *self.of(Problem::LowStandards) += cents;
            self.low_standards[order.product - LOW_STANDARDS.start] += cents;
        }
        self.extra_energy += added(operation.energy as f64 / 100.0, truth.energy);
        for stop in operation.stops.iter().filter(|stop| stop.extra) {
            self.extra_stops += 1;
            self.extra_stop_hours += in_hours(stop.repair);
            *self.of(Problem::Breakdowns) += in_hours(stop.repair) * operation.rates.machine as f64;
        }
    }

    pub(crate) fn totals(&self) -> Totals {
        let dollars = |cents: i64| cents as f64 / 100.0;
        let flexed = self.flexed as i64;
        Totals {
            planned_cost: dollars(self.planned),
            actual_cost: dollars(self.actual),
            variance: dollars(self.actual - self.planned),
            flexed_planned_cost: dollars(flexed),
            flexed_variance: dollars(self.actual - flexed),
            revenue: dollars(self.revenue),
        }
    }
}

pub(crate) fn cents_to_dollars(cents: f64) -> f64 {
    cents.round() / 100.0
}

/// What the raised scrap of an order cost: the plan of the good pieces lost, less the work that later operations were spared.
fn scrap_loss(order: &Order) -> f64 {
    let mut quantity = order.quantity;
    let mut spared = 0.0;
    for operation in &order.operations {
        let more = quantity as f64 / operation.quantity_in as f64 - 1.0;
        spared += in_hours(operation.run + operation.rework_time) * hourly(operation) * more;
        quantity = operation.good_without_raised_scrap(quantity);
    }
    let lost = (quantity - order.good()) as f64 * order.planned_cost() as f64 / order.quantity as f64;
    lost - spared
}

/// The plain id of a work center of facility F01.
pub(crate) fn work_center(work_center: usize) -> String {
    identity::work_center(1, work_center).to_string()
}
