//! The losses of the last full week against the weeks before it.

use crate::{
    analysis::{EntityRef, Period},
    money::Money,
};

/// Weeks begin on Monday, on the plant's own clock. An order counts in the week in which it ended.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Weekly {
    /// The last week that the data hold whole; none where they hold no dates or no whole week.
    pub week: Option<Period>,
    /// The full weeks that it is held against: up to [`Weekly::BEFORE_MAX`], without gaps.
    pub before: Option<Period>,
    pub weeks_before: u32,
    /// Orders with cost and plan in the week, and in the mean of the weeks before.
    pub orders: (u64, f64),
    /// Cost over plan by kind; the kinds add up to `variance`, to the cent.
    pub kinds: Vec<KindWeek>,
    pub variance: Option<KindWeek>,
    /// The full weeks that are looked at, the oldest first.
    pub weeks: Vec<Week>,
    /// Weeks that are not shown: older ones, and those that the data hold in part. Orders and cost over plan.
    pub other_weeks: Option<(u64, Money)>,
    /// Orders without a day.
    pub undated: Option<(u64, Money)>,
    /// All orders with cost and plan: weeks, other weeks and those without a day. It is the variance of the analysis.
    pub whole: Option<(u64, Money)>,
    /// Work centers or machines, the most money or hours of the week first.
    pub resources: Vec<ResourceWeek>,
    /// The field of the resources.
    pub resource_field: Option<&'static str>,
    pub findings: Vec<FindingWeek>,
    /// New and ended findings since the analysis before; none where there was none.
    pub fates: Option<Vec<FindingFate>>,
    /// What the data lack, in sentences.
    pub missing: Vec<String>,
}

impl Weekly {
    pub const BEFORE_MAX: u32 = 12;
}

/// The orders that ended in a week, and their cost over plan.
#[derive(Debug, Clone, PartialEq)]
pub struct Week {
    /// Its Monday, in microseconds since 1970-01-01.
    pub at: i64,
    pub orders: u64,
    pub over: Money,
}

/// Money of a kind in the week, and in the weeks before.
#[derive(Debug, Clone, PartialEq)]
pub struct KindWeek {
    pub kind: String,
    pub last: Money,
    /// Mean of a week before, its smallest and its largest week.
    pub mean: f64,
    pub low: f64,
    pub high: f64,
}

/// What a resource lost in the week, and in the mean of the weeks before.
#[derive(Debug, Clone, PartialEq)]
pub struct ResourceWeek {
    pub name: String,
    /// Operations of the week.
    pub operations: u64,
    /// Hours spent over those that the plan allows.
    pub hours: Option<(f64, f64)>,
    /// Those hours at what an hour costs there. They are part of the cost over plan, not on top of it.
    pub money: Option<(f64, f64)>,
    /// Pieces scrapped.
    pub scrap: Option<(f64, f64)>,
}

/// The figure that a finding is about, in the week and before.
#[derive(Debug, Clone, PartialEq)]
pub struct FindingWeek {
    pub finding: String,
    pub title: String,
    /// Money a year, as the pages say it.
    pub yearly: Option<f64>,
    pub kpi: String,
    pub scope: Vec<EntityRef>,
    /// None where the week has no row of it.
    pub last: Option<f64>,
    pub before: Option<f64>,
    /// Rows or orders of the week.
    pub units: u64,
    pub rising_is_worse: bool,
    /// Whether the finding began within the week.
    pub began: bool,
}

/// A finding that is new, or has ended.
#[derive(Debug, Clone, PartialEq)]
pub struct FindingFate {
    pub title: String,
    /// `new` or `ended`.
    pub fate: &'static str,
    pub yearly: Option<f64>,
}
