//! Reports that are made by themselves, and what was made.

use crate::column::{Stamp, plain, plain_prefix, record, words};
use crate::error::Result;
use crate::page::{Cursor, Listing, Page};
use crate::tx::Tx;
use domain::id::{AnalysisId, FacilityId};
use jiff::Timestamp;
use uuid::Uuid;

words! {
    /// How often.
    Every {
        /// Each day.
        Day = "day",
        /// Each week.
        Week = "week",
        /// Each month.
        Month = "month",
    }
}

words! {
    /// As what.
    Format {
        /// Pages for printing.
        Pdf = "pdf",
        /// A workbook.
        Xlsx = "xlsx",
        /// One page for a browser.
        Html = "html",
        /// The findings as a table.
        Csv = "csv",
    }
}

words! {
    /// Which of the ready-made packs.
    Pack {
        /// Where the money goes, finding by finding.
        CostReview = "cost_review",
        /// The last full week against the weeks before.
        WeeklyLosses = "weekly_losses",
        /// What findings claim of suppliers.
        SupplierClaims = "supplier_claims",
        /// Orders against their due dates.
        Lateness = "lateness",
    }
}

record! {
    /// A report that is made by itself.
    Schedule {
        /// Which one.
        id: Uuid,
        /// What people call it.
        name: String,
        /// How often.
        every: Every,
        /// On which day of the week from Monday on, or of the month.
        day: i64,
        /// At which hour there.
        hour: i64,
        /// Where.
        time_zone: String,
        /// The language of its letters.
        language: String,
        /// Which pack.
        pack: Pack,
        /// As what.
        format: Format,
        /// Of which plant; of all, if left out.
        facility_id: Option<FacilityId>,
        /// Addresses of members who get a letter.
        recipients: Vec<String>,
        /// When it is made next.
        next_at: Timestamp,
        /// Why there was none the last time.
        trouble: String,
        /// Since when.
        created_at: Timestamp,
    }
}

record! {
    /// A report that was made.
    Report {
        /// Which one.
        id: Uuid,
        /// By which schedule.
        schedule_id: Uuid,
        /// For which moment.
        due_at: Timestamp,
        /// Of what.
        analysis_id: AnalysisId,
        /// What its file is called.
        name: String,
        /// As what.
        format: Format,
        /// Where its bytes are.
        document_key: String,
        /// How many.
        bytes: i64,
        /// When it was made.
        created_at: Timestamp,
    }
}

/// What a new schedule needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewSchedule<'a> {
    /// Its id.
    pub id: Uuid,
    /// What people call it.
    pub name: &'a str,
    /// How often.
    pub every: Every,
    /// On which day.
    pub day: i64,
    /// At which hour.
    pub hour: i64,
    /// Where.
    pub time_zone: &'a str,
    /// The language of its letters.
    pub language: &'a str,
    /// Which pack.
    pub pack: Pack,
    /// As what.
    pub format: Format,
    /// Of which plant.
    pub facility: Option<FacilityId>,
    /// Who gets a letter.
    pub recipients: &'a [String],
    /// When it is made first.
    pub next_at: Timestamp,
}

/// All schedules, oldest first.
pub async fn schedules(tx: &mut Tx) -> Result<Vec<Schedule>> {
    let all = sqlx::query_as("SELECT * FROM tenant.report_schedules ORDER BY created_at, id LIMIT 1000");
    Ok(all.fetch_all(tx.conn()).await?)
}

/// One schedule.
pub async fn schedule(tx: &mut Tx, id: Uuid) -> Result<Option<Schedule>> {
    let one = sqlx::query_as("SELECT * FROM tenant.report_schedules WHERE id = $1").bind(id);
    Ok(one.fetch_optional(tx.conn()).await?)
}

