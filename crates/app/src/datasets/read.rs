//! The job that reads an import: files in, typed tables, profiles and a proposed mapping out.

use std::path::{Path, PathBuf};

use clients::blobs::{Key, Kind};
use domain::{
    Issue, Mapping,
    id::{DatasetId, FileId},
    issue::Severity,
};
use ingest::{ReadError, ReadTable};
use jiff::SignedDuration;
use mapping::Remembered;
use serde_json::{Value, json};
use store::{
    Tx,
    audit::{self, Event, Outcome},
    datasets::{self, DatasetFile, DatasetState, Facts, MappingState},
    files,
    jobs::{self, Done},
    usage::{self, Meter, UsageType},
};
use uuid::Uuid;

use super::{
    preparation::{self, Recipe},
    second_opinion::{self, Proposed},
    tables::StoredTable,
};
use crate::{
    Backing, Error, Scratch,
    archive::{self, Archived},
    files::{apart, blob_id, discard},
    map,
    mapping_profiles::{self, Prepared},
    notices::Post,
    read,
    reading::Reading,
    sources::settle,
    usage::count,
    worker::Hold,
};

/// The kind of the job.
pub(crate) const KIND: &str = "read_dataset";

/// One file, laid out for reading.
struct Laid {
    id: FileId,
    path: PathBuf,
}

/// A table as read, and as it was prepared where the saved mapping of its headers says so.
struct Table {
    read: ReadTable,
    prepared: Option<preparation::Done>,
}

impl Table {
    /// The one whose columns are mapped.
    fn mapped(&self) -> &ReadTable {
        self.prepared.as_ref().map_or(&self.read, |done| &done.table)
    }
}

/// What reading came to.
enum Outcomes {
    Tables(Vec<Vec<Table>>, Vec<Mapping>),
    /// The content of a file cannot be used.
    Unusable(FileId, String),
}

/// Reads the dataset of the claim and commits what it found together with the job's end.
pub(crate) async fn perform(backing: &Backing, post: Option<&Post>, hold: &Hold) -> Result<(), Error> {
    let claim = &hold.claim;
    let id = DatasetId(claim.job.id.0);
    let mut tx = backing.store.begin(&claim.actor()).await?;
    let dataset = datasets::get(&mut tx, id).await?;
    let waiting = |state| matches!(state, DatasetState::Queued | DatasetState::Reading);
    if !dataset.is_some_and(|dataset| waiting(dataset.state)) {
        // It was removed meanwhile, or an earlier run ended it.
        jobs::finish(&mut tx, claim, &Done::Completed).await?;
        return Ok(tx.commit().await?);
    }
    let members = datasets::files(&mut tx, id).await?;
    let mut keys = Vec::new();
    for member in &members {
        let file = files::get(&mut tx, member.file_id).await?.ok_or(Error::NotFound("file"))?;
        keys.push(Key::of(claim.org, &file.object_key)?);
    }
    let remembered = mapping_profiles::remembered(&mut tx).await?;
    let prepared = mapping_profiles::prepared(&mut tx).await?;
    tx.rollback().await?;

    let scratch = Scratch::new()?;
    let names = apart(members.iter().map(|member| member.file_name.as_str()));
    let mut laid = Vec::new();
    for ((member, key), name) in members.iter().zip(&keys).zip(&names) {
        let path = backing.blobs.lay_out(key, &scratch.folder("files")?, name).await?;
        laid.push(Laid { id: member.file_id, path });
    }
    hold.say("reading", 0.0);
    let (outcome, _scratch) = hold
        .compute(move |hold| Ok((compute(&laid, &remembered, &prepared, &scratch, hold)?, scratch)))
        .await?;
    match outcome {
        Outcomes::Unusable(file, reason) => refuse(backing, hold, id, file, &reason).await,
        Outcomes::Tables(tables, mut mappings) => {
            let mut proposed: Vec<Proposed<'_>> = tables
                .iter()
                .flatten()
                .zip(&mut mappings)
                .map(|(table, mapping)| Proposed { profile: &table.mapped().profile, mapping })
                .collect();
            second_opinion::ask(backing, post, hold, &mut proposed).await?;
            let stored = keep(backing, hold, id, &members, &tables).await?;
            commit(backing, hold, id, &members, &stored, &mappings).await
        }
    }
}

