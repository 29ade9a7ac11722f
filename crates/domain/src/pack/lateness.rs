//! Orders against their due dates: which were late, by how much, and what they waited for.

use crate::analysis::{Period, RowRef};

/// Every order that states a due date and has ended, or should have by the last day on which any order ended. Each is
/// counted once, as the key figure "orders finished on time" counts it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Lateness {
    /// Fields that say when an order was due and when it ended; none where the data have no such field.
    pub due: Option<&'static str>,
    pub end: Option<&'static str>,
    /// First and last due date of the orders that are counted.
    pub period: Option<Period>,
    pub kept: u64,
    /// Ended after their due date.
    pub late: u64,
    /// Not ended, though they were due before the last order ended.
    pub overdue: u64,
    /// Orders without a due date, or not due yet: not counted.
    pub uncounted: u64,
    /// Median of the days by which late orders were late.
    pub median_days: Option<f64>,
    /// Late orders by how many days: more than the first, up to the second.
    pub bands: Vec<(f64, f64, u64)>,
    /// What late orders lost their time to; together they are all of `late`.
    pub causes: Vec<Cause>,
    /// How causes were told apart, or why they could not be.
    pub causes_note: String,
    pub months: Vec<DueMonth>,
    pub rates: Vec<RatesBy>,
    /// The latest first; at most [`Lateness::ORDERS_MAX`].
    pub orders: Vec<LateOrder>,
    /// What the data lack, in sentences.
    pub missing: Vec<String>,
}

impl Lateness {
    pub const ORDERS_MAX: usize = 5_000;

    /// Orders that are counted.
    pub fn counted(&self) -> u64 {
        self.kept + self.late + self.overdue
    }

    /// Share of orders that kept their due date.
    pub fn on_time(&self) -> Option<f64> {
        (self.counted() > 0).then(|| self.kept as f64 / self.counted() as f64)
    }
}

/// What late orders lost their time to. Each late order has one cause: the part in which it lost most.
#[derive(Debug, Clone, PartialEq)]
pub struct Cause {
    pub name: String,
    pub orders: u64,
    pub median_days: f64,
    /// Open hours that these orders lost there against punctual ones; none where they were not measured.
    pub hours: Option<f64>,
}

/// Orders that were due in a month.
#[derive(Debug, Clone, PartialEq)]
pub struct DueMonth {
    /// Its first day, as an ISO date.
    pub month: String,
    pub kept: u64,
    pub late: u64,
    pub overdue: u64,
}

/// On-time rates by the values of a field.
#[derive(Debug, Clone, PartialEq)]
pub struct RatesBy {
    pub field: &'static str,
    /// The most late orders first.
    pub rates: Vec<Rate>,
    /// Orders that state no value.
    pub unstated: u64,
    /// Whether an order may count for several values: it does at each resource that it passed.
    pub several: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Rate {
    pub name: String,
    pub kept: u64,
    /// Late and overdue.
    pub late: u64,
    pub median_days: Option<f64>,
}

impl Rate {
    pub fn orders(&self) -> u64 {
        self.kept + self.late
    }

    pub fn on_time(&self) -> f64 {
        self.kept as f64 / (self.orders() as f64).max(1.0)
    }
}

#[derive(Debug, Clone, PartialEq)]
pub struct LateOrder {
    pub order: String,
    pub customer: String,
    pub product: String,
    /// Microseconds since 1970-01-01 on the plant's own clock.
    pub due: i64,
    /// None for one that is not finished.
    pub ended: Option<i64>,
    /// Up to its end, or up to the last day on which any order ended.
    pub days: f64,
    pub cause: String,
    pub row: RowRef,
}
