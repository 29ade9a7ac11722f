//! What every format needs while a file is opened: its name for messages, the options, and a scratch folder.

use std::cell::Cell;
use std::path::{Path, PathBuf};

use domain::Issue;
use domain::issue::Severity;

use crate::error::{ReadError, display_name};
use crate::read::ReadOptions;

/// One file or archive member on its way to parts.
pub(crate) struct Opening<'a> {
    /// As messages call it.
    pub(crate) file: String,
    pub(crate) options: &'a ReadOptions,
    scratch: &'a Path,
    next: &'a Cell<usize>,
}

impl<'a> Opening<'a> {
    pub(crate) fn new(
        path: &Path,
        options: &'a ReadOptions,
        scratch: &'a Path,
        next: &'a Cell<usize>,
    ) -> Self {
        Self { file: display_name(path), options, scratch, next }
    }

    /// The same reading, for a member of the archive.
    pub(crate) fn member(&self, name: &str) -> Self {
        Self {
            file: format!("{}/{name}", self.file),
            options: self.options,
            scratch: self.scratch,
            next: self.next,
        }
    }

    /// A path in the scratch folder that nobody uses yet.
    pub(crate) fn scratch_file(&self, ending: &str) -> PathBuf {
        let number = self.next.get();
        self.next.set(number + 1);
        self.scratch.join(format!("part-{number}.{ending}"))
    }

    pub(crate) fn damaged(&self, format: &str, detail: impl std::fmt::Display) -> ReadError {
        ReadError::Damaged { file: self.file.clone(), format: format.into(), detail: detail.to_string() }
    }

    pub(crate) fn no_rows(&self, what: impl Into<String>) -> ReadError {
        ReadError::NoDataRows { file: self.file.clone(), what: what.into() }
    }

    pub(crate) fn issue(&self, severity: Severity, kind: &'static str, message: String) -> Issue {
        Issue {
            file: self.file.clone(),
            row: None,
            column: None,
            severity,
            kind,
            message,
            rows: 0,
            examples: Vec::new(),
        }
    }
}
