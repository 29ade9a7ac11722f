//! Shared links, as shown by whoever has one.

use super::GateTx;
use crate::column::Stamp;
use crate::error::Result;
use crate::shares::Share;
use jiff::Timestamp;

/// The link with this token, as long as it opens anything.
pub async fn get(tx: &mut GateTx, token_hash: &[u8], now: Timestamp) -> Result<Option<Share>> {
    Ok(sqlx::query_as(
        "SELECT s.* FROM tenant.shares s JOIN tenant.orgs o USING (org_id)
         WHERE s.token_hash = $1 AND s.revoked_at IS NULL AND s.expires_at > $2 AND o.state = 'active'",
    )
    .bind(token_hash)
    .bind(Stamp(now))
    .fetch_optional(tx.conn())
    .await?)
}

/// Enters the link's organisation and counts that it was opened.
pub async fn count(tx: &mut GateTx, share: &Share, now: Timestamp) -> Result<()> {
    tx.enter(share.org_id).await?;
    sqlx::query(
        "UPDATE tenant.shares SET opened = opened + 1, last_opened_at = $3 WHERE org_id = $1 AND id = $2",
    )
    .bind(share.org_id.0)
    .bind(share.id.0)
    .bind(Stamp(now))
    .execute(tx.conn())
    .await?;
    Ok(())
}
