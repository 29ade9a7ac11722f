//! Bytes of tenants, in a place addressed by URL: a folder of this machine, or an S3-compatible store.
//!
//! A write that was acknowledged is on disk (file, rename and folder are synced) or accepted by the remote store. A
//! write that was not acknowledged leaves nothing behind. Names are opaque and stand under the tenant's own prefix, so
//! that nothing a customer wrote ever becomes a path.

mod draft;
mod error;
mod folder;
mod key;
mod remote;

use std::path::{Path, PathBuf};

use bytes::Bytes;
use domain::id::OrgId;
use futures::{Stream, StreamExt, stream::BoxStream};
use url::Url;

pub use error::BlobError;
pub use key::{Key, Kind};

use draft::Draft;

/// Where the bytes are.
#[derive(Debug, Clone)]
pub struct Blobs(Backend);

#[derive(Debug, Clone)]
enum Backend {
    Folder(folder::Folder),
    Remote(remote::Remote),
}

/// What was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    pub bytes: u64,
    /// SHA-256 of the bytes.
    pub sha256: [u8; 32],
}

/// What came of a body that may have broken off.
#[derive(Debug)]
pub struct Received {
    /// What is kept; `None` where not one byte came.
    pub written: Option<Written>,
    /// Why it broke off, where it did.
    pub broken: Option<String>,
}

/// Why files cannot be kept.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Probe {
    /// It says no, and will say so again.
    #[error("{0}")]
    Refused(String),
    /// It does not answer now.
    #[error("{0}")]
    Silent(String),
}

/// A body in pieces; an error is its end.
pub type Body = BoxStream<'static, std::io::Result<Bytes>>;

impl Blobs {
    /// A store at a URL (`file:///…`, `s3://bucket/prefix`) or at the path of a folder. Options are those of the
    /// store's provider (`aws_access_key_id`, `aws_endpoint`, …); unknown ones are passed over.
    pub fn open(place: &str, options: impl IntoIterator<Item = (String, String)>) -> Result<Self, BlobError> {
        let unusable = |reason: String| BlobError::Place { place: place.to_owned(), reason };
        if !place.contains("://") {
            return Self::folder(Path::new(place));
        }
        let url = Url::parse(place).map_err(|error| unusable(error.to_string()))?;
        if url.scheme() == "file" {
            let path = url.to_file_path().map_err(|()| unusable("it names no folder".to_owned()))?;
            return Self::folder(&path);
        }
        let remote = remote::Remote::open(&url, options).map_err(|error| unusable(error.to_string()))?;
        Ok(Self(Backend::Remote(remote)))
    }

    /// Whether files can be kept here: writes a small one, reads it and removes it. A store that says no for good (there is no such
    /// bucket, the keys are not taken) is told from one that does not answer now.
    pub async fn probe(&self) -> Result<(), Probe> {
        let key = Key::new(OrgId(uuid::Uuid::nil()), Kind::Export, uuid::Uuid::new_v4());
        let told = |error: BlobError| match error.refusal() {
            Some(words) => Probe::Refused(words),
            None => Probe::Silent(error.to_string()),
        };
        self.write_bytes(&key, b"plantintel".to_vec()).await.map_err(told)?;
        let read = self.read_bytes(&key).await.map_err(told)?;
        self.delete(&key).await.map_err(told)?;
        if read == b"plantintel" {
            Ok(())
        } else {
            Err(Probe::Refused("gives back other bytes than were written".to_owned()))
        }
    }

    /// Whether the bytes are on another machine.
    pub fn is_remote(&self) -> bool {
        matches!(self.0, Backend::Remote(_))
    }

    /// A store in a folder, which is made where it is missing.
    pub fn folder(path: &Path) -> Result<Self, BlobError> {
        Ok(Self(Backend::Folder(folder::Folder::open(path)?)))
    }

    /// Writes a body, all of it or nothing. More than `bytes_max` is refused while it comes in.
    pub async fn write(
        &self,
        key: &Key,
        body: impl Stream<Item = std::io::Result<Bytes>> + Send,
        bytes_max: u64,
    ) -> Result<Written, BlobError> {
        let mut draft = self.draft(key).await?;
        let mut body = std::pin::pin!(body);
        while let Some(piece) = body.next().await {
            let piece = piece.map_err(|error| BlobError::Body(error.to_string()))?;
            draft.push_within(piece, bytes_max).await?;
        }
        draft.finish().await
    }

