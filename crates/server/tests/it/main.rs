//! The door as seen from outside.
#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a test may fail loudly and say what it counted")]

mod key_rotation;
mod signer;
mod tokens;
