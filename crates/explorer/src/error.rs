//! What can go wrong while tables are looked at: never what stands in them.

use std::path::PathBuf;

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum ExploreError {
    #[error("cannot read or write {}: {source}", path.display())]
    Io { path: PathBuf, source: std::io::Error },
    #[error("a canonical table cannot be read: {0}")]
    Parquet(#[from] parquet::errors::ParquetError),
    #[error("a canonical table cannot be used: {0}")]
    Arrow(#[from] arrow::error::ArrowError),
    #[error("{} is damaged; delete it, and it is made again", .0.display())]
    Damaged(PathBuf),
}

impl ExploreError {
    pub(crate) fn io(path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { path, source }
    }
}
