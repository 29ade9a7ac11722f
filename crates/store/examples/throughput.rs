//! How much the database does, on a durable cluster: `cargo run -p store --example throughput`.

use serde_json::Value;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};
use store::audit::{self, Event, Outcome};
use store::facilities::{self, FacilityForm};
use store::jobs::{self, Done, NewJob};
use store::{Connection, Limits, Store};
use testkit::{Database, Org};
use uuid::Uuid;

const SECONDS: u64 = 5;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let cluster =
        cluster::Cluster::start(&cluster::Settings::new(folder.path(), &store::LOGIN_ROLES)).await?;
    let connection = Connection::socket(cluster.socket(), cluster.port(), cluster::ADMIN, "plantintel");
    store::create_database(&connection).await?;
    store::migrate(&connection).await?;
    let store = Store::connect(&connection, Limits::default()).await?;
    let database = Database::on(store.clone(), connection);
    let mut orgs = Vec::new();
    for name in ["A", "B", "C", "D"] {
        orgs.push(testkit::org(&database, name, "unlimited").await);
    }
    let one = &orgs[..1];
    measure("reads of a list of one organisation, 1 connection", 1, one, &store, list).await;
    measure("reads of a list, 16 connections", 16, &orgs, &store, list).await;
    measure("audited changes in one organisation, 1 connection", 1, one, &store, change).await;
    measure("audited changes in one organisation, 16 connections", 16, one, &store, change).await;
    measure("audited changes in four organisations, 16 connections", 16, &orgs, &store, change).await;
    measure("jobs enqueued, claimed and finished, 1 connection", 1, &orgs, &store, job).await;
    measure("jobs enqueued, claimed and finished, 8 connections", 8, &orgs, &store, job).await;
    measure("rate checks of different principals, 8 connections", 8, &orgs, &store, rate).await;
    store.close().await;
    cluster.stop().await?;
    Ok(())
}

async fn list(store: Store, org: Org) -> store::Result<()> {
    let mut tx = store.begin(&org.viewer).await?;
    facilities::list(&mut tx, false).await?;
    tx.commit().await
}

async fn change(store: Store, org: Org) -> store::Result<()> {
    let id = domain::id::FacilityId(Uuid::new_v4());
    let name = id.to_string();
    let form = FacilityForm { name: &name, code: None, time_zone: "UTC", currency: "USD" };
    let mut tx = store.begin(&org.admin).await?;
    facilities::insert(&mut tx, id, &form).await?;
    audit::seal(tx, &[Event::new("facility.create", Outcome::Done).on("facility", id)]).await
}

async fn job(store: Store, org: Org) -> store::Result<()> {
    let mut tx = store.begin(&org.analyst).await?;
    jobs::enqueue(&mut tx, &NewJob::new(domain::id::JobId(Uuid::new_v4()), "import", Value::Null)).await?;
    tx.commit().await?;
    if let Some(claim) = store.claim("w", &["import"], jobs::LEASE, 100).await? {
        let mut tx = store.begin(&claim.actor()).await?;
        jobs::finish(&mut tx, &claim, &Done::Completed).await?;
        tx.commit().await?;
    }
    Ok(())
}

async fn rate(store: Store, org: Org) -> store::Result<()> {
    store.take_rate(&format!("org:{}", org.id), 1_000_000, jiff::SignedDuration::from_millis(50)).await?;
    Ok(())
}

#[expect(clippy::print_stdout, reason = "a measurement for people")]
async fn measure<F, G>(what: &str, at_once: usize, orgs: &[Org], store: &Store, deed: F)
where
    F: Fn(Store, Org) -> G + Copy + Send + 'static,
    G: Future<Output = store::Result<()>> + Send,
{
    let (stop, done) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
    let begun = Instant::now();
    let tasks: Vec<_> = (0..at_once)
        .map(|i| {
            let (stop, done, store, org) =
                (stop.clone(), done.clone(), store.clone(), orgs[i % orgs.len()].clone());
            tokio::spawn(async move {
                while !stop.load(Ordering::Relaxed) {
                    if let Err(error) = deed(store.clone(), org.clone()).await {
                        println!("{error:?}");
                        return;
                    }
                    done.fetch_add(1, Ordering::Relaxed);
                }
            })
        })
        .collect();
    tokio::time::sleep(Duration::from_secs(SECONDS)).await;
    stop.store(true, Ordering::Relaxed);
    for task in tasks {
        let _ = task.await;
    }
    println!("{what}: {:.0} a second", done.load(Ordering::Relaxed) as f64 / begun.elapsed().as_secs_f64());
}
