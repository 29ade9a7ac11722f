//! What the service does now and then on its own: forgetting what has ended, signing the ends of the audit trail.

use std::{path::PathBuf, time::Duration};

use app::Backing;
use jiff::SignedDuration;
use server::measure;
use store::{audit::checkpoint, gate};
use tokio_util::sync::CancellationToken;

use super::{foundation, secrets};

/// Forgets sessions, links and failures that have ended, every hour.
pub(super) async fn in_order(backing: Backing, stop: CancellationToken) {
    loop {
        if let Err(error) = forget(&backing).await {
            tracing::warn!(%error, "what has ended could not be forgotten");
        }
        tokio::select! {
            () = tokio::time::sleep(Duration::from_hours(1)) => {}
            () = stop.cancelled() => return,
        }
    }
}

async fn forget(backing: &Backing) -> store::Result<()> {
    let now = backing.clock.now();
    let mut gate = backing.store.gate().await?;
    gate::sessions::prune(&mut gate, now).await?;
    gate::links::prune(&mut gate, now).await?;
    gate::throttle::prune(&mut gate, now - SignedDuration::from_hours(24 * 90)).await?;
    gate.commit().await?;
    backing.store.prune_rates(Duration::from_mins(10)).await?;
    Ok(())
}

/// Takes the numbers of this process and of the queue, every fifteen seconds, for whoever asks the metrics.
pub(super) async fn numbers(backing: Backing, handle: measure::Handle, stop: CancellationToken) {
    loop {
        match backing.store.queue().await {
            Ok(queue) => {
                measure::database(true);
                measure::queue(measure::Queue {
                    waiting: queue.waiting,
                    running: queue.running,
                    failed: queue.failed,
                    stuck: queue.stuck,
                    oldest_waiting_s: queue.oldest_waiting_s,
                });
            }
            Err(_) => measure::database(false),
        }
        measure::process(resident_bytes(), descriptors());
        // What was measured is summed up: with nobody asking, it would be kept one by one.
        handle.run_upkeep();
        tokio::select! {
            () = tokio::time::sleep(Duration::from_secs(15)) => {}
            () = stop.cancelled() => return,
        }
    }
}

fn resident_bytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok()).unwrap_or(0) << 10
}

fn descriptors() -> u64 {
    std::fs::read_dir("/proc/self/fd").map_or(0, |entries| entries.count() as u64)
}

/// Signs the ends of the audit trails every minute, and once more at the end.
pub(super) async fn checkpoints(backing: Backing, data: PathBuf, stop: CancellationToken) {
    let signer = match secrets::signer(&data) {
        Ok(signer) => signer,
        Err(error) => {
            tracing::error!(%error, "the audit trail is not signed");
            return;
        }
    };
    let file = data.join(foundation::CHECKPOINTS);
    loop {
        let last = tokio::select! {
            () = tokio::time::sleep(Duration::from_mins(1)) => false,
            () = stop.cancelled() => true,
        };
        match checkpoint::write_due(&backing.store, &signer, &file, backing.clock.now()).await {
            Ok(_) => measure::checkpoint(true),
            Err(error) => {
                measure::checkpoint(false);
                tracing::error!(%error, "the ends of the audit trail could not be signed");
            }
        }
        if last {
            return;
        }
    }
}
