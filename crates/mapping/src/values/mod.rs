//! What the values say: facts of one column, and relations between columns.

mod facts;
mod relations;

pub(crate) use facts::Facts;
pub(crate) use relations::Relations;
