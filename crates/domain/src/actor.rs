//! Who acts, for which organisation, with which rights.
//!
//! An actor is made from something verified (a session, a token, an API key, a claimed job) and is the only way to a
//! database transaction. The operator of an installation is not an actor of a tenant and has a type of its own.

use crate::id::{ApiKeyId, JobId, OrgId, SessionId, UserId};

/// A member's rights in an organisation; each role can do what the ones before it can.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Reads findings and data.
    Viewer,
    /// Uploads, maps, analyzes, works on findings.
    Analyst,
    /// Publishes what is under review.
    Reviewer,
    /// Members, keys, settings of the organisation.
    Admin,
    /// Billing, deletion, other owners.
    Owner,
}

impl Role {
    /// All roles, weakest first.
    pub const ALL: [Self; 5] = [Self::Viewer, Self::Analyst, Self::Reviewer, Self::Admin, Self::Owner];

    /// The name used in the API, the database and tokens.
    pub fn name(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Analyst => "analyst",
            Self::Reviewer => "reviewer",
            Self::Admin => "admin",
            Self::Owner => "owner",
        }
    }

    /// The role of this name; an unknown name has no rights.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.name() == name)
    }
}

/// How an actor proved who it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Means {
    /// A person in a browser.
    Session { user: UserId, session: SessionId },
    /// A person with a token of the configured issuer.
    Token { user: UserId },
    /// A program with an API key; what it may do is its role, narrowed by the key's scopes.
    ApiKey { key: ApiKeyId },
    /// The worker, for the job that it claimed.
    Job { job: JobId },
    /// Whoever runs the installation, after saying why; what it does stands in the organisation's trail as the operator's.
    Operator { user: UserId },
}

/// Somebody who acts within one organisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// The only organisation that this actor can see.
    pub org: OrgId,
    /// What it may do there.
    pub role: Role,
    /// How it proved itself.
    pub means: Means,
}

impl Actor {
    /// The person behind the actor, where there is one.
    pub fn user(&self) -> Option<UserId> {
        match self.means {
            Means::Session { user, .. } | Means::Token { user } | Means::Operator { user } => Some(user),
            Means::ApiKey { .. } | Means::Job { .. } => None,
        }
    }

    /// Whether it is a person in a browser.
    pub fn means_is_session(&self) -> bool {
        matches!(self.means, Means::Session { .. })
    }

    /// Whether the actor's role includes `least`.
    pub fn may(&self, least: Role) -> bool {
        self.role >= least
    }
}
