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
    /// How many come through each step, of those that came through the one before. Names of steps are ours.
    Funnel { steps: Vec<Step>, unit: String },
    /// What a whole is made of, a bar for each: what is kept, then what is lost by kind. Names of parts are ours.
    Stacked { kept: String, lost: Vec<String>, stacks: Vec<Stack>, unit: String },
}

/// One whole in its parts. A part may be below nothing: work that ran faster than its plan gives hours back.
#[derive(Debug, Clone, PartialEq)]
pub struct Stack {
    pub label: String,
    pub kept: f64,
    /// As many as the chart names.
    pub lost: Vec<f64>,
}

impl Stack {
    pub fn total(&self) -> f64 {
        self.kept + self.lost.iter().sum::<f64>()
    }

    /// Part of the whole.
    pub fn share(&self, part: f64) -> f64 {
        let total = self.total();
        if total > 0.0 { part / total } else { 0.0 }
    }
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
