//! Background work in Postgres: enqueued in the transaction that needs it, run at least once, with effect once.
//!
//! A worker claims through [`Store::claim`], which knows all organisations' queues and nothing else of them; everything after
//! that happens in the organisation's own transactions. The claim is a lease: [`beat`] prolongs it, and whoever lets it
//! lapse loses the job to another worker. The fence makes that safe: a result is committed by [`finish`], which fails unless the
//! claim is still the newest one.

mod claim;

pub use claim::{Claim, Heard, Listener, Queue};

use crate::column::{Document, plain_prefix, record, words};
use crate::error::{Error, Result};
use crate::page::{Cursor, Listing, Page};
use crate::tx::Tx;
use domain::id::JobId;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

/// How long a claim holds without a heartbeat.
pub const LEASE: SignedDuration = SignedDuration::from_secs(30);
/// How often a worker shows that it is alive.
pub const HEARTBEAT: SignedDuration = SignedDuration::from_secs(10);

words! {
    /// Where a job stands.
    JobState {
        /// It waits.
        Queued = "queued",
        /// A worker has it.
        Running = "running",
        /// It is done.
        Completed = "completed",
        /// It was given up, with a reason.
        Failed = "failed",
        /// Somebody took it back.
        Cancelled = "cancelled",
    }
}

record! {
    /// A job.
    Job {
        /// Which one.
        id: JobId,
        /// What is to be done.
        kind: String,
        /// To what.
        payload: Value,
        /// Of those with the same key, one waits or runs at a time.
        unique_key: Option<String>,
        /// Where it stands.
        state: JobState,
        /// When it may run.
        run_at: Timestamp,
        /// How often it was begun.
        attempt: i64,
        /// How often it may fail.
        attempts_max: i64,
        /// How often a worker vanished with it.
        losses: i64,
        /// Whether somebody wants it to stop.
        cancel_requested: bool,
        /// How far it is.
        progress: Value,
        /// Why it failed, or last failed.
        reason: Option<String>,
        /// The request that asked for it.
        trace_id: String,
        /// When it was asked for.
        created_at: Timestamp,
        /// When it was begun first.
        started_at: Option<Timestamp>,
        /// When it ended.
        finished_at: Option<Timestamp>,
    }
}

/// What a new job needs.
#[derive(Debug, Clone, PartialEq)]
pub struct NewJob<'a> {
    /// Its id.
    pub id: JobId,
    /// What is to be done: lower case and underscores.
    pub kind: &'a str,
    /// To what: ids, not data.
    pub payload: Value,
    /// Of those with the same key, one waits or runs at a time.
    pub unique_key: Option<&'a str>,
    /// Higher runs earlier within the organisation.
    pub priority: i16,
    /// How long to wait first.
    pub delay: SignedDuration,
    /// How often it may fail.
    pub attempts_max: i64,
    /// The request that asks for it.
    pub trace_id: &'a str,
}

impl<'a> NewJob<'a> {
    /// A job that runs at once, may fail five times, and has no unique key.
    pub fn new(id: JobId, kind: &'a str, payload: Value) -> Self {
        Self {
            id,
            kind,
            payload,
            unique_key: None,
            priority: 0,
            delay: SignedDuration::ZERO,
            attempts_max: 5,
            trace_id: "",
        }
    }
}

/// Enqueues a job in the caller's transaction and wakes a worker when that commits. With a unique key that a waiting or
/// running job has already, that one's id comes back and nothing is enqueued.
pub async fn enqueue(tx: &mut Tx, new: &NewJob<'_>) -> Result<JobId> {
    let done = sqlx::query(
        "INSERT INTO tenant.jobs (org_id, id, kind, payload, unique_key, priority, run_at, attempts_max, trace_id, created_by)
         VALUES ($1, $2, $3, $4, $5, $6, clock_timestamp() + make_interval(secs => $7), $8, $9, $10)
         ON CONFLICT (org_id, kind, unique_key) WHERE state IN ('queued', 'running') AND unique_key IS NOT NULL DO NOTHING",
    )
    .bind(tx.org_uuid())
    .bind(new.id.0)
    .bind(new.kind)
    .bind(Document(&new.payload))
    .bind(new.unique_key)
    .bind(new.priority)
    .bind(new.delay.as_secs_f64())
    .bind(new.attempts_max)
    .bind(plain_prefix(new.trace_id, 64))
    .bind(tx.user_uuid())
    .execute(tx.conn())
    .await?;
    if done.rows_affected() == 1 {
        sqlx::query("SELECT pg_notify('plantintel_jobs', $1)").bind(new.kind).execute(tx.conn()).await?;
        return Ok(new.id);
    }
    let there: Option<uuid::Uuid> = sqlx::query_scalar(
        "SELECT id FROM tenant.jobs WHERE kind = $1 AND unique_key = $2 AND state IN ('queued', 'running')",
    )
    .bind(new.kind)
    .bind(new.unique_key)
    .fetch_optional(tx.conn())
    .await?;
    // The other one may have ended between the two statements; then the caller tries again.
    there.map(JobId).ok_or(Error::Conflict { constraint: "jobs_unique_key".to_owned() })
}

