//! Answers of the assistant that belong to the report of an analysis. Rows are copies that the server makes of messages.

use crate::column::{Document, plain_prefix, record};
use crate::error::Result;
use crate::tx::Tx;
use domain::id::{AnalysisId, ConversationId, UserId};
use jiff::Timestamp;
use serde_json::Value;
use uuid::Uuid;

record! {
    /// An answer in a report.
    ReportAnswer {
        /// Which one.
        id: Uuid,
        /// In the report of which analysis.
        analysis_id: AnalysisId,
        /// Where it was said; that conversation may be gone.
        conversation_id: ConversationId,
        /// Its number there.
        number: i64,
        /// What was asked.
        question: String,
        /// What was answered.
        body: String,
        /// The answer whole.
        document: Value,
        /// Who put it there.
        added_by: Option<UserId>,
        /// When.
        created_at: Timestamp,
    }
}

/// What a new one needs.
#[derive(Debug, Clone, PartialEq)]
pub struct NewReportAnswer<'a> {
    /// Its id.
    pub id: Uuid,
    /// In the report of which analysis.
    pub analysis: AnalysisId,
    /// Where it was said, and its number there.
    pub said: (ConversationId, i64),
    /// What was asked.
    pub question: &'a str,
    /// What was answered.
    pub body: &'a str,
    /// The answer whole.
    pub document: &'a Value,
}

/// The answers in the report of an analysis, in the order in which they were put there.
pub async fn list(tx: &mut Tx, analysis: AnalysisId) -> Result<Vec<ReportAnswer>> {
    let all = sqlx::query_as(
        "SELECT * FROM tenant.report_answers WHERE analysis_id = $1 ORDER BY created_at, id LIMIT 200",
    );
    Ok(all.bind(analysis.0).fetch_all(tx.conn()).await?)
}

/// Those of a conversation that are in a report.
pub async fn of_conversation(tx: &mut Tx, id: ConversationId) -> Result<Vec<ReportAnswer>> {
    let all = sqlx::query_as(
        "SELECT * FROM tenant.report_answers WHERE conversation_id = $1 ORDER BY number LIMIT 500",
    );
    Ok(all.bind(id.0).fetch_all(tx.conn()).await?)
}

/// One.
pub async fn get(tx: &mut Tx, id: Uuid) -> Result<Option<ReportAnswer>> {
    let one = sqlx::query_as("SELECT * FROM tenant.report_answers WHERE id = $1").bind(id);
    Ok(one.fetch_optional(tx.conn()).await?)
}

/// Puts an answer into the report of its analysis; none if it is there already.
pub async fn insert(
    tx: &mut Tx,
    new: &NewReportAnswer<'_>,
    by: Option<UserId>,
) -> Result<Option<ReportAnswer>> {
    let made = sqlx::query_as(
        "INSERT INTO tenant.report_answers (org_id, id, analysis_id, conversation_id, number, question, body, document, added_by)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (org_id, conversation_id, number) DO NOTHING RETURNING *",
    )
    .bind(tx.org_uuid())
    .bind(new.id)
    .bind(new.analysis.0)
    .bind(new.said.0.0)
    .bind(new.said.1)
    .bind(plain_prefix(new.question, 32_768))
    .bind(plain_prefix(new.body, 32_768))
    .bind(Document(new.document))
    .bind(by.map(|by| by.0));
    Ok(made.fetch_optional(tx.conn()).await?)
}

/// Takes one out.
pub async fn delete(tx: &mut Tx, id: Uuid) -> Result<bool> {
    let done =
        sqlx::query("DELETE FROM tenant.report_answers WHERE id = $1").bind(id).execute(tx.conn()).await?;
    Ok(done.rows_affected() == 1)
}
