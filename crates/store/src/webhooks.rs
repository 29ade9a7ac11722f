//! Where an organisation's own programs are told things, and what came of each message.

use crate::column::{plain, plain_prefix, record, words};
use crate::error::Result;
use crate::tx::Tx;
use jiff::Timestamp;
use uuid::Uuid;

record! {
    /// A place that is told things.
    Endpoint {
        /// Which one.
        id: Uuid,
        /// Where.
        url: String,
        /// What it wants to be told; none is everything.
        types: Vec<String>,
        /// What messages are signed with, sealed.
        secret: Vec<u8>,
        /// Whether it is told anything.
        active: bool,
        /// Since when.
        created_at: Timestamp,
    }
}

words! {
    /// Where a message stands.
    DeliveryState {
        /// It is on its way.
        Waiting = "waiting",
        /// The receiver has it.
        Delivered = "delivered",
        /// It was given up.
        Failed = "failed",
    }
}

record! {
    /// A message to an endpoint.
    Delivery {
        /// Which one; the same for every attempt.
        id: Uuid,
        /// To whom.
        endpoint_id: Uuid,
        /// About what.
        notice_id: Uuid,
        /// What kind of thing, as in `limit.near`.
        type_: String,
        /// Where it stands.
        state: DeliveryState,
        /// How often it was tried.
        attempts: i64,
        /// The status of the last answer; 0 for none.
        status: i16,
        /// The beginning of the last answer, or why there was none.
        answer: String,
        /// When it was last tried.
        attempted_at: Option<Timestamp>,
        /// Since when it is on its way.
        created_at: Timestamp,
    }
}

const DELIVERY: &str = "SELECT d.*, n.type FROM tenant.webhook_deliveries d JOIN tenant.notices n ON n.org_id = d.org_id AND n.id = d.notice_id";

/// All endpoints, oldest first.
pub async fn list(tx: &mut Tx) -> Result<Vec<Endpoint>> {
    Ok(sqlx::query_as("SELECT * FROM tenant.webhook_endpoints ORDER BY created_at, id")
        .fetch_all(tx.conn())
        .await?)
}

/// One endpoint.
pub async fn get(tx: &mut Tx, id: Uuid) -> Result<Option<Endpoint>> {
    Ok(sqlx::query_as("SELECT * FROM tenant.webhook_endpoints WHERE id = $1")
        .bind(id)
        .fetch_optional(tx.conn())
        .await?)
}

/// A new endpoint.
pub async fn insert(tx: &mut Tx, id: Uuid, url: &str, types: &[String], secret: &[u8]) -> Result<Endpoint> {
    Ok(sqlx::query_as(
        "INSERT INTO tenant.webhook_endpoints (org_id, id, url, types, secret, created_by)
         VALUES ($1, $2, $3, $4, $5, $6) RETURNING *",
    )
    .bind(tx.org_uuid())
    .bind(id)
    .bind(plain(url))
    .bind(types)
    .bind(secret)
    .bind(tx.user_uuid())
    .fetch_one(tx.conn())
    .await?)
}

/// Lets an endpoint rest, or tells it things again.
pub async fn set_active(tx: &mut Tx, id: Uuid, active: bool) -> Result<bool> {
    let done = sqlx::query("UPDATE tenant.webhook_endpoints SET active = $2 WHERE id = $1")
        .bind(id)
        .bind(active)
        .execute(tx.conn())
        .await?;
    Ok(done.rows_affected() == 1)
}

/// Removes an endpoint and its log.
pub async fn delete(tx: &mut Tx, id: Uuid) -> Result<bool> {
    let done =
        sqlx::query("DELETE FROM tenant.webhook_endpoints WHERE id = $1").bind(id).execute(tx.conn()).await?;
    Ok(done.rows_affected() == 1)
}

/// Puts a message on its way; false if it was before.
pub async fn insert_delivery(tx: &mut Tx, id: Uuid, endpoint: Uuid, notice: Uuid) -> Result<bool> {
    let done = sqlx::query(
        "INSERT INTO tenant.webhook_deliveries (org_id, id, endpoint_id, notice_id) VALUES ($1, $2, $3, $4)
         ON CONFLICT DO NOTHING",
    )
    .bind(tx.org_uuid())
    .bind(id)
    .bind(endpoint)
    .bind(notice)
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected() == 1)
}

/// One message.
pub async fn get_delivery(tx: &mut Tx, id: Uuid) -> Result<Option<Delivery>> {
    Ok(sqlx::query_as(sqlx::AssertSqlSafe(format!("{DELIVERY} WHERE d.id = $1")))
        .bind(id)
        .fetch_optional(tx.conn())
        .await?)
}

/// The newest messages to an endpoint.
pub async fn list_deliveries(tx: &mut Tx, endpoint: Uuid, limit: i64) -> Result<Vec<Delivery>> {
    let sql = format!("{DELIVERY} WHERE d.endpoint_id = $1 ORDER BY d.created_at DESC, d.id DESC LIMIT $2");
    Ok(sqlx::query_as(sqlx::AssertSqlSafe(sql))
        .bind(endpoint)
        .bind(limit.clamp(1, 500))
        .fetch_all(tx.conn())
        .await?)
}

/// What an attempt brought.
pub async fn record_attempt(
    tx: &mut Tx,
    id: Uuid,
    state: DeliveryState,
    status: i16,
    answer: &str,
) -> Result<bool> {
    let done = sqlx::query(
        "UPDATE tenant.webhook_deliveries SET state = $2, attempts = attempts + 1, status = $3, answer = $4,
            attempted_at = clock_timestamp() WHERE id = $1",
    )
    .bind(id)
    .bind(state.name())
    .bind(status)
    .bind(plain_prefix(answer, 1000))
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Puts a message on its way once more.
pub async fn set_waiting(tx: &mut Tx, id: Uuid) -> Result<bool> {
    let done = sqlx::query("UPDATE tenant.webhook_deliveries SET state = 'waiting' WHERE id = $1")
        .bind(id)
        .execute(tx.conn())
        .await?;
    Ok(done.rows_affected() == 1)
}
