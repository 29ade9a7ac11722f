//! The topology of compose.yaml as processes: one Postgres, two servers, two workers, one folder of files, and in front of the
//! servers somebody who passes connections on, as a proxy does. Servers and workers are replaced one after the other under load,
//! with the proxy told before and without: no request fails, and every job is done once. The same over a store that speaks S3,
//! which has the files in its memory: testkit's own, or with `PLANTINTEL_STORE=moto` moto as a process, where it is installed.
//!
//! `PLANTINTEL_ROUNDS` says how often everything is replaced (once by default); with `PLANTINTEL_TEST_BLOBS` the files of the first
//! run lie there, for example in a store that speaks S3.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{Shutdown, TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use testkit::loopback::bucket::Bucket;

use crate::product::{call, program};

pub(crate) const SECRET: &str = "Zk3vQ9wLr8nTb2XcYh7MdPa5GsJf6UeE4oiRtN1";

/// One process of the installation.
pub(crate) struct Process {
    child: Child,
    pub(crate) address: Option<String>,
    pub(crate) link: Option<String>,
    /// How many lines it may still print is nobody's business; the pipe stays open.
    _lines: BufReader<std::process::ChildStdout>,
}

pub(crate) struct Place {
    pub(crate) folder: PathBuf,
    pub(crate) database: String,
    pub(crate) blobs: String,
    pub(crate) public: String,
    /// What else the processes are told.
    pub(crate) environment: Vec<(String, String)>,
}

impl Place {
    pub(crate) fn start(&self, what: &str, number: usize) -> Process {
        let home = self.folder.join(format!("{what}-{number}"));
        std::fs::create_dir_all(&home).unwrap();
        let errors = std::fs::OpenOptions::new().create(true).append(true).open(home.join("log")).unwrap();
        let mut child = program(&home)
            .arg(what)
            .env("DATABASE_URL", &self.database)
            .env("PLANTINTEL_SECRET_KEY", SECRET)
            .env("PLANTINTEL_BLOBS", &self.blobs)
            .env("PLANTINTEL_PUBLIC_ADDRESS", &self.public)
            .env("PLANTINTEL_RATE_LIMIT_PER_MINUTE", "1000000")
            .env("PLANTINTEL_LOG", "warn")
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .stdout(Stdio::piped())
            .stderr(errors)
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap());
        let (mut address, mut link) = (None, None);
        if what == "server" {
            // It says where people reach it; where it listens is said with it.
            let mut line = String::new();
            while address.is_none() {
                line.clear();
                if lines.read_line(&mut line).unwrap() == 0 {
                    let said = std::fs::read_to_string(home.join("log")).unwrap_or_default();
                    panic!("a server ended while it started: {said}");
                }
                if line.contains("token=") {
                    link = Some(line.trim().to_owned());
                }
                address = line.trim().strip_prefix("listening on ").map(str::to_owned);
            }
        }
        Process { child, address, link, _lines: lines }
    }
}

impl Process {
    /// Asks it to end, and says after how long it did.
    pub(crate) fn stop(mut self) -> Duration {
        let begun = Instant::now();
        Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status().unwrap();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                assert!(status.success(), "it ended with {status}");
                return begun.elapsed();
            }
            assert!(begun.elapsed() < Duration::from_secs(30), "it did not end");
            thread::sleep(Duration::from_millis(10));
        }
    }
}

/// Passes connections on to the servers in turn. One that does not take a connection is passed over, as proxies do; what was
/// sent is never sent twice.
struct Proxy {
    address: String,
    servers: Arc<Mutex<Vec<String>>>,
}

impl Proxy {
    fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let servers: Arc<Mutex<Vec<String>>> = Arc::default();
        let (known, next) = (Arc::clone(&servers), AtomicUsize::new(0));
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let servers = known.lock().unwrap().clone();
                let first = next.fetch_add(1, Ordering::Relaxed);
                thread::spawn(move || {
                    for try_ in 0..100 {
                        let server = &servers[(first + try_) % servers.len()];
                        if let Ok(upstream) = TcpStream::connect(server) {
                            pass(client, upstream);
                            return;
                        }
                        thread::sleep(Duration::from_millis(10));
                    }
                });
            }
        });
        Self { address, servers }
    }
}

