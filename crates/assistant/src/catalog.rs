//! What the data at hold can be asked for.

use std::collections::BTreeMap;

use ontology::FieldId;

use crate::{intent::Period, values::Values};

/// What one figure can be told apart by.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Ability {
    /// Fields to filter and group by.
    pub fields: Vec<FieldId>,
    /// Whether its rows have dates.
    pub dated: bool,
}

/// The figures, fields and values of some data, as far as a question can name them.
#[derive(Debug, Clone, Default)]
pub struct Catalog {
    /// Days of the data, both included.
    pub period: Option<Period>,
    /// Figures that can be computed, by id.
    pub metrics: BTreeMap<String, Ability>,
    /// Values of fields, for those that have few enough to be listed.
    pub values: Values,
    /// Fields that have more values than are listed.
    pub long: Vec<FieldId>,
    /// Whether findings are there.
    pub findings: usize,
}

impl Catalog {
    pub fn has(&self, metric: &str) -> bool {
        self.metrics.contains_key(metric)
    }

    pub fn can(&self, metric: &str, field: FieldId) -> bool {
        self.metrics.get(metric).is_some_and(|ability| ability.fields.contains(&field))
    }

    pub fn dated(&self, metric: &str) -> bool {
        self.metrics.get(metric).is_some_and(|ability| ability.dated)
    }

    /// Whether rows hold a field at all.
    pub fn holds(&self, field: FieldId) -> bool {
        self.values.contains_key(&field) || self.long.contains(&field)
    }
}
