//! Canonical tables: what the customer's files say, in the ontology's words, units and grain.
//!
//! Every canonical row knows its source file and row, and every source row is used or set aside with a reason.

mod assemble;
mod bookings;
mod events;
mod exchange;
mod expression;
mod keys;
pub mod leave_out;
mod level;
pub(crate) mod lists;
mod merge;
mod operations;
mod orders;
mod parents;
pub(crate) mod read;
mod sink;
mod stage;
pub mod union;
mod wide_defects;
pub(crate) mod words;

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use domain::{Currency, Issue, analysis::Rows};
use ontology::{Entity, FieldId};

pub(crate) use self::stage::LIST;
use crate::{
    error::AnalyzeError,
    mapped_table::MappedTable,
    query::{self, Limits},
};

/// The canonical tables of one run.
///
/// Columns of each: `source_file` (Int32, counts into [`Canonical::files`]), `source_row` (Int64), `order_key` (Utf8),
/// `operation_key` (Utf8; operations and bookings), then the mapped fields by their ids: identifier, category and text
/// Utf8, number Float64 in the unit of the ontology, timestamp Timestamp(µs), flag Boolean.
#[derive(Debug, Clone)]
pub struct Canonical {
    pub dir: PathBuf,
    /// Names of the customer's files; `source_file` counts into them.
    pub files: Vec<String>,
    pub tables: BTreeMap<Entity, CanonicalTable>,
    pub rows: Rows,
    pub issues: Vec<Issue>,
    /// `None` where the data state none.
    pub currency: Option<Currency>,
    /// What the run may use, for the steps that follow.
    pub limits: Limits,
}

/// One canonical table.
#[derive(Debug, Clone)]
pub struct CanonicalTable {
    pub path: PathBuf,
    pub rows: u64,
    /// The fields it holds, with the share of rows that are filled.
    pub fields: BTreeMap<FieldId, f64>,
}

impl Canonical {
    pub fn path(&self, entity: Entity) -> Option<&Path> {
        self.tables.get(&entity).map(|table| table.path.as_path())
    }

    /// The share of rows of a table that hold a field; 0 where the table or the field is not there.
    pub fn fill(&self, entity: Entity, field: FieldId) -> f64 {
        self.tables.get(&entity).and_then(|table| table.fields.get(&field)).copied().unwrap_or(0.0)
    }
}

/// The file name of a canonical table, without its folder.
pub fn file_name(entity: Entity) -> &'static str {
    match entity {
        Entity::WorkOrder => "work_orders.parquet",
        Entity::Operation => "operations.parquet",
        Entity::Booking => "bookings.parquet",
        Entity::Material => "materials.parquet",
        Entity::Quality => "quality.parquet",
        Entity::Equipment => "equipment_events.parquet",
    }
}

/// Writes the canonical tables of `tables` into the existing folder `out`. Only tables with data are written. It blocks;
/// call it from a thread that may.
pub fn build(tables: &[MappedTable], out: &Path, limits: &Limits) -> Result<Canonical, AnalyzeError> {
    query::block_on(limits, assemble::run(tables, out, limits))
}
