//! The disk of uploaded files fails at random: writes, syncs, renames and new folders answer EIO or ENOSPC. An upload that meets one
//! is answered with 503 and leaves nothing; one that was acknowledged is there with every byte; jobs wait and go on; the processes
//! live.
//!
//! `PLANTINTEL_EPISODES` says how many episodes there are (two by default, one of each error).

use std::{
    thread,
    time::{Duration, Instant},
};

use serde_json::json;
use testkit::Disk;

use crate::{
    product::call,
    topology::{Place, first_key},
};

#[test]
#[expect(clippy::disallowed_methods, reason = "a long run is asked for from outside")]
fn errors_of_the_disk_refuse_and_lose_nothing() {
    let episodes: usize = std::env::var("PLANTINTEL_EPISODES").ok().and_then(|n| n.parse().ok()).unwrap_or(2);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let Some(database) = runtime.block_on(testkit::Database::fresh()) else { return };
    let folder = tempfile::Builder::new().prefix("plantintel-disk-").tempdir().unwrap();
    let blobs = folder.path().join("blobs");
    std::fs::create_dir(&blobs).unwrap();
    let Some(disk) = Disk::below(&blobs, folder.path()) else { return };
    let place = Place {
        folder: folder.path().to_owned(),
        database: database.url("plantintel_admin"),
        blobs: blobs.display().to_string(),
        public: "http://127.0.0.1:8000".to_owned(),
        environment: disk.environment(),
    };
    let server = place.start("server", 0);
    let worker = place.start("worker", 0);
    let address = server.address.clone().unwrap();
    let bearer = format!("Bearer {}", first_key(&address, &server.link.clone().unwrap()));
    let ask = |method: &str, path: &str, body: &[u8]| {
        let kind = if path.starts_with("/files") { "application/octet-stream" } else { "application/json" };
        let headers = [("authorization", bearer.as_str()), ("content-type", kind)];
        call(&address, method, &format!("/api/v1{path}"), &headers, body).unwrap()
    };
    let (mut kept, mut datasets, mut refused) = (Vec::new(), Vec::new(), 0);
    for episode in 0..episodes {
        disk.set(["eio 12", "enospc 12"][episode % 2]).unwrap();
        let (mut good, mut bad, mut n) = (0, 0, 0);
        while good < 12 || bad < 12 {
            let rows = [4, 300, 60_000][n % 3];
            let body =
                format!("Order,Qty,Cost\n{}", format!("{episode}{n},7,1.50\n").repeat(rows)).into_bytes();
            let reply = ask("POST", &format!("/files?name=f{episode}-{n}.csv"), &body);
            if reply.status == 201 {
                good += 1;
                let id = reply.json()["id"].as_str().unwrap().to_owned();
                if good % 6 == 1 {
                    let reply = ask("POST", "/datasets", json!({"files": [id]}).to_string().as_bytes());
                    assert!(reply.status < 300, "{}", reply.json());
                    datasets.push(reply.json()["id"].as_str().unwrap().to_owned());
                }
                kept.push((id, body));
            } else {
                bad += 1;
                assert_eq!(reply.status, 503, "{}", reply.json());
                assert!(reply.head.to_ascii_lowercase().contains("\r\nretry-after: "), "{}", reply.head);
                let words = reply.json()["detail"].as_str().unwrap_or_default().to_owned();
                assert!(words.contains("the store of files") || words.contains("no room"), "{words}");
            }
            n += 1;
            assert!(n < 2_000, "{good} taken and {bad} refused of {n}");
        }
        refused += bad;
        assert_eq!(call(&address, "GET", "/health/ready", &[], &[]).unwrap().status, 200);
    }
    disk.set("well").unwrap();
    let begun = Instant::now();
    for dataset in &datasets {
        loop {
            let state = ask("GET", &format!("/datasets/{dataset}"), &[]).json()["state"].clone();
            if state == "completed" {
                break;
            }
            assert!(state == "queued" || state == "running", "{dataset} is {state}");
            assert!(begun.elapsed() < Duration::from_mins(3), "{dataset} is {state}");
            thread::sleep(Duration::from_millis(200));
        }
    }
    for (id, body) in &kept {
        let reply = ask("GET", &format!("/files/{id}/content"), &[]);
        assert!(reply.status == 200 && reply.body == *body, "{id} has other bytes");
    }
    let drafts = std::fs::read_dir(blobs.join("drafts")).unwrap().count();
    assert_eq!(drafts, 0, "drafts of refused uploads stay");
    eprintln!(
        "{episodes} episodes: {} files acknowledged and whole, {refused} refused, {} imports read",
        kept.len(),
        datasets.len()
    );
    server.stop();
    worker.stop();
}
