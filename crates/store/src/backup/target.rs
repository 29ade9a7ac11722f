//! Making a database of a version and filling it.

use super::table::{self, Position, Table, Written};
use crate::connection::{Connection, OWNER};
use crate::error::{Error, Result};
use crate::migrate;
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _, PgConnection};
use std::io::Read;

/// How much is sent to the database at once.
const PIECE_BYTES: usize = 1 << 20;

/// An empty database that is being filled, all of it or nothing.
#[derive(Debug)]
pub struct Target {
    conn: PgConnection,
    tables: Vec<Table>,
    connection: Connection,
}

impl Target {
    /// Makes the database with the tables of these migrations. A database in which somebody has an account is refused, and so are
    /// migrations that this program does not know.
    pub async fn make(connection: &Connection, versions: &[i64]) -> Result<Self> {
        let known: Vec<i64> = migrate::versions().collect();
        if let Some(unknown) = versions.iter().find(|version| !known.contains(version)) {
            return Err(Error::Backup(format!(
                "it is of a newer program, with migration {unknown}; restore it with that program"
            )));
        }
        migrate::create_database(connection).await?;
        let mut conn = connection.admin().application_name("plantintel restore").connect().await?;
        if was_made(&mut conn).await? {
            let drop = format!(
                "BEGIN; SET LOCAL ROLE {OWNER}; DROP SCHEMA tenant, account, operator, catalog CASCADE; COMMIT"
            );
            sqlx::raw_sql(AssertSqlSafe(drop)).execute(&mut conn).await?;
        }
        conn.close().await?;
        migrate::migrate_with(connection, Some(versions)).await?;

        let mut conn = connection.admin().application_name("plantintel restore").connect().await?;
        let begin = format!("BEGIN; SET LOCAL ROLE {OWNER}");
        sqlx::raw_sql(AssertSqlSafe(begin)).execute(&mut conn).await?;
        let tables = table::all(&mut conn).await?;
        for table in &tables {
            // Rows come in as they went out: triggers that write, stamp or refuse have had their say, and the owner must
            // get through row security. Both are back when the transaction ends.
            let sql = format!(
                "ALTER TABLE {0} DISABLE TRIGGER USER; ALTER TABLE {0} NO FORCE ROW LEVEL SECURITY",
                table.quoted_name()
            );
            sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut conn).await?;
        }
        // What the migrations put there comes again with the rows.
        let all: Vec<String> = tables.iter().map(Table::quoted_name).collect();
        let sql = format!("TRUNCATE {}", all.join(", "));
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut conn).await?;
        Ok(Self { conn, tables, connection: connection.clone() })
    }

    /// The tables, in the order in which they are to be filled.
    pub fn tables(&self) -> &[Table] {
        &self.tables
    }

    /// Fills a table with what [`super::Source::dump`] wrote.
    pub async fn fill(&mut self, table: &Table, from: &mut (impl Read + Send)) -> Result<u64> {
        let sql = format!("COPY {} ({}) FROM STDIN", table.quoted_name(), table.quoted_columns());
        let mut copy = self.conn.copy_in_raw(&sql).await?;
        let mut piece = vec![0; PIECE_BYTES];
        loop {
            let n = match from.read(&mut piece) {
                Ok(0) => break,
                Ok(n) => n,
                Err(source) => {
                    copy.abort("the backup cannot be read").await?;
                    return Err(Error::File { path: table.full_name(), source });
                }
            };
            copy.send(&piece[..n]).await?;
        }
        Ok(copy.finish().await?)
    }

    /// Lets a sequence go on where it stood.
    pub async fn go_on(&mut self, position: &Position) -> Result<()> {
        sqlx::query("SELECT setval($1::regclass, $2)")
            .bind(&position.sequence)
            .bind(position.last)
            .execute(&mut self.conn)
            .await?;
        Ok(())
    }

    /// Makes it last, with every trigger and every wall in place.
    pub async fn commit(mut self) -> Result<Filled> {
        for table in &self.tables {
            let sql = format!("ALTER TABLE {} ENABLE TRIGGER USER", table.quoted_name());
            sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut self.conn).await?;
            if table.schema == "tenant" {
                let sql = format!("ALTER TABLE {} FORCE ROW LEVEL SECURITY", table.quoted_name());
                sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut self.conn).await?;
            }
        }
        sqlx::raw_sql("COMMIT; ANALYZE").execute(&mut self.conn).await?;
        self.conn.close().await?;
        Ok(Filled { tables: self.tables, connection: self.connection })
    }
}

/// A database that was filled, and can be read back.
#[derive(Debug)]
pub struct Filled {
    tables: Vec<Table>,
    connection: Connection,
}

impl Filled {
    /// What lies in each table now, to be held against what was written.
    pub async fn read_back(&self) -> Result<Vec<(String, Written)>> {
        let mut source = super::Source::open(&self.connection).await?;
        let mut all = Vec::with_capacity(self.tables.len());
        for table in &self.tables {
            all.push((table.full_name(), source.dump(table, &mut std::io::sink()).await?));
        }
        source.close().await?;
        Ok(all)
    }
}

/// Whether our tables are there. A database in which somebody has an account is not overwritten.
async fn was_made(conn: &mut PgConnection) -> Result<bool> {
    let there: bool =
        sqlx::query_scalar("SELECT to_regclass('account.users') IS NOT NULL").fetch_one(&mut *conn).await?;
    if !there {
        return Ok(false);
    }
    sqlx::raw_sql(AssertSqlSafe(format!("BEGIN; SET LOCAL ROLE {OWNER}"))).execute(&mut *conn).await?;
    let used: bool =
        sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM account.users)").fetch_one(&mut *conn).await?;
    sqlx::raw_sql("ROLLBACK").execute(&mut *conn).await?;
    if used {
        return Err(Error::Backup(
            "the database is in use: people have accounts there; restore into an empty one".to_owned(),
        ));
    }
    Ok(true)
}