    /// Writes as much of a body as comes: a connection that breaks does not cost what it brought. More than
    /// `bytes_max` is refused as a whole.
    pub async fn write_what_comes(
        &self,
        key: &Key,
        body: impl Stream<Item = std::io::Result<Bytes>> + Send,
        bytes_max: u64,
    ) -> Result<Received, BlobError> {
        let mut body = std::pin::pin!(body);
        let mut draft: Option<Draft> = None;
        let mut broken = None;
        while let Some(piece) = body.next().await {
            let piece = match piece {
                Ok(piece) if piece.is_empty() => continue,
                Ok(piece) => piece,
                Err(error) => {
                    broken = Some(error.to_string());
                    break;
                }
            };
            let mut current = match draft.take() {
                Some(draft) => draft,
                None => self.draft(key).await?,
            };
            current.push_within(piece, bytes_max).await?;
            draft = Some(current);
        }
        let written = match draft {
            Some(draft) => Some(draft.finish().await?),
            None => None,
        };
        Ok(Received { written, broken })
    }

    /// Writes the bytes of a file of this machine.
    pub async fn write_file(&self, key: &Key, path: &Path) -> Result<Written, BlobError> {
        let file = tokio::fs::File::open(path).await.map_err(|error| BlobError::io("open", path, error))?;
        self.write(key, tokio_util::io::ReaderStream::with_capacity(file, PIECE_BYTES), u64::MAX).await
    }

    /// Writes bytes that are in memory.
    pub async fn write_bytes(&self, key: &Key, bytes: Vec<u8>) -> Result<Written, BlobError> {
        let piece: std::io::Result<Bytes> = Ok(bytes.into());
        self.write(key, futures::stream::iter([piece]), u64::MAX).await
    }

    /// The bytes of a blob, in pieces.
    pub async fn read(&self, key: &Key) -> Result<Body, BlobError> {
        match &self.0 {
            Backend::Folder(folder) => folder.read(key).await,
            Backend::Remote(remote) => remote.read(key).await,
        }
    }

    /// The bytes of a blob that is known to be small.
    pub async fn read_bytes(&self, key: &Key) -> Result<Vec<u8>, BlobError> {
        let mut body = self.read(key).await?;
        let mut bytes = Vec::new();
        while let Some(piece) = body.next().await {
            bytes.extend_from_slice(&piece.map_err(|error| BlobError::Interrupted(error.to_string()))?);
        }
        Ok(bytes)
    }

    /// A path by which pure code reads a blob under the name `name` within `scratch`: a link where the bytes are on
    /// this machine, a download otherwise.
    pub async fn lay_out(&self, key: &Key, scratch: &Path, name: &str) -> Result<PathBuf, BlobError> {
        let path = scratch.join(name);
        match &self.0 {
            Backend::Folder(folder) => folder.link(key, &path).await?,
            Backend::Remote(remote) => remote.download(key, &path).await?,
        }
        Ok(path)
    }

    /// Deletes a blob; one that is gone already is no error.
    pub async fn delete(&self, key: &Key) -> Result<(), BlobError> {
        match &self.0 {
            Backend::Folder(folder) => folder.delete(key).await,
            Backend::Remote(remote) => remote.delete(key).await,
        }
    }

    /// All blobs of a tenant with their sizes, by key: what a sweep compares with the database.
    pub async fn list(&self, org: OrgId) -> Result<Vec<(Key, u64)>, BlobError> {
        let mut blobs = match &self.0 {
            Backend::Folder(folder) => folder.list(org).await?,
            Backend::Remote(remote) => remote.list(org).await?,
        };
        blobs.sort();
        Ok(blobs)
    }

    /// Removes drafts of writers that died. Those that are being written stay.
    pub async fn sweep(&self) -> Result<usize, BlobError> {
        match &self.0 {
            Backend::Folder(folder) => folder.sweep().await,
            // Parts of broken multipart uploads are removed by a lifecycle rule of the bucket.
            Backend::Remote(_) => Ok(0),
        }
    }

    async fn draft(&self, key: &Key) -> Result<Draft, BlobError> {
        Ok(Draft::of(match &self.0 {
            Backend::Folder(folder) => draft::Target::Folder(folder.draft(key).await?),
            Backend::Remote(remote) => draft::Target::Remote(remote.draft(key).await?),
        }))
    }
}

/// How much is read from a file at once.
const PIECE_BYTES: usize = 256 << 10;

#[cfg(test)]
mod tests;
