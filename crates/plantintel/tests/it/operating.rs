//! An installation looked at, backed up beside the running service, given new keys, and brought back on an empty machine.

use std::{path::Path, process::Output};

use serde_json::{Value, json};

use crate::product::{Product, call, program};

fn run(data: &Path, arguments: &[&str]) -> (Option<i32>, String, String) {
    let Output { status, stdout, stderr } = program(data).args(arguments).output().unwrap();
    (status.code(), String::from_utf8(stdout).unwrap(), String::from_utf8(stderr).unwrap())
}

fn done(data: &Path, arguments: &[&str]) -> String {
    let (code, out, said) = run(data, arguments);
    assert_eq!(code, Some(0), "{arguments:?}: {out}{said}");
    out
}

/// What the installation holds, as its people see it.
fn seen(product: &Product, key: &str, file: &str) -> (Vec<Value>, Vec<u8>) {
    let bearer = format!("Bearer {key}");
    let headers = [("authorization", bearer.as_str())];
    let (status, _, facilities) = product.ask("GET", "/api/v1/facilities", &headers, None);
    assert_eq!(status, 200, "{facilities}");
    let path = format!("/api/v1/files/{file}/content");
    let content = call(&product.address, "GET", &path, &headers, &[]).unwrap();
    assert_eq!(content.status, 200);
    (facilities["items"].as_array().unwrap().clone(), content.body)
}

