//! The shapes that scripts rely on, converted by hand from the domain. Names may grow, not change.

pub(crate) mod analysis;
pub(crate) mod mapping;
pub(crate) mod table;