/// Reads all files and proposes what their columns mean; off the async threads.
fn compute(
    files: &[Laid],
    remembered: &Remembered,
    prepared: &Prepared,
    scratch: &Scratch,
    hold: &Hold,
) -> Result<Outcomes, Error> {
    let mut tables: Vec<Vec<Table>> = Vec::new();
    for (at, file) in files.iter().enumerate() {
        hold.wanted()?;
        let share = at as f64 / files.len() as f64;
        let folder = scratch.folder(&format!("read-{at}"))?;
        match read::read_into(&file.path, None, &folder, &mut |words| hold.say(words, share * 0.8)) {
            Ok(read) => tables.push(prepare(read, prepared, &scratch.folder(&format!("prepare-{at}"))?)?),
            // What the disk did is not the file's fault, and may not happen again.
            Err(error @ (ReadError::Io { .. } | ReadError::Write { .. })) => {
                return Err(Error::Work(error.to_string()));
            }
            Err(error) => return Ok(Outcomes::Unusable(file.id, error.to_string())),
        }
    }
    hold.wanted()?;
    hold.say("working out what the columns mean", 0.8);
    let all: Vec<ReadTable> = tables.iter().flatten().map(Table::mapped).cloned().collect();
    let mappings = map::propose_remembering(&all, remembered);
    Ok(Outcomes::Tables(tables, mappings))
}

/// Does to the tables of a file what the saved mapping of its headers says. What does not fit any more is left undone and
/// told among the issues of the table.
fn prepare(read: Vec<ReadTable>, known: &Prepared, folder: &Path) -> Result<Vec<Table>, Error> {
    let headers = |table: &ReadTable| -> Vec<String> {
        table.profile.columns.iter().map(|column| column.header.clone()).collect()
    };
    let all: Vec<Vec<String>> = read.iter().map(headers).collect();
    let recipes = known.of(&all);
    let mut tables = Vec::new();
    for (at, mut table) in read.into_iter().enumerate() {
        let mut prepared = None;
        if let Some(recipe) = recipes.get(at).filter(|recipe| !recipe.is_empty()) {
            match preparation::apply(table.clone(), recipe, folder)? {
                Ok(done) => prepared = Some(done),
                Err(flaws) => {
                    let reasons: Vec<String> = flaws.into_iter().map(|flaw| flaw.message).collect();
                    table.profile.issues.push(Issue {
                        file: table.profile.file.clone(),
                        row: None,
                        column: None,
                        severity: Severity::Warning,
                        kind: "preparation_unfit",
                        message: format!("the saved clean-up does not fit this file: {}", reasons.join("; ")),
                        rows: 0,
                        examples: Vec::new(),
                    });
                }
            }
        }
        tables.push(Table { read: table, prepared });
    }
    Ok(tables)
}

/// Puts tables and profiles where they stay. Their names follow from dataset and place, so that a second run writes the
/// same bytes to the same names, and a run that was cut off leaves nothing that nobody knows.
async fn keep(
    backing: &Backing,
    hold: &Hold,
    id: DatasetId,
    members: &[DatasetFile],
    tables: &[Vec<Table>],
) -> Result<Vec<Vec<StoredTable>>, Error> {
    let org = hold.claim.org;
    let mut all = Vec::new();
    for (at, (member, tables)) in members.iter().zip(tables).enumerate() {
        hold.say(&format!("storing {}", member.file_name), 0.9);
        let mut stored = Vec::new();
        for (number, Table { read: table, prepared }) in tables.iter().enumerate() {
            let parquet = Key::new(org, Kind::Table, place(id, at, number, "table"));
            backing.blobs.write_file(&parquet, &table.parquet).await?;
            let reading = Key::new(org, Kind::Reading, place(id, at, number, "reading"));
            let own = Reading::from(table);
            let bytes = archive::encode(&own);
            let length = bytes.len();
            backing.blobs.write_bytes(&reading, bytes).await?;
            backing.readings.written(&reading, &Recipe::default(), length, own);
            let columns = &table.profile.columns;
            let as_read = StoredTable {
                file: member.file_id,
                part: table.profile.part.clone(),
                rows: table.profile.rows,
                parquet,
                reading,
                kinds: columns.iter().map(|column| column.kind).collect(),
                currency: columns.iter().find_map(|column| column.currency.clone()),
                raw: None,
                preparation: Recipe::default(),
                reports: Value::Null,
                replaced: Vec::new(),
            };
            stored.push(match prepared {
                Some(done) => preparation::keep(backing, org, id, (at, number), &as_read, done, "").await?,
                None => as_read,
            });
        }
        all.push(stored);
    }
    Ok(all)
}

