//! Blobs in an S3-compatible store.

use std::{path::Path, sync::Arc};

use bytes::Bytes;
use domain::id::OrgId;
use futures::{StreamExt, TryStreamExt};
use object_store::{ObjectStore, ObjectStoreExt, WriteMultipart, path::Path as ObjectPath};
use tokio::io::AsyncWriteExt;
use url::Url;

use super::{BlobError, Body, Key};
use crate::bucket;

/// Parts of a blob that are on their way at once: with 5 MiB each, the bound on memory of a write.
const PARTS_MAX: usize = 4;

#[derive(Debug, Clone)]
pub(super) struct Remote {
    store: Arc<dyn ObjectStore>,
    prefix: ObjectPath,
}

impl Remote {
    pub(super) fn open(
        url: &Url,
        options: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, object_store::Error> {
        let (store, prefix) = bucket::open(url, options)?;
        Ok(Self { store, prefix })
    }

    fn path(&self, key: &Key) -> ObjectPath {
        key.to_string().split('/').fold(self.prefix.clone(), ObjectPath::join)
    }

    pub(super) async fn draft(&self, key: &Key) -> Result<Draft, BlobError> {
        // What a store has not got while it is written to is never the blob.
        let upload = self.store.put_multipart(&self.path(key)).await.map_err(BlobError::Remote)?;
        Ok(Draft(Some(WriteMultipart::new(upload))))
    }

    pub(super) async fn read(&self, key: &Key) -> Result<Body, BlobError> {
        let found = self.store.get(&self.path(key)).await?;
        Ok(found.into_stream().map_err(std::io::Error::other).boxed())
    }

    pub(super) async fn download(&self, key: &Key, path: &Path) -> Result<(), BlobError> {
        let mut body = self.read(key).await?;
        let failed = |error| BlobError::io("write", path, error);
        let mut file = tokio::fs::File::create_new(path).await.map_err(failed)?;
        while let Some(piece) = body.next().await {
            let piece = piece.map_err(|error| BlobError::Interrupted(error.to_string()))?;
            file.write_all(&piece).await.map_err(failed)?;
        }
        file.flush().await.map_err(failed)
    }

    pub(super) async fn delete(&self, key: &Key) -> Result<(), BlobError> {
        match self.store.delete(&self.path(key)).await {
            Err(object_store::Error::NotFound { .. }) => Ok(()),
            other => Ok(other?),
        }
    }

    pub(super) async fn list(&self, org: OrgId) -> Result<Vec<(Key, u64)>, BlobError> {
        let prefix = self.prefix.clone().join(org.to_string());
        let objects: Vec<_> = self.store.list(Some(&prefix)).try_collect().await?;
        let mut blobs = Vec::new();
        for object in objects {
            let name: Vec<_> = match object.location.prefix_match(&self.prefix) {
                Some(parts) => parts.map(|part| part.as_ref().to_owned()).collect(),
                None => continue,
            };
            if let Ok(key) = name.join("/").parse() {
                blobs.push((key, object.size));
            }
        }
        Ok(blobs)
    }
}

/// A multipart upload. Taken away, it is aborted.
pub(super) struct Draft(Option<WriteMultipart>);

impl Draft {
    pub(super) async fn push(&mut self, piece: Bytes) -> Result<(), BlobError> {
        if let Some(upload) = &mut self.0 {
            upload.wait_for_capacity(PARTS_MAX).await.map_err(BlobError::Remote)?;
            upload.write(&piece);
        }
        Ok(())
    }

    pub(super) async fn finish(mut self) -> Result<(), BlobError> {
        if let Some(mut upload) = self.0.take() {
            // A part that failed leaves the others behind unless they are told.
            if let Err(error) = upload.wait_for_capacity(1).await {
                let _ = upload.abort().await;
                return Err(BlobError::Remote(error));
            }
            upload.finish().await.map_err(BlobError::Remote)?;
        }
        Ok(())
    }

    pub(super) async fn abandon(&mut self) {
        if let Some(upload) = self.0.take() {
            // The lifecycle rule of the bucket removes what this does not.
            let _ = upload.abort().await;
        }
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        if let Some(upload) = self.0.take()
            && let Ok(runtime) = tokio::runtime::Handle::try_current()
        {
            runtime.spawn(upload.abort());
        }
    }
}
