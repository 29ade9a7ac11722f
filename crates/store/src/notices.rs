//! What an organisation is told: each thing once per key, in the transaction of the deed that it is about.

use crate::audit::Audited;
use crate::column::{Document, plain_prefix, record};
use crate::error::Result;
use crate::tx::Tx;
use jiff::Timestamp;
use serde_json::Value;
use uuid::Uuid;

/// The kind of the job that passes a notice on; it has the id of the notice.
pub const KIND: &str = "tell";

record! {
    /// Something that an organisation is told.
    Notice {
        /// Which one.
        id: Uuid,
        /// What kind, as in `limit.near`.
        type_: String,
        /// What it is about: the same thing is told once.
        key: String,
        /// What there is to say.
        facts: Value,
        /// When it came up.
        created_at: Timestamp,
    }
}

/// Tells the organisation of the transaction something, unless it was told before under this key: false then. A job that
/// passes it on is enqueued with it.
pub async fn raise(
    tx: &mut impl Audited,
    id: Uuid,
    type_: &str,
    key: &str,
    facts: &Value,
    trace_id: &str,
) -> Result<bool> {
    let key = plain_prefix(key, 200);
    // Without `RETURNING`: not everybody who may tell something may read what was told.
    let told = sqlx::query(
        "INSERT INTO tenant.notices (org_id, id, type, key, facts) VALUES (tenant.current_org(), $1, $2, $3, $4)
         ON CONFLICT DO NOTHING",
    )
    .bind(id)
    .bind(type_)
    .bind(&key)
    .bind(Document(facts))
    .execute(tx.audit_conn())
    .await?;
    if told.rows_affected() == 0 {
        return Ok(false);
    }
    crate::jobs::put(tx, id, KIND, &serde_json::json!({"notice": id.to_string()}), trace_id).await?;
    Ok(true)
}

/// The notice of this id.
pub async fn get(tx: &mut Tx, id: Uuid) -> Result<Option<Notice>> {
    Ok(sqlx::query_as("SELECT * FROM tenant.notices WHERE id = $1")
        .bind(id)
        .fetch_optional(tx.conn())
        .await?)
}

/// What the organisation was told, newest first.
pub async fn list(tx: &mut Tx, limit: i64) -> Result<Vec<Notice>> {
    Ok(sqlx::query_as("SELECT * FROM tenant.notices ORDER BY created_at DESC, id DESC LIMIT $1")
        .bind(limit.clamp(1, 500))
        .fetch_all(tx.conn())
        .await?)
}
