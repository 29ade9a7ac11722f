//! Which tables there are, and in which order they can be filled.

use crate::error::{Error, Result};
use sqlx::PgConnection;
use std::collections::BTreeSet;

/// A table as it is dumped: columns by name, rows by key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// `tenant`, `account`, `operator` or `catalog`.
    pub schema: String,
    /// Its name there.
    pub name: String,
    pub(super) columns: Vec<String>,
    pub(super) key: Vec<String>,
}

impl Table {
    /// Schema and name.
    pub fn full_name(&self) -> String {
        format!("{}.{}", self.schema, self.name)
    }

    pub(super) fn quoted_name(&self) -> String {
        format!("{}.{}", quoted(&self.schema), quoted(&self.name))
    }

    pub(super) fn quoted_columns(&self) -> String {
        list(&self.columns)
    }

    /// The statement that gives all rows, the same rows always in the same order.
    pub(super) fn copy_out(&self) -> String {
        let order = if self.key.is_empty() { self.quoted_columns() } else { list(&self.key) };
        format!(
            "COPY (SELECT {} FROM {} ORDER BY {order}) TO STDOUT",
            self.quoted_columns(),
            self.quoted_name()
        )
    }
}

/// What was written of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// Rows.
    pub rows: u64,
    /// Bytes of text.
    pub bytes: u64,
    /// SHA-256 of the text, in hexadecimal.
    pub sha256: String,
}

/// Where a sequence stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Position {
    /// Schema and name.
    pub sequence: String,
    /// The last number that it gave.
    pub last: i64,
}

pub(super) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn list(names: &[String]) -> String {
    names.iter().map(|name| quoted(name)).collect::<Vec<_>>().join(", ")
}

/// Id, schema, name, columns, key, and the ids of the tables that it refers to.
type Found = (i64, String, String, Vec<String>, Vec<String>, Vec<i64>);

/// All tables of ours but the list of migrations, referred ones before those that refer to them.
pub(super) async fn all(conn: &mut PgConnection) -> Result<Vec<Table>> {
    let mut waiting: Vec<Found> = sqlx::query_as(
        "SELECT c.oid::bigint, n.nspname::text, c.relname::text,
            array(SELECT a.attname::text FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
                AND a.attgenerated = '' ORDER BY a.attnum),
            array(SELECT a.attname::text FROM pg_index i CROSS JOIN LATERAL unnest(i.indkey) WITH ORDINALITY k(n, at)
                JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.n WHERE i.indrelid = c.oid AND i.indisprimary ORDER BY k.at),
            array(SELECT DISTINCT f.confrelid::bigint FROM pg_constraint f WHERE f.conrelid = c.oid AND f.contype = 'f'
                AND f.confrelid <> c.oid)
         FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
         WHERE n.nspname IN ('tenant', 'account', 'operator', 'catalog') AND c.relkind = 'r' AND c.relpersistence = 'p'
            AND c.relname <> '_sqlx_migrations' ORDER BY n.nspname, c.relname",
    )
    .fetch_all(conn)
    .await?;
    let mut placed = BTreeSet::new();
    let mut tables = Vec::with_capacity(waiting.len());
    while !waiting.is_empty() {
        let before = tables.len();
        let mut still = Vec::new();
        for row in waiting {
            let (oid, schema, name, columns, key, refers) = row;
            if refers.iter().all(|other| placed.contains(other)) {
                placed.insert(oid);
                tables.push(Table { schema, name, columns, key });
            } else {
                still.push((oid, schema, name, columns, key, refers));
            }
        }
        waiting = still;
        if tables.len() == before {
            let names: Vec<String> = waiting.iter().map(|row| format!("{}.{}", row.1, row.2)).collect();
            return Err(Error::Backup(format!("{} refer to each other in a circle", names.join(", "))));
        }
    }
    Ok(tables)
}
