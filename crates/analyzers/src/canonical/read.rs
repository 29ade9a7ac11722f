//! Small answers of the query engine as plain values.

use datafusion::{
    arrow::{
        array::{Array, ArrayRef, AsArray},
        compute::cast,
        datatypes::{DataType, Float64Type},
        record_batch::RecordBatch,
    },
    prelude::SessionContext,
};

use crate::error::AnalyzeError;

/// The first row of an answer as numbers; null counts as 0.
pub(crate) async fn numbers(session: &SessionContext, query: &str) -> Result<Vec<f64>, AnalyzeError> {
    Ok(rows(session, query)
        .await?
        .into_iter()
        .next()
        .unwrap_or_default()
        .iter()
        .map(|cell| cell.number().unwrap_or(0.0))
        .collect())
}

/// A cell of a small answer.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    Null,
    Number(f64),
    Text(String),
}

impl Value {
    pub(crate) fn number(&self) -> Option<f64> {
        match self {
            Self::Number(value) => Some(*value),
            _ => None,
        }
    }

    pub(crate) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }
}

/// A whole answer in memory: for aggregates and short lists only. Anything but text comes back as a number
/// (moments as microseconds).
pub(crate) async fn rows(session: &SessionContext, query: &str) -> Result<Vec<Vec<Value>>, AnalyzeError> {
    let batches = session.sql(query).await?.collect().await?;
    let mut rows = Vec::new();
    for batch in &batches {
        rows.extend(cells(batch)?);
    }
    Ok(rows)
}

/// The cells of a batch, row by row.
pub(crate) fn cells(batch: &RecordBatch) -> Result<Vec<Vec<Value>>, AnalyzeError> {
    let columns: Vec<Column> = batch.columns().iter().map(column).collect::<Result<_, _>>()?;
    Ok((0..batch.num_rows()).map(|row| columns.iter().map(|column| column.value(row)).collect()).collect())
}

enum Column {
    Texts(ArrayRef),
    Numbers(ArrayRef),
}

fn column(array: &ArrayRef) -> Result<Column, AnalyzeError> {
    Ok(match array.data_type() {
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => {
            Column::Texts(cast(array, &DataType::Utf8)?)
        }
        DataType::Timestamp(..) => {
            Column::Numbers(cast(&cast(array, &DataType::Int64)?, &DataType::Float64)?)
        }
        _ => Column::Numbers(cast(array, &DataType::Float64)?),
    })
}

impl Column {
    fn value(&self, row: usize) -> Value {
        match self {
            Self::Texts(array) if !array.is_null(row) => {
                Value::Text(array.as_string::<i32>().value(row).to_owned())
            }
            Self::Numbers(array) if !array.is_null(row) => {
                Value::Number(array.as_primitive::<Float64Type>().value(row))
            }
            _ => Value::Null,
        }
    }
}
