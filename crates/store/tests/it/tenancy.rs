//! Whatever statement an organisation's connection sends, it neither reads nor changes a row of another one.
//!
//! Two organisations have lived through the same things, so every table has rows of both. Random statements are sent as one of them:
//! reads, writes, joins and copies over all tables, with ids of both. What comes back must be its own, and of the other nothing may
//! have changed. `PLANTINTEL_STATEMENTS` sets how many (2,000 by default), `PLANTINTEL_SEED` which ones.

use super::scenario::live;
use sqlx::postgres::PgRow;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor, PgConnection, Row};
use std::fmt::Write;
use testkit::Database;

pub(crate) async fn admin(database: &Database) -> PgConnection {
    let options: sqlx::postgres::PgConnectOptions = database.url("plantintel_admin").parse().unwrap();
    options.connect().await.unwrap()
}

struct Table {
    name: String,
    columns: Vec<(String, String)>,
}

struct Dice(u64);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % n as u64) as usize
    }

    fn pick<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        let i = self.below(of.len());
        &of[i]
    }
}

struct World {
    tables: Vec<Table>,
    /// Ids, keys and words of both organisations.
    ids: Vec<String>,
    theirs: String,
}

impl World {
    fn value(&self, dice: &mut Dice, type_: &str) -> String {
        match type_ {
            "uuid" => format!("'{}'::uuid", dice.pick(&self.ids)),
            "text" => format!(
                "'{}'",
                dice.pick(&[
                    "queued", "running", "stored", "steel", "viewer", "owner", "new", "import", "done", "x",
                    ""
                ])
            ),
            "bigint" | "smallint" => dice.below(5).to_string(),
            "boolean" => (*dice.pick(&["true", "false"])).to_owned(),
            "numeric" | "double precision" => "1.5".to_owned(),
            "timestamp with time zone" => "clock_timestamp()".to_owned(),
            "date" => "'2026-03-11'".to_owned(),
            "jsonb" => "'{}'::jsonb".to_owned(),
            "bytea" => format!("'\\x{}'::bytea", format!("{:02x}", dice.below(10)).repeat(32)),
            "text[]" => "'{}'::text[]".to_owned(),
            _ => "DEFAULT".to_owned(),
        }
    }

    fn condition(&self, dice: &mut Dice, table: &Table, alias: &str) -> String {
        let (column, type_) = dice.pick(&table.columns);
        match dice.below(7) {
            0 => "true".to_owned(),
            1 => format!("{alias}.org_id = '{}'", self.theirs),
            2 => format!("{alias}.org_id <> tenant.current_org()"),
            3 => format!("{alias}.{column} IS NOT NULL OR {alias}.org_id = '{}'", self.theirs),
            4 => format!(
                "EXISTS (SELECT 1 FROM tenant.{} s WHERE s.org_id = '{}')",
                dice.pick(&self.tables).name,
                self.theirs
            ),
            5 if type_ != "jsonb" => format!("{alias}.{column} = {}", self.value(dice, type_)),
            _ => format!("{alias}.org_id IN (SELECT org_id FROM tenant.{})", dice.pick(&self.tables).name),
        }
    }

    fn statement(&self, dice: &mut Dice) -> String {
        let table = dice.pick(&self.tables);
        let name = &table.name;
        let condition = self.condition(dice, table, "t");
        match dice.below(12) {
            0..=2 => format!("SELECT t.* FROM tenant.{name} t WHERE {condition}"),
            3 => {
                let other = dice.pick(&self.tables);
                let joined = self.condition(dice, other, "u");
                format!("SELECT t.org_id, u.org_id AS org_id_2 FROM tenant.{name} t LEFT JOIN tenant.{} u ON {joined} LIMIT 500", other.name)
            }
            4 => format!("SELECT t.org_id, count(*) FROM tenant.{name} t GROUP BY t.org_id"),
            5..=6 => {
                let (column, type_) = dice.pick(&table.columns);
                let value = if column == "org_id" && dice.below(2) == 0 {
                    format!("'{}'", self.theirs)
                } else {
                    self.value(dice, type_)
                };
                format!("UPDATE tenant.{name} t SET {column} = {value} WHERE {condition} RETURNING t.*")
            }
            7 => format!("DELETE FROM tenant.{name} t WHERE {condition} RETURNING t.*"),
            8..=9 => {
                let mut columns = String::new();
                let mut values = String::new();
                for (column, type_) in &table.columns {
                    if dice.below(6) == 0 && column != "org_id" {
                        continue;
                    }
                    let separator = if columns.is_empty() { "" } else { ", " };
                    let value = match (column.as_str(), dice.below(3)) {
                        ("org_id", 0) => format!("'{}'", self.theirs),
                        ("org_id", _) => "tenant.current_org()".to_owned(),
                        _ => self.value(dice, type_),
                    };
                    write!(columns, "{separator}{column}").unwrap();
                    write!(values, "{separator}{value}").unwrap();
                }
                format!("INSERT INTO tenant.{name} ({columns}) VALUES ({values}) ON CONFLICT DO NOTHING RETURNING org_id")
            }
            10 => format!("INSERT INTO tenant.{name} SELECT t.* FROM tenant.{name} t WHERE {condition} RETURNING org_id"),
            _ => (*dice.pick(&[
                "TRUNCATE tenant.findings CASCADE",
                "SELECT * FROM account.users",
                "SELECT * FROM operator.customers",
                "SELECT * FROM tenant.claim_job('x', '{import}', '1s', 100)",
                "SELECT tenant.audit_append('system', '', 'x', '', '', 'done', '', '{}', NULL, '', '', '')::text",
                "SELECT * FROM tenant.audit_heads_due()",
                "SELECT tenant.active_orgs() AS org_id",
                "SELECT tenant.audit_erase(user_id)::text FROM tenant.memberships",
                "SET LOCAL ROLE plantintel_owner",
                "SET LOCAL ROLE plantintel_gate",
                "SET LOCAL row_security = off",
                "ALTER TABLE tenant.files DISABLE ROW LEVEL SECURITY",
                "CREATE TABLE tenant.mine AS SELECT * FROM tenant.files",
                "COPY tenant.files (org_id) TO STDOUT",
                "LOCK TABLE tenant.files IN ACCESS EXCLUSIVE MODE",
            ]))
            .to_owned(),
        }
    }
}

