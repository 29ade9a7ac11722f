//! A preparation executed over a whole file: one typed Parquet file in, another out, batch by batch.

use std::{
    fs::File,
    path::{Path, PathBuf},
    sync::Arc,
};

use arrow::{
    array::{
        Array, ArrayRef, AsArray, BooleanArray, Float64Array, Int64Array, RecordBatch, StringArray,
        TimestampMicrosecondArray,
    },
    datatypes::{DataType, Field, Float64Type, Int64Type, Schema, TimeUnit, TimestampMicrosecondType},
    error::ArrowError,
};
use domain::{Cell, ColumnProfile, Issue, TableProfile, ValueKind, issue::Severity};
use parquet::{
    arrow::{ArrowWriter, arrow_reader::ParquetRecordBatchReaderBuilder},
    basic::Compression,
    errors::ParquetError,
    file::properties::WriterProperties,
};

use crate::{check::Problem, plan::Plan, profile::Observed, recipe::Preparation, report::ColumnReport};

/// Rows that are worked on at once.
const BATCH_ROWS: usize = 8_192;

const SOURCE_ROW: &str = "source_row";

/// A table after its preparation.
#[derive(Debug)]
pub struct Prepared {
    /// The profile of the prepared table: changed columns seen anew, new columns behind the others.
    pub profile: TableProfile,
    pub reports: Vec<ColumnReport>,
}

