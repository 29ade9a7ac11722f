//! The organisation's audit trail, for its admins; and what the middleware writes into it.

use std::{collections::BTreeMap, sync::Arc};

use domain::{Role, id::OrgId};
use store::{
    Store,
    audit::{self, Entry, Event, Filter},
};
use tokio::sync::{mpsc, oneshot};

use crate::{Backing, Caller, Error, deed};

/// The newest rows that match.
pub async fn list(
    backing: &Backing,
    caller: &Caller,
    filter: &Filter,
    limit: u32,
) -> Result<Vec<Entry>, Error> {
    caller.require(Role::Admin)?;
    let mut tx = deed::begin(backing, caller).await?;
    Ok(audit::list(&mut tx, filter, limit).await?)
}

/// Writes rows of requests that changed nothing.
///
/// A row is on disk before the answer goes out. Rows of many requests share a transaction, since each costs the disk one
/// wait and the end of a chain is one row: sixteen readers of one organisation wait once, not sixteen times.
#[derive(Debug, Clone)]
pub struct Trail(Arc<mpsc::Sender<Row>>);

struct Row {
    org: OrgId,
    event: Event,
    written: oneshot::Sender<bool>,
}

/// Rows that wait at most.
const WAITING: usize = 4096;
/// Rows of one transaction at most.
const TOGETHER: usize = 128;

impl Trail {
    /// A writer on this database; it ends with the last clone.
    pub fn start(store: Store) -> Self {
        let (sender, mut rows) = mpsc::channel::<Row>(WAITING);
        tokio::spawn(async move {
            let mut batch = Vec::new();
            while rows.recv_many(&mut batch, TOGETHER).await > 0 {
                let mut by_org: BTreeMap<OrgId, Vec<Row>> = BTreeMap::new();
                for row in batch.drain(..) {
                    by_org.entry(row.org).or_default().push(row);
                }
                let writes = by_org.into_iter().map(|(org, rows)| write(store.clone(), org, rows));
                futures::future::join_all(writes).await;
            }
        });
        Self(Arc::new(sender))
    }

    /// Writes a row of an organisation's trail and returns once it is on disk.
    pub async fn write(&self, org: OrgId, event: Event) -> Result<(), Error> {
        let (written, done) = oneshot::channel();
        let unwritten = || {
            Error::Unavailable(
                "the audit trail cannot be written right now; try again in a moment".to_owned(),
            )
        };
        self.0.send(Row { org, event, written }).await.map_err(|_| unwritten())?;
        if done.await.unwrap_or(false) { Ok(()) } else { Err(unwritten()) }
    }
}

async fn write(store: Store, org: OrgId, rows: Vec<Row>) {
    let (events, waiting): (Vec<Event>, Vec<oneshot::Sender<bool>>) =
        rows.into_iter().map(|row| (row.event, row.written)).unzip();
    let outcome = async {
        let mut gate = store.gate().await?;
        gate.enter(org).await?;
        audit::seal(gate, &events).await
    }
    .await;
    if let Err(error) = &outcome {
        tracing::error!(%error, rows = events.len(), "the audit trail was not written; the requests are refused");
    }
    for waiting in waiting {
        // Who does not wait any more has hung up; the row stands all the same.
        let _ = waiting.send(outcome.is_ok());
    }
}
