//! Everything out of one database and into another: rows, numbers, walls and audit trail are the same; and databases of every
//! earlier version come up to this one with their rows.

use super::scenario::live;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection as _, PgConnection};
use store::audit::{self, verify};
use store::backup::{Position, Source, Target};
use store::{Connection, Limits, Store};
use testkit::{Database, org};

/// A whole database as bytes.
struct Dump {
    versions: Vec<i64>,
    tables: Vec<(String, Vec<u8>)>,
    positions: Vec<Position>,
    sums: Vec<(String, store::backup::Written)>,
}

async fn dump(connection: &Connection) -> Dump {
    let mut source = Source::open(connection).await.unwrap();
    let (mut tables, mut sums) = (Vec::new(), Vec::new());
    for table in source.tables().to_vec() {
        let mut bytes = Vec::new();
        let written = source.dump(&table, &mut bytes).await.unwrap();
        assert_eq!(written.bytes, bytes.len() as u64);
        tables.push((table.full_name(), bytes));
        sums.push((table.full_name(), written));
    }
    let positions = source.positions().await.unwrap();
    let versions = source.versions().to_vec();
    source.close().await.unwrap();
    Dump { versions, tables, positions, sums }
}

async fn fill(connection: &Connection, dump: &Dump) -> Vec<(String, store::backup::Written)> {
    let mut target = Target::make(connection, &dump.versions).await.unwrap();
    for table in target.tables().to_vec() {
        let (_, bytes) = dump.tables.iter().find(|(name, _)| *name == table.full_name()).unwrap();
        target.fill(&table, &mut bytes.as_slice()).await.unwrap();
    }
    for position in &dump.positions {
        target.go_on(position).await.unwrap();
    }
    target.commit().await.unwrap().read_back().await.unwrap()
}

async fn admin(database: &Database, connection: &Connection) -> PgConnection {
    let url =
        database.url("plantintel_admin").replace(database.connection().database(), connection.database());
    url.parse::<sqlx::postgres::PgConnectOptions>().unwrap().connect().await.unwrap()
}

/// Tables, columns, grants, policies, triggers, functions, constraints and indexes, in words.
async fn anatomy(database: &Database, connection: &Connection) -> Vec<String> {
    let mut conn = admin(database, connection).await;
    let rows = sqlx::query_scalar(
        "WITH ours AS (SELECT oid, nspname FROM pg_namespace WHERE nspname IN ('tenant', 'account', 'operator', 'catalog'))
         SELECT 'relation ' || n.nspname || '.' || c.relname || ' ' || c.relkind::text || ' ' || coalesce(array(SELECT unnest(c.relacl)::text ORDER BY 1)::text, '')
                || c.relrowsecurity || c.relforcerowsecurity FROM pg_class c JOIN ours n ON n.oid = c.relnamespace
         UNION ALL SELECT 'column ' || c.relname || '.' || a.attname || ' ' || format_type(a.atttypid, a.atttypmod) || ' ' || a.attnotnull
                || coalesce(array(SELECT unnest(a.attacl)::text ORDER BY 1)::text, '')
                FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN ours n ON n.oid = c.relnamespace WHERE a.attnum > 0 AND NOT a.attisdropped
         UNION ALL SELECT 'policy ' || c.relname || ' ' || p.polname || ' ' || p.polcmd::text FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid
         UNION ALL SELECT 'trigger ' || c.relname || ' ' || t.tgname || ' ' || t.tgenabled::text FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid WHERE NOT t.tgisinternal
         UNION ALL SELECT 'function ' || p.proname || ' ' || p.prosecdef || md5(p.prosrc) FROM pg_proc p JOIN ours n ON n.oid = p.pronamespace
         UNION ALL SELECT 'constraint ' || conname || ' ' || pg_get_constraintdef(c.oid) FROM pg_constraint c JOIN ours n ON n.oid = c.connamespace
         UNION ALL SELECT 'index ' || indexdef FROM pg_indexes WHERE schemaname IN ('tenant', 'account', 'operator', 'catalog')
         ORDER BY 1",
    )
    .fetch_all(&mut conn)
    .await
    .unwrap();
    conn.close().await.unwrap();
    rows
}

