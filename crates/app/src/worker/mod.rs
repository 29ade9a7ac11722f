//! The worker: takes jobs of all organisations in turn, runs them once to an effect, and gives back what it cannot end.
//!
//! A claim is held by heartbeats and carries a fence; a result is committed together with the end of its job, and only
//! by whoever still holds the fence. A worker that vanishes costs its jobs at most the lease. What the content of a file
//! or the state of a plan forbids ends the job as failed with that sentence; only faults of our own are tried again.

mod chores;
mod hold;
mod jobs;
mod rounds;
mod slot;

use std::{sync::Arc, time::Duration};

use jiff::SignedDuration;
use store::jobs::Heard;
use tokio::{
    sync::{Notify, Semaphore},
    task::JoinSet,
};
use tokio_util::sync::CancellationToken;

use crate::{Backing, notices::Post};

pub(crate) use hold::Hold;
pub use rounds::once as make_a_round;

/// How a worker works.
#[derive(Debug, Clone)]
pub struct Options {
    /// The worker's name in the database; one process at a time has it.
    pub name: String,
    /// Whether no other process can have the name, so that what is held under it at the start was held by one that died.
    pub sole: bool,
    /// How many jobs run at once.
    pub slots: usize,
    /// How many of them one organisation may have.
    pub per_org: u32,
    /// How long a claim holds without a heartbeat.
    pub lease: SignedDuration,
    /// How often a worker shows that it is alive.
    pub heartbeat: Duration,
    /// How long a job waits at first when what the installation stands on does not answer; up to eight times as long in the end.
    pub away: SignedDuration,
    /// How long one job may run.
    pub job_time_max: Duration,
    /// How often it looks after what is due at a time.
    pub rounds: Duration,
    /// How people and their programs are reached; without it they are not.
    pub post: Option<Post>,
}

impl Options {
    /// Two jobs at once, one per organisation, as long as there are others.
    pub fn named(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            sole: false,
            slots: 2,
            per_org: 1,
            lease: store::jobs::LEASE,
            heartbeat: Duration::from_secs(10),
            away: SignedDuration::from_secs(15),
            job_time_max: Duration::from_hours(1),
            rounds: Duration::from_secs(20),
            post: None,
        }
    }
}

/// Runs jobs until `stop`, then hands back what is under way and returns. Dropped, it lets go of everything at once, as
/// if it had been killed.
pub async fn run(backing: Backing, options: Options, stop: CancellationToken) {
    if options.sole {
        match backing.store.release_jobs(&options.name).await {
            Ok(0) => {}
            Ok(jobs) => tracing::info!(jobs, "took back what this worker held when it died"),
            // The leases run out all the same.
            Err(error) => tracing::warn!(%error, "cannot take back what this worker held"),
        }
    }
    let shared = Arc::new(slot::Shared {
        // A job that was given up may still compute for a while; its successor waits for the processor.
        processors: Arc::new(Semaphore::new(options.slots)),
        work: Notify::new(),
        backing,
        options,
        stop,
    });
    let mut tasks = JoinSet::new();
    for number in 0..shared.options.slots {
        tasks.spawn(slot::run(Arc::clone(&shared), number));
    }
    tasks.spawn(listen(Arc::clone(&shared)));
    tasks.spawn(chores::run(Arc::clone(&shared)));
    tasks.spawn(rounds::run(Arc::clone(&shared)));
    while let Some(ended) = tasks.join_next().await {
        if let Err(error) = ended {
            tracing::error!(%error, "a slot of the worker broke");
            if !shared.stop.is_cancelled() {
                // Slots do not panic by design; should one, the others go on and it is replaced.
                tasks.spawn(slot::run(Arc::clone(&shared), shared.options.slots));
            }
        }
    }
}

/// Wakes the slots when something was enqueued. Without a connection they still look every two seconds.
async fn listen(shared: Arc<slot::Shared>) {
    loop {
        let mut listener = tokio::select! {
            () = shared.stop.cancelled() => return,
            listener = shared.backing.store.listen() => match listener {
                Ok(listener) => listener,
                Err(error) => {
                    tracing::warn!(%error, "cannot listen for jobs");
                    tokio::time::sleep(Duration::from_secs(2)).await;
                    continue;
                }
            },
        };
        loop {
            let heard = tokio::select! {
                () = shared.stop.cancelled() => return,
                heard = listener.hear() => heard,
            };
            match heard {
                Ok(Heard::Job | Heard::Missed) => shared.work.notify_waiters(),
                Ok(Heard::Progress { .. }) => {}
                Err(error) => {
                    tracing::warn!(%error, "listening for jobs broke off");
                    tokio::time::sleep(Duration::from_millis(500)).await;
                    break;
                }
            }
        }
    }
}
