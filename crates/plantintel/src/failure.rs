//! How a command ends when it does not end well: a sentence on standard error, and an exit code.

use std::{fmt, process::ExitCode};

/// Why a command stopped. Each variant has its own exit code.
#[derive(Debug)]
pub(crate) enum Failure {
    /// 1: the work failed.
    Work(anyhow::Error),
    /// 2: the command was called in a way that makes no sense.
    Usage(String),
    /// 3: the input cannot be used; the message says what to do.
    Input(String),
    /// 4: a person has to decide; the message lists the decisions.
    Decision(String),
    /// 5: not allowed, or over a limit.
    Refused(String),
}

impl Failure {
    pub(crate) fn exit_code(&self) -> ExitCode {
        ExitCode::from(match self {
            Self::Work(_) => 1,
            Self::Usage(_) => 2,
            Self::Input(_) => 3,
            Self::Decision(_) => 4,
            Self::Refused(_) => 5,
        })
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Work(error) => write!(formatter, "{error:#}"),
            Self::Usage(message)
            | Self::Input(message)
            | Self::Decision(message)
            | Self::Refused(message) => formatter.write_str(message),
        }
    }
}

impl From<anyhow::Error> for Failure {
    fn from(error: anyhow::Error) -> Self {
        Self::Work(error)
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self::Work(error.into())
    }
}

impl From<app::Error> for Failure {
    fn from(error: app::Error) -> Self {
        match error {
            app::Error::Input(message) => Self::Input(message),
            app::Error::Usage(message) => Self::Usage(message),
            error @ (app::Error::Forbidden { .. }
            | app::Error::Scope(_)
            | app::Error::Elsewhere
            | app::Error::NotAnOperator
            | app::Error::Limit { .. }) => Self::Refused(error.to_string()),
            other => Self::Work(anyhow::anyhow!(other.to_string())),
        }
    }
}
