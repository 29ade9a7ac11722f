//! All rows of an installation, out and in again, as the text that `COPY` gives.
//!
//! [`Source`] reads every table at one moment, while the service goes on; [`Target`] makes an empty database of the same version and
//! fills it. No program of Postgres is needed, no role that bypasses row security, and what is restored has the walls that the
//! migrations build, not those that lay in a dump.

mod source;
mod table;
mod target;

pub use source::Source;
pub use table::{Position, Table, Written};
pub use target::Target;