fn pass(client: TcpStream, upstream: TcpStream) {
    let (mut from, mut to) = (client.try_clone().unwrap(), upstream.try_clone().unwrap());
    let there = thread::spawn(move || {
        let _ = std::io::copy(&mut from, &mut to);
        let _ = to.shutdown(Shutdown::Write);
    });
    let (mut from, mut to) = (upstream, client);
    let mut piece = [0; 16 << 10];
    while let Ok(n) = from.read(&mut piece) {
        if n == 0 || to.write_all(&piece[..n]).is_err() {
            break;
        }
    }
    let _ = to.shutdown(Shutdown::Both);
    let _ = from.shutdown(Shutdown::Both);
    let _ = there.join();
}

/// What one client saw.
#[derive(Debug, Default)]
struct Seen {
    requests: usize,
    failures: Vec<String>,
    datasets: Vec<String>,
}

fn client(address: &str, key: &str, number: usize, export: &[u8], stop: &AtomicBool) -> Seen {
    let bearer = format!("Bearer {key}");
    let mut seen = Seen::default();
    let mut ask = |method: &str, path: &str, kind: &str, body: &[u8]| -> Option<Value> {
        seen.requests += 1;
        let headers = [("authorization", bearer.as_str()), ("content-type", kind)];
        match call(address, method, &format!("/api/v1{path}"), &headers, body) {
            Ok(reply) if (200..300).contains(&reply.status) => Some(reply.json()),
            Ok(reply) => {
                seen.failures.push(format!("{method} {path}: {} {}", reply.status, reply.json()));
                None
            }
            Err(error) => {
                seen.failures.push(format!("{method} {path}: {error}"));
                None
            }
        }
    };
    let mut n = 0;
    let mut datasets = Vec::new();
    while !stop.load(Ordering::Acquire) {
        ask("GET", "/facilities?limit=5", "application/json", &[]);
        ask("GET", "/files?limit=5", "application/json", &[]);
        let form = json!({"name": format!("p{number}-{n}")}).to_string();
        ask("POST", "/facilities", "application/json", form.as_bytes());
        if n % 15 == 0 {
            let path = format!("/files?name=e{number}-{n}.csv");
            if let Some(file) = ask("POST", &path, "application/octet-stream", export) {
                let form = json!({"files": [file["id"]]}).to_string();
                if let Some(dataset) = ask("POST", "/datasets", "application/json", form.as_bytes()) {
                    datasets.push(dataset["id"].as_str().unwrap().to_owned());
                }
            }
        }
        n += 1;
    }
    seen.datasets = datasets;
    seen
}

pub(crate) fn first_key(address: &str, link: &str) -> String {
    let token = link.split_once("token=").unwrap().1;
    let kind = ("content-type", "application/json");
    let body = json!({ "token": token }).to_string();
    let reply = call(address, "POST", "/api/v1/session/link", &[kind], body.as_bytes()).unwrap();
    assert_eq!(reply.status, 201, "{}", reply.json());
    let cookie = reply.head.lines().find_map(|line| line.strip_prefix("set-cookie: ")).unwrap();
    let csrf = reply.json()["csrf_token"].as_str().unwrap().to_owned();
    let headers = [("cookie", cookie.split(';').next().unwrap()), ("x-csrf-token", csrf.as_str()), kind];
    let form = json!({"name": "load", "role": "owner"}).to_string();
    let reply = call(address, "POST", "/api/v1/api-keys", &headers, form.as_bytes()).unwrap();
    assert_eq!(reply.status, 201, "{}", reply.json());
    reply.json()["secret"].as_str().unwrap().to_owned()
}

pub(crate) fn generated(folder: &Path) -> Vec<u8> {
    let plant = folder.join("plant");
    let made =
        program(folder).arg("generate").arg(&plant).args(["--orders", "60", "--seed", "3"]).output().unwrap();
    assert!(made.status.success());
    let mut files: Vec<_> = std::fs::read_dir(&plant).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|ending| ending == "csv"));
    files.sort();
    std::fs::read(&files[0]).unwrap()
}

#[test]
#[expect(clippy::disallowed_methods, reason = "a long run is asked for from outside")]
fn everything_is_replaced_under_load_and_no_request_fails() {
    replaced_under_load(std::env::var("PLANTINTEL_TEST_BLOBS").ok(), Vec::new());
}

