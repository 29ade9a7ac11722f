//! Files that are no table end as a failed import with a sentence, and nothing of them is left.

use std::{io::Write, time::Duration};

use app::worker::Options;
use store::{
    datasets::DatasetState,
    jobs::{self, JobState},
};

use super::house::House;

fn bomb() -> Vec<u8> {
    // A sheet that unpacks to far more than is allowed.
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options =
        zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Deflated);
    archive.start_file("jobs.csv", options).unwrap();
    let zeros = vec![0_u8; 1 << 20];
    for _ in 0..300 {
        archive.write_all(&zeros).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

/// A job that has written its end is let go of at its next heartbeat; what it has still to remove goes all the same.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refused_file_goes_though_its_job_is_let_go_of_at_once() {
    let Some(house) = House::open().await else { return };
    let hasty = Options { heartbeat: Duration::from_millis(1), ..Options::named("hasty") };
    let worker = house.worker_with(hasty);
    for n in 0..12 {
        let file = house.send(&format!("zeros{n}.csv"), vec![0; 4_000]).await.file.id;
        let dataset = house.import(vec![file]).await;
        assert_eq!(house.read(dataset).await.dataset.state, DatasetState::Failed);
    }
    assert_eq!(left(&house).await, []);
    worker.stop().await;
}

/// What is left of blobs when those that go have gone.
async fn left(house: &House) -> Vec<(&'static str, usize)> {
    let mut left = house.blobs().await;
    for _ in 0..100 {
        if left.is_empty() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
        left = house.blobs().await;
    }
    left
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_kind_of_wrong_file_fails_with_its_sentence() {
    let Some(house) = House::open().await else { return };
    let worker = house.worker("one");
    for (name, bytes, says) in [
        ("empty.csv", b"\xef\xbb\xbf\r\n".to_vec(), "no data rows"),
        ("report.csv", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nendobj\n".to_vec(), "PDF"),
        ("photo.xlsx", b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01".to_vec(), "picture"),
        ("zeros.csv", vec![0; 4_000], "text"),
        ("bomb.zip", bomb(), ""),
        ("cut.zip", b"PK\x03\x04\x14\x00\x00\x00\x08\x00\x00\x00\x00\x00".to_vec(), "damaged"),
    ] {
        let file = house.send(name, bytes).await.file.id;
        let dataset = house.import(vec![file]).await;
        let import = house.read(dataset).await;
        assert_eq!(import.dataset.state, DatasetState::Failed, "{name}");
        let reason = import.dataset.reason.unwrap();
        assert!(reason.contains(name) && reason.contains(says), "{name}: {reason}");
        let mut tx = house.backing.store.begin(&house.org.analyst).await.unwrap();
        let job = jobs::get(&mut tx, domain::id::JobId(dataset.0)).await.unwrap().unwrap();
        assert_eq!((job.state, job.attempt), (JobState::Failed, 1), "{name} was tried again");
        // The refusal is told first, then the bytes go.
        assert_eq!(left(&house).await, [], "{name} left something behind");
    }
    worker.stop().await;
}
