//! The canonical tables of a run, for somebody who wants to look at rows.
//!
//! The newest runs of a plant keep their tables; those of others are made again of readings and mappings, which are kept.
//! Whoever holds [`Tables`] holds them in a folder of their own that goes with it.

use std::{collections::BTreeMap, sync::Arc};

use analyzers::{Canonical, engine::plant::Plant};
use domain::{Role, id::AnalysisId};
use explorer::Explorer;
pub use explorer::{Ask, Group, Groups, Line, Month, Months, Rows, Seen};
use ontology::{Entity, FieldId};
use store::analyses::AnalysisState;

use super::{canonical, present, run};
use crate::{Backing, Caller, Error, Scratch, behind, configurations::settings, deed};

/// Rows of one order and table that are shown.
const ORDER_ROWS: u64 = 400;

/// Canonical tables with the folder that they lie in.
#[derive(Debug)]
pub struct Tables {
    canonical: Canonical,
    explorer: Explorer,
    _scratch: Scratch,
}

/// Lays out and joins the tables of a completed run. Fails as not found where the reader may not see it.
pub async fn tables(backing: &Backing, caller: &Caller, id: AnalysisId) -> Result<Tables, Error> {
    caller.require(Role::Viewer)?;
    let mut tx = deed::begin(backing, caller).await?;
    let analysis = present(&mut tx, id).await?;
    if analysis.state != AnalysisState::Completed {
        return Err(Error::Conflict("the analysis is not complete yet".to_owned()));
    }
    let datasets = store::analyses::datasets(&mut tx, id).await?;
    // What was read of an upload goes with it, while the run still names it.
    for dataset in &datasets {
        if store::datasets::get(&mut tx, *dataset).await?.is_none() {
            return Err(Error::Conflict("the upload behind this analysis was deleted".to_owned()));
        }
    }
    let members = run::members_of(&mut tx, &datasets).await?;
    tx.rollback().await?;
    if members.is_empty() {
        return Err(Error::Conflict("the upload behind this analysis was deleted".to_owned()));
    }
    let scratch = Scratch::new()?;
    let settings = settings::restore(&analysis.settings)?;
    let org = caller.actor.org;
    if let Some(canonical) = canonical::open(backing, org, id, &datasets, &settings, &scratch).await? {
        return Ok(Tables::new(canonical, scratch));
    }
    let (mapped, _) = run::lay_out(backing, members, &scratch).await?;
    blocking(move || {
        let limits = analyzers::Limits::new(scratch.folder("spill")?).saying(&settings);
        let canonical = analyzers::canonical::build(&mapped, &scratch.folder("canonical")?, &limits)?;
        Tables::prepared(canonical, scratch)
    })
    .await
}

impl Tables {
    fn new(canonical: Canonical, scratch: Scratch) -> Self {
        Self { explorer: canonical::explorer(&canonical), canonical, _scratch: scratch }
    }

    /// Tables that were just made, with what is worked out about them once.
    pub(crate) fn prepared(canonical: Canonical, scratch: Scratch) -> Result<Self, Error> {
        let tables = Self::new(canonical, scratch);
        tables.explorer.prepare()?;
        Ok(tables)
    }

    /// The tables as the engine takes them; they are gone with `self`.
    pub(crate) fn canonical(&self) -> &Canonical {
        &self.canonical
    }

    /// Tables with rows, and how many.
    pub fn entities(&self) -> Vec<(Entity, u64)> {
        self.explorer.entities()
    }

    pub fn fields(&self, entity: Entity) -> Vec<FieldId> {
        self.explorer.fields(entity)
    }

    /// Rows by month, of the most detailed table that says when its rows happened.
    pub async fn months(self: Arc<Self>) -> Result<Option<Months>, Error> {
        looking(move || Ok(self.explorer.months()?)).await
    }

    pub async fn rows(self: Arc<Self>, ask: Ask) -> Result<Rows, Error> {
        looking(move || Ok(self.explorer.rows(&ask)?)).await
    }

    /// What became of one row of a file.
    pub async fn of_row(self: Arc<Self>, file: String, row: u64) -> Result<BTreeMap<Entity, Rows>, Error> {
        looking(move || Ok(self.explorer.of_row(&file, row)?)).await
    }

    pub async fn groups(
        self: Arc<Self>,
        ask: Ask,
        group: FieldId,
        by: Option<FieldId>,
    ) -> Result<Groups, Error> {
        looking(move || Ok(self.explorer.groups(&ask, group, by)?)).await
    }

    /// Analyzes the tables with other settings; nothing is kept.
    pub(crate) async fn analyze(self, settings: domain::Settings) -> Result<domain::Analysis, Error> {
        blocking(move || {
            let Self { canonical, _scratch: scratch, .. } = self;
            let left = scratch.folder("left")?;
            let canonical = analyzers::canonical::leave_out::without(canonical, &settings.leave_out, &left)?;
            Ok(analyzers::analyze(&canonical, &settings)?)
        })
        .await
    }

    /// Loads the frames, and looks at them.
    pub(super) async fn plant<T: Send + 'static>(
        self,
        look: impl FnOnce(&Plant) -> T + Send + 'static,
    ) -> Result<T, Error> {
        blocking(move || Ok(look(&analyzers::load(&self.canonical)?))).await
    }

    /// Loads the frames as the analysis with these settings had them, and looks at them.
    pub(crate) async fn analyzed<T: Send + 'static>(
        self,
        settings: domain::Settings,
        look: impl FnOnce(&Plant) -> T + Send + 'static,
    ) -> Result<T, Error> {
        blocking(move || {
            let Self { canonical, _scratch: scratch, .. } = self;
            let left = scratch.folder("left")?;
            let canonical = analyzers::canonical::leave_out::without(canonical, &settings.leave_out, &left)?;
            Ok(look(&analyzers::load(&canonical)?))
        })
        .await
    }

    pub async fn order(self: Arc<Self>, id: String) -> Result<BTreeMap<Entity, Rows>, Error> {
        looking(move || Ok(self.explorer.order(&id, ORDER_ROWS)?)).await
    }
}

/// Somebody waits for it: unlike the joining of tables it stands behind nobody.
async fn looking<T: Send + 'static>(
    job: impl FnOnce() -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    tokio::task::spawn_blocking(job)
        .await
        .map_err(|error| Error::Work(format!("looking at rows broke: {error}")))?
}

async fn blocking<T: Send + 'static>(
    job: impl FnOnce() -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    behind::run(job).await
}
