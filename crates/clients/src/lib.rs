//! The outside world: mail, blobs, key sets of issuers, payments, language models.

pub mod alerts;
pub mod blobs;
mod bucket;
pub mod hooks;
pub mod key_set;
pub mod mail;
pub mod models;
pub mod oidc;
pub mod otlp;
pub mod payments;
pub mod places;
pub mod sentry;
