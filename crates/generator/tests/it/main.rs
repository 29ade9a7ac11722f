//! Plants as a reader of their files sees them.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop where it stands")]

mod bytes;
mod coherence;
mod effects;
mod evaluation;
mod plant;
