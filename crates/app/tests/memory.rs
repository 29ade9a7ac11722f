//! A file is never held in memory, however large it is. A test binary of its own, so that nobody else's memory counts.

use std::sync::Arc;

use app::{Backing, Bounds, Caller, files};
use bytes::Bytes;
use clients::blobs::Blobs;
use domain::TraceId;
use futures::stream;
use testkit::{Database, FakeClock};

/// The most memory that this process has had, where the system says so.
fn peak_kilobytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_upload_of_two_hundred_megabytes_takes_a_few() {
    let Some(database) = Database::fresh().await else { return };
    let folder = tempfile::tempdir().unwrap();
    let backing = Backing {
        store: database.store.clone(),
        blobs: Blobs::folder(folder.path()).unwrap(),
        clock: Arc::new(FakeClock::default()),
        bounds: Bounds::default(),
        readings: app::datasets::readings::Readings::default(),
    };
    let org = testkit::org(&database, "Acme", "unlimited").await;
    let caller = Caller::new(org.analyst.clone(), TraceId::new([7; 16]), None);
    let Some(before) = peak_kilobytes() else { return };
    let pieces =
        || stream::iter((0..3_200_u32).map(|number| Ok(Bytes::from(vec![(number % 251) as u8; 64 << 10]))));
    let stored = files::receive(&backing, &caller, "large.csv", None, pieces()).await.unwrap();
    assert_eq!(stored.file.received_bytes, 3_200 * (64 << 10));
    let upload = files::begin(&backing, &caller, "large.csv", None).await.unwrap();
    files::append(&backing, &caller, upload.id, 0, pieces()).await.unwrap();
    let completed = files::complete(&backing, &caller, upload.id).await.unwrap();
    assert_eq!(completed.repeats.len(), 1);
    let grown = peak_kilobytes().unwrap() - before;
    println!("400 MB came in, and the process grew by {grown} kB");
    assert!(grown < 24_000, "{grown} kB");
}
