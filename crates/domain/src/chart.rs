//! Charts as facts: what is shown, in the reader's order. `report` turns them into pictures and tables.
//!
//! Units are words of the axis. Values in `%` are shares (0.034 is shown as 3.4%); a unit of three capital letters is a
//! currency.

/// One chart. Its title says what is measured, its caption what it is about.
#[derive(Debug, Clone, PartialEq)]
pub struct Chart {
    pub title: String,
    pub caption: String,
    /// The message and the main values in a sentence, for those who do not see the picture.
    pub alternative: String,
    pub body: ChartBody,
}

#[derive(Debug, Clone, PartialEq)]
pub enum ChartBody {
    /// From one total to another in signed steps.
    Waterfall { start: Step, steps: Vec<Step>, end: Step, unit: String },
    /// Causes by amount, with the running share.
    Pareto { bars: Vec<Step>, unit: String },
    /// One point per unit (order, lot, week) over time, with what was expected and a dated shift.
    Control {
        points: Vec<Point>,
        expected: Option<Band>,
        before: Option<f64>,
        after: Option<f64>,
        shift_at: Option<i64>,
        unit: String,
    },
    /// One level per row with its interval, and the mean of all.
    Dots { dots: Vec<Dot>, mean: Option<f64>, unit: String },
    /// Values of two factors.
    Heat { columns: Vec<String>, rows: Vec<String>, values: Vec<Vec<Option<f64>>>, unit: String },
}

#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    pub label: String,
    pub value: f64,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Point {
    /// Microseconds since 1970-01-01 on the plant's own clock.
    pub at: i64,
    pub value: f64,
    pub highlighted: bool,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Band {
    pub low: f64,
    pub high: f64,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Dot {
    pub label: String,
    pub value: f64,
    pub low: f64,
    pub high: f64,
    pub n: u64,
    pub highlighted: bool,
}
