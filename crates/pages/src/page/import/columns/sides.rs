//! How rows become orders.

use crate::words;

/// How rows become orders: what is the order's own, what belongs to its rows, and an order of the file as an example.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sides {
    /// Headers that together name the order.
    pub key: String,
    /// Headers of what repeats on each row of an order.
    pub header: Vec<String>,
    /// Headers of what belongs to the row, and what becomes of it for the order.
    pub detail: Vec<(String, &'static str)>,
    pub example: Option<ExampleOrder>,
    /// Only the orders stay.
    pub aggregated: bool,
    /// Whether there is a choice: the rows are below the order.
    pub below: bool,
}

/// What can become of rows below the order: value, words, and what follows.
pub(crate) const DETAIL: [(&str, &str, &str); 2] = [
    ("keep", "Keep every row", "Steps, machines and shifts can be looked at."),
    (
        "aggregate",
        "Keep orders only",
        "Each column is gathered as above; questions about steps are not asked.",
    ),
];

/// One order as the file has it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ExampleOrder {
    pub order: String,
    pub rows: usize,
    /// Header and value of the order's own columns.
    pub header: Vec<(String, String)>,
    /// Row by row the cells of the other columns.
    pub detail: Vec<Vec<String>>,
    /// What those come to; empty where they stay with the rows.
    pub totals: Vec<String>,
}

impl ExampleOrder {
    pub(super) fn more(&self) -> usize {
        self.rows.saturating_sub(self.detail.len())
    }

    /// `8 rows`.
    pub(super) fn counted(&self) -> String {
        words::counted(self.rows as u64, "row")
    }

    /// `6 more rows`.
    pub(super) fn others(&self) -> String {
        words::counted(self.more() as u64, "more row")
    }
}
