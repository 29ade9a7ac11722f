//! Saved mappings and their versions. A version is never changed; editing and restoring make a new one.

use crate::column::{Document, Stamp, plain, plain_prefix, record};
use crate::error::Result;
use crate::page::{Cursor, Listing, Page};
use crate::tx::Tx;
use domain::id::{ProfileId, UserId};
use jiff::Timestamp;
use serde_json::Value;

record! {
    /// A profile.
    Profile {
        /// Which one.
        id: ProfileId,
        /// What people call it; at most fifty characters.
        name: String,
        /// What it is for.
        description: String,
        /// The system whose exports it maps.
        source_system: String,
        /// By which it is found again when a file with the same header comes.
        header_signature: String,
        /// The headers it was made from, for finding one that nearly fits.
        headers: Vec<String>,
        /// Whether it is proposed.
        active: bool,
        /// Values of its variables, by name.
        variables: Value,
        /// The newest version.
        current_version: i64,
        /// How often it was used.
        used: i64,
        /// When it was last used.
        last_used_at: Option<Timestamp>,
        /// Who made it.
        created_by: Option<UserId>,
        /// For `If-Match`.
        version: i64,
        /// When it was made.
        created_at: Timestamp,
        /// When it last changed.
        updated_at: Timestamp,
    }
}

record! {
    /// How much of its columns a profile gives a meaning, and what became of the imports that it mapped.
    Record {
        /// Of which profile.
        profile_id: ProfileId,
        /// Columns of its newest version.
        columns: i64,
        /// Those that mean something.
        mapped: i64,
        /// Imports mapped by it that were analyzed to an end.
        analyzed: i64,
        /// Those of them of which an analysis worked.
        succeeded: i64,
    }
}

record! {
    /// A saved state of a profile.
    ProfileVersion {
        /// Of which profile.
        profile_id: ProfileId,
        /// Its number, from 1.
        number: i64,
        /// The version it was made from.
        parent: Option<i64>,
        /// What changed, in its author's words.
        note: String,
        /// The mapping.
        document: Value,
        /// Its author.
        created_by: Option<UserId>,
        /// When it was saved.
        created_at: Timestamp,
    }
}

/// What people say about a profile.
#[derive(Debug, Clone, PartialEq)]
pub struct ProfileForm<'a> {
    /// What people call it.
    pub name: &'a str,
    /// What it is for.
    pub description: &'a str,
    /// The system whose exports it maps.
    pub source_system: &'a str,
    /// Whether it is proposed.
    pub active: bool,
    /// Values of its variables, by name.
    pub variables: &'a Value,
}

/// A mapping to be saved, with the header it was made for.
#[derive(Debug, Clone, PartialEq)]
pub struct NewVersion<'a> {
    /// What changed.
    pub note: &'a str,
    /// The mapping.
    pub document: &'a Value,
    /// By which the profile is found again.
    pub header_signature: &'a str,
    /// The headers.
    pub headers: &'a [String],
}

/// The profile of this id.
pub async fn get(tx: &mut Tx, id: ProfileId) -> Result<Option<Profile>> {
    Ok(sqlx::query_as("SELECT * FROM tenant.mapping_profiles WHERE id = $1")
        .bind(id.0)
        .fetch_optional(tx.conn())
        .await?)
}

/// Active profiles for a header, the one used last first.
pub async fn list_by_signature(tx: &mut Tx, header_signature: &str) -> Result<Vec<Profile>> {
    Ok(sqlx::query_as(
        "SELECT * FROM tenant.mapping_profiles WHERE header_signature = $1 AND active
         ORDER BY coalesce(last_used_at, created_at) DESC, id DESC LIMIT 100",
    )
    .bind(plain(header_signature))
    .fetch_all(tx.conn())
    .await?)
}

/// Profiles whose name, description or system contains the words, newest first.
pub async fn list(tx: &mut Tx, search: Option<&str>, page: Page) -> Result<Listing<Profile>> {
    let items = sqlx::query_as(
        "SELECT * FROM tenant.mapping_profiles
         WHERE ($1::text IS NULL OR position(lower($1) IN lower(name || ' ' || description || ' ' || source_system)) > 0)
            AND ($2::timestamptz IS NULL OR (created_at, id) < ($2, $3))
         ORDER BY created_at DESC, id DESC LIMIT $4",
    )
    .bind(search.map(plain))
    .bind(page.after_at())
    .bind(page.after_id())
    .bind(page.fetch())
    .fetch_all(tx.conn())
    .await?;
    Ok(page.listing(items, |profile: &Profile| Cursor { at: profile.created_at, id: profile.id.0 }))
}

