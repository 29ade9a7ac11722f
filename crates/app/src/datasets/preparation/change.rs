//! Taking preparations: each is executed over its whole table, and all of one wish are written down at once or not at all.

use std::{
    collections::{BTreeMap, btree_map::Entry},
    path::Path,
    sync::Arc,
};

use clients::blobs::Key;
use domain::{Mapping, Role, id::DatasetId, mapping::SET_ASIDE};
use ingest::ReadTable;
use preparation::{Preparation, correction::CORRECTED_MAX};
use store::{
    Tx,
    datasets::{self, DatasetFile, DatasetState, MappingState},
};

use super::{
    super::{
        mapping::{self, Mapped},
        present, read, read_already,
        readings::{self, Known},
        tables::{StoredTable, stored_mappings, stored_tables},
    },
    COLUMNS_MAX, Done, apply, keep, place_of,
};
use crate::{Backing, Caller, Error, Scratch, archive::Archived, deed, files::discard, map};

/// Takes a preparation for a table: it is executed over the whole file, and the mapping follows. One that cannot be done is
/// refused with every reason, and nothing changes. What was confirmed is open again.
pub async fn put(
    backing: &Backing,
    caller: &Caller,
    id: DatasetId,
    table: usize,
    version: Option<i64>,
    wanted: &Preparation,
) -> Result<Mapped, Error> {
    put_all(backing, caller, id, version, &[(table, wanted.clone())]).await
}

/// Takes preparations for several tables, all of them or none.
pub async fn put_all(
    backing: &Backing,
    caller: &Caller,
    id: DatasetId,
    version: Option<i64>,
    wanted: &[(usize, Preparation)],
) -> Result<Mapped, Error> {
    caller.require(Role::Analyst)?;
    for (_, wanted) in wanted {
        within_bounds(wanted)?;
    }
    let mut tx = deed::begin(backing, caller).await?;
    read_already(&present(&mut tx, id).await?)?;
    let files = datasets::files(&mut tx, id).await?;
    tx.rollback().await?;
    if version.is_some_and(|version| version != mapping::version_of(&files)) {
        return Err(Error::Stale("mapping"));
    }
    let mut planned: BTreeMap<usize, (Vec<StoredTable>, Change)> = BTreeMap::new();
    for (table, wanted) in wanted {
        let (of, at) = place_of(caller.actor.org, &files, *table)?;
        let (before, change) = match planned.entry(of) {
            Entry::Occupied(own) => own.into_mut(),
            Entry::Vacant(none) => {
                let tables = stored_tables(caller.actor.org, &files[of])?;
                let mappings = stored_mappings(&files[of])?;
                none.insert((tables.clone(), Change { tables, mappings }))
            }
        };
        let made = (&files[of], at);
        change.tables[at] =
            remake(backing, caller, id, made, &before[at], &mut change.mappings[at], wanted).await?;
    }
    let mut tx = deed::begin(backing, caller).await?;
    let mut gone = Vec::new();
    for (of, (before, change)) in planned {
        gone.extend(change.write(&mut tx, id, &files[of], &before).await?);
    }
    datasets::set_state(&mut tx, id, &[DatasetState::Ready], DatasetState::Mapping, None).await?;
    let sum = |of: fn(&Preparation) -> usize| wanted.iter().map(|(_, wanted)| of(wanted)).sum::<usize>();
    let event = deed::done(caller, "mapping.prepare", "dataset", id)
        .detail("columns", sum(|wanted| wanted.columns.len()))
        .detail("corrected", sum(corrected));
    deed::commit(tx, caller, event).await?;
    discard(backing, &gone).await;
    mapping::get(backing, caller, id).await
}

/// The tables of one file and their mappings, as they are to be.
pub(in super::super) struct Change {
    pub(in super::super) tables: Vec<StoredTable>,
    pub(in super::super) mappings: Vec<Mapping>,
}

