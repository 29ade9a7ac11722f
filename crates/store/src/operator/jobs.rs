//! The queue over all organisations, as the operator sees it; and what the operator may do to a job of the organisation that was
//! entered. What a job is about, and why it failed, are seen only there.

use super::OperatorTx;
use crate::column::record;
use crate::error::Result;
use crate::jobs::{Job, JobState};
use domain::id::{JobId, OrgId};
use jiff::Timestamp;

record! {
    /// A job, without what it is about.
    Standing {
        /// Whose.
        org_id: OrgId,
        /// Which one.
        id: JobId,
        /// What is to be done.
        kind: String,
        /// Where it stands.
        state: JobState,
        /// How often it was begun.
        attempt: i64,
        /// How often a worker vanished with it.
        losses: i64,
        /// When it was asked for.
        created_at: Timestamp,
        /// When it was begun first.
        started_at: Option<Timestamp>,
        /// When it ended.
        finished_at: Option<Timestamp>,
    }
}

/// Jobs of all organisations in a state, the newest first; failed ones are the dead letters.
pub async fn list(tx: &mut OperatorTx, state: JobState, limit: u32) -> Result<Vec<Standing>> {
    Ok(sqlx::query_as(
        "SELECT org_id, id, kind, state, attempt, losses, created_at, started_at, finished_at FROM tenant.jobs
         WHERE state = $1 ORDER BY created_at DESC, id DESC LIMIT $2",
    )
    .bind(state.name())
    .bind(i64::from(limit.clamp(1, 1_000)))
    .fetch_all(tx.conn())
    .await?)
}

/// A job of the organisation that was entered, with its reason.
pub async fn get(tx: &mut OperatorTx, id: JobId) -> Result<Option<Job>> {
    Ok(sqlx::query_as("SELECT * FROM tenant.jobs WHERE org_id = tenant.current_org() AND id = $1")
        .bind(id.0)
        .fetch_optional(tx.conn())
        .await?)
}

/// Puts a job that was given up or taken back into the queue again, with all its attempts, and its dataset or analysis with it.
pub async fn retry(tx: &mut OperatorTx, id: JobId) -> Result<bool> {
    Ok(sqlx::query_scalar("SELECT tenant.operator_retry_job($1)").bind(id.0).fetch_one(tx.conn()).await?)
}

/// Asks a job to stop: a waiting one ends at once, a running one with its next heartbeat.
pub async fn cancel(tx: &mut OperatorTx, id: JobId) -> Result<bool> {
    Ok(sqlx::query_scalar("SELECT tenant.operator_cancel_job($1)").bind(id.0).fetch_one(tx.conn()).await?)
}
