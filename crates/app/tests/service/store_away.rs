//! The store of files goes away while there is work, for longer than a job may fail: the job waits and is done, once.

use std::time::Duration;

use app::{files, worker::Options};
use clients::blobs::Blobs;
use domain::id::JobId;
use store::{datasets::DatasetState, jobs};
use testkit::loopback::bucket::{Bucket, Mood};

use super::house::{House, body};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_job_waits_for_the_store_longer_than_it_may_fail() {
    let Some(mut house) = House::open().await else { return };
    let bucket = Bucket::open();
    let mut options: Vec<_> =
        bucket.environment().into_iter().map(|(name, value)| (name.to_lowercase(), value)).collect();
    options.push(("aws_allow_http".to_owned(), "true".to_owned()));
    house.backing.blobs = Blobs::open("s3://bucket/files", options).unwrap();
    let (dataset, _) = house.import_plant(60).await;
    let there = bucket.objects();

    // A store that is away, one whose bucket is gone and one that takes our keys no more are waited for alike.
    bucket.set(Mood::Locked);
    let quick = Options { away: jiff::SignedDuration::from_millis(50), ..Options::named("patient") };
    let worker = house.worker_with(quick);
    let begun = bucket.asked();
    let mut waited = String::new();
    for (mood, until) in [(Mood::Locked, 5), (Mood::Bucketless, 10), (Mood::Gone, 15)] {
        bucket.set(mood);
        for _ in 0..600 {
            if bucket.asked() >= begun + until {
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        assert!(bucket.asked() >= begun + until, "the job has stopped asking a store that is {mood:?}");
        let mut tx = house.backing.store.begin(&house.org.analyst).await.unwrap();
        let job = jobs::get(&mut tx, JobId(dataset.0)).await.unwrap().unwrap();
        assert!(["queued", "running"].contains(&job.state.name()), "{job:?}");
        waited = job.progress["message"].as_str().unwrap_or_default().to_owned();
        // What comes meanwhile is refused as a whole.
        let refused = files::receive(
            &house.backing,
            &house.caller,
            "refused.csv",
            None,
            body("Job,Qty\nJ1,5\n".into()),
        )
        .await;
        assert!(matches!(refused, Err(app::Error::Away(_))), "{mood:?}: {refused:?}");
    }
    assert!(waited.contains("the store of files"), "{waited}");

    bucket.set(Mood::Well);
    assert_eq!(house.read(dataset).await.dataset.state, DatasetState::Mapping);
    worker.stop().await;
    assert!(bucket.objects() > there, "the tables are in the store");
    let listed = files::list(&house.backing, &house.caller, store::Page::first(200)).await.unwrap();
    assert!(listed.items.iter().all(|file| file.name != "refused.csv"), "nothing stays of what was refused");
}
