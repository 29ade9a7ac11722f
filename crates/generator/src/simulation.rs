//! The plant at work: orders arrive, queue at machines first come first served, and are done.

pub(crate) mod facility;
pub(crate) mod machine;
pub(crate) mod operation;
pub(crate) mod order;
