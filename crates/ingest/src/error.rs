//! Why a file cannot be read at all. Each message says what failed, which file, and what to do.

use std::path::{Path, PathBuf};

/// One variant per thing that a caller, and in the end the person with the file, can act on.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    #[error("{file} is {what}, not a table; export the data as CSV or Excel and read that file")]
    NotATable { file: String, what: String },

    #[error("{file} is empty (0 bytes); export it again and check that the report returned rows")]
    EmptyFile { file: String },

    #[error("{file} holds no data rows ({what}); export it again with a wider selection")]
    NoDataRows { file: String, what: String },

    #[error("{file} is a damaged or incomplete {format} ({detail}); copy or export it again")]
    Damaged { file: String, format: String, detail: String },

    #[error("{file} is protected by a password; save a copy without the password and read that copy")]
    PasswordProtected { file: String },

    #[error(
        "{file} has {found} columns, more than the {limit} that are supported; export fewer columns, or check that it is a table with one record per line"
    )]
    TooManyColumns { file: String, found: usize, limit: usize },

    #[error(
        "line {line} of {file} is longer than {limit} bytes; check that the file has line ends and that no quote is left open"
    )]
    LineTooLong { file: String, line: u64, limit: usize },

    #[error("{file} does not hold text ({detail}); export the data as CSV or Excel and read that file")]
    NotText { file: String, detail: String },

    #[error("{file} has no part named {part:?} (it has {present}); choose one of these")]
    NoSuchPart { file: String, part: String, present: String },

    #[error("{file} unpacks to more than {limit} bytes; unpack it and read the files one by one")]
    UnpacksTooLarge { file: String, limit: u64 },

    #[error("{file} is {what}, which is not supported; save it as CSV or XLSX and read that file")]
    Unsupported { file: String, what: String },

    #[error("cannot {action} {path}: {source}; check that it exists, that you may access it, and that the disk has space", path = path.display())]
    Io { action: &'static str, path: PathBuf, source: std::io::Error },

    #[error("cannot write the typed table {path}: {detail}; check that the disk has space", path = path.display())]
    Write { path: PathBuf, detail: String },
}

impl ReadError {
    pub fn io(action: &'static str, path: &Path, source: std::io::Error) -> Self {
        Self::Io { action, path: path.to_owned(), source }
    }
}

/// The name by which messages and issues call a file: its own, without the folder.
pub fn display_name(path: &Path) -> String {
    path.file_name().map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned())
}
