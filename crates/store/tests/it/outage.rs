//! A server of one's own that is taken away: connections cut, Postgres killed. What was acknowledged is there afterwards, exactly
//! once, and the store goes on by itself.

use cluster::{Cluster, Settings};
use domain::id::FacilityId;
use sqlx::{ConnectOptions, Connection as _, PgConnection};
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use store::audit::verify::{self, Evidence};
use store::audit::{self, Event, Outcome};
use store::facilities::{self, FacilityForm};
use store::{Connection, Error, Limits, Store};
use testkit::{Database, Org};
use uuid::Uuid;

fn start(folder: &Path) -> Option<Cluster> {
    cluster::find_binaries().ok()?;
    Some(Cluster::start_blocking(&Settings::new(folder, &store::LOGIN_ROLES)).unwrap())
}

fn connection(cluster: &Cluster) -> Connection {
    Connection::socket(cluster.socket(), cluster.port(), cluster::ADMIN, "plantintel")
}

async fn admin(cluster: &Cluster, user: &str, database: &str) -> PgConnection {
    let options = sqlx::postgres::PgConnectOptions::new().host(&cluster.socket().to_string_lossy());
    options.username(user).database(database).connect().await.unwrap()
}

async fn change(store: &Store, org: &Org, id: FacilityId) -> Result<(), Error> {
    let name = id.to_string();
    let form = FacilityForm { name: &name, code: None, time_zone: "UTC", currency: "USD" };
    let mut tx = store.begin(&org.admin).await?;
    facilities::insert(&mut tx, id, &form).await?;
    audit::record(&mut tx, &Event::new("facility.create", Outcome::Done).on("facility", id)).await?;
    tx.commit().await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_acknowledged_outlives_cut_connections_and_a_killed_server() {
    let folder = tempfile::tempdir().unwrap();
    let Some(mut cluster) = start(folder.path()) else { return };
    let connection = connection(&cluster);
    store::create_database(&connection).await.unwrap();
    store::migrate(&connection).await.unwrap();
    let limits = Limits { patience: Duration::from_secs(3), ..Limits::default() };
    let store = Store::connect(&connection, limits).await.unwrap();
    let org = testkit::org(&Database::on(store.clone(), connection.clone()), "A", "unlimited").await;
    let stop = Arc::new(AtomicBool::new(false));
    let writers: Vec<_> = (0..4)
        .map(|_| {
            let (store, org, stop) = (store.clone(), org.clone(), stop.clone());
            tokio::spawn(async move {
                let (mut kept, mut failed) = (Vec::new(), 0);
                while !stop.load(Ordering::Relaxed) {
                    let id = FacilityId(Uuid::new_v4());
                    if change(&store, &org, id).await.is_ok() {
                        kept.push(id);
                    } else {
                        failed += 1;
                        tokio::time::sleep(Duration::from_millis(10)).await;
                    }
                }
                (kept, failed)
            })
        })
        .collect();
    let mut slowest = Duration::ZERO;
    for round in 0..6 {
        tokio::time::sleep(Duration::from_millis(300)).await;
        if round % 3 == 2 {
            let note = std::fs::read_to_string(cluster.folder().join("postmaster.pid")).unwrap();
            let pid = note.lines().next().unwrap().trim().to_owned();
            assert!(Command::new("kill").args(["-KILL", &pid]).status().unwrap().success());
            drop(cluster);
            let folder = folder.path().to_owned();
            cluster = tokio::task::spawn_blocking(move || start(&folder).unwrap()).await.unwrap();
        } else {
            let mut admin = admin(&cluster, cluster::ADMIN, "plantintel").await;
            sqlx::query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename LIKE 'plantintel\\_%' AND pid <> pg_backend_pid()")
                .execute(&mut admin)
                .await
                .unwrap();
        }
        let begun = Instant::now();
        while let Err(error) = change(&store, &org, FacilityId(Uuid::new_v4())).await {
            assert!(begun.elapsed() < Duration::from_secs(20), "round {round}: {error}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        slowest = slowest.max(begun.elapsed());
    }
    stop.store(true, Ordering::Relaxed);
    let (mut kept, mut failed) = (Vec::new(), 0);
    for writer in writers {
        let (ids, n) = writer.await.unwrap();
        kept.extend(ids);
        failed += n;
    }
    let mut tx = store.begin(&org.viewer).await.unwrap();
    for id in &kept {
        assert!(facilities::get(&mut tx, *id).await.unwrap().is_some(), "{id} was acknowledged and is gone");
    }
    // No change without its audit row and no audit row without its change, the unacknowledged ones too.
    let report = verify::chain(&mut tx, org.id, Evidence::default()).await.unwrap();
    assert!(report.is_intact(), "{report:?}");
    let mut admin = admin(&cluster, cluster::ADMIN, "plantintel").await;
    let changes: i64 =
        sqlx::query_scalar("SELECT count(*) FROM tenant.facilities").fetch_one(&mut admin).await.unwrap();
    assert_eq!(changes, report.rows);
    assert!(kept.len() > 20 && failed > 0, "{} kept, {failed} failed", kept.len());
    // The bar is five seconds on a machine of one's own; this one may be busy with other tests.
    assert!(slowest < Duration::from_secs(15), "{slowest:?}");
    drop(tx);
    store.close().await;
    admin.close().await.unwrap();
    cluster.stop().await.unwrap();
}

/// A server that somebody else runs: roles sign in with passwords, and the account for migrating is no superuser.
#[tokio::test]
async fn a_server_with_passwords_and_a_plain_administrator_will_do() {
    let folder = tempfile::tempdir().unwrap();
    let Some(cluster) = start(folder.path()) else { return };
    let mut root = admin(&cluster, cluster::ADMIN, "postgres").await;
    sqlx::raw_sql("CREATE ROLE dba LOGIN CREATEROLE CREATEDB PASSWORD 'dba'")
        .execute(&mut root)
        .await
        .unwrap();
    let hba = format!("local all {} peer map=plantintel\nlocal all all scram-sha-256\n", cluster::ADMIN);
    std::fs::write(cluster.folder().join("pg_hba.conf"), hba).unwrap();
    sqlx::query("SELECT pg_reload_conf()").execute(&mut root).await.unwrap();
    tokio::time::sleep(Duration::from_millis(500)).await;
    let socket = cluster.socket().to_string_lossy().replace('/', "%2F");
    let url = format!("postgres://dba:dba@localhost/works?host={socket}");
    let connection = Connection::url(&url, "the installation's secret").unwrap();
    assert!(!format!("{connection:?}").contains("dba:") && !format!("{connection:?}").contains("secret"));
    store::create_database(&connection).await.unwrap();
    store::migrate(&connection).await.unwrap();
    store::migrate(&connection).await.unwrap();
    let store = Store::connect(&connection, Limits::default()).await.unwrap();
    let org = testkit::org(&Database::on(store.clone(), connection), "A", "unlimited").await;
    change(&store, &org, FacilityId(Uuid::new_v4())).await.unwrap();
    // Whoever does not know the secret does not get in as one of our roles.
    let other = Connection::url(&url, "another secret").unwrap();
    assert!(Store::connect(&other, Limits::default()).await.is_err());
    store.close().await;
    root.close().await.unwrap();
    cluster.stop().await.unwrap();
}
