//! Columns of a batch, cell by cell.

use std::cmp::Ordering;

use arrow::{
    array::{Array, ArrayRef, AsArray, RecordBatch},
    compute::cast,
    datatypes::{DataType, Float64Type, Int32Type, Int64Type, TimestampMicrosecondType},
};

use crate::{ExploreError, Seen};

/// The texts of a column; none where the batch does not have it.
pub(crate) fn texts(batch: &RecordBatch, column: &str) -> Option<ArrayRef> {
    batch.column_by_name(column).filter(|array| array.data_type() == &DataType::Utf8).cloned()
}

pub(crate) fn text(array: &ArrayRef, row: usize) -> Option<&str> {
    array.as_string_opt::<i32>().filter(|texts| !texts.is_null(row)).map(|texts| texts.value(row))
}

/// Every value as a query would write it.
pub(crate) fn written(array: &ArrayRef) -> Result<ArrayRef, ExploreError> {
    Ok(cast(array, &DataType::Utf8)?)
}

pub(crate) fn number(array: &ArrayRef, row: usize) -> Option<f64> {
    array.as_primitive_opt::<Float64Type>().filter(|numbers| !numbers.is_null(row)).map(|n| n.value(row))
}

pub(crate) fn seen(array: &ArrayRef, row: usize) -> Seen {
    if array.is_null(row) {
        return Seen::Empty;
    }
    match array.data_type() {
        DataType::Utf8 => text(array, row).map_or(Seen::Empty, |text| Seen::Text(text.to_owned())),
        DataType::Boolean => Seen::Flag(array.as_boolean().value(row)),
        DataType::Timestamp(..) => array
            .as_primitive_opt::<TimestampMicrosecondType>()
            .map_or(Seen::Empty, |moments| Seen::Moment(moments.value(row))),
        _ => number(array, row).map_or(Seen::Empty, Seen::Number),
    }
}

/// Where rows stand in the customer's files: file and row, those without a place last.
pub(crate) fn places(batch: &RecordBatch) -> Vec<(u32, u64)> {
    let files = batch.column_by_name("source_file").and_then(|files| files.as_primitive_opt::<Int32Type>());
    let rows = batch.column_by_name("source_row").and_then(|rows| rows.as_primitive_opt::<Int64Type>());
    let (Some(files), Some(rows)) = (files, rows) else {
        return vec![(u32::MAX, u64::MAX); batch.num_rows()];
    };
    (0..batch.num_rows())
        .map(|row| {
            let file = if files.is_null(row) { None } else { u32::try_from(files.value(row)).ok() };
            let at = if rows.is_null(row) { None } else { u64::try_from(rows.value(row)).ok() };
            (file.unwrap_or(u32::MAX), at.unwrap_or(u64::MAX))
        })
        .collect()
}

/// How two rows of a column are sorted; those without a value come last either way.
pub(crate) fn compare(array: &ArrayRef, a: usize, b: usize, descending: bool) -> Ordering {
    let order = match (array.is_null(a), array.is_null(b)) {
        (true, true) => return Ordering::Equal,
        (true, false) => return Ordering::Greater,
        (false, true) => return Ordering::Less,
        (false, false) => match array.data_type() {
            DataType::Utf8 => text(array, a).cmp(&text(array, b)),
            DataType::Boolean => array.as_boolean().value(a).cmp(&array.as_boolean().value(b)),
            DataType::Timestamp(..) => {
                let moment = |row| {
                    array.as_primitive_opt::<TimestampMicrosecondType>().map(|moments| moments.value(row))
                };
                moment(a).cmp(&moment(b))
            }
            _ => number(array, a).unwrap_or_default().total_cmp(&number(array, b).unwrap_or_default()),
        },
    };
    if descending { order.reverse() } else { order }
}
