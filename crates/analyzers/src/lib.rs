//! Analyses: from mapped tables to canonical tables, key figures, and findings in dollars.
//!
//! Pure: no clock, no environment, no database; same input, same bytes. The only crate that names the query engine.
//! Start at [`canonical`] (what the files say, in the ontology's words), then [`quality`] (how far that can be
//! trusted), [`kpi`], and [`tiers`] (what can and cannot be said with it). [`suite`] asks the questions, [`engine`]
//! answers them, and [`stats`] holds the numbers behind the answers; [`breakdown`] lists what was not asked. What people
//! ask beyond that goes through [`figures`], [`what_if`] and [`sandbox`]; [`packs`] counts what ready-made reports are about.

pub mod breakdown;
pub mod canonical;
pub mod engine;
pub mod error;
pub mod figures;
pub mod kpi;
pub mod mapped_table;
pub mod over_time;
pub mod packs;
pub mod quality;
pub mod query;
pub mod run;
pub mod sandbox;
pub mod savings;
pub mod settings;
pub mod stats;
pub mod suite;
pub mod tiers;
pub mod what_if;

pub use canonical::Canonical;
pub use error::AnalyzeError;
pub use mapped_table::MappedTable;
pub use query::Limits;
pub use run::{analyze, analyze_and, analyze_with_history, load};
