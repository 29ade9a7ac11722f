//! What reading found out about one table, without the table itself.

use domain::TableProfile;
use ingest::{ReadTable, SourceDescription};

/// A table's profile, and how its file is written.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    pub profile: TableProfile,
    pub source: SourceDescription,
}

impl From<&ReadTable> for Reading {
    fn from(table: &ReadTable) -> Self {
        Self { profile: table.profile.clone(), source: table.source.clone() }
    }
}
