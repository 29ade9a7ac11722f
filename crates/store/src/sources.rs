//! Where uploads come from by themselves, and what came of each file.

use crate::column::{Stamp, plain, plain_prefix, record, words};
use crate::error::Result;
use crate::tx::Tx;
use domain::id::{DatasetId, FacilityId};
use jiff::Timestamp;
use uuid::Uuid;

words! {
    /// How files come.
    SourceKind {
        /// From a folder of the installation that is looked into.
        Folder = "folder",
        /// From a bucket that is looked into.
        S3 = "s3",
        /// From a folder of an SFTP server that is looked into.
        Sftp = "sftp",
        /// From a program that pushes them.
        Push = "push",
    }
}

words! {
    /// What came of a file.
    SourceFileState {
        /// It is being read.
        Taken = "taken",
        /// It was known, and is being analyzed.
        Analyzed = "analyzed",
        /// It waits for a person.
        Waiting = "waiting",
        /// It could not be used.
        Refused = "refused",
    }
}

record! {
    /// A source.
    Source {
        /// Which one.
        id: Uuid,
        /// What people call it.
        name: String,
        /// How its files come.
        kind: SourceKind,
        /// A folder, or an address as in `s3://bucket/prefix` or `sftp://host/folder`.
        place: String,
        /// What lets us into a bucket or a server, sealed.
        secret: Option<Vec<u8>>,
        /// The fingerprint of the key by which a server proves who it is.
        host_key: String,
        /// The plant that its files are of.
        facility_id: Option<FacilityId>,
        /// How often it is looked at.
        every_minutes: i64,
        /// Whether it is looked at.
        active: bool,
        /// When it is looked at next.
        next_at: Timestamp,
        /// When it was looked at last.
        looked_at: Option<Timestamp>,
        /// What went wrong then.
        trouble: String,
        /// For `If-Match`.
        version: i64,
        /// Since when.
        created_at: Timestamp,
    }
}

record! {
    /// A file of a source, and what came of it.
    SourceFile {
        /// Of which source.
        source_id: Uuid,
        /// Its name there.
        name: String,
        /// How it looked.
        mark: String,
        /// The import that it became.
        dataset_id: Option<DatasetId>,
        /// What came of it.
        state: SourceFileState,
        /// Why it waits or was refused.
        reason: String,
        /// When it was taken.
        created_at: Timestamp,
    }
}

/// What a new source needs.
#[derive(Debug, Clone, Copy)]
pub struct NewSource<'a> {
    /// Its id.
    pub id: Uuid,
    /// What people call it.
    pub name: &'a str,
    /// How its files come.
    pub kind: SourceKind,
    /// Where they are.
    pub place: &'a str,
    /// Keys, sealed.
    pub secret: Option<&'a [u8]>,
    /// The fingerprint of the server's key.
    pub host_key: &'a str,
    /// The plant that its files are of.
    pub facility: Option<FacilityId>,
    /// How often it is looked at.
    pub every_minutes: i64,
    /// When it is looked at first.
    pub next_at: Timestamp,
}

/// All sources, oldest first.
pub async fn list(tx: &mut Tx) -> Result<Vec<Source>> {
    Ok(sqlx::query_as("SELECT * FROM tenant.sources ORDER BY created_at, id").fetch_all(tx.conn()).await?)
}

/// One source.
pub async fn get(tx: &mut Tx, id: Uuid) -> Result<Option<Source>> {
    Ok(sqlx::query_as("SELECT * FROM tenant.sources WHERE id = $1")
        .bind(id)
        .fetch_optional(tx.conn())
        .await?)
}

/// A new source.
pub async fn insert(tx: &mut Tx, new: &NewSource<'_>) -> Result<Source> {
    Ok(sqlx::query_as(
        "INSERT INTO tenant.sources (org_id, id, name, kind, place, secret, facility_id, every_minutes, next_at, created_by, host_key)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) RETURNING *",
    )
    .bind(tx.org_uuid())
    .bind(new.id)
    .bind(plain(new.name))
    .bind(new.kind.name())
    .bind(plain(new.place))
    .bind(new.secret)
    .bind(new.facility.map(|id| id.0))
    .bind(new.every_minutes)
    .bind(Stamp(new.next_at))
    .bind(tx.user_uuid())
    .bind(new.host_key)
    .fetch_one(tx.conn())
    .await?)
}

