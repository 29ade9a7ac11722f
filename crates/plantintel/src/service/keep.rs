//! What the service does now and then on its own: forgetting what has ended, signing the ends of the audit trail.

use std::{path::PathBuf, time::Duration};

use app::Backing;
use jiff::SignedDuration;
use store::{audit::checkpoint, gate};
use tokio_util::sync::CancellationToken;

use super::foundation;

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

/// Signs the ends of the audit trails every minute, and once more at the end.
pub(super) async fn checkpoints(backing: Backing, data: PathBuf, stop: CancellationToken) {
    let signer = match foundation::signer(&data) {
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
            Ok(_) => {}
            Err(error) => tracing::error!(%error, "the ends of the audit trail could not be signed"),
        }
        if last {
            return;
        }
    }
}
