//! What one import made of its files: how each was read and mapped, and where its table lies.

use crate::column::{Column, Document, plain, plain_prefix, record, words};
use crate::error::Result;
use crate::page::{Cursor, Listing, Page};
use crate::tx::Tx;
use domain::id::{DatasetId, FacilityId, FileId, ProfileId, UserId};
use jiff::Timestamp;
use serde_json::Value;
use sqlx::{FromRow, postgres::PgRow};

words! {
    /// Where an import stands.
    DatasetState {
        /// It waits for the worker.
        Queued = "queued",
        /// Its files are being read.
        Reading = "reading",
        /// It is read; the mapping is proposed and waits for a person.
        Mapping = "mapping",
        /// It can be analyzed.
        Ready = "ready",
        /// It could not be read, with a reason.
        Failed = "failed",
        /// Somebody removed it.
        Deleted = "deleted",
    }
}

words! {
    /// Where the mapping of a file stands.
    MappingState {
        /// There is none.
        None = "none",
        /// The program proposes it.
        Proposed = "proposed",
        /// A person confirmed it, or a profile did that a person had confirmed.
        Confirmed = "confirmed",
    }
}

record! {
    /// A dataset.
    Dataset {
        /// Which one; the batch id.
        id: DatasetId,
        /// Of which plant.
        facility_id: Option<FacilityId>,
        /// What people call it.
        name: String,
        /// Where it stands.
        state: DatasetState,
        /// Why it failed.
        reason: Option<String>,
        /// Rows of all files.
        rows: i64,
        /// Columns of all files.
        columns: i64,
        /// The system that wrote it, as recognised.
        source_system: String,
        /// What a row stands for.
        granularity: String,
        /// What else is shown of it.
        document: Value,
        /// The dataset whose place it takes.
        replaces_id: Option<DatasetId>,
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
    /// A file of a dataset.
    DatasetFile {
        /// The dataset.
        dataset_id: DatasetId,
        /// The file.
        file_id: FileId,
        /// The file's name.
        file_name: String,
        /// Its place in the dataset.
        position: i64,
        /// Rows as read.
        rows: i64,
        /// Columns as read.
        columns: i64,
        /// Where the table lies in the object store.
        table_key: Option<String>,
        /// Dialect, header, column profiles and issues.
        reading: Value,
        /// The mapping.
        mapping: Option<Value>,
        /// Where the mapping stands.
        mapping_state: MappingState,
        /// The profile that the mapping was taken from.
        profile_id: Option<ProfileId>,
        /// Which version of it.
        profile_number: Option<i64>,
        /// For `If-Match`.
        version: i64,
        /// When it last changed.
        updated_at: Timestamp,
    }
}

/// What a new dataset needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewDataset<'a> {
    /// Its id.
    pub id: DatasetId,
    /// What people call it.
    pub name: &'a str,
    /// Of which plant.
    pub facility: Option<FacilityId>,
    /// The dataset whose place it takes.
    pub replaces: Option<DatasetId>,
    /// Its files, in order.
    pub files: &'a [FileId],
}

/// The dataset of this id, unless it was removed.
pub async fn get(tx: &mut Tx, id: DatasetId) -> Result<Option<Dataset>> {
    Ok(sqlx::query_as("SELECT * FROM tenant.datasets WHERE id = $1 AND state <> 'deleted'")
        .bind(id.0)
        .fetch_optional(tx.conn())
        .await?)
}

/// Datasets, newest first; of one plant only, if asked.
pub async fn list(tx: &mut Tx, facility: Option<FacilityId>, page: Page) -> Result<Listing<Dataset>> {
    let items = sqlx::query_as(
        "SELECT * FROM tenant.datasets WHERE state <> 'deleted' AND ($1::uuid IS NULL OR facility_id = $1)
            AND ($2::timestamptz IS NULL OR (created_at, id) < ($2, $3))
         ORDER BY created_at DESC, id DESC LIMIT $4",
    )
    .bind(facility.map(|id| id.0))
    .bind(page.after_at())
    .bind(page.after_id())
    .bind(page.fetch())
    .fetch_all(tx.conn())
    .await?;
    Ok(page.listing(items, |dataset: &Dataset| Cursor { at: dataset.created_at, id: dataset.id.0 }))
}

