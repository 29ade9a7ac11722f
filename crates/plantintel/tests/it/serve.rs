//! The product, started as people start it: no arguments, nothing configured but where its files may be.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::Path,
    process::{Child, ChildStdout, Command, Stdio},
    time::{Duration, Instant},
};

use serde_json::{Value, json};

struct Product {
    child: Child,
    // Kept open, so that the program never writes into a closed pipe.
    _lines: BufReader<ChildStdout>,
    address: String,
    link: Option<String>,
}

fn program(data: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_plantintel"));
    command
        .current_dir(data)
        .env("PLANTINTEL_DATA_FOLDER", data.join("data"))
        .env("PLANTINTEL_ADDRESS", "127.0.0.1:0")
        .env_remove("DATABASE_URL");
    command
}

impl Product {
    /// `None` where no Postgres is installed.
    fn start(data: &Path, log: &str) -> Option<Self> {
        if let Err(error) = cluster::find_binaries() {
            eprintln!("skipped: {error}");
            return None;
        }
        let errors = std::fs::OpenOptions::new().create(true).append(true).open(data.join(log)).unwrap();
        let mut child = program(data).stdout(Stdio::piped()).stderr(errors).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap());
        let address = line(&mut lines).strip_prefix("PlantIntel is at http://").unwrap().to_owned();
        // Nobody has signed in yet: the next two lines say how to.
        let link = (!data.join("signed-in").exists()).then(|| {
            assert!(line(&mut lines).starts_with("Sign in for the first time"));
            line(&mut lines)
        });
        let product = Self { child, _lines: lines, address, link };
        assert_eq!(product.ask("GET", "/health/ready", &[], None).0, 200);
        Some(product)
    }

    fn ask(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&Value>,
    ) -> (u16, String, Value) {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        let body = body.map(Value::to_string).unwrap_or_default();
        let mut head = format!("{method} {path} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n", self.address);
        for (name, value) in headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        if !body.is_empty() {
            head.push_str(&format!("content-type: application/json\r\ncontent-length: {}\r\n", body.len()));
        }
        stream.write_all(format!("{head}\r\n{body}").as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        (status, head.to_owned(), serde_json::from_str(body).unwrap_or(Value::Null))
    }

    fn end(mut self, signal: &str) -> Option<i32> {
        let id = self.child.id().to_string();
        Command::new("kill").args([signal, &id]).status().unwrap();
        let begun = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.code();
            }
            assert!(begun.elapsed() < Duration::from_secs(30), "it did not stop");
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

fn line(lines: &mut BufReader<ChildStdout>) -> String {
    let mut line = String::new();
    lines.read_line(&mut line).unwrap();
    line.trim_end().to_owned()
}

#[test]
fn a_fresh_machine_has_the_product_and_finds_its_data_again() {
    let folder = tempfile::Builder::new().prefix("plantintel-serve-").tempdir().unwrap();
    let begun = Instant::now();
    let Some(product) = Product::start(folder.path(), "log") else { return };
    let first_start = begun.elapsed();

    let link = product.link.clone().unwrap();
    let token = link.split_once("token=").unwrap().1.to_owned();
    let (status, head, body) =
        product.ask("POST", "/api/v1/session/link", &[], Some(&json!({ "token": token })));
    assert_eq!(status, 201, "{body}");
    std::fs::write(folder.path().join("signed-in"), "").unwrap();
    let cookie = head
        .lines()
        .find_map(|line| line.strip_prefix("set-cookie: "))
        .unwrap()
        .split(';')
        .next()
        .unwrap()
        .to_owned();
    let csrf = body["csrf_token"].as_str().unwrap().to_owned();
    let (status, _, me) = product.ask("GET", "/api/v1/me", &[("cookie", &cookie)], None);
    assert_eq!((status, &me["role"]), (200, &json!("owner")));
    let named = json!({"name": "Marie"});
    let with = [("cookie", cookie.as_str()), ("x-csrf-token", csrf.as_str())];
    assert_eq!(product.ask("PATCH", "/api/v1/me", &with, Some(&named)).0, 200);

    // A second one on the same folder is refused politely.
    let second = program(folder.path()).output().unwrap();
    assert_ne!(second.status.code(), Some(0));
    assert!(!second.stderr.is_empty());

    // Killed: what was acknowledged is there again.
    product.end("-KILL");
    let begun = Instant::now();
    let product = Product::start(folder.path(), "log").unwrap();
    let again = begun.elapsed();
    let (status, _, me) = product.ask("GET", "/api/v1/me", &[("cookie", &cookie)], None);
    assert_eq!((status, &me["name"]), (200, &json!("Marie")));
    eprintln!("first start {first_start:?}, after a kill {again:?}");
    assert!(first_start < Duration::from_mins(1) && again < Duration::from_secs(30));
    assert_eq!(product.end("-TERM"), Some(0));

    let log = std::fs::read_to_string(folder.path().join("log")).unwrap();
    assert!(log.lines().count() > 0);
    for line in log.lines() {
        let object: Value = serde_json::from_str(line).unwrap_or_else(|_| panic!("not JSON: {line}"));
        assert!(object["timestamp"].as_str().is_some_and(|at| at.ends_with('Z')), "{line}");
    }
    let secret = std::fs::read_to_string(folder.path().join("data/secret")).unwrap();
    for hidden in [token.as_str(), cookie.split_once('=').unwrap().1, csrf.as_str(), secret.trim(), "Marie"] {
        assert!(!log.contains(hidden), "the log holds what it must not");
    }

    let verified = program(folder.path()).args(["audit", "verify", "--json"]).output().unwrap();
    let report: Value = serde_json::from_slice(&verified.stdout).unwrap();
    assert_eq!(verified.status.code(), Some(0), "{report}");
    assert!(report["chains"].as_array().unwrap().iter().any(|chain| chain["rows"].as_i64() >= Some(3)));
    let key = program(folder.path())
        .args([
            "admin",
            "create-key",
            "--email",
            "owner@plantintel.local",
            "--name",
            "nightly",
            "--role",
            "analyst",
        ])
        .output()
        .unwrap();
    assert!(String::from_utf8(key.stdout).unwrap().starts_with("pi_live_"));
}

#[test]
fn what_must_not_be_configured_is_refused_with_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let open = folder.path().join("open-secret");
    std::fs::write(&open, "Zk3vQ9wLr8nTb2XcYh7MdPa5GsJf6UeE4oiRtN1").unwrap();
    let open = open.display().to_string();
    for (name, value, word) in [
        ("PLANTINTEL_SECRET_KEY", "your_random_secret_key_here_0123456789", "openssl rand"),
        ("PLANTINTEL_SECRET_KEY", "tooshort", "openssl rand"),
        ("PLANTINTEL_SECRET_KEY_FILE", open.as_str(), "chmod 600"),
        ("DATABASE_URL", "postgres://postgres:postgres@127.0.0.1:1/x", "password of its own"),
        ("DATABASE_URL", "sqlite://x", "postgres://"),
        ("PLANTINTEL_ADRESS", "127.0.0.1:1", "adress"),
        ("RATE_LIMIT_PER_MINUTE", "0", "60"),
        ("PLANTINTEL_ISSUERS", "[{issuer=\"https://i.example\"}]", "keys_url"),
    ] {
        let answer = program(folder.path()).env(name, value).output().unwrap();
        let said = String::from_utf8_lossy(&answer.stderr).into_owned();
        assert_eq!(answer.status.code(), Some(2), "{name}={value}: {said}");
        assert!(said.contains(word), "{name}={value}: {said}");
        assert!(!said.contains("Zk3vQ9"), "{said}");
    }
    let doctor = program(folder.path()).args(["doctor", "--json"]).output().unwrap();
    let report: Value = serde_json::from_slice(&doctor.stdout).unwrap();
    assert!(report["facts"]["database"].is_string());
}
