//! Somebody who abuses the service slows nobody else down: how long another organisation's reads take, and the health check, beside
//! huge uploads, imports without end, expensive questions, floods of sign-ins and of requests, and many open event streams.
//!
//! Every change is checked beside the floods only, for a second each; `PLANTINTEL_ABUSE_SECONDS` (`cargo xtask abuse`) asks for all of
//! it, at length and against the bar.

use std::{
    io::{Read, Write},
    net::TcpStream,
    path::Path,
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    thread,
    time::{Duration, Instant},
};

use serde_json::json;
use thread_priority::{
    NormalThreadSchedulePolicy, ThreadPriority, ThreadPriorityValue, ThreadSchedulePolicy,
    set_thread_priority_and_policy, thread_native_id,
};

use crate::product::{Product, call, program, sign_in};

/// What the abuser has at hand.
struct Abuser {
    address: String,
    bearer: String,
    /// Another key, whose allowance a flood may use up.
    flooding: String,
    /// A plant's exports, on the server.
    files: Vec<String>,
    /// A run of them.
    analysis: String,
    /// Requests over the limit so far.
    refused: AtomicUsize,
}

impl Abuser {
    fn ask(&self, method: &str, path: &str, kind: &str, body: &[u8]) -> Option<(u16, serde_json::Value)> {
        let headers = [("authorization", self.bearer.as_str()), ("content-type", kind)];
        let reply = call(&self.address, method, path, &headers, body).ok()?;
        Some((reply.status, reply.json()))
    }

    fn open(product: &Product, data: &Path, with_data: bool) -> Self {
        let made = program(data)
            .args(["admin", "create-owner", "--email", "abuser@example.com", "--organization", "Abuser"])
            .output()
            .unwrap();
        let link = String::from_utf8(made.stdout).unwrap();
        let key = sign_in(product, link.trim());
        let mut abuser = Self {
            address: product.address.clone(),
            bearer: format!("Bearer {key}"),
            flooding: String::new(),
            files: Vec::new(),
            analysis: String::new(),
            refused: AtomicUsize::new(0),
        };
        let made = program(data)
            .args([
                "admin",
                "create-key",
                "--email",
                "abuser@example.com",
                "--name",
                "flooding",
                "--role",
                "admin",
            ])
            .output()
            .unwrap();
        abuser.flooding = format!("Bearer {}", String::from_utf8(made.stdout).unwrap().trim());
        if with_data {
            abuser.bring(data);
        }
        abuser
    }

