//! The store on a real Postgres.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod audit_chain;
mod backup;
mod begin;
mod cancelled;
mod catalogue;
mod gate;
mod jobs;
mod limits;
mod migrating;
mod outage;
mod rotation;
mod scenario;
mod simulation;
mod tenancy;
