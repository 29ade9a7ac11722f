//! The canonical tables of a run, made again for somebody who wants to look at rows.
//!
//! A run keeps its result, not its tables: they are a pure function of the readings and the mappings, which are kept.
//! Whoever holds [`Tables`] holds them in a folder of their own that goes with it.

use std::{collections::BTreeMap, sync::Arc};

pub use analyzers::explore::{Ask, Group, Groups, Line, Rows, Seen, is_additive, is_grouping};
use analyzers::{Canonical, engine::plant::Plant, explore};
use domain::{Role, id::AnalysisId};
use ontology::{Entity, FieldId};
use store::analyses::AnalysisState;

use super::{present, run};
use crate::{Backing, Caller, Error, Scratch, behind, configurations::settings, deed};

/// Rows of one order and table that are shown.
const ORDER_ROWS: u64 = 400;

/// Canonical tables with the folder that they lie in.
#[derive(Debug)]
pub struct Tables {
    canonical: Canonical,
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
    let members = run::members(&mut tx, id).await?;
    tx.rollback().await?;
    if members.is_empty() {
        return Err(Error::Conflict("the upload behind this analysis was deleted".to_owned()));
    }
    let scratch = Scratch::new()?;
    let (mapped, _) = run::lay_out(backing, members, &scratch).await?;
    let settings = settings::restore(&analysis.settings)?;
    blocking(move || {
        let limits = analyzers::Limits::new(scratch.folder("spill")?).saying(&settings);
        let canonical = analyzers::canonical::build(&mapped, &scratch.folder("canonical")?, &limits)?;
        Ok(Tables { canonical, _scratch: scratch })
    })
    .await
}

impl Tables {
    /// The tables as the engine takes them; they are gone with `self`.
    pub(crate) fn canonical(&self) -> &Canonical {
        &self.canonical
    }

    /// Tables with rows, and how many.
    pub fn entities(&self) -> Vec<(Entity, u64)> {
        self.canonical
            .tables
            .iter()
            .filter(|(_, table)| table.rows > 0)
            .map(|(entity, table)| (*entity, table.rows))
            .collect()
    }

    pub fn fields(&self, entity: Entity) -> Vec<FieldId> {
        explore::fields(&self.canonical, entity)
    }

    pub async fn rows(self: Arc<Self>, ask: Ask) -> Result<Rows, Error> {
        blocking(move || Ok(explore::rows(&self.canonical, &ask)?)).await
    }

    /// What became of one row of a file.
    pub async fn of_row(self: Arc<Self>, file: String, row: u64) -> Result<BTreeMap<Entity, Rows>, Error> {
        blocking(move || Ok(explore::of_row(&self.canonical, &file, row)?)).await
    }

    pub async fn groups(
        self: Arc<Self>,
        ask: Ask,
        group: FieldId,
        by: Option<FieldId>,
    ) -> Result<Groups, Error> {
        blocking(move || Ok(explore::groups(&self.canonical, &ask, group, by)?)).await
    }

    /// Analyzes the tables with other settings; nothing is kept.
    pub(crate) async fn analyze(self, settings: domain::Settings) -> Result<domain::Analysis, Error> {
        blocking(move || {
            let Self { canonical, _scratch: scratch } = self;
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

    pub async fn order(self: Arc<Self>, id: String) -> Result<BTreeMap<Entity, Rows>, Error> {
        blocking(move || Ok(explore::order(&self.canonical, &id, ORDER_ROWS)?)).await
    }
}

async fn blocking<T: Send + 'static>(
    job: impl FnOnce() -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    behind::run(job).await
}