async fn commit(
    backing: &Backing,
    hold: &Hold,
    id: DatasetId,
    members: &[DatasetFile],
    tables: &[Vec<StoredTable>],
    mappings: &[Mapping],
) -> Result<(), Error> {
    let claim = &hold.claim;
    let mut tx = backing.store.begin(&claim.actor()).await?;
    let mut rest = mappings;
    let (mut rows, mut columns) = (0_i64, 0_i64);
    for (member, tables) in members.iter().zip(tables) {
        let (own, others) = rest.split_at_checked(tables.len()).unwrap_or((rest, &[]));
        rest = others;
        let (own_rows, own_columns) = set_tables(&mut tx, id, member.file_id, tables).await?;
        let mapping = own.to_vec().keep();
        datasets::set_mapping(&mut tx, id, member.file_id, None, &mapping, MappingState::Proposed, None)
            .await?;
        rows += own_rows;
        columns += own_columns;
    }
    count(backing, &mut tx, Meter::Rows, rows).await?;
    usage::record_event(&mut tx, UsageType::CsvRowProcessed, &id.to_string(), rows).await?;
    let main = mappings.iter().max_by_key(|mapping| mapping.rows);
    let document = Value::Object(serde_json::Map::new());
    let facts = Facts {
        rows,
        columns,
        source_system: main
            .and_then(|mapping| mapping.source_system.as_ref())
            .map_or("", |system| system.name.as_str()),
        granularity: main.map_or("", |mapping| mapping.granularity.as_str()),
        document: &document,
    };
    datasets::set_facts(&mut tx, id, &facts).await?;
    let from = [DatasetState::Queued, DatasetState::Reading];
    if !datasets::set_state(&mut tx, id, &from, DatasetState::Mapping, None).await? {
        tx.rollback().await?;
        return Err(Error::Conflict("the dataset was removed while it was read".to_owned()));
    }
    // Without anything saved there is nothing to know it by, and nothing to wait for.
    if claim.job.payload["analyze_known"] == true && mapping_profiles::any(&mut tx).await? {
        settle::enqueue(&mut tx, None, id, SignedDuration::ZERO).await?;
    }
    let event = Event::new("dataset.read", Outcome::Done).detail("rows", rows);
    end(tx, hold, id, event, &Done::Completed).await
}

/// Writes down where the tables of a file lie; returns their rows and columns as read.
pub(super) async fn set_tables(
    tx: &mut Tx,
    id: DatasetId,
    file: FileId,
    tables: &[StoredTable],
) -> Result<(i64, i64), Error> {
    let rows = tables.iter().map(|table| table.rows as i64).sum::<i64>();
    let columns = tables.iter().map(|table| table.raw().kinds.len() as i64).sum::<i64>();
    let reading = json!({"tables": tables.iter().map(StoredTable::keep).collect::<Vec<_>>()});
    let table_key = tables.first().map(|table| table.parquet.to_string()).unwrap_or_default();
    datasets::set_reading(tx, id, file, rows, columns, &table_key, &reading).await?;
    Ok((rows, columns))
}

/// Ends a dataset whose content cannot be used, and lets go of the file at fault: nobody can use its bytes.
async fn refuse(
    backing: &Backing,
    hold: &Hold,
    id: DatasetId,
    file: FileId,
    reason: &str,
) -> Result<(), Error> {
    let claim = &hold.claim;
    let mut tx = backing.store.begin(&claim.actor()).await?;
    let mut keys = Vec::new();
    if let Some(refused) = files::get(&mut tx, file).await?
        && files::set_refused(&mut tx, file, reason).await?
    {
        keys.push(Key::of(claim.org, &refused.object_key)?);
    }
    let from = [DatasetState::Queued, DatasetState::Reading];
    datasets::set_state(&mut tx, id, &from, DatasetState::Failed, Some(reason)).await?;
    let event = Event::new("dataset.refuse", Outcome::Failed).detail("file", file.to_string());
    end(tx, hold, id, event, &Done::GiveUp { reason: reason.to_owned() }).await?;
    discard(backing, &keys).await;
    Ok(())
}

/// Commits with the end of the job, if the claim still holds.
async fn end(mut tx: Tx, hold: &Hold, id: DatasetId, event: Event, done: &Done) -> Result<(), Error> {
    jobs::finish(&mut tx, &hold.claim, done).await?;
    let event = event.on("dataset", id).traced(hold.claim.job.trace_id.clone());
    audit::record(&mut tx, &event).await?;
    Ok(tx.commit().await?)
}

/// Tables of one file whose blobs are looked for.
const TABLES_MAX: usize = 64;

/// Removes what reading wrote, after it has ended without a result.
pub(crate) async fn abandon(backing: &Backing, hold: &Hold) -> Result<(), Error> {
    let claim = &hold.claim;
    let id = DatasetId(claim.job.id.0);
    let mut tx = backing.store.begin(&claim.actor()).await?;
    let files = datasets::files(&mut tx, id).await?.len();
    tx.rollback().await?;
    let mut keys = Vec::new();
    for (file, table) in (0..files).flat_map(|file| (0..TABLES_MAX).map(move |table| (file, table))) {
        for form in ["", "prepared "] {
            keys.push(Key::new(claim.org, Kind::Table, place(id, file, table, &format!("{form}table"))));
            keys.push(Key::new(claim.org, Kind::Reading, place(id, file, table, &format!("{form}reading"))));
        }
    }
    discard(backing, &keys).await;
    Ok(())
}

/// The id of a blob that belongs to a place of a dataset.
pub(crate) fn place(id: DatasetId, file: usize, table: usize, what: &str) -> Uuid {
    blob_id(&format!("{id}/{file}/{table}/{what}"))
}
