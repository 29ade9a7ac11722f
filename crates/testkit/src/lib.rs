//! Throw-away databases, a clock that tests move, builders, a language model that says what a test wrote down, and the
//! neighbours of the product on loopback. Only for tests.
//!
//! [`Database::fresh`] gives a migrated database of one's own on a Postgres that the test process shares; it ends with the process,
//! however that ends. Where no Postgres is installed, it says so and gives none, and the test passes over.

#![expect(
    clippy::expect_used,
    clippy::missing_panics_doc,
    clippy::print_stderr,
    reason = "what does not work here fails the test that needs it"
)]

mod build;
mod clock;
mod database;
mod disk;
pub mod faketime;
pub mod loopback;
pub mod model;
mod moto;
mod openssh;
pub mod schema;
pub mod workbook;

pub use build::{Org, org, person};
pub use clock::FakeClock;
pub use database::Database;
pub use disk::Disk;
pub use moto::Moto;
pub use openssh::OpenSsh;
