//! Bytes that were uploaded. The bytes lie in the object store; here is what is known of them.

pub mod pieces;

use crate::column::{plain, plain_prefix, record, words};
use crate::error::Result;
use crate::page::{Cursor, Listing, Page};
use crate::tx::Tx;
use domain::id::{FileId, UserId};
use jiff::Timestamp;

words! {
    /// Where an upload stands.
    FileState {
        /// Bytes are coming in.
        Receiving = "receiving",
        /// All of them are on disk.
        Stored = "stored",
        /// They were not accepted, with a reason; none are kept.
        Refused = "refused",
        /// Somebody removed them.
        Deleted = "deleted",
    }
}

record! {
    /// A file.
    File {
        /// Which one.
        id: FileId,
        /// The name it came with, cleaned for showing.
        name: String,
        /// What the content turned out to be.
        media_type: String,
        /// Where the upload stands.
        state: FileState,
        /// Where the bytes lie; made by the server.
        object_key: String,
        /// How many bytes were announced.
        declared_bytes: Option<i64>,
        /// How many have come; a resumed upload goes on from here.
        received_bytes: i64,
        /// The SHA-256 of the content, once it is whole.
        sha256: Option<Vec<u8>>,
        /// Why it was refused.
        reason: Option<String>,
        /// Who sent it.
        uploaded_by: Option<UserId>,
        /// For `If-Match`.
        version: i64,
        /// When it began.
        created_at: Timestamp,
        /// When it last changed.
        updated_at: Timestamp,
    }
}

/// What a new upload needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewFile<'a> {
    /// Its id.
    pub id: FileId,
    /// The name it comes with, cleaned for showing.
    pub name: &'a str,
    /// Where the bytes will lie.
    pub object_key: &'a str,
    /// How many bytes were announced.
    pub declared_bytes: Option<i64>,
}

/// The file of this id.
pub async fn get(tx: &mut Tx, id: FileId) -> Result<Option<File>> {
    Ok(sqlx::query_as("SELECT * FROM tenant.files WHERE id = $1")
        .bind(id.0)
        .fetch_optional(tx.conn())
        .await?)
}

/// Stored files with this content, oldest first: whether something was uploaded before.
pub async fn list_by_content(tx: &mut Tx, sha256: &[u8]) -> Result<Vec<File>> {
    Ok(sqlx::query_as(
        "SELECT * FROM tenant.files WHERE sha256 = $1 AND state = 'stored' ORDER BY created_at, id LIMIT 100",
    )
    .bind(sha256)
    .fetch_all(tx.conn())
    .await?)
}

/// Files that are there or coming, newest first.
pub async fn list(tx: &mut Tx, page: Page) -> Result<Listing<File>> {
    let items = sqlx::query_as(
        "SELECT * FROM tenant.files WHERE state IN ('receiving', 'stored')
            AND ($1::timestamptz IS NULL OR (created_at, id) < ($1, $2))
         ORDER BY created_at DESC, id DESC LIMIT $3",
    )
    .bind(page.after_at())
    .bind(page.after_id())
    .bind(page.fetch())
    .fetch_all(tx.conn())
    .await?;
    Ok(page.listing(items, |file: &File| Cursor { at: file.created_at, id: file.id.0 }))
}

/// Begins an upload.
pub async fn insert(tx: &mut Tx, new: &NewFile<'_>) -> Result<File> {
    Ok(sqlx::query_as(
        "INSERT INTO tenant.files (org_id, id, name, state, object_key, declared_bytes, uploaded_by)
         VALUES ($1, $2, $3, 'receiving', $4, $5, $6) RETURNING *",
    )
    .bind(tx.org_uuid())
    .bind(new.id.0)
    .bind(plain(new.name))
    .bind(new.object_key)
    .bind(new.declared_bytes)
    .bind(tx.user_uuid())
    .fetch_one(tx.conn())
    .await?)
}

/// More bytes are on disk: from `before` to `after`. False if somebody else moved it meanwhile, so two senders of one upload
/// cannot write over each other.
pub async fn advance(tx: &mut Tx, id: FileId, before: i64, after: i64) -> Result<bool> {
    let done = sqlx::query(
        "UPDATE tenant.files SET received_bytes = $3 WHERE id = $1 AND received_bytes = $2 AND state = 'receiving'",
    )
    .bind(id.0)
    .bind(before)
    .bind(after)
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected() == 1)
}

/// The content is whole and on disk.
pub async fn set_stored(
    tx: &mut Tx,
    id: FileId,
    bytes: i64,
    sha256: &[u8],
    media_type: &str,
) -> Result<Option<File>> {
    Ok(sqlx::query_as(
        "UPDATE tenant.files SET state = 'stored', received_bytes = $2, sha256 = $3, media_type = $4
         WHERE id = $1 AND state = 'receiving' RETURNING *",
    )
    .bind(id.0)
    .bind(bytes)
    .bind(sha256)
    .bind(plain_prefix(media_type, 200))
    .fetch_optional(tx.conn())
    .await?)
}

/// The content is not accepted: while it comes, or when it is read.
pub async fn set_refused(tx: &mut Tx, id: FileId, reason: &str) -> Result<bool> {
    let done = sqlx::query(
        "UPDATE tenant.files SET state = 'refused', reason = $2, received_bytes = 0
         WHERE id = $1 AND state IN ('receiving', 'stored')",
    )
    .bind(id.0)
    .bind(plain_prefix(reason, 2000))
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Gives up a file whose bytes were still coming; false where it is stored, refused or removed. Waits for whoever is just
/// storing it.
pub async fn give_up(tx: &mut Tx, id: FileId) -> Result<bool> {
    let done = sqlx::query("UPDATE tenant.files SET state = 'deleted' WHERE id = $1 AND state = 'receiving'")
        .bind(id.0)
        .execute(tx.conn())
        .await?;
    Ok(done.rows_affected() == 1)
}

/// Marks a file as removed, and returns where its bytes lie so that they can be removed too.
pub async fn delete(tx: &mut Tx, id: FileId) -> Result<Option<String>> {
    Ok(sqlx::query_scalar(
        "UPDATE tenant.files SET state = 'deleted' WHERE id = $1 AND state <> 'deleted' RETURNING object_key",
    )
    .bind(id.0)
    .fetch_optional(tx.conn())
    .await?)
}
