//! What was noticed while a file was read, mapped or analyzed, and where.

/// One notice. Nothing is set aside without one.
#[derive(Debug, Clone, PartialEq)]
pub struct Issue {
    pub file: String,
    /// 1-based line or sheet row of the first place; `None` where it concerns the whole file or column.
    pub row: Option<u64>,
    /// 0-based index of the column.
    pub column: Option<usize>,
    pub severity: Severity,
    /// Stable machine-readable kind, e.g. `unreadable_number`, `ragged_row`, `ambiguous_date_order`.
    pub kind: &'static str,
    /// What was found and what was done with it, in a sentence that quotes the customer's own words.
    pub message: String,
    /// How many rows it concerns.
    pub rows: u64,
    /// The first rows it concerns (1-based lines of the file), at most a hundred.
    pub examples: Vec<u64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Something was understood in a way worth knowing.
    Note,
    /// Values or rows were set aside.
    Warning,
    /// A person has to decide.
    Decision,
}
