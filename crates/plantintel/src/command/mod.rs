//! One file per command: read the arguments, call one use case, show the result.

pub(crate) mod admin;
pub(crate) mod analyze;
pub(crate) mod ask;
pub(crate) mod audit;
pub(crate) mod backup;
pub(crate) mod bench;
pub(crate) mod decisions;
pub(crate) mod doctor;
pub(crate) mod eval;
pub(crate) mod generate;
pub(crate) mod map;
pub(crate) mod mcp;
pub(crate) mod migrate;
mod operate;
pub(crate) mod read;
pub(crate) mod rotate_keys;
pub(crate) mod serve;
pub(crate) mod shell;
