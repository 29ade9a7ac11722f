//! Imports: one or more files of a plant, read, understood, and ready to be analyzed.
//!
//! Creating one enqueues the job that reads it; what reading proposes, a person decides and confirms
//! ([`mapping`]). A dataset whose content cannot be used ends as failed with the sentence that says what to do.

pub mod abilities;
pub mod decision;
pub mod filling;
pub mod known;
pub mod mapping;
pub mod preparation;
pub mod problems;
pub(crate) mod read;
pub mod readings;
pub mod rule_templates;
mod second_opinion;
mod signature;
pub mod suggestions;
pub(crate) mod tables;

use std::{path::PathBuf, sync::Arc};

use clients::blobs::Key;
use domain::{
    Role,
    id::{DatasetId, FacilityId, FileId, JobId, ProfileId},
};
use serde_json::{Value, json};
use store::{
    Listing, Page, Tx,
    datasets::{self, Dataset, DatasetFile, DatasetState, NewDataset},
    facilities,
    files::{self, FileState},
    jobs::{self, JobState, NewJob},
};
use uuid::Uuid;

use crate::{
    Backing, Caller, Error, Scratch,
    analyses::canonical,
    deed::{self, Began},
    error::Flaw,
    files::{discard, progress_of},
    sources::settle,
};

pub use readings::Known;
pub(crate) use signature::{of_headers, signature};
pub use tables::{Raw, StoredTable, stored_tables};

/// What is asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NewImport {
    /// `None`: named for its first file.
    pub name: Option<String>,
    pub facility: Option<FacilityId>,
    /// The import whose place it takes.
    pub replaces: Option<DatasetId>,
    pub files: Vec<FileId>,
    /// Where every file follows a saved mapping to the letter, it is confirmed and analyzed with nobody present.
    pub analyze_known: bool,
}

/// A dataset with its files, and how far its job is.
#[derive(Debug, Clone, PartialEq)]
pub struct Import {
    pub dataset: Dataset,
    pub files: Vec<DatasetFile>,
    /// `{"message": …, "share": …}` while it is being read.
    pub progress: Value,
}

/// Begins an import: the files are read by the worker.
pub async fn create(backing: &Backing, caller: &Caller, new: &NewImport) -> Result<Import, Error> {
    caller.require(Role::Analyst)?;
    let mut tx = match deed::begin_new(backing, caller).await? {
        Began::New(tx) => tx,
        Began::Repeated(id) => return get(backing, caller, DatasetId(id)).await,
    };
    let own_name = check(backing, &mut tx, new).await?;
    let id = DatasetId(Uuid::now_v7());
    let name = new.name.as_deref().map(str::trim).filter(|name| !name.is_empty()).unwrap_or(&own_name);
    let dataset = datasets::insert(
        &mut tx,
        &NewDataset { id, name, facility: new.facility, replaces: new.replaces, files: &new.files },
    )
    .await?;
    let trace = caller.trace.to_string();
    // The job carries the dataset's own id, so that each finds the other.
    let payload = json!({"dataset": id.to_string(), "analyze_known": new.analyze_known});
    let mut job = NewJob::new(JobId(id.0), read::KIND, payload);
    job.trace_id = &trace;
    jobs::enqueue(&mut tx, &job).await?;
    let files = datasets::files(&mut tx, id).await?;
    let event = deed::done(caller, "dataset.create", "dataset", id).detail("files", new.files.len());
    deed::commit_new(tx, caller, event, id.0).await?;
    Ok(Import { dataset, files, progress: Value::Null })
}

