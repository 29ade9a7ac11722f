//! Identities. Each is its own type, so that an order of arguments never mixes two tenants up.

use std::fmt;
use uuid::Uuid;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }
    )*};
}

ids! {
    /// An organisation: the tenant. A personal workspace is one too.
    OrgId,
    /// A person who signs in; may be a member of several organisations.
    UserId,
    /// A plant of an organisation.
    FacilityId,
    /// Bytes that were uploaded.
    FileId,
    /// What one import made of its files.
    DatasetId,
    /// A saved mapping with its versions.
    ProfileId,
    /// One run of the analyzers.
    AnalysisId,
    /// One finding of one analysis, as stored.
    FindingId,
    /// Analyzer settings of a customer or facility.
    ConfigurationId,
    /// A conversation of the assistant.
    ConversationId,
    /// A letter that asks somebody to join.
    InvitationId,
    /// A key for programs.
    ApiKeyId,
    /// A signed-in browser.
    SessionId,
    /// A link that shows something without an account.
    ShareId,
    /// A unit of background work.
    JobId,
}
