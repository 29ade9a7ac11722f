//! Letters that ask somebody to join. They are used up through [`crate::gate::invitations`].

use crate::column::{Stamp, plain, record};
use crate::error::Result;
use crate::page::{Cursor, Listing, Page};
use crate::tx::Tx;
use domain::Role;
use domain::id::{InvitationId, OrgId, UserId};
use jiff::Timestamp;

record! {
    /// An invitation.
    Invitation {
        /// Which one.
        id: InvitationId,
        /// To where.
        org_id: OrgId,
        /// To whom.
        email: String,
        /// The address as compared.
        email_key: String,
        /// As what.
        role: Role,
        /// By whom.
        invited_by: UserId,
        /// When it was taken up.
        accepted_at: Option<Timestamp>,
        /// When it ends.
        expires_at: Timestamp,
        /// When it was written.
        created_at: Timestamp,
    }
}

/// What a new invitation needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewInvitation<'a> {
    /// Its id.
    pub id: InvitationId,
    /// To whom.
    pub email: &'a str,
    /// The address as compared.
    pub email_key: &'a str,
    /// As what.
    pub role: Role,
    /// By whom.
    pub invited_by: UserId,
    /// The SHA-256 of its token.
    pub token_hash: &'a [u8],
    /// When it ends.
    pub expires_at: Timestamp,
}

/// A part of the open invitations, newest first.
pub async fn page(tx: &mut Tx, page: Page) -> Result<Listing<Invitation>> {
    let rows: Vec<Invitation> = sqlx::query_as(
        "SELECT * FROM tenant.invitations WHERE accepted_at IS NULL
            AND ($1::timestamptz IS NULL OR (created_at, id) < ($1, $2)) ORDER BY created_at DESC, id DESC LIMIT $3",
    )
    .bind(page.after_at())
    .bind(page.after_id())
    .bind(page.fetch())
    .fetch_all(tx.conn())
    .await?;
    Ok(page.listing(rows, |row| Cursor { at: row.created_at, id: row.id.0 }))
}

/// The open invitations, newest first.
pub async fn list(tx: &mut Tx) -> Result<Vec<Invitation>> {
    Ok(sqlx::query_as(
        "SELECT * FROM tenant.invitations WHERE accepted_at IS NULL ORDER BY created_at DESC, id LIMIT 1000",
    )
    .fetch_all(tx.conn())
    .await?)
}

/// Invites somebody; an earlier open invitation of the same address ends.
pub async fn insert(tx: &mut Tx, new: &NewInvitation<'_>) -> Result<Invitation> {
    sqlx::query("DELETE FROM tenant.invitations WHERE email_key = $1 AND accepted_at IS NULL")
        .bind(plain(new.email_key))
        .execute(tx.conn())
        .await?;
    Ok(sqlx::query_as(
        "INSERT INTO tenant.invitations (org_id, id, email, email_key, role, token_hash, invited_by, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING *",
    )
    .bind(tx.org_uuid())
    .bind(new.id.0)
    .bind(plain(new.email))
    .bind(plain(new.email_key))
    .bind(new.role.name())
    .bind(new.token_hash)
    .bind(new.invited_by.0)
    .bind(Stamp(new.expires_at))
    .fetch_one(tx.conn())
    .await?)
}

/// Takes an open invitation back.
pub async fn delete(tx: &mut Tx, id: InvitationId) -> Result<bool> {
    let done = sqlx::query("DELETE FROM tenant.invitations WHERE id = $1 AND accepted_at IS NULL")
        .bind(id.0)
        .execute(tx.conn())
        .await?;
    Ok(done.rows_affected() == 1)
}
