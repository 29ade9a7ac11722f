//! Use cases: the only place where the wings meet.
//!
//! Each use case takes what a person or a program asks, calls pure code in order, and gives back the domain's nouns.
//! Temporary tables live in a [`Scratch`] folder that goes when the caller is done with the result.

pub mod analyze;
pub mod archive;
pub mod caller;
pub mod error;
pub mod evaluate;
pub mod generate;
pub mod map;
pub mod profile;
pub mod read;
pub mod reading;
pub mod scratch;
pub mod view;

pub use caller::Caller;
pub use error::Error;
pub use scratch::Scratch;
