//! The look of a reviewer at an analysis before the customer sees it.

use crate::column::{Document, Stamp, plain_prefix, record, words};
use crate::error::Result;
use crate::tx::Tx;
use domain::id::{AnalysisId, UserId};
use jiff::Timestamp;
use serde_json::Value;

words! {
    /// Where a review stands.
    ReviewState {
        /// It waits for a reviewer.
        Pending = "pending",
        /// A reviewer has it.
        InReview = "in_review",
        /// It is found good.
        Approved = "approved",
        /// The customer sees it.
        Published = "published",
    }
}

record! {
    /// A review.
    Review {
        /// Of which analysis.
        analysis_id: AnalysisId,
        /// Where it stands.
        state: ReviewState,
        /// Who has it.
        reviewer_id: Option<UserId>,
        /// What was ticked.
        checklist: Value,
        /// Notes that the customer does not see.
        notes: String,
        /// When the customer saw it first.
        published_at: Option<Timestamp>,
        /// For `If-Match`.
        version: i64,
        /// When it began to wait.
        created_at: Timestamp,
        /// When it last changed.
        updated_at: Timestamp,
    }
}

/// The review of an analysis.
pub async fn get(tx: &mut Tx, analysis: AnalysisId) -> Result<Option<Review>> {
    Ok(sqlx::query_as("SELECT * FROM tenant.reviews WHERE analysis_id = $1")
        .bind(analysis.0)
        .fetch_optional(tx.conn())
        .await?)
}

/// What the reviewer of the newest other result that was published noted; nothing where nobody noted anything.
pub async fn last_notes(tx: &mut Tx, analysis: AnalysisId) -> Result<Option<String>> {
    Ok(sqlx::query_scalar(
        "SELECT notes FROM tenant.reviews WHERE analysis_id <> $1 AND published_at IS NOT NULL AND notes <> ''
         ORDER BY published_at DESC, analysis_id LIMIT 1",
    )
    .bind(analysis.0)
    .fetch_optional(tx.conn())
    .await?)
}

/// Reviews in a state, the one that has waited longest first.
pub async fn list(tx: &mut Tx, state: ReviewState) -> Result<Vec<Review>> {
    Ok(sqlx::query_as(
        "SELECT * FROM tenant.reviews WHERE state = $1 ORDER BY created_at, analysis_id LIMIT 1000",
    )
    .bind(state.name())
    .fetch_all(tx.conn())
    .await?)
}

/// Puts an analysis into the queue of the reviewers.
pub async fn insert(tx: &mut Tx, analysis: AnalysisId) -> Result<()> {
    sqlx::query("INSERT INTO tenant.reviews (org_id, analysis_id, state) VALUES ($1, $2, 'pending')")
        .bind(tx.org_uuid())
        .bind(analysis.0)
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// What a reviewer says.
#[derive(Debug, Clone, PartialEq)]
pub struct ReviewForm<'a> {
    /// Where it stands now.
    pub state: ReviewState,
    /// Who has it.
    pub reviewer: Option<UserId>,
    /// What was ticked.
    pub checklist: &'a Value,
    /// Notes.
    pub notes: &'a str,
    /// Now.
    pub now: Timestamp,
}

/// Changes a review, if nobody did since `version`.
pub async fn update(
    tx: &mut Tx,
    analysis: AnalysisId,
    version: i64,
    form: &ReviewForm<'_>,
) -> Result<Option<Review>> {
    Ok(sqlx::query_as(
        "UPDATE tenant.reviews SET state = $3, reviewer_id = $4, checklist = $5, notes = $6,
            published_at = CASE WHEN $3 = 'published' THEN coalesce(published_at, $7) ELSE published_at END
         WHERE analysis_id = $1 AND version = $2 RETURNING *",
    )
    .bind(analysis.0)
    .bind(version)
    .bind(form.state.name())
    .bind(form.reviewer.map(|user| user.0))
    .bind(Document(form.checklist))
    .bind(plain_prefix(form.notes, 20_000))
    .bind(Stamp(form.now))
    .fetch_optional(tx.conn())
    .await?)
}

record! {
    /// What a reviewer changed of a finding.
    Edit {
        /// Of which finding, by the key that stays.
        key: String,
        /// Whether the customer does not see it.
        hidden: bool,
        /// Another title; empty for the computed one.
        title: String,
        /// What the reviewer says beside it.
        note: String,
        /// When it last changed.
        updated_at: Timestamp,
    }
}

/// What a reviewer changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NewEdit<'a> {
    /// Of which finding, by the key that stays.
    pub key: &'a str,
    /// Whether the customer does not see it.
    pub hidden: bool,
    /// Another title; empty for the computed one.
    pub title: &'a str,
    /// What the reviewer says beside it.
    pub note: &'a str,
}

/// What was changed of an analysis' findings.
pub async fn edits(tx: &mut Tx, analysis: AnalysisId) -> Result<Vec<Edit>> {
    Ok(sqlx::query_as("SELECT * FROM tenant.review_edits WHERE analysis_id = $1 ORDER BY key")
        .bind(analysis.0)
        .fetch_all(tx.conn())
        .await?)
}

/// Changes how a finding is shown.
pub async fn put_edit(tx: &mut Tx, analysis: AnalysisId, edit: &NewEdit<'_>) -> Result<()> {
    sqlx::query(
        "INSERT INTO tenant.review_edits (org_id, analysis_id, key, hidden, title, note, edited_by)
         VALUES ($1, $2, $3, $4, $5, $6, $7)
         ON CONFLICT (org_id, analysis_id, key) DO UPDATE SET hidden = EXCLUDED.hidden, title = EXCLUDED.title,
            note = EXCLUDED.note, edited_by = EXCLUDED.edited_by",
    )
    .bind(tx.org_uuid())
    .bind(analysis.0)
    .bind(edit.key)
    .bind(edit.hidden)
    .bind(plain_prefix(edit.title, 500))
    .bind(plain_prefix(edit.note, 4000))
    .bind(tx.user_uuid())
    .execute(tx.conn())
    .await?;
    Ok(())
}
