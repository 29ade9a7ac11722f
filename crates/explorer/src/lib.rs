//! Canonical tables as people look at them: a page of rows, groups with totals, one order with everything that hangs on it.
//!
//! Whoever looks at fifty rows or at one order waits for those, not for the table: beside each table lies what was worked
//! out once ([`Explorer::prepare`]) — its totals, the order of its source rows, and which rows belong to which order. Only
//! what is asked over all rows (a sort, a condition, groups) reads all rows, and then only the columns that it needs.

mod aside;
mod ask;
mod error;
mod filter;
mod groups;
mod months;
mod order;
mod rows;
mod table;
mod values;

use std::{collections::BTreeMap, path::PathBuf};

pub use ask::{Ask, Group, Groups, Line, Rows, Seen};
pub use error::ExploreError;
pub use months::{Month, Months};
use ontology::{Entity, FieldId};
use table::Table;

/// A canonical table as it lies on disk.
#[derive(Debug, Clone, PartialEq)]
pub struct Described {
    pub parquet: PathBuf,
    pub rows: u64,
    /// The fields it holds, with the share of rows that are filled.
    pub fields: BTreeMap<FieldId, f64>,
}

/// The tables of one run. Cheap to open; it keeps no rows in memory.
#[derive(Debug)]
pub struct Explorer {
    files: Vec<String>,
    tables: BTreeMap<Entity, Table>,
}

const NUMBER: &str = "work_order_id";
const KEY: &str = "order_key";

impl Explorer {
    /// Tables with the names of the customer's files, into which `source_file` counts.
    pub fn new(files: Vec<String>, tables: impl IntoIterator<Item = (Entity, Described)>) -> Self {
        Self {
            files,
            tables: tables.into_iter().map(|(entity, table)| (entity, Table::new(table))).collect(),
        }
    }

    /// Works out what lies beside each table, where it does not lie there yet. It blocks, as everything here does.
    pub fn prepare(&self) -> Result<(), ExploreError> {
        self.tables.values().try_for_each(|table| table.aside().map(|_| ()))
    }

    /// What was worked out about a table lies beside it: a file to be kept with it.
    pub fn beside(parquet: &std::path::Path) -> PathBuf {
        aside::path(parquet)
    }

    /// Tables with rows, and how many.
    pub fn entities(&self) -> Vec<(Entity, u64)> {
        self.tables
            .iter()
            .filter(|(_, table)| table.described.rows > 0)
            .map(|(entity, table)| (*entity, table.described.rows))
            .collect()
    }

    /// Fields of a table that hold anything, in the order of the ontology, with the number of the order on every table that
    /// hangs on one.
    pub fn fields(&self, entity: Entity) -> Vec<FieldId> {
        ontology::field::all()
            .iter()
            .map(|field| field.id)
            .filter(|field| self.fill(entity, *field) > 0.0 || self.lends_number(entity, *field))
            .collect()
    }

    /// How many cells were decoded since it was opened: what tests hold against the size of the tables.
    pub fn cells_read(&self) -> u64 {
        self.tables.values().map(Table::cells_read).sum()
    }

    fn fill(&self, entity: Entity, field: FieldId) -> f64 {
        self.tables.get(&entity).and_then(|table| table.described.fields.get(&field)).copied().unwrap_or(0.0)
    }

    /// Whether a table gets the number of its orders from the table of orders.
    fn lends_number(&self, entity: Entity, field: FieldId) -> bool {
        field.as_str() == NUMBER
            && matches!(entity, Entity::Operation | Entity::Booking | Entity::Material | Entity::Quality)
            && self.tables.contains_key(&entity)
            && self.fill(entity, field) == 0.0
            && self.fill(Entity::WorkOrder, field) > 0.0
    }

    fn lends(&self, entity: Entity) -> bool {
        FieldId::named(NUMBER).is_some_and(|field| self.lends_number(entity, field))
    }
}
