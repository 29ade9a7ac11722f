//! What pages keep between requests: drawn charts, and results that were decoded lately.

use std::{
    collections::{BTreeSet, VecDeque},
    sync::{Arc, Mutex, PoisonError},
};

use app::{
    Error, analyses,
    analyses::{
        over_time::OverTime,
        tables::{self, Tables},
    },
};
use domain::{
    Analysis,
    id::{AnalysisId, DatasetId, OrgId},
};
use tokio::sync::OnceCell;

use super::{pictures::Drawer, reader::Reader};
use crate::ServerState;

/// Results are a few megabytes each.
const MOST: usize = 8;

/// Tables lie on disk, a few hundred megabytes at most; where the store of files is a folder, they are links into it.
const MOST_TABLES: usize = 8;

/// Tables of a run of an organisation over these datasets. Those who come at once make them once, and nobody waits for
/// somebody else's.
type TablesOf = (OrgId, AnalysisId, Vec<DatasetId>);
type Place = Arc<OnceCell<Arc<Tables>>>;

/// Cheap to clone; all pages share one.
#[derive(Clone, Default)]
pub(super) struct Kept {
    pub(super) drawer: Drawer,
    #[expect(clippy::type_complexity, reason = "a map in a lock, read once")]
    results: Arc<Mutex<VecDeque<(AnalysisId, Arc<Analysis>)>>>,
    /// What analyses say over time, beside their results.
    #[expect(clippy::type_complexity, reason = "a map in a lock, read once")]
    over_time: Arc<Mutex<VecDeque<(AnalysisId, Arc<OverTime>)>>>,
    /// The tables that people look at, the newest first.
    tables: Arc<Mutex<VecDeque<(TablesOf, Place)>>>,
    /// Runs whose tables were made ahead of whoever may want them.
    ahead: Arc<Mutex<BTreeSet<AnalysisId>>>,
}

impl Kept {
    /// A result that was put here. Whoever asks has made sure that the reader may see it.
    pub(super) fn result(&self, id: AnalysisId) -> Option<Arc<Analysis>> {
        let results = self.results.lock().unwrap_or_else(PoisonError::into_inner);
        results.iter().find(|(kept, _)| *kept == id).map(|(_, analysis)| Arc::clone(analysis))
    }

    /// What an analysis says over time, if it was put here.
    pub(super) fn over_time(&self, id: AnalysisId) -> Option<Arc<OverTime>> {
        let kept = self.over_time.lock().unwrap_or_else(PoisonError::into_inner);
        kept.iter().find(|(known, _)| *known == id).map(|(_, over_time)| Arc::clone(over_time))
    }

    pub(super) fn put_over_time(&self, id: AnalysisId, over_time: Arc<OverTime>) {
        let mut kept = self.over_time.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.iter().all(|(known, _)| *known != id) {
            kept.push_front((id, over_time));
            kept.truncate(MOST);
        }
    }

    /// The canonical tables of a run. Whether the reader may see it is asked every time, and whether its upload is still
    /// there.
    pub(super) async fn tables(
        &self,
        state: &ServerState,
        reader: &Reader,
        id: AnalysisId,
    ) -> Result<Arc<Tables>, Error> {
        let run = analyses::get(state.backing(), &reader.caller, id).await?;
        let of = (reader.caller.actor.org, id, run.datasets);
        let place = self.place(&of);
        if of.2.is_empty() {
            return Err(Error::Conflict("the upload behind this analysis was deleted".to_owned()));
        }
        let made = place.get_or_try_init(|| async {
            Ok(Arc::new(tables::tables(state.backing(), &reader.caller, id).await?))
        });
        made.await.cloned()
    }

    /// Where tables lie; those of the same run over other datasets go.
    fn place(&self, of: &TablesOf) -> Place {
        let mut kept = self.tables.lock().unwrap_or_else(PoisonError::into_inner);
        let at = kept.iter().position(|(known, _)| known == of);
        let place = at.and_then(|at| kept.remove(at)).map(|(_, place)| place).unwrap_or_default();
        kept.retain(|((org, id, _), _)| (*org, *id) != (of.0, of.1));
        if !of.2.is_empty() {
            kept.push_front((of.clone(), Arc::clone(&place)));
            kept.truncate(MOST_TABLES);
        }
        place
    }

    /// Makes the tables of a run while its reader still looks at something else: rows and orders are mostly next. Once for each run,
    /// so that many organisations do not push out one another's for ever.
    pub(super) fn tables_ahead(&self, state: &ServerState, reader: &Reader, id: AnalysisId) {
        if !self.ahead.lock().unwrap_or_else(PoisonError::into_inner).insert(id) {
            return;
        }
        let (kept, state, reader) = (self.clone(), state.clone(), reader.clone());
        tokio::spawn(async move {
            if let Err(error) = kept.tables(&state, &reader, id).await {
                tracing::debug!(%error, "tables were not made ahead");
            }
        });
    }

    /// A result never changes once its run is complete.
    pub(super) fn put(&self, id: AnalysisId, analysis: Arc<Analysis>) {
        let mut results = self.results.lock().unwrap_or_else(PoisonError::into_inner);
        if results.iter().all(|(kept, _)| *kept != id) {
            results.push_front((id, analysis));
            results.truncate(MOST);
        }
    }
}
