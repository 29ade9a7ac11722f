//! The words of manufacturing: entities, fields, units and KPI definitions.
//!
//! Everything here is data. A field is a row of `data/fields.csv`, a KPI a row of `data/kpis.csv`; code that needs
//! a new one adds a row, not a branch. This crate knows no file, tenant, mapping or analysis.
//!
//! Start at [`field`], then [`unit`].

pub mod field;
pub mod kpi;
pub mod unit;

pub use field::{Entity, Field, FieldId, FieldType, RollUp};
pub use kpi::Kpi;
pub use unit::Unit;
