use std::time::Duration;

/// Why a model gave no answer. No message holds the key or what was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Nothing may be sent there.
    #[error("{0}")]
    Address(String),
    /// The provider does not take the key.
    #[error("the provider refuses the key (status {0})")]
    Key(u16),
    /// The provider does not take the request: no such model, no such address, too much.
    #[error("the provider refuses the request (status {status}): {reason}")]
    Refused { status: u16, reason: String },
    /// Too many requests, or nothing left of what was paid for.
    #[error("the provider has no room for more requests now")]
    Limited { retry_after: Option<Duration> },
    /// The provider is in trouble.
    #[error("the provider is in trouble (status {0})")]
    Trouble(u16),
    /// The connection was not made or broke.
    #[error("the provider cannot be reached")]
    Silent,
    /// Nothing was said for too long.
    #[error("the provider took too long")]
    Slow,
    /// What came is no answer.
    #[error("the provider's answer cannot be read: {0}")]
    Garbage(&'static str),
    /// The answer stopped before its end.
    #[error("the provider's answer ended in its middle")]
    Truncated,
}

impl Error {
    /// Whether the same request may do better in a moment.
    pub(super) fn passes(&self) -> bool {
        matches!(self, Self::Limited { .. } | Self::Trouble(_) | Self::Silent)
    }

    /// The word in logs and in the audit trail.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Address(_) => "address",
            Self::Key(_) => "key",
            Self::Refused { .. } => "refused",
            Self::Limited { .. } => "limited",
            Self::Trouble(_) => "trouble",
            Self::Silent => "silent",
            Self::Slow => "slow",
            Self::Garbage(_) => "garbage",
            Self::Truncated => "truncated",
        }
    }
}
