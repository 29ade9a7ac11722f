//! A table with its mapping: what an analysis is given.

use std::path::PathBuf;

use domain::{ExchangeRates, Mapping, ValueKind, mapping::SET_ASIDE};
use ontology::{FieldId, Unit, field::FieldUnit};

/// One table of the customer, as `ingest` typed it and `mapping` (or a person) understood it.
#[derive(Debug, Clone, PartialEq)]
pub struct MappedTable {
    /// The file's name, without its folder.
    pub file: String,
    /// The sheet, or the member of an archive.
    pub part: Option<String>,
    /// The typed Parquet file; its layout is that of [`domain::table`].
    pub parquet: PathBuf,
    pub mapping: Mapping,
    /// Kind of each column, in the order of the file.
    pub kinds: Vec<ValueKind>,
    /// ISO 4217 code, where signs or codes in the values state one.
    pub currency: Option<String>,
    /// Rates into the currency that is reported; `None` where amounts stay as they are.
    pub exchange: Option<ExchangeRates>,
}

/// A column that carries a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Source {
    pub(crate) column: usize,
    pub(crate) kind: ValueKind,
    pub(crate) unit: Option<Unit>,
}

impl MappedTable {
    /// The columns mapped to a field, in the order of the file. Columns without a value do not count.
    pub(crate) fn sources(&self, field: FieldId) -> Vec<Source> {
        self.mapping
            .columns
            .iter()
            .filter(|column| column.field == Some(field) && column.source != SET_ASIDE)
            .filter_map(|column| {
                let kind = self.kinds.get(column.index).copied()?;
                (kind != ValueKind::Empty).then_some(Source { column: column.index, kind, unit: column.unit })
            })
            .collect()
    }

    /// The column that names rows a person set aside, made by a preparation.
    pub(crate) fn set_aside(&self) -> Option<usize> {
        let made = self.mapping.columns.iter().find(|column| column.source == SET_ASIDE)?;
        self.kinds.get(made.index).is_some_and(|kind| *kind != ValueKind::Empty).then_some(made.index)
    }

    /// Whether amounts in the table can be converted: it says in which currency they are, or holds none.
    pub(crate) fn says_its_currency(&self) -> bool {
        let money = self
            .fields()
            .iter()
            .any(|field| matches!(field.definition().unit, Some(FieldUnit::Money | FieldUnit::MoneyPerHour)));
        let stated = FieldId::named("currency").is_some_and(|field| !self.sources(field).is_empty());
        !money || stated || self.currency.is_some()
    }

    /// The fields that the table carries, in the order of the ontology.
    pub(crate) fn fields(&self) -> Vec<FieldId> {
        ontology::field::all()
            .iter()
            .map(|field| field.id)
            .filter(|field| !self.sources(*field).is_empty())
            .collect()
    }
}
