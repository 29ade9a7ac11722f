//! A store of files that speaks S3 and fails: with wrong keys, without its bucket, not there, busy, dead in the middle of an upload.
//! A start refuses or says what to do; an upload is refused clearly and never acknowledged falsely; jobs wait and go on; what was
//! acknowledged is there with every byte. The store is the one of testkit, on loopback.
//!
//! `PLANTINTEL_DEAF=1` adds a store that takes requests and never answers, which takes half a minute for each.

use std::{
    net::TcpListener,
    path::Path,
    thread,
    time::{Duration, Instant},
};

use serde_json::json;
use testkit::loopback::bucket::{self, Bucket, Mood};

use crate::{
    product::{Reply, call, call_within, program},
    topology::{Place, SECRET, first_key},
};

/// How long anybody waits for an answer about a store that does not answer: a proxy in front waits a minute.
const PATIENCE: Duration = Duration::from_secs(45);

fn place(folder: &Path, database: String, environment: Vec<(String, String)>) -> Place {
    Place {
        folder: folder.to_owned(),
        database,
        blobs: "s3://bucket/files".to_owned(),
        public: "http://127.0.0.1:8000".to_owned(),
        environment,
    }
}

#[test]
fn a_store_that_says_no_is_refused_at_the_start() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let Some(database) = runtime.block_on(testkit::Database::fresh()) else { return };
    let folder = tempfile::Builder::new().prefix("plantintel-store-").tempdir().unwrap();
    let bucket = Bucket::open();
    for (what, blobs, key, mood, words) in [
        ("server", "s3://bucket/files", "somebody", Mood::Well, "AWS_ACCESS_KEY_ID"),
        ("worker", "s3://bucket/files", "somebody", Mood::Well, "AWS_ACCESS_KEY_ID"),
        ("server", "s3://bucket/files", bucket::ACCESS_KEY, Mood::Locked, "AWS_SECRET_ACCESS_KEY"),
        ("server", "s3://other/files", bucket::ACCESS_KEY, Mood::Well, "make the bucket"),
        ("worker", "s3://other/files", bucket::ACCESS_KEY, Mood::Well, "make the bucket"),
    ] {
        bucket.set(mood);
        let answer = program(folder.path())
            .arg(what)
            .env("DATABASE_URL", database.url("plantintel_admin"))
            .env("PLANTINTEL_SECRET_KEY", SECRET)
            .env("PLANTINTEL_BLOBS", blobs)
            .env("PLANTINTEL_PUBLIC_ADDRESS", "http://127.0.0.1:8000")
            .envs(bucket.environment())
            .env("AWS_ACCESS_KEY_ID", key)
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&answer.stderr).into_owned();
        assert_eq!(answer.status.code(), Some(2), "{what} {blobs} {mood:?}: {said}");
        assert!(said.contains(words), "{what} {blobs} {mood:?}: {said}");
        assert!(!said.contains("loopback-secret"), "{said}");
    }
}

