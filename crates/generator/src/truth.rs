//! What is true of a plant: the findings that are expected, with exact dollars and dates, and those that are no mistake.
//!
//! Dollars are differences to the same plant without the problem: same orders, same random numbers, same schedule. They are computed
//! order by order while the plant runs.

pub(crate) mod acceptable;
pub(crate) mod expected;
pub(crate) mod ledger;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// `truth.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Truth {
    pub seed: u64,
    pub orders: u64,
    pub facilities: u32,
    /// `all`, `none` or names separated by commas.
    pub problems: String,
    /// 1 for effects of the documented size.
    pub effect: f64,
    pub style: String,
    /// Which of the expected findings the files can show: those of this tier or a lower one.
    pub data_tier: u8,
    pub period: Period,
    pub currency: String,
    pub totals: Totals,
    pub expected: Vec<Expected>,
    pub acceptable: Vec<Acceptable>,
    pub data_errors: Vec<DataError>,
    /// What the plant did, for checks.
    pub measures: Measures,
    /// Rows of each file.
    pub rows: BTreeMap<String, u64>,
    /// The canonical field of each caption of each file.
    pub fields: BTreeMap<String, BTreeMap<String, String>>,
}

/// First order entered to last order finished, as ISO dates.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Period {
    pub start: String,
    pub end: String,
}

/// Sums of the orders, in dollars, exact to the cent.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Totals {
    /// As the orders state it, for the quantity ordered.
    pub planned_cost: f64,
    pub actual_cost: f64,
    pub variance: f64,
    /// The plan of each order times good over ordered quantity.
    pub flexed_planned_cost: f64,
    pub flexed_variance: f64,
    pub revenue: f64,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Entity {
    pub field: String,
    pub value: String,
}

/// How many of its entities a finding must name to be the expected one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Match {
    /// All of them: a pair is not found by either half.
    All,
    /// One of them: several products with the same wrong standard are one problem, told in one finding or several.
    Any,
}

/// A type of finding about entities; no entities stand for any.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    #[serde(rename = "type")]
    pub type_: String,
    pub entities: Vec<Entity>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StartKind {
    Step,
    Drift,
    None,
}

/// A planted problem that a good analysis names.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Expected {
    pub id: String,
    #[serde(rename = "type")]
    pub type_: String,
    pub entities: Vec<Entity>,
    #[serde(rename = "match")]
    pub match_: Match,
    /// Other ways to say the same.
    pub also_accept: Vec<Claim>,
    /// First day, as an ISO date.
    pub start: Option<String>,
    pub start_kind: StartKind,
    /// Dollars, where the data hold a rate that makes them.
    pub impact: Option<f64>,
    /// Unit of `impact`.
    pub unit: String,
    /// The part of each entity, where there are several.
    pub impact_by_entity: BTreeMap<String, f64>,
    /// What the problem cost in hours, kWh or the like.
    pub quantity: Option<Quantity>,
    /// Analyzers that should see it.
    pub visible_to: Vec<String>,
    /// The least data tier (`analyzers.md`, section 4) at which it can be seen.
    pub tier: u8,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Quantity {
    pub value: f64,
    pub unit: String,
}

/// A finding that is true without being a planted problem: it counts neither for nor against.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Acceptable {
    #[serde(rename = "type")]
    pub type_: String,
    /// All of them must be named; none stands for any finding of the type.
    pub entities: Vec<Entity>,
    pub reason: String,
}

/// A row that somebody keyed wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DataError {
    pub work_order_id: String,
    pub operation_sequence: u32,
    pub field: String,
    /// What the file says, divided by what is true.
    pub factor: u32,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Measures {
    /// Busy time (set-up, run, rework, stops) of facility F01 over the open time of the period.
    pub utilization: BTreeMap<String, f64>,
    pub on_time_share: f64,
    pub scrap_share: f64,
    pub operations: u64,
    pub booked_hours: f64,
    pub keying_error_rows: u64,
}
