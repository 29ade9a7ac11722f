//! Records with named fields (JSON, XML) as rows: columns in the order in which their names first appear.

use std::collections::HashMap;

use crate::error::ReadError;
use crate::formats::opening::Opening;
use crate::formats::spool::{Spool, SpooledRows};

pub(crate) struct Records {
    spool: Spool,
    names: Vec<String>,
    index: HashMap<String, usize>,
    row: Vec<String>,
}

impl Records {
    pub(crate) fn new(opening: &Opening<'_>) -> Result<Self, ReadError> {
        Ok(Self { spool: Spool::new(opening)?, names: Vec::new(), index: HashMap::new(), row: Vec::new() })
    }

    /// Adds a value to the record at hand. A name that comes again in one record is listed after a comma.
    pub(crate) fn field(&mut self, name: &str, value: &str) -> Result<(), ReadError> {
        let column = if let Some(column) = self.index.get(name) {
            *column
        } else {
            let column = self.names.len();
            if column >= self.spool.columns_max() {
                return Err(self.spool.too_many_columns(column + 1));
            }
            self.names.push(name.to_owned());
            self.index.insert(name.to_owned(), column);
            column
        };
        if self.row.len() <= column {
            self.row.resize(column + 1, String::new());
        }
        let cell = &mut self.row[column];
        if !cell.is_empty() && !value.is_empty() {
            cell.push_str(", ");
        }
        cell.push_str(value);
        Ok(())
    }

    pub(crate) fn end(&mut self, number: u64) -> Result<(), ReadError> {
        self.spool.push(number, &self.row)?;
        self.row.clear();
        Ok(())
    }

    pub(crate) fn cells(&self) -> u64 {
        self.spool.cells
    }

    pub(crate) fn finish(self) -> Result<SpooledRows, ReadError> {
        let header = (!self.names.is_empty()).then_some(self.names.as_slice());
        self.spool.finish(header)
    }
}
