//! The workbook of rows with problems, given back with its cells corrected.
//!
//! What was read of the same rows is written and read once more in the same way: cells that differ are what a person changed,
//! whatever programs make of numbers and dates when they save. The changes become corrections of the table's preparation; the
//! uploaded file is never changed.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use domain::{Cell, Role, id::DatasetId};
use ingest::{
    ReadError,
    sheets::{Bounds, Sheet, SheetsError},
};
use preparation::{Preparation, correction, fix};
use report::{Tongue, workbook::problems};

use super::{
    Problem, Problems, columns,
    compare::{Found, Pair, compare, row_of},
    skipped,
};
use crate::{
    Backing, Caller, Error, Scratch,
    datasets::{look, mapping, preparation as prepared, readings, tables::StoredTable, tables_of},
    error::Flaw,
};

/// Bytes of a workbook that is given back.
pub const BYTES_MAX: usize = 32 << 20;

const BOUNDS: Bounds = Bounds { rows: 100_000, cells: 3_000_000, unpacked_bytes: 512 << 20 };

/// Cells that are no values of their columns and are named.
const FLAWS_NAMED: usize = 5;

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct GivenBack {
    /// Cells that were corrected; none where nothing was changed.
    pub cells: u64,
    pub rows: u64,
    /// What was left aside, in a sentence each.
    pub told: Vec<String>,
    /// Changes whenever a mapping of the dataset does.
    pub version: i64,
}

/// Takes the workbook back; with a `version`, only if nobody decided since. A cell that is no value of its column refuses it as a
/// whole.
pub async fn take(
    backing: &Backing,
    caller: &Caller,
    id: DatasetId,
    version: Option<i64>,
    bytes: Bytes,
) -> Result<GivenBack, Error> {
    caller.require(Role::Analyst)?;
    let tables = tables_of(backing, caller, id).await?;
    let mut now = mapping::get(backing, caller, id).await?.version;
    if version.is_some_and(|version| version != now) {
        return Err(Error::Stale("mapping"));
    }
    if bytes.len() > BYTES_MAX {
        return Err(Error::TooLarge(format!(
            "a workbook that is given back has up to {} megabytes",
            BYTES_MAX >> 20
        )));
    }
    let sent = sheets(bytes).await?;
    let mut as_read = Vec::new();
    for table in &tables {
        as_read.push(AsRead { table: empty(backing, table).await?, rows: BTreeSet::new() });
    }
    let names = problems::sheet_names(&as_read.iter().map(|one| one.table.clone()).collect::<Vec<_>>());
    let own = |name: &str| names.iter().position(|own| own.to_lowercase() == name.to_lowercase());
    let mut given = GivenBack::default();
    let mut pairs: Vec<(usize, &Sheet)> = Vec::new();
    for sheet in &sent {
        match own(&sheet.name) {
            Some(at) => {
                let rows = sheet.rows.iter().skip(1).filter_map(row_of).collect();
                as_read[at] = filled(backing, &tables[at], rows).await?;
                pairs.push((at, sheet));
            }
            None => {
                given
                    .told
                    .push(format!("The sheet “{}” is none of this import and was left aside.", sheet.name));
            }
        }
    }
    if pairs.is_empty() {
        return Err(Error::Input(
            "no sheet of this workbook belongs to the import; give back the one with the rows with problems, its sheets named as they were downloaded".to_owned(),
        ));
    }
    let written: Vec<Problems> = as_read.iter().map(|one| one.table.clone()).collect();
    let bytes = tokio::task::spawn_blocking(move || problems::workbook(&written, Tongue::English))
        .await
        .map_err(|error| Error::Work(format!("writing a workbook broke: {error}")))?
        .map_err(|error| Error::Work(error.to_string()))?;
    let read = sheets(bytes.into()).await.map_err(|error| Error::Work(error.to_string()))?;
    let mut wanted: Vec<(usize, Preparation)> = Vec::new();
    let mut flaws = Vec::new();
    for (at, sheet) in pairs {
        let Some(read) = read.iter().find(|one| one.name == names[at]) else { continue };
        let columns = columns(&as_read[at].table.headers, &tables[at].raw().kinds);
        let found = compare(&Pair {
            sent: sheet,
            read,
            columns: &columns,
            rows: &as_read[at].rows,
            corrected: &correction::of(&tables[at].preparation, &columns),
        });
        let Found { cells, flaws: own, told } = found;
        flaws.extend(own);
        given.told.extend(told);
        given.cells += cells.values().map(|rows| rows.len() as u64).sum::<u64>();
        given.rows += cells.values().flat_map(BTreeMap::keys).collect::<BTreeSet<_>>().len() as u64;
        let mut all = tables[at].preparation.clone();
        for (column, rows) in cells {
            all = fix::corrected(&all, &column, rows);
        }
        if all != tables[at].preparation {
            wanted.push((at, all));
        }
    }
    refuse(&flaws)?;
    if !wanted.is_empty() {
        now = prepared::put_all(backing, caller, id, Some(now), &wanted).await?.version;
    }
    given.version = now;
    Ok(given)
}

