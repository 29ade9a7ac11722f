//! Why a use case stopped, in words for the person who asked.

/// The three ways that a caller can act on.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The input cannot be used; the message says what to do.
    #[error("{0}")]
    Input(String),
    /// What was asked for makes no sense (an unknown setting, a mapping of another file).
    #[error("{0}")]
    Usage(String),
    /// The work failed for reasons of its own (disk full, a bug).
    #[error("{0}")]
    Work(String),
}

impl From<ingest::ReadError> for Error {
    fn from(error: ingest::ReadError) -> Self {
        match error {
            ingest::ReadError::Write { .. } => Self::Work(error.to_string()),
            other => Self::Input(other.to_string()),
        }
    }
}

impl From<domain::settings::SettingError> for Error {
    fn from(error: domain::settings::SettingError) -> Self {
        Self::Usage(error.to_string())
    }
}

impl From<analyzers::AnalyzeError> for Error {
    fn from(error: analyzers::AnalyzeError) -> Self {
        match error {
            analyzers::AnalyzeError::Unusable { .. } => Self::Input(error.to_string()),
            other => Self::Work(other.to_string()),
        }
    }
}
