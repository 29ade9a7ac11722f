//! The type of a column by the evidence of all its rows.
//!
//! What the reading pipeline calls, per column and block of some ten thousand rows:
//!
//! - `ColumnEvidence::new()`, `observe(&str)`, and `observe_many(&str, u64)`: the same cell text seen that often. The
//!   pipeline counts repeated values itself and hands over each distinct value once per block where that pays, so the
//!   evidence does not depend on the order of rows. `merge(&mut self, other)`.
//! - `decide(&self, header) -> ColumnType`, called several times while the file is read (it takes `&self`). Two
//!   `ColumnType`s are equal when they read all cells alike: when a later decision differs from the one by which cells
//!   were written, the file is converted a second time.
//! - [`settle()`], once all columns of a file are decided: they settle each other's open questions.
//! - `ColumnType::read(&self, raw: &str) -> domain::Cell` for single cells, and `read_i64`, `read_f64`, `read_micros`,
//!   `read_bool`, `read_text` for writing columns, which allocate nothing and say why a cell gave no value.
//!
//! How it works, in the order in which to read it: a cell is cut into pieces (`token`), whose codes are its shape. All
//! cells of a shape are counted together with the values of their numbers (`shapes`; `digits` for cells of digits alone).
//! A shape is a number, day or time when its grammar says so (`number`, `moment`, `clock`), and only the values over all
//! rows say which (`decide`). Reading cuts a cell the same way and reads it by the grammar that was decided (`read`).

mod calendar;
mod clock;
mod column_type;
mod decide;
mod digits;
mod evidence;
mod moment;
mod number;
mod read;
mod sentinel;
mod settle;
mod shapes;
#[cfg(test)]
mod tests;
mod token;
mod weekday;
mod words;
mod written;

pub use column_type::ColumnType;
pub use evidence::ColumnEvidence;
pub use read::{Reading, Unreadable, Value};
pub use settle::{Column, settle};
