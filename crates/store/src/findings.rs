//! What an analysis found: columns for what is asked for, one document for what is shown, the rows it rests on.
//! What people decided about a finding is in [`status`], under a key that outlives a re-run.

pub mod status;

use crate::column::{Day, Document, plain, plain_prefix, record};
use crate::error::Result;
use crate::page::LIMIT_MAX;
use crate::tx::Tx;
use domain::id::{AnalysisId, FileId, FindingId};
use jiff::civil::Date;
use rust_decimal::Decimal;
use serde_json::Value;
use uuid::Uuid;

record! {
    /// A finding.
    Finding {
        /// Which one, of this run.
        id: FindingId,
        /// Of which run.
        analysis_id: AnalysisId,
        /// The id that stays when the analysis is run again.
        key: String,
        /// Its place among the findings of the run.
        position: i64,
        /// What kind of finding.
        type_: String,
        /// Who found it.
        analyzer: String,
        /// In one line.
        title: String,
        /// How much it matters, 0 to 100.
        priority: i16,
        /// How good the evidence is.
        grade: String,
        /// What the sums are in.
        currency: Option<String>,
        /// The money.
        impact: Option<Decimal>,
        /// At least.
        impact_low: Option<Decimal>,
        /// At most.
        impact_high: Option<Decimal>,
        /// In a year.
        annualized: Option<Decimal>,
        /// What could be had of it.
        addressable: Option<Decimal>,
        /// The size of the effect.
        effect: Option<f64>,
        /// At least.
        effect_low: Option<f64>,
        /// At most.
        effect_high: Option<f64>,
        /// How likely by chance.
        p: Option<f64>,
        /// The same, held against all that was tested.
        q: Option<f64>,
        /// On how many independent units.
        units: i64,
        /// Since when.
        start_on: Option<Date>,
        /// All of it.
        document: Value,
    }
}

record! {
    /// A row of a customer's file that a finding rests on.
    Evidence {
        /// Its place.
        position: i64,
        /// The file.
        file_id: Option<FileId>,
        /// The file's name.
        file_name: String,
        /// The row in the file as the customer counts.
        file_row: i64,
        /// What stands there, as far as it was kept.
        cells: Value,
    }
}

/// A finding to be stored.
#[derive(Debug, Clone, PartialEq)]
pub struct NewFinding {
    /// Its id.
    pub id: FindingId,
    /// The id that stays.
    pub key: String,
    /// What kind of finding.
    pub type_: String,
    /// Who found it.
    pub analyzer: String,
    /// In one line.
    pub title: String,
    /// How much it matters, 0 to 100.
    pub priority: i16,
    /// How good the evidence is.
    pub grade: String,
    /// What the sums are in.
    pub currency: Option<String>,
    /// The money.
    pub impact: Option<Decimal>,
    /// At least.
    pub impact_low: Option<Decimal>,
    /// At most.
    pub impact_high: Option<Decimal>,
    /// In a year.
    pub annualized: Option<Decimal>,
    /// What could be had of it.
    pub addressable: Option<Decimal>,
    /// The size of the effect.
    pub effect: Option<f64>,
    /// At least.
    pub effect_low: Option<f64>,
    /// At most.
    pub effect_high: Option<f64>,
    /// How likely by chance.
    pub p: Option<f64>,
    /// The same, held against all that was tested.
    pub q: Option<f64>,
    /// On how many independent units.
    pub units: i64,
    /// Since when.
    pub start_on: Option<Date>,
    /// Whom it is about: field and value, the first one first.
    pub entities: Vec<(String, String)>,
    /// All of it.
    pub document: Value,
    /// The rows it rests on.
    pub evidence: Vec<NewEvidence>,
}

/// A row to be stored with a finding.
#[derive(Debug, Clone, PartialEq)]
pub struct NewEvidence {
    /// The file, where it is known.
    pub file: Option<FileId>,
    /// The file's name.
    pub file_name: String,
    /// The row as the customer counts.
    pub file_row: i64,
    /// What stands there.
    pub cells: Value,
}

