//! The shapes that scripts rely on, of the command line and the API alike, converted by hand from the domain. Names may
//! grow, not change.

pub mod analysis;
pub mod breakdown;
pub mod mapping;
pub mod table;