/// The saved mappings that the files of these datasets were mapped by: dataset, profile and its name.
pub async fn profiles_of(tx: &mut Tx, ids: &[DatasetId]) -> Result<Vec<(DatasetId, ProfileId, String)>> {
    let ids: Vec<uuid::Uuid> = ids.iter().map(|id| id.0).collect();
    let rows: Vec<(uuid::Uuid, uuid::Uuid, String)> = sqlx::query_as(
        "SELECT DISTINCT f.dataset_id, p.id, p.name FROM tenant.dataset_files f
         JOIN tenant.mapping_profiles p ON p.org_id = f.org_id AND p.id = f.profile_id
         WHERE f.dataset_id = ANY ($1) ORDER BY f.dataset_id, p.name, p.id",
    )
    .bind(&ids)
    .fetch_all(tx.conn())
    .await?;
    Ok(rows.into_iter().map(|(id, profile, name)| (DatasetId(id), ProfileId(profile), name)).collect())
}

/// The newest files that were mapped by a saved mapping, each with the day of its upload; those of removed datasets are not
/// among them.
pub async fn files_of_profile(
    tx: &mut Tx,
    profile: ProfileId,
    limit: i64,
) -> Result<Vec<(Timestamp, DatasetFile)>> {
    let found = sqlx::query(
        "SELECT d.*, f.name AS file_name, s.created_at AS uploaded_at FROM tenant.dataset_files d
         JOIN tenant.datasets s ON s.org_id = d.org_id AND s.id = d.dataset_id
         JOIN tenant.files f ON f.org_id = d.org_id AND f.id = d.file_id
         WHERE d.profile_id = $1 AND s.state IN ('mapping', 'ready')
         ORDER BY s.created_at DESC, d.dataset_id, d.position LIMIT $2",
    )
    .bind(profile.0)
    .bind(limit)
    .fetch_all(tx.conn())
    .await?;
    let dated = |row: &PgRow| Ok((Timestamp::column(row, "uploaded_at")?, DatasetFile::from_row(row)?));
    found.iter().map(dated).collect()
}

/// The files of a dataset, in order.
pub async fn files(tx: &mut Tx, id: DatasetId) -> Result<Vec<DatasetFile>> {
    Ok(sqlx::query_as(
        "SELECT d.*, f.name AS file_name FROM tenant.dataset_files d JOIN tenant.files f ON f.org_id = d.org_id AND f.id = d.file_id
         WHERE d.dataset_id = $1 ORDER BY d.position, d.file_id",
    )
    .bind(id.0)
    .fetch_all(tx.conn())
    .await?)
}

/// The datasets that a file is part of: what would break if the file went.
pub async fn of_file(tx: &mut Tx, file: FileId) -> Result<Vec<DatasetId>> {
    let ids: Vec<uuid::Uuid> = sqlx::query_scalar(
        "SELECT d.id FROM tenant.datasets d JOIN tenant.dataset_files f ON f.org_id = d.org_id AND f.dataset_id = d.id
         WHERE f.file_id = $1 AND d.state <> 'deleted' ORDER BY d.created_at, d.id",
    )
    .bind(file.0)
    .fetch_all(tx.conn())
    .await?;
    Ok(ids.into_iter().map(DatasetId).collect())
}

/// A new dataset with its files, waiting for the worker. A file that is not the organisation's:
/// [`crate::Error::Reference`].
pub async fn insert(tx: &mut Tx, new: &NewDataset<'_>) -> Result<Dataset> {
    let dataset = sqlx::query_as(
        "INSERT INTO tenant.datasets (org_id, id, facility_id, name, state, replaces_id, created_by)
         VALUES ($1, $2, $3, $4, 'queued', $5, $6) RETURNING *",
    )
    .bind(tx.org_uuid())
    .bind(new.id.0)
    .bind(new.facility.map(|id| id.0))
    .bind(plain_prefix(new.name, 255))
    .bind(new.replaces.map(|id| id.0))
    .bind(tx.user_uuid())
    .fetch_one(tx.conn())
    .await?;
    let files: Vec<uuid::Uuid> = new.files.iter().map(|file| file.0).collect();
    sqlx::query(
        "INSERT INTO tenant.dataset_files (org_id, dataset_id, file_id, position)
         SELECT $1, $2, file, place - 1 FROM unnest($3::uuid[]) WITH ORDINALITY AS given (file, place)",
    )
    .bind(tx.org_uuid())
    .bind(new.id.0)
    .bind(files)
    .execute(tx.conn())
    .await?;
    Ok(dataset)
}

/// Moves a dataset to another state, from one of these: false if it stands elsewhere.
pub async fn set_state(
    tx: &mut Tx,
    id: DatasetId,
    from: &[DatasetState],
    to: DatasetState,
    reason: Option<&str>,
) -> Result<bool> {
    let from: Vec<&str> = from.iter().map(|state| state.name()).collect();
    let done =
        sqlx::query("UPDATE tenant.datasets SET state = $3, reason = $4 WHERE id = $1 AND state = ANY ($2)")
            .bind(id.0)
            .bind(from)
            .bind(to.name())
            .bind(reason.map(|reason| plain_prefix(reason, 2000)))
            .execute(tx.conn())
            .await?;
    Ok(done.rows_affected() == 1)
}

