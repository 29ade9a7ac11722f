//! Analyzer settings of the organisation and of its plants, with every earlier state.

use crate::column::{Document, plain, plain_prefix, record};
use crate::error::Result;
use crate::tx::Tx;
use domain::id::{ConfigurationId, FacilityId, UserId};
use jiff::Timestamp;
use serde_json::Value;

record! {
    /// Settings.
    Configuration {
        /// Which ones.
        id: ConfigurationId,
        /// Of which plant; none is the organisation's.
        facility_id: Option<FacilityId>,
        /// What people call them.
        name: String,
        /// The preset that they began from, or `custom`.
        preset: String,
        /// The values.
        settings: Value,
        /// The number of this state in the history.
        number: i64,
        /// For `If-Match`.
        version: i64,
        /// When they were made.
        created_at: Timestamp,
        /// When they last changed.
        updated_at: Timestamp,
    }
}

record! {
    /// An earlier state.
    ConfigurationChange {
        /// Of which settings.
        configuration_id: ConfigurationId,
        /// Its number, from 1.
        number: i64,
        /// The preset.
        preset: String,
        /// The values.
        settings: Value,
        /// Why, in the words of who changed it.
        note: String,
        /// Who did.
        changed_by: Option<UserId>,
        /// When.
        created_at: Timestamp,
    }
}

/// What people set.
#[derive(Debug, Clone, PartialEq)]
pub struct ConfigurationForm<'a> {
    /// What people call them.
    pub name: &'a str,
    /// The preset.
    pub preset: &'a str,
    /// The values.
    pub settings: &'a Value,
    /// Why.
    pub note: &'a str,
}

/// The settings of this id.
pub async fn get(tx: &mut Tx, id: ConfigurationId) -> Result<Option<Configuration>> {
    Ok(sqlx::query_as("SELECT * FROM tenant.analyzer_configurations WHERE id = $1")
        .bind(id.0)
        .fetch_optional(tx.conn())
        .await?)
}

/// The settings that hold for a plant: its own, else the organisation's.
pub async fn get_for(tx: &mut Tx, facility: Option<FacilityId>) -> Result<Option<Configuration>> {
    Ok(sqlx::query_as(
        "SELECT * FROM tenant.analyzer_configurations WHERE facility_id = $1 OR facility_id IS NULL
         ORDER BY facility_id NULLS LAST LIMIT 1",
    )
    .bind(facility.map(|id| id.0))
    .fetch_optional(tx.conn())
    .await?)
}

/// All settings: the organisation's first.
pub async fn list(tx: &mut Tx) -> Result<Vec<Configuration>> {
    Ok(sqlx::query_as(
        "SELECT * FROM tenant.analyzer_configurations ORDER BY facility_id NULLS FIRST, lower(name), id LIMIT 2000",
    )
    .fetch_all(tx.conn())
    .await?)
}

/// New settings for the organisation or a plant that has none yet; otherwise [`crate::Error::Conflict`].
pub async fn insert(
    tx: &mut Tx,
    id: ConfigurationId,
    facility: Option<FacilityId>,
    form: &ConfigurationForm<'_>,
) -> Result<Configuration> {
    let made: Configuration = sqlx::query_as(
        "INSERT INTO tenant.analyzer_configurations (org_id, id, facility_id, name, preset, settings)
         VALUES ($1, $2, $3, $4, $5, $6) RETURNING *",
    )
    .bind(tx.org_uuid())
    .bind(id.0)
    .bind(facility.map(|id| id.0))
    .bind(plain(form.name))
    .bind(form.preset)
    .bind(Document(form.settings))
    .fetch_one(tx.conn())
    .await?;
    keep(tx, &made, form.note).await?;
    Ok(made)
}

/// Changes settings, if nobody did since `version`, and keeps the new state in the history.
pub async fn update(
    tx: &mut Tx,
    id: ConfigurationId,
    version: i64,
    form: &ConfigurationForm<'_>,
) -> Result<Option<Configuration>> {
    let changed: Option<Configuration> = sqlx::query_as(
        "UPDATE tenant.analyzer_configurations SET name = $3, preset = $4, settings = $5, number = number + 1
         WHERE id = $1 AND version = $2 RETURNING *",
    )
    .bind(id.0)
    .bind(version)
    .bind(plain(form.name))
    .bind(form.preset)
    .bind(Document(form.settings))
    .fetch_optional(tx.conn())
    .await?;
    if let Some(changed) = &changed {
        keep(tx, changed, form.note).await?;
    }
    Ok(changed)
}

/// The states of settings, newest first.
pub async fn history(tx: &mut Tx, id: ConfigurationId) -> Result<Vec<ConfigurationChange>> {
    Ok(sqlx::query_as(
        "SELECT * FROM tenant.configuration_history WHERE configuration_id = $1 ORDER BY number DESC LIMIT 500",
    )
    .bind(id.0)
    .fetch_all(tx.conn())
    .await?)
}

/// Removes settings with their history, unless an analysis refers to them: [`crate::Error::Reference`].
pub async fn delete(tx: &mut Tx, id: ConfigurationId) -> Result<bool> {
    let done = sqlx::query("DELETE FROM tenant.analyzer_configurations WHERE id = $1")
        .bind(id.0)
        .execute(tx.conn())
        .await?;
    Ok(done.rows_affected() == 1)
}

async fn keep(tx: &mut Tx, state: &Configuration, note: &str) -> Result<()> {
    sqlx::query(
        "INSERT INTO tenant.configuration_history (org_id, configuration_id, number, preset, settings, note, changed_by)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(tx.org_uuid())
    .bind(state.id.0)
    .bind(state.number)
    .bind(&state.preset)
    .bind(Document(&state.settings))
    .bind(plain_prefix(note, 2000))
    .bind(tx.user_uuid())
    .execute(tx.conn())
    .await?;
    Ok(())
}
