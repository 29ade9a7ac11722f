//! The clock of servers and workers jumps while they work (G26): days ahead, an hour back, ten minutes ahead. No job is lost, none
//! is done twice, nobody with a valid key is refused, and the audit trail stays whole.
//!
//! Needs libfaketime (Debian: `apt install libfaketime`); passed over with a printed line where it is not installed.

use std::{
    thread,
    time::{Duration, Instant},
};

use serde_json::json;
use testkit::faketime::Faketime;

use crate::{
    product::call,
    topology::{Place, SECRET, first_key, generated},
};

#[test]
fn a_clock_that_jumps_loses_and_doubles_nothing() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let Some(database) = runtime.block_on(testkit::Database::fresh()) else { return };
    let folder = tempfile::Builder::new().prefix("plantintel-clock-").tempdir().unwrap();
    let Some(clock) = Faketime::beside(folder.path()) else { return };
    // The database keeps the true time, as on a machine of its own.
    let place = Place {
        folder: folder.path().to_owned(),
        database: database.url("plantintel_admin"),
        blobs: folder.path().join("blobs").display().to_string(),
        public: "http://127.0.0.1:8000".to_owned(),
        environment: clock.environment(),
    };
    let server = place.start("server", 0);
    let worker = place.start("worker", 0);
    let address = server.address.clone().unwrap();
    let key = first_key(&address, &server.link.clone().unwrap());
    let bearer = format!("Bearer {key}");
    let export = generated(folder.path());
    let ask = |method: &str, path: &str, kind: &str, body: &[u8]| {
        let headers = [("authorization", bearer.as_str()), ("content-type", kind)];
        let reply = call(&address, method, &format!("/api/v1{path}"), &headers, body).unwrap();
        assert!((200..300).contains(&reply.status), "{method} {path}: {} {}", reply.status, reply.json());
        reply.json()
    };
    let mut datasets = Vec::new();
    for (n, jump) in ["+0", "+45d", "-1h", "+10m", "+0", "+45d", "+0"].iter().enumerate() {
        // While an import is under way.
        let file = ask("POST", &format!("/files?name=e{n}.csv"), "application/octet-stream", &export);
        let form = json!({"files": [file["id"]]}).to_string();
        let dataset = ask("POST", "/datasets", "application/json", form.as_bytes());
        datasets.push(dataset["id"].as_str().unwrap().to_owned());
        clock.set(jump).unwrap();
        ask(
            "POST",
            "/facilities",
            "application/json",
            json!({"name": format!("p{n}")}).to_string().as_bytes(),
        );
        thread::sleep(Duration::from_millis(300));
    }
    let begun = Instant::now();
    for dataset in &datasets {
        loop {
            let state = ask("GET", &format!("/datasets/{dataset}"), "application/json", &[])["state"].clone();
            if state == "completed" {
                break;
            }
            assert!(state == "queued" || state == "running", "{dataset} is {state}");
            assert!(begun.elapsed() < Duration::from_secs(90), "{dataset} is {state}");
            thread::sleep(Duration::from_millis(100));
        }
    }
    let listed = ask("GET", "/datasets?limit=200", "application/json", &[]);
    assert_eq!(listed["items"].as_array().unwrap().len(), datasets.len());
    let facilities = ask("GET", "/facilities?limit=200", "application/json", &[]);
    assert_eq!(facilities["items"].as_array().unwrap().len(), datasets.len());
    server.stop();
    worker.stop();
    let verified = crate::product::program(&folder.path().join("server-0"))
        .args(["audit", "verify"])
        .env("DATABASE_URL", &place.database)
        .env("PLANTINTEL_SECRET_KEY", SECRET)
        .output()
        .unwrap();
    assert!(verified.status.success(), "{}", String::from_utf8_lossy(&verified.stdout));
}
