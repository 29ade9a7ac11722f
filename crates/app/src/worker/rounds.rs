//! What is looked after at its time, organisation by organisation: sources and reports that are due, and summaries of the week. Whoever
//! comes first does it; keys and times in the store keep a second worker from doing it again.

use std::{sync::Arc, time::Duration};

use super::slot::Shared;
use crate::{notices::weekly, reports, sources::pull};

const EVERY: Duration = Duration::from_secs(20);

/// Goes round until the worker stops.
pub(super) async fn run(shared: Arc<Shared>) {
    // A worker that reaches nobody (in a test, or by itself) has no rounds to make.
    if shared.options.post.is_none() {
        return;
    }
    loop {
        match shared.backing.store.active_orgs().await {
            Ok(orgs) => {
                for org in orgs {
                    if shared.stop.is_cancelled() {
                        return;
                    }
                    if let Err(error) = pull::enqueue_due(&shared.backing, org).await {
                        tracing::warn!(%error, %org, "sources could not be looked after");
                    }
                    if let Err(error) = reports::make::enqueue_due(&shared.backing, org).await {
                        tracing::warn!(%error, %org, "scheduled reports could not be asked for");
                    }
                    if let Err(error) = weekly::raise_due(&shared.backing, org).await {
                        tracing::warn!(%error, %org, "summaries could not be raised");
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
