//! Runs of the analyzers. A run moves from queued to running to one of completed, failed and cancelled, and never back.

pub mod reviews;

use crate::column::{Document, plain_prefix, record, words};
use crate::error::Result;
use crate::page::{Cursor, Listing, Page};
use crate::tx::Tx;
use domain::id::{AnalysisId, ConfigurationId, DatasetId, FacilityId, UserId};
use jiff::Timestamp;
use rust_decimal::Decimal;
use serde_json::Value;

words! {
    /// Where a run stands.
    AnalysisState {
        /// It waits.
        Queued = "queued",
        /// It is being worked on.
        Running = "running",
        /// Its findings are there, and a reviewer looks at them before anybody else does.
        InReview = "in_review",
        /// Its findings are there.
        Completed = "completed",
        /// It did not work, with a reason.
        Failed = "failed",
        /// Somebody took it back.
        Cancelled = "cancelled",
    }
}

record! {
    /// A run.
    Analysis {
        /// Which one.
        id: AnalysisId,
        /// Of which plant.
        facility_id: Option<FacilityId>,
        /// The run that it repeats.
        repeats_id: Option<AnalysisId>,
        /// The settings it was asked with.
        configuration_id: Option<ConfigurationId>,
        /// Which state of them.
        configuration_number: Option<i64>,
        /// What people call it.
        name: String,
        /// Where it stands.
        state: AnalysisState,
        /// Why it failed.
        reason: Option<String>,
        /// The settings as used, whole.
        settings: Value,
        /// How far it is.
        progress: Value,
        /// What the data allow.
        data_tier: Option<i16>,
        /// The analyzers that ran.
        analyzers_run: Vec<String>,
        /// What the sums are in.
        currency: Option<String>,
        /// Rows read.
        rows_read: i64,
        /// Rows used.
        rows_used: i64,
        /// What was planned.
        planned_cost: Option<Decimal>,
        /// What it cost.
        actual_cost: Option<Decimal>,
        /// The difference.
        variance: Option<Decimal>,
        /// What findings explain of it.
        explained: Option<Decimal>,
        /// What they do not.
        remainder: Option<Decimal>,
        /// How many findings.
        findings: i64,
        /// What is shown but not queried.
        document: Value,
        /// Where more of it lies in the object store.
        document_key: Option<String>,
        /// Who asked for it.
        created_by: Option<UserId>,
        /// For `If-Match`.
        version: i64,
        /// When it was asked for.
        created_at: Timestamp,
        /// When it last changed.
        updated_at: Timestamp,
        /// When work began.
        started_at: Option<Timestamp>,
        /// When it ended.
        finished_at: Option<Timestamp>,
    }
}

/// What a new run needs.
#[derive(Debug, Clone, PartialEq)]
pub struct NewAnalysis<'a> {
    /// Its id.
    pub id: AnalysisId,
    /// What people call it.
    pub name: &'a str,
    /// Of which plant.
    pub facility: Option<FacilityId>,
    /// The run that it repeats.
    pub repeats: Option<AnalysisId>,
    /// The settings it is asked with, and which state of them.
    pub configuration: Option<(ConfigurationId, i64)>,
    /// The settings as used, whole.
    pub settings: &'a Value,
    /// What is analyzed together, in order.
    pub datasets: &'a [DatasetId],
}

/// The run of this id.
pub async fn get(tx: &mut Tx, id: AnalysisId) -> Result<Option<Analysis>> {
    Ok(sqlx::query_as("SELECT * FROM tenant.analyses WHERE id = $1")
        .bind(id.0)
        .fetch_optional(tx.conn())
        .await?)
}

/// What a list is narrowed to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Filter {
    /// In this state.
    pub state: Option<AnalysisState>,
    /// Of this plant.
    pub facility: Option<FacilityId>,
    /// Of this dataset.
    pub dataset: Option<DatasetId>,
}

