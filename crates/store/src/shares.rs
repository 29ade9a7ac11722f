//! Links that show one analysis or finding to somebody without an account. They are opened through [`crate::gate::shares`].

use crate::column::{Stamp, record};
use crate::error::Result;
use crate::page::{Cursor, Listing, Page};
use crate::tx::Tx;
use domain::id::{AnalysisId, FindingId, OrgId, ShareId, UserId};
use jiff::Timestamp;

record! {
    /// A link.
    Share {
        /// Which one.
        id: ShareId,
        /// Whose.
        org_id: OrgId,
        /// What it shows.
        analysis_id: AnalysisId,
        /// Where set, this finding of it alone.
        finding_id: Option<FindingId>,
        /// What must be shown besides the link.
        password_hash: Option<String>,
        /// Who made it.
        created_by: Option<UserId>,
        /// When it ends.
        expires_at: Timestamp,
        /// When it was taken back.
        revoked_at: Option<Timestamp>,
        /// How often it was opened.
        opened: i64,
        /// When last.
        last_opened_at: Option<Timestamp>,
        /// When it was made.
        created_at: Timestamp,
    }
}

/// What a new link needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewShare<'a> {
    /// Its id.
    pub id: ShareId,
    /// What it shows.
    pub analysis: AnalysisId,
    /// Where set, this finding of it alone.
    pub finding: Option<FindingId>,
    /// The SHA-256 of its token.
    pub token_hash: &'a [u8],
    /// The hash of its password, where it has one.
    pub password_hash: Option<&'a str>,
    /// When it ends.
    pub expires_at: Timestamp,
}

/// A part of the links, newest first; revoked and ended ones too.
pub async fn page(tx: &mut Tx, page: Page) -> Result<Listing<Share>> {
    let rows: Vec<Share> = sqlx::query_as(
        "SELECT * FROM tenant.shares WHERE ($1::timestamptz IS NULL OR (created_at, id) < ($1, $2))
         ORDER BY created_at DESC, id DESC LIMIT $3",
    )
    .bind(page.after_at())
    .bind(page.after_id())
    .bind(page.fetch())
    .fetch_all(tx.conn())
    .await?;
    Ok(page.listing(rows, |row| Cursor { at: row.created_at, id: row.id.0 }))
}

/// One link.
pub async fn get(tx: &mut Tx, id: ShareId) -> Result<Option<Share>> {
    Ok(sqlx::query_as("SELECT * FROM tenant.shares WHERE id = $1")
        .bind(id.0)
        .fetch_optional(tx.conn())
        .await?)
}

/// Makes a link.
pub async fn insert(tx: &mut Tx, new: &NewShare<'_>) -> Result<Share> {
    Ok(sqlx::query_as(
        "INSERT INTO tenant.shares (org_id, id, analysis_id, finding_id, token_hash, password_hash, created_by, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING *",
    )
    .bind(tx.org_uuid())
    .bind(new.id.0)
    .bind(new.analysis.0)
    .bind(new.finding.map(|finding| finding.0))
    .bind(new.token_hash)
    .bind(new.password_hash)
    .bind(tx.user_uuid())
    .bind(Stamp(new.expires_at))
    .fetch_one(tx.conn())
    .await?)
}

/// Takes a link back.
pub async fn revoke(tx: &mut Tx, id: ShareId, now: Timestamp) -> Result<bool> {
    let done = sqlx::query("UPDATE tenant.shares SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL")
        .bind(id.0)
        .bind(Stamp(now))
        .execute(tx.conn())
        .await?;
    Ok(done.rows_affected() == 1)
}
