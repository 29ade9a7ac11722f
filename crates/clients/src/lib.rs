//! The outside world: mail, blobs, key sets of issuers.

pub mod blobs;
