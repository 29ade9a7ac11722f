//! Everything of an organisation: to be taken along, kept for so long, or deleted.

use crate::column::Stamp;
use crate::error::Result;
use crate::pools::Store;
use crate::tx::Tx;
use domain::actor::Means;
use domain::id::{DatasetId, JobId, OrgId};
use domain::{Actor, Role};
use futures::TryStreamExt;
use jiff::Timestamp;
use serde_json::Value;
use uuid::Uuid;

/// What is only the machinery's, or signs somebody in: it is deleted with the rest, and not taken along.
const LEFT: &str =
    "('api_keys', 'invitations', 'idempotency_keys', 'jobs', 'job_turns', 'file_pieces', 'audit_heads',
    'audit_checkpoints', 'audit_personal')";

/// The tables that an organisation takes along, by name. A new one is among them unless somebody says otherwise.
pub async fn tables(tx: &mut Tx) -> Result<Vec<String>> {
    let sql = format!(
        "SELECT c.relname::text FROM pg_class c JOIN pg_namespace s ON s.oid = c.relnamespace
         WHERE s.nspname = 'tenant' AND c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relname NOT IN {LEFT}
         ORDER BY c.relname"
    );
    Ok(sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).fetch_all(tx.conn()).await?)
}

/// Hands every row of a table to `row` as a line of JSON. Columns of bytes stay: they are digests and what is sealed. So do
/// hashes of passwords, and the names of blobs, which nobody else can use.
pub async fn each_row(
    tx: &mut Tx,
    table: &str,
    mut row: impl FnMut(&str) -> std::io::Result<()>,
) -> Result<std::io::Result<i64>> {
    let stay: Vec<String> = sqlx::query_scalar(
        "SELECT a.attname::text FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
         JOIN pg_namespace s ON s.oid = c.relnamespace
         WHERE s.nspname = 'tenant' AND c.relname = $1 AND a.attnum > 0
            AND (a.atttypid = 'bytea'::regtype OR a.attname IN ('object_key', 'table_key', 'document_key', 'password_hash'))",
    )
    .bind(table)
    .fetch_all(tx.conn())
    .await?;
    // Quoted by the database, so that no name becomes a statement.
    let quoted: String =
        sqlx::query_scalar("SELECT quote_ident($1)").bind(table).fetch_one(tx.conn()).await?;
    let sql = format!("SELECT (to_jsonb(t) - $1::text[])::text FROM tenant.{quoted} t");
    let mut rows = sqlx::query_scalar::<_, String>(sqlx::AssertSqlSafe(sql)).bind(stay).fetch(tx.conn());
    let mut n = 0;
    while let Some(line) = rows.try_next().await? {
        if let Err(error) = row(&line) {
            return Ok(Err(error));
        }
        n += 1;
    }
    Ok(Ok(n))
}

/// The imports that are older than this, oldest first.
pub async fn datasets_before(tx: &mut Tx, before: Timestamp, limit: i64) -> Result<Vec<DatasetId>> {
    let ids: Vec<Uuid> = sqlx::query_scalar(
        "SELECT id FROM tenant.datasets WHERE created_at < $1 AND state <> 'deleted' ORDER BY created_at, id LIMIT $2",
    )
    .bind(Stamp(before))
    .bind(limit)
    .fetch_all(tx.conn())
    .await?;
    Ok(ids.into_iter().map(DatasetId).collect())
}

/// After how many months uploads go by themselves; none keeps them.
pub async fn set_keep_months(tx: &mut Tx, months: Option<i64>) -> Result<bool> {
    let done = sqlx::query("UPDATE tenant.orgs SET keep_months = $2 WHERE org_id = $1")
        .bind(tx.org_uuid())
        .bind(months)
        .execute(tx.conn())
        .await?;
    Ok(done.rows_affected() == 1)
}

/// The organisation asks for its deletion.
pub async fn ask_deletion(tx: &mut Tx, now: Timestamp) -> Result<bool> {
    let done = sqlx::query("UPDATE tenant.orgs SET deletion_asked_at = $2 WHERE org_id = $1")
        .bind(tx.org_uuid())
        .bind(Stamp(now))
        .execute(tx.conn())
        .await?;
    Ok(done.rows_affected() == 1)
}

/// Deletes every row of an organisation that asked for it and is closed, in the transaction of a job of the installation; the
/// counts by table.
pub async fn delete_org(tx: &mut Tx, org: OrgId) -> Result<Value> {
    Ok(sqlx::query_scalar("SELECT tenant.delete_org($1)").bind(org.0).fetch_one(tx.conn()).await?)
}

impl Store {
    /// How many rows are left of an organisation, its own row and its audit trail aside.
    pub async fn rows_of(&self, org: OrgId) -> Result<i64> {
        let actor = Actor { org, role: Role::Owner, means: Means::Job { job: JobId(Uuid::nil()) } };
        let mut tx = self.begin(&actor).await?;
        let mut rows = 0;
        for table in tables(&mut tx).await? {
            if matches!(table.as_str(), "orgs" | "audit") {
                continue;
            }
            let quoted: String =
                sqlx::query_scalar("SELECT quote_ident($1)").bind(&table).fetch_one(tx.conn()).await?;
            let sql = format!("SELECT count(*) FROM tenant.{quoted}");
            rows += sqlx::query_scalar::<_, i64>(sqlx::AssertSqlSafe(sql)).fetch_one(tx.conn()).await?;
        }
        Ok(rows)
    }
}
