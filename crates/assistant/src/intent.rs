//! What a question asks for.

use jiff::civil::Date;
use ontology::FieldId;
use serde::Serialize;

/// Steps of the calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Step {
    Day,
    Week,
    Month,
    Quarter,
    Year,
}

impl Step {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
            Self::Quarter => "quarter",
            Self::Year => "year",
        }
    }

    pub fn named(name: &str) -> Option<Self> {
        [Self::Day, Self::Week, Self::Month, Self::Quarter, Self::Year]
            .into_iter()
            .find(|step| step.as_str() == name)
    }
}

/// Days of the plant, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    pub first: Date,
    pub last: Date,
}

/// Rows of which a field has a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filter {
    pub field: FieldId,
    pub value: String,
}

/// A value that the lines of a breakdown must lie above, or below.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bound {
    pub above: bool,
    pub value: f64,
    /// Whether the value itself is beyond it: "at least".
    pub included: bool,
}

/// A figure of some rows.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Figure {
    pub metric: &'static str,
    pub filters: Vec<Filter>,
    /// Rows that are left out.
    pub without: Vec<Filter>,
    pub period: Option<Period>,
    /// Of a breakdown, only lines beyond it.
    pub beyond: Option<Bound>,
}

/// What is set against each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Side {
    Entity(Filter),
    Period(Period),
    /// All rows, beside a part of them.
    Whole,
}

/// What changes in a case that somebody imagines.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Lever {
    /// Set-ups take that share less time.
    Setup { shorter: f64 },
    /// Scrap falls to a share of all pieces.
    ScrapTo { rate: f64 },
    /// Scrap falls by a share of itself.
    ScrapBy { share: f64 },
    /// Material prices change by a share.
    Price { change: f64 },
    /// So many more open hours a week.
    Hours { more: f64 },
    /// So many machines more.
    Machines { more: f64 },
    /// Batches are so many times as large.
    Batch { times: f64 },
}

#[derive(Debug, Clone, PartialEq)]
pub enum Intent {
    /// Figures of all rows or of those that are named, or by the values of a field.
    Metric {
        figures: Vec<Figure>,
        group: Option<FieldId>,
    },
    /// The first so many by a figure.
    Top {
        figure: Figure,
        group: FieldId,
        n: usize,
        most: bool,
    },
    Compare {
        figure: Figure,
        sides: Vec<Side>,
    },
    Trend {
        figure: Figure,
        step: Step,
    },
    WhatIf {
        lever: Lever,
        scope: Vec<Filter>,
    },
    /// How a figure comes about.
    Explain {
        metric: &'static str,
        filters: Vec<Filter>,
    },
    /// What the data lack, for a figure or at all.
    Missing {
        metric: Option<&'static str>,
    },
    Findings {
        n: usize,
        filters: Vec<Filter>,
    },
    /// The values of a field.
    Values {
        field: FieldId,
    },
    Overview,
    Help,
    Unclear(Unclear),
}

/// Why a question gets choices and no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unclear {
    /// Nothing was recognised.
    NotUnderstood,
    /// It is about something that no export of ours tells of: the competition, the weather.
    NotHeld { said: String },
    /// Machines, suppliers, …, but by which figure?
    WhichFigure { dimension: &'static str, most: bool },
    /// Two figures stand side by side.
    Which { metrics: Vec<&'static str> },
    /// One name, several fields.
    WhichField { value: String, fields: Vec<FieldId> },
    /// The data hold no such thing.
    NoSuchValue { said: String, field: Option<FieldId>, near: Vec<String> },
    /// The figure cannot be told apart by that.
    NotBy { metric: &'static str, field: FieldId, instead: Vec<FieldId>, other: Option<&'static str> },
    /// The figure is not there at all.
    NotThere { metric: &'static str },
    /// The data do not hold that field.
    NoSuchField { dimension: &'static str },
    /// A case without its number.
    HowMuch,
    /// Exclusions and thresholds.
    Condition { said: String },
    /// People are no levels of an analysis.
    People,
    /// The data say nothing of that time, or the figure has no dates.
    Time { metric: Option<&'static str>, known: Option<Period> },
}
