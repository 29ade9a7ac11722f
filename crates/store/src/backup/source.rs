//! Reading every table at one moment.

use super::table::{self, Position, Table, Written};
use crate::connection::{Connection, OPERATOR, OWNER};
use crate::error::{Error, Result};
use aws_lc_rs::digest::{Context, SHA256};
use domain::id::OrgId;
use futures::TryStreamExt;
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _, PgConnection};
use std::io::Write;
use uuid::Uuid;

/// A database at one moment. What is written after it was opened is not in it.
#[derive(Debug)]
pub struct Source {
    /// Reads what belongs to no organisation.
    owner: PgConnection,
    /// Reads all organisations, as the operator may.
    operator: PgConnection,
    tables: Vec<Table>,
    versions: Vec<i64>,
}

impl Source {
    /// Stops the time for reading. Nobody waits for it.
    pub async fn open(connection: &Connection) -> Result<Self> {
        let mut owner = connection.admin().application_name("plantintel backup").connect().await?;
        // Two sessions that see the same moment: each role sees only its part.
        let begin = format!("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL ROLE {OWNER}");
        sqlx::raw_sql(AssertSqlSafe(begin)).execute(&mut owner).await?;
        let moment: String = sqlx::query_scalar("SELECT pg_export_snapshot()").fetch_one(&mut owner).await?;
        let mut operator =
            connection.as_role(OPERATOR).application_name("plantintel backup").connect().await?;
        let begin = format!(
            "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET TRANSACTION SNAPSHOT '{}'; SET LOCAL app.org = ''",
            moment.replace('\'', "")
        );
        sqlx::raw_sql(AssertSqlSafe(begin)).execute(&mut operator).await?;
        for conn in [&mut owner, &mut operator] {
            let settings =
                "SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0;
                SET LOCAL datestyle = 'ISO'; SET LOCAL intervalstyle = 'postgres'; SET LOCAL timezone = 'UTC';
                SET LOCAL extra_float_digits = 1; SET LOCAL bytea_output = 'hex'";
            sqlx::raw_sql(settings).execute(conn).await?;
        }
        let tables = table::all(&mut owner).await?;
        let versions =
            sqlx::query_scalar("SELECT version FROM catalog._sqlx_migrations WHERE success ORDER BY version")
                .fetch_all(&mut owner)
                .await?;
        Ok(Self { owner, operator, tables, versions })
    }

    /// The tables, in an order in which they can be filled again.
    pub fn tables(&self) -> &[Table] {
        &self.tables
    }

    /// The migrations that made them.
    pub fn versions(&self) -> &[i64] {
        &self.versions
    }

    /// Writes all rows of a table.
    pub async fn dump(&mut self, table: &Table, to: &mut (impl Write + Send)) -> Result<Written> {
        let conn = if table.schema == "tenant" { &mut self.operator } else { &mut self.owner };
        copy(conn, table, to).await
    }

    /// All organisations, the installation's own included.
    pub async fn orgs(&mut self) -> Result<Vec<OrgId>> {
        let orgs: Vec<Uuid> = sqlx::query_scalar("SELECT org_id FROM tenant.orgs ORDER BY org_id")
            .fetch_all(&mut self.operator)
            .await?;
        Ok(orgs.into_iter().map(OrgId).collect())
    }

    /// The names of all bytes that a row speaks of.
    pub async fn object_keys(&mut self) -> Result<Vec<String>> {
        object_keys(&mut self.operator).await
    }

    /// Where the sequences stand.
    pub async fn positions(&mut self) -> Result<Vec<Position>> {
        positions(&mut self.owner).await
    }

    /// Lets the time go on.
    pub async fn close(self) -> Result<()> {
        self.owner.close().await?;
        self.operator.close().await?;
        Ok(())
    }
}

async fn positions(conn: &mut PgConnection) -> Result<Vec<Position>> {
    let rows: Vec<(String, i64)> = sqlx::query_as(
        "SELECT schemaname || '.' || sequencename, last_value FROM pg_sequences
         WHERE schemaname IN ('tenant', 'account', 'operator', 'catalog') AND last_value IS NOT NULL ORDER BY 1",
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|(sequence, last)| Position { sequence, last }).collect())
}

/// Every column that names bytes, found in the catalogue so that none is forgotten.
async fn object_keys(conn: &mut PgConnection) -> Result<Vec<String>> {
    let columns: Vec<(String, String)> = sqlx::query_as(
        "SELECT c.relname::text, a.attname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
         JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
         WHERE n.nspname = 'tenant' AND c.relkind = 'r' AND a.attname IN ('object_key', 'table_key', 'document_key') ORDER BY 1, 2",
    )
    .fetch_all(&mut *conn)
    .await?;
    let mut keys = Vec::new();
    for (table, column) in columns {
        // Begun uploads have a name before they have bytes.
        let stored = if table == "files" { "AND state = 'stored'" } else { "" };
        let column = table::quoted(&column);
        let table = table::quoted(&table);
        let sql = format!("SELECT {column} FROM tenant.{table} WHERE {column} IS NOT NULL {stored}");
        keys.extend(sqlx::query_scalar::<_, String>(AssertSqlSafe(sql)).fetch_all(&mut *conn).await?);
    }
    keys.sort();
    keys.dedup();
    Ok(keys)
}

async fn copy(conn: &mut PgConnection, table: &Table, to: &mut (impl Write + Send)) -> Result<Written> {
    let mut digest = Context::new(&SHA256);
    let (mut rows, mut bytes) = (0, 0);
    let mut pieces = conn.copy_out_raw(&table.copy_out()).await?;
    while let Some(piece) = pieces.try_next().await? {
        // One piece is one row, and ends with its line.
        rows += 1;
        bytes += piece.len() as u64;
        digest.update(&piece);
        to.write_all(&piece).map_err(|source| Error::File { path: table.full_name(), source })?;
    }
    Ok(Written { rows, bytes, sha256: hex::encode(digest.finish().as_ref()) })
}
