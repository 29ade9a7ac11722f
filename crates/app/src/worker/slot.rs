//! One place where a job runs: claim, run under heartbeats, end.

use std::{sync::Arc, time::Duration};

use jiff::SignedDuration;
use serde_json::{Value, json};
use store::{
    audit::{self, Event, Outcome},
    jobs::{self, Claim, Done, JobState, Pulse},
};
use tokio::{
    sync::{Notify, Semaphore, watch},
    time::Instant,
};
use tokio_util::sync::CancellationToken;
use tracing::Instrument;

use super::{
    Options,
    hold::Hold,
    jobs::{KINDS, abandon, perform, tell_failed},
};
use crate::{Backing, Error};

/// How often an idle slot looks for work without being told.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// How often a change of progress is written.
const TELL_EVERY: Duration = Duration::from_millis(500);

#[derive(Debug)]
pub(super) struct Shared {
    pub(super) backing: Backing,
    pub(super) options: Options,
    pub(super) processors: Arc<Semaphore>,
    pub(super) work: Notify,
    pub(super) stop: CancellationToken,
}

/// Works until the worker stops.
pub(super) async fn run(shared: Arc<Shared>, number: usize) {
    tracing::debug!(number, "a slot of the worker begins");
    while !shared.stop.is_cancelled() {
        let told = shared.work.notified();
        let Options { name, lease, per_org, .. } = &shared.options;
        match shared.backing.store.claim(name, KINDS, *lease, *per_org).await {
            Ok(Some(claim)) => {
                let span = tracing::info_span!(
                    "job",
                    job = %claim.job.id,
                    kind = %claim.job.kind,
                    org = %claim.org,
                    trace_id = %claim.job.trace_id,
                );
                work(&shared, claim).instrument(span).await;
            }
            Ok(None) => {
                tokio::select! {
                    () = told => {}
                    () = tokio::time::sleep(LOOK_EVERY) => {}
                    () = shared.stop.cancelled() => {}
                }
            }
            Err(error) => {
                tracing::warn!(%error, "cannot claim a job");
                tokio::select! {
                    () = tokio::time::sleep(LOOK_EVERY) => {}
                    () = shared.stop.cancelled() => {}
                }
            }
        }
    }
}

/// How long a job that is not ours any more may go on: to remove what its own end left behind.
const LAST_STEPS: Duration = Duration::from_secs(5);

async fn work(shared: &Shared, claim: Claim) {
    let (hold, seen) = Hold::new(claim, Arc::clone(&shared.processors));
    let claim = Arc::clone(&hold.claim);
    let mut waits_for = None;
    let mut performing = Box::pin(perform(&shared.backing, shared.options.post.as_ref(), &hold));
    let done = tokio::select! {
        // The end of the job first: a result that is committed is not thrown away for a signal that came with it.
        biased;
        result = &mut performing => match result {
            // The job ended itself, in the transaction of its result.
            Ok(()) => return,
            Err(Error::Away(what)) => {
                tracing::warn!(what, "the job waits");
                waits_for = Some(what);
                // No attempt is used up: it waits as long as that takes.
                let waited = shared.backing.clock.now().duration_since(claim.job.created_at);
                Done::Later { delay: patience(shared.options.away, waited) }
            }
            Err(error) => verdict(&error),
        },
        done = held(shared, &claim, seen) => if let Some(done) = done { done } else {
            // It has just written its end itself and removes what it left, or another worker has it and nothing of ours will hold.
            if tokio::time::timeout(LAST_STEPS, &mut performing).await.is_err() {
                tracing::warn!("another worker has the job by now");
            }
            hold.give_up();
            return;
        },
        () = shared.stop.cancelled() => Done::Later { delay: SignedDuration::ZERO },
        () = tokio::time::sleep(shared.options.job_time_max) => Done::GiveUp {
            reason: format!(
                "it took longer than {} minutes; try it with less data",
                shared.options.job_time_max.as_secs() / 60
            ),
        },
    };
    drop(performing);
    hold.give_up();
    match end(shared, &claim, &done, waits_for.as_deref()).await {
        Ok(state) => {
            tracing::info!(state = state.name(), "the job ended");
            if matches!(state, JobState::Failed | JobState::Cancelled) {
                abandon(&shared.backing, &hold).await;
            }
        }
        // Whoever has it now ends it; or the lease runs out, and it is begun again.
        Err(error) => tracing::warn!(%error, "the end of the job could not be written"),
    }
}