#[tokio::test]
async fn what_comes_out_goes_in_again_to_the_last_row() {
    let Some(database) = Database::fresh().await else { return };
    let (first, second) = (org(&database, "First", "trial").await, org(&database, "Second", "pilot").await);
    live(&database, &first).await;
    live(&database, &second).await;
    let out = dump(database.connection()).await;
    // Each role saw all rows: the administrator, who goes round row security, counts no more.
    let mut conn = admin(&database, database.connection()).await;
    for (table, written) in &out.sums {
        let sql = format!("SELECT count(*) FROM {table}");
        let rows: i64 = sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(&mut conn).await.unwrap();
        assert_eq!(rows as u64, written.rows, "{table}");
    }
    let full = out.sums.iter().filter(|(_, written)| written.rows > 0).count();
    assert!(full > 30, "only {full} tables have rows");

    let elsewhere = Database::unmigrated().unwrap();
    assert_eq!(fill(&elsewhere, &out).await, out.sums);
    store::migrate(&elsewhere).await.unwrap();
    assert_eq!(anatomy(&database, &elsewhere).await, anatomy(&database, database.connection()).await);
    let again = dump(&elsewhere).await;
    assert_eq!((again.sums, again.positions), (out.sums.clone(), out.positions.clone()));

    // The trail is whole there, and goes on where it ended.
    let store = Store::connect(&elsewhere, Limits::default()).await.unwrap();
    let mut tx = store.begin(&first.owner).await.unwrap();
    let report = verify::chain(&mut tx, first.id, verify::Evidence::default()).await.unwrap();
    assert!(report.is_intact() && report.rows > 2, "{report:?}");
    let event = audit::Event::new("facility.create", audit::Outcome::Done);
    assert_eq!(audit::record(&mut tx, &event).await.unwrap(), report.rows + 1);
    tx.commit().await.unwrap();

    // People have accounts there now, so nobody restores over it.
    let refused = Target::make(&elsewhere, &out.versions).await.unwrap_err().to_string();
    assert!(refused.contains("in use"), "{refused}");
    let newer = [out.versions.clone(), vec![9_999]].concat();
    let refused = Target::make(&Database::unmigrated().unwrap(), &newer).await.unwrap_err().to_string();
    assert!(refused.contains("newer program"), "{refused}");
}

#[tokio::test]
async fn a_broken_restore_leaves_nothing_behind() {
    let Some(database) = Database::fresh().await else { return };
    live(&database, &org(&database, "First", "trial").await).await;
    let mut out = dump(database.connection()).await;
    let users = out.tables.iter_mut().find(|(name, _)| name == "account.users").unwrap();
    users.1.truncate(users.1.len() / 2);
    let elsewhere = Database::unmigrated().unwrap();
    let mut target = Target::make(&elsewhere, &out.versions).await.unwrap();
    let mut failed = false;
    for table in target.tables().to_vec() {
        let (_, bytes) = out.tables.iter().find(|(name, _)| *name == table.full_name()).unwrap();
        if target.fill(&table, &mut bytes.as_slice()).await.is_err() {
            failed = true;
            break;
        }
    }
    drop(target);
    assert!(failed);
    // It can be tried again, since nobody has an account there.
    let whole = dump(database.connection()).await;
    assert_eq!(fill(&elsewhere, &whole).await, whole.sums);
}

/// A database as the program of a version left it, with an organisation, its people and a file in it, comes up to the newest.
async fn comes_up(database: &Database, versions: &[i64], newest: &[String]) {
    let from = versions.last().unwrap();
    let connection = Database::unmigrated().unwrap();
    Target::make(&connection, versions).await.unwrap().commit().await.unwrap();
    let mut conn = admin(database, &connection).await;
    sqlx::raw_sql(
        "SET app.org = '22222222-2222-4222-8222-222222222222';
         INSERT INTO account.users (id, email, email_key, name)
            VALUES ('11111111-1111-4111-8111-111111111111', 'a@example.com', 'a@example.com', 'A');
         INSERT INTO catalog.plans (plan) VALUES ('unlimited');
         INSERT INTO tenant.orgs (org_id, name, kind) VALUES ('22222222-2222-4222-8222-222222222222', 'Old', 'company');
         INSERT INTO tenant.files (org_id, id, name, state, object_key)
            VALUES ('22222222-2222-4222-8222-222222222222', '33333333-3333-4333-8333-333333333333', 'a.csv', 'receiving', 'k');",
    )
    .execute(&mut conn)
    .await
    .unwrap();
    store::migrate(&connection).await.unwrap_or_else(|error| panic!("from {from}: {error:?}"));
    assert_eq!(anatomy(database, &connection).await, newest, "from {from}");
    let rows: Vec<(String, String)> = sqlx::query_as(
        "SELECT o.name, f.name FROM tenant.orgs o JOIN tenant.files f USING (org_id) CROSS JOIN account.users",
    )
    .fetch_all(&mut conn)
    .await
    .unwrap();
    assert_eq!(rows, [("Old".to_owned(), "a.csv".to_owned())], "from {from}");
    conn.close().await.unwrap();
    Store::connect(&connection, Limits::default()).await.unwrap().ping().await.unwrap();
}

#[tokio::test]
async fn every_earlier_version_comes_up_to_this_one_with_its_rows() {
    let Some(database) = Database::fresh().await else { return };
    let versions = dump(database.connection()).await.versions;
    let newest = anatomy(&database, database.connection()).await;
    let first_with_people = versions.iter().position(|version| *version >= 10).unwrap();
    // Two at a time: Postgres does the work, and has a process for each.
    let every_second = async |first: usize| {
        for end in (first..versions.len()).step_by(2) {
            comes_up(&database, &versions[..=end], &newest).await;
        }
    };
    tokio::join!(every_second(first_with_people), every_second(first_with_people + 1));
}
