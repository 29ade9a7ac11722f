//! From canonical Parquet to frames: only the columns that analyses ask for, as codes and numbers.

use std::path::Path;

use datafusion::{
    arrow::{
        array::{Array, AsArray, RecordBatch},
        datatypes::{
            DataType, Float64Type, Int32Type, Int64Type, Schema, TimeUnit, TimestampMicrosecondType,
        },
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

/// What one stream gathers.
struct Part {
    builders: Vec<Builder>,
    /// Rows and their places, of the stream that reads these too.
    keys: Option<Keys>,
}

/// What one stream has gathered: columns with no value are left out.
struct Gathered {
    columns: Vec<Option<Column>>,
    keys: Option<Keys>,
}

struct Keys {
    file: Vec<u16>,
    row: Vec<u32>,
    order: CodesBuilder,
}

impl Keys {
    fn with_capacity(rows: usize) -> Self {
        Self {
            file: Vec::with_capacity(rows),
            row: Vec::with_capacity(rows),
            order: CodesBuilder::with_capacity(rows),
        }
    }
}

/// Reads the columns of `fields` that the file has, in two streams side by side: putting columns into codes takes longer
/// than reading them. Words of `order_key` come back apart.
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
    let key = if schema.column_with_name("order_key").is_some() {
        "\"order_key\""
    } else {
        "CAST(NULL AS VARCHAR)"
    };
    let list = |fields: &[&str]| fields.iter().map(|field| format!("\"{field}\"")).collect::<Vec<_>>();
    let rows = session.table(name).await?.count().await?;
    let builders =
        |fields: &[&str]| fields.iter().map(|field| Builder::of(&schema, field, small, rows)).collect();
    // The keys are as much work as several columns.
    let (with_keys, others) = fields.split_at(fields.len().saturating_sub(KEYS_LIKE) / 2);
    let mut first =
        vec!["\"source_file\"".to_owned(), "\"source_row\"".to_owned(), format!("{key} AS \"order_key\"")];
    first.extend(list(with_keys));
    let read = |columns: Vec<String>, part: Part| {
        let (session, query) = (session.clone(), format!("SELECT {} FROM {name}", columns.join(", ")));
        tokio::spawn(async move { part.read(&session, &query).await })
    };
    let other =
        (!others.is_empty()).then(|| read(list(others), Part { builders: builders(others), keys: None }));
    let keys = Keys::with_capacity(rows);
    let first = read(first, Part { builders: builders(with_keys), keys: Some(keys) });
    let first = first.await.map_err(|error| DataFusionError::External(Box::new(error)))??;
    let mut columns = first.columns;
    if let Some(other) = other {
        columns.extend(other.await.map_err(|error| DataFusionError::External(Box::new(error)))??.columns);
    }
    session.deregister_table(name)?;
    let keys = first.keys.unwrap_or_else(|| Keys::with_capacity(0));
    let mut frame = Frame { len: keys.row.len(), file: keys.file, row: keys.row, ..Frame::default() };
    for (field, column) in fields.into_iter().zip(columns) {
        if let Some(column) = column {
            frame.columns.insert(field, column);
        }
    }
    frame.order = vec![NONE; frame.len];
    Ok((frame, keys.order.finish()))
}

/// As many columns as the keys of rows and orders are worth.
const KEYS_LIKE: usize = 6;

impl Part {
    async fn read(mut self, session: &SessionContext, query: &str) -> Result<Gathered, DataFusionError> {
        let mut stream = session.sql(query).await?.execute_stream().await?;
        while let Some(batch) = stream.next().await {
            let batch = batch?;
            let mut from = 0;
            if let Some(keys) = &mut self.keys {
                let files = batch.column(0).as_primitive::<Int32Type>();
                let rows = batch.column(1).as_primitive::<Int64Type>();
                keys.file.extend(files.iter().map(|file| file.map_or(0, |file| file as u16)));
                keys.row.extend(rows.iter().map(|row| row.map_or(0, |row| row as u32)));
                words(&batch, 2, &mut keys.order);
                from = 3;
            }
            for (idx, builder) in self.builders.iter_mut().enumerate() {
                append(&batch, idx + from, builder);
            }
        }
        // At once, not when all streams are through: the words that were gathered are let go of.
        let columns = self.builders.into_iter().map(Builder::finish).collect();
        Ok(Gathered { columns, keys: self.keys })
    }
}

impl Builder {
    /// With room for all rows: a column that grew would stand in memory twice while it is moved.
    fn of(schema: &Schema, field: &str, small: bool, rows: usize) -> Self {
        match schema.field_with_name(field).map(|field| field.data_type().clone()) {
            Ok(DataType::Float64 | DataType::Int64 | DataType::Int32 | DataType::Boolean) if small => {
                Self::Small(Vec::with_capacity(rows))
            }
            Ok(DataType::Float64 | DataType::Int64 | DataType::Int32 | DataType::Boolean) => {
                Self::Numbers(Vec::with_capacity(rows))
            }
            Ok(DataType::Timestamp(TimeUnit::Microsecond, _)) => Self::Days(Vec::with_capacity(rows)),
            _ => Self::Words(CodesBuilder::with_capacity(rows)),
        }
    }

    /// The column, if any row has a value.
    fn finish(self) -> Option<Column> {
        let column = match self {
            Self::Words(builder) => Column::Words(builder.finish()),
            Self::Numbers(values) => Column::Numbers(values),
            Self::Small(values) => Column::Small(values),
            Self::Days(values) => Column::Days(values),
        };
        let filled = match &column {
            Column::Words(words) => !words.names.is_empty(),
            Column::Small(values) => values.iter().any(|value| value.is_finite()),
            Column::Numbers(values) | Column::Days(values) => values.iter().any(|value| value.is_finite()),
        };
        filled.then_some(column)
    }
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
