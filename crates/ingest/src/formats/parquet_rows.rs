//! Parquet files, whose cells are typed already and become canonical text.

use std::fs::File;
use std::path::Path;

use arrow::datatypes::DataType;
use arrow::util::display::{ArrayFormatter, FormatOptions};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use crate::error::ReadError;
use crate::formats::detect::Format;
use crate::formats::opening::Opening;
use crate::formats::spool::Spool;
use crate::formats::{Content, Part, cell_text};

pub(crate) fn open(opening: &Opening<'_>, path: &Path) -> Result<Vec<Part>, ReadError> {
    let words = Format::Parquet.words();
    let damaged = |error: &dyn std::fmt::Display| opening.damaged(words, error);
    let file = File::open(path).map_err(|error| ReadError::io("read", path, error))?;
    let builder = ParquetRecordBatchReaderBuilder::try_new(file).map_err(|error| damaged(&error))?;
    let header: Vec<String> = builder.schema().fields().iter().map(|field| field.name().clone()).collect();
    let reader = builder.with_batch_size(4096).build().map_err(|error| damaged(&error))?;
    let mut spool = Spool::new(opening)?;
    if header.len() > spool.columns_max() {
        return Err(spool.too_many_columns(header.len()));
    }
    let format = FormatOptions::new().with_null("");
    let mut row: Vec<String> = vec![String::new(); header.len()];
    let mut number = 0;
    for batch in reader {
        let batch = batch.map_err(|error| damaged(&error))?;
        let columns = batch
            .columns()
            .iter()
            .map(|column| {
                ArrayFormatter::try_new(column.as_ref(), &format).map(|text| (column.data_type(), text))
            })
            .collect::<Result<Vec<_>, _>>()
            .map_err(|error| damaged(&error))?;
        for index in 0..batch.num_rows() {
            number += 1;
            for (cell, (kind, text)) in row.iter_mut().zip(&columns) {
                let value = text.value(index).try_to_string().map_err(|error| damaged(&error))?;
                *cell = match kind {
                    DataType::Boolean => value.to_ascii_uppercase(),
                    DataType::Float64 | DataType::Float32 => value.parse().map_or(value, cell_text::number),
                    DataType::Timestamp(..) | DataType::Date64 => cell_text::iso_moment(&value).to_owned(),
                    _ => value,
                };
            }
            spool.push(number, &row)?;
        }
    }
    if spool.cells == 0 {
        return Err(opening.no_rows("a Parquet file without rows"));
    }
    let content = Content::Rows(Box::new(spool.finish(Some(&header))?));
    Ok(vec![Part { names: Vec::new(), format: words.into(), content, issues: Vec::new() }])
}
