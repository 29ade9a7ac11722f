//! Generated plants as canonical tables, by the mapping that the generator itself states.

#![expect(clippy::unwrap_used, reason = "a plant that can not be read fails its test")]

use std::{collections::BTreeMap, path::Path, sync::Arc};

use analyzers::engine::plant::{Plant, Sources};
use datafusion::{
    arrow::{
        array::{
            ArrayRef, Float64Array, Int32Array, Int64Array, RecordBatch, StringArray,
            TimestampMicrosecondArray,
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
fn table(fields: &Fields) -> Option<&'static str> {
    let has = |wanted: &str| fields.values().any(|field| field == wanted);
    Some(if has("planned_material_quantity") {
        "materials"
    } else if has("booking_id") {
        "bookings"
    } else if has("downtime_start") {
        "equipment_events"
    } else if has("defect_code") || has("maintenance_date") {
        return None;
    } else if has("operation_sequence") {
        "operations"
    } else {
        "work_orders"
    })
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
    for (file, fields) in &truth.fields {
        let Some(table) = table(fields).filter(|table| only.is_none_or(|only| only == *table)) else {
            continue;
        };
        let file_idx = sources.files.len() as i32;
        sources.files.push(file.clone());
        let path = out.join(format!("{table}.parquet"));
        convert(&plant.join(file), fields, file_idx, &path);
        match table {
            "work_orders" => sources.work_orders = Some(path),
            "operations" => sources.operations = Some(path),
            "bookings" => sources.bookings = Some(path),
            "materials" => sources.materials = Some(path),
            _ => sources.equipment_events = Some(path),
        }
    }
    sources
}

fn convert(csv: &Path, fields: &Fields, file: i32, out: &Path) {
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
    let batch = RecordBatch::try_new(schema.clone(), arrays).unwrap();
    let mut writer = ArrowWriter::try_new(std::fs::File::create(out).unwrap(), schema, None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
}

pub(crate) fn truth(plant: &Path) -> Truth {
    serde_json::from_slice(&std::fs::read(plant.join("truth.json")).unwrap()).unwrap()
}

pub(crate) fn load(sources: &Sources) -> Plant {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(Plant::load(sources)).unwrap()
}