/// Checks what is asked for, and returns what it is called where nobody says: its first file, and how many more.
async fn check(backing: &Backing, tx: &mut Tx, new: &NewImport) -> Result<String, Error> {
    let mut flaws = Vec::new();
    let mut flaw = |field: String, message: String| flaws.push(Flaw { field, message });
    if new.files.is_empty() {
        flaw("files".to_owned(), "name at least one file that was uploaded".to_owned());
    }
    if new.files.len() > backing.bounds.files_max {
        return Err(Error::invalid(
            "files",
            format!("an import takes up to {} files", backing.bounds.files_max),
        ));
    }
    if new.name.as_ref().is_some_and(|name| name.trim().chars().count() > 255) {
        flaw("name".to_owned(), "names have up to 255 characters".to_owned());
    }
    let mut first_name = String::new();
    for (at, id) in new.files.iter().enumerate() {
        if new.files[..at].contains(id) {
            flaw(format!("files[{at}]"), "the file is named twice".to_owned());
            continue;
        }
        match files::get(tx, *id).await? {
            Some(file) if file.state == FileState::Stored => {
                if at == 0 {
                    first_name = file.name;
                }
            }
            Some(file) if file.state == FileState::Receiving => {
                flaw(format!("files[{at}]"), "the upload is not complete".to_owned());
            }
            _ => flaw(format!("files[{at}]"), "there is no such file".to_owned()),
        }
    }
    if let Some(facility) = new.facility
        && facilities::get(tx, facility).await?.is_none()
    {
        flaw("facility_id".to_owned(), "there is no such facility".to_owned());
    }
    if let Some(replaces) = new.replaces
        && datasets::get(tx, replaces).await?.is_none()
    {
        flaw("replaces_id".to_owned(), "there is no such dataset".to_owned());
    }
    let more = new.files.len().saturating_sub(1);
    let own_name = if more == 0 {
        first_name
    } else {
        let first: String = first_name.chars().take(240).collect();
        format!("{first}+{more}")
    };
    if flaws.is_empty() { Ok(own_name) } else { Err(Error::Invalid(flaws)) }
}

/// The imports of the organisation, newest first.
pub async fn list(
    backing: &Backing,
    caller: &Caller,
    facility: Option<FacilityId>,
    page: Page,
) -> Result<Listing<Dataset>, Error> {
    caller.require(Role::Viewer)?;
    let mut tx = deed::begin(backing, caller).await?;
    Ok(datasets::list(&mut tx, facility, page).await?)
}

/// The saved mappings that these imports were mapped by: import, profile and its name.
pub async fn profiles_of(
    backing: &Backing,
    caller: &Caller,
    ids: &[DatasetId],
) -> Result<Vec<(DatasetId, ProfileId, String)>, Error> {
    caller.require(Role::Viewer)?;
    let mut tx = deed::begin(backing, caller).await?;
    Ok(datasets::profiles_of(&mut tx, ids).await?)
}

/// One import.
pub async fn get(backing: &Backing, caller: &Caller, id: DatasetId) -> Result<Import, Error> {
    caller.require(Role::Viewer)?;
    let mut tx = deed::begin(backing, caller).await?;
    let dataset = present(&mut tx, id).await?;
    let files = datasets::files(&mut tx, id).await?;
    let progress = match dataset.state {
        DatasetState::Queued | DatasetState::Reading => progress_of(&mut tx, JobId(id.0)).await?,
        _ => Value::Null,
    };
    Ok(Import { dataset, files, progress })
}

/// Whether it is read and still looked at for what is known of it.
pub async fn is_settling(backing: &Backing, caller: &Caller, id: DatasetId) -> Result<bool, Error> {
    caller.require(Role::Viewer)?;
    let mut tx = deed::begin(backing, caller).await?;
    let job = jobs::get(&mut tx, settle::job_of(id)).await?;
    Ok(job.is_some_and(|job| matches!(job.state, JobState::Queued | JobState::Running)))
}

/// What people may say about an import.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ImportForm {
    pub name: Option<String>,
    /// `Some(None)` takes the facility away.
    pub facility: Option<Option<FacilityId>>,
}

/// Changes what people say about an import; with a `version`, only if nobody did since.
pub async fn update(
    backing: &Backing,
    caller: &Caller,
    id: DatasetId,
    version: Option<i64>,
    form: &ImportForm,
) -> Result<Dataset, Error> {
    caller.require(Role::Analyst)?;
    let mut tx = deed::begin(backing, caller).await?;
    let dataset = present(&mut tx, id).await?;
    let name = form.name.as_deref().map_or(dataset.name.as_str(), str::trim);
    if name.is_empty() || name.chars().count() > 255 {
        return Err(Error::invalid("name", "give a name of 1 to 255 characters"));
    }
    let facility = form.facility.unwrap_or(dataset.facility_id);
    if let Some(facility) = facility
        && facilities::get(&mut tx, facility).await?.is_none()
    {
        return Err(Error::invalid("facility_id", "there is no such facility"));
    }
    let changed = datasets::update(&mut tx, id, version.unwrap_or(dataset.version), name, facility)
        .await?
        .ok_or(Error::Stale("dataset"))?;
    deed::commit(tx, caller, deed::done(caller, "dataset.update", "dataset", id)).await?;
    Ok(changed)
}