#[test]
fn a_backup_comes_back_on_an_empty_machine_and_proves_it() {
    let folder = tempfile::Builder::new().prefix("plantintel-backup-").tempdir().unwrap();
    let here = folder.path();
    let Some(product) = Product::start(here, "log") else { return };
    let key = product.owner_key(here);
    let bearer = format!("Bearer {key}");
    let headers = [("authorization", bearer.as_str())];
    let named = json!({"name": "Geheimwerk Nord"});
    assert_eq!(product.ask("POST", "/api/v1/facilities", &headers, Some(&named)).0, 201);
    let cells = b"Auftrag;Kunde\n1;Vertraulich AG\n".repeat(2_000);
    let sent =
        call(&product.address, "POST", "/api/v1/files?name=Vertraulich.csv", &headers, &cells).unwrap();
    assert_eq!(sent.status, 201, "{}", sent.json());
    let file = sent.json()["id"].as_str().unwrap().to_owned();
    let before = seen(&product, &key, &file);
    assert_eq!((before.0.len(), &before.1), (1, &cells));

    // All of this beside the running service.
    let backup = here.join("backup").display().to_string();
    let told: Value = serde_json::from_str(&done(here, &["backup", &backup, "--json"])).unwrap();
    assert!(told["rows"].as_i64() > Some(20) && told["missing"] == json!([]), "{told}");
    assert!(told["file_bytes"].as_i64() >= Some(cells.len() as i64), "{told}");
    let (code, _, said) = run(here, &["backup", &backup]);
    assert_eq!(code, Some(2), "{said}");
    let with_secrets = here.join("with-secrets").display().to_string();
    done(here, &["backup", &with_secrets, "--with-secrets"]);
    done(here, &["audit", "verify"]);
    let bundle = here.join("bundle.json");
    done(here, &["doctor", "--bundle", &bundle.display().to_string()]);
    let bundle = std::fs::read_to_string(bundle).unwrap();
    let secret = std::fs::read_to_string(here.join("data/secret")).unwrap();
    assert!(bundle.contains("tenant.files") && bundle.contains("organizations"), "{bundle}");
    for hidden in [
        secret.trim(),
        "Geheimwerk",
        "Vertraulich",
        "owner@",
        "My company",
        key.as_str(),
        &here.display().to_string(),
    ] {
        assert!(!bundle.contains(hidden), "the bundle holds {hidden}");
    }

    // New keys: what there was stays, the trail too.
    product.end("-TERM");
    done(here, &["rotate-keys"]);
    assert_ne!(std::fs::read_to_string(here.join("data/secret")).unwrap(), secret);
    done(here, &["audit", "verify"]);
    let product = Product::start(here, "log").unwrap();
    assert_eq!(seen(&product, &key, &file), before);
    product.end("-TERM");

    // An empty machine, with the secrets in the backup.
    let there = here.join("there");
    std::fs::create_dir(&there).unwrap();
    let told: Value = serde_json::from_str(&done(&there, &["restore", &with_secrets, "--json"])).unwrap();
    assert!(told["chains"].as_array().unwrap().iter().all(|chain| chain["intact"] == true), "{told}");
    assert!(
        told["chains"].as_array().unwrap().iter().any(|chain| chain["checkpoints"].as_i64() > Some(0)),
        "{told}"
    );
    std::fs::write(there.join("signed-in"), "").unwrap();
    let product = Product::start(&there, "log").unwrap();
    assert_eq!(seen(&product, &key, &file), before);
    product.end("-TERM");
    // Nobody restores over it.
    let (code, _, said) = run(&there, &["restore", &with_secrets]);
    assert!(code == Some(3) && said.contains("in use"), "{said}");

    // Another secret is refused before it changes anything, by the start and by the doctor.
    let kept = std::fs::read(there.join("data/secret")).unwrap();
    std::fs::write(there.join("data/secret"), "Zk3vQ9wLr8nTb2XcYh7MdPa5GsJf6UeE4oiRtN1").unwrap();
    let (code, _, said) = run(&there, &["migrate"]);
    assert!(code == Some(2) && said.contains("secret-is-lost"), "{said}");
    std::fs::write(there.join("data/secret"), kept).unwrap();
    done(&there, &["migrate"]);

    // Without the secret it takes a word, and a damaged backup is not begun.
    let elsewhere = here.join("elsewhere");
    std::fs::create_dir(&elsewhere).unwrap();
    let (code, _, said) = run(&elsewhere, &["restore", &backup]);
    assert!(code == Some(2) && said.contains("secret"), "{said}");
    let table = Path::new(&backup).join("tables/tenant.audit.copy");
    let whole = std::fs::read(&table).unwrap();
    let mut damaged = whole.clone();
    damaged[40] ^= 1;
    std::fs::write(&table, &damaged).unwrap();
    let (code, _, said) = run(&elsewhere, &["restore", &backup, "--secret-is-lost"]);
    assert!(code == Some(3) && said.contains("tenant.audit"), "{said}");
    std::fs::write(&table, &whole).unwrap();
    done(&elsewhere, &["restore", &backup, "--secret-is-lost"]);
}

