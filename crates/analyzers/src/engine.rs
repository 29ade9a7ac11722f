//! The engine that all analyzers share: frames of the plant, the search for what explains a metric, and the finding it makes.
//!
//! Reading order: [`plant`] (the data), [`metric`] (what is measured), [`search`] (what explains it), [`finding`] (how
//! it is told), [`ledger`] (how the money adds up).

pub mod allowed;
pub mod chart;
pub mod coincidence;
pub mod columns;
pub mod context;
pub mod contrast;
pub mod defects;
pub mod evidence;
pub mod fields;
pub mod finding;
pub mod flow;
pub mod frame;
pub mod issues;
pub mod ledger;
pub mod load;
pub mod metric;
pub mod narrow;
pub mod observations;
pub mod pairs;
pub mod plant;
pub mod search;
pub mod sentences;
pub mod shares;
pub mod tallies;
pub mod threads;
pub mod value;
pub mod words;

#[cfg(test)]
pub(crate) mod bench;
#[cfg(test)]
mod search_tests;
