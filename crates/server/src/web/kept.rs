//! What pages keep between requests: drawn charts, and results that were decoded lately.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
};

use domain::{Analysis, id::AnalysisId};

use super::pictures::Drawer;

/// Results are a few megabytes each.
const MOST: usize = 8;

/// Cheap to clone; all pages share one.
#[derive(Clone, Default)]
pub(super) struct Kept {
    pub(super) drawer: Drawer,
    #[expect(clippy::type_complexity, reason = "a map in a lock, read once")]
    results: Arc<Mutex<VecDeque<(AnalysisId, Arc<Analysis>)>>>,
}

impl Kept {
    /// A result that was put here. Whoever asks has made sure that the reader may see it.
    pub(super) fn result(&self, id: AnalysisId) -> Option<Arc<Analysis>> {
        let results = self.results.lock().unwrap_or_else(PoisonError::into_inner);
        results.iter().find(|(kept, _)| *kept == id).map(|(_, analysis)| Arc::clone(analysis))
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