/// How long until a job looks again whether what it needs is there: longer the longer it waits, so that many that wait for something
/// silent do not hold up those that need it not.
fn patience(away: SignedDuration, waited: SignedDuration) -> SignedDuration {
    (waited / 8).clamp(away, away * 8)
}

/// What an error of a job means for it.
fn verdict(error: &Error) -> Done {
    let reason = error.to_string();
    match error {
        Error::Work(cause) => {
            tracing::error!(%cause, "a job failed");
            // The cause is for the log; whoever waits learns that it was ours.
            Done::Retry { reason: "the program failed on it; it has been noted".to_owned() }
        }
        Error::Unavailable(_) => Done::Retry { reason },
        _ => Done::GiveUp { reason },
    }
}

/// Keeps the claim until somebody wants the job to stop. `None`: the claim is lost.
async fn held(shared: &Shared, claim: &Claim, mut seen: watch::Receiver<Value>) -> Option<Done> {
    let mut beat = tokio::time::interval(shared.options.heartbeat);
    let lease = Duration::try_from(shared.options.lease).unwrap_or_default();
    let mut held_until = Instant::now() + lease;
    let mut told = Instant::now();
    loop {
        tokio::select! {
            _ = beat.tick() => match pulse(shared, claim).await {
                Ok(Pulse::Held) => held_until = Instant::now() + lease,
                Ok(Pulse::CancelRequested) => return Some(Done::Cancelled),
                Ok(Pulse::Lost) => return None,
                Err(error) => {
                    tracing::warn!(%error, "a heartbeat failed");
                    // The database would take the job away, so act as if it had.
                    if Instant::now() > held_until {
                        return None;
                    }
                }
            },
            changed = seen.changed() => {
                if changed.is_err() {
                    std::future::pending::<()>().await;
                }
                tokio::time::sleep_until(told + TELL_EVERY).await;
                told = Instant::now();
                let progress = seen.borrow_and_update().clone();
                match tell(shared, claim, &progress).await {
                    Ok(Pulse::Held) => {}
                    Ok(Pulse::CancelRequested) => return Some(Done::Cancelled),
                    Ok(Pulse::Lost) => return None,
                    Err(error) => tracing::debug!(%error, "progress could not be written"),
                }
            }
        }
    }
}

async fn pulse(shared: &Shared, claim: &Claim) -> Result<Pulse, store::Error> {
    let mut tx = shared.backing.store.begin(&claim.actor()).await?;
    let pulse = jobs::beat(&mut tx, claim, shared.options.lease).await?;
    tx.commit().await?;
    Ok(pulse)
}

/// Writes progress; with it comes the news whether somebody wants the job to stop.
async fn tell(shared: &Shared, claim: &Claim, progress: &Value) -> Result<Pulse, store::Error> {
    let mut tx = shared.backing.store.begin(&claim.actor()).await?;
    let pulse = jobs::beat(&mut tx, claim, shared.options.lease).await?;
    if pulse == Pulse::Held {
        jobs::set_progress(&mut tx, claim, progress).await?;
    }
    tx.commit().await?;
    Ok(pulse)
}

/// Ends a job that has no result, with its row in the audit trail where it ends for good. One that waits says for what.
async fn end(
    shared: &Shared,
    claim: &Claim,
    done: &Done,
    waits_for: Option<&str>,
) -> Result<JobState, store::Error> {
    let mut tx = shared.backing.store.begin(&claim.actor()).await?;
    if let Some(what) = waits_for {
        jobs::set_progress(&mut tx, claim, &json!({"message": format!("waiting: {what}"), "share": 0}))
            .await?;
    }
    let state = jobs::finish(&mut tx, claim, done).await?;
    if matches!(state, JobState::Failed | JobState::Cancelled) {
        let event = Event::new(format!("{}.{}", claim.job.kind, state.name()), Outcome::Failed)
            .on("job", claim.job.id)
            .traced(claim.job.trace_id.clone())
            .detail("attempt", claim.job.attempt);
        audit::record(&mut tx, &event).await?;
        if state == JobState::Failed {
            tell_failed(&mut tx, claim, done).await?;
        }
    }
    tx.commit().await?;
    Ok(state)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_waits_long_looks_less_often_and_never_seldom() {
        let seconds = SignedDuration::from_secs;
        for (waited, delay) in [(-5, 15), (0, 15), (120, 15), (400, 50), (960, 120), (1_000_000, 120)] {
            assert_eq!(patience(seconds(15), seconds(waited)), seconds(delay), "{waited}");
        }
    }
}
