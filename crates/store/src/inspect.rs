//! A look at the database from outside, for whoever runs the installation: what it is, how full, how its queue stands, and every
//! reason for which a start would refuse it. Counts and names of ours only; nothing that a customer wrote.

use crate::connection::{Connection, LOGIN_ROLES, OPERATOR};
use crate::error::{Error, Result};
use crate::pools::Store;
use crate::walls;
use jiff::Timestamp;
use sqlx::{ConnectOptions as _, Connection as _, PgConnection};

use crate::column::Stamp;

/// The oldest Postgres that will do.
const OLDEST: i32 = 150_000;

/// What a look found.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Inspection {
    /// As the server names itself.
    pub server: String,
    /// Bytes of the database.
    pub bytes: i64,
    /// Its clock.
    pub now: Option<Timestamp>,
    /// Connections that are open, and how many may be.
    pub connections: (i64, i64),
    /// The newest migration that was applied, and how many of this program's are not.
    pub version: Option<i64>,
    /// How many of this program's migrations are missing; a start applies them.
    pub pending: usize,
    /// The largest tables: name, bytes, rows as Postgres estimates them.
    pub tables: Vec<(String, i64, i64)>,
    /// Organisations, people, stored files.
    pub counts: Vec<(String, i64)>,
    /// Jobs by kind and state.
    pub jobs: Vec<(String, String, i64)>,
    /// For how many seconds the oldest job has waited.
    pub oldest_waiting_s: Option<i64>,
    /// Jobs that say that they run and whose lease ended over a minute ago.
    pub stuck: i64,
    /// Why a start would refuse this database.
    pub refusals: Vec<Refusal>,
}

/// Why a start would refuse, and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// What is wrong.
    pub fault: String,
    /// What to do.
    pub remedy: String,
}

impl Refusal {
    fn new(fault: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { fault: fault.into(), remedy: remedy.into() }
    }
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        let remedy = match &error {
            Error::UnsafeRole { role, fault }
                if fault.contains("row security") && fault.starts_with("meet") =>
            {
                format!(
                    "find out who took the wall of {role} down; plantintel restore into an empty database puts it up"
                )
            }
            Error::UnsafeRole { role, .. } => {
                format!(
                    "as administrator: ALTER ROLE {role} NOSUPERUSER NOBYPASSRLS; and REVOKE what it was granted beyond the migrations"
                )
            }
            Error::SchemaVersion { .. } => "run plantintel migrate".to_owned(),
            _ => "read what the database says in its log".to_owned(),
        };
        Self { fault: error.to_string(), remedy }
    }
}

/// Version, its number, size, clock, connections open and possible, `fsync`, `full_page_writes`.
type Facts = (String, i32, i64, Stamp, i64, i64, String, String);

/// Looks. An error is a database that does not answer its administrator.
pub async fn inspect(connection: &Connection) -> Result<Inspection> {
    let mut conn = connection.admin().application_name("plantintel doctor").connect().await?;
    let mut found = Inspection::default();
    let (server, number, bytes, now, open, most, fsync, full): Facts =
        sqlx::query_as(
            "SELECT current_setting('server_version'), current_setting('server_version_num')::int, pg_database_size(current_database()),
                clock_timestamp(), (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'),
                current_setting('max_connections')::bigint, current_setting('fsync'), current_setting('full_page_writes')",
        )
        .fetch_one(&mut conn)
        .await?;
    found.server = server;
    found.bytes = bytes;
    found.now = Some(now.0);
    found.connections = (open, most);
    if number < OLDEST {
        found
            .refusals
            .push(Refusal::new(format!("Postgres {} is too old", found.server), "use Postgres 15 or newer"));
    }
    if fsync == "off" || full == "off" {
        found.refusals.push(Refusal::new(
            "fsync or full_page_writes is off, so that what was acknowledged is not on disk",
            "turn both on in postgresql.conf",
        ));
    }
    let made: bool = sqlx::query_scalar("SELECT to_regclass('catalog._sqlx_migrations') IS NOT NULL")
        .fetch_one(&mut conn)
        .await?;
    if made {
        sizes(&mut conn, &mut found).await?;
        for role in LOGIN_ROLES {
            as_role(connection, role, &mut found).await?;
        }
    } else {
        found.pending = crate::migrate::versions().count();
    }
    conn.close().await?;
    Ok(found)
}

/// How the queue stands, over all organisations.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Queue {
    /// Jobs that wait and may run.
    pub waiting: i64,
    /// Jobs that somebody works on.
    pub running: i64,
    /// Jobs that were given up and stand there as such.
    pub failed: i64,
    /// Jobs whose lease ended over a minute ago.
    pub stuck: i64,
    /// For how long the oldest has waited, in seconds.
    pub oldest_waiting_s: i64,
}

