//! What the columns of an import mean: proposed by the program, decided and confirmed by people.
//!
//! Confirming saves the mapping of each file as a version of a profile, so that the next export with the same headers
//! needs no decisions.

use domain::{
    Mapping, Role,
    id::{DatasetId, ProfileId},
};
pub use mapping::grouping::{Example, Gathered, Grouped, Grouping};
use mapping::{Remembered, grouping};
use preparation::Preparation;
use store::{
    Tx,
    datasets::{self, Dataset, DatasetFile, DatasetState, MappingState},
};

use super::{
    decision::{self, TableDecision},
    preparation::{Planned, remake},
    present, read_already, readings,
    tables::{StoredTable, stored_mappings, stored_tables},
};
use crate::{Backing, Caller, Error, archive::Archived, deed, files::discard, map, mapping_profiles};

/// The mappings of a dataset, table by table.
#[derive(Debug, Clone, PartialEq)]
pub struct Mapped {
    pub dataset: Dataset,
    pub tables: Vec<MappedTable>,
    /// Changes whenever a mapping of the dataset does.
    pub version: i64,
}

/// The mapping of one table, and where it comes from.
#[derive(Debug, Clone, PartialEq)]
pub struct MappedTable {
    pub mapping: Mapping,
    pub state: MappingState,
    pub profile: Option<(ProfileId, i64)>,
}

/// The mapping as it stands.
pub async fn get(backing: &Backing, caller: &Caller, id: DatasetId) -> Result<Mapped, Error> {
    caller.require(Role::Viewer)?;
    let mut tx = deed::begin(backing, caller).await?;
    let (dataset, files) = load(&mut tx, id).await?;
    mapped(dataset, &files)
}

/// What of each table belongs to the order and what to its rows, with an order of it as an example.
pub async fn groupings(backing: &Backing, caller: &Caller, id: DatasetId) -> Result<Vec<Grouping>, Error> {
    let mapped = get(backing, caller, id).await?;
    let readings = super::readings(backing, caller, id).await?;
    let pairs = readings.iter().zip(&mapped.tables);
    Ok(pairs.map(|(reading, table)| grouping::of(&reading.profile, &table.mapping)).collect())
}

/// Takes decisions of a person; with a `version`, only if nobody decided since. What was confirmed is open again.
pub async fn decide(
    backing: &Backing,
    caller: &Caller,
    id: DatasetId,
    version: Option<i64>,
    decisions: &[TableDecision],
) -> Result<Mapped, Error> {
    caller.require(Role::Analyst)?;
    let mut tx = deed::begin(backing, caller).await?;
    let (_, files) = load(&mut tx, id).await?;
    apply(&mut tx, id, &files, version, decisions).await?;
    datasets::set_state(&mut tx, id, &[DatasetState::Ready], DatasetState::Mapping, None).await?;
    let (dataset, files) = load(&mut tx, id).await?;
    let event = deed::done(caller, "mapping.decide", "dataset", id).detail("tables", decisions.len());
    deed::commit(tx, caller, event).await?;
    mapped(dataset, &files)
}

/// What a confirmation says beside the decisions.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Confirmation {
    /// The name of a new profile; `None`: named for the file and its system.
    pub profile_name: Option<String>,
    /// What changed, in the words of who confirms.
    pub note: String,
    /// Saved as a new profile, even where one with these headers is known; that one stays as it is.
    pub as_new: bool,
}

/// Takes last decisions and confirms the mapping: it is saved as a profile, and the dataset is ready.
pub async fn confirm(
    backing: &Backing,
    caller: &Caller,
    id: DatasetId,
    version: Option<i64>,
    decisions: &[TableDecision],
    confirmation: &Confirmation,
) -> Result<Mapped, Error> {
    caller.require(Role::Analyst)?;
    let mut tx = deed::begin(backing, caller).await?;
    let (_, files) = load(&mut tx, id).await?;
    apply(&mut tx, id, &files, version, decisions).await?;
    let (_, files) = load(&mut tx, id).await?;
    let mut unsaved = 0_usize;
    for file in &files {
        let mut mappings = stored_mappings(file)?;
        mappings.iter_mut().for_each(decision::confirm);
        // A plan that saves no more mappings keeps nobody from an analysis: the mapping holds for this import alone.
        let profile = match mapping_profiles::save(backing, &mut tx, file, &mappings, confirmation).await {
            Ok(profile) => Some(profile),
            Err(Error::Limit { .. }) => {
                unsaved += 1;
                None
            }
            Err(error) => return Err(error),
        };
        let mapping = mappings.keep();
        let state = MappingState::Confirmed;
        datasets::set_mapping(&mut tx, id, file.file_id, None, &mapping, state, profile).await?;
    }
    let from = [DatasetState::Mapping, DatasetState::Ready];
    if !datasets::set_state(&mut tx, id, &from, DatasetState::Ready, None).await? {
        return Err(Error::Stale("dataset"));
    }
    let (dataset, files) = load(&mut tx, id).await?;
    let mut event = deed::done(caller, "mapping.confirm", "dataset", id).detail("files", files.len());
    if unsaved > 0 {
        event = event.detail("unsaved", unsaved);
    }
    deed::commit(tx, caller, event).await?;
    mapped(dataset, &files)
}

