//! Use cases: the only place where the wings meet.
//!
//! Each use case takes what a person or a program asks, calls pure code in order, and gives back the domain's nouns.
//! Those of the command line need nothing but files: [`analyze`], [`map`], [`prepare`], [`read`], [`profile`], [`evaluate`],
//! [`generate`]. Those of the service stand on a [`Backing`] and act for a [`Caller`]: each checks what the caller may,
//! loads, calls pure code, writes, and records the deed in the same transaction. [`worker`] runs their jobs.
//! Temporary tables live in a [`Scratch`] folder that goes when the caller is done with the result.

pub mod caller;
pub mod error;
pub mod scratch;

// Without a database.
pub mod analyze;
pub mod ask;
pub mod evaluate;
pub mod generate;
pub mod map;
pub mod prepare;
pub mod profile;
pub mod read;
pub mod reading;

// What is shown and kept.
pub mod archive;
pub mod view;

// Who comes in, and what an organisation is.
pub mod accounts;
pub mod api_keys;
pub mod billing;
pub mod invitations;
pub mod mails;
pub mod members;
pub mod models;
pub mod network;
pub mod notices;
pub mod onboarding;
pub mod operation;
pub mod organisations;
pub mod trail;
pub mod usage;
pub mod webhooks;

// The service.
pub mod analyses;
mod backing;
pub mod backup;
mod behind;
pub mod configurations;
pub mod datasets;
mod deed;
pub mod demo;
pub mod facilities;
pub mod files;
pub mod findings;
pub mod library;
pub mod mapping_profiles;
pub mod reports;
pub mod sample;
pub mod savings;
pub mod shares;
pub mod sources;
pub mod worker;
pub mod your_data;

pub use backing::{Backing, Bounds};
pub use caller::{Caller, Retry};
pub use error::Error;
pub use scratch::Scratch;
