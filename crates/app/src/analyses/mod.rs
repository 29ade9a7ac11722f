//! Runs of the analyzers over one or more imports.

pub mod again;
pub(crate) mod canonical;
mod comparison;
pub mod over_time;
pub mod plants;
mod rows;
pub(crate) mod run;
pub mod tables;
pub mod what_if;

use std::collections::BTreeSet;

use clients::blobs::Key;
use domain::{
    Role, Settings,
    actor::Means,
    id::{AnalysisId, DatasetId, FacilityId, JobId},
};
use serde_json::{Value, json};
use store::{
    Listing, Page, Tx,
    analyses::{
        self, Analysis, AnalysisState, Filter, NewAnalysis,
        reviews::{self, Edit},
    },
    datasets::{self, Dataset},
    jobs::{self, NewJob},
    usage::{self, Meter, UsageType},
};
use uuid::Uuid;

use crate::{
    Backing, Caller, Error, analyze, archive,
    configurations::{
        self,
        settings::{self, Changes},
    },
    datasets::{read_already, tables::stored_mappings},
    deed::{self, Began},
    error::Flaw,
    files::{discard, progress_of},
    mapping_profiles::variables,
    usage::count,
};

pub use comparison::{Change, Comparison, FindingChange, compare};

/// What is asked for.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct NewRun {
    pub name: Option<String>,
    pub datasets: Vec<DatasetId>,
    /// `None`: that of the datasets, where it is one.
    pub facility: Option<FacilityId>,
    /// `None`: the settings kept for the facility or the organisation.
    pub preset: Option<String>,
    /// What differs from preset or kept settings.
    pub changes: Changes,
    /// Refuse while a mapping waits for a decision.
    pub stop_at_decisions: bool,
}

/// A run, the datasets it is over, and how far it is.
#[derive(Debug, Clone, PartialEq)]
pub struct Run {
    pub analysis: Analysis,
    pub datasets: Vec<DatasetId>,
    /// `{"message": …, "share": …}` while it runs.
    pub progress: Value,
}

/// Starts a run.
pub async fn start(backing: &Backing, caller: &Caller, new: &NewRun) -> Result<Run, Error> {
    caller.require(Role::Analyst)?;
    let tx = match deed::begin_new(backing, caller).await? {
        Began::New(tx) => tx,
        Began::Repeated(id) => return get(backing, caller, AnalysisId(id)).await,
    };
    enqueue(backing, caller, tx, new, None).await
}

/// Starts a run over the same datasets, with the same settings or others.
pub async fn repeat(
    backing: &Backing,
    caller: &Caller,
    id: AnalysisId,
    preset: Option<&str>,
    changes: &Changes,
) -> Result<Run, Error> {
    caller.require(Role::Analyst)?;
    let mut tx = match deed::begin_new(backing, caller).await? {
        Began::New(tx) => tx,
        Began::Repeated(id) => return get(backing, caller, AnalysisId(id)).await,
    };
    let earlier = present(&mut tx, id).await?;
    let base = match preset {
        Some(preset) => settings::settings(preset, &Changes::new())?,
        None => settings::restore(&earlier.settings)?,
    };
    let new = NewRun {
        name: Some(earlier.name.clone()),
        datasets: analyses::datasets(&mut tx, id).await?,
        facility: earlier.facility_id,
        preset: None,
        changes: changes.clone(),
        stop_at_decisions: false,
    };
    enqueue(backing, caller, tx, &new, Some((id, base))).await
}

