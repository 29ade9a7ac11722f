//! The product, started as people start it: no arguments, nothing configured but where its files may be.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::product::{Product, program};

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