/// Removes an import with its tables. Analyses of it keep what they found; its files stay.
pub async fn delete(backing: &Backing, caller: &Caller, id: DatasetId) -> Result<(), Error> {
    caller.require(Role::Analyst)?;
    let mut tx = deed::begin(backing, caller).await?;
    present(&mut tx, id).await?;
    let mut keys = blobs_of(&mut tx, id).await?;
    keys.extend(canonical::of_dataset(&mut tx, id).await?);
    jobs::cancel(&mut tx, JobId(id.0)).await?;
    datasets::delete(&mut tx, id).await?;
    deed::commit(tx, caller, deed::done(caller, "dataset.delete", "dataset", id)).await?;
    discard(backing, &keys).await;
    Ok(())
}

/// How the tables of an import were read, in the order of its files.
pub async fn readings(backing: &Backing, caller: &Caller, id: DatasetId) -> Result<Vec<Arc<Known>>, Error> {
    caller.require(Role::Viewer)?;
    let mut found = Vec::new();
    for table in tables_of(backing, caller, id).await? {
        found.push(readings::reading(backing, &table.reading, &table.preparation).await?);
    }
    Ok(found)
}

/// Rows of one table as read.
#[derive(Debug, Clone)]
pub struct Rows {
    pub reading: Arc<Known>,
    /// The row's number in the customer's file, and its cells.
    pub rows: Vec<(u64, Vec<domain::Cell>)>,
}

/// A page of the rows of one table.
pub async fn rows(
    backing: &Backing,
    caller: &Caller,
    id: DatasetId,
    table: usize,
    offset: usize,
    limit: usize,
) -> Result<Rows, Error> {
    caller.require(Role::Viewer)?;
    let tables = tables_of(backing, caller, id).await?;
    let table = tables.into_iter().nth(table).ok_or(Error::NotFound("table"))?;
    let reading = readings::reading(backing, &table.reading, &table.preparation).await?;
    let kinds = table.kinds;
    let page = move |path: PathBuf| ingest::look_up::page(&path, &kinds, offset, limit);
    Ok(Rows { reading, rows: look(backing, &table.parquet, page).await? })
}

/// Lays a typed table out and looks at it off the threads that answer.
async fn look<T: Send + 'static>(
    backing: &Backing,
    parquet: &Key,
    work: impl FnOnce(PathBuf) -> Result<T, ingest::ReadError> + Send + 'static,
) -> Result<T, Error> {
    let scratch = Scratch::new()?;
    let path = backing.blobs.lay_out(parquet, scratch.path(), "table.parquet").await?;
    tokio::task::spawn_blocking(move || {
        let _scratch = scratch;
        work(path)
    })
    .await
    .map_err(|error| Error::Work(format!("looking up rows broke: {error}")))?
    .map_err(|error| Error::Work(error.to_string()))
}

async fn tables_of(backing: &Backing, caller: &Caller, id: DatasetId) -> Result<Vec<StoredTable>, Error> {
    let mut tx = deed::begin(backing, caller).await?;
    let dataset = present(&mut tx, id).await?;
    read_already(&dataset)?;
    tables::of_dataset(&mut tx, id).await
}

/// Refuses what needs a dataset that has been read.
pub(crate) fn read_already(dataset: &Dataset) -> Result<(), Error> {
    match dataset.state {
        DatasetState::Mapping | DatasetState::Ready => Ok(()),
        DatasetState::Failed => Err(Error::Conflict(format!(
            "{} could not be read: {}",
            dataset.name,
            dataset.reason.as_deref().unwrap_or("no reason is known")
        ))),
        _ => Err(Error::Conflict(format!("{} is still being read; wait until it is ready", dataset.name))),
    }
}

pub(crate) async fn present(tx: &mut Tx, id: DatasetId) -> Result<Dataset, Error> {
    datasets::get(tx, id).await?.ok_or(Error::NotFound("dataset"))
}

/// The blobs that reading made.
async fn blobs_of(tx: &mut Tx, id: DatasetId) -> Result<Vec<Key>, Error> {
    let tables = tables::of_dataset(tx, id).await?;
    Ok(tables.iter().flat_map(StoredTable::keys).collect())
}
