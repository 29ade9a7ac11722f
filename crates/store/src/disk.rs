//! Waiting for the disk together.
//!
//! The end of an audit chain is one row, so that audited changes of one organisation commit one after another; were each to
//! hold that row until the disk has it, an organisation would get one change per turn of the disk. An audited transaction
//! therefore commits without waiting and then waits here: one write to disk covers everybody who came before it. Nothing is
//! acknowledged that is not on disk.
//!
//! A wait only counts on a connection that was there before the commit. A server that broke down in between and came back
//! has forgotten the commit, and the connection with it: then the wait fails, and so does the request.

use crate::error::Result;
use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions, PgConnection};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};

/// Those who wait at most.
const WAITING: usize = 4096;
/// How long the disk may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long a lost connection rests before it is sought again.
const REST: Duration = Duration::from_millis(200);

/// The way to wait for the disk. Cheap to clone; the last clone ends it.
#[derive(Debug, Clone)]
pub(crate) struct Disk {
    waiting: mpsc::Sender<Waiting>,
    // The number of the connection that stands now; zero while there is none.
    standing: Arc<AtomicU64>,
}

/// Which connection stood before a commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Ticket(u64);

#[derive(Debug)]
struct Waiting {
    ticket: Ticket,
    reached: oneshot::Sender<bool>,
}

impl Disk {
    /// Connects, and keeps a connection from then on.
    pub(crate) async fn connect(options: PgConnectOptions) -> Result<Self> {
        let (waiting, queue) = mpsc::channel(WAITING);
        let standing = Arc::new(AtomicU64::new(1));
        let connection = options.connect().await?;
        tokio::spawn(keep(options, connection, queue, Arc::clone(&standing)));
        Ok(Self { waiting, standing })
    }

    /// To be taken before a commit; none while there is no connection, so that the commit itself has to wait for the disk.
    pub(crate) fn ticket(&self) -> Option<Ticket> {
        match self.standing.load(Ordering::Acquire) {
            0 => None,
            number => Some(Ticket(number)),
        }
    }

    /// Returns once everything that was committed before is on disk.
    pub(crate) async fn reach(&self, ticket: Ticket) -> Result<()> {
        let (reached, done) = oneshot::channel();
        let sent = self.waiting.send(Waiting { ticket, reached }).await.is_ok();
        if sent && done.await.unwrap_or(false) { Ok(()) } else { Err(lost()) }
    }
}

fn lost() -> crate::Error {
    let words = "the database broke off before the disk had it";
    sqlx::Error::Io(std::io::Error::new(std::io::ErrorKind::ConnectionAborted, words)).into()
}

/// Keeps a connection, and writes to disk for all who wait.
async fn keep(
    options: PgConnectOptions,
    first: PgConnection,
    mut queue: mpsc::Receiver<Waiting>,
    standing: Arc<AtomicU64>,
) {
    let mut number = 1;
    let mut connection = first;
    while !serve(&mut connection, Ticket(number), &mut queue).await {
        standing.store(0, Ordering::Release);
        connection = loop {
            // Whoever waits now has lost.
            while let Ok(waiting) = queue.try_recv() {
                let _ = waiting.reached.send(false);
            }
            if queue.is_closed() {
                return;
            }
            if let Ok(Ok(connection)) = tokio::time::timeout(PATIENCE, options.connect()).await {
                break connection;
            }
            tokio::time::sleep(REST).await;
        };
        number += 1;
        standing.store(number, Ordering::Release);
    }
}

/// Serves on one connection; true when nobody can come any more, false when the connection is lost.
async fn serve(connection: &mut PgConnection, stands: Ticket, queue: &mut mpsc::Receiver<Waiting>) -> bool {
    let mut batch = Vec::new();
    while queue.recv_many(&mut batch, WAITING).await > 0 {
        let flushed = tokio::time::timeout(PATIENCE, flush(connection)).await;
        let alive = matches!(flushed, Ok(Ok(())));
        if !alive {
            tracing::warn!("the connection that waits for the disk was lost");
        }
        for waiting in batch.drain(..) {
            // Whoever does not listen any more has hung up; the change stands all the same.
            let _ = waiting.reached.send(alive && waiting.ticket == stands);
        }
        if !alive {
            return false;
        }
    }
    true
}

/// The smallest transaction that Postgres writes to disk for.
async fn flush(connection: &mut PgConnection) -> sqlx::Result<()> {
    sqlx::query("SELECT pg_logical_emit_message(true, 'plantintel', '')").execute(connection).await.map(drop)
}

/// What a transaction remembers of it: whether its commit leaves the wait to [`Disk`].
#[derive(Debug)]
pub(crate) struct Ending {
    disk: Disk,
    ticket: Option<Ticket>,
}

impl Ending {
    pub(crate) fn new(disk: Disk) -> Self {
        Self { disk, ticket: None }
    }

    /// Whether the commit may go ahead of the disk. Asked before the statement that says so to the database.
    pub(crate) fn goes_ahead(&mut self) -> bool {
        // The first ticket counts: a connection that came later proves nothing about what was before it.
        self.ticket = self.ticket.or_else(|| self.disk.ticket());
        self.ticket.is_some()
    }

    /// After the commit.
    pub(crate) async fn reach(self) -> Result<()> {
        match self.ticket {
            Some(ticket) => self.disk.reach(ticket).await,
            None => Ok(()),
        }
    }
}
