//! What a running job holds: its claim, its place at the processor, and the way to say how far it is.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use serde_json::{Value, json};
use store::jobs::Claim;
use tokio::sync::{Semaphore, watch};

use crate::{Error, behind};

/// Handed to a job while it runs.
#[derive(Debug, Clone)]
pub(crate) struct Hold {
    pub(crate) claim: Arc<Claim>,
    progress: Arc<watch::Sender<Value>>,
    given_up: Arc<AtomicBool>,
    processors: Arc<Semaphore>,
}

impl Hold {
    pub(super) fn new(claim: Claim, processors: Arc<Semaphore>) -> (Self, watch::Receiver<Value>) {
        let (progress, seen) = watch::channel(Value::Null);
        let hold = Self {
            claim: Arc::new(claim),
            progress: Arc::new(progress),
            given_up: Arc::default(),
            processors,
        };
        (hold, seen)
    }

    /// Says what is being done, in words for a person who waits, and how far it is from 0 to 1.
    pub(crate) fn say(&self, words: &str, share: f64) {
        self.progress.send_replace(json!({"message": words, "share": (share * 1_000.0).round() / 1_000.0}));
    }

    /// Tells work at the processor that nobody waits for it any more.
    pub(super) fn give_up(&self) {
        self.given_up.store(true, Ordering::Release);
    }

    /// Whether somebody still waits for the result.
    pub(crate) fn wanted(&self) -> Result<(), Error> {
        if self.given_up.load(Ordering::Acquire) {
            Err(Error::Work("the job was given up".to_owned()))
        } else {
            Ok(())
        }
    }

    /// Runs work that blocks, behind the threads that serve others. A panic in it is an error of the job.
    pub(crate) async fn compute<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Self) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let permit = Arc::clone(&self.processors).acquire_owned().await;
        let permit = permit.map_err(|_| Error::Work("the worker has stopped".to_owned()))?;
        let hold = self.clone();
        let span = tracing::Span::current();
        behind::run(move || {
            let _permit = permit;
            span.in_scope(|| {
                hold.wanted()?;
                work(&hold)
            })
        })
        .await
    }
}
