//! Whether an import was analyzed, and whether doing it again could say anything else.

use domain::{Role, id::DatasetId};
use store::{
    Page,
    analyses::{self, Analysis, AnalysisState, Filter},
    datasets::{self, DatasetState},
};

use crate::{
    Backing, Caller, Error,
    configurations::{self, settings},
    datasets::present,
    deed,
    mapping_profiles::variables,
};

/// The newest complete run over an import.
#[derive(Debug, Clone, PartialEq)]
pub struct Ran {
    pub run: Analysis,
    /// Whether the mapping, the cells or the settings are others than they were then.
    pub changed: bool,
}

/// The newest run of the import, where it is complete.
pub async fn ran(backing: &Backing, caller: &Caller, id: DatasetId) -> Result<Option<Ran>, Error> {
    caller.require(Role::Viewer)?;
    let mut tx = deed::begin(backing, caller).await?;
    let filter = Filter { dataset: Some(id), ..Filter::default() };
    let newest = analyses::list(&mut tx, filter, Page::first(1)).await?.items.into_iter().next();
    let Some(run) = newest.filter(|run| run.state == AnalysisState::Completed) else { return Ok(None) };
    let dataset = present(&mut tx, id).await?;
    let files = datasets::files(&mut tx, id).await?;
    let (mut now, _) = configurations::holding(&mut tx, run.facility_id).await?;
    let datasets = analyses::datasets(&mut tx, run.id).await?;
    variables::of_mappings(&mut tx, &datasets, &mut now).await?;
    let now = settings::overlay(now, &settings::Changes::new())?;
    let then = settings::restore(&run.settings)?;
    let changed = dataset.state != DatasetState::Ready
        || files.iter().any(|file| file.updated_at > run.created_at)
        || settings::whole(&now) != settings::whole(&then);
    Ok(Some(Ran { run, changed }))
}
