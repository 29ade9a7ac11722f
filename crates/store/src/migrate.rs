//! Making a database ready: the roles, the schemas, the tables. Safe to run at every start and by several at once.

use crate::connection::{Connection, LOGIN_ROLES, OWNER};
use crate::error::{Error, Result};
use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection as _, PgConnection, SqlSafeStr as _};
use std::time::Duration;

/// Number, name and text of each, oldest first.
const MIGRATIONS: &[(i64, &str, &str)] = include!(concat!(env!("OUT_DIR"), "/migrations.rs"));

/// How often a start sets the roles before it gives up.
const ROLE_TRIES: u64 = 30;

/// Any number: whoever migrates a database of ours waits for it.
const LOCK: i64 = 7_301_190_415_002_873;

/// The migrations of this program, oldest first.
pub(crate) fn versions() -> impl Iterator<Item = i64> {
    MIGRATIONS.iter().map(|(number, ..)| *number)
}

/// Creates the connection's database on its server if it is not there, with text in UTF-8 compared by bytes.
pub async fn create_database(connection: &Connection) -> Result<()> {
    let mut maintenance = connection.with_database("postgres").admin().connect().await?;
    let exists: bool = sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM pg_database WHERE datname = $1)")
        .bind(connection.database())
        .fetch_one(&mut maintenance)
        .await?;
    if !exists {
        let name = quoted(connection.database());
        let sql =
            format!("CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'");
        let made = sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut maintenance).await;
        match made.map_err(Error::from) {
            // Somebody else made it at the same moment: 42P04 or the key of pg_database.
            Ok(_) | Err(Error::Conflict { .. }) => {}
            Err(Error::Database(sqlx::Error::Database(cause)))
                if cause.code().as_deref() == Some("42P04") => {}
            Err(error) => return Err(error),
        }
    }
    maintenance.close().await?;
    Ok(())
}

/// Creates the connection's database as a copy of another one. For tests: a copy takes a twentieth of a migration.
pub async fn copy_database(connection: &Connection, template: &str) -> Result<()> {
    let mut maintenance = connection.with_database("postgres").admin().connect().await?;
    let sql = format!("CREATE DATABASE {} TEMPLATE {}", quoted(connection.database()), quoted(template));
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut maintenance).await?;
    // Grants on the database itself are not copied with it.
    let mut conn = connection.admin().connect().await?;
    bootstrap(&mut conn).await?;
    conn.close().await?;
    maintenance.close().await?;
    Ok(())
}

/// Brings the database to this program's version. Nothing that is there is lost: migrations only expand, or contract what no
/// released version uses any more.
pub async fn migrate(connection: &Connection) -> Result<()> {
    migrate_with(connection, None).await
}

/// The same with only these migrations: the database as an older program left it.
pub(crate) async fn migrate_with(connection: &Connection, only: Option<&[i64]>) -> Result<()> {
    let mut conn = connection.admin().connect().await?;
    sqlx::query("SELECT pg_advisory_lock($1)").bind(LOCK).execute(&mut conn).await?;
    roles(connection, &mut conn).await?;
    let settings = format!("SET ROLE {OWNER}; SET lock_timeout = '5s'; SET search_path = catalog");
    sqlx::raw_sql(AssertSqlSafe(settings)).execute(&mut conn).await?;
    let wanted = MIGRATIONS.iter().filter(|(number, ..)| only.is_none_or(|only| only.contains(number)));
    let migrations = wanted.map(|(number, words, sql)| {
        let name = words.replace('_', " ").into();
        Migration::new(*number, name, MigrationType::Simple, sql.into_sql_str(), false)
    });
    let mut migrator = Migrator::with_migrations(migrations.collect());
    // A newer program may have been here: while one replaces the other, both start again and again.
    migrator.set_ignore_missing(true);
    migrator.run_direct(None, &mut conn, false).await?;
    // The role check at start-up reads the version.
    sqlx::raw_sql(
        "GRANT SELECT ON catalog._sqlx_migrations TO plantintel_app, plantintel_worker, plantintel_gate, plantintel_operator",
    )
    .execute(&mut conn)
    .await?;
    conn.close().await?;
    Ok(())
}

/// The roles with their passwords. They are those of the whole server, where the lock of a database holds nobody up: what
/// another database's start changes at the same moment is tried again.
async fn roles(connection: &Connection, conn: &mut PgConnection) -> Result<()> {
    let mut tries = 0;
    loop {
        let failed = match set_roles(connection, conn).await {
            Ok(()) => return Ok(()),
            Err(error) => error,
        };
        tries += 1;
        if tries == ROLE_TRIES || !changed_meanwhile(&failed) {
            return Err(failed);
        }
        tokio::time::sleep(Duration::from_millis(20 * tries)).await;
    }
}

/// Whether somebody else changed the same role at the same moment: the server has no code of its own for it.
fn changed_meanwhile(error: &Error) -> bool {
    matches!(error, Error::Database(sqlx::Error::Database(refused)) if refused.message().contains("concurrently updated"))
}

async fn set_roles(connection: &Connection, conn: &mut PgConnection) -> Result<()> {
    bootstrap(conn).await?;
    for role in LOGIN_ROLES {
        if let Some(password) = connection.password(role) {
            // The password is made of letters, digits, - and _ only.
            let sql = format!("ALTER ROLE {role} PASSWORD '{password}'");
            sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut *conn).await?;
        }
    }
    Ok(())
}

async fn bootstrap(conn: &mut PgConnection) -> Result<()> {
    sqlx::raw_sql(include_str!("bootstrap.sql")).execute(conn).await?;
    Ok(())
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
