//! What came of a prepared column, counted over all rows.

use domain::Cell;

/// Rows that are listed as examples.
pub(crate) const EXAMPLES: usize = 20;

/// Counts and examples of one prepared column.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ColumnReport {
    pub column: String,
    pub rows: u64,
    /// Cells that hold something else than before. Of a new column: cells that hold a value.
    pub changed: u64,
    /// The first changed cells.
    pub changes: Vec<Change>,
    /// Cells that a person corrected by hand.
    pub corrected: u64,
    /// Cells that a step or a formula could not work out; they are empty now.
    pub failed: u64,
    pub failures: Vec<Failure>,
    /// Rows by entry of the lookup table or by branch, those without rows included, in the rule's order.
    pub matched: Vec<(String, u64)>,
    /// Rows that got the rule's default.
    pub defaulted: u64,
    /// Rows that no entry and no branch fits where there is no default; for formulas, rows with an empty input.
    pub unmatched: u64,
    /// The most frequent source values among the unmatched rows.
    pub unmatched_values: Vec<(String, u64)>,
}

impl ColumnReport {
    /// Share of rows for which the rule had an answer; `None` without a rule.
    pub fn coverage(&self) -> Option<f64> {
        let matched: u64 = self.matched.iter().map(|(_, rows)| rows).sum();
        let ruled = matched + self.defaulted + self.unmatched;
        (ruled > 0).then(|| (matched + self.defaulted) as f64 / ruled as f64)
    }
}

/// One cell before and after.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// 1-based row of the uploaded file.
    pub row: u64,
    pub before: Cell,
    pub after: Cell,
}

/// One cell that could not be worked out.
#[derive(Debug, Clone, PartialEq)]
pub struct Failure {
    pub row: u64,
    /// The cell as it stood before the step.
    pub text: String,
    pub reason: String,
}