#[test]
#[expect(clippy::disallowed_methods, reason = "a long run is asked for from outside")]
fn the_same_with_files_in_a_store_that_speaks_s3() {
    let blobs = Some("s3://bucket/files".to_owned());
    if std::env::var("PLANTINTEL_STORE").is_ok_and(|store| store == "moto") {
        let Some(moto) = testkit::Moto::start() else { return };
        replaced_under_load(blobs, moto.environment());
    } else {
        replaced_under_load(blobs, Bucket::open().environment());
    }
}

#[expect(clippy::disallowed_methods, reason = "a long run is asked for from outside")]
fn replaced_under_load(blobs: Option<String>, environment: Vec<(String, String)>) {
    let rounds: usize = std::env::var("PLANTINTEL_ROUNDS").ok().and_then(|n| n.parse().ok()).unwrap_or(1);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let Some(database) = runtime.block_on(testkit::Database::fresh()) else { return };
    let folder = tempfile::Builder::new().prefix("plantintel-topology-").tempdir().unwrap();
    let proxy = Proxy::open();
    let place = Place {
        folder: folder.path().to_owned(),
        database: database.url("plantintel_admin"),
        blobs: blobs.unwrap_or_else(|| folder.path().join("blobs").display().to_string()),
        public: format!("http://{}", proxy.address),
        environment,
    };
    let mut servers = vec![place.start("server", 0)];
    let announce = |servers: &[Process]| {
        *proxy.servers.lock().unwrap() =
            servers.iter().map(|server| server.address.clone().unwrap()).collect();
    };
    announce(&servers);
    // Before the second one starts: while nobody has signed in, each start gives a new link, and only the last one works.
    let key = first_key(&proxy.address, &servers[0].link.clone().unwrap());
    servers.push(place.start("server", 1));
    announce(&servers);
    let mut workers = vec![place.start("worker", 0), place.start("worker", 1)];
    let export = generated(folder.path());

    let stop = Arc::new(AtomicBool::new(false));
    let clients: Vec<_> = (0..4)
        .map(|number| {
            let (address, key, export, stop) =
                (proxy.address.clone(), key.clone(), export.clone(), Arc::clone(&stop));
            thread::spawn(move || client(&address, &key, number, &export, &stop))
        })
        .collect();
    let mut slowest = Duration::ZERO;
    for round in 0..rounds {
        for n in 0..2 {
            thread::sleep(Duration::from_millis(700));
            // The new one is there before the old one goes.
            let new = place.start("server", 2 + 2 * round + n);
            let old = std::mem::replace(&mut servers[n], new);
            if n == 0 {
                // Out of the rotation first, as an orchestrator does; what was on its way is still served.
                announce(&servers);
                slowest = slowest.max(old.stop());
            } else {
                // Nobody tells the proxy: it goes on sending to the old one until that one takes no connection any more.
                slowest = slowest.max(old.stop());
                announce(&servers);
            }
            let new = place.start("worker", 2 + 2 * round + n);
            let old = std::mem::replace(&mut workers[n], new);
            slowest = slowest.max(old.stop());
        }
    }
    thread::sleep(Duration::from_millis(700));
    stop.store(true, Ordering::Release);
    let seen: Vec<Seen> = clients.into_iter().map(|client| client.join().unwrap()).collect();
    let requests: usize = seen.iter().map(|one| one.requests).sum();
    let failures: Vec<&String> = seen.iter().flat_map(|one| &one.failures).collect();
    eprintln!(
        "{requests} requests while 2 servers and 2 workers were replaced {rounds} times: {} failed; slowest end {slowest:?}",
        failures.len()
    );
    assert!(failures.is_empty(), "{failures:#?}");
    assert!(requests > 50);

    // Every job is done, once.
    let bearer = format!("Bearer {key}");
    let begun = Instant::now();
    for dataset in seen.iter().flat_map(|one| &one.datasets) {
        loop {
            let path = format!("/api/v1/datasets/{dataset}");
            let reply = call(&proxy.address, "GET", &path, &[("authorization", &bearer)], &[]).unwrap();
            let state = reply.json()["state"].as_str().unwrap_or_default().to_owned();
            if state == "completed" {
                break;
            }
            assert!(["queued", "running"].contains(&state.as_str()), "{dataset} is {state}");
            assert!(begun.elapsed() < Duration::from_mins(2), "{dataset} is {state}");
            thread::sleep(Duration::from_millis(100));
        }
    }
    for process in servers.into_iter().chain(workers) {
        process.stop();
    }
}
