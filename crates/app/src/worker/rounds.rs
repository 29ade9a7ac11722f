//! What is looked after at its time, organisation by organisation: sources and reports that are due, and summaries of the week. Whoever
//! comes first does it; keys and times in the store keep a second worker from doing it again.

use std::sync::Arc;

use super::slot::Shared;
use crate::{Backing, notices::weekly, reports, sources::pull};

/// Goes round until the worker stops.
pub(super) async fn run(shared: Arc<Shared>) {
    // A worker that reaches nobody (in a test, or by itself) has no rounds to make.
    if shared.options.post.is_none() {
        return;
    }
    loop {
        tokio::select! {
            () = once(&shared.backing) => {}
            () = shared.stop.cancelled() => return,
        }
        tokio::select! {
            () = tokio::time::sleep(shared.options.rounds) => {}
            () = shared.stop.cancelled() => return,
        }
    }
}

/// One round. What is done in it is asked for in jobs, one transaction each, so that it may end anywhere.
pub async fn once(backing: &Backing) {
    let orgs = match backing.store.active_orgs().await {
        Ok(orgs) => orgs,
        Err(error) => {
            tracing::warn!(%error, "the organisations could not be listed");
            return;
        }
    };
    for org in orgs {
        if let Err(error) = pull::enqueue_due(backing, org).await {
            tracing::warn!(%error, %org, "sources could not be looked after");
        }
        if let Err(error) = reports::make::enqueue_due(backing, org).await {
            tracing::warn!(%error, %org, "scheduled reports could not be asked for");
        }
        if let Err(error) = weekly::raise_due(backing, org).await {
            tracing::warn!(%error, %org, "summaries could not be raised");
        }
    }
}