/// Lets a source rest, or looks at it again.
pub async fn set_active(tx: &mut Tx, id: Uuid, active: bool, next_at: Timestamp) -> Result<bool> {
    let done = sqlx::query("UPDATE tenant.sources SET active = $2, next_at = $3 WHERE id = $1")
        .bind(id)
        .bind(active)
        .bind(Stamp(next_at))
        .execute(tx.conn())
        .await?;
    Ok(done.rows_affected() == 1)
}

/// Removes a source and what is known of its files; imports stay.
pub async fn delete(tx: &mut Tx, id: Uuid) -> Result<bool> {
    let done = sqlx::query("DELETE FROM tenant.sources WHERE id = $1").bind(id).execute(tx.conn()).await?;
    Ok(done.rows_affected() == 1)
}

/// Sources of the organisation that are to be looked at by now.
pub async fn due(tx: &mut Tx, now: Timestamp) -> Result<Vec<Source>> {
    Ok(sqlx::query_as(
        "SELECT * FROM tenant.sources WHERE active AND kind <> 'push' AND next_at <= $1 ORDER BY next_at, id LIMIT 50",
    )
    .bind(Stamp(now))
    .fetch_all(tx.conn())
    .await?)
}

/// A source was looked at; empty trouble is none.
pub async fn set_looked(
    tx: &mut Tx,
    id: Uuid,
    now: Timestamp,
    next_at: Timestamp,
    trouble: &str,
) -> Result<()> {
    sqlx::query("UPDATE tenant.sources SET looked_at = $2, next_at = $3, trouble = $4 WHERE id = $1")
        .bind(id)
        .bind(Stamp(now))
        .bind(Stamp(next_at))
        .bind(plain_prefix(trouble, 1000))
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Names and marks of all files of a source that were taken before.
pub async fn known(tx: &mut Tx, source: Uuid) -> Result<Vec<(String, String)>> {
    Ok(sqlx::query_as("SELECT name, mark FROM tenant.source_files WHERE source_id = $1")
        .bind(source)
        .fetch_all(tx.conn())
        .await?)
}

/// A file's name as it is kept.
pub fn kept_name(name: &str) -> String {
    plain_prefix(name, 500)
}

/// Notes a file; false if somebody else has taken it meanwhile.
pub async fn take(
    tx: &mut Tx,
    source: Uuid,
    name: &str,
    mark: &str,
    dataset: Option<DatasetId>,
    state: SourceFileState,
    reason: &str,
) -> Result<bool> {
    let done = sqlx::query(
        "INSERT INTO tenant.source_files (org_id, source_id, name, mark, dataset_id, state, reason)
         VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING",
    )
    .bind(tx.org_uuid())
    .bind(source)
    .bind(plain_prefix(name, 500))
    .bind(mark)
    .bind(dataset.map(|id| id.0))
    .bind(state.name())
    .bind(plain_prefix(reason, 1000))
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected() == 1)
}

/// What came of the file that became this import.
pub async fn set_state(
    tx: &mut Tx,
    dataset: DatasetId,
    state: SourceFileState,
    reason: &str,
) -> Result<bool> {
    let done = sqlx::query("UPDATE tenant.source_files SET state = $2, reason = $3 WHERE dataset_id = $1")
        .bind(dataset.0)
        .bind(state.name())
        .bind(plain_prefix(reason, 1000))
        .execute(tx.conn())
        .await?;
    Ok(done.rows_affected() > 0)
}

/// The newest files of a source.
pub async fn files(tx: &mut Tx, source: Uuid, limit: i64) -> Result<Vec<SourceFile>> {
    Ok(sqlx::query_as(
        "SELECT * FROM tenant.source_files WHERE source_id = $1 ORDER BY created_at DESC, name LIMIT $2",
    )
    .bind(source)
    .bind(limit.clamp(1, 500))
    .fetch_all(tx.conn())
    .await?)
}
