//! What each row is: banner, header, data, repeated header, total, frame, blank or junk.
//!
//! [`model`] learns from the majority of rows what the cells of each column look like, [`head`] finds the header by
//! that, [`align`] puts the cells of a ragged row under the columns that they fit, and [`kind`](mod@kind) tells
//! rows apart that are no data.

pub mod align;
pub mod head;
pub mod kind;
pub mod model;
pub mod odd;
pub mod tables;

pub use kind::is_frame;
