//! The pages, in the order of the rail.

pub mod actions;
pub mod ask;
pub mod breakdown;
pub mod changes;
pub mod console;
pub mod data;
pub mod door;
pub mod error;
pub mod explore;
pub mod finding;
pub mod findings;
pub mod help;
pub mod import;
pub mod order;
pub mod overview;
pub mod reports;
pub mod settings;
pub mod sheet;
pub mod start;
pub mod summary;
pub mod welcome;
