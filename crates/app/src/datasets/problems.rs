//! The rows of an import that something is wrong with: what could not be read, what people set aside, and what the newest
//! analysis could not use, each with its reason.

mod compare;
pub mod given_back;

use std::collections::{BTreeMap, BTreeSet};

use domain::{Role, ValueKind, analysis::SetAside, id::DatasetId, mapping::SET_ASIDE};
use ingest::source::{SkipReason, SkippedRow, SourceDescription};
use preparation::{Preparation, correction};
pub use report::workbook::problems::{Problem, Problems};
use report::{Tongue, workbook::problems};
use store::{
    Page,
    analyses::{self, AnalysisState, Filter},
    usage::UsageType,
};

use super::{look, readings, tables::StoredTable, tables_of};
use crate::{Backing, Caller, Error, analyses as runs, deed, reports::write::cell, usage};

/// Rows of one table that are written down.
const ROWS_MAX: usize = 20_000;

/// How problems are taken along.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    Xlsx,
    Csv,
}

/// The problems of an import as a file.
pub async fn file(
    backing: &Backing,
    caller: &Caller,
    id: DatasetId,
    form: Form,
    tongue: Tongue,
) -> Result<Vec<u8>, Error> {
    let all = list(backing, caller, id).await?;
    let type_ = match form {
        Form::Xlsx => UsageType::ExportXlsx,
        Form::Csv => UsageType::ExportCsv,
    };
    usage::exported(backing, caller, type_, ("dataset", &id.to_string())).await?;
    match form {
        Form::Xlsx => tokio::task::spawn_blocking(move || problems::workbook(&all, tongue))
            .await
            .map_err(|error| Error::Work(format!("writing a workbook broke: {error}")))?
            .map_err(|error| Error::Work(error.to_string())),
        Form::Csv => Ok(csv(&all).into_bytes()),
    }
}

/// Every table of the import with what is wrong in it.
pub async fn list(backing: &Backing, caller: &Caller, id: DatasetId) -> Result<Vec<Problems>, Error> {
    caller.require(Role::Viewer)?;
    let tables = tables_of(backing, caller, id).await?;
    let mut unused = unused(backing, caller, id).await?;
    let mut all = Vec::new();
    for table in &tables {
        all.push(of_table(backing, table, &mut unused).await?);
    }
    Ok(all)
}

/// Rows that the newest analysis of the import could not use.
async fn unused(backing: &Backing, caller: &Caller, id: DatasetId) -> Result<Vec<SetAside>, Error> {
    let mut tx = deed::begin(backing, caller).await?;
    let filter = Filter { dataset: Some(id), state: Some(AnalysisState::Completed), ..Filter::default() };
    let newest = analyses::list(&mut tx, filter, Page::first(1)).await?.items.into_iter().next();
    tx.rollback().await?;
    Ok(match newest {
        Some(run) => runs::result(backing, caller, run.id).await?.rows.set_aside,
        None => Vec::new(),
    })
}

