//! Data of analyses that people ask about, kept between questions.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
};

use assistant::Language;
use domain::{
    Role,
    id::{AnalysisId, OrgId},
};
use tokio::sync::OnceCell;
use uuid::Uuid;

use super::{
    Data,
    all_data::{self, Candidate},
};
use crate::{
    Backing, Caller, Error, analyses,
    analyses::tables::{self, Tables},
    configurations::settings,
};

/// Tables lie on disk, a few hundred megabytes at most.
const MOST: usize = 4;

/// Data with the folder of its tables.
#[derive(Debug)]
pub struct Shelved {
    pub data: Data,
    _tables: Tables,
    /// Questions to begin with, by language: each is tried before it is offered, which takes a while.
    starters: Mutex<Vec<(Language, Vec<String>)>>,
}

impl Shelved {
    /// Questions to begin with.
    pub fn starters(&self, language: Language) -> Vec<String> {
        let mut known = self.starters.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, starters)) = known.iter().find(|(of, _)| *of == language) {
            return starters.clone();
        }
        let starters = assistant::suggest::starters(self.data.catalog(), language);
        known.push((language, starters.clone()));
        starters
    }
}

type Place = Arc<OnceCell<Arc<Shelved>>>;

/// What is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum About {
    One(AnalysisId),
    /// All data of the organisation.
    All,
}

impl About {
    pub fn analysis(self) -> Option<AnalysisId> {
        match self {
            Self::One(id) => Some(id),
            Self::All => None,
        }
    }
}

/// Whose data, of which runs, and where they lie.
type Placed = (OrgId, Vec<Uuid>, Place);

/// Cheap to clone; all questions share one.
#[derive(Debug, Clone, Default)]
pub struct Shelf {
    places: Arc<Mutex<VecDeque<Placed>>>,
}

impl Shelf {
    /// The data of what is asked.
    pub async fn about(
        &self,
        backing: &Backing,
        caller: &Caller,
        about: About,
    ) -> Result<Arc<Shelved>, Error> {
        match about {
            About::One(id) => self.data(backing, caller, id).await,
            About::All => self.all(backing, caller).await,
        }
    }

    /// All data of the caller's organisation, put together of its analyses; anew when there is another one.
    async fn all(&self, backing: &Backing, caller: &Caller) -> Result<Arc<Shelved>, Error> {
        caller.require(Role::Viewer)?;
        let candidates = all_data::of(backing, caller).await?;
        // Another analysis, or an upload that was deleted, makes other data.
        let ids: Vec<Uuid> =
            std::iter::once(Uuid::nil()).chain(candidates.iter().flat_map(Candidate::ids)).collect();
        let place = self.place(caller.actor.org, &ids);
        let made = place
            .get_or_try_init(|| async {
                let (data, tables) = all_data::make(backing, caller, &candidates).await?;
                Ok(Arc::new(Shelved { data, _tables: tables, starters: Mutex::default() }))
            })
            .await;
        if made.is_err() {
            self.lock().retain(|(_, known, _)| *known != ids);
        }
        made.cloned()
    }

    /// The data of an analysis. Whether the caller may see it is asked every time, and whether its upload is still there;
    /// those who come at once make it once, and nobody waits for somebody else's.
    pub async fn data(
        &self,
        backing: &Backing,
        caller: &Caller,
        id: AnalysisId,
    ) -> Result<Arc<Shelved>, Error> {
        let run = analyses::get(backing, caller, id).await?;
        let org = caller.actor.org;
        if run.datasets.is_empty() {
            self.lock().retain(|(_, known, _)| *known != [id.0]);
            return Err(Error::Conflict("the upload behind this analysis was deleted".to_owned()));
        }
        let place = self.place(org, &[id.0]);
        let made = place.get_or_try_init(|| make(backing, caller, id, &run.analysis.settings)).await;
        if made.is_err() {
            self.lock().retain(|(_, known, _)| *known != [id.0]);
        }
        made.cloned()
    }

    fn place(&self, org: OrgId, ids: &[Uuid]) -> Place {
        let mut places = self.lock();
        if let Some((.., place)) = places.iter().find(|(owner, known, _)| *owner == org && known == ids) {
            return Arc::clone(place);
        }
        let place = Place::default();
        places.push_front((org, ids.to_vec(), Arc::clone(&place)));
        places.truncate(MOST);
        place
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, VecDeque<Placed>> {
        self.places.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn make(
    backing: &Backing,
    caller: &Caller,
    id: AnalysisId,
    used: &serde_json::Value,
) -> Result<Arc<Shelved>, Error> {
    let settings = settings::restore(used)?;
    let result = analyses::result(backing, caller, id).await?;
    let tables = tables::tables(backing, caller, id).await?;
    blocking(move || {
        let data = Data::new(tables.canonical().clone(), result, settings)?;
        Ok(Arc::new(Shelved { data, _tables: tables, starters: Mutex::default() }))
    })
    .await
}

pub(super) async fn blocking<T: Send + 'static>(
    job: impl FnOnce() -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    tokio::task::spawn_blocking(job)
        .await
        .map_err(|error| Error::Work(format!("looking it up broke: {error}")))?
}
