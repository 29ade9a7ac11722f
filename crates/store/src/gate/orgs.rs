//! Organisations, as found or made while somebody signs in.

use super::GateTx;
use crate::column::plain;
use crate::error::Result;
use crate::orgs::{Org, OrgKind, OrgState};
use domain::id::OrgId;

/// The organisation of this id.
pub async fn get(tx: &mut GateTx, id: OrgId) -> Result<Option<Org>> {
    Ok(sqlx::query_as("SELECT * FROM tenant.orgs WHERE org_id = $1")
        .bind(id.0)
        .fetch_optional(tx.conn())
        .await?)
}

/// The organisation that an issuer knows under this id. The caller puts the issuer into it, as `issuer#id`.
pub async fn get_by_external_id(tx: &mut GateTx, external_id: &str) -> Result<Option<Org>> {
    Ok(sqlx::query_as("SELECT * FROM tenant.orgs WHERE external_id = $1")
        .bind(plain(external_id))
        .fetch_optional(tx.conn())
        .await?)
}

/// Makes an organisation and enters it.
pub async fn insert(
    tx: &mut GateTx,
    id: OrgId,
    name: &str,
    kind: OrgKind,
    plan: &str,
    external_id: Option<&str>,
) -> Result<Org> {
    tx.enter(id).await?;
    Ok(sqlx::query_as(
        "INSERT INTO tenant.orgs (org_id, name, kind, plan, external_id) VALUES ($1, $2, $3, $4, $5) RETURNING *",
    )
    .bind(id.0)
    .bind(plain(name))
    .bind(kind.name())
    .bind(plan)
    .bind(external_id.map(plain))
    .fetch_one(tx.conn())
    .await?)
}

/// Another plan, after a payment provider said so. The organisation must have been entered.
pub async fn set_plan(tx: &mut GateTx, plan: &str) -> Result<bool> {
    let done = sqlx::query("UPDATE tenant.orgs SET plan = $1 WHERE org_id = tenant.current_org()")
        .bind(plan)
        .execute(tx.conn())
        .await?;
    Ok(done.rows_affected() == 1)
}

/// Closes the organisation that was entered, for its owner, or opens it again.
pub async fn set_state(tx: &mut GateTx, state: OrgState) -> Result<bool> {
    let done = sqlx::query("UPDATE tenant.orgs SET state = $1 WHERE org_id = tenant.current_org()")
        .bind(state.name())
        .execute(tx.conn())
        .await?;
    Ok(done.rows_affected() == 1)
}

/// Takes requests of the organisation that was entered from everywhere again.
pub async fn allow_everywhere(tx: &mut GateTx) -> Result<()> {
    sqlx::query("UPDATE tenant.orgs SET allowed_networks = '{}' WHERE org_id = tenant.current_org()")
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Another name, after the token issuer gave it one. The organisation must have been entered.
pub async fn set_name(tx: &mut GateTx, name: &str) -> Result<bool> {
    let done = sqlx::query("UPDATE tenant.orgs SET name = $1 WHERE org_id = tenant.current_org()")
        .bind(plain(name))
        .execute(tx.conn())
        .await?;
    Ok(done.rows_affected() == 1)
}