/// Runs, newest first.
pub async fn list(tx: &mut Tx, filter: Filter, page: Page) -> Result<Listing<Analysis>> {
    let items = sqlx::query_as(
        "SELECT a.* FROM tenant.analyses a
         WHERE ($1::text IS NULL OR a.state = $1) AND ($2::uuid IS NULL OR a.facility_id = $2)
            AND ($3::uuid IS NULL OR EXISTS (SELECT 1 FROM tenant.analysis_datasets d
                WHERE d.org_id = a.org_id AND d.analysis_id = a.id AND d.dataset_id = $3))
            AND ($4::timestamptz IS NULL OR (a.created_at, a.id) < ($4, $5))
         ORDER BY a.created_at DESC, a.id DESC LIMIT $6",
    )
    .bind(filter.state.map(AnalysisState::name))
    .bind(filter.facility.map(|id| id.0))
    .bind(filter.dataset.map(|id| id.0))
    .bind(page.after_at())
    .bind(page.after_id())
    .bind(page.fetch())
    .fetch_all(tx.conn())
    .await?;
    Ok(page.listing(items, |analysis: &Analysis| Cursor { at: analysis.created_at, id: analysis.id.0 }))
}

/// Completed runs of the same plant that were made before this one over other datasets, newest first: one for each set of
/// datasets. Datasets that were deleted, or that one of this run's replaces, count no more.
pub async fn earlier(tx: &mut Tx, id: AnalysisId, limit: u32) -> Result<Vec<Analysis>> {
    Ok(sqlx::query_as(
        "WITH this AS (
            SELECT a.*, ARRAY(SELECT d.dataset_id FROM tenant.analysis_datasets d
                WHERE d.org_id = a.org_id AND d.analysis_id = a.id ORDER BY d.dataset_id) AS members
            FROM tenant.analyses a WHERE a.id = $1
        ), before AS (
            SELECT a.*, ARRAY(SELECT d.dataset_id FROM tenant.analysis_datasets d
                WHERE d.org_id = a.org_id AND d.analysis_id = a.id ORDER BY d.dataset_id) AS members
            FROM tenant.analyses a JOIN this ON a.facility_id IS NOT DISTINCT FROM this.facility_id
                AND (a.created_at, a.id) < (this.created_at, this.id)
            WHERE a.state = 'completed' AND a.document_key IS NOT NULL
        ), newest AS (
            SELECT DISTINCT ON (b.members) b.* FROM before b CROSS JOIN this
            WHERE b.members <> this.members AND NOT EXISTS (
                SELECT 1 FROM tenant.datasets s WHERE s.id = ANY (b.members) AND (s.state = 'deleted' OR EXISTS (
                    SELECT 1 FROM tenant.datasets r WHERE r.id = ANY (this.members) AND r.replaces_id = s.id)))
            ORDER BY b.members, b.created_at DESC, b.id DESC
        )
        SELECT * FROM newest ORDER BY created_at DESC, id DESC LIMIT $2",
    )
    .bind(id.0)
    .bind(i64::from(limit))
    .fetch_all(tx.conn())
    .await?)
}

record! {
    /// A completed run, without its results.
    Completed {
        /// Which one.
        id: AnalysisId,
        /// What people call it.
        name: String,
        /// Of which plant.
        facility_id: Option<FacilityId>,
        /// What its amounts are in.
        currency: Option<String>,
        /// What it was made of, in order.
        datasets: Vec<uuid::Uuid>,
    }
}

/// The completed runs, newest first, `limit` of them at most.
pub async fn completed(tx: &mut Tx, limit: u32) -> Result<Vec<Completed>> {
    Ok(sqlx::query_as(
        "SELECT a.id, a.name, a.facility_id, a.currency, ARRAY(SELECT d.dataset_id FROM tenant.analysis_datasets d
            WHERE d.org_id = a.org_id AND d.analysis_id = a.id ORDER BY d.position, d.dataset_id) AS datasets
         FROM tenant.analyses a WHERE a.state = 'completed' ORDER BY a.created_at DESC, a.id DESC LIMIT $1",
    )
    .bind(i64::from(limit))
    .fetch_all(tx.conn())
    .await?)
}

