//! The name of a blob: tenant, kind, and an id that says nothing.

use std::{fmt, str::FromStr};

use domain::id::OrgId;
use uuid::Uuid;

use super::BlobError;

/// What a blob is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A file as the customer sent it.
    File,
    /// A piece of a file that is still coming.
    Piece,
    /// A typed table, as Parquet.
    Table,
    /// What reading found out about a file.
    Reading,
    /// The whole result of an analysis.
    Analysis,
    /// Weekly sums of an analysis that later ones stand on.
    Basis,
    /// Sums of an analysis that questions are asked of.
    Sums,
    /// What an analysis says in the light of earlier ones.
    OverTime,
    /// The canonical tables of an analysis, and what was worked out about them.
    Canonical,
    /// A report that was made by itself.
    Report,
    /// Something made to be downloaded.
    Export,
}

impl Kind {
    const ALL: [Self; 11] = [
        Self::File,
        Self::Piece,
        Self::Table,
        Self::Reading,
        Self::Analysis,
        Self::Basis,
        Self::Sums,
        Self::OverTime,
        Self::Canonical,
        Self::Report,
        Self::Export,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::File => "files",
            Self::Piece => "pieces",
            Self::Table => "tables",
            Self::Reading => "readings",
            Self::Analysis => "analyses",
            Self::Basis => "bases",
            Self::Sums => "sums",
            Self::OverTime => "over-time",
            Self::Canonical => "canonical",
            Self::Report => "reports",
            Self::Export => "exports",
        }
    }
}

/// Names one blob of one tenant.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    org: OrgId,
    kind: Kind,
    id: Uuid,
}

impl Key {
    pub fn new(org: OrgId, kind: Kind, id: Uuid) -> Self {
        Self { org, kind, id }
    }

    /// A key as it was stored, provided that it is this tenant's.
    pub fn of(org: OrgId, text: &str) -> Result<Self, BlobError> {
        let key: Self = text.parse()?;
        if key.org == org { Ok(key) } else { Err(BlobError::Key(text.to_owned())) }
    }

    pub fn org(&self) -> OrgId {
        self.org
    }

    pub fn kind(&self) -> Kind {
        self.kind
    }
}

impl fmt::Display for Key {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}/{}", self.org, self.kind.name(), self.id)
    }
}

impl FromStr for Key {
    type Err = BlobError;

    fn from_str(text: &str) -> Result<Self, BlobError> {
        let parse = || {
            let mut parts = text.split('/');
            let org: OrgId = parts.next()?.parse().ok()?;
            let kind = parts.next()?;
            let kind = Kind::ALL.into_iter().find(|known| known.name() == kind)?;
            let id = parts.next()?.parse().ok()?;
            parts.next().is_none().then_some(Self { org, kind, id })
        };
        // Only the written form is a name: a UUID has several spellings, a blob has one.
        parse().filter(|key| key.to_string() == text).ok_or_else(|| BlobError::Key(text.to_owned()))
    }
}
