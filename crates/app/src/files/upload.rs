//! A file that comes in pieces, each acknowledged by itself, over as many connections as it takes.

use bytes::Bytes;
use clients::blobs::{BlobError, Body, Key, Kind};
use domain::{Role, id::FileId};
use futures::{Stream, StreamExt, TryStreamExt};
use jiff::SignedDuration;
use store::{
    Tx,
    files::{self, File, FileState, pieces as rows},
};
use uuid::Uuid;

use super::{
    Stored, discard, display_name, present,
    receive::{Opened, Settled, open, refusal, settle},
};
use crate::{Backing, Caller, Error, deed};

/// How long an upload waits for its next piece.
const PATIENCE: SignedDuration = SignedDuration::from_hours(24);

/// How far an upload is.
#[derive(Debug, Clone, PartialEq)]
pub struct Progress {
    pub file: File,
    /// Why the last piece ended early, where it did; what came of it is kept.
    pub broken: Option<String>,
}

/// Begins an upload.
pub async fn begin(
    backing: &Backing,
    caller: &Caller,
    name: &str,
    declared: Option<u64>,
) -> Result<File, Error> {
    caller.require(Role::Analyst)?;
    match open(backing, caller, &display_name(name), declared, Some("file.begin")).await? {
        Opened::New(file) => Ok(file),
        Opened::Repeated(id) => {
            let mut tx = deed::begin(backing, caller).await?;
            present(&mut tx, id).await
        }
    }
}

/// Takes the piece that begins at `offset`. When the connection breaks, what came is kept and the upload goes on there.
pub async fn append(
    backing: &Backing,
    caller: &Caller,
    id: FileId,
    offset: u64,
    body: impl Stream<Item = std::io::Result<Bytes>> + Send + 'static,
) -> Result<Progress, Error> {
    caller.require(Role::Analyst)?;
    let (backing, caller) = (backing.clone(), caller.clone());
    let work = async move { take_piece(&backing, &caller, id, offset, body).await };
    tokio::spawn(work).await.map_err(|error| Error::Work(format!("receiving a piece broke: {error}")))?
}

async fn take_piece(
    backing: &Backing,
    caller: &Caller,
    id: FileId,
    offset: u64,
    body: impl Stream<Item = std::io::Result<Bytes>> + Send,
) -> Result<Progress, Error> {
    let file = receiving(backing, caller, id).await?;
    let start = file.received_bytes;
    if u64::try_from(start) != Ok(offset) {
        return Err(Error::Conflict(format!("the upload goes on at byte {start}, not at {offset}")));
    }
    let declared = file.declared_bytes.and_then(|bytes| u64::try_from(bytes).ok());
    let room = declared.unwrap_or(backing.bounds.file_bytes_max).saturating_sub(offset);
    let key = Key::new(caller.actor.org, Kind::Piece, Uuid::now_v7());
    let received =
        backing.blobs.write_what_comes(&key, body, room).await.map_err(|error| refusal(error, &file))?;
    let Some(written) = received.written else { return Ok(Progress { file, broken: received.broken }) };
    let bytes = i64::try_from(written.bytes).unwrap_or(i64::MAX);
    let kept = async {
        let mut tx = deed::begin(backing, caller).await?;
        // Of two senders of the same piece one moves the upload on; the other's bytes are nobody's.
        if !files::advance(&mut tx, id, start, start + bytes).await? {
            return Err(Error::Conflict(
                "somebody else sent this piece; ask where the upload goes on".to_owned(),
            ));
        }
        rows::insert(&mut tx, id, start, bytes, &key.to_string()).await?;
        let event = deed::done(caller, "file.append", "file", id).detail("bytes", start + bytes);
        let file = present(&mut tx, id).await?;
        deed::commit(tx, caller, event).await?;
        Ok(file)
    };
    match kept.await {
        Ok(file) => Ok(Progress { file, broken: received.broken }),
        Err(error) => {
            // What we refused does not stand. An end that broke off may: its bytes stay with the upload.
            if matches!(error, Error::Conflict(_) | Error::NotFound(_)) {
                discard(backing, &[key]).await;
            }
            Err(error)
        }
    }
}

