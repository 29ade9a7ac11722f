//! Mappings that an installation offers to all its organisations: read by everybody, written by its operators alone.

use crate::column::{Document, plain, record};
use crate::error::Result;
use crate::operator::OperatorTx;
use crate::tx::Tx;
use domain::id::UserId;
use jiff::Timestamp;
use serde_json::Value;
use uuid::Uuid;

/// Entries that are read; a library is a shelf, not a warehouse.
const ENTRIES_MAX: i64 = 500;

record! {
    /// A mapping on offer.
    Entry {
        /// Which one.
        id: Uuid,
        /// What it is called; no two are called the same.
        name: String,
        /// What it is for.
        description: String,
        /// The system whose exports it maps.
        source_system: String,
        /// How many columns it says something about.
        columns: i64,
        /// The mapping.
        document: Value,
        /// Who put it there.
        published_by: UserId,
        /// When.
        created_at: Timestamp,
    }
}

/// An entry to be published.
#[derive(Debug, Clone, PartialEq)]
pub struct NewEntry<'a> {
    /// What it is called.
    pub name: &'a str,
    /// What it is for.
    pub description: &'a str,
    /// The system whose exports it maps.
    pub source_system: &'a str,
    /// How many columns it says something about.
    pub columns: i64,
    /// The mapping.
    pub document: &'a Value,
}

const ALL: &str = "SELECT * FROM catalog.library ORDER BY created_at, id LIMIT $1";

/// All entries, oldest first.
pub async fn list(tx: &mut Tx) -> Result<Vec<Entry>> {
    Ok(sqlx::query_as(ALL).bind(ENTRIES_MAX).fetch_all(tx.conn()).await?)
}

/// Publishes an entry, in place of the one of the same name. Returns it as it is now.
pub async fn put(tx: &mut OperatorTx, new: &NewEntry<'_>) -> Result<Entry> {
    let by = tx.operator().user;
    Ok(sqlx::query_as(
        "INSERT INTO catalog.library (id, name, description, source_system, columns, document, published_by)
         VALUES ($1, $2, $3, $4, $5, $6, $7)
         ON CONFLICT (name) DO UPDATE SET description = EXCLUDED.description, source_system = EXCLUDED.source_system,
            columns = EXCLUDED.columns, document = EXCLUDED.document, published_by = EXCLUDED.published_by,
            created_at = clock_timestamp()
         RETURNING *",
    )
    .bind(Uuid::now_v7())
    .bind(plain(new.name))
    .bind(plain(new.description))
    .bind(plain(new.source_system))
    .bind(new.columns)
    .bind(Document(new.document))
    .bind(by.0)
    .fetch_one(tx.conn())
    .await?)
}

/// Takes an entry off the shelf. What organisations made of it stays theirs.
pub async fn delete(tx: &mut OperatorTx, id: Uuid) -> Result<bool> {
    let done = sqlx::query("DELETE FROM catalog.library WHERE id = $1").bind(id).execute(tx.conn()).await?;
    Ok(done.rows_affected() > 0)
}