#[test]
fn an_operator_works_at_the_command_line_too() {
    let folder = tempfile::Builder::new().prefix("plantintel-operate-").tempdir().unwrap();
    let here = folder.path();
    // It asks again and again until something is so.
    let often = [("PLANTINTEL_RATE_LIMIT_PER_MINUTE", "10000")];
    let Some(product) = Product::start_with(here, "log", &often) else { return };
    let bearer = format!("Bearer {}", product.owner_key(here));
    let headers = [("authorization", bearer.as_str())];
    let operate = |more: &[&str]| run(here, &[&["admin", "operate"], more].concat());
    let (code, _, said) = operate(&["customers"]);
    assert!(code == Some(1) && said.contains("`operators`"), "{code:?} {said}");

    let members = product.ask("GET", "/api/v1/members", &headers, None).2;
    let user = members["items"][0]["id"].as_str().unwrap();
    std::fs::write(here.join("plantintel.toml"), format!("operators = [\"{user}\"]\n")).unwrap();
    let told = |more: &[&str]| -> Value {
        let (code, out, said) = operate(&[more, &["--json"]].concat());
        assert_eq!(code, Some(0), "{more:?}: {out}{said}");
        serde_json::from_str(&out).unwrap()
    };
    let customers = told(&["customers", "--search", "company"]);
    let org = customers["items"][0]["id"].as_str().unwrap().to_owned();
    let suspend = ["set-state", &org, "suspended", "--reason", "the invoice of March"];
    assert!(told(&suspend)["done"].as_str().unwrap().ends_with("is suspended"));
    // The service, a process of its own, takes it up within seconds.
    let until = |status: u16| {
        let begun = std::time::Instant::now();
        while product.ask("GET", "/api/v1/facilities", &headers, None).0 != status {
            assert!(begun.elapsed() < std::time::Duration::from_mins(2), "it never answered {status}");
            std::thread::sleep(std::time::Duration::from_millis(200));
        }
    };
    until(401);
    told(&["set-state", &org, "active", "--reason", "paid", "--as", "owner@plantintel.local"]);
    until(200);
    told(&["announce", "Maintenance on Sunday", "--days", "3"]);
    for list in ["plans", "reviews", "jobs", "usage", "announcements"] {
        assert!(told(&[list])["items"].is_array(), "{list}");
    }
    let said = told(&["announcements"])["items"][0]["id"].as_str().unwrap().to_owned();
    told(&["withdraw", &said]);
    assert_eq!(told(&["announcements"])["items"], json!([]));
    let health = told(&["health"]);
    assert!(health["checks"].as_array().unwrap().len() > 2, "{health}");

    // A customer is made, noted and changed; what is not named stays.
    told(&["put-plan", "small", "--uploads", "3", "--analyses", "5"]);
    let plans = told(&["plans"]);
    let small = plans["items"].as_array().unwrap().iter().find(|plan| plan["plan"] == "small").unwrap();
    assert_eq!((&small["uploads"], &small["rows"]), (&json!("3"), &json!("none")));
    told(&["put-plan", "small", "--rows", "9", "--analyses", "none"]);
    let plans = told(&["plans"]);
    let small = plans["items"].as_array().unwrap().iter().find(|plan| plan["plan"] == "small").unwrap();
    let limits = ["uploads", "rows", "analyses"].map(|limit| &small[limit]);
    assert_eq!(limits, [&json!("3"), &json!("9"), &json!("none")], "what is left out stays");
    let made = told(&["create-customer", "Brandt GmbH", "--email", "marie@example.com", "--plan", "small"]);
    assert!(made["sign_in_link"].as_str().unwrap().contains("/sign-in"), "{made}");
    let brandt = told(&["customers", "--search", "brandt"])["items"][0]["id"].as_str().unwrap().to_owned();
    let change = |more: &[&str]| told(&[&["edit-customer", &brandt], more, &["--reason", "a call"]].concat());
    change(&["--contact-name", "Marie", "--savings-target", "50000", "--pilot-ends-on", "2030-12-31"]);
    change(&["--status", "active", "--reviewed", "true"]);
    let shown = told(&["customer", &brandt, "--reason", "a look"]);
    for (fact, value) in [
        ("organization", "Brandt GmbH"),
        ("contact_name", "Marie"),
        ("savings_target", "50000"),
        ("pilot_ends_on", "2030-12-31"),
        ("status", "active"),
        ("reviewed", "true"),
        ("plan", "small"),
        ("csv_upload_limit", "10"),
    ] {
        assert!(shown[fact].as_str().unwrap().starts_with(value), "{fact}: {shown}");
    }
    let of = |settings: &Value, name: &str| -> (String, String) {
        let all = settings["items"].as_array().unwrap();
        assert_eq!(all.len(), 39, "all settings");
        let one = all.iter().find(|one| one["setting"] == name).unwrap();
        (one["value"].as_str().unwrap().to_owned(), one["changed"].as_str().unwrap().to_owned())
    };
    told(&[
        "set-settings",
        &brandt,
        "--preset",
        "conservative",
        "--set",
        "min_sample_size=77",
        "--reason",
        "agreed",
    ]);
    told(&["set-settings", &brandt, "--set", "confidence_level=0.9", "--reason", "agreed"]);
    let settings = told(&["settings", &brandt, "--reason", "a question"]);
    assert_eq!(of(&settings, "min_sample_size"), ("77".to_owned(), "changed".to_owned()));
    assert_eq!(of(&settings, "confidence_level"), ("0.9".to_owned(), "changed".to_owned()));
    assert_eq!(settings["items"][0]["preset"], "conservative");
    let history = told(&["settings-history", &brandt, "--reason", "a question"]);
    let numbers: Vec<&Value> =
        history["items"].as_array().unwrap().iter().map(|one| &one["number"]).collect();
    assert_eq!(numbers, [&json!("2"), &json!("1")], "{history}");
    let counted = told(&["counters"]);
    assert_eq!((&counted["pilots"], &counted["reviews_waiting"]), (&json!("1"), &json!("0")), "{counted}");
    let trail =
        told(&["audit", "--organization", &brandt, "--reason", "who was it", "--action", "customer."]);
    assert_eq!(trail["items"].as_array().unwrap().len(), 2, "{trail}");
    let (_, table, _) = operate(&["plans"]);
    assert!(table.starts_with("plan") && table.contains("\ntrial"), "{table}");
    for (wrong, status) in [
        (&["set-state", &org, "gone", "--reason", "x"][..], 2),
        (&["set-state", &org, "active", "--reason", " "], 1),
        (&["customers", "--as", "nobody@example.com"], 1),
        (&["jobs", "--state", "lost"], 2),
        (&["move-job", &org, &org, "retry", "--reason", "x"], 1),
        (&["edit-customer", &org, "--status", "gone", "--reason", "x"], 1),
        (&["edit-customer", &org, "--savings-target", "much", "--reason", "x"], 2),
        (&["set-settings", &org, "--set", "no_such_setting=1", "--reason", "x"], 1),
        (&["set-settings", &org, "--set", "nothing", "--reason", "x"], 2),
        (&["write-review", &org, &org, "--tick", "colour"], 2),
        (&["publish", &org, &org], 1),
        (&["audit", "--limit", "0", "--reason", "x"], 2),
        (&["put-plan", "small", "--rows", "many"], 2),
    ] {
        let (code, _, said) = operate(wrong);
        assert_eq!(code, Some(status), "{wrong:?}: {said}");
    }
    // The organization reads in its own trail who looked and why.
    let looks = product.ask("GET", "/api/v1/audit?action=operator.enter", &headers, None).2;
    let reasons: Vec<&Value> =
        looks["items"].as_array().unwrap().iter().map(|row| &row["details"]["reason"]).collect();
    // What was tried and refused was looked at all the same.
    let tried = ["publication of an analysis", "x", "x", "x", "paid", "the invoice of March"];
    assert_eq!(reasons, tried.map(|reason| json!(reason)).iter().collect::<Vec<_>>(), "{looks}");

    // A result that waits for a reviewer is looked at, changed and let through.
    told(&["edit-customer", &org, "--reviewed", "true", "--reason", "agreed"]);
    let run = analyzed(here, &product, &headers);
    let waiting = told(&["reviews"])["items"][0].clone();
    assert_eq!((&waiting["organization_id"], &waiting["analysis_id"]), (&json!(org), &json!(run)));
    let looked = told(&["review", &org, &run]);
    let key = looked["findings"][0]["key"].as_str().unwrap().to_owned();
    let title = looked["findings"][0]["title"].clone();
    let shown = || product.ask("GET", &format!("/api/v1/findings?analysis_id={run}"), &headers, None);
    let early = shown();
    assert!(
        early.0 == 409 && early.2["detail"].as_str().unwrap().contains("a reviewer looks at"),
        "{early:?}"
    );
    told(&["edit-finding", &org, &run, &key, "--title", "Look at this one first", "--note", "known"]);
    told(&["write-review", &org, &run, "--tick", "columns", "--tick", "totals", "--notes", "begun"]);
    let (code, _, said) = operate(&["write-review", &org, &run, "--approve"]);
    assert!(code == Some(1) && said.contains("still open"), "not all points are ticked: {code:?} {said}");
    assert_eq!(operate(&["publish", &org, &run]).0, Some(1), "nobody approved it");
    let rest = ["--tick", "large", "--tick", "names", "--tick", "words", "--approve"];
    let approved = told(&[&["write-review", &org, &run][..], &rest].concat());
    assert_eq!(approved["done"], "the review is approved");
    told(&["publish", &org, &run]);
    assert_eq!(told(&["review", &org, &run])["notes"], "begun");
    let titles: Vec<Value> =
        shown().2["items"].as_array().unwrap().iter().map(|one| one["title"].clone()).collect();
    assert!(titles.contains(&json!("Look at this one first")) && !titles.contains(&title), "{titles:?}");
    product.end("-TERM");
}

