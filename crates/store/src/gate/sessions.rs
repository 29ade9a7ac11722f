//! Signed-in browsers. Only the SHA-256 of a token is stored, so a stolen table signs nobody in.

use super::GateTx;
use crate::column::{Stamp, plain_prefix, record};
use crate::error::Result;
use domain::id::{OrgId, SessionId, UserId};
use jiff::Timestamp;

record! {
    /// A session.
    Session {
        /// Which one.
        id: SessionId,
        /// Whose.
        user_id: UserId,
        /// The organisation that the person looks at; membership is asked apart.
        org_id: OrgId,
        /// The browser's name for itself.
        user_agent: String,
        /// Where it signed in from.
        address: String,
        /// When the second factor was shown, if it was.
        second_factor_at: Option<Timestamp>,
        /// When it signed in.
        created_at: Timestamp,
        /// When it was last seen.
        last_seen_at: Timestamp,
        /// When it ends for want of use.
        idle_expires_at: Timestamp,
        /// When it ends whatever happens.
        expires_at: Timestamp,
        /// Whether the person has been barred.
        disabled: bool,
    }
}

/// What a new session needs.
#[derive(Debug, Clone)]
pub struct NewSession<'a> {
    /// Its id.
    pub id: SessionId,
    /// The SHA-256 of its token.
    pub token_hash: &'a [u8],
    /// Whose it is.
    pub user: UserId,
    /// The organisation it starts in.
    pub org: OrgId,
    /// The browser's name for itself; cut at 400 characters.
    pub user_agent: &'a str,
    /// Where it signs in from.
    pub address: &'a str,
    /// When the second factor was shown.
    pub second_factor_at: Option<Timestamp>,
    /// Now.
    pub now: Timestamp,
    /// When it ends for want of use.
    pub idle_expires_at: Timestamp,
    /// When it ends whatever happens.
    pub expires_at: Timestamp,
}

/// The live session of a token.
pub async fn get(tx: &mut GateTx, token_hash: &[u8], now: Timestamp) -> Result<Option<Session>> {
    Ok(sqlx::query_as(
        "SELECT s.*, u.disabled_at IS NOT NULL AS disabled FROM account.sessions s JOIN account.users u ON u.id = s.user_id
         WHERE s.token_hash = $1 AND s.expires_at > $2 AND s.idle_expires_at > $2",
    )
    .bind(token_hash)
    .bind(Stamp(now))
    .fetch_optional(tx.conn())
    .await?)
}

/// The live sessions of a person, newest first.
pub async fn list(tx: &mut GateTx, user: UserId, now: Timestamp) -> Result<Vec<Session>> {
    Ok(sqlx::query_as(
        "SELECT s.*, false AS disabled FROM account.sessions s
         WHERE s.user_id = $1 AND s.expires_at > $2 AND s.idle_expires_at > $2 ORDER BY s.created_at DESC, s.id LIMIT 200",
    )
    .bind(user.0)
    .bind(Stamp(now))
    .fetch_all(tx.conn())
    .await?)
}

/// Signs a browser in.
pub async fn insert(tx: &mut GateTx, new: &NewSession<'_>) -> Result<()> {
    sqlx::query(
        "INSERT INTO account.sessions (id, token_hash, user_id, org_id, user_agent, address, second_factor_at, last_seen_at,
            idle_expires_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
    )
    .bind(new.id.0)
    .bind(new.token_hash)
    .bind(new.user.0)
    .bind(new.org.0)
    .bind(plain_prefix(new.user_agent, 400))
    .bind(plain_prefix(new.address, 64))
    .bind(new.second_factor_at.map(Stamp))
    .bind(Stamp(new.now))
    .bind(Stamp(new.idle_expires_at))
    .bind(Stamp(new.expires_at))
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// The session was used; it idles from now on.
pub async fn touch(
    tx: &mut GateTx,
    id: SessionId,
    now: Timestamp,
    idle_expires_at: Timestamp,
) -> Result<bool> {
    let done =
        sqlx::query("UPDATE account.sessions SET last_seen_at = $2, idle_expires_at = $3 WHERE id = $1")
            .bind(id.0)
            .bind(Stamp(now))
            .bind(Stamp(idle_expires_at))
            .execute(tx.conn())
            .await?;
    Ok(done.rows_affected() == 1)
}

/// Gives the session another token, as at every change of rights.
pub async fn rotate(
    tx: &mut GateTx,
    id: SessionId,
    token_hash: &[u8],
    second_factor_at: Option<Timestamp>,
) -> Result<bool> {
    let done = sqlx::query(
        "UPDATE account.sessions SET token_hash = $2, second_factor_at = coalesce($3, second_factor_at) WHERE id = $1",
    )
    .bind(id.0)
    .bind(token_hash)
    .bind(second_factor_at.map(Stamp))
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Turns the session to another organisation of the person; false if the person does not belong there.
pub async fn set_org(tx: &mut GateTx, id: SessionId, org: OrgId) -> Result<bool> {
    let done = sqlx::query(
        "UPDATE account.sessions s SET org_id = $2
         WHERE s.id = $1 AND EXISTS (SELECT 1 FROM tenant.memberships m WHERE m.org_id = $2 AND m.user_id = s.user_id)",
    )
    .bind(id.0)
    .bind(org.0)
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Signs one session of a person out.
pub async fn delete(tx: &mut GateTx, user: UserId, id: SessionId) -> Result<bool> {
    let done = sqlx::query("DELETE FROM account.sessions WHERE user_id = $1 AND id = $2")
        .bind(user.0)
        .bind(id.0)
        .execute(tx.conn())
        .await?;
    Ok(done.rows_affected() == 1)
}

/// Signs a person out everywhere, but for the session that asks.
pub async fn delete_all(tx: &mut GateTx, user: UserId, but: Option<SessionId>) -> Result<u64> {
    let done = sqlx::query("DELETE FROM account.sessions WHERE user_id = $1 AND id IS DISTINCT FROM $2")
        .bind(user.0)
        .bind(but.map(|id| id.0))
        .execute(tx.conn())
        .await?;
    Ok(done.rows_affected())
}

/// Forgets sessions that ended.
pub async fn prune(tx: &mut GateTx, now: Timestamp) -> Result<u64> {
    let done = sqlx::query("DELETE FROM account.sessions WHERE expires_at <= $1 OR idle_expires_at <= $1")
        .bind(Stamp(now))
        .execute(tx.conn())
        .await?;
    Ok(done.rows_affected())
}

/// The second factor was shown once more.
pub async fn set_second_factor(tx: &mut GateTx, id: SessionId, now: Timestamp) -> Result<bool> {
    let done = sqlx::query("UPDATE account.sessions SET second_factor_at = $2 WHERE id = $1")
        .bind(id.0)
        .bind(Stamp(now))
        .execute(tx.conn())
        .await?;
    Ok(done.rows_affected() == 1)
}
