//! Saved mappings of an organisation, with their versions: what it has confirmed once, it need not decide again.

mod comparison;
mod save;
pub mod variables;

use std::collections::BTreeMap;

use domain::{CoreVariables, Mapping, Role, id::ProfileId};
use serde_json::Value;
use store::{
    Listing, Page, Tx,
    profiles::{self, NewVersion, Profile, ProfileForm, ProfileVersion},
    usage::{self, Meter, UsageType},
};
use uuid::Uuid;

use crate::{
    Backing, Caller, Error,
    archive::Archived,
    datasets::preparation::{self, Recipe, Score},
    deed::{self, Began},
    profile::SavedMapping,
    usage::count,
};

pub use comparison::{ColumnChange, Meaning, TableChange, compare};
pub(crate) use save::{KnownProfile, Prepared, any, known, prepared, remembered, save};

/// A version of a profile with its mapping.
#[derive(Debug, Clone, PartialEq)]
pub struct Version {
    pub version: ProfileVersion,
    /// One for each table of the file that it was made for.
    pub mappings: Vec<Mapping>,
    /// What is done to the cells of each of them before; none for versions of an earlier release.
    pub preparation: Vec<Recipe>,
}

/// The profiles of the organisation that match the words, newest first.
pub async fn list(
    backing: &Backing,
    caller: &Caller,
    search: Option<&str>,
    page: Page,
) -> Result<Listing<Profile>, Error> {
    caller.require(Role::Viewer)?;
    let mut tx = deed::begin(backing, caller).await?;
    Ok(profiles::list(&mut tx, search, page).await?)
}

/// What there is to say of profiles beside what stands in their rows.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Record {
    /// Share of the columns of the newest version that mean something; none where it has no column.
    pub coverage: Option<f64>,
    /// Imports mapped by it that were analyzed to an end.
    pub analyzed: i64,
    /// Those of them of which an analysis worked.
    pub succeeded: i64,
}

impl Record {
    /// Share of the analyzed imports of which an analysis worked; none before the first.
    pub fn success_rate(&self) -> Option<f64> {
        (self.analyzed > 0).then(|| self.succeeded as f64 / self.analyzed as f64)
    }
}

/// The records of profiles of the organisation.
pub async fn records(
    backing: &Backing,
    caller: &Caller,
    ids: &[ProfileId],
) -> Result<BTreeMap<ProfileId, Record>, Error> {
    caller.require(Role::Viewer)?;
    let mut tx = deed::begin(backing, caller).await?;
    let records = profiles::records(&mut tx, ids).await?;
    let record = |stored: profiles::Record| {
        let coverage = (stored.columns > 0).then(|| stored.mapped as f64 / stored.columns as f64);
        let record = Record { coverage, analyzed: stored.analyzed, succeeded: stored.succeeded };
        (stored.profile_id, record)
    };
    Ok(records.into_iter().map(record).collect())
}

/// One profile with its newest version.
pub async fn get(backing: &Backing, caller: &Caller, id: ProfileId) -> Result<(Profile, Version), Error> {
    caller.require(Role::Viewer)?;
    let mut tx = deed::begin(backing, caller).await?;
    let profile = present(&mut tx, id).await?;
    let version = version_of(&mut tx, id, profile.current_version).await?;
    Ok((profile, version))
}

/// The versions of a profile, newest first.
pub async fn versions(
    backing: &Backing,
    caller: &Caller,
    id: ProfileId,
) -> Result<Vec<ProfileVersion>, Error> {
    caller.require(Role::Viewer)?;
    let mut tx = deed::begin(backing, caller).await?;
    present(&mut tx, id).await?;
    Ok(profiles::list_versions(&mut tx, id).await?)
}

/// One version.
pub async fn version(
    backing: &Backing,
    caller: &Caller,
    id: ProfileId,
    number: i64,
) -> Result<Version, Error> {
    caller.require(Role::Viewer)?;
    let mut tx = deed::begin(backing, caller).await?;
    present(&mut tx, id).await?;
    version_of(&mut tx, id, number).await
}