/// A new profile with its first version.
pub async fn insert(
    tx: &mut Tx,
    id: ProfileId,
    form: &ProfileForm<'_>,
    first: &NewVersion<'_>,
) -> Result<Profile> {
    sqlx::query(
        "INSERT INTO tenant.mapping_profiles (org_id, id, name, description, source_system, active, created_by, variables)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(tx.org_uuid())
    .bind(id.0)
    .bind(plain(form.name))
    .bind(plain(form.description))
    .bind(plain_prefix(form.source_system, 100))
    .bind(form.active)
    .bind(tx.user_uuid())
    .bind(form.variables)
    .execute(tx.conn())
    .await?;
    add_version(tx, id, None, None, first).await?;
    get(tx, id).await?.ok_or(crate::Error::Reference { constraint: "mapping_profiles".to_owned() })
}

/// Changes what people say about a profile, if nobody did since `version`.
pub async fn update(
    tx: &mut Tx,
    id: ProfileId,
    version: i64,
    form: &ProfileForm<'_>,
) -> Result<Option<Profile>> {
    Ok(sqlx::query_as(
        "UPDATE tenant.mapping_profiles SET name = $3, description = $4, source_system = $5, active = $6, variables = $7
         WHERE id = $1 AND version = $2 RETURNING *",
    )
    .bind(id.0)
    .bind(version)
    .bind(plain(form.name))
    .bind(plain(form.description))
    .bind(plain_prefix(form.source_system, 100))
    .bind(form.active)
    .bind(form.variables)
    .fetch_optional(tx.conn())
    .await?)
}

/// Saves a mapping as the newest version, and returns its number. With `expected`, only if that is still the newest; none if it
/// is not, or if there is no such profile. Restoring an old version is saving its document with it as the parent.
pub async fn add_version(
    tx: &mut Tx,
    id: ProfileId,
    expected: Option<i64>,
    parent: Option<i64>,
    new: &NewVersion<'_>,
) -> Result<Option<i64>> {
    // The update locks the profile, so two savers get two numbers.
    let number: Option<i64> = sqlx::query_scalar(
        "UPDATE tenant.mapping_profiles SET current_version = current_version + 1, header_signature = $3, headers = $4
         WHERE id = $1 AND ($2::bigint IS NULL OR current_version = $2) RETURNING current_version",
    )
    .bind(id.0)
    .bind(expected)
    .bind(plain_prefix(new.header_signature, 200))
    .bind(new.headers.iter().map(|header| plain(header)).collect::<Vec<_>>())
    .fetch_optional(tx.conn())
    .await?;
    let Some(number) = number else {
        return Ok(None);
    };
    sqlx::query(
        "INSERT INTO tenant.mapping_versions (org_id, profile_id, number, parent, note, document, created_by)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(tx.org_uuid())
    .bind(id.0)
    .bind(number)
    .bind(parent.or((number > 1).then_some(number - 1)))
    .bind(plain_prefix(new.note, 2000))
    .bind(Document(new.document))
    .bind(tx.user_uuid())
    .execute(tx.conn())
    .await?;
    Ok(Some(number))
}

/// One version of a profile.
pub async fn get_version(tx: &mut Tx, id: ProfileId, number: i64) -> Result<Option<ProfileVersion>> {
    Ok(sqlx::query_as("SELECT * FROM tenant.mapping_versions WHERE profile_id = $1 AND number = $2")
        .bind(id.0)
        .bind(number)
        .fetch_optional(tx.conn())
        .await?)
}

/// The versions of a profile, newest first.
pub async fn list_versions(tx: &mut Tx, id: ProfileId) -> Result<Vec<ProfileVersion>> {
    Ok(sqlx::query_as(
        "SELECT * FROM tenant.mapping_versions WHERE profile_id = $1 ORDER BY number DESC LIMIT 500",
    )
    .bind(id.0)
    .fetch_all(tx.conn())
    .await?)
}

/// The profile was used.
pub async fn count_use(tx: &mut Tx, id: ProfileId, now: Timestamp) -> Result<bool> {
    let done =
        sqlx::query("UPDATE tenant.mapping_profiles SET used = used + 1, last_used_at = $2 WHERE id = $1")
            .bind(id.0)
            .bind(Stamp(now))
            .execute(tx.conn())
            .await?;
    Ok(done.rows_affected() == 1)
}

/// What there is to say of profiles beside what stands in their rows.
pub async fn records(tx: &mut Tx, ids: &[ProfileId]) -> Result<Vec<Record>> {
    Ok(sqlx::query_as(
        "SELECT p.id AS profile_id, c.columns, c.mapped, i.analyzed, i.succeeded
         FROM tenant.mapping_profiles p
         CROSS JOIN LATERAL (
            SELECT count(*) AS columns, count(one ->> 'field') AS mapped
            FROM tenant.mapping_versions v
            CROSS JOIN LATERAL jsonb_array_elements(v.document -> 'tables') AS part
            CROSS JOIN LATERAL jsonb_array_elements(part -> 'columns') AS one
            WHERE v.org_id = p.org_id AND v.profile_id = p.id AND v.number = p.current_version
         ) c
         CROSS JOIN LATERAL (
            SELECT count(DISTINCT f.dataset_id) AS analyzed,
                count(DISTINCT f.dataset_id) FILTER (WHERE a.state IN ('completed', 'in_review')) AS succeeded
            FROM tenant.dataset_files f
            JOIN tenant.analysis_datasets d ON d.org_id = f.org_id AND d.dataset_id = f.dataset_id
            JOIN tenant.analyses a ON a.org_id = d.org_id AND a.id = d.analysis_id
                AND a.state IN ('completed', 'in_review', 'failed')
            WHERE f.org_id = p.org_id AND f.profile_id = p.id
         ) i
         WHERE p.id = ANY ($1) ORDER BY p.id",
    )
    .bind(ids.iter().map(|id| id.0).collect::<Vec<_>>())
    .fetch_all(tx.conn())
    .await?)
}

/// Removes a profile with its versions. Datasets that were mapped by it refer to it: [`crate::Error::Reference`]; set it inactive
/// instead.
pub async fn delete(tx: &mut Tx, id: ProfileId) -> Result<bool> {
    let done = sqlx::query("DELETE FROM tenant.mapping_profiles WHERE id = $1")
        .bind(id.0)
        .execute(tx.conn())
        .await?;
    Ok(done.rows_affected() == 1)
}
