//! Mixed load for as long as one likes: no request fails for reasons of the server, and memory, descriptors and connections stay flat.
//!
//! `PLANTINTEL_SOAK_MINUTES` says how long; a sixth of one by default, in which a slope says nothing and is only printed.

use std::{
    process::Command,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use crate::{
    product::{Product, call, database_pid},
    topology::generated,
};

/// One look at the process.
#[derive(Debug, Clone, Copy)]
struct Look {
    minute: f64,
    resident_mb: f64,
    descriptors: f64,
    sessions: f64,
}

fn look(pid: u32, database: &str, begun: Instant) -> Look {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    let kb: f64 = line.split_whitespace().next().unwrap().parse().unwrap();
    let descriptors = std::fs::read_dir(format!("/proc/{pid}/fd")).unwrap().count();
    // Sessions of the database are processes named after their role, below the one of this product.
    let listed = Command::new("ps").args(["-o", "args", "--ppid", database]).output().unwrap();
    let sessions = String::from_utf8_lossy(&listed.stdout)
        .lines()
        .filter(|line| line.starts_with("postgres: plantintel_"))
        .count();
    Look {
        minute: begun.elapsed().as_secs_f64() / 60.0,
        resident_mb: kb / 1024.0,
        descriptors: descriptors as f64,
        sessions: sessions as f64,
    }
}

/// The slope of the best line, per ten minutes.
fn slope(looks: &[Look], value: impl Fn(&Look) -> f64) -> f64 {
    let n = looks.len() as f64;
    let mean = |of: &dyn Fn(&Look) -> f64| looks.iter().map(of).sum::<f64>() / n;
    let (x, y) = (mean(&|look| look.minute), mean(&|look| value(look)));
    let up: f64 = looks.iter().map(|look| (look.minute - x) * (value(look) - y)).sum();
    let down: f64 = looks.iter().map(|look| (look.minute - x).powi(2)).sum();
    10.0 * up / down
}

fn client(address: &str, key: &str, number: usize, stop: &AtomicBool, asked: &AtomicUsize) -> Vec<String> {
    let bearer = format!("Bearer {key}");
    let mut failures = Vec::new();
    let mut n = 0_usize;
    while !stop.load(Ordering::Acquire) {
        let name = format!("p{number}-{n}");
        let form = json!({ "name": name }).to_string();
        let rows = format!("Order,Qty,Cost\n{}", format!("{n},7,1.50\n").repeat(200));
        let wrong = "Bearer pi_live_nobody";
        let upload = format!("/api/v1/files?name={name}.csv");
        let (method, path, kind, body, proof) = match n % 12 {
            0 => ("POST", "/api/v1/facilities", "application/json", form.as_bytes(), bearer.as_str()),
            1 => ("POST", upload.as_str(), "application/octet-stream", rows.as_bytes(), bearer.as_str()),
            2 => ("GET", "/api/v1/audit?limit=20", "application/json", &b""[..], bearer.as_str()),
            3 => ("GET", "/api/v1/files?limit=20", "application/json", &b""[..], wrong),
            4 => ("POST", "/api/v1/facilities", "application/json", &b"{\"name\":"[..], bearer.as_str()),
            5 => ("GET", "/sign-in", "text/html", &b""[..], bearer.as_str()),
            6 => ("GET", "/api/v1/datasets", "application/json", &b""[..], bearer.as_str()),
            7 => ("GET", "/api/openapi.json", "application/json", &b""[..], bearer.as_str()),
            _ => ("GET", "/api/v1/facilities?limit=50", "application/json", &b""[..], bearer.as_str()),
        };
        let headers = [("authorization", proof), ("content-type", kind)];
        match call(address, method, path, &headers, body) {
            Ok(reply) if reply.status < 500 => {
                // Every file that came is read by the worker.
                if n % 12 == 1 && n % 60 == 1 && reply.status == 201 {
                    let form = json!({"files": [reply.json()["id"]]}).to_string();
                    let headers = [("authorization", bearer.as_str()), ("content-type", "application/json")];
                    let made = call(address, "POST", "/api/v1/datasets", &headers, form.as_bytes()).unwrap();
                    assert!(made.status < 500, "{}", made.json());
                }
            }
            Ok(reply) => failures.push(format!("{method} {path}: {} {}", reply.status, reply.json())),
            Err(error) => failures.push(format!("{method} {path}: {error}")),
        }
        asked.fetch_add(1, Ordering::Relaxed);
        n += 1;
        thread::sleep(Duration::from_millis(20));
    }
    failures
}

/// Somebody who takes an export in, analyzes it and throws everything away, again and again.
struct Analyst<'a> {
    address: &'a str,
    bearer: String,
    asked: &'a AtomicUsize,
    failures: Vec<String>,
}