    /// A plant's exports, read and under analysis.
    fn bring(&mut self, data: &Path) {
        let plant = data.join("plant");
        let made = program(data)
            .arg("generate")
            .arg(&plant)
            .args(["--orders", "400", "--seed", "3", "--problems", "all"])
            .output()
            .unwrap();
        assert!(made.status.success());
        for entry in std::fs::read_dir(&plant).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_none_or(|ending| ending != "json") {
                let name = path.file_name().unwrap().to_string_lossy().into_owned();
                let bytes = std::fs::read(&path).unwrap();
                let at = format!("/api/v1/files?name={name}");
                let (status, file) = self.ask("POST", &at, "application/octet-stream", &bytes).unwrap();
                assert_eq!(status, 201, "{file}");
                self.files.push(file["id"].as_str().unwrap().to_owned());
            }
        }
        let dataset = self.import().unwrap();
        let begun = Instant::now();
        loop {
            let (_, found) = self.ask("GET", &format!("/api/v1/datasets/{dataset}"), "", &[]).unwrap();
            if !["queued", "running"].contains(&found["state"].as_str().unwrap()) {
                break;
            }
            assert!(begun.elapsed() < Duration::from_mins(2), "{found}");
            thread::sleep(Duration::from_millis(100));
        }
        let form = json!({"datasets": [dataset]}).to_string();
        let (status, run) =
            self.ask("POST", "/api/v1/analyses", "application/json", form.as_bytes()).unwrap();
        assert!((200..300).contains(&status), "{run}");
        run["id"].as_str().unwrap().clone_into(&mut self.analysis);
    }

    fn import(&self) -> Option<String> {
        let form = json!({"files": self.files}).to_string();
        let (_, made) = self.ask("POST", "/api/v1/datasets", "application/json", form.as_bytes())?;
        made["id"].as_str().map(str::to_owned)
    }

    /// A file of a hundred megabytes, as fast as it goes.
    fn upload(&self, over: &AtomicBool) -> Option<()> {
        let mut stream = TcpStream::connect(&self.address).ok()?;
        let head = format!(
            "POST /api/v1/files?name=huge.csv HTTP/1.1\r\nhost: x\r\nauthorization: {}\r\n\
             content-type: application/octet-stream\r\ncontent-length: 104857600\r\nconnection: close\r\n\r\n",
            self.bearer
        );
        stream.write_all(head.as_bytes()).ok()?;
        let piece = b"1234567,some text of a cell,2026-01-31\n".repeat(1_700);
        while !over.load(Ordering::Acquire) {
            stream.write_all(&piece).ok()?;
        }
        Some(())
    }

    /// One round of one abuse.
    fn abuse(&self, kind: &str, thread: usize, round: usize, over: &AtomicBool) -> Option<()> {
        let json = "application/json";
        match kind {
            "huge uploads" => self.upload(over)?,
            "imports and analyses" => {
                self.import()?;
                let again = format!("/api/v1/analyses/{}/repetitions", self.analysis);
                self.ask("POST", &again, json, b"{}")?;
                thread::sleep(Duration::from_millis(200));
            }
            "expensive questions" => {
                let at = &self.analysis;
                let path = match round % 6 {
                    0 => "/api/v1/findings?limit=200&q=e".to_owned(),
                    1 => "/api/v1/audit/export?format=csv".to_owned(),
                    2 => "/api/v1/audit?limit=200".to_owned(),
                    3 => format!("/api/v1/reports/{at}.pdf"),
                    4 => {
                        let form =
                            json!({"question": "which supplier cost us the most, by month?"}).to_string();
                        self.ask("POST", &format!("/api/v1/analyses/{at}/answers"), json, form.as_bytes())?;
                        return Some(());
                    }
                    _ => format!("/api/v1/analyses/{at}/over-time"),
                };
                self.ask("GET", &path, json, &[])?;
            }
            "a flood of sign-ins" => {
                let form = json!({"email": format!("p{thread}-{round}@example.com"), "password": "wrong horse battery"});
                // Each from an address of its own, as a trusted proxy would say.
                let from = format!("198.{}.{}.{}", 18 + thread % 2, round / 250 % 250, round % 250);
                let headers = [("content-type", json), ("x-forwarded-for", from.as_str())];
                call(&self.address, "POST", "/api/v1/session", &headers, form.to_string().as_bytes()).ok()?;
            }
            "a flood over the limit" => {
                let headers = [("authorization", self.flooding.as_str())];
                let reply = call(&self.address, "GET", "/api/v1/facilities", &headers, &[]).ok()?;
                self.refused.fetch_add(usize::from(reply.status == 429), Ordering::Relaxed);
            }
            _ => {
                // Many streams of one thread, held open.
                let mut streams = Vec::new();
                for _ in 0..50 {
                    let mut stream = TcpStream::connect(&self.address).ok()?;
                    let head = format!(
                        "GET /api/v1/analyses/{}/events HTTP/1.1\r\nhost: x\r\nauthorization: {}\r\n\r\n",
                        self.analysis, self.bearer
                    );
                    stream.write_all(head.as_bytes()).ok()?;
                    stream.set_nonblocking(true).ok()?;
                    streams.push(stream);
                }
                while !over.load(Ordering::Acquire) {
                    let mut bytes = [0; 4096];
                    streams.retain_mut(|stream| !matches!(stream.read(&mut bytes), Ok(0)));
                    thread::sleep(Duration::from_millis(50));
                }
            }
        }
        Some(())
    }
}

/// The abuser comes from elsewhere: what it costs to make its requests is not taken from the service.
fn from_elsewhere() {
    let least = ThreadPriority::Crossplatform(ThreadPriorityValue::MIN);
    let policy = ThreadSchedulePolicy::Normal(NormalThreadSchedulePolicy::Other);
    if let Err(error) = set_thread_priority_and_policy(thread_native_id(), least, policy) {
        eprintln!("the abuser takes processors like everybody: {error:?}");
    }
}

/// How long reads and the health check take, as the slowest of a hundred.
fn slowest(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() * 99 / 100]
}

