//! Questions and answers.

use ontology::{Entity, FieldId};

/// What is asked of one table.
#[derive(Debug, Clone, PartialEq)]
pub struct Ask {
    pub entity: Entity,
    /// Fields that must have these values, as they stand in the table. An empty one asks for rows without a value.
    pub equals: Vec<(FieldId, String)>,
    /// The field to sort by, and whether the largest come first. Rows of a tie keep the order of their files.
    pub sort: Option<(FieldId, bool)>,
    pub offset: u64,
    pub limit: u64,
}

/// A value as people see it.
#[derive(Debug, Clone, PartialEq)]
pub enum Seen {
    Empty,
    Text(String),
    Number(f64),
    /// Microseconds since 1970-01-01 on the plant's own clock.
    Moment(i64),
    Flag(bool),
}

/// A row, with where it stands in the customer's files.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    pub file: String,
    pub row: u64,
    /// One per field of the answer.
    pub values: Vec<Seen>,
}

/// Rows of a table, and what all of them come to.
#[derive(Debug, Clone, PartialEq)]
pub struct Rows {
    pub fields: Vec<FieldId>,
    pub lines: Vec<Line>,
    /// How many match, beyond those that are given.
    pub total: u64,
    /// One per field; none where adding up would say nothing.
    pub sums: Vec<Option<f64>>,
}

/// Rows that share a value.
#[derive(Debug, Clone, PartialEq)]
pub struct Group {
    /// Empty where the rows have no value.
    pub name: String,
    pub rows: u64,
    /// One per additive field of [`Groups`].
    pub sums: Vec<Option<f64>>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Groups {
    pub additive: Vec<FieldId>,
    pub groups: Vec<Group>,
    /// Groups there are in all.
    pub total: u64,
}