async fn enqueue(
    backing: &Backing,
    caller: &Caller,
    mut tx: Tx,
    new: &NewRun,
    repeats: Option<(AnalysisId, Settings)>,
) -> Result<Run, Error> {
    let members = check(backing, &mut tx, new).await?;
    let plants: BTreeSet<Option<FacilityId>> = members.iter().map(|dataset| dataset.facility_id).collect();
    let common = if plants.len() == 1 { plants.into_iter().next().flatten() } else { None };
    let facility = new.facility.or(common);
    let (base, configuration, repeats) = match (repeats, new.preset.as_deref()) {
        (Some((id, base)), _) => (base, None, Some(id)),
        (None, Some(preset)) => (settings::settings(preset, &Changes::new())?, None, None),
        (None, None) => {
            let (base, configuration) = configurations::holding(&mut tx, facility).await?;
            (base, configuration, None)
        }
    };
    let mut base = base;
    if repeats.is_none() {
        // What a saved mapping says of its exports goes before the settings of the plant, and what is asked now before both.
        variables::of_mappings(&mut tx, &new.datasets, &mut base).await?;
    }
    let used = settings::whole(&settings::overlay(base, &new.changes)?);
    count(backing, &mut tx, Meter::Analyses, 1).await?;
    let id = AnalysisId(Uuid::now_v7());
    usage::record_event(&mut tx, UsageType::AnalysisRun, &id.to_string(), 1).await?;
    let own_name = members.iter().map(|dataset| dataset.name.as_str()).collect::<Vec<_>>().join(", ");
    let name = new.name.as_deref().map(str::trim).filter(|name| !name.is_empty()).unwrap_or(&own_name);
    let row =
        NewAnalysis { id, name, facility, repeats, configuration, settings: &used, datasets: &new.datasets };
    let analysis = match analyses::insert(&mut tx, &row).await {
        Ok(analysis) => analysis,
        Err(store::Error::Reference { .. }) => {
            return Err(Error::invalid("facility_id", "there is no such facility"));
        }
        Err(error) => return Err(error.into()),
    };
    let trace = caller.trace.to_string();
    // Should it end without a result, it is given back to the month in which it was counted.
    let counted_in = usage::period_of(backing.clock.now()).to_string();
    let payload = json!({"analysis": id.to_string(), "counted_in": counted_in});
    let mut job = NewJob::new(JobId(id.0), run::KIND, payload);
    job.trace_id = &trace;
    jobs::enqueue(&mut tx, &job).await?;
    let event = deed::done(caller, "analysis.start", "analysis", id).detail("datasets", new.datasets.len());
    deed::commit_new(tx, caller, event, id.0).await?;
    Ok(Run { analysis, datasets: new.datasets.clone(), progress: Value::Null })
}

/// Checks that the datasets are there, read, and decided as far as was asked.
async fn check(backing: &Backing, tx: &mut Tx, new: &NewRun) -> Result<Vec<Dataset>, Error> {
    let mut flaws = Vec::new();
    if new.datasets.is_empty() {
        flaws.push(Flaw { field: "datasets".to_owned(), message: "name at least one dataset".to_owned() });
    }
    if new.datasets.len() > backing.bounds.datasets_max {
        let most = backing.bounds.datasets_max;
        return Err(Error::invalid("datasets", format!("an analysis takes up to {most} datasets")));
    }
    if new.name.as_ref().is_some_and(|name| name.trim().chars().count() > 255) {
        let message = "names have up to 255 characters".to_owned();
        flaws.push(Flaw { field: "name".to_owned(), message });
    }
    let mut members = Vec::new();
    for (at, id) in new.datasets.iter().enumerate() {
        let twice = new.datasets[..at].contains(id);
        match datasets::get(tx, *id).await? {
            Some(_) if twice => flaws.push(Flaw {
                field: format!("datasets[{at}]"),
                message: "the dataset is named twice".to_owned(),
            }),
            Some(dataset) => members.push(dataset),
            None => flaws.push(Flaw {
                field: format!("datasets[{at}]"),
                message: "there is no such dataset".to_owned(),
            }),
        }
    }
    if !flaws.is_empty() {
        return Err(Error::Invalid(flaws));
    }
    for dataset in &members {
        read_already(dataset)?;
        if new.stop_at_decisions {
            for file in datasets::files(tx, dataset.id).await? {
                if stored_mappings(&file)?.iter().any(analyze::needs_a_person) {
                    return Err(Error::Conflict(format!(
                        "{} waits for decisions about its columns; confirm its mapping first",
                        file.file_name
                    )));
                }
            }
        }
    }
    Ok(members)
}

/// The runs of the organisation, newest first.
pub async fn list(
    backing: &Backing,
    caller: &Caller,
    filter: Filter,
    page: Page,
) -> Result<Listing<Analysis>, Error> {
    caller.require(Role::Viewer)?;
    let mut tx = deed::begin(backing, caller).await?;
    Ok(analyses::list(&mut tx, filter, page).await?)
}

/// One run.
pub async fn get(backing: &Backing, caller: &Caller, id: AnalysisId) -> Result<Run, Error> {
    caller.require(Role::Viewer)?;
    let mut tx = deed::begin(backing, caller).await?;
    let analysis = present(&mut tx, id).await?;
    let datasets = analyses::datasets(&mut tx, id).await?;
    let progress = match analysis.state {
        AnalysisState::Queued | AnalysisState::Running => progress_of(&mut tx, JobId(id.0)).await?,
        _ => Value::Null,
    };
    Ok(Run { analysis, datasets, progress })
}

/// The whole result of a run that is complete.
pub async fn result(backing: &Backing, caller: &Caller, id: AnalysisId) -> Result<domain::Analysis, Error> {
    caller.require(Role::Viewer)?;
    let mut tx = deed::begin(backing, caller).await?;
    let analysis = present(&mut tx, id).await?;
    tx.rollback().await?;
    load(backing, caller, &analysis).await
}

