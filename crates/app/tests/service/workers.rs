//! A worker that vanishes loses nothing and doubles nothing.

use std::time::Duration;

use app::{
    analyses, datasets, files,
    findings::{self, Narrow},
    worker::Options,
};
use store::{analyses::AnalysisState, audit, datasets::DatasetState};

use super::house::{House, body, caller};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_worker_is_followed_by_another() {
    let Some(house) = House::open().await else { return };
    let (dataset, _) = house.import_plant(600).await;
    // Killed at several moments of the work; its leases are then taken as run out.
    for moment in [50, 400, 1_200] {
        let worker = house.worker("mortal");
        tokio::time::sleep(Duration::from_millis(moment)).await;
        drop(worker);
        house.backing.store.release_jobs("mortal").await.unwrap();
    }
    let worker = house.worker("heir");
    assert_eq!(house.read(dataset).await.dataset.state, DatasetState::Mapping);
    drop(worker);
    let analysis = house.start(dataset).await;
    for moment in [50, 400, 1_200] {
        let worker = house.worker("mortal");
        tokio::time::sleep(Duration::from_millis(moment)).await;
        drop(worker);
        house.backing.store.release_jobs("mortal").await.unwrap();
    }
    let worker = house.worker("heir");
    let run = house.ended(analysis).await;
    assert_eq!(run.analysis.state, AnalysisState::Completed, "{:?}", run.analysis.reason);
    worker.stop().await;
    let page = findings::list(&house.backing, &house.caller, &Narrow::default(), None, 200).await.unwrap();
    assert_eq!(page.items.len() as i64, run.analysis.findings);
    let admin = caller(&house.org.admin);
    let mut tx = house.backing.store.begin(&admin.actor).await.unwrap();
    for action in ["dataset.read", "analysis.complete"] {
        let filter = audit::Filter { action: Some(action.to_owned()), ..audit::Filter::default() };
        assert_eq!(audit::list(&mut tx, &filter, 50).await.unwrap().len(), 1, "{action}");
    }
    let tables: usize =
        house.blobs().await.iter().filter(|(kind, _)| *kind == "analyses").map(|(_, n)| n).sum();
    assert_eq!(tables, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_that_stops_hands_back_and_a_cancelled_job_ends() {
    let Some(house) = House::open().await else { return };
    let (dataset, _) = house.import_plant(600).await;
    let worker = house.worker("polite");
    tokio::time::sleep(Duration::from_millis(300)).await;
    let asked = std::time::Instant::now();
    worker.stop().await;
    assert!(asked.elapsed() < Duration::from_secs(5), "{:?}", asked.elapsed());
    let worker = house.worker("next");
    assert_eq!(house.read(dataset).await.dataset.state, DatasetState::Mapping);
    worker.stop().await;
    // One that waits is cancelled at once.
    let waiting = house.start(dataset).await;
    let run = analyses::cancel(&house.backing, &house.caller, waiting).await.unwrap();
    assert_eq!(run.analysis.state, AnalysisState::Cancelled);
    assert!(analyses::cancel(&house.backing, &house.caller, waiting).await.is_err());
    // One that runs, when it next shows that it lives.
    let running = house.start(dataset).await;
    let worker = house.worker("busy");
    for _ in 0..200 {
        let run = analyses::get(&house.backing, &house.caller, running).await.unwrap();
        if run.analysis.state == AnalysisState::Running {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    analyses::cancel(&house.backing, &house.caller, running).await.unwrap();
    let run = house.ended(running).await;
    assert_eq!(run.analysis.state, AnalysisState::Cancelled, "{:?}", run.analysis.reason);
    worker.stop().await;
    analyses::delete(&house.backing, &house.caller, running).await.unwrap();
    assert!(analyses::get(&house.backing, &house.caller, running).await.is_err());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_vanished_worker_is_noticed_by_its_lease() {
    let Some(house) = House::open().await else { return };
    let (dataset, _) = house.import_plant(300).await;
    let short = |name: &str| Options {
        lease: jiff::SignedDuration::from_secs(1),
        heartbeat: Duration::from_millis(300),
        ..Options::named(name)
    };
    let worker = house.worker_with(short("mortal"));
    tokio::time::sleep(Duration::from_millis(300)).await;
    drop(worker);
    let worker = house.worker_with(short("heir"));
    assert_eq!(house.read(dataset).await.dataset.state, DatasetState::Mapping);
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_organisation_does_not_hold_up_another() {
    let Some(house) = House::open().await else { return };
    let (first, paths) = house.import_plant(1_500).await;
    let mut waiting = vec![first];
    for _ in 0..3 {
        let mut files = Vec::new();
        for path in &paths {
            files.push(house.send_file(path).await);
        }
        waiting.push(house.import(files).await);
    }
    let other = caller(&testkit::org(&house.database, "Small", "unlimited").await.analyst);
    let small =
        files::receive(&house.backing, &other, "jobs.csv", None, body("Job,Qty\nJ1,5\nJ2,6\nJ3,7\n".into()))
            .await
            .unwrap();
    let new = datasets::NewImport { files: vec![small.file.id], ..datasets::NewImport::default() };
    let small = datasets::create(&house.backing, &other, &new).await.unwrap().dataset.id;
    let worker = house.worker("one");
    let asked = std::time::Instant::now();
    loop {
        let import = datasets::get(&house.backing, &other, small).await.unwrap();
        if import.dataset.state == DatasetState::Mapping {
            break;
        }
        assert!(asked.elapsed() < Duration::from_mins(1), "{:?}", import.dataset);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let last = datasets::get(&house.backing, &house.caller, waiting[3]).await.unwrap();
    assert_eq!(last.dataset.state, DatasetState::Queued, "the small one waited for all of the large ones");
    drop(worker);
}
