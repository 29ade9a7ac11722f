//! What is stored of the tables of a dataset: where they lie, and what an analysis must know of them.

use clients::blobs::Key;
use domain::{
    Mapping, ValueKind,
    id::{DatasetId, FileId, OrgId},
};
use preparation::Preparation;
use serde_json::{Value, json};
use store::{
    Tx,
    datasets::{self, DatasetFile},
};

use crate::{Error, archive::Archived};

/// One table of one file.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredTable {
    pub file: FileId,
    /// The sheet, or the member of an archive.
    pub part: Option<String>,
    pub rows: u64,
    pub parquet: Key,
    /// Where its profile lies.
    pub reading: Key,
    pub kinds: Vec<ValueKind>,
    pub currency: Option<String>,
    /// The table as read, where the one above was prepared.
    pub raw: Option<Raw>,
    /// What was done to it; nothing for a table as read.
    pub preparation: Preparation,
    /// What that came to, column by column.
    pub reports: Value,
    /// Its prepared form before the last change: somebody may be reading it still. It goes with the next change.
    pub replaced: Vec<Key>,
}

/// A table as read.
#[derive(Debug, Clone, PartialEq)]
pub struct Raw {
    pub parquet: Key,
    pub reading: Key,
    pub kinds: Vec<ValueKind>,
    pub currency: Option<String>,
}

impl Raw {
    fn keep(&self) -> Value {
        json!({
            "parquet": self.parquet.to_string(),
            "reading": self.reading.to_string(),
            "kinds": self.kinds.keep(),
            "currency": self.currency,
        })
    }
}

impl StoredTable {
    /// The table as read.
    pub fn raw(&self) -> Raw {
        self.raw.clone().unwrap_or_else(|| Raw {
            parquet: self.parquet.clone(),
            reading: self.reading.clone(),
            kinds: self.kinds.clone(),
            currency: self.currency.clone(),
        })
    }

    /// The same table without its preparation.
    pub(super) fn unprepared(&self) -> Self {
        let Raw { parquet, reading, kinds, currency } = self.raw();
        Self {
            parquet,
            reading,
            kinds,
            currency,
            raw: None,
            preparation: Preparation::default(),
            reports: Value::Null,
            ..self.clone()
        }
    }

    /// Everything of it that lies outside of the database.
    pub(super) fn keys(&self) -> Vec<Key> {
        let mut keys = vec![self.parquet.clone(), self.reading.clone()];
        keys.extend(self.raw.iter().flat_map(|raw| [raw.parquet.clone(), raw.reading.clone()]));
        keys.extend(self.replaced.iter().cloned());
        keys
    }

    /// The same table, which takes the place of `before`; with what nothing names any more.
    pub(super) fn replacing(mut self, before: &Self) -> (Self, Vec<Key>) {
        self.replaced = Vec::new();
        let now = self.keys();
        let mut own = Self { replaced: Vec::new(), ..before.clone() }.keys();
        own.retain(|key| !now.contains(key));
        self.replaced = own;
        let kept = self.keys();
        let gone = before.replaced.iter().filter(|key| !kept.contains(key)).cloned().collect();
        (self, gone)
    }

    pub(super) fn keep(&self) -> Value {
        json!({
            "part": self.part,
            "rows": self.rows,
            "parquet": self.parquet.to_string(),
            "reading": self.reading.to_string(),
            "kinds": self.kinds.keep(),
            "currency": self.currency,
            "raw": self.raw.as_ref().map(Raw::keep),
            "preparation": self.preparation,
            "reports": self.reports,
            "replaced": self.replaced.iter().map(Key::to_string).collect::<Vec<_>>(),
        })
    }

    fn restore(org: OrgId, file: FileId, value: &Value) -> Result<Self, Error> {
        let text = |name: &str| value[name].as_str().map(str::to_owned);
        let key = |name: &str| Ok::<_, Error>(Key::of(org, value[name].as_str().unwrap_or_default())?);
        Ok(Self {
            file,
            part: text("part"),
            rows: value["rows"].as_u64().unwrap_or_default(),
            parquet: key("parquet")?,
            reading: key("reading")?,
            kinds: Archived::restore(value["kinds"].clone())?,
            currency: text("currency"),
            raw: if value["raw"].is_null() {
                None
            } else {
                let raw = &value["raw"];
                let key = |name: &str| Ok::<_, Error>(Key::of(org, raw[name].as_str().unwrap_or_default())?);
                Some(Raw {
                    parquet: key("parquet")?,
                    reading: key("reading")?,
                    kinds: Archived::restore(raw["kinds"].clone())?,
                    currency: raw["currency"].as_str().map(str::to_owned),
                })
            },
            preparation: match &value["preparation"] {
                Value::Null => Preparation::default(),
                saved => serde_json::from_value(saved.clone())
                    .map_err(|error| Error::Work(format!("a stored preparation cannot be read: {error}")))?,
            },
            reports: value["reports"].clone(),
            replaced: value["replaced"]
                .as_array()
                .into_iter()
                .flatten()
                .map(|key| Ok::<_, Error>(Key::of(org, key.as_str().unwrap_or_default())?))
                .collect::<Result<_, _>>()?,
        })
    }
}

/// The tables of one file, as they stand in its row.
pub fn stored_tables(org: OrgId, file: &DatasetFile) -> Result<Vec<StoredTable>, Error> {
    let tables = file.reading["tables"].as_array().map(Vec::as_slice).unwrap_or_default();
    tables.iter().map(|table| StoredTable::restore(org, file.file_id, table)).collect()
}

/// The mappings of one file, one for each of its tables.
pub(crate) fn stored_mappings(file: &DatasetFile) -> Result<Vec<Mapping>, Error> {
    Ok(Archived::restore(file.mapping.clone().unwrap_or_default())?)
}

/// Columns of each table as read: those behind them were made by a preparation.
pub(crate) fn columns_as_read(org: OrgId, file: &DatasetFile) -> Result<Vec<usize>, Error> {
    Ok(stored_tables(org, file)?.iter().map(|table| table.raw().kinds.len()).collect())
}

/// All tables of a dataset, in order.
pub(crate) async fn of_dataset(tx: &mut Tx, id: DatasetId) -> Result<Vec<StoredTable>, Error> {
    let org = tx.org();
    let mut tables = Vec::new();
    for file in datasets::files(tx, id).await? {
        tables.extend(stored_tables(org, &file)?);
    }
    Ok(tables)
}