async fn load(backing: &Backing, caller: &Caller, analysis: &Analysis) -> Result<domain::Analysis, Error> {
    may_see(caller, analysis)?;
    let Some(key) = &analysis.document_key else {
        return Err(Error::Conflict(match analysis.state {
            AnalysisState::Queued | AnalysisState::Running => "the analysis is not complete yet".to_owned(),
            _ => format!("the analysis is {} and has no result", analysis.state.name()),
        }));
    };
    let bytes = backing.blobs.read_bytes(&Key::of(caller.actor.org, key)?).await?;
    let mut result = archive::decode(&bytes)?;
    let mut tx = deed::begin(backing, caller).await?;
    let edits = reviews::edits(&mut tx, analysis.id).await?;
    tx.rollback().await?;
    if !edits.is_empty() {
        review(&mut result, &edits, analysis.facility_id);
    }
    Ok(result)
}

/// What a reviewer changed of how findings are shown. Totals stay: they were computed, and a reviewer computes nothing.
fn review(result: &mut domain::Analysis, edits: &[Edit], facility: Option<FacilityId>) {
    let edit_of = |finding: &domain::Finding| {
        let key = rows::key(finding, facility);
        edits.iter().find(|edit| edit.key == key)
    };
    result.findings.retain(|finding| edit_of(finding).is_none_or(|edit| !edit.hidden));
    for finding in &mut result.findings {
        let Some(edit) = edit_of(finding) else { continue };
        if !edit.title.is_empty() {
            edit.title.clone_into(&mut finding.title);
        }
        if !edit.note.is_empty() {
            finding.assumptions.push(format!("Reviewer: {}", edit.note));
        }
    }
}

/// Whether the caller may see a result. What a reviewer still looks at, only the reviewer sees.
pub(crate) fn may_see(caller: &Caller, analysis: &Analysis) -> Result<(), Error> {
    if analysis.state == AnalysisState::InReview && !matches!(caller.actor.means, Means::Operator { .. }) {
        return Err(Error::Conflict(
            "a reviewer looks at the result before it is published, mostly within four hours; you are told then"
                .to_owned(),
        ));
    }
    Ok(())
}

/// Two runs side by side.
pub async fn compare_runs(
    backing: &Backing,
    caller: &Caller,
    before: AnalysisId,
    after: AnalysisId,
) -> Result<Comparison, Error> {
    caller.require(Role::Viewer)?;
    let mut tx = deed::begin(backing, caller).await?;
    let (before, after) = (present(&mut tx, before).await?, present(&mut tx, after).await?);
    tx.rollback().await?;
    Ok(compare(&load(backing, caller, &before).await?, &load(backing, caller, &after).await?))
}

/// Asks a run to stop. One that waits stops at once, one that runs within a heartbeat.
pub async fn cancel(backing: &Backing, caller: &Caller, id: AnalysisId) -> Result<Run, Error> {
    caller.require(Role::Analyst)?;
    let mut tx = deed::begin(backing, caller).await?;
    let analysis = present(&mut tx, id).await?;
    if !matches!(analysis.state, AnalysisState::Queued | AnalysisState::Running) {
        return Err(Error::Conflict(format!("the analysis is {} already", analysis.state.name())));
    }
    jobs::cancel(&mut tx, JobId(id.0)).await?;
    deed::commit(tx, caller, deed::done(caller, "analysis.cancel", "analysis", id)).await?;
    get(backing, caller, id).await
}

/// Removes a run that has ended, with its findings. What people decided about those stays.
pub async fn delete(backing: &Backing, caller: &Caller, id: AnalysisId) -> Result<(), Error> {
    caller.require(Role::Analyst)?;
    let mut tx = deed::begin(backing, caller).await?;
    let analysis = present(&mut tx, id).await?;
    match analyses::delete(&mut tx, id).await {
        Ok(true) => {}
        Ok(false) => return Err(Error::Conflict("the analysis is under way; cancel it first".to_owned())),
        Err(store::Error::Reference { .. }) => {
            return Err(Error::Conflict("another analysis repeats this one; delete that first".to_owned()));
        }
        Err(error) => return Err(error.into()),
    }
    deed::commit(tx, caller, deed::done(caller, "analysis.delete", "analysis", id)).await?;
    if let Some(key) = &analysis.document_key {
        let mut keys = vec![Key::of(caller.actor.org, key)?];
        keys.extend(over_time::keys(caller.actor.org, id));
        keys.extend(canonical::keys(caller.actor.org, id));
        discard(backing, &keys).await;
    }
    Ok(())
}

async fn present(tx: &mut Tx, id: AnalysisId) -> Result<Analysis, Error> {
    analyses::get(tx, id).await?.ok_or(Error::NotFound("analysis"))
}
