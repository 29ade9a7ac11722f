//! Bytes of a customer's file in, typed tables, column profiles and issues out.
//!
//! Reading never fails on content: what could be read is returned, and every row or cell that could not be used is
//! reported as a [`domain::Issue`] with file, row, column and reason. `Err` is for bytes that are no table at all
//! ([`ReadError`]). The crate knows no database, no HTTP, no environment and no clock: same file, same tables.
//!
//! The way of a file, and the order in which to read this crate:
//!
//! 1. [`formats`] tells what the bytes are and opens containers (workbooks, Parquet, JSON, XML, archives).
//! 2. `text` finds encoding and dialect of delimited text by the majority of its rows and splits it in parallel.
//! 3. [`rows`] is the common shape before typing: numbered rows of cells as written.
//! 4. `structure` finds banner, header, frame, repeated header, total and junk rows in any source of rows.
//! 5. [`typing`] decides each column's type by the evidence of all rows and reads cells by it.
//! 6. `table` does all of that in one pass over blocks of rows, keeps the statistics, and writes Parquet.
//!
//! [`sheets`] reads a workbook of our own that comes back, without guessing at anything.
//!
//! [`read`](fn@read::read) is the door; [`write_csv`](fn@read::write_csv) shows the table exactly as it was read.

mod csv_out;
pub mod error;
pub mod formats;
pub mod look_up;
pub mod read;
pub mod rows;
pub mod sheets;
pub mod source;
mod spool;
pub mod structure;
pub mod table;
pub mod text;
pub mod typing;

pub use error::ReadError;
pub use read::{Progress, ReadOptions, ReadTable, read, write_csv};
pub use source::SourceDescription;
