//! A known export: which saved mapping each file follows, and whether it was analyzed already.

use crate::{component::Link, words};

/// A file that follows a saved mapping.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct KnownFile {
    pub file: String,
    pub profile: String,
    pub new: Vec<String>,
    pub missing: Vec<String>,
    /// What else has changed, in a sentence each.
    pub drift: Vec<String>,
    /// Whether a decision that was confirmed may not hold any more.
    pub endangered: bool,
    /// `Other mapping, 62% alike`: what else it could follow.
    pub others: Vec<String>,
}

impl KnownFile {
    pub(super) fn is_same(&self) -> bool {
        self.new.is_empty() && self.missing.is_empty() && self.drift.is_empty()
    }

    /// `2 new columns (Rev, Lot), 1 missing (Plant)`.
    pub(super) fn difference(&self) -> String {
        let side = |columns: &[String], what: String| {
            let names: Vec<&str> = columns.iter().take(6).map(String::as_str).collect();
            let more = if columns.len() > 6 { ", …" } else { "" };
            (!columns.is_empty()).then(|| format!("{what} ({}{more})", names.join(", ")))
        };
        let new = format!("{} new", words::counted(self.new.len() as u64, "column"));
        let new = new.replacen(" columns new", " new columns", 1).replacen(" column new", " new column", 1);
        let sides = [side(&self.new, new), side(&self.missing, format!("{} missing", self.missing.len()))];
        let mut said = sides.into_iter().flatten().collect::<Vec<_>>().join(", ");
        for drift in &self.drift {
            if !said.is_empty() {
                said.push_str("; ");
            }
            said.push_str(drift);
        }
        said
    }
}

/// The newest analysis of the import that is complete.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ran {
    /// The day.
    pub when: String,
    pub result: Link,
    /// Whether a decision, a preparation or a setting has changed since.
    pub changed: bool,
}
