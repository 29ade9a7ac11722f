//! Views of the list of findings that people keep under a name.

use crate::column::{plain_prefix, record};
use crate::error::Result;
use crate::tx::Tx;
use domain::id::UserId;
use jiff::Timestamp;
use uuid::Uuid;

record! {
    /// A view of the list of findings.
    FindingView {
        /// Which one.
        id: Uuid,
        /// Who keeps it.
        owner_id: UserId,
        /// What it is called.
        name: String,
        /// What stands behind the question mark of the address.
        query: String,
        /// Whether everybody in the organisation sees it.
        shared: bool,
        /// When it was made.
        created_at: Timestamp,
    }
}

/// What a new one needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NewFindingView<'a> {
    /// Its id.
    pub id: Uuid,
    /// What it is called.
    pub name: &'a str,
    /// What stands behind the question mark of the address.
    pub query: &'a str,
    /// Whether everybody in the organisation sees it.
    pub shared: bool,
}

/// Those of a person and those that are shared, by name.
pub async fn list(tx: &mut Tx, user: UserId) -> Result<Vec<FindingView>> {
    let all = sqlx::query_as(
        "SELECT * FROM tenant.finding_views WHERE owner_id = $1 OR shared ORDER BY lower(name), id LIMIT 500",
    );
    Ok(all.bind(user.0).fetch_all(tx.conn()).await?)
}

/// One.
pub async fn get(tx: &mut Tx, id: Uuid) -> Result<Option<FindingView>> {
    let one = sqlx::query_as("SELECT * FROM tenant.finding_views WHERE id = $1").bind(id);
    Ok(one.fetch_optional(tx.conn()).await?)
}

/// Keeps one for a person. A name that they have already is [`crate::Error::Conflict`].
pub async fn insert(tx: &mut Tx, user: UserId, new: &NewFindingView<'_>) -> Result<FindingView> {
    let made = sqlx::query_as(
        "INSERT INTO tenant.finding_views (org_id, id, owner_id, name, query, shared)
         VALUES ($1, $2, $3, $4, $5, $6) RETURNING *",
    )
    .bind(tx.org_uuid())
    .bind(new.id)
    .bind(user.0)
    .bind(plain_prefix(new.name, 100))
    .bind(plain_prefix(new.query, 2000))
    .bind(new.shared);
    Ok(made.fetch_one(tx.conn()).await?)
}

/// Another name, and whether everybody sees it. A name that its owner has already is [`crate::Error::Conflict`].
pub async fn update(tx: &mut Tx, id: Uuid, name: &str, shared: bool) -> Result<bool> {
    let done = sqlx::query("UPDATE tenant.finding_views SET name = $2, shared = $3 WHERE id = $1")
        .bind(id)
        .bind(plain_prefix(name, 100))
        .bind(shared)
        .execute(tx.conn())
        .await?;
    Ok(done.rows_affected() == 1)
}

/// Forgets one.
pub async fn delete(tx: &mut Tx, id: Uuid) -> Result<bool> {
    let done =
        sqlx::query("DELETE FROM tenant.finding_views WHERE id = $1").bind(id).execute(tx.conn()).await?;
    Ok(done.rows_affected() == 1)
}

/// Forgets what a person kept for themselves alone.
pub async fn delete_private(tx: &mut Tx, user: UserId) -> Result<u64> {
    let done = sqlx::query("DELETE FROM tenant.finding_views WHERE owner_id = $1 AND NOT shared")
        .bind(user.0)
        .execute(tx.conn())
        .await?;
    Ok(done.rows_affected())
}