/// Runs of a plant (of those without one: `None`) with a result that fell behind its `kept` newest ones, the newest of them
/// first: a few, so that what one call passed over goes with the next.
pub async fn behind(tx: &mut Tx, facility: Option<FacilityId>, kept: u32) -> Result<Vec<AnalysisId>> {
    let ids: Vec<uuid::Uuid> = sqlx::query_scalar(
        "SELECT id FROM tenant.analyses
         WHERE state IN ('in_review', 'completed') AND facility_id IS NOT DISTINCT FROM $1
         ORDER BY created_at DESC, id DESC OFFSET $2 LIMIT 5",
    )
    .bind(facility.map(|id| id.0))
    .bind(i64::from(kept))
    .fetch_all(tx.conn())
    .await?;
    Ok(ids.into_iter().map(AnalysisId).collect())
}

/// All runs over a dataset.
pub async fn over(tx: &mut Tx, dataset: DatasetId) -> Result<Vec<AnalysisId>> {
    let ids: Vec<uuid::Uuid> = sqlx::query_scalar(
        "SELECT analysis_id FROM tenant.analysis_datasets WHERE dataset_id = $1 ORDER BY 1",
    )
    .bind(dataset.0)
    .fetch_all(tx.conn())
    .await?;
    Ok(ids.into_iter().map(AnalysisId).collect())
}

/// The datasets of a run, in order.
pub async fn datasets(tx: &mut Tx, id: AnalysisId) -> Result<Vec<DatasetId>> {
    let ids: Vec<uuid::Uuid> = sqlx::query_scalar(
        "SELECT dataset_id FROM tenant.analysis_datasets WHERE analysis_id = $1 ORDER BY position, dataset_id",
    )
    .bind(id.0)
    .fetch_all(tx.conn())
    .await?;
    Ok(ids.into_iter().map(DatasetId).collect())
}

/// A new run, waiting. A dataset, plant or configuration that is not the organisation's: [`crate::Error::Reference`].
pub async fn insert(tx: &mut Tx, new: &NewAnalysis<'_>) -> Result<Analysis> {
    let analysis = sqlx::query_as(
        "INSERT INTO tenant.analyses (org_id, id, facility_id, repeats_id, configuration_id, configuration_number, name, state,
            settings, created_by) VALUES ($1, $2, $3, $4, $5, $6, $7, 'queued', $8, $9) RETURNING *",
    )
    .bind(tx.org_uuid())
    .bind(new.id.0)
    .bind(new.facility.map(|id| id.0))
    .bind(new.repeats.map(|id| id.0))
    .bind(new.configuration.map(|(id, _)| id.0))
    .bind(new.configuration.map(|(_, number)| number))
    .bind(plain_prefix(new.name, 255))
    .bind(Document(new.settings))
    .bind(tx.user_uuid())
    .fetch_one(tx.conn())
    .await?;
    let datasets: Vec<uuid::Uuid> = new.datasets.iter().map(|id| id.0).collect();
    sqlx::query(
        "INSERT INTO tenant.analysis_datasets (org_id, analysis_id, dataset_id, position)
         SELECT $1, $2, dataset, place - 1 FROM unnest($3::uuid[]) WITH ORDINALITY AS given (dataset, place)",
    )
    .bind(tx.org_uuid())
    .bind(new.id.0)
    .bind(datasets)
    .execute(tx.conn())
    .await?;
    Ok(analysis)
}

/// The worker begins: from queued, or again after a worker vanished. False if the run has ended.
pub async fn set_running(tx: &mut Tx, id: AnalysisId) -> Result<bool> {
    let done = sqlx::query(
        "UPDATE tenant.analyses SET state = 'running', started_at = coalesce(started_at, clock_timestamp())
         WHERE id = $1 AND state IN ('queued', 'running')",
    )
    .bind(id.0)
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected() == 1)
}

/// How far the run is.
pub async fn set_progress(tx: &mut Tx, id: AnalysisId, progress: &Value) -> Result<bool> {
    let done = sqlx::query("UPDATE tenant.analyses SET progress = $2 WHERE id = $1 AND state = 'running'")
        .bind(id.0)
        .bind(Document(progress))
        .execute(tx.conn())
        .await?;
    Ok(done.rows_affected() == 1)
}