impl Analyst<'_> {
    fn ask(&mut self, method: &str, path: &str, body: &[u8]) -> Option<Value> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        let kind = if path.starts_with("/files") { "application/octet-stream" } else { "application/json" };
        let headers = [("authorization", self.bearer.as_str()), ("content-type", kind)];
        match call(self.address, method, &format!("/api/v1{path}"), &headers, body) {
            Ok(reply) if reply.status < 300 => return Some(reply.json()),
            Ok(reply) => self.failures.push(format!("{method} {path}: {} {}", reply.status, reply.json())),
            Err(error) => self.failures.push(format!("{method} {path}: {error}")),
        }
        None
    }

    fn make(&mut self, path: &str, body: &[u8]) -> Option<String> {
        self.ask("POST", path, body).map(|made| made["id"].as_str().unwrap().to_owned())
    }

    fn completed(&mut self, path: &str) -> Option<()> {
        loop {
            let found = self.ask("GET", path, &[])?;
            if found["state"] == "completed" {
                return Some(());
            }
            assert!(found["state"] == "queued" || found["state"] == "running", "{found}");
            thread::sleep(Duration::from_millis(200));
        }
    }

    fn once(&mut self, export: &[u8]) -> Option<()> {
        let file = self.make("/files?name=plant.csv", export)?;
        let dataset = self.make("/datasets", json!({"files": [file]}).to_string().as_bytes())?;
        self.completed(&format!("/datasets/{dataset}"))?;
        let analysis = self.make("/analyses", json!({"datasets": [dataset]}).to_string().as_bytes())?;
        self.completed(&format!("/analyses/{analysis}"))?;
        self.ask("GET", &format!("/findings?analysis_id={analysis}"), &[])?;
        for path in
            [format!("/analyses/{analysis}"), format!("/datasets/{dataset}"), format!("/files/{file}")]
        {
            self.ask("DELETE", &path, &[])?;
        }
        Some(())
    }
}

fn analyst(address: &str, key: &str, export: &[u8], stop: &AtomicBool, asked: &AtomicUsize) -> Vec<String> {
    let mut analyst = Analyst { address, bearer: format!("Bearer {key}"), asked, failures: Vec::new() };
    while !stop.load(Ordering::Acquire) {
        let _ = analyst.once(export);
        for _ in 0..50 {
            if !stop.load(Ordering::Acquire) {
                thread::sleep(Duration::from_millis(100));
            }
        }
    }
    analyst.failures
}

#[test]
#[expect(clippy::disallowed_methods, reason = "a long run is asked for from outside")]
fn mixed_load_leaves_everything_flat() {
    let minutes: f64 =
        std::env::var("PLANTINTEL_SOAK_MINUTES").ok().and_then(|n| n.parse().ok()).unwrap_or(1.0 / 6.0);
    let folder = tempfile::Builder::new().prefix("plantintel-soak-").tempdir().unwrap();
    let settings = [("PLANTINTEL_RATE_LIMIT_PER_MINUTE", "1000000"), ("PLANTINTEL_LOG", "warn")];
    let Some(product) = Product::start_with(folder.path(), "log", &settings) else { return };
    let key = product.owner_key(folder.path());
    let (stop, asked) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    let export = generated(folder.path());
    let mut clients: Vec<_> = (0..4)
        .map(|number| {
            let (address, key) = (product.address.clone(), key.clone());
            let (stop, asked) = (Arc::clone(&stop), Arc::clone(&asked));
            thread::spawn(move || client(&address, &key, number, &stop, &asked))
        })
        .collect();
    clients.push({
        let (address, key) = (product.address.clone(), key.clone());
        let (stop, asked) = (Arc::clone(&stop), Arc::clone(&asked));
        thread::spawn(move || analyst(&address, &key, &export, &stop, &asked))
    });
    let database = database_pid(folder.path());
    let begun = Instant::now();
    let mut looks = Vec::new();
    while begun.elapsed().as_secs_f64() < minutes * 60.0 {
        thread::sleep(Duration::from_secs(1));
        looks.push(look(product.pid(), &database, begun));
    }
    stop.store(true, Ordering::Release);
    let failures: Vec<String> = clients.into_iter().flat_map(|client| client.join().unwrap()).collect();
    // Pools and caches fill in the beginning.
    let settled: Vec<Look> = looks.iter().copied().filter(|look| look.minute > minutes / 4.0).collect();
    let (memory, descriptors, sessions) = (
        slope(&settled, |look| look.resident_mb),
        slope(&settled, |look| look.descriptors),
        slope(&settled, |look| look.sessions),
    );
    let last = settled.last().unwrap();
    eprintln!(
        "{} requests in {minutes:.1} minutes, {} failed; {:.0} MB resident, {memory:+.2} MB per 10 min; {} descriptors, {descriptors:+.2}; \
         {} sessions, {sessions:+.2}",
        asked.load(Ordering::Relaxed),
        failures.len(),
        last.resident_mb,
        last.descriptors,
        last.sessions
    );
    assert!(failures.is_empty(), "{failures:#?}");
    if minutes >= 20.0 {
        assert!(memory < 1.0 && descriptors < 1.0 && sessions < 1.0);
    }
    product.end("-TERM");
}
