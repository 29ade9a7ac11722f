//! Slowing down whoever guesses passwords, per account and per address, shared by all servers of the installation.

use super::GateTx;
use crate::column::{Stamp, plain_prefix, record};
use crate::error::Result;
use jiff::{SignedDuration, Timestamp};

record! {
    /// What is known of a key.
    Throttle {
        /// How often it failed within the window.
        failures: i64,
        /// Until when it is refused.
        locked_until: Timestamp,
    }
}

/// How failures add up to waiting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    /// Failures that cost nothing.
    pub free: i64,
    /// How long the first failure beyond waits; each further one waits twice as long.
    pub first_wait: SignedDuration,
    /// The longest wait.
    pub longest_wait: SignedDuration,
    /// After this long without a failure, counting starts again.
    pub window: SignedDuration,
}

/// Until when a key must wait, if it must.
pub async fn get(tx: &mut GateTx, key: &str, now: Timestamp) -> Result<Option<Throttle>> {
    Ok(sqlx::query_as(
        "SELECT failures, locked_until FROM account.throttle WHERE key = $1 AND locked_until > $2",
    )
    .bind(plain_prefix(key, 200))
    .bind(Stamp(now))
    .fetch_optional(tx.conn())
    .await?)
}

/// Counts a failure. Exact under concurrency: the row is locked while it is counted.
pub async fn fail(tx: &mut GateTx, key: &str, rule: Rule, now: Timestamp) -> Result<Throttle> {
    let seconds = |duration: SignedDuration| duration.as_secs_f64();
    Ok(sqlx::query_as(
        "INSERT INTO account.throttle AS t (key, failures, first_at, last_at, locked_until)
         VALUES ($1, 1, $2, $2, CASE WHEN $3 < 1 THEN $2 + make_interval(secs => $4) ELSE $2 END)
         ON CONFLICT (key) DO UPDATE SET
            failures = CASE WHEN t.last_at + make_interval(secs => $6) < $2 THEN 1 ELSE t.failures + 1 END,
            first_at = CASE WHEN t.last_at + make_interval(secs => $6) < $2 THEN $2 ELSE t.first_at END,
            last_at = $2,
            locked_until = CASE
                WHEN t.last_at + make_interval(secs => $6) < $2 OR t.failures + 1 <= $3 THEN EXCLUDED.locked_until
                ELSE $2 + make_interval(secs => least($5, $4 * power(2, least(t.failures - $3, 40)))) END
         RETURNING failures, locked_until",
    )
    .bind(plain_prefix(key, 200))
    .bind(Stamp(now))
    .bind(rule.free)
    .bind(seconds(rule.first_wait))
    .bind(seconds(rule.longest_wait))
    .bind(seconds(rule.window))
    .fetch_one(tx.conn())
    .await?)
}

/// Forgets the failures of a key, after it succeeded.
pub async fn clear(tx: &mut GateTx, key: &str) -> Result<()> {
    sqlx::query("DELETE FROM account.throttle WHERE key = $1")
        .bind(plain_prefix(key, 200))
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Keeps a sign-in attempt for the operator. The account is a keyed hash of the name that was tried.
pub async fn record_attempt(
    tx: &mut GateTx,
    account: &str,
    address: &str,
    outcome: &str,
    now: Timestamp,
) -> Result<()> {
    sqlx::query("INSERT INTO account.login_attempts (at, account, address, outcome) VALUES ($1, $2, $3, $4)")
        .bind(Stamp(now))
        .bind(plain_prefix(account, 200))
        .bind(plain_prefix(address, 64))
        .bind(plain_prefix(outcome, 60))
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Forgets what is older than an instant.
pub async fn prune(tx: &mut GateTx, before: Timestamp) -> Result<u64> {
    let attempts = sqlx::query("DELETE FROM account.login_attempts WHERE at < $1")
        .bind(Stamp(before))
        .execute(tx.conn())
        .await?;
    let throttles = sqlx::query("DELETE FROM account.throttle WHERE last_at < $1 AND locked_until < $1")
        .bind(Stamp(before))
        .execute(tx.conn())
        .await?;
    Ok(attempts.rows_affected() + throttles.rows_affected())
}
