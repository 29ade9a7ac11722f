//! Answers kept for a day, so that a retry of a request gets the first one's answer and does nothing twice.

use crate::column::{Document, plain};
use crate::error::{Error, Result};
use crate::tx::Tx;
use jiff::SignedDuration;
use serde_json::Value;
use sqlx::Row;

/// How long an answer is kept.
pub const KEPT: SignedDuration = SignedDuration::from_hours(24);

/// Whose key it is, and for what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Key<'a> {
    /// The person or program, as `user:…` or `key:…`.
    pub principal: &'a str,
    /// The method and route, as `POST /api/v1/datasets`.
    pub operation: &'a str,
    /// The client's key.
    pub key: &'a str,
    /// The SHA-256 of the request.
    pub request_hash: &'a [u8],
}

/// What a key is known for.
#[derive(Debug, Clone, PartialEq)]
pub enum Known {
    /// Nothing yet: do the deed, then [`keep`] the answer, all in this transaction.
    New,
    /// The same request was answered so.
    Answered {
        /// With this status.
        status: u16,
        /// And this body.
        response: Value,
    },
    /// The key was used for another request.
    Different,
}

/// Takes a key in the transaction of the deed. Of several requests at once with the same key one does the deed, and the others
/// wait here for its commit; if it fails, the next one does it.
pub async fn take(tx: &mut Tx, key: Key<'_>) -> Result<Known> {
    sqlx::query(
        "DELETE FROM tenant.idempotency_keys WHERE principal = $1 AND operation = $2 AND key = $3
            AND created_at < clock_timestamp() - make_interval(secs => $4)",
    )
    .bind(plain(key.principal))
    .bind(plain(key.operation))
    .bind(plain(key.key))
    .bind(KEPT.as_secs_f64())
    .execute(tx.conn())
    .await?;
    let taken = sqlx::query(
        "INSERT INTO tenant.idempotency_keys (org_id, principal, operation, key, request_hash) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT DO NOTHING",
    )
    .bind(tx.org_uuid())
    .bind(plain(key.principal))
    .bind(plain(key.operation))
    .bind(plain(key.key))
    .bind(key.request_hash)
    .execute(tx.conn())
    .await?;
    if taken.rows_affected() == 1 {
        return Ok(Known::New);
    }
    // The key may stand without an answer, left by a deed of several transactions: whoever does its last one holds the row, and
    // the others wait here too.
    let row = sqlx::query(
        "SELECT request_hash, status, response FROM tenant.idempotency_keys
         WHERE principal = $1 AND operation = $2 AND key = $3 FOR UPDATE",
    )
    .bind(plain(key.principal))
    .bind(plain(key.operation))
    .bind(plain(key.key))
    .fetch_optional(tx.conn())
    .await?
    .ok_or(Error::Conflict { constraint: "idempotency_keys".to_owned() })?;
    if row.try_get::<Vec<u8>, _>("request_hash")? != key.request_hash {
        return Ok(Known::Different);
    }
    match (row.try_get::<Option<i16>, _>("status")?, row.try_get::<Option<Value>, _>("response")?) {
        (Some(status), Some(response)) => Ok(Known::Answered { status: status.unsigned_abs(), response }),
        // Taken in a transaction that kept no answer: the deed was not one.
        _ => Ok(Known::New),
    }
}

/// Keeps the answer, in the transaction of the deed.
pub async fn keep(tx: &mut Tx, key: Key<'_>, status: u16, response: &Value) -> Result<()> {
    let done = sqlx::query(
        "UPDATE tenant.idempotency_keys SET status = $4, response = $5 WHERE principal = $1 AND operation = $2 AND key = $3",
    )
    .bind(plain(key.principal))
    .bind(plain(key.operation))
    .bind(plain(key.key))
    .bind(status as i16)
    .bind(Document(response))
    .execute(tx.conn())
    .await?;
    if done.rows_affected() == 1 {
        Ok(())
    } else {
        Err(Error::Conflict { constraint: "idempotency_keys".to_owned() })
    }
}

/// Forgets the organisation's answers that are older than [`KEPT`].
pub async fn prune(tx: &mut Tx) -> Result<u64> {
    let done = sqlx::query(
        "DELETE FROM tenant.idempotency_keys WHERE created_at < clock_timestamp() - make_interval(secs => $1)",
    )
    .bind(KEPT.as_secs_f64())
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected())
}
