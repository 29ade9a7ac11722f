//! A whole installation into a folder, and out of it into an empty one.
//!
//! [`write`] works beside the running service: rows of one moment, then the bytes that they speak of. The manifest comes last, so
//! that a folder with one is complete. [`restore`] first holds every byte of the folder against the manifest, then fills an empty
//! database of the version that the rows are of, reads everything back and compares.

mod manifest;
mod restore;
mod write;

pub use manifest::{Blob, Manifest, Sequence, Sum, check};
pub use restore::restore;
pub use write::write;

/// Rows, a file for each table.
const TABLES: &str = "tables";
/// Bytes of tenants, by their names.
const BLOBS: &str = "blobs";
/// What lies in [`BLOBS`], a line for each.
const BLOB_LIST: &str = "blobs.jsonl";
/// What all of it must add up to.
const MANIFEST: &str = "manifest.json";