/// What reading says of a table, and what of `unused` is in it; that is taken out, so that of two sheets with such a row the first
/// has it.
async fn of_table(
    backing: &Backing,
    table: &StoredTable,
    unused: &mut [SetAside],
) -> Result<Problems, Error> {
    let raw = table.raw();
    let reading = readings::reading(backing, &raw.reading, &Preparation::default()).await?;
    let headers: Vec<String> = reading.profile.columns.iter().map(|column| column.header.clone()).collect();
    let problem = |row, column, written: &str, reason: String| Problem {
        row,
        column,
        written: written.to_owned(),
        reason,
    };
    let mut found: Vec<Problem> = Vec::new();
    for one in &reading.source.unreadable {
        let name = headers.get(one.column).filter(|name| !name.is_empty());
        let name = name.cloned().unwrap_or_else(|| format!("column {}", one.column + 1));
        let reason = format!("“{}” in “{name}” is not written like the others and counts as empty", one.text);
        found.push(problem(one.row, Some(one.column), &one.text, reason));
    }
    for (one, reason) in skipped(&reading.source) {
        found.push(problem(one.row, None, &one.text, reason.to_owned()));
    }
    if let Some(column) = reviewed(backing, table).await? {
        let rows = look(backing, &table.parquet, move |path| ingest::look_up::filled(&path, column)).await?;
        let reason = "set aside by you while the rows were reviewed";
        found.extend(rows.into_iter().map(|row| problem(row, None, "", reason.to_owned())));
    }
    // What is counted and not named: of each column and each reason only so much is kept.
    let unreadable: u64 = reading.profile.columns.iter().map(|column| column.unreadable).sum();
    let mut more = unreadable.saturating_sub(reading.source.unreadable.len() as u64);
    let file = &reading.profile.file;
    for aside in unused.iter_mut().filter(|aside| aside.examples.iter().any(|row| row.file == *file)) {
        let rows = aside.examples.iter().filter(|row| row.file == *file);
        found.extend(rows.map(|row| problem(row.row, None, "", aside.reason.clone())));
        more += aside.rows.saturating_sub(aside.examples.len() as u64);
        aside.rows = 0;
    }
    // A cell that was corrected is no problem any more, and shows what it was corrected to.
    let corrected = correction::of(&table.preparation, &columns(&headers, &raw.kinds));
    found.retain(|one| one.column.is_none_or(|column| !corrected.contains_key(&(one.row, column))));
    let all: BTreeSet<u64> = found.iter().map(|problem| problem.row).collect();
    let rows: BTreeSet<u64> = all.into_iter().take(ROWS_MAX).collect();
    more += found.iter().filter(|problem| !rows.contains(&problem.row)).count() as u64;
    let (kinds, wanted): (Vec<ValueKind>, _) = (raw.kinds, rows.clone());
    let mut cells =
        look(backing, &raw.parquet, move |path| ingest::look_up::rows(&path, &kinds, &wanted)).await?;
    // What this table does not hold is a row of another sheet.
    found.retain(|one| rows.contains(&one.row) && (cells.contains_key(&one.row) || !one.written.is_empty()));
    for aside in unused {
        aside.examples.retain(|row| row.file != *file || !cells.contains_key(&row.row));
    }
    for ((row, column), cell) in corrected {
        if let Some(own) = cells.get_mut(&row).and_then(|cells| cells.get_mut(column)) {
            *own = cell;
        }
    }
    found.sort_by(|a, b| (a.row, a.column, &a.reason).cmp(&(b.row, b.column, &b.reason)));
    found.dedup_by(|one, other| one.row == other.row && one.reason == other.reason);
    Ok(Problems {
        file: file.clone(),
        part: reading.profile.part.clone(),
        headers,
        problems: found,
        cells,
        more,
    })
}

/// Columns of a table as read, with what they hold.
fn columns(headers: &[String], kinds: &[ValueKind]) -> Vec<(String, ValueKind)> {
    headers.iter().cloned().zip(kinds.iter().copied()).collect()
}

/// Rows of the file that are no rows of its table, and why.
fn skipped(source: &SourceDescription) -> impl Iterator<Item = (&SkippedRow, &'static str)> {
    source.skipped.iter().filter_map(|one| {
        let reason = match one.reason {
            SkipReason::Total => "a total of other rows, not a row of its own",
            SkipReason::Footer => "text below the table",
            SkipReason::OtherTable => "part of another table",
            _ => return None,
        };
        Some((one, reason))
    })
}

/// The column of the prepared table that says which rows are set aside.
async fn reviewed(backing: &Backing, table: &StoredTable) -> Result<Option<usize>, Error> {
    if table.raw.is_none() {
        return Ok(None);
    }
    let reading = readings::reading(backing, &table.reading, &table.preparation).await?;
    let column = reading.profile.columns.iter().find(|column| column.header == SET_ASIDE);
    Ok(column.map(|column| column.index))
}

/// A line for each thing that is wrong, in English for programs.
fn csv(tables: &[Problems]) -> String {
    let mut text = "file,sheet,row,column,written,reason\r\n".to_owned();
    for table in tables {
        let headers: BTreeMap<usize, &String> = table.headers.iter().enumerate().collect();
        for one in &table.problems {
            let column = one.column.and_then(|column| headers.get(&column));
            let cells = [
                cell(&table.file),
                cell(table.part.as_deref().unwrap_or_default()),
                one.row.to_string(),
                column.map(|name| cell(name)).unwrap_or_default(),
                cell(&one.written),
                cell(&one.reason),
            ];
            text.push_str(&cells.join(","));
            text.push_str("\r\n");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_says_where_and_why() {
        let problem = Problem {
            row: 9,
            column: Some(1),
            written: "=see log".to_owned(),
            reason: "not written like the others, so empty".to_owned(),
        };
        let table = Problems {
            file: "jobs.csv".to_owned(),
            headers: vec!["Job".to_owned(), "Hours".to_owned()],
            problems: vec![problem],
            ..Problems::default()
        };
        let text = csv(&[table]);
        let line = text.lines().nth(1);
        assert_eq!(line, Some("jobs.csv,,9,Hours,'=see log,\"not written like the others, so empty\""));
    }
}
