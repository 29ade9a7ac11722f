//! Keys for programs. What is shown once is never stored; [`crate::gate::api_keys`] finds a key by its hash.

use crate::column::{Stamp, plain, record};
use crate::error::Result;
use crate::page::{Cursor, Listing, Page};
use crate::tx::Tx;
use domain::Role;
use domain::id::{ApiKeyId, OrgId, UserId};
use jiff::Timestamp;

record! {
    /// A key.
    ApiKey {
        /// Which one.
        id: ApiKeyId,
        /// Whose.
        org_id: OrgId,
        /// What people call it.
        name: String,
        /// Its first characters, by which people tell keys apart.
        prefix: String,
        /// What it may do at most.
        role: Role,
        /// What it may do of that; none is all.
        scopes: Vec<String>,
        /// Who made it.
        created_by: UserId,
        /// When it ends.
        expires_at: Option<Timestamp>,
        /// When it was revoked.
        revoked_at: Option<Timestamp>,
        /// When it was last used.
        last_used_at: Option<Timestamp>,
        /// When it was made.
        created_at: Timestamp,
    }
}

/// What a new key needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewApiKey<'a> {
    /// Its id.
    pub id: ApiKeyId,
    /// What people call it.
    pub name: &'a str,
    /// Its first characters.
    pub prefix: &'a str,
    /// Its SHA-256.
    pub key_hash: &'a [u8],
    /// What it may do at most.
    pub role: Role,
    /// What it may do of that.
    pub scopes: &'a [String],
    /// Who makes it.
    pub created_by: UserId,
    /// When it ends.
    pub expires_at: Option<Timestamp>,
}

/// All keys, newest first; revoked ones too.
pub async fn list(tx: &mut Tx) -> Result<Vec<ApiKey>> {
    Ok(sqlx::query_as("SELECT * FROM tenant.api_keys ORDER BY created_at DESC, id LIMIT 1000")
        .fetch_all(tx.conn())
        .await?)
}

/// A part of the keys, newest first.
pub async fn page(tx: &mut Tx, page: Page) -> Result<Listing<ApiKey>> {
    let rows: Vec<ApiKey> = sqlx::query_as(
        "SELECT * FROM tenant.api_keys WHERE ($1::timestamptz IS NULL OR (created_at, id) < ($1, $2))
         ORDER BY created_at DESC, id DESC LIMIT $3",
    )
    .bind(page.after_at())
    .bind(page.after_id())
    .bind(page.fetch())
    .fetch_all(tx.conn())
    .await?;
    Ok(page.listing(rows, |row| Cursor { at: row.created_at, id: row.id.0 }))
}

/// The key of this id.
pub async fn get(tx: &mut Tx, id: ApiKeyId) -> Result<Option<ApiKey>> {
    Ok(sqlx::query_as("SELECT * FROM tenant.api_keys WHERE id = $1")
        .bind(id.0)
        .fetch_optional(tx.conn())
        .await?)
}

/// A new key.
pub async fn insert(tx: &mut Tx, new: &NewApiKey<'_>) -> Result<ApiKey> {
    Ok(sqlx::query_as(
        "INSERT INTO tenant.api_keys (org_id, id, name, prefix, key_hash, role, scopes, created_by, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING *",
    )
    .bind(tx.org_uuid())
    .bind(new.id.0)
    .bind(plain(new.name))
    .bind(new.prefix)
    .bind(new.key_hash)
    .bind(new.role.name())
    .bind(new.scopes)
    .bind(new.created_by.0)
    .bind(new.expires_at.map(Stamp))
    .fetch_one(tx.conn())
    .await?)
}

/// Revokes a key, once.
pub async fn revoke(tx: &mut Tx, id: ApiKeyId, now: Timestamp) -> Result<bool> {
    let done = sqlx::query("UPDATE tenant.api_keys SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL")
        .bind(id.0)
        .bind(Stamp(now))
        .execute(tx.conn())
        .await?;
    Ok(done.rows_affected() == 1)
}
