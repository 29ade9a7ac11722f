//! Generated plants as canonical tables, by the mapping that the generator itself states.

#![expect(clippy::unwrap_used, reason = "a plant that can not be read fails its test")]

use std::{collections::BTreeMap, path::Path, sync::Arc};

use analyzers::engine::plant::{Plant, Sources};
use datafusion::{
    arrow::{
        array::{
            ArrayRef, Float64Array, Int32Array, Int64Array, RecordBatch, StringArray,
            TimestampMicrosecondArray, new_null_array,
        },
        datatypes::{DataType, Field, Schema, TimeUnit},
    },
    parquet::arrow::ArrowWriter,
};
use domain::Currency;
use generator::truth::Truth;
use jiff::civil::DateTime;
use ontology::{FieldId, FieldType};

type Fields = BTreeMap<String, String>;

/// Which canonical table a file fills, by what it holds.
fn table(fields: &Fields) -> &'static str {
    let has = |wanted: &str| fields.values().any(|field| field == wanted);
    if has("planned_material_quantity") {
        "materials"
    } else if has("booking_id") {
        "bookings"
    } else if has("downtime_start") || has("maintenance_date") {
        "equipment_events"
    } else if has("defect_code") {
        "quality"
    } else if has("operation_sequence") {
        "operations"
    } else {
        "work_orders"
    }
}

fn moment(text: &str) -> Option<i64> {
    ["%m/%d/%Y %H:%M", "%m/%d/%Y", "%Y-%m-%d %H:%M", "%Y-%m-%d"]
        .iter()
        .find_map(|format| {
            DateTime::strptime(format, text)
                .ok()
                .or_else(|| jiff::civil::Date::strptime(format, text).ok().map(|date| date.at(0, 0, 0, 0)))
        })
        .map(|moment| {
            let since = moment.duration_since(jiff::civil::date(1970, 1, 1).at(0, 0, 0, 0));
            i64::try_from(since.as_micros()).unwrap()
        })
}

/// Writes the canonical tables of a generated plant (English styles) into `out`. `only` keeps one table.
pub(crate) fn sources(plant: &Path, truth: &Truth, out: &Path, only: Option<&str>) -> Sources {
    let mut sources = Sources { currency: Currency::parse(&truth.currency), ..Sources::default() };
    let mut of_table: BTreeMap<&'static str, Vec<RecordBatch>> = BTreeMap::new();
    for (file, fields) in &truth.fields {
        let table = table(fields);
        if only.is_some_and(|only| only != table) {
            continue;
        }
        let file_idx = sources.files.len() as i32;
        sources.files.push(file.clone());
        of_table.entry(table).or_default().push(convert(&plant.join(file), fields, file_idx));
    }
    for (table, batches) in of_table {
        let path = out.join(format!("{table}.parquet"));
        write(&batches, &path);
        match table {
            "work_orders" => sources.work_orders = Some(path),
            "operations" => sources.operations = Some(path),
            "bookings" => sources.bookings = Some(path),
            "materials" => sources.materials = Some(path),
            "quality" => sources.quality = Some(path),
            _ => sources.equipment_events = Some(path),
        }
    }
    sources
}

/// One table of several files: each has the columns of all, empty where it lacks them.
fn write(batches: &[RecordBatch], out: &Path) {
    let schema =
        Arc::new(Schema::try_merge(batches.iter().map(|batch| batch.schema().as_ref().clone())).unwrap());
    let mut writer = ArrowWriter::try_new(std::fs::File::create(out).unwrap(), schema.clone(), None).unwrap();
    for batch in batches {
        let columns = schema
            .fields()
            .iter()
            .map(|field| {
                batch
                    .column_by_name(field.name())
                    .cloned()
                    .unwrap_or_else(|| new_null_array(field.data_type(), batch.num_rows()))
            })
            .collect();
        writer.write(&RecordBatch::try_new(schema.clone(), columns).unwrap()).unwrap();
    }
    writer.close().unwrap();
}

fn convert(csv: &Path, fields: &Fields, file: i32) -> RecordBatch {
    let mut reader = csv::Reader::from_path(csv).unwrap();
    let headers = reader.headers().unwrap().clone();
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    let n = rows.len();
    let mut columns: Vec<(Field, ArrayRef)> = vec![
        (Field::new("source_file", DataType::Int32, false), Arc::new(Int32Array::from(vec![file; n]))),
        (
            Field::new("source_row", DataType::Int64, false),
            Arc::new(Int64Array::from((0..n as i64).map(|row| row + 2).collect::<Vec<_>>())),
        ),
    ];
    for (idx, header) in headers.iter().enumerate() {
        let Some(field) = fields.get(header).and_then(|field| FieldId::named(field)) else { continue };
        let cells = rows.iter().map(|row| row.get(idx).filter(|cell| !cell.is_empty()));
        let (type_, array): (DataType, ArrayRef) = match field.definition().type_ {
            FieldType::Number => {
                let values = cells.map(|cell| cell.and_then(|cell| cell.parse::<f64>().ok()));
                (DataType::Float64, Arc::new(values.collect::<Float64Array>()))
            }
            FieldType::Timestamp => {
                let values = cells.map(|cell| cell.and_then(moment));
                (
                    DataType::Timestamp(TimeUnit::Microsecond, None),
                    Arc::new(values.collect::<TimestampMicrosecondArray>()),
                )
            }
            _ => (DataType::Utf8, Arc::new(cells.collect::<StringArray>())),
        };
        if field.as_str() == "work_order_id" {
            columns.push((Field::new("order_key", DataType::Utf8, true), array.clone()));
        }
        columns.push((Field::new(field.as_str(), type_, true), array));
    }
    let (fields, arrays): (Vec<Field>, Vec<ArrayRef>) = columns.into_iter().unzip();
    let schema = Arc::new(Schema::new(fields));
    RecordBatch::try_new(schema, arrays).unwrap()
}

pub(crate) fn truth(plant: &Path) -> Truth {
    serde_json::from_slice(&std::fs::read(plant.join("truth.json")).unwrap()).unwrap()
}

pub(crate) fn load(sources: &Sources) -> Plant {
    tokio::runtime::Builder::new_multi_thread().build().unwrap().block_on(Plant::load(sources)).unwrap()
}
