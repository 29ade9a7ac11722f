//! The built program, called as people and scripts call it.

#![expect(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "tests stop where they fail, and say what they skip"
)]

mod abuse;
mod analyze;
mod clock;
mod crashes;
mod disk_errors;
mod durable;
mod eval;
mod exact;
mod examples;
mod floors;
mod full_disk;
mod injection_molding;
mod map;
mod mcp;
mod object_store;
mod operating;
mod power;
mod product;
mod program;
mod read;
mod serve;
mod slow_clients;
mod soak;
mod topology;
mod wrong_files;
