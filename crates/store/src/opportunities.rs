//! Accepted findings as savings: what was promised, what was done, and what later uploads say of it. Where one stands with
//! the people is in [`crate::findings::status`].

use crate::column::{Day, Document, plain, plain_prefix, record, words};
use crate::error::Result;
use crate::findings::status::Status;
use crate::tx::Tx;
use domain::id::{AnalysisId, FacilityId, UserId};
use jiff::Timestamp;
use jiff::civil::Date;
use rust_decimal::Decimal;
use serde_json::Value;
use sqlx::AssertSqlSafe;

words! {
    /// What later data said.
    Verdict {
        /// The whole interval is a saving.
        Verified = "verified",
        /// Nothing was saved.
        Refuted = "refuted",
        /// Too little data since, or both are possible.
        NotYet = "not_yet",
    }
}

record! {
    /// An accepted finding, with where it stands.
    Opportunity {
        /// The finding's stable key.
        key: String,
        /// Of which plant.
        facility_id: Option<FacilityId>,
        /// The finding in one line, as it was accepted.
        title: String,
        /// What kind of finding.
        type_: String,
        /// What it is about.
        entities: Value,
        /// Since when.
        problem_since: Option<Date>,
        /// What the sums are in.
        currency: Option<String>,
        /// What could be had in a year.
        promised: Option<Decimal>,
        /// When something was done.
        acted_on: Option<Date>,
        /// What people noted.
        notes: String,
        /// What later data said.
        verdict: Option<Verdict>,
        /// What is saved: money, hours, days.
        unit: Option<String>,
        /// Since the action.
        saved: Option<Decimal>,
        /// In a year.
        saved_a_year: Option<Decimal>,
        /// At least.
        saved_a_year_low: Option<Decimal>,
        /// At most.
        saved_a_year_high: Option<Decimal>,
        /// How it was measured.
        verification: Value,
        /// The analysis that measured it.
        verified_by: Option<AnalysisId>,
        /// When.
        verified_at: Option<Timestamp>,
        /// When it was accepted.
        created_at: Timestamp,
        /// Where it stands.
        status: Status,
        /// Who works on it.
        owner_id: Option<UserId>,
        /// By when.
        due_on: Option<Date>,
        /// What a person says was had.
        captured: Option<Decimal>,
    }
}

/// A finding that is accepted.
#[derive(Debug, Clone, PartialEq)]
pub struct NewOpportunity<'a> {
    pub key: &'a str,
    pub facility: Option<FacilityId>,
    pub title: &'a str,
    pub type_: &'a str,
    pub entities: &'a Value,
    pub problem_since: Option<Date>,
    pub currency: Option<&'a str>,
    pub promised: Option<Decimal>,
}

const WITH_STATUS: &str = "SELECT o.*, s.status, s.owner_id, s.due_on, s.captured FROM tenant.opportunities o
    JOIN tenant.finding_status s ON s.org_id = o.org_id AND s.key = o.key";

/// The one of this finding.
pub async fn get(tx: &mut Tx, key: &str) -> Result<Option<Opportunity>> {
    Ok(sqlx::query_as(AssertSqlSafe(format!("{WITH_STATUS} WHERE o.key = $1")))
        .bind(plain(key))
        .fetch_optional(tx.conn())
        .await?)
}

/// All of them, the latest accepted first.
pub async fn list(tx: &mut Tx) -> Result<Vec<Opportunity>> {
    Ok(sqlx::query_as(AssertSqlSafe(format!("{WITH_STATUS} ORDER BY o.created_at DESC, o.key LIMIT 1000")))
        .fetch_all(tx.conn())
        .await?)
}

/// Those of a plant that something was done about: what an analysis of it can measure.
pub async fn acted_on(tx: &mut Tx, facility: Option<FacilityId>) -> Result<Vec<Opportunity>> {
    Ok(sqlx::query_as(AssertSqlSafe(format!(
        "{WITH_STATUS} WHERE o.acted_on IS NOT NULL AND o.facility_id IS NOT DISTINCT FROM $1
            AND s.status IN ('in_progress', 'done', 'verified', 'not_confirmed') ORDER BY o.key LIMIT 200"
    )))
    .bind(facility.map(|id| id.0))
    .fetch_all(tx.conn())
    .await?)
}

/// A finding was accepted; one that was accepted before keeps what was promised then.
pub async fn insert(tx: &mut Tx, new: &NewOpportunity<'_>) -> Result<()> {
    sqlx::query(
        "INSERT INTO tenant.opportunities (org_id, key, facility_id, title, type, entities, problem_since, currency, promised)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (org_id, key) DO NOTHING",
    )
    .bind(tx.org_uuid())
    .bind(plain(new.key))
    .bind(new.facility.map(|id| id.0))
    .bind(plain_prefix(new.title, 1000))
    .bind(plain_prefix(new.type_, 60))
    .bind(Document(new.entities))
    .bind(new.problem_since.map(Day))
    .bind(new.currency)
    .bind(new.promised)
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// What people say was done, and noted.
pub async fn update(tx: &mut Tx, key: &str, acted_on: Option<Date>, notes: &str) -> Result<bool> {
    let done = sqlx::query("UPDATE tenant.opportunities SET acted_on = $2, notes = $3 WHERE key = $1")
        .bind(plain(key))
        .bind(acted_on.map(Day))
        .bind(plain_prefix(notes, 4000))
        .execute(tx.conn())
        .await?;
    Ok(done.rows_affected() == 1)
}

/// What an analysis measured.
#[derive(Debug, Clone, PartialEq)]
pub struct Measured<'a> {
    pub verdict: Verdict,
    pub unit: &'a str,
    pub saved: Option<Decimal>,
    /// Point, low, high.
    pub saved_a_year: [Option<Decimal>; 3],
    pub verification: &'a Value,
    pub by: AnalysisId,
}

/// Keeps what an analysis measured; a later one replaces it.
pub async fn set_verification(tx: &mut Tx, key: &str, measured: &Measured<'_>) -> Result<bool> {
    let [point, low, high] = measured.saved_a_year;
    let done = sqlx::query(
        "UPDATE tenant.opportunities SET verdict = $2, unit = $3, saved = $4, saved_a_year = $5, saved_a_year_low = $6,
            saved_a_year_high = $7, verification = $8, verified_by = $9, verified_at = clock_timestamp() WHERE key = $1",
    )
    .bind(plain(key))
    .bind(measured.verdict.name())
    .bind(measured.unit)
    .bind(measured.saved)
    .bind(point)
    .bind(low)
    .bind(high)
    .bind(Document(measured.verification))
    .bind(measured.by.0)
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected() == 1)
}

record! {
    /// What the operator agreed with the organisation.
    Pilot {
        /// What it should save.
        savings_target: Decimal,
        /// Until when.
        pilot_ends_on: Option<Date>,
    }
}

/// The target of the organisation's pilot, where the operator set one.
pub async fn pilot(tx: &mut Tx) -> Result<Option<Pilot>> {
    Ok(sqlx::query_as("SELECT * FROM tenant.pilot_target()").fetch_optional(tx.conn()).await?)
}
