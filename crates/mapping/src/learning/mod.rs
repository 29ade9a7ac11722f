//! Knowing an export again: what is kept of a confirmed table, which confirmed tables a new one is like, and what has
//! changed since. Pure: the caller keeps the [`KnownTable`]s, per organisation, and hands them in.
//!
//! [`recognise`] is the one function to call. What it kept are headers, fields, units and how values are written and
//! how large they are; never a value.

mod drift;
mod known;
mod recognise;

pub use drift::Drift;
pub use known::{KnownColumn, KnownTable, ValueShape, signature};
pub use recognise::{MatchedBy, MatchedColumn, Recognised, recognise};
