//! What people decided about a finding, and how they came to it.

use crate::column::{Day, plain, plain_prefix, record, words};
use crate::error::Result;
use crate::tx::Tx;
use domain::id::UserId;
use jiff::Timestamp;
use jiff::civil::Date;
use rust_decimal::Decimal;

words! {
    /// Where a finding stands with the people.
    Status {
        /// Nobody has decided.
        New = "new",
        /// It is believed and worth something.
        Accepted = "accepted",
        /// Somebody works on it.
        InProgress = "in_progress",
        /// Something was done.
        Done = "done",
        /// Measured: it helped.
        Verified = "verified",
        /// Looked into: it is not so.
        NotConfirmed = "not_confirmed",
        /// Not worth it, or known.
        Dismissed = "dismissed",
    }
}

record! {
    /// The present state.
    FindingStatus {
        /// The finding's stable key.
        key: String,
        /// Where it stands.
        status: Status,
        /// Who works on it.
        owner_id: Option<UserId>,
        /// By when.
        due_on: Option<Date>,
        /// Why.
        reason: String,
        /// What the sums are in.
        currency: Option<String>,
        /// What could be had.
        expected: Option<Decimal>,
        /// What was had, as measured.
        captured: Option<Decimal>,
        /// For `If-Match`.
        version: i64,
        /// When it was found first.
        created_at: Timestamp,
        /// When it last changed.
        updated_at: Timestamp,
    }
}

record! {
    /// A change.
    StatusChange {
        /// Its number, from 1.
        number: i64,
        /// Where it stood from then on.
        status: Status,
        /// Who worked on it.
        owner_id: Option<UserId>,
        /// By when.
        due_on: Option<Date>,
        /// Why.
        reason: String,
        /// What was had.
        captured: Option<Decimal>,
        /// Who changed it.
        changed_by: Option<UserId>,
        /// When.
        created_at: Timestamp,
    }
}

/// What people decide.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatusForm<'a> {
    /// Where it stands.
    pub status: Status,
    /// Who works on it.
    pub owner: Option<UserId>,
    /// By when.
    pub due_on: Option<Date>,
    /// Why.
    pub reason: &'a str,
    /// What was had.
    pub captured: Option<Decimal>,
}

/// Where the finding of this key stands.
pub async fn get(tx: &mut Tx, key: &str) -> Result<Option<FindingStatus>> {
    Ok(sqlx::query_as("SELECT * FROM tenant.finding_status WHERE key = $1")
        .bind(plain(key))
        .fetch_optional(tx.conn())
        .await?)
}

/// Where many findings stand, by key.
pub async fn list_by_keys(tx: &mut Tx, keys: &[String]) -> Result<Vec<FindingStatus>> {
    Ok(sqlx::query_as("SELECT * FROM tenant.finding_status WHERE key = ANY ($1) ORDER BY key")
        .bind(keys)
        .fetch_all(tx.conn())
        .await?)
}

record! {
    /// Findings in one state and currency.
    StatusTotal {
        /// The state.
        status: Status,
        /// The currency.
        currency: Option<String>,
        /// How many.
        findings: i64,
        /// What could be had.
        expected: Decimal,
        /// What was had.
        captured: Decimal,
    }
}

record! {
    /// What people said of the findings of one kind.
    Judged {
        /// Who finds them.
        analyzer: String,
        /// What kind of finding.
        type_: String,
        /// Believed and worth something.
        useful: i64,
        /// Not worth it, or known.
        not_useful: i64,
        /// Looked into: not so.
        wrong: i64,
    }
}

/// What people said of findings, by who found them and their kind. A finding counts once, however often it was made.
pub async fn judged(tx: &mut Tx) -> Result<Vec<Judged>> {
    Ok(sqlx::query_as(
        "SELECT f.analyzer, f.type,
            count(*) FILTER (WHERE s.status IN ('accepted', 'in_progress', 'done', 'verified')) AS useful,
            count(*) FILTER (WHERE s.status = 'dismissed') AS not_useful,
            count(*) FILTER (WHERE s.status = 'not_confirmed') AS wrong
         FROM tenant.finding_status s
         CROSS JOIN LATERAL (SELECT own.analyzer, own.type FROM tenant.findings own WHERE own.key = s.key
            ORDER BY own.created_at DESC, own.id LIMIT 1) f
         WHERE s.status <> 'new' GROUP BY f.analyzer, f.type ORDER BY f.analyzer, f.type",
    )
    .fetch_all(tx.conn())
    .await?)
}