/// Everything of an organisation, in all tables, as one text.
async fn fingerprint(conn: &mut PgConnection, tables: &[Table], org: &str) -> String {
    let mut sql = String::new();
    for table in tables {
        let name = &table.name;
        let separator = if sql.is_empty() { "" } else { " || " };
        write!(
            sql,
            "{separator}'{name} ' || (SELECT count(*) || ' ' || coalesce(md5(string_agg(t::text, '|' ORDER BY t::text)), '')
                FROM tenant.{name} t WHERE org_id = '{org}') || E'\\n'"
        )
        .unwrap();
    }
    sqlx::query(AssertSqlSafe(format!("SELECT {sql}"))).fetch_one(conn).await.unwrap().get(0)
}

/// Whether a row that came back is nobody else's.
fn is_own(row: &PgRow, own: &str) -> bool {
    ["org_id", "org_id_2"].iter().all(|column| match row.try_get::<Option<uuid::Uuid>, _>(*column) {
        Ok(Some(org)) => org.to_string() == own,
        _ => true,
    })
}

/// What statements of one lane came to.
#[derive(Debug, Default)]
struct Count {
    answered: u64,
    refused: u64,
    came: u64,
    written: u64,
}

/// Long runs go in lanes, each with two organisations in a database of its own, so that none waits for another's locks.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_statement_of_one_organisation_reaches_another() {
    let setting = |name: &str, default: u64| option_env_at_run_time(name).unwrap_or(default);
    let (n, seed) = (setting("PLANTINTEL_STATEMENTS", 2_000), setting("PLANTINTEL_SEED", 11));
    let lanes = if n < 20_000 { 1 } else { 4 };
    let begun = std::time::Instant::now();
    let mut running = tokio::task::JoinSet::new();
    for lane in 0..lanes {
        let Some(database) = Database::fresh().await else { return };
        running.spawn(statements(database, n / lanes, seed + lane));
    }
    let mut all = Count::default();
    while let Some(one) = running.join_next().await {
        let one = one.unwrap();
        all.answered += one.answered;
        all.refused += one.refused;
        all.came += one.came;
        all.written += one.written;
    }
    eprintln!("{n} statements of seed {seed} in {lanes} lanes, {:?}: {all:?}", begun.elapsed());
    assert!(
        all.answered > n / 4 && all.refused > n / 20 && all.came > n / 4 && all.written > n / 100,
        "the statements bite too little"
    );
}

