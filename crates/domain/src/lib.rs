//! The product's nouns: a table as read, a mapping, settings, an analysis and its findings.
//!
//! What two wings share stands here, so that wings never know each other. Nothing here reads a file, a clock or a
//! database. Types are not serializable by reflex: whoever owns a boundary owns its shape.
//!
//! Start at [`table`] (what reading yields), then [`mapping`], then [`analysis`], [`review`] (how people go through it) and
//! [`pack`] (what ready-made reports count beside it); for the service at [`actor`].

pub mod actor;
pub mod analysis;
pub mod breakdown;
pub mod chart;
pub mod clock;
pub mod core_variables;
pub mod exchange;
pub mod id;
pub mod issue;
pub mod mapping;
pub mod money;
pub mod number;
pub mod pack;
pub mod review;
pub mod settings;
pub mod table;
pub mod trace;

pub use actor::{Actor, Role};
pub use analysis::{Analysis, Finding};
pub use clock::Clock;
pub use core_variables::{CORE_VARIABLES, CoreKind, CoreVariable, CoreVariables};
pub use exchange::{ExchangeRate, ExchangeRates};
pub use issue::Issue;
pub use mapping::{ColumnMapping, Granularity, Mapping};
pub use money::{Currency, Money};
pub use settings::Settings;
pub use table::{Cell, ColumnProfile, TableProfile, ValueKind};
pub use trace::TraceId;
