//! Organisations, as the operator sees them.

use super::OperatorTx;
use crate::column::record;
use crate::error::Result;
use crate::orgs::{Org, OrgState};
use domain::id::OrgId;

record! {
    /// What an organisation has, in numbers.
    Statistics {
        /// Members.
        members: i64,
        /// Stored files.
        files: i64,
        /// Saved mappings.
        profiles: i64,
        /// Runs.
        analyses: i64,
        /// Findings that people accepted or went on with.
        accepted: i64,
    }
}

/// All organisations by name.
pub async fn list(tx: &mut OperatorTx) -> Result<Vec<Org>> {
    Ok(sqlx::query_as(
        "SELECT * FROM tenant.orgs WHERE kind <> 'installation' ORDER BY lower(name), org_id LIMIT 5000",
    )
    .fetch_all(tx.conn())
    .await?)
}

/// The numbers of an organisation.
pub async fn statistics(tx: &mut OperatorTx, org: OrgId) -> Result<Statistics> {
    Ok(sqlx::query_as(
        "SELECT (SELECT count(*) FROM tenant.memberships WHERE org_id = $1) AS members,
            (SELECT count(*) FROM tenant.files WHERE org_id = $1 AND state = 'stored') AS files,
            (SELECT count(*) FROM tenant.mapping_profiles WHERE org_id = $1) AS profiles,
            (SELECT count(*) FROM tenant.analyses WHERE org_id = $1) AS analyses,
            (SELECT count(*) FROM tenant.finding_status WHERE org_id = $1
                AND status IN ('accepted', 'in_progress', 'done', 'verified')) AS accepted",
    )
    .bind(org.0)
    .fetch_one(tx.conn())
    .await?)
}

/// Suspends, closes or opens the organisation that was entered.
pub async fn set_state(tx: &mut OperatorTx, state: OrgState) -> Result<bool> {
    let done = sqlx::query("UPDATE tenant.orgs SET state = $1 WHERE org_id = tenant.current_org()")
        .bind(state.name())
        .execute(tx.conn())
        .await?;
    Ok(done.rows_affected() == 1)
}

/// Whether results of the organisation that was entered are reviewed, and how many uploads it has in place of its plan's.
pub async fn set_rules(tx: &mut OperatorTx, reviewed: bool, uploads_max: Option<i64>) -> Result<bool> {
    let done = sqlx::query(
        "UPDATE tenant.orgs SET reviewed = $1, uploads_max = $2 WHERE org_id = tenant.current_org()",
    )
    .bind(reviewed)
    .bind(uploads_max)
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Gives the organisation that was entered another plan.
pub async fn set_plan(tx: &mut OperatorTx, plan: &str) -> Result<bool> {
    let done = sqlx::query("UPDATE tenant.orgs SET plan = $1 WHERE org_id = tenant.current_org()")
        .bind(plan)
        .execute(tx.conn())
        .await?;
    Ok(done.rows_affected() == 1)
}
