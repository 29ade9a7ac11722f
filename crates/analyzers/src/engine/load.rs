//! From canonical Parquet to frames: only the columns that analyses ask for, as codes and numbers.

use std::path::Path;

use datafusion::{
    arrow::{
        array::{Array, AsArray, RecordBatch},
        datatypes::{DataType, Float64Type, Int32Type, Int64Type, TimeUnit, TimestampMicrosecondType},
    },
    error::DataFusionError,
    prelude::{ParquetReadOptions, SessionConfig, SessionContext},
};
use futures::StreamExt;

use super::{
    frame::{Codes, CodesBuilder, Column, Frame},
    observations::NONE,
};

const MICROS_PER_DAY: f64 = 86_400e6;

/// A session that reads text as plain text and uses little memory.
pub fn session() -> SessionContext {
    let mut config = SessionConfig::new().with_target_partitions(1).with_batch_size(8_192);
    config.options_mut().execution.parquet.schema_force_view_types = false;
    SessionContext::new_with_config(config)
}

enum Builder {
    Words(CodesBuilder),
    Small(Vec<f32>),
    Numbers(Vec<f64>),
    Days(Vec<f64>),
}

/// Reads the columns of `fields` that the file has. Words of `order_key` come back apart.
pub async fn table(
    session: &SessionContext,
    path: &Path,
    fields: &[&'static str],
    small: bool,
) -> Result<(Frame, Codes), DataFusionError> {
    let name = "t";
    let path = path.to_string_lossy();
    session.register_parquet(name, path.as_ref(), ParquetReadOptions::default()).await?;
    let schema = session.table(name).await?.schema().as_arrow().clone();
    let fields: Vec<&'static str> =
        fields.iter().copied().filter(|field| schema.column_with_name(field).is_some()).collect();
    let mut columns = String::new();
    for field in &fields {
        columns.push_str(", \"");
        columns.push_str(field);
        columns.push('"');
    }
    let has_key = schema.column_with_name("order_key").is_some();
    let key = if has_key { "\"order_key\"" } else { "CAST(NULL AS VARCHAR)" };
    let query =
        format!("SELECT \"source_file\", \"source_row\", {key} AS \"order_key\"{columns} FROM {name}");
    let mut stream = session.sql(&query).await?.execute_stream().await?;
    let mut frame = Frame::default();
    let mut keys = CodesBuilder::default();
    let mut builders: Vec<Builder> = fields
        .iter()
        .map(|field| match schema.field_with_name(field).map(|field| field.data_type().clone()) {
            Ok(DataType::Float64 | DataType::Int64 | DataType::Int32 | DataType::Boolean) => {
                if small {
                    Builder::Small(Vec::new())
                } else {
                    Builder::Numbers(Vec::new())
                }
            }
            Ok(DataType::Timestamp(TimeUnit::Microsecond, _)) => Builder::Days(Vec::new()),
            _ => Builder::Words(CodesBuilder::default()),
        })
        .collect();
    while let Some(batch) = stream.next().await {
        let batch = batch?;
        frame.len += batch.num_rows();
        let files = batch.column(0).as_primitive::<Int32Type>();
        let rows = batch.column(1).as_primitive::<Int64Type>();
        frame.file.extend(files.iter().map(|file| file.map_or(0, |file| file as u16)));
        frame.row.extend(rows.iter().map(|row| row.map_or(0, |row| row as u32)));
        words(&batch, 2, &mut keys);
        for (idx, builder) in builders.iter_mut().enumerate() {
            append(&batch, idx + 3, builder);
        }
    }
    session.deregister_table(name)?;
    for (field, builder) in fields.into_iter().zip(builders) {
        let column = match builder {
            Builder::Words(builder) => Column::Words(builder.finish()),
            Builder::Numbers(values) => Column::Numbers(values),
            Builder::Small(values) => Column::Small(values),
            Builder::Days(values) => Column::Days(values),
        };
        let filled = match &column {
            Column::Words(words) => !words.names.is_empty(),
            Column::Small(values) => values.iter().any(|value| value.is_finite()),
            Column::Numbers(values) | Column::Days(values) => values.iter().any(|value| value.is_finite()),
        };
        if filled {
            frame.columns.insert(field, column);
        }
    }
    frame.order = vec![NONE; frame.len];
    Ok((frame, keys.finish()))
}

fn words(batch: &RecordBatch, column: usize, builder: &mut CodesBuilder) {
    let array = batch.column(column);
    match array.data_type() {
        DataType::Utf8 => array.as_string::<i32>().iter().for_each(|word| builder.push(word)),
        DataType::LargeUtf8 => array.as_string::<i64>().iter().for_each(|word| builder.push(word)),
        DataType::Utf8View => array.as_string_view().iter().for_each(|word| builder.push(word)),
        _ => (0..array.len()).for_each(|_| builder.push(None)),
    }
}

fn append(batch: &RecordBatch, column: usize, builder: &mut Builder) {
    let array = batch.column(column);
    match builder {
        Builder::Words(codes) => words(batch, column, codes),
        Builder::Days(days) => days.extend(
            array
                .as_primitive::<TimestampMicrosecondType>()
                .iter()
                .map(|micros| micros.map_or(f64::NAN, |micros| micros as f64 / MICROS_PER_DAY)),
        ),
        Builder::Numbers(values) => numbers(array.as_ref(), |value| values.push(value)),
        Builder::Small(values) => numbers(array.as_ref(), |value| values.push(value as f32)),
    }
}

fn numbers(array: &dyn Array, mut push: impl FnMut(f64)) {
    match array.data_type() {
        DataType::Float64 => {
            array.as_primitive::<Float64Type>().iter().for_each(|value| push(value.unwrap_or(f64::NAN)));
        }
        DataType::Int64 => array
            .as_primitive::<Int64Type>()
            .iter()
            .for_each(|value| push(value.map_or(f64::NAN, |value| value as f64))),
        DataType::Int32 => {
            array
                .as_primitive::<Int32Type>()
                .iter()
                .for_each(|value| push(value.map_or(f64::NAN, f64::from)));
        }
        _ => array
            .as_boolean()
            .iter()
            .for_each(|flag| push(flag.map_or(f64::NAN, |flag| f64::from(u8::from(flag))))),
    }
}