/// Puts the pieces together to a file.
pub async fn complete(backing: &Backing, caller: &Caller, id: FileId) -> Result<Stored, Error> {
    caller.require(Role::Analyst)?;
    let mut tx = deed::begin(backing, caller).await?;
    let file = present(&mut tx, id).await?;
    if file.state == FileState::Stored {
        // It was completed before, and the answer may have been lost.
        return super::stored(&mut tx, file).await;
    }
    if let Some(declared) = file.declared_bytes
        && declared != file.received_bytes
    {
        return Err(Error::Conflict(format!(
            "{} of {declared} bytes have come; the upload goes on at byte {}",
            file.received_bytes, file.received_bytes
        )));
    }
    let pieces = pieces(&mut tx, &file).await?;
    tx.rollback().await?;
    let key = Key::of(caller.actor.org, &file.object_key)?;
    let blobs = backing.blobs.clone();
    let body = futures::stream::iter(pieces.clone())
        .then(move |piece| {
            let blobs = blobs.clone();
            async move { blobs.read(&piece).await.map_err(std::io::Error::other) }
        })
        .try_flatten();
    let body: Body = body.boxed();
    let written = match backing.blobs.write(&key, body, backing.bounds.file_bytes_max).await {
        // It is our own store that stopped sending, not the customer.
        Err(BlobError::Body(cause)) => return Err(BlobError::Interrupted(cause).into()),
        written => written?,
    };
    if i64::try_from(written.bytes) != Ok(file.received_bytes) {
        discard(backing, &[key]).await;
        return Err(Error::Conflict("the upload went on meanwhile; complete it again".to_owned()));
    }
    // Two completions write the same bytes to the same place, and one of them settles.
    let settled = settle(backing, caller, &file, &written).await?;
    clear(backing, caller, id, &pieces).await;
    match settled {
        Settled::Here(stored) => Ok(stored),
        Settled::Elsewhere(id) => super::get(backing, caller, id).await,
    }
}

/// The keys of the pieces of an upload, in order.
pub(super) async fn pieces(tx: &mut Tx, file: &File) -> Result<Vec<Key>, Error> {
    let org = tx.org();
    rows::list(tx, file.id).await?.iter().map(|piece| Ok(Key::of(org, &piece.object_key)?)).collect()
}

async fn receiving(backing: &Backing, caller: &Caller, id: FileId) -> Result<File, Error> {
    let mut tx = deed::begin(backing, caller).await?;
    let file = present(&mut tx, id).await?;
    if file.state == FileState::Receiving {
        Ok(file)
    } else {
        Err(Error::Conflict("the upload is complete".to_owned()))
    }
}

/// Forgets the pieces of a file that is whole.
async fn clear(backing: &Backing, caller: &Caller, id: FileId, pieces: &[Key]) {
    let cleared = async {
        let mut tx = deed::begin(backing, caller).await?;
        rows::delete_all(&mut tx, id).await?;
        Ok::<(), Error>(tx.commit().await?)
    };
    match cleared.await {
        Ok(()) => discard(backing, pieces).await,
        Err(error) => tracing::warn!(%error, file = %id, "the pieces of a file could not be cleared"),
    }
}

/// Gives up uploads of this organisation that nobody went on with.
pub(super) async fn tidy(backing: &Backing, caller: &Caller) -> Result<(), Error> {
    let before = backing.clock.now() - PATIENCE;
    let mut tx = deed::begin(backing, caller).await?;
    let mut keys = Vec::new();
    for file in rows::list_idle(&mut tx, before).await? {
        keys.extend(pieces(&mut tx, &file).await?);
        keys.push(Key::of(caller.actor.org, &file.object_key)?);
        files::delete(&mut tx, file.id).await?;
        store::audit::record(&mut tx, &deed::done(caller, "file.expire", "file", file.id)).await?;
    }
    tx.commit().await?;
    discard(backing, &keys).await;
    Ok(())
}
