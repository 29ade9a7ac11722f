//! From rows to a typed table on disk with a profile of each column.
//!
//! [`pass`] drives it: pieces of text are split side by side, then columns are worked on side by side. [`column`] is the
//! state of one column, [`values`] counts its distinct values, [`sample`] keeps rows for showing, [`store`] writes
//! Parquet, and [`findings`] gathers what was noticed.

pub mod column;
pub mod findings;
pub mod pass;
pub mod sample;
pub mod store;
pub mod values;