impl Change {
    /// Writes it down, unless somebody changed the file since it was looked at; returns the blobs that nothing names any more.
    pub(in super::super) async fn write(
        self,
        tx: &mut Tx,
        id: DatasetId,
        file: &DatasetFile,
        before: &[StoredTable],
    ) -> Result<Vec<Key>, Error> {
        let (seen, state) = (Some(file.version), MappingState::Proposed);
        let mapping = self.mappings.keep();
        if !datasets::set_mapping(tx, id, file.file_id, seen, &mapping, state, None).await? {
            return Err(Error::Stale("mapping"));
        }
        let pairs = self.tables.into_iter().zip(before);
        let (tables, gone): (Vec<_>, Vec<_>) = pairs.map(|(now, before)| now.replacing(before)).unzip();
        read::set_tables(tx, id, file.file_id, &tables).await?;
        Ok(gone.into_iter().flatten().collect())
    }
}

/// A table with another preparation: executed, put beside the one as read, its mapping taken along. Nothing names it yet.
pub(in super::super) async fn remake(
    backing: &Backing,
    caller: &Caller,
    id: DatasetId,
    (file, at): (&DatasetFile, usize),
    before: &StoredTable,
    mapping: &mut Mapping,
    wanted: &Preparation,
) -> Result<StoredTable, Error> {
    let raw = before.raw();
    if wanted.is_empty() {
        mapping.columns.truncate(raw.kinds.len());
        return Ok(before.unprepared());
    }
    let reading = readings::reading(backing, &raw.reading, &Preparation::default()).await?;
    let scratch = Scratch::new()?;
    let input = backing.blobs.lay_out(&raw.parquet, scratch.path(), "table.parquet").await?;
    let (done, scratch) = execute(reading, &input, wanted, scratch).await?;
    let number = usize::try_from(file.position).unwrap_or_default();
    // Named for what was done: no other preparation, taken at the same moment or refused, writes over what a mapping stands on.
    let form = serde_json::to_string(wanted).map_err(|error| Error::Work(error.to_string()))?;
    let made = keep(backing, caller.actor.org, id, (number, at), before, &done, &format!(" {form}")).await?;
    drop(scratch);
    follow(mapping, &done, raw.kinds.len());
    Ok(made)
}

fn corrected(wanted: &Preparation) -> usize {
    wanted.columns.iter().map(|column| column.corrected.len()).sum()
}

fn within_bounds(wanted: &Preparation) -> Result<(), Error> {
    if wanted.columns.len() > COLUMNS_MAX {
        return Err(Error::invalid("preparation", format!("prepare up to {COLUMNS_MAX} columns")));
    }
    if corrected(wanted) > CORRECTED_MAX {
        let most = domain::number::count(CORRECTED_MAX as u64);
        return Err(Error::invalid(
            "preparation",
            format!(
                "up to {most} cells of a table can be corrected; mend the export itself where more are wrong"
            ),
        ));
    }
    Ok(())
}

async fn execute(
    reading: Arc<Known>,
    input: &Path,
    wanted: &Preparation,
    scratch: Scratch,
) -> Result<(Done, Scratch), Error> {
    let (input, wanted) = (input.to_owned(), wanted.clone());
    let work = move || {
        let table =
            ReadTable { profile: reading.profile.clone(), source: reading.source.clone(), parquet: input };
        let mut done = apply(table, &wanted, &scratch.folder("prepared")?)?.map_err(Error::Invalid)?;
        done.proposal = map::propose(std::slice::from_ref(&done.table)).into_iter().next();
        Ok((done, scratch))
    };
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|error| Error::Work(format!("the preparation broke: {error}")))?
}

/// The mapping follows its table: new columns are proposed, columns that are not made any more go, and what a person decided
/// about the others stays.
fn follow(mapping: &mut Mapping, done: &Done, n_raw: usize) {
    let headers: Vec<&str> = done.table.profile.columns.iter().map(|column| column.header.as_str()).collect();
    let known: Vec<domain::ColumnMapping> = mapping.columns.clone();
    let Some(proposal) = &done.proposal else { return };
    mapping.columns = proposal
        .columns
        .iter()
        .map(|proposed| {
            let header = headers.get(proposed.index).copied().unwrap_or_default();
            let before = known.iter().find(|column| {
                (column.index == proposed.index && proposed.index < n_raw)
                    || (column.index >= n_raw && column.source == header)
            });
            match before {
                Some(before) => domain::ColumnMapping { index: proposed.index, ..before.clone() },
                // What says which rows are set aside means nothing else.
                None if header == SET_ASIDE => {
                    let mut made = proposed.clone();
                    made.decide(None, None, "made while the rows were reviewed");
                    made
                }
                None => proposed.clone(),
            }
        })
        .collect();
}