/// A plant's exports, read and analyzed as they come; the id of the analysis, which waits for a reviewer.
fn analyzed(here: &Path, product: &Product, headers: &[(&str, &str)]) -> String {
    let plant = here.join("plant").display().to_string();
    done(here, &["generate", &plant, "--orders", "300", "--seed", "3"]);
    let mut files = Vec::new();
    for entry in std::fs::read_dir(&plant).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|ending| ending == "csv") {
            let at = format!("/api/v1/files?name={}", path.file_name().unwrap().display());
            let sent = call(&product.address, "POST", &at, headers, &std::fs::read(&path).unwrap()).unwrap();
            files.push(sent.json()["id"].clone());
        }
    }
    let ended = |path: &str| {
        let begun = std::time::Instant::now();
        loop {
            let found = product.ask("GET", path, headers, None).2;
            if !["queued", "running"].contains(&found["state"].as_str().unwrap()) {
                return;
            }
            assert!(begun.elapsed() < std::time::Duration::from_mins(2), "{found}");
            std::thread::sleep(std::time::Duration::from_millis(200));
        }
    };
    let made = product.ask("POST", "/api/v1/datasets", headers, Some(&json!({"files": files}))).2;
    ended(&format!("/api/v1/datasets/{}", made["id"].as_str().unwrap()));
    let asked = json!({"datasets": [made["id"]]});
    let run = product.ask("POST", "/api/v1/analyses", headers, Some(&asked)).2;
    let run = run["id"].as_str().unwrap().to_owned();
    ended(&format!("/api/v1/analyses/{run}"));
    run
}

