//! The plant's files, as its ERP would write them.

pub(crate) mod cell;
pub(crate) mod columns;
pub(crate) mod files;
pub(crate) mod style;
