//! Single rows of a typed table, for a person who wants to see what a figure rests on.
//!
//! The column of source rows is read first; of the others only what is asked for.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::path::Path;

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::{Float64Type, Int64Type, TimestampMicrosecondType};
use domain::{Cell, ValueKind};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ParquetRecordBatchReaderBuilder, RowSelection, RowSelector};

use crate::error::ReadError;

/// Rows by their number in the customer's file. Numbers that the table does not hold are left out. `kinds` are those of
/// the table's columns.
pub fn rows(
    parquet: &Path,
    kinds: &[ValueKind],
    wanted: &BTreeSet<u64>,
) -> Result<BTreeMap<u64, Vec<Cell>>, ReadError> {
    let mut selectors: Vec<RowSelector> = Vec::new();
    let builder = open(parquet)?;
    let mask = ProjectionMask::leaves(builder.parquet_schema(), [0]);
    let reader = builder.with_projection(mask).build().map_err(|error| failed(parquet, &error))?;
    for batch in reader {
        let batch = batch.map_err(|error| failed(parquet, &error))?;
        for number in numbers(&batch) {
            let selected = wanted.contains(&number);
            match selectors.last_mut() {
                Some(last) if last.skip != selected => last.row_count += 1,
                _ if selected => selectors.push(RowSelector::select(1)),
                _ => selectors.push(RowSelector::skip(1)),
            }
        }
    }
    Ok(read(parquet, kinds, selectors.into())?.into_iter().collect())
}

/// Rows by their position in the table, with their numbers in the customer's file.
pub fn page(
    parquet: &Path,
    kinds: &[ValueKind],
    offset: usize,
    limit: usize,
) -> Result<Vec<(u64, Vec<Cell>)>, ReadError> {
    let rows = usize::try_from(open(parquet)?.metadata().file_metadata().num_rows()).unwrap_or_default();
    let offset = offset.min(rows);
    let selected = limit.min(rows - offset);
    let selection = vec![
        RowSelector::skip(offset),
        RowSelector::select(selected),
        RowSelector::skip(rows - offset - selected),
    ];
    read(parquet, kinds, selection.into())
}

/// Numbers in the customer's file of the rows that hold something in a column.
pub fn filled(parquet: &Path, column: usize) -> Result<Vec<u64>, ReadError> {
    let builder = open(parquet)?;
    let mask = ProjectionMask::roots(builder.parquet_schema(), [0, column + 1]);
    let reader = builder.with_projection(mask).build().map_err(|error| failed(parquet, &error))?;
    let mut found = Vec::new();
    for batch in reader {
        let batch = batch.map_err(|error| failed(parquet, &error))?;
        let Some(values) = batch.columns().get(1) else { continue };
        let numbers = numbers(&batch).into_iter().enumerate();
        found.extend(numbers.filter(|(row, _)| values.is_valid(*row)).map(|(_, number)| number));
    }
    Ok(found)
}

fn read(
    parquet: &Path,
    kinds: &[ValueKind],
    selection: RowSelection,
) -> Result<Vec<(u64, Vec<Cell>)>, ReadError> {
    if selection.row_count() == 0 {
        return Ok(Vec::new());
    }
    let reader =
        open(parquet)?.with_row_selection(selection).build().map_err(|error| failed(parquet, &error))?;
    let mut rows = Vec::new();
    for batch in reader {
        let batch = batch.map_err(|error| failed(parquet, &error))?;
        for (row, number) in numbers(&batch).into_iter().enumerate() {
            let cells = kinds
                .iter()
                .enumerate()
                .map(|(column, kind)| {
                    batch.columns().get(column + 1).map_or(Cell::Empty, |values| cell(values, row, *kind))
                })
                .collect();
            rows.push((number, cells));
        }
    }
    Ok(rows)
}

fn open(parquet: &Path) -> Result<ParquetRecordBatchReaderBuilder<File>, ReadError> {
    let file = File::open(parquet).map_err(|error| ReadError::io("open", parquet, error))?;
    ParquetRecordBatchReaderBuilder::try_new(file).map_err(|error| failed(parquet, &error))
}

fn failed(parquet: &Path, error: &impl std::fmt::Display) -> ReadError {
    ReadError::io("read the typed table", parquet, std::io::Error::other(error.to_string()))
}

