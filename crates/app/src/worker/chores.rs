//! What is put in order from time to time, whoever left it.

use std::{sync::Arc, time::Duration};

use super::slot::Shared;
use crate::your_data;

const EVERY: Duration = Duration::from_hours(1);

/// How long jobs that have ended are kept.
const JOBS_KEPT: Duration = Duration::from_hours(720);

/// Does the chores at the start and every hour.
pub(super) async fn run(shared: Arc<Shared>) {
    loop {
        match shared.backing.blobs.sweep().await {
            Ok(0) => {}
            Ok(drafts) => tracing::info!(drafts, "removed what writers left that died"),
            Err(error) => tracing::warn!(%error, "drafts of blobs could not be swept"),
        }
        match shared.backing.store.prune_jobs(JOBS_KEPT).await {
            Ok(0) => {}
            Ok(jobs) => tracing::info!(jobs, "forgot jobs that ended long ago"),
            Err(error) => tracing::warn!(%error, "old jobs could not be pruned"),
        }
        match shared.backing.store.prune_idempotency_keys().await {
            Ok(0) => {}
            Ok(keys) => tracing::info!(keys, "forgot idempotency keys of requests long answered"),
            Err(error) => tracing::warn!(%error, "old idempotency keys could not be pruned"),
        }
        match shared.backing.store.active_orgs().await {
            Ok(orgs) => {
                for org in orgs {
                    match your_data::let_go(&shared.backing, org).await {
                        Ok(0) => {}
                        Ok(uploads) => {
                            tracing::info!(uploads, %org, "let uploads go that were kept long enough");
                        }
                        Err(error) => tracing::warn!(%error, %org, "old uploads could not be looked after"),
                    }
                }
            }
            Err(error) => tracing::warn!(%error, "the organisations could not be listed"),
        }
        tokio::select! {
            () = tokio::time::sleep(EVERY) => {}
            () = shared.stop.cancelled() => return,
        }
    }
}
