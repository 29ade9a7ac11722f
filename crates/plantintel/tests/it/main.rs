//! The built program, called as people and scripts call it.

mod analyze;
mod eval;
mod floors;
mod map;
mod program;
mod read;
mod wrong_files;
