//! A blob that is being written: bytes are counted and digested on their way.

use aws_lc_rs::digest::{Context, SHA256};
use bytes::Bytes;

use super::{BlobError, Written, folder, remote};

pub(super) enum Target {
    Folder(folder::Draft),
    Remote(remote::Draft),
}

/// Dropped before it is finished, it leaves nothing behind.
pub(super) struct Draft {
    target: Target,
    digest: Context,
    bytes: u64,
}

impl Draft {
    pub(super) fn of(target: Target) -> Self {
        Self { target, digest: Context::new(&SHA256), bytes: 0 }
    }

    /// Adds a piece, unless the blob would become larger than `bytes_max`.
    pub(super) async fn push_within(&mut self, piece: Bytes, bytes_max: u64) -> Result<(), BlobError> {
        self.digest.update(&piece);
        self.bytes += piece.len() as u64;
        if self.bytes > bytes_max {
            self.target.abandon().await;
            return Err(BlobError::TooLarge { bytes_max });
        }
        match &mut self.target {
            Target::Folder(draft) => draft.push(&piece).await,
            Target::Remote(draft) => draft.push(piece).await,
        }
    }

    pub(super) async fn finish(self) -> Result<Written, BlobError> {
        match self.target {
            Target::Folder(draft) => draft.finish().await?,
            Target::Remote(draft) => draft.finish().await?,
        }
        let mut sha256 = [0; 32];
        sha256.copy_from_slice(self.digest.finish().as_ref());
        Ok(Written { bytes: self.bytes, sha256 })
    }
}

impl Target {
    /// Gives up, and waits until nothing is left; a folder has nothing to wait for.
    async fn abandon(&mut self) {
        if let Self::Remote(draft) = self {
            draft.abandon().await;
        }
    }
}