#[test]
#[expect(clippy::disallowed_methods, reason = "a long run is asked for from outside")]
fn whoever_abuses_the_service_slows_nobody_else_down() {
    let asked: Option<u64> = std::env::var("PLANTINTEL_ABUSE_SECONDS").ok().and_then(|n| n.parse().ok());
    let seconds = asked.unwrap_or(1);
    // A second on a machine with other work on it tells only what is badly wrong.
    let bar = Duration::from_millis(if asked.is_some() { 200 } else { 1_500 });
    let folder = tempfile::Builder::new().prefix("plantintel-abuse-").tempdir().unwrap();
    let settings = [
        ("PLANTINTEL_RATE_LIMIT_PER_MINUTE", "1200"),
        ("PLANTINTEL_TRUSTED_PROXIES", "[\"127.0.0.1\"]"),
        ("PLANTINTEL_LOG", "error"),
    ];
    let Some(product) = Product::start_with(folder.path(), "log", &settings) else { return };
    let bearer = format!("Bearer {}", product.owner_key(folder.path()));
    let abuser = Abuser::open(&product, folder.path(), asked.is_some());
    for n in 0..20 {
        let form = json!({"name": format!("Plant {n}")});
        assert_eq!(
            product.ask("POST", "/api/v1/facilities", &[("authorization", &bearer)], Some(&form)).0,
            201
        );
    }
    // Each key has its own allowance; the others work with several.
    let mut bearers = vec![bearer];
    for n in 0..9 {
        let made = program(folder.path())
            .args(["admin", "create-key", "--email", "owner@plantintel.local", "--role", "viewer", "--name"])
            .arg(format!("k{n}"))
            .output()
            .unwrap();
        bearers.push(format!("Bearer {}", String::from_utf8(made.stdout).unwrap().trim()));
    }
    let turn = AtomicUsize::new(0);
    let look = |path: &str| {
        let bearer = &bearers[turn.fetch_add(1, Ordering::Relaxed) / 2 % bearers.len()];
        let begun = Instant::now();
        let headers = [("authorization", bearer.as_str())];
        let reply = call(&product.address, "GET", path, &headers, &[]).unwrap();
        assert_eq!(reply.status, 200, "{path}: {}", reply.json());
        begun.elapsed()
    };
    let measure = |last: Duration| {
        let begun = Instant::now();
        let (mut reads, mut health) = (Vec::new(), Vec::new());
        while begun.elapsed() < last {
            reads.push(look("/api/v1/facilities"));
            health.push(look("/health/ready"));
            thread::sleep(Duration::from_millis(5));
        }
        (slowest(reads.clone()), slowest(health), reads.len())
    };
    let last = Duration::from_secs(seconds);
    measure(Duration::from_millis(500));
    let (quiet, quiet_health, n) = measure(last * 2);
    eprintln!("quiet: p99 of {n} reads {quiet:?}, of health {quiet_health:?}");
    let mut slow = Vec::new();
    for (kind, threads) in [
        ("huge uploads", 3),
        ("expensive questions", 4),
        ("a flood of sign-ins", 8),
        ("a flood over the limit", 8),
        // The streams wait for runs that wait.
        ("imports and analyses", 2),
        ("open event streams", 6),
    ] {
        if asked.is_none() && !kind.contains("flood") {
            continue;
        }
        let (over, rounds) = (&AtomicBool::new(false), &AtomicUsize::new(0));
        let (reads, health, n) = thread::scope(|scope| {
            for thread in 0..threads {
                let abuser = &abuser;
                scope.spawn(move || {
                    from_elsewhere();
                    while !over.load(Ordering::Acquire) {
                        let round = rounds.fetch_add(1, Ordering::Relaxed);
                        abuser.abuse(kind, thread, round, over);
                    }
                });
            }
            thread::sleep(Duration::from_millis(if kind == "open event streams" { 2_000 } else { 200 }));
            let begun = Instant::now();
            while kind == "a flood over the limit"
                && abuser.refused.load(Ordering::Relaxed) == 0
                && begun.elapsed() < Duration::from_secs(30)
            {
                thread::sleep(Duration::from_millis(20));
            }
            let measured = measure(last);
            over.store(true, Ordering::Release);
            measured
        });
        let ratio = reads.as_secs_f64() / quiet.as_secs_f64();
        eprintln!(
            "{kind}, {} rounds: p99 of {n} reads of another organization {reads:?} ({ratio:.1} times), of health {health:?}",
            rounds.load(Ordering::Relaxed)
        );
        if reads > bar.max(quiet * 3) || health > bar.max(quiet_health * 3) {
            slow.push(kind);
        }
    }
    product.end("-TERM");
    assert!(abuser.refused.load(Ordering::Relaxed) > 0, "the flood stayed below the limit");
    assert!(slow.is_empty(), "others wait during {slow:?}");
}
