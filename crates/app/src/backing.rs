//! What use cases of the service stand on.

use std::sync::Arc;

use clients::blobs::Blobs;
use domain::Clock;
use store::Store;

use crate::datasets::readings::Readings;

/// The database, the bytes, the time, and the bounds of this installation. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Backing {
    pub store: Store,
    pub blobs: Blobs,
    pub clock: Arc<dyn Clock>,
    pub bounds: Bounds,
    /// Readings that were decoded lately.
    pub readings: Readings,
}

/// What one request or job may take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bounds {
    /// Bytes of one file.
    pub file_bytes_max: u64,
    /// Files of one dataset.
    pub files_max: usize,
    /// Datasets of one analysis.
    pub datasets_max: usize,
    /// Files that one look into a source takes; the others come with the next, at once.
    pub source_files_max: usize,
}

impl Default for Bounds {
    /// Files of 500 MB, 50 to a dataset, 20 datasets to an analysis, 500 to a look into a source.
    fn default() -> Self {
        Self { file_bytes_max: 500 << 20, files_max: 50, datasets_max: 20, source_files_max: 500 }
    }
}
