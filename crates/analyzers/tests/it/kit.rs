//! Makes typed Parquet and mappings from text, as `ingest` and `mapping` would.

use std::{fs::File, path::Path, sync::Arc};

use analyzers::{Canonical, Limits, MappedTable};
use datafusion::{
    arrow::{
        array::{
            ArrayRef, BooleanArray, Float64Array, Int64Array, RecordBatch, StringArray,
            TimestampMicrosecondArray,
        },
        datatypes::{DataType, Field, Schema},
    },
    parquet::arrow::ArrowWriter,
    prelude::{ParquetReadOptions, SessionConfig, SessionContext},
};
use domain::{
    Granularity, Mapping, ValueKind,
    mapping::{ColumnMapping, Status},
};
use jiff::civil::DateTime;
use ontology::{Entity, FieldId, Unit};

/// A column: its header, its field (empty: none), its kind, and its unit (empty: none).
pub(crate) type Column<'a> = (&'a str, &'a str, ValueKind, &'a str);

/// A mapped table of CSV text; dates are written `%Y-%m-%d` or `%Y-%m-%d %H:%M` unless `date_format` says otherwise.
pub(crate) fn table(
    folder: &Path,
    file: &str,
    grain: Granularity,
    columns: &[Column<'_>],
    text: &str,
) -> MappedTable {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let heads: Vec<String> = reader.headers().unwrap().iter().map(str::to_owned).collect();
    let records: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    let kind_of = |head: &str| {
        columns.iter().find(|column| column.0 == head).map_or(ValueKind::Text, |column| column.2)
    };
    let kinds: Vec<ValueKind> = heads.iter().map(|head| kind_of(head)).collect();
    let mut fields = vec![Field::new("source_row", DataType::Int64, false)];
    let mut arrays: Vec<ArrayRef> =
        vec![Arc::new((0..records.len() as i64).map(|row| Some(row + 2)).collect::<Int64Array>())];
    for (idx, kind) in kinds.iter().enumerate() {
        let cells =
            records.iter().map(|record| record.get(idx).map(str::trim).filter(|cell| !cell.is_empty()));
        let array: ArrayRef = match kind {
            ValueKind::Boolean => {
                Arc::new(cells.map(|cell| cell.map(|cell| cell == "Y")).collect::<BooleanArray>())
            }
            ValueKind::Integer => Arc::new(cells.map(|cell| cell?.parse().ok()).collect::<Int64Array>()),
            ValueKind::Decimal => Arc::new(cells.map(|cell| cell?.parse().ok()).collect::<Float64Array>()),
            ValueKind::Duration => {
                Arc::new(cells.map(|cell| clock(cell?).map(|s| s / 3_600.0)).collect::<Float64Array>())
            }
            ValueKind::TimeOfDay => Arc::new(cells.map(|cell| clock(cell?)).collect::<Float64Array>()),
            ValueKind::Date | ValueKind::DateTime => {
                Arc::new(cells.map(|cell| moment(cell?)).collect::<TimestampMicrosecondArray>())
            }
            ValueKind::Text | ValueKind::Empty => Arc::new(cells.collect::<StringArray>()),
        };
        fields.push(Field::new(format!("c{idx}"), array.data_type().clone(), true));
        arrays.push(array);
    }
    let schema = Arc::new(Schema::new(fields));
    let parquet = folder.join(format!("{file}.parquet"));
    let mut writer = ArrowWriter::try_new(File::create(&parquet).unwrap(), schema.clone(), None).unwrap();
    writer.write(&RecordBatch::try_new(schema, arrays).unwrap()).unwrap();
    writer.close().unwrap();
    let mapped = heads
        .iter()
        .enumerate()
        .map(|(index, head)| {
            let column = columns.iter().find(|column| column.0 == head);
            ColumnMapping {
                index,
                source: head.clone(),
                field: column.filter(|column| !column.1.is_empty()).map(|column| {
                    FieldId::named(column.1).unwrap_or_else(|| panic!("no field {}", column.1))
                }),
                confidence: 1.0,
                status: Status::Sure,
                unit: column.and_then(|column| Unit::named(column.3)),
                format: None,
                matched_by: None,
                alternatives: Vec::new(),
                evidence: Vec::new(),
            }
        })
        .collect();
    MappedTable {
        file: file.to_owned(),
        part: None,
        parquet,
        mapping: Mapping {
            file: file.to_owned(),
            rows: records.len() as u64,
            source_system: None,
            granularity: grain,
            granularity_evidence: Vec::new(),
            detail: domain::mapping::Detail::Keep,
            grain_columns: Vec::new(),
            columns: mapped,
            issues: Vec::new(),
        },
        kinds,
        currency: None,
        exchange: None,
    }
}

fn clock(cell: &str) -> Option<f64> {
    let (hours, minutes) = cell.split_once(':')?;
    Some(hours.parse::<f64>().ok()? * 3_600.0 + minutes.parse::<f64>().ok()? * 60.0)
}

fn moment(cell: &str) -> Option<i64> {
    let formats = ["%Y-%m-%d %H:%M", "%Y/%m/%d %H:%M:%S%.f", "%m/%d/%Y %H:%M"];
    let parsed = formats.iter().find_map(|format| DateTime::strptime(format, cell).ok()).or_else(|| {
        ["%Y-%m-%d", "%m/%d/%Y"]
            .iter()
            .find_map(|format| jiff::civil::Date::strptime(format, cell).ok())
            .map(|date| date.at(0, 0, 0, 0))
    })?;
    i64::try_from(parsed.duration_since(jiff::civil::date(1970, 1, 1).at(0, 0, 0, 0)).as_micros()).ok()
}

/// A folder for canonical tables, with what was built there.
pub(crate) struct Built {
    pub(crate) canonical: Canonical,
    _folder: tempfile::TempDir,
}

pub(crate) fn build(tables: &[MappedTable]) -> Built {
    build_with(tables, Limits::default())
}

pub(crate) fn build_with(tables: &[MappedTable], limits: Limits) -> Built {
    let folder = tempfile::tempdir().unwrap();
    let limits = Limits { spill: Some(folder.path().to_owned()), ..limits };
    let canonical = analyzers::canonical::build(tables, folder.path(), &limits).unwrap();
    let rows = &canonical.rows;
    assert_eq!(rows.read, rows.used + rows.set_aside.iter().map(|aside| aside.rows).sum::<u64>(), "{rows:?}");
    Built { canonical, _folder: folder }
}

impl Built {
    /// The answer of a query over the canonical tables (`work_orders`, `operations`, …) as lines of text.
    pub(crate) fn ask(&self, query: &str) -> Vec<String> {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let mut config = SessionConfig::new().with_target_partitions(1);
            config.options_mut().execution.parquet.schema_force_view_types = false;
            let session = SessionContext::new_with_config(config);
            for entity in Entity::ALL {
                if let Some(path) = self.canonical.path(entity) {
                    let name = analyzers::canonical::file_name(entity).trim_end_matches(".parquet");
                    session
                        .register_parquet(name, path.to_str().unwrap(), ParquetReadOptions::default())
                        .await
                        .unwrap();
                }
            }
            let batches = session.sql(query).await.unwrap().collect().await.unwrap();
            let mut lines = Vec::new();
            for batch in &batches {
                let columns: Vec<_> = batch
                    .columns()
                    .iter()
                    .map(|column| {
                        let options =
                            datafusion::arrow::util::display::FormatOptions::default().with_null("-");
                        (0..batch.num_rows())
                            .map(|row| {
                                datafusion::arrow::util::display::ArrayFormatter::try_new(column, &options)
                                    .unwrap()
                                    .value(row)
                                    .to_string()
                            })
                            .collect::<Vec<_>>()
                    })
                    .collect();
                for row in 0..batch.num_rows() {
                    lines
                        .push(columns.iter().map(|column| column[row].clone()).collect::<Vec<_>>().join(" "));
                }
            }
            lines
        })
    }

    pub(crate) fn aside(&self, word: &str) -> u64 {
        self.canonical
            .rows
            .set_aside
            .iter()
            .filter(|aside| aside.reason.contains(word))
            .map(|aside| aside.rows)
            .sum()
    }
}
