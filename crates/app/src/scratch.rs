//! A folder for the tables of one run.

use std::path::Path;

use tempfile::TempDir;

use crate::Error;

/// Removed with everything in it when dropped.
#[derive(Debug)]
pub struct Scratch(TempDir);

impl Scratch {
    pub fn new() -> Result<Self, Error> {
        tempfile::Builder::new().prefix("plantintel-").tempdir().map(Self).map_err(|error| {
            Error::Work(format!("cannot make a temporary folder: {error}; check TMPDIR and free space"))
        })
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// A folder of its own for one part of the run.
    pub fn folder(&self, name: &str) -> Result<std::path::PathBuf, Error> {
        let path = self.path().join(name);
        std::fs::create_dir_all(&path).map_err(|error| {
            Error::Work(format!("cannot make {}: {error}; check free space", path.display()))
        })?;
        Ok(path)
    }
}
