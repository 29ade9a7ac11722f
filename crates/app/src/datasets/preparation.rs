//! What is done to the cells of an import before they are taken for what they mean.
//!
//! A preparation is saved with the mapping of its table, executed over the whole file when it is saved, and again on the
//! next export of the same headers. The uploaded file and its table as read stay as they are.

mod change;

use std::{path::Path, sync::Arc};

use clients::blobs::{Key, Kind};
use domain::{
    Mapping, Role,
    id::{DatasetId, OrgId},
};
use ingest::ReadTable;
use preparation::{
    Preparation, Problem,
    graph::Graph,
    health::{self, Health},
};
use serde_json::{Value, json};
use store::{
    Tx,
    datasets::{self, DatasetFile},
};

use super::{
    mapping, present,
    read::place,
    read_already,
    readings::{self, Known},
    suggestions,
    tables::{Raw, StoredTable, stored_mappings, stored_tables},
};
use crate::{Backing, Caller, Error, archive, deed, error::Flaw, prepare, reading::Reading};

pub(super) use change::{Change as Planned, remake};
pub use change::{put, put_all};
pub use preparation::{
    ColumnReport, Preview, Problem as Flawed,
    correction::CORRECTED_MAX,
    fix::{self, Fix},
    health::Health as Score,
    plan::Trail,
    recipe::{
        Branch, Condition, Gives, Operator, Origin, Otherwise, Preparation as Recipe,
        PreparedColumn as Prepared, Rule, Step, Test,
    },
    report::Change,
    suggest::Suggestion,
    templates::{Category, TEMPLATES},
};

/// The preparation of one table, and what it came to.
#[derive(Debug, Clone, PartialEq)]
pub struct TablePreparation {
    pub preparation: Preparation,
    /// Counts over the whole file, as [`reports`] writes them.
    pub reports: Value,
    /// Changes whenever a mapping of the dataset does.
    pub version: i64,
}

/// What a preparation would do to the sampled rows, or why it cannot be done.
#[derive(Debug, Clone, PartialEq)]
pub struct Tried {
    /// Empty where it can be done.
    pub errors: Vec<Problem>,
    pub preview: Option<Preview>,
}

/// Rows of a preview that are told step by step.
const TRAILS: usize = 20;

/// Columns of one preparation.
const COLUMNS_MAX: usize = 500;

/// The preparation of a table as it stands.
pub async fn get(
    backing: &Backing,
    caller: &Caller,
    id: DatasetId,
    table: usize,
) -> Result<TablePreparation, Error> {
    caller.require(Role::Viewer)?;
    let mut tx = deed::begin(backing, caller).await?;
    let (files, at) = find(&mut tx, id, table).await?;
    let stored = &stored_tables(tx.org(), &files[at.0])?[at.1];
    Ok(TablePreparation {
        preparation: stored.preparation.clone(),
        reports: stored.reports.clone(),
        version: mapping::version_of(&files),
    })
}

/// One table of an import: its preparation as it stands, and what else could be done.
#[derive(Debug, Clone)]
pub struct Prepares {
    pub preparation: Preparation,
    pub reports: Value,
    /// What its values ask for, without what somebody has dismissed.
    pub suggestions: Vec<Suggestion>,
}

/// All tables of an import, in order, and the version of its mapping.
pub async fn all(backing: &Backing, caller: &Caller, id: DatasetId) -> Result<(Vec<Prepares>, i64), Error> {
    caller.require(Role::Viewer)?;
    let mut tx = deed::begin(backing, caller).await?;
    read_already(&present(&mut tx, id).await?)?;
    let files = datasets::files(&mut tx, id).await?;
    let mut tables = Vec::new();
    for file in &files {
        for stored in stored_tables(caller.actor.org, file)? {
            let raw = readings::reading(backing, &stored.raw().reading, &Preparation::default()).await?;
            let dismissed = suggestions::dismissed(&mut tx, &raw).await?;
            let open = raw.suggestions().iter().filter(|one| !dismissed.contains(&one.id)).cloned();
            tables.push(Prepares {
                suggestions: open.collect(),
                preparation: stored.preparation,
                reports: stored.reports,
            });
        }
    }
    tx.rollback().await?;
    Ok((tables, mapping::version_of(&files)))
}

