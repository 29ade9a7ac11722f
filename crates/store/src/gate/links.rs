//! Links that work once: the first sign-in, a forgotten password, proving an address.

use super::GateTx;
use crate::column::{Stamp, plain_prefix, record, words};
use crate::error::Result;
use domain::id::UserId;
use jiff::Timestamp;

words! {
    /// What a link is for; one made for one thing does nothing else.
    Purpose {
        /// The owner's first sign-in on a fresh installation.
        FirstSignIn = "first_sign_in",
        /// Signing in without a password.
        SignIn = "sign_in",
        /// Setting a new password.
        ResetPassword = "reset_password",
        /// Proving an address.
        VerifyEmail = "verify_email",
    }
}

record! {
    /// A link that was just used up.
    Link {
        /// Whose.
        user_id: UserId,
        /// What its maker wrote into it, such as the address to prove.
        detail: String,
    }
}

/// Makes a link; earlier ones of the person for the same purpose end.
pub async fn insert(
    tx: &mut GateTx,
    token_hash: &[u8],
    purpose: Purpose,
    user: UserId,
    detail: &str,
    expires_at: Timestamp,
) -> Result<()> {
    sqlx::query("DELETE FROM account.one_time_links WHERE user_id = $1 AND purpose = $2")
        .bind(user.0)
        .bind(purpose.name())
        .execute(tx.conn())
        .await?;
    sqlx::query(
        "INSERT INTO account.one_time_links (token_hash, purpose, user_id, detail, expires_at) VALUES ($1, $2, $3, $4, $5)",
    )
    .bind(token_hash)
    .bind(purpose.name())
    .bind(user.0)
    .bind(plain_prefix(detail, 500))
    .bind(Stamp(expires_at))
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Looks at a link without using it up, so that a page can be shown before a button is pressed (mail scanners follow links).
pub async fn get(
    tx: &mut GateTx,
    token_hash: &[u8],
    purpose: Purpose,
    now: Timestamp,
) -> Result<Option<Link>> {
    Ok(sqlx::query_as(
        "SELECT user_id, detail FROM account.one_time_links WHERE token_hash = $1 AND purpose = $2 AND expires_at > $3",
    )
    .bind(token_hash)
    .bind(purpose.name())
    .bind(Stamp(now))
    .fetch_optional(tx.conn())
    .await?)
}

/// Uses a link up: of two at once, one gets it.
pub async fn take(
    tx: &mut GateTx,
    token_hash: &[u8],
    purpose: Purpose,
    now: Timestamp,
) -> Result<Option<Link>> {
    Ok(sqlx::query_as(
        "DELETE FROM account.one_time_links WHERE token_hash = $1 AND purpose = $2 AND expires_at > $3
         RETURNING user_id, detail",
    )
    .bind(token_hash)
    .bind(purpose.name())
    .bind(Stamp(now))
    .fetch_optional(tx.conn())
    .await?)
}

/// Forgets links that ended.
pub async fn prune(tx: &mut GateTx, now: Timestamp) -> Result<u64> {
    let done = sqlx::query("DELETE FROM account.one_time_links WHERE expires_at <= $1")
        .bind(Stamp(now))
        .execute(tx.conn())
        .await?;
    Ok(done.rows_affected())
}