impl Store {
    /// How the queue stands: counts only, for the metrics.
    pub async fn queue(&self) -> Result<Queue> {
        let (waiting, running, failed, stuck, oldest_waiting_s) = sqlx::query_as(
            "SELECT count(*) FILTER (WHERE state = 'queued' AND run_at <= clock_timestamp()),
                count(*) FILTER (WHERE state = 'running'), count(*) FILTER (WHERE state = 'failed'),
                count(*) FILTER (WHERE state = 'running' AND lease_until < clock_timestamp() - interval '1 minute'),
                coalesce(max(extract(epoch FROM clock_timestamp() - run_at))
                    FILTER (WHERE state = 'queued' AND run_at <= clock_timestamp()), 0)::bigint
             FROM tenant.jobs WHERE state IN ('queued', 'running', 'failed')",
        )
        .fetch_one(self.operator_pool())
        .await?;
        Ok(Queue { waiting, running, failed, stuck, oldest_waiting_s })
    }
}

async fn sizes(conn: &mut PgConnection, found: &mut Inspection) -> Result<()> {
    found.tables = sqlx::query_as(
        "SELECT n.nspname || '.' || c.relname, pg_total_relation_size(c.oid), greatest(c.reltuples, 0)::bigint
         FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
         WHERE n.nspname IN ('tenant', 'account', 'operator', 'catalog') AND c.relkind = 'r' ORDER BY 2 DESC, 1 LIMIT 20",
    )
    .fetch_all(conn)
    .await?;
    Ok(())
}

async fn as_role(connection: &Connection, role: &'static str, found: &mut Inspection) -> Result<()> {
    let mut conn = match connection.as_role(role).connect().await {
        Ok(conn) => conn,
        Err(error) => {
            let remedy = "see that secret_key is the one of this installation, and run plantintel migrate";
            found.refusals.push(Refusal::new(format!("{role} cannot sign in: {error}"), remedy));
            return Ok(());
        }
    };
    let mut breaches = walls::breaches(&mut conn).await?;
    // A table without its wall is one fault, not one for each role.
    breaches.retain(|breach| {
        let Error::UnsafeRole { fault, .. } = breach else { return true };
        role == OPERATOR || !fault.starts_with("meet")
    });
    found.refusals.extend(breaches.into_iter().map(Refusal::from));
    if role == OPERATOR {
        let applied: Vec<i64> =
            sqlx::query_scalar("SELECT version FROM catalog._sqlx_migrations WHERE success ORDER BY version")
                .fetch_all(&mut conn)
                .await?;
        found.version = applied.last().copied();
        found.pending = crate::migrate::versions().filter(|version| !applied.contains(version)).count();
        queue(&mut conn, found).await?;
    }
    conn.close().await?;
    Ok(())
}

async fn queue(conn: &mut PgConnection, found: &mut Inspection) -> Result<()> {
    found.counts = sqlx::query_as(
        "SELECT 'organizations', count(*) FROM tenant.orgs WHERE kind <> 'installation'
         UNION ALL SELECT 'members', count(DISTINCT user_id) FROM tenant.memberships
         UNION ALL SELECT 'stored files', count(*) FROM tenant.files WHERE state = 'stored'
         UNION ALL SELECT 'datasets', count(*) FROM tenant.datasets
         UNION ALL SELECT 'analyses', count(*) FROM tenant.analyses",
    )
    .fetch_all(&mut *conn)
    .await?;
    found.jobs = sqlx::query_as("SELECT kind, state, count(*) FROM tenant.jobs GROUP BY 1, 2 ORDER BY 1, 2")
        .fetch_all(&mut *conn)
        .await?;
    (found.oldest_waiting_s, found.stuck) = sqlx::query_as(
        "SELECT max(extract(epoch FROM clock_timestamp() - run_at)) FILTER (WHERE state = 'queued' AND run_at <= clock_timestamp())::bigint,
            count(*) FILTER (WHERE state = 'running' AND lease_until < clock_timestamp() - interval '1 minute')
         FROM tenant.jobs",
    )
    .fetch_one(conn)
    .await?;
    Ok(())
}
