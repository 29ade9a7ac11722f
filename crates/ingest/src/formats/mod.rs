//! What the bytes are, and the containers that hold rows: workbooks, Parquet, JSON, XML, archives.
//!
//! Native cells are rendered as canonical text (dates `2024-03-01` and `2024-03-01T10:00:00`, numbers as the shortest
//! decimal, booleans `TRUE` and `FALSE`) and then go the same way as text.

use std::path::PathBuf;

use domain::Issue;

use crate::rows::RowSource;

/// One table-like part of a file: a sheet, a member of an archive, or the whole.
pub struct Part {
    /// Archive member and sheet, outermost first; empty where the file is one table.
    pub names: Vec<String>,
    /// In words: `Excel workbook (xlsx)`, `Parquet`, `JSON lines`.
    pub format: String,
    pub content: Content,
    /// What was noticed while the part was opened (a hidden sheet, a formula without value).
    pub issues: Vec<Issue>,
}

pub enum Content {
    /// Rows of cells, already decoded.
    Rows(Box<dyn RowSource>),
    /// Delimited text in a file of its own: the file itself, or a member unpacked to the scratch folder.
    Text(PathBuf),
}

impl std::fmt::Debug for Part {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let content = match &self.content {
            Content::Rows(_) => "rows",
            Content::Text(_) => "text",
        };
        f.debug_struct("Part").field("names", &self.names).field("content", &content).finish_non_exhaustive()
    }
}

impl std::fmt::Debug for Content {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Rows(_) => f.write_str("Rows"),
            Self::Text(path) => f.debug_tuple("Text").field(path).finish(),
        }
    }
}