/// Sends `n` statements of one organisation, and looks at what came back and at what is left of the other.
async fn statements(database: Database, n: u64, seed: u64) -> Count {
    let (a, b) =
        (testkit::org(&database, "A", "unlimited").await, testkit::org(&database, "B", "unlimited").await);
    live(&database, &a).await;
    live(&database, &b).await;
    let mut admin = admin(&database).await;
    let rows = sqlx::query(
        "SELECT c.relname::text, array_agg(a.attname::text ORDER BY a.attnum), array_agg(format_type(a.atttypid, NULL) ORDER BY a.attnum)
         FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid
         WHERE n.nspname = 'tenant' AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped GROUP BY 1 ORDER BY 1",
    )
    .fetch_all(&mut admin)
    .await
    .unwrap();
    let tables: Vec<Table> = rows
        .iter()
        .map(|row| Table {
            name: row.get(0),
            columns: row.get::<Vec<String>, _>(1).into_iter().zip(row.get::<Vec<String>, _>(2)).collect(),
        })
        .collect();
    let mut ids = Vec::new();
    let mut empty = Vec::new();
    for table in &tables {
        let name = &table.name;
        for (column, _) in table.columns.iter().filter(|(_, type_)| type_ == "uuid") {
            let sql = format!("SELECT DISTINCT {column}::text FROM tenant.{name} WHERE {column} IS NOT NULL");
            let rows = sqlx::query(AssertSqlSafe(sql)).fetch_all(&mut admin).await.unwrap();
            ids.extend(rows.iter().map(|row| row.get::<String, _>(0)));
        }
        for org in [a.id, b.id] {
            let sql = format!("SELECT count(*) FROM tenant.{name} WHERE org_id = '{org}'");
            let n: i64 = sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(&mut admin).await.unwrap();
            if n == 0 {
                empty.push(name.clone());
            }
        }
    }
    empty.dedup();
    // Only what a payment provider and a checkpoint write is not there.
    assert_eq!(empty, ["audit_checkpoints", "subscriptions"]);
    let world = World { tables, ids, theirs: b.id.to_string() };
    let own = a.id.to_string();
    let before = fingerprint(&mut admin, &world.tables, &world.theirs).await;
    let (mut keep, mut restore) =
        ("CREATE SCHEMA kept;".to_owned(), "SET session_replication_role = replica;".to_owned());
    for Table { name, .. } in &world.tables {
        write!(keep, "CREATE TABLE kept.{name} AS SELECT * FROM tenant.{name} WHERE org_id = '{own}';")
            .unwrap();
        write!(restore, "DELETE FROM tenant.{name} WHERE org_id = '{own}'; INSERT INTO tenant.{name} SELECT * FROM kept.{name};")
            .unwrap();
    }
    sqlx::raw_sql(AssertSqlSafe(keep)).execute(&mut admin).await.unwrap();

    let mut dice = Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    let mut count = Count::default();
    let mut conns = Vec::new();
    for role in ["plantintel_app", "plantintel_worker"] {
        let options: sqlx::postgres::PgConnectOptions = database.url(role).parse().unwrap();
        conns.push(options.connect().await.unwrap());
    }
    for i in 0..n {
        let statement = world.statement(&mut dice);
        // The doors of the worker that know all organisations: they give nothing away but a job, an id or the end of a chain, and
        // the app, which answers requests, must not come through them.
        let door =
            ["claim_job", "audit_heads_due", "active_orgs"].iter().any(|door| statement.contains(door));
        let conn = &mut conns[if door { 0 } else { (i % 2) as usize }];
        // As Store::begin does it.
        let begin = format!("BEGIN; SET LOCAL app.org = '{own}'; SET LOCAL statement_timeout = '5s'");
        sqlx::raw_sql(AssertSqlSafe(begin)).execute(&mut *conn).await.unwrap();
        // COPY speaks another protocol. Only the organisations are copied: other columns of its own rows may hold any id.
        let result = if statement.starts_with("COPY") {
            copy_out(conn, &statement).await.map(|text| {
                assert!(!text.contains(&world.theirs), "{statement}");
                Vec::new()
            })
        } else {
            conn.fetch_all(AssertSqlSafe(statement.clone())).await
        };
        match result {
            Ok(rows) => {
                assert!(!door, "the app came through a door of the worker: {statement}");
                count.answered += 1;
                count.came += rows.len() as u64;
                for row in &rows {
                    assert!(
                        is_own(row, &own),
                        "statement {i} of seed {seed} returned a foreign row: {statement}"
                    );
                }
                if !statement.starts_with("SELECT") {
                    count.written += rows.len() as u64;
                }
            }
            Err(error) => {
                count.refused += 1;
                let text = error.to_string();
                assert!(
                    !text.contains(&world.theirs),
                    "statement {i} of seed {seed} told of another: {text}"
                );
            }
        }
        let leak: i64 = {
            // Whatever happened, the connection goes back without a tenant, and as itself.
            let end = if dice.below(8) == 0 { "COMMIT" } else { "ROLLBACK" };
            let sql = format!("{end}; SELECT count(*) FROM tenant.orgs");
            match sqlx::raw_sql(AssertSqlSafe(sql)).fetch_one(&mut *conn).await {
                Ok(row) => row.get(0),
                // What was put off until the end was refused there.
                Err(_) => sqlx::query_scalar("SELECT count(*) FROM tenant.orgs")
                    .fetch_one(&mut *conn)
                    .await
                    .unwrap(),
            }
        };
        assert_eq!(leak, 0, "statement {i} of seed {seed} left a tenant in the connection: {statement}");
        if i % 200 == 199 || i + 1 == n {
            let after = fingerprint(&mut admin, &world.tables, &world.theirs).await;
            assert_eq!(before, after, "by statement {i} of seed {seed}");
            // What it deleted of its own comes back, so that later statements meet rows too.
            sqlx::raw_sql(AssertSqlSafe(restore.clone())).execute(&mut admin).await.unwrap();
        }
    }
    for conn in conns {
        conn.close().await.unwrap();
    }
    count
}

async fn copy_out(conn: &mut PgConnection, statement: &str) -> sqlx::Result<String> {
    use futures::TryStreamExt;
    let mut stream = conn.copy_out_raw(statement).await?;
    let mut text = Vec::new();
    while let Some(chunk) = stream.try_next().await? {
        text.extend_from_slice(&chunk);
    }
    Ok(String::from_utf8_lossy(&text).into_owned())
}

#[expect(clippy::disallowed_methods, reason = "the long run is asked for from outside")]
fn option_env_at_run_time(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.replace('_', "").parse().ok()
}
