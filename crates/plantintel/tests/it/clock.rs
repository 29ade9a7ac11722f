//! The clock of servers and workers jumps while they work (G26): days ahead, an hour back, ten minutes ahead. No job is lost, none
//! is done twice, nobody with a valid key is refused, and the audit trail stays whole.
//!
//! Needs libfaketime (Debian: `apt install libfaketime`); passed over with a printed line where it is not installed.

use std::{
    path::Path,
    thread,
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use testkit::faketime::Faketime;

use crate::{
    crashes::all,
    product::call,
    topology::{Place, Process, SECRET, first_key, generated},
};

/// A server and a worker under a clock, with somebody who imports all the time.
struct Watched {
    place: Place,
    server: Process,
    worker: Process,
    key: String,
    export: Vec<u8>,
    datasets: Vec<String>,
}

impl Watched {
    fn start(folder: &Path, database: String, clock: &Faketime) -> Self {
        // The database keeps the true time, as on a machine of its own.
        let place = Place {
            folder: folder.to_owned(),
            database,
            blobs: folder.join("blobs").display().to_string(),
            public: "http://127.0.0.1:8000".to_owned(),
            environment: clock.environment(),
        };
        let server = place.start("server", 0);
        let worker = place.start("worker", 0);
        let key = first_key(server.address.as_ref().unwrap(), &server.link.clone().unwrap());
        Self { place, server, worker, key, export: generated(folder), datasets: Vec::new() }
    }

    fn ask(&self, method: &str, path: &str, kind: &str, body: &[u8]) -> Value {
        let bearer = format!("Bearer {}", self.key);
        let headers = [("authorization", bearer.as_str()), ("content-type", kind)];
        let address = self.server.address.as_ref().unwrap();
        let reply = call(address, method, &format!("/api/v1{path}"), &headers, body).unwrap();
        assert!((200..300).contains(&reply.status), "{method} {path}: {} {}", reply.status, reply.json());
        reply.json()
    }

    /// Moves the clock while an import is under way.
    fn step(&mut self, clock: &Faketime, jump: &str) {
        let n = self.datasets.len();
        let file =
            self.ask("POST", &format!("/files?name=e{n}.csv"), "application/octet-stream", &self.export);
        let form = json!({"files": [file["id"]]}).to_string();
        let dataset = self.ask("POST", "/datasets", "application/json", form.as_bytes());
        self.datasets.push(dataset["id"].as_str().unwrap().to_owned());
        clock.set(jump).unwrap();
        let form = json!({"name": format!("p{n}")}).to_string();
        self.ask("POST", "/facilities", "application/json", form.as_bytes());
    }

    /// Every import is read, once, and the trail is whole.
    fn end(self) {
        let begun = Instant::now();
        for dataset in &self.datasets {
            loop {
                let state =
                    self.ask("GET", &format!("/datasets/{dataset}"), "application/json", &[])["state"]
                        .clone();
                if state == "completed" {
                    break;
                }
                assert!(state == "queued" || state == "running", "{dataset} is {state}");
                assert!(begun.elapsed() < Duration::from_secs(90), "{dataset} is {state}");
                thread::sleep(Duration::from_millis(100));
            }
        }
        let address = self.server.address.clone().unwrap();
        assert_eq!(all(&address, &self.key, "/datasets").len(), self.datasets.len());
        assert_eq!(all(&address, &self.key, "/facilities").len(), self.datasets.len());
        self.server.stop();
        self.worker.stop();
        let verified = crate::product::program(&self.place.folder.join("server-0"))
            .args(["audit", "verify"])
            .env("DATABASE_URL", &self.place.database)
            .env("PLANTINTEL_SECRET_KEY", SECRET)
            .output()
            .unwrap();
        assert!(verified.status.success(), "{}", String::from_utf8_lossy(&verified.stdout));
    }
}

#[test]
fn a_clock_that_jumps_loses_and_doubles_nothing() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let Some(database) = runtime.block_on(testkit::Database::fresh()) else { return };
    let folder = tempfile::Builder::new().prefix("plantintel-clock-").tempdir().unwrap();
    let Some(clock) = Faketime::beside(folder.path()) else { return };
    let mut watched = Watched::start(folder.path(), database.url("plantintel_admin"), &clock);
    for jump in ["+0", "+45d", "-1h", "+10m", "+0", "+45d", "+0"] {
        watched.step(&clock, jump);
        thread::sleep(Duration::from_millis(300));
    }
    watched.end();
}

/// Steps of up to sixty days ahead and three back, one every five seconds for as long as `PLANTINTEL_CLOCK_SECONDS` says; by default
/// four within two seconds.
#[test]
#[expect(clippy::disallowed_methods, reason = "a long run is asked for from outside")]
fn a_clock_that_steps_at_random_loses_and_doubles_nothing() {
    let asked = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let seconds = asked("PLANTINTEL_CLOCK_SECONDS");
    let every = if seconds.is_some() { Duration::from_secs(5) } else { Duration::from_millis(500) };
    let length = Duration::from_secs(seconds.unwrap_or(2));
    let mut at = asked("PLANTINTEL_SEED").unwrap_or(26);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let Some(database) = runtime.block_on(testkit::Database::fresh()) else { return };
    let folder = tempfile::Builder::new().prefix("plantintel-clock-").tempdir().unwrap();
    let Some(clock) = Faketime::beside(folder.path()) else { return };
    let mut watched = Watched::start(folder.path(), database.url("plantintel_admin"), &clock);
    let begun = Instant::now();
    let mut steps = 0;
    while begun.elapsed() < length {
        at = at.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let by = i64::try_from((at >> 33) % (63 * 86_400)).unwrap() - 3 * 86_400;
        watched.step(&clock, &format!("{by:+}"));
        steps += 1;
        thread::sleep((every * steps).saturating_sub(begun.elapsed()));
    }
    eprintln!("{steps} random steps of the clock");
    watched.end();
}