/// What a preparation would do, on the sampled rows; nothing is kept.
pub async fn preview(
    backing: &Backing,
    caller: &Caller,
    id: DatasetId,
    table: usize,
    wanted: &Preparation,
) -> Result<Tried, Error> {
    caller.require(Role::Viewer)?;
    let reading = raw_reading(backing, caller, id, table).await?;
    Ok(match preparation::preview(&reading.profile, wanted, TRAILS) {
        Ok(preview) => Tried { errors: Vec::new(), preview: Some(preview) },
        Err(errors) => Tried { errors, preview: None },
    })
}

/// Columns that a column needs, and columns that would change with it.
pub fn depends(preparation: &Preparation, column: &str) -> (Vec<String>, Vec<String>) {
    let graph = Graph::of(preparation);
    let owned = |names: Vec<&str>| names.into_iter().map(str::to_owned).collect();
    (owned(graph.needs(column)), owned(graph.impact(column, preparation)))
}

/// How good the mapping of an import is, with what is prepared and what could be.
pub async fn score(backing: &Backing, caller: &Caller, id: DatasetId) -> Result<Health, Error> {
    caller.require(Role::Viewer)?;
    let mut tx = deed::begin(backing, caller).await?;
    read_already(&present(&mut tx, id).await?)?;
    let files = datasets::files(&mut tx, id).await?;
    tx.rollback().await?;
    let mut judged: Vec<(Arc<Known>, Mapping, Preparation)> = Vec::new();
    let mut asked = Vec::new();
    let mut tx = deed::begin(backing, caller).await?;
    for file in &files {
        for (stored, mapping) in
            stored_tables(caller.actor.org, file)?.into_iter().zip(stored_mappings(file)?)
        {
            let reading = readings::reading(backing, &stored.reading, &stored.preparation).await?;
            // What somebody has dismissed is not asked for.
            let dismissed = suggestions::dismissed(&mut tx, &reading).await?;
            asked.extend(reading.suggestions().iter().filter(|one| !dismissed.contains(&one.id)).cloned());
            judged.push((reading, mapping, stored.preparation));
        }
    }
    let tables: Vec<_> = judged
        .iter()
        .map(|(reading, mapping, preparation)| (&reading.profile, mapping, preparation))
        .collect();
    Ok(health::judge(&tables, &asked))
}

/// A table after its preparation.
pub(super) struct Done {
    pub(super) table: ReadTable,
    pub(super) preparation: Preparation,
    pub(super) reports: Vec<ColumnReport>,
    /// What the program would take the columns for.
    proposal: Option<Mapping>,
}

impl Done {
    pub(super) fn new(table: ReadTable, preparation: Preparation, reports: Vec<ColumnReport>) -> Self {
        Self { table, preparation, reports, proposal: None }
    }
}

/// Executes a preparation over a table; the flaws where it does not fit.
pub(super) fn apply(
    mut table: ReadTable,
    wanted: &Preparation,
    folder: &Path,
) -> Result<Result<Done, Vec<Flaw>>, Error> {
    match prepare::execute(&mut table, wanted, folder) {
        Ok(reports) => Ok(Ok(Done::new(table, wanted.clone(), reports))),
        Err(preparation::PrepareError::Refused(problems)) => Ok(Err(problems.iter().map(flaw).collect())),
        Err(error) => Err(Error::Work(error.to_string())),
    }
}

fn flaw(problem: &Problem) -> Flaw {
    Flaw { field: "preparation".to_owned(), message: problem.to_string() }
}

