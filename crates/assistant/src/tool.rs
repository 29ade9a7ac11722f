//! What can be looked up, and what comes back. Shapes of their own: a model reads them as JSON, answers are worded from them,
//! and the numbers of an answer are checked against them.

use ontology::{Entity, FieldId};
use serde::Serialize;

use crate::intent::{Bound, Filter, Lever, Period, Step};

/// What figures are broken down by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Group {
    Field(FieldId),
    Step(Step),
}

/// A figure of some rows, broken down or not.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct FigureCall {
    pub metric: String,
    pub filters: Vec<Filter>,
    /// Rows with these values are left out.
    pub without: Vec<Filter>,
    /// Of a breakdown, only lines beyond it.
    pub beyond: Option<Bound>,
    pub period: Option<Period>,
    pub group: Option<Group>,
    /// Lines that come back; the largest first, or the smallest.
    pub limit: usize,
    pub descending: bool,
}

/// A tool with its arguments.
#[derive(Debug, Clone, PartialEq)]
pub enum Call {
    Figures(FigureCall),
    Explain {
        metric: String,
        filters: Vec<Filter>,
    },
    Missing {
        metric: Option<String>,
    },
    Findings {
        n: usize,
        filters: Vec<Filter>,
    },
    WhatIf {
        lever: Lever,
        scope: Vec<Filter>,
    },
    Values {
        field: FieldId,
        n: usize,
    },
    Totals,
    /// Two figures and what is between them.
    Compare(Box<[FigureCall; 2]>),
    /// One finding whole.
    Finding {
        id: String,
    },
    Rows(RowsCall),
    /// One SELECT over the tables of the run.
    Query {
        sql: String,
    },
}

/// Rows of a table, as the analysis read them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowsCall {
    pub entity: Entity,
    pub filters: Vec<Filter>,
    /// By which field, and whether the largest come first.
    pub sort: Option<(FieldId, bool)>,
    pub limit: usize,
}

/// A row of the customer's files.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Source {
    pub file: String,
    pub row: u64,
}

/// One figure.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Line {
    pub name: String,
    pub value: Option<f64>,
    pub numerator: Option<f64>,
    pub denominator: Option<f64>,
    pub rows: u64,
}

#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Figures {
    pub metric: String,
    pub unit: String,
    pub currency: String,
    /// The table that was read.
    pub table: String,
    /// What was added up and divided, as written in the query.
    pub formula: String,
    pub note: Option<String>,
    /// One per group, in the order asked for; of steps of the calendar, in their order.
    pub lines: Vec<Line>,
    /// All rows that match, together.
    pub whole: Line,
    /// Groups there are in all.
    pub groups: u64,
    /// Rows that are in no line, because they state no value of what it is broken down by.
    pub unstated: u64,
    /// The field that says when.
    pub dated_by: Option<String>,
    /// Some of the rows with the largest share in the figure.
    pub sources: Vec<Source>,
}

#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Explained {
    pub metric: String,
    /// The definition, as the ontology has it or as it is computed.
    pub formula: String,
    pub query: String,
    pub figures: Figures,
    pub needs: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Skipped {
    pub analyzer: String,
    pub missing: Vec<String>,
    pub reason: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Wanted {
    pub field: String,
    pub meaning: String,
    pub unlocks: Vec<String>,
    pub unexplained: f64,
}

#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Missing {
    pub metric: Option<String>,
    /// The value, where the figure is there after all.
    pub value: Option<f64>,
    /// What the figure takes: any of those joined by `|`.
    pub needs: Vec<String>,
    /// What of that the data lack.
    pub lacks: Vec<String>,
    pub skipped: Vec<Skipped>,
    pub wanted: Vec<Wanted>,
    pub currency: String,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FindingLine {
    /// Opens it.
    pub id: String,
    pub title: String,
    #[serde(rename = "type")]
    pub type_: String,
    pub impact: Option<f64>,
    pub low: Option<f64>,
    pub high: Option<f64>,
    pub annualized: Option<f64>,
    pub grade: String,
    pub priority: i64,
    pub sources: Vec<Source>,
}

#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Findings {
    pub total: u64,
    pub currency: String,
    pub lines: Vec<FindingLine>,
}

/// A figure of a case that somebody imagines.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CaseFigure {
    pub name: String,
    pub unit: String,
    pub today: f64,
    pub then: f64,
}

#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Case {
    pub question: String,
    pub saved_per_year: Option<f64>,
    pub figures: Vec<CaseFigure>,
    pub formula: String,
    pub assumptions: Vec<String>,
    pub missing: Vec<String>,
    pub currency: String,
    /// Days that the data cover.
    pub days: f64,
}

#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Values {
    pub field: String,
    pub total: u64,
    pub lines: Vec<Line>,
}

#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Totals {
    /// ISO dates.
    pub first: Option<String>,
    pub last: Option<String>,
    pub currency: String,
    pub planned_cost: f64,
    pub actual_cost: f64,
    pub variance: f64,
    pub explained: f64,
    pub remainder: f64,
    pub parts: Vec<(String, f64)>,
    pub findings: u64,
    pub rows_read: u64,
    pub rows_used: u64,
    pub data_tier: u8,
}

/// What is between the first side and the last.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Difference {
    pub from: f64,
    pub to: f64,
    pub difference: f64,
    /// Of the value compared with; none where that is nought.
    pub share: Option<f64>,
}

impl Difference {
    pub fn of(from: f64, to: f64) -> Self {
        let share = (from != 0.0).then(|| (to - from) / from.abs());
        Self { from, to, difference: to - from, share }
    }
}

/// One figure of two sets of rows.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Comparison {
    pub first: Figures,
    pub second: Figures,
    /// From the first to the second; none where one of them has no value.
    pub difference: Option<Difference>,
}

/// One finding whole.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FindingDetail {
    pub line: FindingLine,
    pub currency: String,
    /// Field and value.
    pub entities: Vec<(String, String)>,
    pub measure: String,
    pub effect: f64,
    pub effect_low: f64,
    pub effect_high: f64,
    pub start: Option<String>,
    pub n: u64,
    pub comparison: String,
    pub assumptions: Vec<String>,
    pub missing_fields: Vec<String>,
    pub actions: Vec<String>,
}

/// Rows of a query, cells as text.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Table {
    /// What was asked, in words or as written.
    pub query: String,
    pub columns: Vec<String>,
    pub rows: Vec<Vec<serde_json::Value>>,
    /// There were more rows than are given.
    pub cut: bool,
    /// Rows of the files, where the query named them.
    pub sources: Vec<Source>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "tool", rename_all = "snake_case")]
pub enum Outcome {
    Figures(Figures),
    Explained(Explained),
    Missing(Missing),
    Findings(Findings),
    Case(Case),
    Values(Values),
    Totals(Totals),
    Difference(Difference),
    Comparison(Box<Comparison>),
    Finding(Box<FindingDetail>),
    Table(Table),
    /// The tool says why it cannot.
    Refused {
        reason: String,
    },
}
