//! What a saved mapping does to the cells of a table before it is mapped.

use std::path::Path;

use ingest::ReadTable;
use preparation::{ColumnReport, Preparation, PrepareError};

use crate::{Error, Scratch};

/// Executes a preparation over the whole table; the prepared table lies in `scratch`, the typed one stays.
/// Says in a line per column what was done.
pub fn prepare(
    table: &mut ReadTable,
    preparation: &Preparation,
    scratch: &Scratch,
) -> Result<Vec<String>, Error> {
    let reports = execute(table, preparation, &scratch.folder("prepared")?).map_err(|error| {
        let words = format!("{}: {error}", table.profile.file);
        match error {
            PrepareError::Refused(_) => Error::Usage(words),
            _ => Error::Work(words),
        }
    })?;
    Ok(reports.iter().map(|report| told(&table.profile.file, report)).collect())
}

/// The same, with what came of each column.
pub(crate) fn execute(
    table: &mut ReadTable,
    preparation: &Preparation,
    folder: &Path,
) -> Result<Vec<ColumnReport>, PrepareError> {
    let typed = table.parquet.file_stem().unwrap_or_default().to_string_lossy();
    let parent = table.parquet.parent().and_then(Path::file_name).unwrap_or_default();
    let output = folder.join(format!("{}-{typed}.parquet", parent.to_string_lossy()));
    let prepared = preparation::run(&table.parquet, &table.profile, preparation, &output)?;
    table.profile = prepared.profile;
    table.parquet = output;
    Ok(prepared.reports)
}

fn told(file: &str, report: &ColumnReport) -> String {
    let mut line = format!("{file}, {}: {} of {} cells changed", report.column, report.changed, report.rows);
    for (count, what) in [
        (report.failed, "could not be worked out and are empty"),
        (report.defaulted, "got the default"),
        (report.unmatched, "fitted no rule"),
    ] {
        if count > 0 {
            line.push_str(&format!(", {count} {what}"));
        }
    }
    line
}