/// What a run found as a whole. Findings go into [`crate::findings`].
#[derive(Debug, Clone, PartialEq)]
pub struct Totals<'a> {
    /// What the data allow.
    pub data_tier: i16,
    /// The analyzers that ran.
    pub analyzers_run: &'a [String],
    /// What the sums are in.
    pub currency: Option<&'a str>,
    /// Rows read.
    pub rows_read: i64,
    /// Rows used.
    pub rows_used: i64,
    /// What was planned.
    pub planned_cost: Option<Decimal>,
    /// What it cost.
    pub actual_cost: Option<Decimal>,
    /// The difference.
    pub variance: Option<Decimal>,
    /// What findings explain of it.
    pub explained: Option<Decimal>,
    /// What they do not.
    pub remainder: Option<Decimal>,
    /// How many findings.
    pub findings: i64,
    /// What is shown but not queried.
    pub document: &'a Value,
    /// Where more of it lies.
    pub document_key: Option<&'a str>,
}

/// The run is done; where results are reviewed, it waits for the review. False if it had ended before.
pub async fn complete(tx: &mut Tx, id: AnalysisId, totals: &Totals<'_>) -> Result<bool> {
    let done = sqlx::query(
        "UPDATE tenant.analyses SET state = CASE WHEN o.reviewed THEN 'in_review' ELSE 'completed' END,
            finished_at = CASE WHEN o.reviewed THEN NULL ELSE clock_timestamp() END, reason = NULL, data_tier = $2,
            analyzers_run = $3, currency = $4, rows_read = $5, rows_used = $6, planned_cost = $7, actual_cost = $8, variance = $9,
            explained = $10, remainder = $11, findings = $12, document = $13, document_key = $14
         FROM tenant.orgs o
         WHERE o.org_id = analyses.org_id AND id = $1 AND analyses.state IN ('queued', 'running')",
    )
    .bind(id.0)
    .bind(totals.data_tier)
    .bind(totals.analyzers_run)
    .bind(totals.currency)
    .bind(totals.rows_read)
    .bind(totals.rows_used)
    .bind(totals.planned_cost)
    .bind(totals.actual_cost)
    .bind(totals.variance)
    .bind(totals.explained)
    .bind(totals.remainder)
    .bind(totals.findings)
    .bind(Document(totals.document))
    .bind(totals.document_key)
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Lets everybody of the organisation see a result that was reviewed. False if it does not wait for a review.
pub async fn publish(tx: &mut Tx, id: AnalysisId) -> Result<bool> {
    let done = sqlx::query(
        "UPDATE tenant.analyses SET state = 'completed', finished_at = clock_timestamp() WHERE id = $1 AND state = 'in_review'",
    )
    .bind(id.0)
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected() == 1)
}

/// The run did not work. False if it had ended before.
pub async fn fail(tx: &mut Tx, id: AnalysisId, reason: &str) -> Result<bool> {
    end(tx, id, AnalysisState::Failed, Some(reason)).await
}

/// Somebody took the run back. False if it had ended before.
pub async fn cancel(tx: &mut Tx, id: AnalysisId) -> Result<bool> {
    end(tx, id, AnalysisState::Cancelled, None).await
}

async fn end(tx: &mut Tx, id: AnalysisId, state: AnalysisState, reason: Option<&str>) -> Result<bool> {
    let done = sqlx::query(
        "UPDATE tenant.analyses SET state = $2, finished_at = clock_timestamp(), reason = $3
         WHERE id = $1 AND state IN ('queued', 'running')",
    )
    .bind(id.0)
    .bind(state.name())
    .bind(reason.map(|reason| plain_prefix(reason, 2000)))
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Removes an ended run with its findings. A run that another one repeats stays: [`crate::Error::Reference`].
pub async fn delete(tx: &mut Tx, id: AnalysisId) -> Result<bool> {
    let done =
        sqlx::query("DELETE FROM tenant.analyses WHERE id = $1 AND state NOT IN ('queued', 'running')")
            .bind(id.0)
            .execute(tx.conn())
            .await?;
    Ok(done.rows_affected() == 1)
}