/// Starts afresh: what was saved of earlier exports is left aside, clean-ups of it included, and the columns are proposed
/// by what the files themselves say. Cells that were corrected by hand are of this very import and stay corrected.
pub async fn afresh(
    backing: &Backing,
    caller: &Caller,
    id: DatasetId,
    version: Option<i64>,
) -> Result<Mapped, Error> {
    caller.require(Role::Analyst)?;
    let mut tx = deed::begin(backing, caller).await?;
    let (_, files) = load(&mut tx, id).await?;
    tx.rollback().await?;
    if version.is_some_and(|version| version != version_of(&files)) {
        return Err(Error::Stale("mapping"));
    }
    let mut stored: Vec<Vec<StoredTable>> = Vec::new();
    let mut profiles = Vec::new();
    for file in &files {
        let tables = stored_tables(caller.actor.org, file)?;
        for table in &tables {
            let reading = readings::reading(backing, &table.raw().reading, &Preparation::default()).await?;
            profiles.push(reading.profile.clone());
        }
        stored.push(tables);
    }
    let proposed = tokio::task::spawn_blocking(move || map::propose_of(&profiles, &Remembered::nothing()))
        .await
        .map_err(|error| Error::Work(format!("the proposal broke: {error}")))?;
    let mut proposed = proposed.into_iter();
    let mut planned = Vec::new();
    for (file, before) in files.iter().zip(stored) {
        let mut change =
            Planned { mappings: proposed.by_ref().take(before.len()).collect(), tables: Vec::new() };
        for (at, table) in before.iter().enumerate() {
            let corrections = table.preparation.corrections();
            let mapping = change.mappings.get_mut(at).ok_or(Error::NotFound("table"))?;
            change.tables.push(remake(backing, caller, id, (file, at), table, mapping, &corrections).await?);
        }
        planned.push((file, before, change));
    }
    let mut tx = deed::begin(backing, caller).await?;
    let mut gone = Vec::new();
    for (file, before, change) in planned {
        gone.extend(change.write(&mut tx, id, file, &before).await?);
    }
    datasets::set_state(&mut tx, id, &[DatasetState::Ready], DatasetState::Mapping, None).await?;
    deed::commit(tx, caller, deed::done(caller, "mapping.afresh", "dataset", id)).await?;
    discard(backing, &gone).await;
    get(backing, caller, id).await
}

async fn load(tx: &mut Tx, id: DatasetId) -> Result<(Dataset, Vec<DatasetFile>), Error> {
    let dataset = present(tx, id).await?;
    read_already(&dataset)?;
    let files = datasets::files(tx, id).await?;
    Ok((dataset, files))
}

/// Writes decisions into the rows of the files that they are about.
async fn apply(
    tx: &mut Tx,
    id: DatasetId,
    files: &[DatasetFile],
    version: Option<i64>,
    decisions: &[TableDecision],
) -> Result<(), Error> {
    if version.is_some_and(|version| version != version_of(files)) {
        return Err(Error::Stale("mapping"));
    }
    if decisions.is_empty() {
        return Ok(());
    }
    let mut by_file = files.iter().map(stored_mappings).collect::<Result<Vec<_>, _>>()?;
    let before = by_file.clone();
    let mut all: Vec<Mapping> = by_file.iter().flatten().cloned().collect();
    decision::decide(&mut all, decisions)?;
    let mut decided = all.into_iter();
    for mappings in &mut by_file {
        for mapping in mappings {
            if let Some(next) = decided.next() {
                *mapping = next;
            }
        }
    }
    for ((file, mappings), before) in files.iter().zip(&by_file).zip(&before) {
        if mappings != before {
            let state = MappingState::Proposed;
            let mapping = mappings.keep();
            // Of two people who decide at once, one does, and the other looks again.
            let seen = Some(file.version);
            if !datasets::set_mapping(tx, id, file.file_id, seen, &mapping, state, None).await? {
                return Err(Error::Stale("mapping"));
            }
        }
    }
    Ok(())
}

fn mapped(dataset: Dataset, files: &[DatasetFile]) -> Result<Mapped, Error> {
    let version = version_of(files);
    let mut tables = Vec::new();
    for file in files {
        for mapping in stored_mappings(file)? {
            let profile = file.profile_id.zip(file.profile_number);
            tables.push(MappedTable { mapping, state: file.mapping_state, profile });
        }
    }
    Ok(Mapped { dataset, tables, version })
}

/// Versions of rows only grow, so their sum changes whenever one of them does.
pub(super) fn version_of(files: &[DatasetFile]) -> i64 {
    files.iter().map(|file| file.version).sum()
}
