//! Principals of token issuers. A subject means nothing without its issuer.

use super::GateTx;
use crate::column::plain;
use crate::error::Result;
use domain::id::UserId;
use uuid::Uuid;

/// Whose principal this is.
pub async fn get(tx: &mut GateTx, issuer: &str, subject: &str) -> Result<Option<UserId>> {
    let id: Option<Uuid> =
        sqlx::query_scalar("SELECT user_id FROM account.identities WHERE issuer = $1 AND subject = $2")
            .bind(plain(issuer))
            .bind(plain(subject))
            .fetch_optional(tx.conn())
            .await?;
    Ok(id.map(UserId))
}

/// Binds a principal to a person. It is bound already: [`crate::Error::Conflict`].
pub async fn insert(tx: &mut GateTx, issuer: &str, subject: &str, user: UserId) -> Result<()> {
    sqlx::query("INSERT INTO account.identities (issuer, subject, user_id) VALUES ($1, $2, $3)")
        .bind(plain(issuer))
        .bind(plain(subject))
        .bind(user.0)
        .execute(tx.conn())
        .await?;
    Ok(())
}
