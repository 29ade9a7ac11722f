//! What if: set-up, scrap, a shift, a machine, a price, the size of a batch. Arithmetic on the plant's own sums with the
//! numbers that somebody asks for; the formula stands beside every answer, and so does what it takes for granted.
//!
//! An answer is no claim about the future and no test; it never adds up with findings or with other answers.

mod answer;
mod batch;
mod capacity;
mod lever;
mod sums;

pub use answer::{Answer, Figure};
pub use batch::batch_size;
pub use capacity::{Queue, machines, shift};
pub use lever::{price, scrap, setup, share};
pub use sums::{Load, Sums};
