//! A file that comes in one request.

use bytes::Bytes;
use clients::blobs::{BlobError, Key, Kind, Written};
use domain::{Role, id::FileId};
use futures::Stream;
use ingest::ReadError;
use store::{
    files::{self, File, FileState, NewFile},
    usage::{self, Meter, UsageType},
};
use uuid::Uuid;

use super::{Stored, discard, display_name, stored, upload};
use crate::{
    Backing, Caller, Error,
    deed::{self, Began},
    usage::count,
};

/// Takes a file in. It streams to its place, however large it is; more than the bound is refused while it comes.
///
/// The work goes on by itself: a connection that closes ends the body, and then everything of it is taken back.
pub async fn receive(
    backing: &Backing,
    caller: &Caller,
    name: &str,
    declared: Option<u64>,
    body: impl Stream<Item = std::io::Result<Bytes>> + Send + 'static,
) -> Result<Stored, Error> {
    caller.require(Role::Analyst)?;
    let (backing, caller, name) = (backing.clone(), caller.clone(), display_name(name));
    let work = async move { take_in(&backing, &caller, &name, declared, body).await };
    tokio::spawn(work).await.map_err(|error| Error::Work(format!("receiving a file broke: {error}")))?
}

async fn take_in(
    backing: &Backing,
    caller: &Caller,
    name: &str,
    declared: Option<u64>,
    body: impl Stream<Item = std::io::Result<Bytes>> + Send,
) -> Result<Stored, Error> {
    let file = match open(backing, caller, name, declared, None).await? {
        Opened::New(file) => file,
        Opened::Repeated(id) => return super::get(backing, caller, id).await,
    };
    let key = Key::of(caller.actor.org, &file.object_key)?;
    let written = match backing.blobs.write(&key, body, backing.bounds.file_bytes_max).await {
        Ok(written) => written,
        Err(error) => {
            take_back(backing, caller, &file).await;
            return Err(refusal(error, &file));
        }
    };
    let settled = settle(backing, caller, &file, &written).await;
    if let Ok(Settled::Here(stored)) = settled {
        return Ok(stored);
    }
    // An end that broke off may have come to stand all the same, and a retry is told so: bytes go only when the database says
    // that nobody needs them.
    if take_back(backing, caller, &file).await {
        discard(backing, &[key]).await;
    }
    match settled? {
        Settled::Here(stored) => Ok(stored),
        Settled::Elsewhere(id) => super::get(backing, caller, id).await,
    }
}

/// What the start of an upload finds.
#[expect(clippy::large_enum_variant, reason = "one at a time, and taken apart at once")]
pub(super) enum Opened {
    New(File),
    Repeated(FileId),
}

/// Makes the row of a file that is coming, so that whatever happens to its bytes, they are known. With an action, that is
/// all that the request does.
pub(super) async fn open(
    backing: &Backing,
    caller: &Caller,
    name: &str,
    declared: Option<u64>,
    action: Option<&str>,
) -> Result<Opened, Error> {
    let bytes_max = backing.bounds.file_bytes_max;
    if declared.is_some_and(|bytes| bytes > bytes_max) {
        return Err(too_large(bytes_max));
    }
    if declared == Some(0) {
        return Err(empty(name));
    }
    upload::tidy(backing, caller).await?;
    let mut tx = deed::begin(backing, caller).await?;
    // A courtesy before the bytes come; what counts is the count when they are there.
    let used = usage::used(&mut tx, Meter::Uploads, backing.clock.now()).await?;
    if let Some(limit) = usage::limit(&mut tx, Meter::Uploads).await?
        && used >= limit
    {
        return Err(crate::usage::over(backing, Meter::Uploads, limit));
    }
    tx.rollback().await?;
    let id = FileId(Uuid::now_v7());
    let mut tx = match deed::begin_new(backing, caller).await? {
        Began::New(tx) => tx,
        Began::Repeated(id) => return Ok(Opened::Repeated(FileId(id))),
    };
    let object_key = Key::new(caller.actor.org, Kind::File, Uuid::now_v7()).to_string();
    let declared_bytes = declared.and_then(|bytes| i64::try_from(bytes).ok());
    let new = NewFile { id, name, object_key: &object_key, declared_bytes };
    let file = files::insert(&mut tx, &new).await?;
    match action {
        Some(action) => deed::commit_new(tx, caller, deed::done(caller, action, "file", id), id.0).await?,
        // Its row in the trail, and what a retry finds, come with its end: what breaks off is sent again.
        None => tx.commit().await?,
    }
    Ok(Opened::New(file))
}

/// What the end of an upload finds.
#[expect(clippy::large_enum_variant, reason = "one at a time, and taken apart at once")]
pub(super) enum Settled {
    Here(Stored),
    /// The same request made this file meanwhile.
    Elsewhere(FileId),
}

/// Makes the file one that is there: counted, recorded, acknowledged.
pub(super) async fn settle(
    backing: &Backing,
    caller: &Caller,
    file: &File,
    written: &Written,
) -> Result<Settled, Error> {
    if written.bytes == 0 {
        return Err(empty(&file.name));
    }
    let mut tx = match deed::begin_new(backing, caller).await? {
        Began::New(tx) => tx,
        Began::Repeated(id) => return Ok(Settled::Elsewhere(FileId(id))),
    };
    count(backing, &mut tx, Meter::Uploads, 1).await?;
    usage::record_event(&mut tx, UsageType::CsvUpload, &file.id.to_string(), 1).await?;
    let bytes = i64::try_from(written.bytes).unwrap_or(i64::MAX);
    let file = files::set_stored(&mut tx, file.id, bytes, &written.sha256, "")
        .await?
        .ok_or_else(|| Error::Conflict("the upload was completed or given up meanwhile".to_owned()))?;
    let event = deed::done(caller, "file.store", "file", file.id).detail("bytes", bytes);
    let stored = stored(&mut tx, file).await?;
    deed::commit_new(tx, caller, event, stored.file.id.0).await?;
    Ok(Settled::Here(stored))
}

/// Takes back a file that did not come in, and says whether it is certain that it did not.
async fn take_back(backing: &Backing, caller: &Caller, file: &File) -> bool {
    let taken_back = async {
        let mut tx = deed::begin(backing, caller).await?;
        if files::give_up(&mut tx, file.id).await? {
            deed::commit(tx, caller, deed::done(caller, "file.give_up", "file", file.id)).await?;
            return Ok(true);
        }
        let now = files::get(&mut tx, file.id).await?;
        Ok::<bool, Error>(now.is_none_or(|now| now.state == FileState::Deleted))
    };
    taken_back.await.unwrap_or_else(|error| {
        // The row stays as an upload that nobody goes on with, and goes as those do.
        tracing::warn!(%error, file = %file.id, "an upload could not be taken back");
        false
    })
}

pub(super) fn refusal(error: BlobError, file: &File) -> Error {
    match error {
        BlobError::TooLarge { bytes_max } => too_large(bytes_max),
        BlobError::Body(_) => {
            Error::Usage(format!("{} broke off before its end; send it again, or in pieces", file.name))
        }
        other => other.into(),
    }
}

fn too_large(bytes_max: u64) -> Error {
    Error::TooLarge(format!(
        "files may have {} MB; export fewer columns or a shorter period, or compress the file",
        bytes_max >> 20
    ))
}

/// It would use up an upload, and nothing could come of it.
fn empty(name: &str) -> Error {
    Error::Input(ReadError::EmptyFile { file: name.to_owned() }.to_string())
}
