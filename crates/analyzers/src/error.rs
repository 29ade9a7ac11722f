//! Why an analysis can not be made.

use std::path::PathBuf;

use datafusion::error::DataFusionError;

#[derive(Debug, thiserror::Error)]
pub enum AnalyzeError {
    /// The data hold nothing that an analysis could start from; the reason says what is missing and what to do.
    #[error("{reason}")]
    Unusable { reason: String },
    #[error("the query engine failed: {0}")]
    Query(#[from] DataFusionError),
    #[error("{path}: {source}")]
    Io { path: PathBuf, source: std::io::Error },
    #[error("the worker that computes could not be started: {0}")]
    Runtime(std::io::Error),
}

impl From<datafusion::parquet::errors::ParquetError> for AnalyzeError {
    fn from(error: datafusion::parquet::errors::ParquetError) -> Self {
        Self::Query(error.into())
    }
}

impl From<datafusion::arrow::error::ArrowError> for AnalyzeError {
    fn from(error: datafusion::arrow::error::ArrowError) -> Self {
        Self::Query(error.into())
    }
}