fn numbers(batch: &RecordBatch) -> Vec<u64> {
    batch
        .columns()
        .first()
        .and_then(|column| column.as_primitive_opt::<Int64Type>())
        .map_or_else(Vec::new, |numbers| {
            numbers.values().iter().map(|number| u64::try_from(*number).unwrap_or_default()).collect()
        })
}

fn cell(values: &dyn Array, row: usize, kind: ValueKind) -> Cell {
    if values.is_null(row) {
        return Cell::Empty;
    }
    let float = || values.as_primitive_opt::<Float64Type>().map(|values| values.value(row));
    let read = match kind {
        ValueKind::Empty => None,
        ValueKind::Boolean => values.as_boolean_opt().map(|values| Cell::Flag(values.value(row))),
        ValueKind::Integer => {
            values.as_primitive_opt::<Int64Type>().map(|values| Cell::Number(values.value(row) as f64))
        }
        ValueKind::Decimal | ValueKind::Duration => float().map(Cell::Number),
        ValueKind::TimeOfDay => float().map(Cell::Time),
        ValueKind::Date | ValueKind::DateTime => values
            .as_primitive_opt::<TimestampMicrosecondType>()
            .map(|values| Cell::Moment(values.value(row))),
        ValueKind::Text => {
            values.as_string_opt::<i32>().map(|values| Cell::Text(values.value(row).to_owned()))
        }
    };
    read.unwrap_or(Cell::Empty)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::{ReadOptions, read};

    #[test]
    fn rows_are_found_by_number_and_by_position() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("jobs.csv");
        let mut text = "Jobs of the week\n\nJob,Start,Qty,Note\n".to_owned();
        for job in 0..5_000 {
            text.push_str(&format!(
                "J{job:05},2025-03-{:02},{job},{}\n",
                job % 28 + 1,
                if job % 2 == 0 { "x" } else { "" }
            ));
        }
        std::fs::write(&path, text).unwrap();
        let tables = read(&path, folder.path(), &ReadOptions::default(), &mut |_| {}).unwrap();
        let kinds: Vec<ValueKind> = tables[0].profile.columns.iter().map(|column| column.kind).collect();
        let found = rows(&tables[0].parquet, &kinds, &BTreeSet::from([4, 5, 4_003, 9_999])).unwrap();
        assert_eq!(found.keys().copied().collect::<Vec<_>>(), [4, 5, 4_003]);
        assert_eq!(found[&5][0], Cell::Text("J00001".to_owned()));
        assert_eq!(found[&5][3], Cell::Empty);
        assert_eq!(found[&4_003][2], Cell::Number(3_999.0));
        assert!(matches!(found[&4][1], Cell::Moment(_)));
        let page = page(&tables[0].parquet, &kinds, 4_998, 50).unwrap();
        assert_eq!(page.iter().map(|row| row.0).collect::<Vec<_>>(), [5_002, 5_003]);
        assert!(super::page(&tables[0].parquet, &kinds, 6_000, 50).unwrap().is_empty());
        let noted = filled(&tables[0].parquet, 3).unwrap();
        assert_eq!((noted.len(), &noted[..2]), (2_500, &[4, 6][..]));
        // The sample says where its rows stand: behind the title, the blank row and the header.
        assert_eq!(tables[0].profile.sample_rows[..3], [4, 5, 6]);
        assert_eq!(tables[0].profile.sample_rows.len(), tables[0].profile.columns[0].sample.len());
    }

    #[test]
    fn cells_that_could_not_be_read_are_kept_with_their_rows() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("jobs.csv");
        let mut text = "Job,Hours\n".to_owned();
        for job in 0..3_000 {
            let hours = if job % 100 == 7 { "see log".to_owned() } else { format!("{job}.5") };
            text.push_str(&format!("J{job:05},{hours}\n"));
        }
        std::fs::write(&path, text).unwrap();
        let tables = read(&path, folder.path(), &ReadOptions::default(), &mut |_| {}).unwrap();
        let unreadable = &tables[0].source.unreadable;
        assert_eq!(unreadable.len(), 30);
        let rows: Vec<u64> = unreadable.iter().take(3).map(|cell| cell.row).collect();
        assert_eq!((rows, unreadable[0].column), (vec![9, 109, 209], 1));
        assert_eq!(unreadable[0].text, "see log");
    }
}
