//! People who sign in.

use super::GateTx;
use crate::column::{Stamp, plain, record};
use crate::error::Result;
use domain::id::UserId;
use jiff::Timestamp;

record! {
    /// A person.
    User {
        /// Which one.
        id: UserId,
        /// The address as written.
        email: String,
        /// The address as compared.
        email_key: String,
        /// How the person wants to be called.
        name: String,
        /// The Argon2id hash, if the person has a password.
        password_hash: Option<String>,
        /// The sealed seed of the second factor.
        totp_secret: Option<Vec<u8>>,
        /// Since when the second factor is asked for; before, it is only being set up.
        totp_confirmed_at: Option<Timestamp>,
        /// The last time step whose code was accepted.
        totp_last_step: i64,
        /// Hashes of the codes that stand in for a lost second factor.
        recovery_code_hashes: Vec<Vec<u8>>,
        /// When the address was proven.
        email_verified_at: Option<Timestamp>,
        /// Since when the person may not sign in.
        disabled_at: Option<Timestamp>,
        /// When the person last did.
        last_signed_in_at: Option<Timestamp>,
        /// When the account was made.
        created_at: Timestamp,
    }
}

/// How many people there are: none on a fresh installation.
pub async fn count(tx: &mut GateTx) -> Result<i64> {
    Ok(sqlx::query_scalar("SELECT count(*) FROM account.users").fetch_one(tx.conn()).await?)
}

/// The person of this id.
pub async fn get(tx: &mut GateTx, id: UserId) -> Result<Option<User>> {
    Ok(sqlx::query_as("SELECT * FROM account.users WHERE id = $1")
        .bind(id.0)
        .fetch_optional(tx.conn())
        .await?)
}

/// The person with this address, as folded for comparison.
pub async fn get_by_email(tx: &mut GateTx, email_key: &str) -> Result<Option<User>> {
    Ok(sqlx::query_as("SELECT * FROM account.users WHERE email_key = $1")
        .bind(plain(email_key))
        .fetch_optional(tx.conn())
        .await?)
}

/// A new account. The address is taken: [`crate::Error::Conflict`].
pub async fn insert(tx: &mut GateTx, id: UserId, email: &str, email_key: &str, name: &str) -> Result<User> {
    Ok(sqlx::query_as(
        "INSERT INTO account.users (id, email, email_key, name) VALUES ($1, $2, $3, $4) RETURNING *",
    )
    .bind(id.0)
    .bind(plain(email))
    .bind(plain(email_key))
    .bind(plain(name))
    .fetch_one(tx.conn())
    .await?)
}

/// Another password, or none. Whoever calls this also ends the person's sessions.
pub async fn set_password(tx: &mut GateTx, id: UserId, password_hash: Option<&str>) -> Result<bool> {
    let done = sqlx::query("UPDATE account.users SET password_hash = $2 WHERE id = $1")
        .bind(id.0)
        .bind(password_hash)
        .execute(tx.conn())
        .await?;
    Ok(done.rows_affected() == 1)
}

/// Another name; memberships show it as well.
pub async fn set_name(tx: &mut GateTx, id: UserId, name: &str) -> Result<bool> {
    let done = sqlx::query("UPDATE account.users SET name = $2 WHERE id = $1")
        .bind(id.0)
        .bind(plain(name))
        .execute(tx.conn())
        .await?;
    Ok(done.rows_affected() == 1)
}

/// Begins setting up a second factor (a seed, not confirmed), or removes it (none).
pub async fn set_totp(
    tx: &mut GateTx,
    id: UserId,
    secret: Option<&[u8]>,
    recovery: &[Vec<u8>],
) -> Result<bool> {
    let done = sqlx::query(
        "UPDATE account.users SET totp_secret = $2, totp_confirmed_at = NULL, totp_last_step = 0, recovery_code_hashes = $3
         WHERE id = $1",
    )
    .bind(id.0)
    .bind(secret)
    .bind(recovery)
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Accepts a code of this time step, once: false if that step or a later one was accepted before. The first accepted code
/// confirms the second factor.
pub async fn accept_totp_step(tx: &mut GateTx, id: UserId, step: i64, now: Timestamp) -> Result<bool> {
    let done = sqlx::query(
        "UPDATE account.users SET totp_last_step = $2, totp_confirmed_at = coalesce(totp_confirmed_at, $3)
         WHERE id = $1 AND totp_secret IS NOT NULL AND totp_last_step < $2",
    )
    .bind(id.0)
    .bind(step)
    .bind(Stamp(now))
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Uses up a recovery code: false if it is none of the person's.
pub async fn take_recovery_code(tx: &mut GateTx, id: UserId, code_hash: &[u8]) -> Result<bool> {
    let done = sqlx::query(
        "UPDATE account.users SET recovery_code_hashes = array_remove(recovery_code_hashes, $2)
         WHERE id = $1 AND $2 = ANY (recovery_code_hashes)",
    )
    .bind(id.0)
    .bind(code_hash)
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected() == 1)
}

/// The address was proven.
pub async fn set_email_verified(tx: &mut GateTx, id: UserId, now: Timestamp) -> Result<bool> {
    let done = sqlx::query("UPDATE account.users SET email_verified_at = $2 WHERE id = $1")
        .bind(id.0)
        .bind(Stamp(now))
        .execute(tx.conn())
        .await?;
    Ok(done.rows_affected() == 1)
}

/// Bars the person (an instant) or lets them in again (none).
pub async fn set_disabled(tx: &mut GateTx, id: UserId, since: Option<Timestamp>) -> Result<bool> {
    let done = sqlx::query("UPDATE account.users SET disabled_at = $2 WHERE id = $1")
        .bind(id.0)
        .bind(since.map(Stamp))
        .execute(tx.conn())
        .await?;
    Ok(done.rows_affected() == 1)
}

/// The person signed in.
pub async fn set_signed_in(tx: &mut GateTx, id: UserId, now: Timestamp) -> Result<bool> {
    let done = sqlx::query("UPDATE account.users SET last_signed_in_at = $2 WHERE id = $1")
        .bind(id.0)
        .bind(Stamp(now))
        .execute(tx.conn())
        .await?;
    Ok(done.rows_affected() == 1)
}