/// What reading found out about the dataset as a whole.
#[derive(Debug, Clone, PartialEq)]
pub struct Facts<'a> {
    /// Rows of all files.
    pub rows: i64,
    /// Columns of all files.
    pub columns: i64,
    /// The system that wrote it.
    pub source_system: &'a str,
    /// What a row stands for.
    pub granularity: &'a str,
    /// What else is shown of it.
    pub document: &'a Value,
}

/// Stores what reading found out.
pub async fn set_facts(tx: &mut Tx, id: DatasetId, facts: &Facts<'_>) -> Result<bool> {
    let done = sqlx::query(
        "UPDATE tenant.datasets SET rows = $2, columns = $3, source_system = $4, granularity = $5, document = $6 WHERE id = $1",
    )
    .bind(id.0)
    .bind(facts.rows)
    .bind(facts.columns)
    .bind(plain_prefix(facts.source_system, 100))
    .bind(facts.granularity)
    .bind(Document(facts.document))
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Changes what people call a dataset and which plant it is of, if nobody did since `version`.
pub async fn update(
    tx: &mut Tx,
    id: DatasetId,
    version: i64,
    name: &str,
    facility: Option<FacilityId>,
) -> Result<Option<Dataset>> {
    Ok(sqlx::query_as(
        "UPDATE tenant.datasets SET name = $3, facility_id = $4 WHERE id = $1 AND version = $2 AND state <> 'deleted'
         RETURNING *",
    )
    .bind(id.0)
    .bind(version)
    .bind(plain(name))
    .bind(facility.map(|id| id.0))
    .fetch_optional(tx.conn())
    .await?)
}

/// Stores how a file was read and where its table lies.
pub async fn set_reading(
    tx: &mut Tx,
    id: DatasetId,
    file: FileId,
    rows: i64,
    columns: i64,
    table_key: &str,
    reading: &Value,
) -> Result<bool> {
    let done = sqlx::query(
        "UPDATE tenant.dataset_files SET rows = $3, columns = $4, table_key = $5, reading = $6
         WHERE dataset_id = $1 AND file_id = $2",
    )
    .bind(id.0)
    .bind(file.0)
    .bind(rows)
    .bind(columns)
    .bind(table_key)
    .bind(Document(reading))
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Stores the mapping of a file, with the profile's version that it was taken from. With a `version`, only if nobody changed it
/// since.
pub async fn set_mapping(
    tx: &mut Tx,
    id: DatasetId,
    file: FileId,
    version: Option<i64>,
    mapping: &Value,
    state: MappingState,
    profile: Option<(ProfileId, i64)>,
) -> Result<bool> {
    let done = sqlx::query(
        "UPDATE tenant.dataset_files SET mapping = $4, mapping_state = $5, profile_id = $6, profile_number = $7
         WHERE dataset_id = $1 AND file_id = $2 AND ($3::bigint IS NULL OR version = $3)",
    )
    .bind(id.0)
    .bind(file.0)
    .bind(version)
    .bind(Document(mapping))
    .bind(state.name())
    .bind(profile.map(|(id, _)| id.0))
    .bind(profile.map(|(_, number)| number))
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected() == 1)
}

/// The newest dataset of which a file was mapped by a profile.
pub async fn newest_of_profile(tx: &mut Tx, profile: ProfileId) -> Result<Option<DatasetId>> {
    let id: Option<uuid::Uuid> = sqlx::query_scalar(
        "SELECT d.id FROM tenant.dataset_files f JOIN tenant.datasets d ON d.org_id = f.org_id AND d.id = f.dataset_id
         WHERE f.profile_id = $1 AND d.state IN ('mapping', 'ready') ORDER BY d.created_at DESC, d.id DESC LIMIT 1",
    )
    .bind(profile.0)
    .fetch_optional(tx.conn())
    .await?;
    Ok(id.map(DatasetId))
}

/// Marks a dataset as removed; analyses of it stay.
pub async fn delete(tx: &mut Tx, id: DatasetId) -> Result<bool> {
    let done =
        sqlx::query("UPDATE tenant.datasets SET state = 'deleted' WHERE id = $1 AND state <> 'deleted'")
            .bind(id.0)
            .execute(tx.conn())
            .await?;
    Ok(done.rows_affected() == 1)
}
