//! Why bytes could not be kept or fetched.

use std::path::{Path, PathBuf};

/// One variant per thing that a caller can act on.
#[derive(Debug, thiserror::Error)]
pub enum BlobError {
    #[error("{place} cannot hold files: {reason}; name a folder, or a URL such as s3://bucket/prefix")]
    Place { place: String, reason: String },
    #[error("more than {bytes_max} bytes came in")]
    TooLarge { bytes_max: u64 },
    /// The sender stopped; nothing was kept.
    #[error("the body broke off: {0}")]
    Body(String),
    #[error("there is no blob {0}")]
    NotFound(String),
    #[error("cannot {action} {path}: {source}", path = path.display())]
    Io { action: &'static str, path: PathBuf, source: std::io::Error },
    #[error("the object store failed: {0}")]
    Remote(object_store::Error),
    /// What was being read did not come to its end.
    #[error("reading broke off: {0}")]
    Interrupted(String),
    #[error("“{0}” is no name of a blob")]
    Key(String),
}

impl BlobError {
    pub(crate) fn io(action: &'static str, path: &Path, source: std::io::Error) -> Self {
        Self::Io { action, path: path.to_owned(), source }
    }

    /// What a store says that will go on refusing a write: nothing where another try may do.
    pub(crate) fn refusal(&self) -> Option<String> {
        match self {
            Self::Remote(object_store::Error::NotFound { .. }) => {
                Some("there is no such bucket, or this account does not see it".to_owned())
            }
            Self::Remote(object_store::Error::Unauthenticated { .. }) => Some(
                "the store does not know these keys (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY)".to_owned(),
            ),
            Self::Remote(object_store::Error::PermissionDenied { .. }) => Some(
                "these keys (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY) are wrong, or may not write there"
                    .to_owned(),
            ),
            Self::Io { source, .. } if source.kind() == std::io::ErrorKind::PermissionDenied => {
                Some(self.to_string())
            }
            _ => None,
        }
    }

    /// Whether the place is full: more room helps, another try does not.
    pub fn full(&self) -> bool {
        matches!(self, Self::Io { source, .. } if source.kind() == std::io::ErrorKind::StorageFull)
    }
}

impl From<object_store::Error> for BlobError {
    fn from(error: object_store::Error) -> Self {
        match error {
            // Without its bucket the store has lost nothing that we know of: it is not the one that we want.
            object_store::Error::NotFound { path, source } if !no_bucket(source.as_ref()) => {
                Self::NotFound(path)
            }
            other => Self::Remote(other),
        }
    }
}

/// Whether an answer speaks of the bucket rather than of something in it.
fn no_bucket(source: &(dyn std::error::Error + 'static)) -> bool {
    let mut cause = Some(source);
    while let Some(error) = cause {
        if error.to_string().contains("NoSuchBucket") {
            return true;
        }
        cause = error.source();
    }
    false
}
