//! Pieces of uploads that are under way.

use super::File;
use crate::column::{Stamp, record};
use crate::error::Result;
use crate::tx::Tx;
use domain::id::FileId;
use jiff::Timestamp;

record! {
    /// A piece that is on disk.
    Piece {
        /// The byte of the file that it begins with.
        start: i64,
        /// How many bytes.
        bytes: i64,
        /// Where it lies.
        object_key: String,
    }
}

/// The pieces of an upload, in order.
pub async fn list(tx: &mut Tx, file: FileId) -> Result<Vec<Piece>> {
    Ok(sqlx::query_as(
        "SELECT start, bytes, object_key FROM tenant.file_pieces WHERE file_id = $1 ORDER BY start",
    )
    .bind(file.0)
    .fetch_all(tx.conn())
    .await?)
}

/// One more piece is on disk. One that begins there already: [`crate::Error::Conflict`].
pub async fn insert(tx: &mut Tx, file: FileId, start: i64, bytes: i64, object_key: &str) -> Result<()> {
    sqlx::query(
        "INSERT INTO tenant.file_pieces (org_id, file_id, start, bytes, object_key) VALUES ($1, $2, $3, $4, $5)",
    )
    .bind(tx.org_uuid())
    .bind(file.0)
    .bind(start)
    .bind(bytes)
    .bind(object_key)
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Forgets the pieces of a file that is whole.
pub async fn delete_all(tx: &mut Tx, file: FileId) -> Result<u64> {
    let done = sqlx::query("DELETE FROM tenant.file_pieces WHERE file_id = $1")
        .bind(file.0)
        .execute(tx.conn())
        .await?;
    Ok(done.rows_affected())
}

/// Uploads that nobody went on with since `before`.
pub async fn list_idle(tx: &mut Tx, before: Timestamp) -> Result<Vec<File>> {
    Ok(sqlx::query_as(
        "SELECT * FROM tenant.files WHERE state = 'receiving' AND updated_at < $1 ORDER BY updated_at, id LIMIT 100",
    )
    .bind(Stamp(before))
    .fetch_all(tx.conn())
    .await?)
}