fn refuse(flaws: &[String]) -> Result<(), Error> {
    if flaws.is_empty() {
        return Ok(());
    }
    let flaw = |message: &String| Flaw { field: "workbook".to_owned(), message: message.clone() };
    let mut named: Vec<Flaw> = flaws.iter().take(FLAWS_NAMED).map(flaw).collect();
    let more = flaws.len() - named.len();
    if more > 0 {
        named.push(flaw(&format!("{} more cells cannot be taken", domain::number::count(more as u64))));
    }
    Err(Error::Invalid(named))
}

async fn sheets(bytes: Bytes) -> Result<Vec<Sheet>, Error> {
    let work = move || {
        let scratch = Scratch::new()?;
        let path = scratch.path().join("workbook.xlsx");
        std::fs::write(&path, &bytes)
            .map_err(|error| Error::Work(format!("a workbook cannot be laid out: {error}")))?;
        ingest::sheets::read(&path, scratch.path(), BOUNDS).map_err(|error| match error {
            SheetsError::NoWorkbook => Error::Input(
                "this is no Excel workbook; give back the one with the rows with problems, saved as XLSX".to_owned(),
            ),
            SheetsError::TooLarge(bounds) => Error::TooLarge(format!(
                "the workbook holds more than {} rows or {} cells; give back the one with the rows with problems alone",
                domain::number::count(bounds.rows as u64),
                domain::number::count(bounds.cells as u64)
            )),
            SheetsError::Unreadable(error @ (ReadError::Io { .. } | ReadError::Write { .. })) => {
                Error::Work(error.to_string())
            }
            SheetsError::Unreadable(error) => Error::Input(error.to_string()),
        })
    };
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|error| Error::Work(format!("reading a workbook broke: {error}")))?
}

/// A table as it was read, as far as rows of it were sent.
struct AsRead {
    table: Problems,
    rows: BTreeSet<u64>,
}

/// What names the sheet of a table and its columns, without any row.
async fn empty(backing: &Backing, table: &StoredTable) -> Result<Problems, Error> {
    let reading = readings::reading(backing, &table.raw().reading, &Preparation::default()).await?;
    Ok(Problems {
        file: reading.profile.file.clone(),
        part: reading.profile.part.clone(),
        headers: reading.profile.columns.iter().map(|column| column.header.clone()).collect(),
        ..Problems::default()
    })
}

/// The rows that were sent as they were read, those that could not be read as they are written.
async fn filled(backing: &Backing, table: &StoredTable, sent: BTreeSet<u64>) -> Result<AsRead, Error> {
    let raw = table.raw();
    let reading = readings::reading(backing, &raw.reading, &Preparation::default()).await?;
    let (kinds, wanted) = (raw.kinds, sent.clone());
    let cells: BTreeMap<u64, Vec<Cell>> =
        look(backing, &raw.parquet, move |path| ingest::look_up::rows(&path, &kinds, &wanted)).await?;
    let problem = |row, column, written: &String| Problem {
        row,
        column,
        written: written.clone(),
        reason: String::new(),
    };
    let unreadable =
        reading.source.unreadable.iter().map(|one| problem(one.row, Some(one.column), &one.text));
    let skipped = skipped(&reading.source).map(|(one, _)| problem(one.row, None, &one.text));
    let known: Vec<Problem> = unreadable.chain(skipped).filter(|one| sent.contains(&one.row)).collect();
    let rows: BTreeSet<u64> = cells.keys().copied().collect();
    let mut problems = known;
    // A row is written for a problem; those without one have theirs in what is not said here.
    problems.extend(rows.iter().map(|row| problem(*row, None, &String::new())));
    Ok(AsRead { table: Problems { problems, cells, ..empty(backing, table).await? }, rows })
}
