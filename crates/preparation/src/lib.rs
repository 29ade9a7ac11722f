//! Preparation: what is done to the cells of a table before its mapping is applied.
//!
//! A [`Preparation`] lists columns that are cleaned up by ordered steps, given by a rule (lookup, conditions, formula),
//! or made of other columns. It is checked first ([`check`]): a column that is not there, a circle, a formula that does
//! not parse are refused with what to do. Then it is executed over the whole file ([`run`]): the typed table becomes
//! another typed table, the uploaded file and its typed form stay as they are, so that every cell can be explained
//! ([`Plan::explain`]). Nothing is dropped silently: a cell that a step cannot read is empty afterwards and counted,
//! with its row.
//!
//! Pure: no clock, no environment, no database. Start at [`recipe`], then [`plan`].

pub mod check;
pub mod correction;
pub mod fix;
mod fold;
mod formula;
pub mod graph;
pub mod health;
mod moment;
mod number;
pub mod plan;
pub mod preview;
mod profile;
pub mod recipe;
pub mod report;
mod rule;
pub mod run;
mod step;
pub mod suggest;
pub mod templates;

pub use check::Problem;
pub use plan::Plan;
pub use preview::{Preview, preview};
pub use recipe::Preparation;
pub use report::ColumnReport;
pub use run::{PrepareError, Prepared, run};
