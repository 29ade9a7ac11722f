//! Invitations, as shown by the person who was invited.

use super::GateTx;
use crate::column::Stamp;
use crate::error::Result;
use crate::invitations::Invitation;
use jiff::Timestamp;

/// The open invitation with this token.
pub async fn get(tx: &mut GateTx, token_hash: &[u8], now: Timestamp) -> Result<Option<Invitation>> {
    Ok(sqlx::query_as(
        "SELECT i.* FROM tenant.invitations i JOIN tenant.orgs o USING (org_id)
         WHERE i.token_hash = $1 AND i.accepted_at IS NULL AND i.expires_at > $2 AND o.state = 'active'",
    )
    .bind(token_hash)
    .bind(Stamp(now))
    .fetch_optional(tx.conn())
    .await?)
}

/// Uses an invitation up and enters its organisation; the caller then makes the membership. Of two at once, one gets it.
pub async fn accept(tx: &mut GateTx, token_hash: &[u8], now: Timestamp) -> Result<Option<Invitation>> {
    let Some(invitation) = get(tx, token_hash, now).await? else {
        return Ok(None);
    };
    tx.enter(invitation.org_id).await?;
    let done = sqlx::query(
        "UPDATE tenant.invitations SET accepted_at = $3 WHERE org_id = $1 AND id = $2 AND accepted_at IS NULL",
    )
    .bind(invitation.org_id.0)
    .bind(invitation.id.0)
    .bind(Stamp(now))
    .execute(tx.conn())
    .await?;
    Ok((done.rows_affected() == 1).then_some(invitation))
}
