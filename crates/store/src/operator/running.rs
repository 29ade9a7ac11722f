//! What runs and what is used, over all organisations.

use super::OperatorTx;
use crate::column::{Day, Stamp, record};
use crate::error::Result;
use crate::jobs::JobState;
use domain::id::{JobId, OrgId, UserId};
use jiff::Timestamp;
use jiff::civil::Date;
use rust_decimal::Decimal;
use uuid::Uuid;

record! {
    /// A job, as the operator sees it: what it is about, not what is in it.
    OperatedJob {
        /// Whose.
        org_id: OrgId,
        /// The organisation's name.
        org_name: String,
        /// Which one.
        id: JobId,
        /// What is to be done.
        kind: String,
        /// Where it stands.
        state: JobState,
        /// How often it was begun.
        attempt: i64,
        /// How often it may fail.
        attempts_max: i64,
        /// Why it failed, or last failed.
        reason: Option<String>,
        /// When it may run.
        run_at: Timestamp,
        /// When it was asked for.
        created_at: Timestamp,
        /// When it ended.
        finished_at: Option<Timestamp>,
    }
}

/// Jobs of all organisations, newest first; of one state only, if asked. Failed ones are the dead letters.
pub async fn jobs(tx: &mut OperatorTx, state: Option<JobState>, limit: i64) -> Result<Vec<OperatedJob>> {
    Ok(sqlx::query_as(
        "SELECT j.org_id, o.name AS org_name, j.id, j.kind, j.state, j.attempt, j.attempts_max, j.reason, j.run_at, j.created_at,
            j.finished_at
         FROM tenant.jobs j JOIN tenant.orgs o ON o.org_id = j.org_id
         WHERE $1::text IS NULL OR j.state = $1 ORDER BY j.created_at DESC, j.id DESC LIMIT $2",
    )
    .bind(state.map(JobState::name))
    .bind(limit.clamp(1, 1000))
    .fetch_all(tx.conn())
    .await?)
}

record! {
    /// What an organisation used in a month, and what that took.
    OperatedUsage {
        /// Whose.
        org_id: OrgId,
        /// The organisation's name.
        name: String,
        /// The plan whose limits hold.
        plan: String,
        /// Files.
        uploads: i64,
        /// Rows.
        rows: i64,
        /// Runs.
        analyses: i64,
        /// Questions.
        chat_messages: i64,
        /// What a model read and wrote.
        ai_tokens: i64,
        /// Bytes of files that are kept.
        bytes: i64,
        /// Seconds in which a worker worked for it, of jobs that are still known.
        work_seconds: f64,
    }
}

/// What everybody used in the month that begins with this day.
pub async fn usage(tx: &mut OperatorTx, month: Date, from: Timestamp) -> Result<Vec<OperatedUsage>> {
    Ok(sqlx::query_as(
        "SELECT o.org_id, o.name, o.plan,
            coalesce(sum(c.used) FILTER (WHERE c.meter = 'uploads'), 0)::bigint AS uploads,
            coalesce(sum(c.used) FILTER (WHERE c.meter = 'rows'), 0)::bigint AS rows,
            coalesce(sum(c.used) FILTER (WHERE c.meter = 'analyses'), 0)::bigint AS analyses,
            coalesce(sum(c.used) FILTER (WHERE c.meter = 'chat_messages'), 0)::bigint AS chat_messages,
            coalesce(sum(c.used) FILTER (WHERE c.meter = 'ai_tokens'), 0)::bigint AS ai_tokens,
            (SELECT coalesce(sum(f.received_bytes), 0)::bigint FROM tenant.files f
                WHERE f.org_id = o.org_id AND f.state = 'stored') AS bytes,
            (SELECT coalesce(sum(extract(epoch FROM j.finished_at - j.started_at)), 0)::double precision FROM tenant.jobs j
                WHERE j.org_id = o.org_id AND j.finished_at >= $2 AND j.started_at IS NOT NULL) AS work_seconds
         FROM tenant.orgs o LEFT JOIN tenant.usage_counters c ON c.org_id = o.org_id AND c.period_start = $1
         WHERE o.kind NOT IN ('installation', 'demo') GROUP BY o.org_id, o.name, o.plan ORDER BY lower(o.name), o.org_id LIMIT 5000",
    )
    .bind(Day(month))
    .bind(Stamp(from))
    .fetch_all(tx.conn())
    .await?)
}