#[test]
#[expect(clippy::disallowed_methods, reason = "a long run is asked for from outside")]
fn a_store_that_fails_costs_nothing_that_was_acknowledged() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let Some(database) = runtime.block_on(testkit::Database::fresh()) else { return };
    let folder = tempfile::Builder::new().prefix("plantintel-store-").tempdir().unwrap();
    // Nobody is there yet.
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let place = place(folder.path(), database.url("plantintel_admin"), bucket::environment(port));
    let server = place.start("server", 0);
    let worker = place.start("worker", 0);
    let log = std::fs::read_to_string(folder.path().join("server-0/log")).unwrap();
    assert!(log.contains("the store of files does not answer") && log.contains("AWS_ENDPOINT_URL"), "{log}");
    let address = server.address.clone().unwrap();
    let key = first_key(&address, &server.link.clone().unwrap());
    let bearer = format!("Bearer {key}");
    let ask = |method: &str, path: &str, body: &[u8]| {
        let kind = if path.starts_with("/files") { "application/octet-stream" } else { "application/json" };
        let headers = [("authorization", bearer.as_str()), ("content-type", kind)];
        call_within(PATIENCE, &address, method, &format!("/api/v1{path}"), &headers, body)
    };
    let refused = |reply: Reply, when: &str| {
        assert_eq!(reply.status, 503, "{when}: {}", reply.json());
        assert!(reply.head.to_ascii_lowercase().contains("\r\nretry-after: "), "{when}: {}", reply.head);
        let words = reply.json()["detail"].as_str().unwrap_or_default().to_owned();
        assert!(words.contains("the store of files does not answer"), "{when}: {words}");
    };
    assert_eq!(call(&address, "GET", "/health/ready", &[], &[]).unwrap().status, 200);
    let begun = Instant::now();
    refused(ask("POST", "/files?name=early.csv", b"Order,Qty\n1,2\n").unwrap(), "nobody there");
    let mut slowest = begun.elapsed();

    let bucket = Bucket::open_at(port);
    let small = |n: usize| format!("Order,Qty,Cost\n{}", format!("{n},7,1.50\n").repeat(300)).into_bytes();
    let mut kept: Vec<(String, Vec<u8>)> = Vec::new();
    let mut datasets = Vec::new();
    let mut moods = vec![Mood::Busy, Mood::Bucketless, Mood::Locked, Mood::Gone];
    if std::env::var("PLANTINTEL_DEAF").is_ok() {
        moods.push(Mood::Deaf);
    }
    for (n, mood) in moods.into_iter().enumerate() {
        let when = format!("{mood:?}");
        let body = small(n);
        let reply = ask("POST", &format!("/files?name=f{n}.csv"), &body).unwrap();
        assert_eq!(reply.status, 201, "{when}: {}", reply.json());
        let id = reply.json()["id"].as_str().unwrap().to_owned();
        bucket.set(mood);
        let reply = ask("POST", "/datasets", json!({"files": [id]}).to_string().as_bytes()).unwrap();
        assert!(reply.status < 300, "{when}: {}", reply.json());
        datasets.push(reply.json()["id"].as_str().unwrap().to_owned());
        kept.push((id.clone(), body));
        let begun = Instant::now();
        refused(ask("POST", "/files?name=no.csv", &small(n)).unwrap(), &when);
        slowest = slowest.max(begun.elapsed());
        refused(ask("GET", &format!("/files/{id}/content"), &[]).unwrap(), &when);
        // What needs no bytes goes on.
        assert_eq!(ask("GET", "/facilities?limit=5", &[]).unwrap().status, 200, "{when}");

        // It dies in the middle of an upload in parts: the client hears no, whatever had come by then.
        bucket.set(Mood::Well);
        bucket.set_after(3, mood);
        let large = small(n).repeat(4_000);
        let begun = Instant::now();
        refused(ask("POST", "/files?name=large.csv", &large).unwrap(), &format!("{when} in the middle"));
        slowest = slowest.max(begun.elapsed());
        bucket.set(Mood::Well);
    }
    // Half of the bytes are never taken for all of them.
    bucket.set(Mood::Torn);
    let torn = ask("GET", &format!("/files/{}/content", kept[0].0), &[]);
    assert!(torn.is_err() || torn.is_ok_and(|reply| reply.status == 503 || reply.body != kept[0].1));
    let form = json!({"files": [kept[0].0]}).to_string();
    let reply = ask("POST", "/datasets", form.as_bytes()).unwrap();
    datasets.push(reply.json()["id"].as_str().unwrap().to_owned());
    thread::sleep(Duration::from_secs(1));
    bucket.set(Mood::Well);
    assert!(slowest < PATIENCE, "{slowest:?}");

    // Everything that waited is done, everything that was acknowledged is whole, and there is nothing else.
    let begun = Instant::now();
    for dataset in &datasets {
        loop {
            let state = ask("GET", &format!("/datasets/{dataset}"), &[]).unwrap().json()["state"].clone();
            if state == "completed" {
                break;
            }
            assert!(state == "queued" || state == "running", "{dataset} is {state}");
            assert!(begun.elapsed() < Duration::from_mins(2), "{dataset} is {state}");
            thread::sleep(Duration::from_millis(200));
        }
    }
    for (id, body) in &kept {
        let reply = ask("GET", &format!("/files/{id}/content"), &[]).unwrap();
        assert!(reply.status == 200 && reply.body == *body, "{id} has other bytes");
    }
    let listed = ask("GET", "/files?limit=200", &[]).unwrap().json();
    assert_eq!(listed["items"].as_array().unwrap().len(), kept.len(), "{listed}");
    eprintln!(
        "{} files whole, {} imports read; slowest refusal {slowest:?}; {} uploads in parts left to the lifecycle rule",
        kept.len(),
        datasets.len(),
        bucket.unfinished()
    );
    server.stop();
    worker.stop();
}