/// What differs from one version to another.
pub async fn compare_versions(
    backing: &Backing,
    caller: &Caller,
    id: ProfileId,
    before: i64,
    after: i64,
) -> Result<Vec<TableChange>, Error> {
    caller.require(Role::Viewer)?;
    let mut tx = deed::begin(backing, caller).await?;
    present(&mut tx, id).await?;
    let before = version_of(&mut tx, id, before).await?;
    let after = version_of(&mut tx, id, after).await?;
    Ok(compare(&before.mappings, &after.mappings))
}

/// What people may change about a profile.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Change {
    pub name: Option<String>,
    pub description: Option<String>,
    pub source_system: Option<String>,
    /// Whether files are recognized by it.
    pub active: Option<bool>,
    /// Its variables, all of them.
    pub variables: Option<CoreVariables>,
}

/// Changes what people say about a profile; with a `version`, only if nobody did since.
pub async fn update(
    backing: &Backing,
    caller: &Caller,
    id: ProfileId,
    version: Option<i64>,
    change: &Change,
) -> Result<Profile, Error> {
    caller.require(Role::Analyst)?;
    let mut tx = deed::begin(backing, caller).await?;
    let profile = present(&mut tx, id).await?;
    let name = change.name.as_deref().map_or(profile.name.as_str(), str::trim);
    check_name(name)?;
    let description = change.description.as_deref().unwrap_or(&profile.description);
    let source_system = change.source_system.as_deref().unwrap_or(&profile.source_system);
    for (field, text, letters_max) in
        [("description", description, 2_000), ("source_system", source_system, 100)]
    {
        if text.chars().count() > letters_max {
            return Err(Error::invalid(field, format!("write up to {letters_max} characters")));
        }
    }
    let active = change.active.unwrap_or(profile.active);
    let variables = change.variables.as_ref().map_or_else(|| profile.variables.clone(), variables::told);
    let form = ProfileForm { name, description, source_system, active, variables: &variables };
    let changed = profiles::update(&mut tx, id, version.unwrap_or(profile.version), &form)
        .await?
        .ok_or(Error::Stale("mapping profile"))?;
    deed::commit(tx, caller, deed::done(caller, "mapping_profile.update", "mapping_profile", id)).await?;
    Ok(changed)
}

/// A new profile with the newest mapping of another.
pub async fn clone(
    backing: &Backing,
    caller: &Caller,
    id: ProfileId,
    name: Option<&str>,
) -> Result<(Profile, Version), Error> {
    caller.require(Role::Analyst)?;
    let mut tx = match deed::begin_new(backing, caller).await? {
        Began::New(tx) => tx,
        Began::Repeated(id) => return get(backing, caller, ProfileId(id)).await,
    };
    let profile = present(&mut tx, id).await?;
    let source = version_of(&mut tx, id, profile.current_version).await?;
    let name =
        name.map_or_else(|| shortened(&format!("Copy of {}", profile.name)), |name| name.trim().to_owned());
    check_name(&name)?;
    count(backing, &mut tx, Meter::MappingProfiles, 1).await?;
    let copy = ProfileId(Uuid::now_v7());
    let form = ProfileForm {
        name: &name,
        description: &profile.description,
        source_system: &profile.source_system,
        active: profile.active,
        variables: &profile.variables,
    };
    let note = format!("cloned from version {} of {}", profile.current_version, profile.name);
    let first = NewVersion {
        note: &note,
        document: &source.version.document,
        header_signature: &profile.header_signature,
        headers: &profile.headers,
    };
    let made = profiles::insert(&mut tx, copy, &form, &first).await?;
    usage::record_event(&mut tx, UsageType::MappingProfileCreated, &copy.to_string(), 1).await?;
    let version = version_of(&mut tx, copy, made.current_version).await?;
    let event =
        deed::done(caller, "mapping_profile.clone", "mapping_profile", copy).detail("of", id.to_string());
    deed::commit_new(tx, caller, event, copy.0).await?;
    Ok((made, version))
}

/// A version as a file that the command line reads: `plantintel analyze --mapping FILE`.
pub fn file(version: &Version) -> Result<String, Error> {
    SavedMapping::of(&version.mappings).prepared_by(&version.preparation).to_json()
}