#[derive(Debug, thiserror::Error)]
pub enum PrepareError {
    /// The preparation does not fit the table or cannot be executed.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Refused(Vec<Problem>),
    #[error("cannot open {}: {source}", path.display())]
    Open { path: PathBuf, source: std::io::Error },
    #[error("the typed table cannot be read or written: {0}")]
    Parquet(#[from] ParquetError),
    #[error("the typed table does not hold what its profile says: {0}")]
    Arrow(#[from] ArrowError),
}

/// Executes a preparation; `input` and `output` are typed tables as [`domain::table`] describes them.
pub fn run(
    input: &Path,
    profile: &TableProfile,
    preparation: &Preparation,
    output: &Path,
) -> Result<Prepared, PrepareError> {
    let plan = Plan::new(&columns(profile), preparation).map_err(PrepareError::Refused)?;
    let open = |path: &Path, made: std::io::Result<File>| {
        made.map_err(|source| PrepareError::Open { path: path.to_owned(), source })
    };
    let reader = ParquetRecordBatchReaderBuilder::try_new(open(input, File::open(input))?)?
        .with_batch_size(BATCH_ROWS)
        .build()?;
    let mut kinds: Vec<ValueKind> = profile.columns.iter().map(|column| column.kind).collect();
    kinds.resize(plan.n_places(), ValueKind::Empty);
    for work in plan.works() {
        kinds[work.place] = work.kind;
    }
    let mut fields = vec![Field::new(SOURCE_ROW, DataType::Int64, false)];
    fields.extend(
        kinds.iter().enumerate().map(|(idx, kind)| Field::new(format!("c{idx}"), data_type(*kind), true)),
    );
    let schema = Arc::new(Schema::new(fields));
    let properties = WriterProperties::builder().set_compression(Compression::SNAPPY).build();
    let file = open(output, File::create(output))?;
    let mut writer = ArrowWriter::try_new(file, Arc::clone(&schema), Some(properties))?;
    let reads = plan.reads();
    let mut tallies = plan.tallies();
    let mut observed: Vec<Observed> = plan.works().iter().map(|_| Observed::default()).collect();
    for batch in reader {
        let batch = batch?;
        let numbers: Vec<u64> = batch
            .column(0)
            .as_primitive_opt::<Int64Type>()
            .ok_or_else(|| ArrowError::SchemaError("the first column holds no rows of the file".to_owned()))?
            .values()
            .iter()
            .map(|row| (*row).max(0) as u64)
            .collect();
        let mut rows: Vec<Vec<Cell>> = vec![vec![Cell::Empty; plan.n_places()]; batch.num_rows()];
        for place in &reads {
            cells(batch.column(place + 1), profile.columns[*place].kind, |row, cell| {
                rows[row][*place] = cell;
            })?;
        }
        plan.apply(&mut rows, &numbers, &mut tallies);
        let mut arrays: Vec<ArrayRef> = batch.columns().to_vec();
        arrays.resize(plan.n_places() + 1, Arc::new(StringArray::new_null(batch.num_rows())));
        for (work, observed) in plan.works().iter().zip(&mut observed) {
            for row in &rows {
                observed.see(&row[work.place]);
            }
            arrays[work.place + 1] = array(work.kind, rows.iter().map(|row| &row[work.place]));
        }
        writer.write(&RecordBatch::try_new(Arc::clone(&schema), arrays)?)?;
    }
    writer.close()?;
    let reports: Vec<ColumnReport> = tallies.into_iter().map(crate::plan::Tally::finish).collect();
    let mut prepared = profile.clone();
    let samples = sample_rows(profile, &plan);
    for ((work, mut observed), report) in plan.works().iter().zip(observed).zip(&reports) {
        observed.failed(report.failed);
        let old = profile.columns.get(work.place);
        let header = old.map_or_else(|| work.name.clone(), |column| column.header.clone());
        let sample = samples.iter().map(|row| row[work.place].clone()).collect();
        let mut column = observed.finish(work.place, header, work.kind, old, sample);
        // Single cells were corrected: the others are written as the file writes them.
        if let Some(old) = old.filter(|_| work.is_bare) {
            column.format.clone_from(&old.format);
            column.ambiguous.clone_from(&old.ambiguous);
        }
        if work.is_new {
            prepared.columns.push(column);
        } else {
            prepared.columns[work.place] = column;
        }
        prepared.issues.extend(issue(profile, work.place, report));
    }
    prepared.columns.sort_by_key(|column| column.index);
    Ok(Prepared { profile: prepared, reports })
}

/// The headers and kinds that a preparation is checked against.
pub(crate) fn columns(profile: &TableProfile) -> Vec<(String, ValueKind)> {
    profile.columns.iter().map(|column| (column.header.clone(), column.kind)).collect()
}

/// The sampled rows of a table.
pub(crate) fn sampled(profile: &TableProfile) -> Vec<Vec<Cell>> {
    let n = profile.columns.iter().map(|column| column.sample.len()).max().unwrap_or(0);
    (0..n)
        .map(|row| {
            profile
                .columns
                .iter()
                .map(|column| column.sample.get(row).cloned().unwrap_or(Cell::Empty))
                .collect()
        })
        .collect()
}

/// The sampled rows after the preparation.
fn sample_rows(profile: &TableProfile, plan: &Plan) -> Vec<Vec<Cell>> {
    let mut rows = sampled(profile);
    let mut numbers = profile.sample_rows.clone();
    numbers.resize(rows.len(), 0);
    plan.apply(&mut rows, &numbers, &mut plan.tallies());
    rows
}

fn issue(profile: &TableProfile, place: usize, report: &ColumnReport) -> Option<Issue> {
    let first = report.failures.first()?;
    Some(Issue {
        file: profile.file.clone(),
        row: Some(first.row),
        column: Some(place),
        severity: Severity::Warning,
        kind: "unreadable_after_preparation",
        message: format!(
            "{} of {} cells of \"{}\" are empty now because the preparation could not work them out; the first is \"{}\": {}",
            report.failed, report.rows, report.column, first.text, first.reason
        ),
        rows: report.failed,
        examples: report.failures.iter().map(|failure| failure.row).collect(),
    })
}

fn data_type(kind: ValueKind) -> DataType {
    match kind {
        ValueKind::Boolean => DataType::Boolean,
        ValueKind::Integer => DataType::Int64,
        ValueKind::Decimal | ValueKind::Duration | ValueKind::TimeOfDay => DataType::Float64,
        ValueKind::Date | ValueKind::DateTime => DataType::Timestamp(TimeUnit::Microsecond, None),
        ValueKind::Text | ValueKind::Empty => DataType::Utf8,
    }
}

/// Hands over the cells of a column of the typed table.
fn cells(array: &ArrayRef, kind: ValueKind, mut take: impl FnMut(usize, Cell)) -> Result<(), ArrowError> {
    let unlike =
        || ArrowError::SchemaError(format!("a column of {} is {}", kind.as_str(), array.data_type()));
    macro_rules! each {
        ($values:expr, $cell:expr) => {{
            let values = $values.ok_or_else(unlike)?;
            for row in 0..values.len() {
                if values.is_valid(row) {
                    take(row, $cell(values.value(row)));
                }
            }
        }};
    }
    match kind {
        ValueKind::Boolean => each!(array.as_boolean_opt(), Cell::Flag),
        ValueKind::Integer => {
            each!(array.as_primitive_opt::<Int64Type>(), |value: i64| Cell::Number(value as f64));
        }
        ValueKind::Decimal | ValueKind::Duration => {
            each!(array.as_primitive_opt::<Float64Type>(), Cell::Number);
        }
        ValueKind::TimeOfDay => each!(array.as_primitive_opt::<Float64Type>(), Cell::Time),
        ValueKind::Date | ValueKind::DateTime => {
            each!(array.as_primitive_opt::<TimestampMicrosecondType>(), Cell::Moment);
        }
        ValueKind::Text | ValueKind::Empty => {
            each!(array.as_string_opt::<i32>(), |value: &str| Cell::Text(value.to_owned()));
        }
    }
    Ok(())
}

/// Cells as a column of a kind; a cell that is not of the kind is null there.
fn array<'a>(kind: ValueKind, cells: impl Iterator<Item = &'a Cell>) -> ArrayRef {
    match kind {
        ValueKind::Boolean => {
            let flag = |cell: &Cell| match cell {
                Cell::Flag(flag) => Some(*flag),
                _ => None,
            };
            Arc::new(cells.map(flag).collect::<BooleanArray>())
        }
        ValueKind::Integer => {
            let whole = |cell: &Cell| cell.number().map(|number| number as i64);
            Arc::new(cells.map(whole).collect::<Int64Array>())
        }
        ValueKind::Decimal | ValueKind::Duration | ValueKind::TimeOfDay => {
            let number = |cell: &Cell| match cell {
                Cell::Number(number) | Cell::Time(number) => Some(*number),
                _ => None,
            };
            Arc::new(cells.map(number).collect::<Float64Array>())
        }
        ValueKind::Date | ValueKind::DateTime => {
            Arc::new(cells.map(Cell::moment).collect::<TimestampMicrosecondArray>())
        }
        ValueKind::Text | ValueKind::Empty => {
            let text = |cell: &Cell| match cell {
                Cell::Empty | Cell::Unreadable(_) => None,
                cell => Some(crate::step::text(cell)),
            };
            Arc::new(cells.map(text).collect::<StringArray>())
        }
    }
}

/// So that a caller can look at a column by its name after the run.
impl Prepared {
    pub fn column(&self, header: &str) -> Option<&ColumnProfile> {
        let key = crate::fold::key(header);
        self.profile.columns.iter().find(|column| crate::fold::key(&column.header) == key)
    }
}
