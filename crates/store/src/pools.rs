//! The store itself: connections for each role, and the doors that hand out transactions.

use crate::connection::{APP, Connection, GATE, OPERATOR, WORKER};
use crate::disk::{Disk, Ending};
use crate::error::{Error, Result};
use crate::gate::GateTx;
use crate::operator::{Operator, OperatorTx};
use crate::tx::Tx;
use crate::walls;
use domain::Actor;
use domain::actor::Means;
use sqlx::postgres::PgPoolOptions;
use sqlx::{AssertSqlSafe, PgPool, Postgres, Transaction};
use std::time::Duration;

/// How many connections each role may have open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// For requests.
    pub app: u32,
    /// For jobs, their heartbeats included.
    pub worker: u32,
    /// For signing in.
    pub gate: u32,
    /// How long a request waits for a connection before it is told that the database is not available.
    pub patience: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { app: 16, worker: 10, gate: 8, patience: Duration::from_secs(10) }
    }
}

/// The database of an installation. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Store {
    app: PgPool,
    worker: PgPool,
    gate: PgPool,
    operator: PgPool,
    disk: Disk,
}

impl Store {
    /// Connects with all roles, and refuses roles that could go round the walls and schemas of another version.
    pub async fn connect(connection: &Connection, limits: Limits) -> Result<Self> {
        let pool = |role: &'static str, most: u32| {
            PgPoolOptions::new()
                .max_connections(most)
                .acquire_timeout(limits.patience)
                // A broken connection shows when the transaction begins, and beginning is tried again; asking first would
                // cost every request a round trip.
                .test_before_acquire(false)
                .idle_timeout(Duration::from_mins(10))
                .connect_lazy_with(connection.as_role(role))
        };
        let store = Self {
            app: pool(APP, limits.app),
            worker: pool(WORKER, limits.worker),
            gate: pool(GATE, limits.gate),
            operator: pool(OPERATOR, 2),
            disk: Disk::connect(connection.as_role(APP)).await?,
        };
        for pool in [&store.app, &store.worker, &store.gate, &store.operator] {
            let mut conn = pool.acquire().await?;
            if let Some(breach) = walls::breaches(&mut conn).await?.into_iter().next() {
                return Err(breach);
            }
        }
        let mut conn = store.app.acquire().await?;
        if let Some(other) = walls::other_version(&mut conn).await? {
            return Err(other);
        }
        drop(conn);
        Ok(store)
    }

    /// The only door to the data of an organisation: a transaction in which role and tenant are set, and both end with it.
    /// A job's actor comes in with the worker's role, anybody else with the app's.
    pub async fn begin(&self, actor: &Actor) -> Result<Tx> {
        let (pool, role) = match actor.means {
            Means::Job { .. } => (&self.worker, WORKER),
            Means::Session { .. } | Means::Token { .. } | Means::ApiKey { .. } | Means::Operator { .. } => {
                (&self.app, APP)
            }
        };
        // `SET LOCAL` is `set_config(…, true)`; in one message with BEGIN it costs no round trip. An id is hexadecimal
        // digits and hyphens, so there is nothing to escape.
        let sql = format!("BEGIN; SET LOCAL ROLE {role}; SET LOCAL app.org = '{}'", actor.org.0);
        Ok(Tx::new(begin(pool, sql).await?, actor.clone(), Ending::new(self.disk.clone())))
    }

    /// The door for what comes before an organisation is known.
    pub async fn gate(&self) -> Result<GateTx> {
        let sql = format!("BEGIN; SET LOCAL ROLE {GATE}; SET LOCAL app.org = ''");
        Ok(GateTx::new(begin(&self.gate, sql).await?, Ending::new(self.disk.clone())))
    }

    /// The operator's door.
    pub async fn operator(&self, operator: Operator) -> Result<OperatorTx> {
        let sql = format!("BEGIN; SET LOCAL ROLE {OPERATOR}; SET LOCAL app.org = ''");
        Ok(OperatorTx::new(begin(&self.operator, sql).await?, operator))
    }

    /// Whether the database answers: what readiness asks.
    pub async fn ping(&self) -> Result<()> {
        sqlx::query("SELECT 1").execute(&self.app).await?;
        Ok(())
    }

    /// Waits for what is under way and closes every connection.
    pub async fn close(&self) {
        for pool in [&self.app, &self.worker, &self.gate, &self.operator] {
            pool.close().await;
        }
    }

    pub(crate) fn disk(&self) -> &Disk {
        &self.disk
    }

    pub(crate) fn worker_pool(&self) -> &PgPool {
        &self.worker
    }

    pub(crate) fn operator_pool(&self) -> &PgPool {
        &self.operator
    }

    pub(crate) fn app_pool(&self) -> &PgPool {
        &self.app
    }
}

/// Begins a transaction on a task of its own. A caller who is taken away while it begins (a request whose sender hangs up, a job
/// that is given up) must not leave its connection inside a transaction that nobody knows of: the driver counts a transaction
/// only when its beginning was answered, so one that is dropped before goes back into the pool open, and what the next user
/// of that connection does outside of a transaction is never committed.
async fn begin(pool: &PgPool, sql: String) -> Result<Transaction<'static, Postgres>> {
    let pool = pool.clone();
    match tokio::spawn(async move { begin_here(&pool, sql).await }).await {
        Ok(begun) => begun,
        Err(_) => Err(sqlx::Error::WorkerCrashed.into()),
    }
}

/// Begins a transaction, with a fresh connection where the pooled ones turn out to be dead. Nothing has been done by then,
/// so trying again is safe.
async fn begin_here(pool: &PgPool, sql: String) -> Result<Transaction<'static, Postgres>> {
    let mut tries = pool.options().get_max_connections();
    loop {
        match pool.begin_with(AssertSqlSafe(sql.clone())).await {
            Ok(transaction) => return Ok(transaction),
            Err(sqlx::Error::PoolTimedOut) => return Err(sqlx::Error::PoolTimedOut.into()),
            Err(error) => {
                let error = Error::from(error);
                if !error.is_temporary() || tries == 0 {
                    return Err(error);
                }
                tries -= 1;
            }
        }
    }
}