/// The savings: sums by state and currency.
pub async fn totals(tx: &mut Tx) -> Result<Vec<StatusTotal>> {
    Ok(sqlx::query_as(
        "SELECT status, currency, count(*) AS findings, coalesce(sum(expected), 0) AS expected,
            coalesce(sum(captured), 0) AS captured
         FROM tenant.finding_status GROUP BY status, currency ORDER BY status, currency",
    )
    .fetch_all(tx.conn())
    .await?)
}

/// A finding that was found for the first time is new; one that is known keeps its state and gets the newest expectation.
pub(crate) async fn insert_new(
    tx: &mut Tx,
    key: &str,
    currency: Option<&str>,
    expected: Option<Decimal>,
) -> Result<()> {
    sqlx::query(
        "INSERT INTO tenant.finding_status (org_id, key, status, currency, expected) VALUES ($1, $2, 'new', $3, greatest($4, 0))
         ON CONFLICT (org_id, key) DO UPDATE SET currency = EXCLUDED.currency, expected = EXCLUDED.expected",
    )
    .bind(tx.org_uuid())
    .bind(plain(key))
    .bind(currency)
    .bind(expected)
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Changes where a finding stands, if nobody did since `version`, and keeps the change.
pub async fn update(
    tx: &mut Tx,
    key: &str,
    version: i64,
    form: &StatusForm<'_>,
) -> Result<Option<FindingStatus>> {
    let changed: Option<FindingStatus> = sqlx::query_as(
        "UPDATE tenant.finding_status SET status = $3, owner_id = $4, due_on = $5, reason = $6, captured = $7
         WHERE key = $1 AND version = $2 RETURNING *",
    )
    .bind(plain(key))
    .bind(version)
    .bind(form.status.name())
    .bind(form.owner.map(|user| user.0))
    .bind(form.due_on.map(Day))
    .bind(plain_prefix(form.reason, 2000))
    .bind(form.captured)
    .fetch_optional(tx.conn())
    .await?;
    if changed.is_some() {
        // The row above is locked by now, so the next number is nobody else's.
        sqlx::query(
            "INSERT INTO tenant.finding_history (org_id, key, number, status, owner_id, due_on, reason, captured, changed_by)
             SELECT $1, $2, coalesce(max(number), 0) + 1, $3, $4, $5, $6, $7, $8 FROM tenant.finding_history WHERE key = $2",
        )
        .bind(tx.org_uuid())
        .bind(plain(key))
        .bind(form.status.name())
        .bind(form.owner.map(|user| user.0))
        .bind(form.due_on.map(Day))
        .bind(plain_prefix(form.reason, 2000))
        .bind(form.captured)
        .bind(tx.user_uuid())
        .execute(tx.conn())
        .await?;
    }
    Ok(changed)
}

/// How a finding came to where it stands, newest first.
pub async fn history(tx: &mut Tx, key: &str) -> Result<Vec<StatusChange>> {
    Ok(sqlx::query_as("SELECT * FROM tenant.finding_history WHERE key = $1 ORDER BY number DESC LIMIT 500")
        .bind(plain(key))
        .fetch_all(tx.conn())
        .await?)
}

record! {
    /// What people decided lately, and what was saved so far.
    Decided {
        /// Decisions since the instant that was asked for.
        decided: i64,
        /// Verified savings, of all time; in one currency, else none.
        saved: Option<rust_decimal::Decimal>,
    }
}

/// How much was decided since an instant, and what was verified as saved so far.
pub async fn decided(tx: &mut Tx, since: jiff::Timestamp) -> Result<Decided> {
    Ok(sqlx::query_as(
        "SELECT (SELECT count(*) FROM tenant.finding_history WHERE created_at >= $1) AS decided,
            (SELECT CASE WHEN count(DISTINCT currency) <= 1 THEN coalesce(sum(captured), 0) END
                FROM tenant.finding_status WHERE status = 'verified') AS saved",
    )
    .bind(crate::column::Stamp(since))
    .fetch_one(tx.conn())
    .await?)
}