/// A new schedule.
pub async fn insert_schedule(tx: &mut Tx, new: &NewSchedule<'_>) -> Result<Schedule> {
    let recipients: Vec<String> = new.recipients.iter().map(|address| plain(address)).collect();
    Ok(sqlx::query_as(
        "INSERT INTO tenant.report_schedules (org_id, id, name, every, day, hour, time_zone, language, pack, format, facility_id,
            recipients, next_at, created_by)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) RETURNING *",
    )
    .bind(tx.org_uuid())
    .bind(new.id)
    .bind(plain(new.name))
    .bind(new.every.name())
    .bind(new.day)
    .bind(new.hour)
    .bind(plain(new.time_zone))
    .bind(new.language)
    .bind(new.pack.name())
    .bind(new.format.name())
    .bind(new.facility.map(|id| id.0))
    .bind(recipients)
    .bind(Stamp(new.next_at))
    .bind(tx.user_uuid())
    .fetch_one(tx.conn())
    .await?)
}

/// Ends a schedule; what it made goes with it.
pub async fn delete_schedule(tx: &mut Tx, id: Uuid) -> Result<bool> {
    let done =
        sqlx::query("DELETE FROM tenant.report_schedules WHERE id = $1").bind(id).execute(tx.conn()).await?;
    Ok(done.rows_affected() == 1)
}

/// The schedules that are due. Whoever looks at the same moment passes them over.
pub async fn due(tx: &mut Tx, now: Timestamp) -> Result<Vec<Schedule>> {
    Ok(sqlx::query_as(
        "SELECT * FROM tenant.report_schedules WHERE next_at <= $1 ORDER BY next_at, id LIMIT 100 FOR UPDATE SKIP LOCKED",
    )
    .bind(Stamp(now))
    .fetch_all(tx.conn())
    .await?)
}

/// Notes when a schedule is due next.
pub async fn set_next(tx: &mut Tx, id: Uuid, next_at: Timestamp) -> Result<()> {
    sqlx::query("UPDATE tenant.report_schedules SET next_at = $2 WHERE id = $1")
        .bind(id)
        .bind(Stamp(next_at))
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Notes why a schedule made nothing; empty where it did.
pub async fn set_trouble(tx: &mut Tx, id: Uuid, trouble: &str) -> Result<()> {
    sqlx::query("UPDATE tenant.report_schedules SET trouble = $2 WHERE id = $1")
        .bind(id)
        .bind(plain_prefix(trouble, 1000))
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// A report that was made. False if it was made before.
pub async fn insert(tx: &mut Tx, report: &Report) -> Result<bool> {
    let done = sqlx::query(
        "INSERT INTO tenant.reports (org_id, id, schedule_id, due_at, analysis_id, name, format, document_key, bytes)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (org_id, schedule_id, due_at) DO NOTHING",
    )
    .bind(tx.org_uuid())
    .bind(report.id)
    .bind(report.schedule_id)
    .bind(Stamp(report.due_at))
    .bind(report.analysis_id.0)
    .bind(plain_prefix(&report.name, 300))
    .bind(report.format.name())
    .bind(&report.document_key)
    .bind(report.bytes)
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected() == 1)
}

/// A part of what was made, newest first.
pub async fn page(tx: &mut Tx, page: Page) -> Result<Listing<Report>> {
    let rows: Vec<Report> = sqlx::query_as(
        "SELECT * FROM tenant.reports WHERE ($1::timestamptz IS NULL OR (created_at, id) < ($1, $2))
         ORDER BY created_at DESC, id DESC LIMIT $3",
    )
    .bind(page.after_at())
    .bind(page.after_id())
    .bind(page.fetch())
    .fetch_all(tx.conn())
    .await?;
    Ok(page.listing(rows, |row| Cursor { at: row.created_at, id: row.id }))
}

/// What a schedule has made.
pub async fn of_schedule(tx: &mut Tx, schedule: Uuid) -> Result<Vec<Report>> {
    let all =
        sqlx::query_as("SELECT * FROM tenant.reports WHERE schedule_id = $1 ORDER BY due_at").bind(schedule);
    Ok(all.fetch_all(tx.conn()).await?)
}

/// One report.
pub async fn get(tx: &mut Tx, id: Uuid) -> Result<Option<Report>> {
    let one = sqlx::query_as("SELECT * FROM tenant.reports WHERE id = $1").bind(id);
    Ok(one.fetch_optional(tx.conn()).await?)
}