/// Enqueues a job from any door, also one that does not see the queue: it runs at once, may fail eight times, and its id is new.
pub async fn put(
    tx: &mut impl crate::audit::Audited,
    id: uuid::Uuid,
    kind: &str,
    payload: &Value,
    trace_id: &str,
) -> Result<()> {
    let conn = tx.audit_conn();
    sqlx::query(
        "INSERT INTO tenant.jobs (org_id, id, kind, payload, attempts_max, trace_id)
         VALUES (tenant.current_org(), $1, $2, $3, 8, $4)",
    )
    .bind(id)
    .bind(kind)
    .bind(Document(payload))
    .bind(plain_prefix(trace_id, 64))
    .execute(&mut *conn)
    .await?;
    sqlx::query("SELECT pg_notify('plantintel_jobs', $1)").bind(kind).execute(conn).await?;
    Ok(())
}

/// The job of this id.
pub async fn get(tx: &mut Tx, id: JobId) -> Result<Option<Job>> {
    Ok(sqlx::query_as("SELECT * FROM tenant.jobs WHERE id = $1").bind(id.0).fetch_optional(tx.conn()).await?)
}

/// The organisation's jobs, newest first; of one state only, if asked. Failed ones are the dead letters.
pub async fn list(tx: &mut Tx, state: Option<JobState>, page: Page) -> Result<Listing<Job>> {
    let items = sqlx::query_as(
        "SELECT * FROM tenant.jobs WHERE ($1::text IS NULL OR state = $1)
            AND ($2::timestamptz IS NULL OR (created_at, id) < ($2, $3))
         ORDER BY created_at DESC, id DESC LIMIT $4",
    )
    .bind(state.map(JobState::name))
    .bind(page.after_at())
    .bind(page.after_id())
    .bind(page.fetch())
    .fetch_all(tx.conn())
    .await?;
    Ok(page.listing(items, |job: &Job| Cursor { at: job.created_at, id: job.id.0 }))
}

/// The newest jobs of a kind.
pub async fn list_of_kind(tx: &mut Tx, kind: &str, limit: i64) -> Result<Vec<Job>> {
    Ok(sqlx::query_as("SELECT * FROM tenant.jobs WHERE kind = $1 ORDER BY created_at DESC, id DESC LIMIT $2")
        .bind(kind)
        .bind(limit.clamp(1, 500))
        .fetch_all(tx.conn())
        .await?)
}

/// Asks a job to stop. A waiting one is cancelled at once; a running one learns of it with its next heartbeat. None if there is
/// no such job; otherwise its state by now.
pub async fn cancel(tx: &mut Tx, id: JobId) -> Result<Option<JobState>> {
    let state: Option<String> = sqlx::query_scalar(
        "UPDATE tenant.jobs SET cancel_requested = true,
            state = CASE WHEN state = 'queued' THEN 'cancelled' ELSE state END,
            finished_at = CASE WHEN state = 'queued' THEN clock_timestamp() ELSE finished_at END
         WHERE id = $1 RETURNING state",
    )
    .bind(id.0)
    .fetch_optional(tx.conn())
    .await?;
    notify_progress(tx, id).await?;
    Ok(state.as_deref().and_then(JobState::parse))
}

/// Puts a failed job back into the queue, with all its attempts.
pub async fn retry(tx: &mut Tx, id: JobId) -> Result<bool> {
    let done = sqlx::query(
        "UPDATE tenant.jobs SET state = 'queued', attempt = 0, losses = 0, cancel_requested = false, finished_at = NULL,
            run_at = clock_timestamp() WHERE id = $1 AND state IN ('failed', 'cancelled')",
    )
    .bind(id.0)
    .execute(tx.conn())
    .await?;
    if done.rows_affected() == 1 {
        sqlx::query("SELECT pg_notify('plantintel_jobs', '')").execute(tx.conn()).await?;
    }
    Ok(done.rows_affected() == 1)
}

/// What came of running a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Done {
    /// It is done; what was written in the same transaction is its result.
    Completed,
    /// It did not work this time; it waits, longer each time, and is given up when its attempts are used up.
    Retry {
        /// Why.
        reason: String,
    },
    /// It can never work.
    GiveUp {
        /// Why.
        reason: String,
    },
    /// It stopped because somebody asked it to.
    Cancelled,
    /// The worker shuts down or the time has not come: back into the queue without counting as an attempt.
    Later {
        /// How long to wait.
        delay: SignedDuration,
    },
}