/// Stores the findings of a run, in their order; what a vanished worker stored before is replaced. Each gets the status "new"
/// unless people have decided about its key already. Returns how many.
pub async fn replace_all(tx: &mut Tx, analysis: AnalysisId, findings: &[NewFinding]) -> Result<i64> {
    sqlx::query("DELETE FROM tenant.findings WHERE analysis_id = $1")
        .bind(analysis.0)
        .execute(tx.conn())
        .await?;
    for (position, finding) in findings.iter().enumerate() {
        insert(tx, analysis, position as i64, finding).await?;
    }
    Ok(findings.len() as i64)
}

async fn insert(tx: &mut Tx, analysis: AnalysisId, position: i64, new: &NewFinding) -> Result<()> {
    sqlx::query(
        "INSERT INTO tenant.findings (org_id, id, analysis_id, key, position, type, analyzer, title, priority, grade, currency,
            impact, impact_low, impact_high, annualized, addressable, effect, effect_low, effect_high, p, q, units, start_on,
            document)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24)",
    )
    .bind(tx.org_uuid())
    .bind(new.id.0)
    .bind(analysis.0)
    .bind(plain(&new.key))
    .bind(position)
    .bind(&new.type_)
    .bind(&new.analyzer)
    .bind(plain_prefix(&new.title, 1000))
    .bind(new.priority)
    .bind(&new.grade)
    .bind(new.currency.as_deref())
    .bind(new.impact)
    .bind(new.impact_low)
    .bind(new.impact_high)
    .bind(new.annualized)
    .bind(new.addressable)
    .bind(new.effect)
    .bind(new.effect_low)
    .bind(new.effect_high)
    .bind(new.p)
    .bind(new.q)
    .bind(new.units)
    .bind(new.start_on.map(Day))
    .bind(Document(&new.document))
    .execute(tx.conn())
    .await?;
    sqlx::query(
        "INSERT INTO tenant.finding_entities (org_id, finding_id, position, field, value)
         SELECT $1, $2, place - 1, field, value FROM unnest($3::text[], $4::text[]) WITH ORDINALITY AS given (field, value, place)",
    )
    .bind(tx.org_uuid())
    .bind(new.id.0)
    .bind(new.entities.iter().map(|(field, _)| plain_prefix(field, 100)).collect::<Vec<_>>())
    .bind(new.entities.iter().map(|(_, value)| plain_prefix(value, 1000)).collect::<Vec<_>>())
    .execute(tx.conn())
    .await?;
    let cells: Value = new.evidence.iter().map(|row| row.cells.clone()).collect();
    sqlx::query(
        "INSERT INTO tenant.finding_evidence (org_id, finding_id, position, file_id, file_name, file_row, cells)
         SELECT $1, $2, place - 1, file, name, row_number, coalesce($6::jsonb -> (place - 1)::int, '{}')
         FROM unnest($3::uuid[], $4::text[], $5::bigint[]) WITH ORDINALITY AS given (file, name, row_number, place)",
    )
    .bind(tx.org_uuid())
    .bind(new.id.0)
    .bind(new.evidence.iter().map(|row| row.file.map(|file| file.0)).collect::<Vec<Option<Uuid>>>())
    .bind(new.evidence.iter().map(|row| plain_prefix(&row.file_name, 255)).collect::<Vec<_>>())
    .bind(new.evidence.iter().map(|row| row.file_row).collect::<Vec<_>>())
    .bind(Document(&cells))
    .execute(tx.conn())
    .await?;
    status::insert_new(tx, &new.key, new.currency.as_deref(), new.addressable).await
}

/// The finding of this id.
pub async fn get(tx: &mut Tx, id: FindingId) -> Result<Option<Finding>> {
    Ok(sqlx::query_as("SELECT * FROM tenant.findings WHERE id = $1")
        .bind(id.0)
        .fetch_optional(tx.conn())
        .await?)
}

/// The finding of a run with this key: what became of a finding in another run.
pub async fn get_by_key(tx: &mut Tx, analysis: AnalysisId, key: &str) -> Result<Option<Finding>> {
    Ok(sqlx::query_as("SELECT * FROM tenant.findings WHERE analysis_id = $1 AND key = $2")
        .bind(analysis.0)
        .bind(plain(key))
        .fetch_optional(tx.conn())
        .await?)
}

