//! From column profiles to proposed fields, each with a calibrated probability and the reasons for it.
//!
//! Reading order: [`propose`] is the way through; [`knowledge`] is what is known beforehand, as reviewed data files;
//! `names` reads headers and `values` measures cells; `matchers` hold one kind of evidence each; `combine`, `pairs`,
//! `assign`, `choice` and `judge` decide; `evidence` says why; [`grouping`] shows on one order what belongs to the order and what to its rows. [`learning`] knows confirmed exports again and tells what changed. [`evaluation`] measures it all against labelled exports.
//!
//! The crate is pure: no file is read at run time, and the same profile always gives the same mapping.

mod assign;
mod candidate;
mod choice;
mod combine;
pub mod evaluation;
mod evidence;
mod grain;
pub mod grouping;
mod judge;
pub mod knowledge;
pub mod learning;
mod matchers;
mod names;
mod pairs;
mod plant;
mod propose;
mod remembered;
mod system;
#[doc(hidden)]
pub mod training;
mod unit;
mod unnamed_orders;
mod values;
mod view;

pub use knowledge::Knowledge;
pub use names::compact as header_key;
pub use propose::{propose, propose_all};
pub use remembered::Remembered;