/// How good a profile is, judged on the newest upload that was mapped by it; `None` where that is gone.
pub async fn score(backing: &Backing, caller: &Caller, id: ProfileId) -> Result<Option<Score>, Error> {
    caller.require(Role::Viewer)?;
    let mut tx = deed::begin(backing, caller).await?;
    present(&mut tx, id).await?;
    let newest = store::datasets::newest_of_profile(&mut tx, id).await?;
    tx.rollback().await?;
    match newest {
        Some(dataset) => Ok(Some(preparation::score(backing, caller, dataset).await?)),
        None => Ok(None),
    }
}

/// Makes an earlier version the newest again.
pub async fn restore(
    backing: &Backing,
    caller: &Caller,
    id: ProfileId,
    number: i64,
    note: &str,
) -> Result<(Profile, Version), Error> {
    caller.require(Role::Analyst)?;
    let mut tx = match deed::begin_new(backing, caller).await? {
        Began::New(tx) => tx,
        Began::Repeated(id) => return get(backing, caller, ProfileId(id)).await,
    };
    let profile = present(&mut tx, id).await?;
    let earlier = version_of(&mut tx, id, number).await?;
    let own = format!("restored from version {number}");
    let note = if note.trim().is_empty() { own.as_str() } else { note };
    let new = NewVersion {
        note,
        document: &earlier.version.document,
        header_signature: &profile.header_signature,
        headers: &profile.headers,
    };
    let made = profiles::add_version(&mut tx, id, Some(profile.current_version), Some(number), &new)
        .await?
        .ok_or(Error::Stale("mapping profile"))?;
    let profile = present(&mut tx, id).await?;
    let version = version_of(&mut tx, id, made).await?;
    let event =
        deed::done(caller, "mapping_profile.restore", "mapping_profile", id).detail("version", number);
    deed::commit_new(tx, caller, event, id.0).await?;
    Ok((profile, version))
}

/// Removes a profile. One that imports were mapped by stays: it can be set inactive.
pub async fn delete(backing: &Backing, caller: &Caller, id: ProfileId) -> Result<(), Error> {
    caller.require(Role::Analyst)?;
    let mut tx = deed::begin(backing, caller).await?;
    let profile = present(&mut tx, id).await?;
    match profiles::delete(&mut tx, id).await {
        Ok(_) => {}
        Err(store::Error::Reference { .. }) => {
            return Err(Error::Conflict(format!(
                "imports were mapped by {}; set it inactive instead",
                profile.name
            )));
        }
        Err(error) => return Err(error.into()),
    }
    deed::commit(tx, caller, deed::done(caller, "mapping_profile.delete", "mapping_profile", id)).await
}

async fn present(tx: &mut Tx, id: ProfileId) -> Result<Profile, Error> {
    profiles::get(tx, id).await?.ok_or(Error::NotFound("mapping profile"))
}

async fn version_of(tx: &mut Tx, id: ProfileId, number: i64) -> Result<Version, Error> {
    let version = profiles::get_version(tx, id, number).await?.ok_or(Error::NotFound("version"))?;
    let mappings = mappings_of(&version.document)?;
    let preparation = preparation_of(&version.document)?;
    Ok(Version { version, mappings, preparation })
}

pub(crate) fn mappings_of(document: &Value) -> Result<Vec<Mapping>, Error> {
    Ok(Archived::restore(document["tables"].clone())?)
}

fn preparation_of(document: &Value) -> Result<Vec<Recipe>, Error> {
    match &document["preparation"] {
        Value::Null => Ok(Vec::new()),
        saved => serde_json::from_value(saved.clone())
            .map_err(|error| Error::Work(format!("a stored preparation cannot be read: {error}"))),
    }
}

fn check_name(name: &str) -> Result<(), Error> {
    if name.is_empty() || name.chars().count() > NAME_MAX {
        return Err(Error::invalid("name", format!("give a name of 1 to {NAME_MAX} characters")));
    }
    Ok(())
}

/// Characters of a profile's name.
const NAME_MAX: usize = 50;

fn shortened(name: &str) -> String {
    name.chars().take(NAME_MAX).collect::<String>().trim_end().to_owned()
}