record! {
    /// A finding as one of the runs that made it saw it.
    Sighting {
        /// The run.
        analysis_id: AnalysisId,
        /// What people call the run.
        analysis_name: String,
        /// When it ended.
        finished_at: jiff::Timestamp,
        /// What the sums are in.
        currency: Option<String>,
        /// The money.
        impact: Option<Decimal>,
        /// In a year.
        annualized: Option<Decimal>,
        /// The size of the effect.
        effect: Option<f64>,
        /// How good the evidence was.
        grade: String,
    }
}

/// The runs that made the finding of this key, newest first.
pub async fn sightings(tx: &mut Tx, key: &str) -> Result<Vec<Sighting>> {
    Ok(sqlx::query_as(
        "SELECT a.id AS analysis_id, a.name AS analysis_name, a.finished_at, f.currency, f.impact, f.annualized, f.effect, f.grade
         FROM tenant.findings f JOIN tenant.analyses a ON a.org_id = f.org_id AND a.id = f.analysis_id
         WHERE f.key = $1 AND a.finished_at IS NOT NULL ORDER BY a.finished_at DESC, a.id DESC LIMIT 100",
    )
    .bind(plain(key))
    .fetch_all(tx.conn())
    .await?)
}

/// What a list is narrowed to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Of this kind.
    pub type_: Option<String>,
    /// About this: field and value.
    pub entity: Option<(String, String)>,
    /// After this place: where the next page begins.
    pub after_position: Option<i64>,
}

/// The findings of a run in their order. A next page asks with `after_position` of the last one.
pub async fn list(tx: &mut Tx, analysis: AnalysisId, filter: &Filter, limit: u32) -> Result<Vec<Finding>> {
    Ok(sqlx::query_as(
        "SELECT f.* FROM tenant.findings f WHERE f.analysis_id = $1 AND ($2::text IS NULL OR f.type = $2)
            AND ($3::text IS NULL OR EXISTS (SELECT 1 FROM tenant.finding_entities e
                WHERE e.org_id = f.org_id AND e.finding_id = f.id AND e.field = $3 AND e.value = $4))
            AND ($5::bigint IS NULL OR f.position > $5)
         ORDER BY f.position LIMIT $6",
    )
    .bind(analysis.0)
    .bind(filter.type_.as_deref().map(plain))
    .bind(filter.entity.as_ref().map(|(field, _)| plain(field)))
    .bind(filter.entity.as_ref().map(|(_, value)| plain(value)))
    .bind(filter.after_position)
    .bind(i64::from(limit.clamp(1, LIMIT_MAX)))
    .fetch_all(tx.conn())
    .await?)
}

/// The rows that a finding rests on, from a place on.
pub async fn evidence(tx: &mut Tx, id: FindingId, from: i64, limit: u32) -> Result<Vec<Evidence>> {
    Ok(sqlx::query_as(
        "SELECT * FROM tenant.finding_evidence WHERE finding_id = $1 AND position >= $2 ORDER BY position LIMIT $3",
    )
    .bind(id.0)
    .bind(from)
    .bind(i64::from(limit.clamp(1, 1001)))
    .fetch_all(tx.conn())
    .await?)
}

/// The findings of a run that no other run with a result has, the largest first.
pub async fn list_new(tx: &mut Tx, analysis: AnalysisId, limit: i64) -> Result<Vec<Finding>> {
    Ok(sqlx::query_as(
        "SELECT f.* FROM tenant.findings f WHERE f.analysis_id = $1 AND f.annualized IS NOT NULL AND NOT EXISTS (
            SELECT 1 FROM tenant.findings o JOIN tenant.analyses a ON a.org_id = o.org_id AND a.id = o.analysis_id
            WHERE o.key = f.key AND o.analysis_id <> f.analysis_id AND a.state = 'completed')
         ORDER BY f.annualized DESC, f.position LIMIT $2",
    )
    .bind(analysis.0)
    .bind(limit)
    .fetch_all(tx.conn())
    .await?)
}
