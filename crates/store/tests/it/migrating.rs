//! Migrating from nothing, twice, at once; and what a start refuses.

use sqlx::{ConnectOptions, Connection as _};
use store::{Connection, Error, Limits, Store};
use testkit::Database;

async fn fingerprint(connection: &Connection, database: &Database) -> Vec<String> {
    let url =
        database.url("plantintel_admin").replace(database.connection().database(), connection.database());
    let options: sqlx::postgres::PgConnectOptions = url.parse().unwrap();
    let mut conn = options.connect().await.unwrap();
    let rows = sqlx::query_scalar(
        "SELECT c.relname || ' ' || c.relkind::text || ' ' || coalesce(c.relacl::text, '') FROM pg_class c
            JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE n.nspname IN ('tenant', 'account', 'operator', 'catalog') AND c.relkind IN ('r', 'i', 'S') ORDER BY 1",
    )
    .fetch_all(&mut conn)
    .await
    .unwrap();
    conn.close().await.unwrap();
    rows
}

#[tokio::test]
async fn from_nothing_twice_and_at_once_gives_the_same() {
    let Some(database) = Database::fresh().await else { return };
    let connection = Database::unmigrated().unwrap();
    let (one, two) = tokio::join!(store::create_database(&connection), store::create_database(&connection));
    one.unwrap();
    two.unwrap();
    let (one, two) = tokio::join!(store::migrate(&connection), store::migrate(&connection));
    one.unwrap();
    two.unwrap();
    let first = fingerprint(&connection, &database).await;
    store::migrate(&connection).await.unwrap();
    let second = fingerprint(&connection, &database).await;
    assert_eq!(first, second);
    assert!(first.len() > 100);
    Store::connect(&connection, Limits::default()).await.unwrap().ping().await.unwrap();
}

/// The roles are those of the whole server: installations that start at once change the same ones.
#[tokio::test]
async fn databases_of_one_server_start_at_once() {
    let Some(_database) = Database::fresh().await else { return };
    let connections: Vec<Connection> = (0..4).map(|_| Database::unmigrated().unwrap()).collect();
    for connection in &connections {
        store::create_database(connection).await.unwrap();
    }
    for _ in 0..15 {
        let starts = connections
            .iter()
            .cloned()
            .map(|connection| tokio::spawn(async move { store::migrate(&connection).await }));
        for start in starts.collect::<Vec<_>>() {
            start.await.unwrap().unwrap();
        }
    }
}

#[tokio::test]
async fn a_database_that_was_not_migrated_is_refused() {
    let Some(database) = Database::fresh().await else { return };
    let connection = Database::unmigrated().unwrap();
    store::create_database(&connection).await.unwrap();
    assert!(Store::connect(&connection, Limits::default()).await.is_err());
    store::migrate(&connection).await.unwrap();
    let url =
        database.url("plantintel_admin").replace(database.connection().database(), connection.database());
    let options: sqlx::postgres::PgConnectOptions = url.parse().unwrap();
    let mut admin = options.connect().await.unwrap();
    sqlx::raw_sql("DELETE FROM catalog._sqlx_migrations WHERE version = 10 OR version > 20")
        .execute(&mut admin)
        .await
        .unwrap();
    let refused = Store::connect(&connection, Limits::default()).await.unwrap_err();
    assert!(matches!(refused, Error::SchemaVersion { found: 20, needed: 10 }), "{refused}");
    sqlx::raw_sql("ALTER TABLE tenant.files NO FORCE ROW LEVEL SECURITY").execute(&mut admin).await.unwrap();
    let refused = Store::connect(&connection, Limits::default()).await.unwrap_err().to_string();
    assert!(refused.contains("files") && refused.contains("row security"), "{refused}");
}
