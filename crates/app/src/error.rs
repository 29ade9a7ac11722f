//! Why a use case stopped, in words for the person who asked.

use std::time::Duration;

use domain::Role;

/// What a caller can act on. The words go out as they are; a cause that is ours stays inside.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The input cannot be used; the message says what to do.
    #[error("{0}")]
    Input(String),
    /// What was asked for makes no sense (an unknown setting, a mapping of another file).
    #[error("{0}")]
    Usage(String),
    /// The work failed for reasons of its own (disk full, a bug). The words are for the log, not for the caller.
    #[error("{0}")]
    Work(String),
    /// There is no such thing, or it is another tenant's: the same words for both. Holds the noun, as in "dataset".
    #[error("no such {0}")]
    NotFound(&'static str),
    /// The actor's role does not include what this needs.
    #[error("this needs the role {}", .needed.name())]
    Forbidden {
        /// The weakest role that may.
        needed: Role,
    },
    /// An API key lacks a scope.
    #[error("this key lacks the scope {0}")]
    Scope(String),
    /// The organisation may not be used from where the caller is.
    #[error("your organisation is used only from its own networks, and this address is in none of them")]
    Elsewhere,
    /// It is for whoever runs the installation.
    #[error("this is for operators of the installation")]
    NotAnOperator,
    /// It is for operators, and the second factor was shown too long ago.
    #[error("show your second factor again; the console asks for it every half hour")]
    StepUp,
    /// Fields of the request that cannot be taken, each with what to do.
    #[error("{}", .0.first().map_or_else(|| "nothing was wrong".to_owned(), |flaw| format!("{}: {}", flaw.field, flaw.message)))]
    Invalid(Vec<Flaw>),
    /// The state of the thing does not allow it now; the message says which state and what to do.
    #[error("{0}")]
    Conflict(String),
    /// The thing changed since the caller read it (`If-Match`).
    #[error("this {0} was changed by somebody else in the meantime: read it again, then change it")]
    Stale(&'static str),
    /// A plan's or an installation's limit is reached.
    #[error("{what}")]
    Limit {
        /// Which limit, and when it resets or how to raise it.
        what: String,
        /// After how long asking again makes sense.
        retry_after: Option<Duration>,
    },
    /// The idempotency key came before, with another request.
    #[error("this idempotency key belongs to another request: give every new request a key of its own")]
    Reused,
    /// More bytes than one request may bring.
    #[error("{0}")]
    TooLarge(String),
    /// Somebody else's thing does not answer (a provider, a customer's server).
    #[error("{0}")]
    Unavailable(String),
    /// What the installation itself stands on does not answer or is full (the database, the store of files, the mail server): a
    /// request may come again, and a job waits for it however long that takes.
    #[error("{0}")]
    Away(String),
}

/// One field that cannot be taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flaw {
    /// The field's name in the request.
    pub field: String,
    /// What is wrong with it and what to do.
    pub message: String,
}

impl Error {
    /// One field that cannot be taken.
    pub fn invalid(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self::Invalid(vec![Flaw { field: field.into(), message: message.into() }])
    }
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

impl From<explorer::ExploreError> for Error {
    fn from(error: explorer::ExploreError) -> Self {
        Self::Work(error.to_string())
    }
}

impl From<store::Error> for Error {
    fn from(error: store::Error) -> Self {
        match error {
            store::Error::Unavailable(_) => {
                tracing::warn!(%error, "the database does not answer");
                Self::Away("the database does not answer right now; try again in a moment".to_owned())
            }
            // What use cases check before they write; somebody was faster, or the check is missing.
            store::Error::Conflict { constraint } | store::Error::Reference { constraint } => {
                tracing::warn!(constraint, "a change met another one");
                Self::Conflict("somebody changed what this refers to in the meantime; look again".to_owned())
            }
            store::Error::Refused { constraint } => {
                tracing::warn!(constraint, "a value was not accepted by the database");
                Self::Usage("a value is too long, too large or of the wrong kind".to_owned())
            }
            other => Self::Work(chain(&other)),
        }
    }
}

impl From<clients::blobs::BlobError> for Error {
    fn from(error: clients::blobs::BlobError) -> Self {
        use clients::blobs::BlobError;
        match error {
            error if error.full() => {
                tracing::error!(%error, "no room for files");
                Self::Away("there is no room for more files right now".to_owned())
            }
            BlobError::Remote(_) | BlobError::Io { .. } | BlobError::Interrupted(_) => {
                tracing::error!(error = chain(&error), "the store of files failed");
                Self::Away("the store of files does not answer right now; try again in a moment".to_owned())
            }
            other => Self::Work(other.to_string()),
        }
    }
}

impl From<crate::archive::Unreadable> for Error {
    fn from(error: crate::archive::Unreadable) -> Self {
        Self::Work(error.to_string())
    }
}

/// An error with all its causes, for the log.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        text.push_str(&format!(": {inner}"));
        cause = inner.source();
    }
    text
}
