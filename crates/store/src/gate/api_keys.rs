//! Keys for programs, as looked up when one is shown.

use super::GateTx;
use crate::api_keys::ApiKey;
use crate::column::Stamp;
use crate::error::Result;
use domain::id::{ApiKeyId, OrgId};
use jiff::Timestamp;

/// The live key with this SHA-256, of an organisation that is active.
pub async fn get(tx: &mut GateTx, key_hash: &[u8], now: Timestamp) -> Result<Option<ApiKey>> {
    Ok(sqlx::query_as(
        "SELECT k.* FROM tenant.api_keys k JOIN tenant.orgs o USING (org_id)
         WHERE k.key_hash = $1 AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > $2) AND o.state = 'active'",
    )
    .bind(key_hash)
    .bind(Stamp(now))
    .fetch_optional(tx.conn())
    .await?)
}

/// The key was used. Enters its organisation.
pub async fn touch(tx: &mut GateTx, org: OrgId, id: ApiKeyId, now: Timestamp) -> Result<bool> {
    tx.enter(org).await?;
    let done = sqlx::query("UPDATE tenant.api_keys SET last_used_at = $3 WHERE org_id = $1 AND id = $2")
        .bind(org.0)
        .bind(id.0)
        .bind(Stamp(now))
        .execute(tx.conn())
        .await?;
    Ok(done.rows_affected() == 1)
}
