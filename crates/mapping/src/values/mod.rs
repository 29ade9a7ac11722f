//! What the values say: facts of one column, and relations between columns.

mod blocks;
mod breakdown;
mod facts;
mod relations;
pub(crate) mod scaling;

pub(crate) use blocks::Blocks;
pub(crate) use facts::Facts;
pub(crate) use relations::Relations;