/// Puts a prepared table beside the one as read, under names of their own for each `form`.
pub(super) async fn keep(
    backing: &Backing,
    org: OrgId,
    id: DatasetId,
    (file, table): (usize, usize),
    before: &StoredTable,
    done: &Done,
    form: &str,
) -> Result<StoredTable, Error> {
    let name = |what: &str| place(id, file, table, &format!("prepared {what}{form}"));
    let parquet = Key::new(org, Kind::Table, name("table"));
    backing.blobs.write_file(&parquet, &done.table.parquet).await?;
    let reading = Key::new(org, Kind::Reading, name("reading"));
    backing.blobs.write_bytes(&reading, archive::encode(&Reading::from(&done.table))).await?;
    let columns = &done.table.profile.columns;
    Ok(StoredTable {
        parquet,
        reading,
        kinds: columns.iter().map(|column| column.kind).collect(),
        currency: columns.iter().find_map(|column| column.currency.clone()),
        raw: Some(before.raw()),
        preparation: done.preparation.clone(),
        reports: reports(&done.reports),
        ..before.clone()
    })
}

/// Counts and examples of every prepared column, as they are kept and sent.
pub fn reports(reports: &[ColumnReport]) -> Value {
    let cell = |cell: &domain::Cell| crate::view::table::value(cell, domain::ValueKind::Text);
    reports
        .iter()
        .map(|report| {
            json!({
                "column": report.column,
                "rows": report.rows,
                "changed": report.changed,
                "corrected": report.corrected,
                "changes": report.changes.iter().map(|change| json!({
                    "row": change.row, "before": cell(&change.before), "after": cell(&change.after),
                })).collect::<Vec<_>>(),
                "failed": report.failed,
                "failures": report.failures.iter().map(|failure| json!({
                    "row": failure.row, "text": failure.text, "reason": failure.reason,
                })).collect::<Vec<_>>(),
                "matched": report.matched.iter().map(|(label, rows)| json!({"label": label, "rows": rows})).collect::<Vec<_>>(),
                "defaulted": report.defaulted,
                "unmatched": report.unmatched,
                "unmatched_values": report.unmatched_values.iter().map(|(value, rows)| json!({"value": value, "rows": rows})).collect::<Vec<_>>(),
                "coverage": report.coverage(),
            })
        })
        .collect()
}

/// `error` or `warning`.
pub fn severity(problem: &Problem) -> &'static str {
    match problem.severity {
        preparation::check::Severity::Error => "error",
        preparation::check::Severity::Warning => "warning",
    }
}

/// How cells come about, row by row: each column with what was done and what the cell was then.
pub fn trails(rows: &[Vec<Trail>]) -> Value {
    let cell = |cell: &domain::Cell| crate::view::table::value(cell, domain::ValueKind::Text);
    rows.iter()
        .map(|trails| {
            let told = trails.iter().map(|trail| {
                let steps =
                    trail.steps.iter().map(|(what, after)| json!({"what": what, "after": cell(after)}));
                json!({"column": trail.column, "steps": steps.collect::<Vec<_>>()})
            });
            json!(told.collect::<Vec<_>>())
        })
        .collect()
}

/// Which file a table of a dataset is of, and which of its tables it is.
async fn find(tx: &mut Tx, id: DatasetId, table: usize) -> Result<(Vec<DatasetFile>, (usize, usize)), Error> {
    read_already(&present(tx, id).await?)?;
    let files = datasets::files(tx, id).await?;
    let at = place_of(tx.org(), &files, table)?;
    Ok((files, at))
}

fn place_of(org: OrgId, files: &[DatasetFile], table: usize) -> Result<(usize, usize), Error> {
    let mut before = 0;
    for (at, file) in files.iter().enumerate() {
        let own = stored_tables(org, file)?.len();
        if table < before + own && stored_mappings(file)?.len() == own {
            return Ok((at, table - before));
        }
        before += own;
    }
    Err(Error::NotFound("table"))
}

/// How a table was read, before anything was done to it.
pub(super) async fn raw_reading(
    backing: &Backing,
    caller: &Caller,
    id: DatasetId,
    table: usize,
) -> Result<Arc<Known>, Error> {
    let mut tx = deed::begin(backing, caller).await?;
    let (files, at) = find(&mut tx, id, table).await?;
    let Raw { reading, .. } = stored_tables(tx.org(), &files[at.0])?[at.1].raw();
    tx.rollback().await?;
    readings::reading(backing, &reading, &Preparation::default()).await
}
