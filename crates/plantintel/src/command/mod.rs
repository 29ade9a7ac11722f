//! One file per command: read the arguments, call one use case, show the result.

pub(crate) mod analyze;
pub(crate) mod bench;
pub(crate) mod decisions;
pub(crate) mod eval;
pub(crate) mod generate;
pub(crate) mod map;
pub(crate) mod read;
pub(crate) mod shell;