record! {
    /// A review that waits for somebody, or was published.
    OperatedReview {
        /// Whose.
        org_id: OrgId,
        /// The organisation's name.
        org_name: String,
        /// Of which analysis.
        analysis_id: Uuid,
        /// The analysis' name.
        name: String,
        /// Where it stands.
        state: crate::analyses::reviews::ReviewState,
        /// How many findings.
        findings: i64,
        /// Since when it waits.
        created_at: Timestamp,
        /// When the customer saw it first.
        published_at: Option<Timestamp>,
    }
}

/// Reviews of all organisations, the one that has waited longest first; published ones last.
pub async fn reviews(tx: &mut OperatorTx) -> Result<Vec<OperatedReview>> {
    Ok(sqlx::query_as(
        "SELECT r.org_id, o.name AS org_name, r.analysis_id, a.name, r.state, a.findings, r.created_at, r.published_at
         FROM tenant.reviews r JOIN tenant.orgs o ON o.org_id = r.org_id
         JOIN tenant.analyses a ON a.org_id = r.org_id AND a.id = r.analysis_id
         ORDER BY (r.state = 'published'), r.created_at, r.analysis_id LIMIT 1000",
    )
    .fetch_all(tx.conn())
    .await?)
}

record! {
    /// What was verified as saved, against what was promised.
    Savings {
        /// Whose.
        org_id: OrgId,
        /// In which currency; none where the data state none.
        currency: Option<String>,
        /// Verified by measurement.
        verified: Decimal,
        /// Expected of what is accepted or under way.
        expected: Decimal,
    }
}

/// What every organisation has verified as saved, by currency.
pub async fn savings(tx: &mut OperatorTx) -> Result<Vec<Savings>> {
    Ok(sqlx::query_as(
        "SELECT org_id, currency, coalesce(sum(captured) FILTER (WHERE status = 'verified'), 0) AS verified,
            coalesce(sum(expected) FILTER (WHERE status IN ('accepted', 'in_progress', 'done')), 0) AS expected
         FROM tenant.finding_status GROUP BY org_id, currency ORDER BY org_id, currency",
    )
    .fetch_all(tx.conn())
    .await?)
}

record! {
    /// What the operator says to everybody.
    Announcement {
        /// Which one.
        id: Uuid,
        /// In one line.
        title: String,
        /// The rest.
        body: String,
        /// Until when pages show it.
        shown_until: Timestamp,
        /// Who said it.
        created_by: UserId,
        /// When.
        created_at: Timestamp,
    }
}

/// What was said, newest first.
pub async fn announcements(tx: &mut OperatorTx) -> Result<Vec<Announcement>> {
    Ok(sqlx::query_as("SELECT * FROM catalog.announcements ORDER BY created_at DESC, id LIMIT 200")
        .fetch_all(tx.conn())
        .await?)
}

/// Says something to everybody.
pub async fn announce(
    tx: &mut OperatorTx,
    id: Uuid,
    title: &str,
    body: &str,
    until: Timestamp,
) -> Result<()> {
    let by = tx.operator().user.0;
    sqlx::query(
        "INSERT INTO catalog.announcements (id, title, body, shown_until, created_by) VALUES ($1, $2, $3, $4, $5)",
    )
    .bind(id)
    .bind(crate::column::plain(title))
    .bind(crate::column::plain_prefix(body, 2000))
    .bind(Stamp(until))
    .bind(by)
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Takes back what was said.
pub async fn withdraw(tx: &mut OperatorTx, id: Uuid) -> Result<bool> {
    let done =
        sqlx::query("DELETE FROM catalog.announcements WHERE id = $1").bind(id).execute(tx.conn()).await?;
    Ok(done.rows_affected() == 1)
}
