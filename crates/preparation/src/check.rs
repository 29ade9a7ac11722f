//! What speaks against a preparation, before anything is executed.

use std::fmt;

/// Something that a person has to mend.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The prepared column that it concerns.
    pub column: String,
    pub severity: Severity,
    pub message: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Worth a look.
    Warning,
    /// Nothing is executed while it stands.
    Error,
}

impl Problem {
    pub(crate) fn error(column: &str, message: impl Into<String>) -> Self {
        Self { column: column.to_owned(), severity: Severity::Error, message: message.into() }
    }

    pub(crate) fn warning(column: &str, message: impl Into<String>) -> Self {
        Self { column: column.to_owned(), severity: Severity::Warning, message: message.into() }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "column \"{}\": {}", self.column, self.message)
    }
}
