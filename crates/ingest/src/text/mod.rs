//! Delimited text: from bytes to records, by the majority of the rows.
//!
//! [`encoding`] tells how the bytes are written and gives a UTF-8 view, [`dialect`] finds delimiter, quote and escape,
//! [`scan`] splits well-formed records fast, and [`line`](mod@line) reads a single odd line in every way that makes sense.

pub mod dialect;
pub mod encoding;
pub mod line;
pub mod pieces;
pub mod scan;
pub mod table;

mod candidates;
mod cleanliness;