#[test]
fn the_doctor_looks_without_touching_and_names_each_refusal() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let (code, out, _) = run(here, &["doctor", "--json"]);
    let report: Value = serde_json::from_str(&out).unwrap();
    assert!(!here.join("data").exists(), "a look makes nothing");
    if cluster::find_binaries().is_ok() {
        assert_eq!(code, Some(0), "{report}");
    }
    let sample = "your_random_secret_key_here_0123456789";
    let answer = program(here)
        .args(["doctor", "--json"])
        .env("PLANTINTEL_SECRET_KEY", sample)
        .env("DATABASE_URL", "postgres://plant:geheim@127.0.0.1:1/plant")
        .env("PLANTINTEL_RATE_LIMIT_PER_MINUTE", "0")
        .env("PLANTINTEL_BLOBS", "ftp://nowhere/x")
        .output()
        .unwrap();
    let out = String::from_utf8(answer.stdout).unwrap();
    let report: Value = serde_json::from_str(&out).unwrap();
    let refused: Vec<&str> = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|one| one["refuses"] == true)
        .map(|one| one["key"].as_str().unwrap())
        .collect();
    for key in ["secret_key", "database_url", "rate_limit_per_minute", "blobs"] {
        assert!(refused.contains(&key), "{key} is not in {report}");
    }
    assert!(
        report["findings"].as_array().unwrap().iter().all(|one| !one["remedy"].as_str().unwrap().is_empty())
    );
    assert!(!out.contains(sample) && !out.contains("geheim"), "{out}");
    assert_eq!(answer.status.code(), Some(2));
}
