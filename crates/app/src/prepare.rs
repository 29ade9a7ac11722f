//! What a saved mapping does to the cells of a table before it is mapped.

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
    let typed = table.parquet.file_stem().unwrap_or_default().to_string_lossy();
    let folder = table.parquet.parent().and_then(std::path::Path::file_name).unwrap_or_default();
    let name = format!("{}-{typed}.parquet", folder.to_string_lossy());
    let output = scratch.folder("prepared")?.join(name);
    let prepared =
        preparation::run(&table.parquet, &table.profile, preparation, &output).map_err(|error| {
            let words = format!("{}: {error}", table.profile.file);
            match error {
                PrepareError::Refused(_) => Error::Usage(words),
                _ => Error::Work(words),
            }
        })?;
    table.profile = prepared.profile;
    table.parquet = output;
    Ok(prepared.reports.iter().map(|report| told(&table.profile.file, report)).collect())
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
