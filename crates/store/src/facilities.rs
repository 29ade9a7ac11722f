//! Plants of the organisation.

use crate::column::{Stamp, plain, record};
use crate::error::Result;
use crate::page::{Cursor, Listing, Page};
use crate::tx::Tx;
use domain::id::FacilityId;
use jiff::Timestamp;

record! {
    /// A plant.
    Facility {
        /// Which one.
        id: FacilityId,
        /// Its name.
        name: String,
        /// What the customer's files call it.
        code: Option<String>,
        /// Where its shifts begin.
        time_zone: String,
        /// What it reckons in.
        currency: String,
        /// Since when it is hidden.
        archived_at: Option<Timestamp>,
        /// For `If-Match`.
        version: i64,
        /// When it was made.
        created_at: Timestamp,
        /// When it last changed.
        updated_at: Timestamp,
    }
}

/// What people say about a plant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FacilityForm<'a> {
    /// Its name, once among those not archived.
    pub name: &'a str,
    /// What the customer's files call it.
    pub code: Option<&'a str>,
    /// An IANA name.
    pub time_zone: &'a str,
    /// Three capital letters.
    pub currency: &'a str,
}

/// The plant of this id.
pub async fn get(tx: &mut Tx, id: FacilityId) -> Result<Option<Facility>> {
    Ok(sqlx::query_as("SELECT * FROM tenant.facilities WHERE id = $1")
        .bind(id.0)
        .fetch_optional(tx.conn())
        .await?)
}

/// All plants by name; an organisation has at most hundreds.
pub async fn list(tx: &mut Tx, archived_too: bool) -> Result<Vec<Facility>> {
    Ok(sqlx::query_as(
        "SELECT * FROM tenant.facilities WHERE $1 OR archived_at IS NULL ORDER BY lower(name), id LIMIT 2000",
    )
    .bind(archived_too)
    .fetch_all(tx.conn())
    .await?)
}

/// A part of the plants, newest first.
pub async fn page(tx: &mut Tx, archived_too: bool, page: Page) -> Result<Listing<Facility>> {
    let rows: Vec<Facility> = sqlx::query_as(
        "SELECT * FROM tenant.facilities WHERE ($1 OR archived_at IS NULL)
            AND ($2::timestamptz IS NULL OR (created_at, id) < ($2, $3)) ORDER BY created_at DESC, id DESC LIMIT $4",
    )
    .bind(archived_too)
    .bind(page.after_at())
    .bind(page.after_id())
    .bind(page.fetch())
    .fetch_all(tx.conn())
    .await?;
    Ok(page.listing(rows, |row| Cursor { at: row.created_at, id: row.id.0 }))
}

/// A new plant.
pub async fn insert(tx: &mut Tx, id: FacilityId, form: &FacilityForm<'_>) -> Result<Facility> {
    Ok(sqlx::query_as(
        "INSERT INTO tenant.facilities (org_id, id, name, code, time_zone, currency) VALUES ($1, $2, $3, $4, $5, $6)
         RETURNING *",
    )
    .bind(tx.org_uuid())
    .bind(id.0)
    .bind(plain(form.name))
    .bind(form.code.map(plain))
    .bind(form.time_zone)
    .bind(form.currency)
    .fetch_one(tx.conn())
    .await?)
}

/// Changes a plant, if nobody did since `version`.
pub async fn update(
    tx: &mut Tx,
    id: FacilityId,
    version: i64,
    form: &FacilityForm<'_>,
) -> Result<Option<Facility>> {
    Ok(sqlx::query_as(
        "UPDATE tenant.facilities SET name = $3, code = $4, time_zone = $5, currency = $6
         WHERE id = $1 AND version = $2 RETURNING *",
    )
    .bind(id.0)
    .bind(version)
    .bind(plain(form.name))
    .bind(form.code.map(plain))
    .bind(form.time_zone)
    .bind(form.currency)
    .fetch_optional(tx.conn())
    .await?)
}

/// Hides a plant (an instant) or shows it again (none). What belongs to it stays.
pub async fn set_archived(tx: &mut Tx, id: FacilityId, since: Option<Timestamp>) -> Result<bool> {
    let done = sqlx::query("UPDATE tenant.facilities SET archived_at = $2 WHERE id = $1")
        .bind(id.0)
        .bind(since.map(Stamp))
        .execute(tx.conn())
        .await?;
    Ok(done.rows_affected() == 1)
}

/// Removes a plant that nothing belongs to; otherwise [`crate::Error::Reference`].
pub async fn delete(tx: &mut Tx, id: FacilityId) -> Result<bool> {
    let done =
        sqlx::query("DELETE FROM tenant.facilities WHERE id = $1").bind(id.0).execute(tx.conn()).await?;
    Ok(done.rows_affected() == 1)
}
