//! The organisation's audit trail, for its admins; and what the middleware writes into it.

use std::{
    collections::{BTreeMap, VecDeque, btree_map::Entry},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use domain::{Role, id::OrgId};
use store::{
    Store,
    audit::{self, Event, Filter},
};
use tokio::sync::{Semaphore, oneshot};

use crate::{Backing, Caller, Error, deed};

/// The newest rows that match.
pub async fn list(
    backing: &Backing,
    caller: &Caller,
    filter: &Filter,
    limit: u32,
) -> Result<Vec<audit::Entry>, Error> {
    caller.require(Role::Admin)?;
    let mut tx = deed::begin(backing, caller).await?;
    Ok(audit::list(&mut tx, filter, limit).await?)
}

/// Writes rows of requests that changed nothing.
///
/// A row is on disk before the answer goes out. Rows of many requests share a transaction, since each costs the disk one
/// wait and the end of a chain is one row: sixteen readers of one organisation wait once, not sixteen times. Each
/// organisation has a queue of its own, and they take turns: nobody waits behind the rows of somebody else's flood.
#[derive(Clone)]
pub struct Trail(Arc<Queues>);

struct Queues {
    store: Store,
    /// Rows that wait; an organisation stands here as long as somebody writes for it.
    waiting: Mutex<BTreeMap<OrgId, VecDeque<Row>>>,
    /// Transactions at once. Whoever has written a batch stands in line again.
    turns: Semaphore,
}

struct Row {
    event: Event,
    written: oneshot::Sender<bool>,
}

/// Rows of one organisation that may wait without anybody waiting for them.
const BEHIND: usize = 256;
/// Rows of one transaction at most.
const TOGETHER: usize = 128;
/// Transactions at once.
const TURNS: usize = 4;

impl std::fmt::Debug for Trail {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Trail")
    }
}

impl Trail {
    /// A writer on this database.
    pub fn start(store: Store) -> Self {
        Self(Arc::new(Queues { store, waiting: Mutex::default(), turns: Semaphore::new(TURNS) }))
    }

    /// Writes a row of an organisation's trail and returns once it is on disk.
    pub async fn write(&self, org: OrgId, event: Event) -> Result<(), Error> {
        let (written, done) = oneshot::channel();
        let row = Row { event, written };
        match self.waiting().entry(org) {
            Entry::Occupied(mut queue) => queue.get_mut().push_back(row),
            Entry::Vacant(place) => {
                place.insert(VecDeque::from([row]));
                tokio::spawn(self.clone().work(org));
            }
        }
        if done.await.unwrap_or(false) {
            Ok(())
        } else {
            Err(Error::Away("the audit trail cannot be written right now; try again in a moment".to_owned()))
        }
    }

    /// Whether so many rows of an organisation wait that whoever makes more of them should wait too.
    pub fn is_behind(&self, org: OrgId) -> bool {
        self.waiting().get(&org).is_some_and(|rows| rows.len() >= BEHIND)
    }

    fn waiting(&self) -> MutexGuard<'_, BTreeMap<OrgId, VecDeque<Row>>> {
        self.0.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes until nothing of this organisation waits.
    async fn work(self, org: OrgId) {
        loop {
            let turn = self.0.turns.acquire().await;
            let rows: Vec<Row> = {
                let mut waiting = self.waiting();
                let Some(queue) = waiting.get_mut(&org) else { return };
                let n = queue.len().min(TOGETHER);
                if n == 0 {
                    waiting.remove(&org);
                    return;
                }
                queue.drain(..n).collect()
            };
            write(self.0.store.clone(), org, rows).await;
            drop(turn);
        }
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
