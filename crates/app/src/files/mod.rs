//! Files of customers: sent whole or in pieces, found again by their content.
//!
//! What a file is, its bytes say when they are read, never its name or a header. A file is acknowledged when its bytes
//! are on disk and its row is committed; until then it is an upload that can be gone on with, and that goes by itself
//! when nobody does.

mod name;
mod receive;
mod upload;

use aws_lc_rs::digest::{SHA256, digest};
use clients::blobs::{Body, Key};
use domain::{
    Role,
    id::{DatasetId, FileId},
};
use store::{
    Listing, Page, Tx, datasets,
    files::{self, File, FileState},
    jobs,
};
use uuid::Uuid;

use crate::{Backing, Caller, Error, deed};

pub use name::{apart, display_name};
pub use receive::receive;
pub use upload::{Progress, append, begin, complete};

/// A file that is on disk, and what the organisation has of the same content.
#[derive(Debug, Clone, PartialEq)]
pub struct Stored {
    pub file: File,
    /// Earlier files with the same bytes, oldest first.
    pub repeats: Vec<Repeat>,
}

/// An earlier file with the same bytes.
#[derive(Debug, Clone, PartialEq)]
pub struct Repeat {
    pub file: File,
    /// The imports that it is part of.
    pub datasets: Vec<DatasetId>,
}

/// The files of the organisation, newest first.
pub async fn list(backing: &Backing, caller: &Caller, page: Page) -> Result<Listing<File>, Error> {
    caller.require(Role::Viewer)?;
    let mut tx = deed::begin(backing, caller).await?;
    Ok(files::list(&mut tx, page).await?)
}

/// One file, with what repeats its content.
pub async fn get(backing: &Backing, caller: &Caller, id: FileId) -> Result<Stored, Error> {
    caller.require(Role::Viewer)?;
    let mut tx = deed::begin(backing, caller).await?;
    let file = present(&mut tx, id).await?;
    stored(&mut tx, file).await
}

/// The bytes of a file, as the customer sent them.
pub async fn content(backing: &Backing, caller: &Caller, id: FileId) -> Result<(File, Body), Error> {
    caller.require(Role::Viewer)?;
    let mut tx = deed::begin(backing, caller).await?;
    let file = present(&mut tx, id).await?;
    tx.rollback().await?;
    if file.state != FileState::Stored {
        return Err(Error::Conflict("the file has not come in yet; complete its upload first".to_owned()));
    }
    let body = backing.blobs.read(&Key::of(caller.actor.org, &file.object_key)?).await?;
    Ok((file, body))
}

/// Removes a file, or gives up an upload. A file that an import stands on stays.
pub async fn delete(backing: &Backing, caller: &Caller, id: FileId) -> Result<(), Error> {
    caller.require(Role::Analyst)?;
    let mut tx = deed::begin(backing, caller).await?;
    let file = present(&mut tx, id).await?;
    let used = datasets::of_file(&mut tx, id).await?;
    if !used.is_empty() {
        return Err(Error::Conflict(format!(
            "{} is part of {} imports; delete those first",
            file.name,
            used.len()
        )));
    }
    let mut keys = upload::pieces(&mut tx, &file).await?;
    keys.push(Key::of(caller.actor.org, &file.object_key)?);
    files::delete(&mut tx, id).await?;
    deed::commit(tx, caller, deed::done(caller, "file.delete", "file", id)).await?;
    discard(backing, &keys).await;
    Ok(())
}

/// The file, as long as it is there or coming.
async fn present(tx: &mut Tx, id: FileId) -> Result<File, Error> {
    files::get(tx, id)
        .await?
        .filter(|file| matches!(file.state, FileState::Receiving | FileState::Stored))
        .ok_or(Error::NotFound("file"))
}

/// A file with what else the organisation has of its content.
async fn stored(tx: &mut Tx, file: File) -> Result<Stored, Error> {
    let mut repeats = Vec::new();
    if let Some(sha256) = &file.sha256 {
        for other in files::list_by_content(tx, sha256).await? {
            if other.id != file.id {
                let datasets = datasets::of_file(tx, other.id).await?;
                repeats.push(Repeat { file: other, datasets });
            }
        }
    }
    Ok(Stored { file, repeats })
}

/// The id of a blob that follows from what it holds, so that work that is done again writes over what it wrote before.
pub(crate) fn blob_id(what: &str) -> Uuid {
    let digest = digest(&SHA256, what.as_bytes());
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest.as_ref()[..16]);
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}

/// Removes blobs that no row names any more. What cannot be removed now is noted; it holds up nobody.
pub(crate) async fn discard(backing: &Backing, keys: &[Key]) {
    let (blobs, keys) = (backing.blobs.clone(), keys.to_vec());
    // On a task of its own: whoever asked may be dropped meanwhile, a request by its client, a job by a signal to stop.
    let removed = tokio::spawn(async move {
        for key in keys {
            if let Err(error) = blobs.delete(&key).await {
                tracing::warn!(%key, %error, "a blob could not be removed");
            }
        }
    });
    if let Err(error) = removed.await {
        tracing::warn!(%error, "blobs could not be removed");
    }
}

/// Whether the work behind a dataset or an analysis is told to wait, for callers that poll.
pub(crate) async fn progress_of(tx: &mut Tx, job: domain::id::JobId) -> Result<serde_json::Value, Error> {
    Ok(jobs::get(tx, job).await?.map_or(serde_json::Value::Null, |job| job.progress))
}
