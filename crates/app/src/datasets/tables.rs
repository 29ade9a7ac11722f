//! What is stored of the tables of a dataset: where they lie, and what an analysis must know of them.

use clients::blobs::Key;
use domain::{
    Mapping, ValueKind,
    id::{DatasetId, FileId, OrgId},
};
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
}

impl StoredTable {
    pub(super) fn keep(&self) -> Value {
        json!({
            "part": self.part,
            "rows": self.rows,
            "parquet": self.parquet.to_string(),
            "reading": self.reading.to_string(),
            "kinds": self.kinds.keep(),
            "currency": self.currency,
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

/// All tables of a dataset, in order.
pub(crate) async fn of_dataset(tx: &mut Tx, id: DatasetId) -> Result<Vec<StoredTable>, Error> {
    let org = tx.org();
    let mut tables = Vec::new();
    for file in datasets::files(tx, id).await? {
        tables.extend(stored_tables(org, &file)?);
    }
    Ok(tables)
}
