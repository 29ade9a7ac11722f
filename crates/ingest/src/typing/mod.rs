//! The type of a column by the evidence of all its rows.
//!
//! What the reading pipeline calls, per column and block of some ten thousand rows:
//!
//! - `ColumnEvidence::new()`, `observe(&str)`, and `observe_many(&str, u64)`: the same cell text seen that often. The
//!   pipeline counts repeated values itself and hands over each distinct value once per block where that pays, so the
//!   evidence must not depend on the order of rows. `merge(&mut self, other)`.
//! - `decide(&self, header) -> ColumnType`, called several times while the file is read (it takes `&self`), and
//!   `ColumnType: Clone + PartialEq + Send + Sync`: when a later decision differs from the one by which cells were
//!   written, the file is converted a second time.
//! - `ColumnType::read(&self, raw: &str) -> domain::Cell` for single cells, which should not allocate unless the answer
//!   is text. Empty cells and the column's "no date" values read as `Cell::Empty`.