/// Ends a claim in the transaction of its result, and returns where the job stands. [`Error::FenceLost`] if another worker has it
/// by now: then nothing of this transaction may be committed.
pub async fn finish(tx: &mut Tx, claim: &Claim, done: &Done) -> Result<JobState> {
    let (verb, reason, delay) = match done {
        Done::Completed => ("completed", None, SignedDuration::ZERO),
        Done::Retry { reason } => ("retry", Some(plain_prefix(reason, 2000)), SignedDuration::ZERO),
        Done::GiveUp { reason } => ("failed", Some(plain_prefix(reason, 2000)), SignedDuration::ZERO),
        Done::Cancelled => ("cancelled", Some("cancelled".to_owned()), SignedDuration::ZERO),
        Done::Later { delay } => ("later", None, *delay),
    };
    // Five seconds, then twice as long each time up to ten minutes, each a quarter longer or shorter, so that what failed
    // together does not come back together.
    let state: Option<String> = sqlx::query_scalar(
        "UPDATE tenant.jobs SET
            state = CASE $3 WHEN 'retry' THEN CASE WHEN cancel_requested THEN 'cancelled'
                                                   WHEN attempt >= attempts_max THEN 'failed' ELSE 'queued' END
                            WHEN 'later' THEN CASE WHEN cancel_requested THEN 'cancelled' ELSE 'queued' END
                            ELSE $3 END,
            finished_at = CASE WHEN $3 IN ('completed', 'failed', 'cancelled') OR cancel_requested
                                    OR ($3 = 'retry' AND attempt >= attempts_max) THEN clock_timestamp() END,
            run_at = CASE $3 WHEN 'retry' THEN clock_timestamp()
                                + make_interval(secs => least(600, 5 * power(2, least(attempt - 1, 20))) * (0.75 + random() / 2))
                             WHEN 'later' THEN clock_timestamp() + make_interval(secs => $5) ELSE run_at END,
            attempt = CASE $3 WHEN 'later' THEN greatest(attempt - 1, 0) ELSE attempt END,
            reason = coalesce($4, CASE WHEN $3 = 'completed' THEN NULL ELSE reason END),
            lease_until = NULL, worker = ''
         WHERE id = $1 AND fence = $2 AND state = 'running' RETURNING state",
    )
    .bind(claim.job.id.0)
    .bind(claim.fence)
    .bind(verb)
    .bind(reason)
    .bind(delay.as_secs_f64())
    .fetch_optional(tx.conn())
    .await?;
    let state = state.as_deref().and_then(JobState::parse).ok_or(Error::FenceLost)?;
    notify_progress(tx, claim.job.id).await?;
    if state == JobState::Queued {
        sqlx::query("SELECT pg_notify('plantintel_jobs', $1)")
            .bind(&claim.job.kind)
            .execute(tx.conn())
            .await?;
    }
    Ok(state)
}

/// What a heartbeat brings back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pulse {
    /// Go on.
    Held,
    /// Somebody asked the job to stop.
    CancelRequested,
    /// Another worker has the job; stop, and write nothing.
    Lost,
}

/// Shows that the worker is alive and prolongs the claim by `lease`.
pub async fn beat(tx: &mut Tx, claim: &Claim, lease: SignedDuration) -> Result<Pulse> {
    let cancel: Option<bool> = sqlx::query_scalar(
        "UPDATE tenant.jobs SET lease_until = clock_timestamp() + make_interval(secs => $3)
         WHERE id = $1 AND fence = $2 AND state = 'running' RETURNING cancel_requested",
    )
    .bind(claim.job.id.0)
    .bind(claim.fence)
    .bind(lease.as_secs_f64())
    .fetch_optional(tx.conn())
    .await?;
    Ok(match cancel {
        None => Pulse::Lost,
        Some(true) => Pulse::CancelRequested,
        Some(false) => Pulse::Held,
    })
}

/// Says how far a job is, and tells whoever watches when the transaction commits.
pub async fn set_progress(tx: &mut Tx, claim: &Claim, progress: &Value) -> Result<bool> {
    let done = sqlx::query(
        "UPDATE tenant.jobs SET progress = $3 WHERE id = $1 AND fence = $2 AND state = 'running'",
    )
    .bind(claim.job.id.0)
    .bind(claim.fence)
    .bind(Document(progress))
    .execute(tx.conn())
    .await?;
    if done.rows_affected() == 1 {
        notify_progress(tx, claim.job.id).await?;
    }
    Ok(done.rows_affected() == 1)
}

/// Who listens learns only that a thing of an organisation changed; what it is now, it must ask for as an actor of that
/// organisation.
async fn notify_progress(tx: &mut Tx, id: JobId) -> Result<()> {
    let payload = format!("{} {}", tx.org(), id);
    sqlx::query("SELECT pg_notify('plantintel_progress', $1)").bind(payload).execute(tx.conn()).await?;
    Ok(())
}
