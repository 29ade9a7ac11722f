//! One row for every request of a known caller, whatever it was answered.

use std::time::Duration;

use axum::{
    body::Body,
    http::{Method, Request, header},
};
use domain::Role;
use serde_json::json;
use server::limit::Allowances;

use crate::house::{House, deliver, read};

#[tokio::test]
async fn every_request_of_a_known_caller_leaves_one_row() {
    let allowances = Allowances { per_principal: 120, ..Allowances::per_minute(120) };
    let Some(house) = House::with(allowances, None).await else { return };
    let owner = house.key(&house.org.owner, Role::Owner, &[]).await;
    let viewer = house.key(&house.org.owner, Role::Viewer, &[]).await;
    let before = house.rows().await;
    let mut waiting = Vec::new();
    let (mut n_sent, mut statuses) = (0, std::collections::BTreeMap::new());
    for n in 0..50 {
        for kind in 0..8 {
            let big = "x".repeat(2 << 20);
            let (method, path, key, body) = match kind {
                0 => (Method::GET, "/api/v1/members".to_owned(), &owner, String::new()),
                1 => (
                    Method::GET,
                    "/api/v1/api-keys/0190a0a0-0000-7000-8000-000000000000".to_owned(),
                    &owner,
                    String::new(),
                ),
                2 => (Method::GET, "/api/v1/audit".to_owned(), &viewer, String::new()),
                3 => (
                    Method::PATCH,
                    "/api/v1/organization".to_owned(),
                    &owner,
                    json!({"name": format!("Acme {n}")}).to_string(),
                ),
                4 => (Method::POST, "/api/v1/api-keys".to_owned(), &owner, "{".to_owned()),
                5 => (Method::POST, "/api/v1/api-keys".to_owned(), &viewer, format!("\"{big}\"")),
                6 => (Method::PUT, "/api/v1/members".to_owned(), &viewer, String::new()),
                _ => (Method::GET, "/api/v1/nothing".to_owned(), &viewer, String::new()),
            };
            let request = Request::builder()
                .method(method)
                .uri(path)
                .header(header::AUTHORIZATION, format!("Bearer {key}"))
                .header(header::CONTENT_TYPE, "application/json")
                .body(Body::from(body))
                .unwrap();
            let router = house.router.clone();
            waiting.push(tokio::spawn(
                async move { read(deliver(&router, request).await).await.status.as_u16() },
            ));
            n_sent += 1;
        }
    }
    for one in waiting {
        *statuses.entry(one.await.unwrap()).or_insert(0) += 1;
    }
    println!("{n_sent} requests: {statuses:?}");
    for expected in [200, 400, 403, 404, 405, 413, 429] {
        assert!(statuses.contains_key(&expected), "no {expected} in {statuses:?}");
    }
    // The row of a 429 is written behind its answer.
    for _ in 0..100 {
        if house.rows().await - before >= n_sent {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(house.rows().await - before, n_sent);
}

#[tokio::test]
async fn a_trace_is_the_same_in_answer_and_trail() {
    let Some(house) = House::open().await else { return };
    let owner = house.key(&house.org.owner, Role::Owner, &[]).await;
    let trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    let request = Request::builder()
        .uri("/api/v1/api-keys/0190a0a0-0000-7000-8000-000000000000")
        .header(header::AUTHORIZATION, format!("Bearer {owner}"))
        .header("traceparent", format!("00-{trace}-00f067aa0ba902b7-01"))
        .body(Body::empty())
        .unwrap();
    let answer = house.send(request).await;
    assert_eq!(answer.status, 404);
    assert_eq!(answer.body["trace_id"], trace);
    assert_eq!(answer.headers["trace-id"], trace);
    let rows = house.get("/api/v1/audit?outcome=denied&limit=1", &owner).await;
    assert_eq!(rows.body["items"][0]["trace_id"], trace);
    assert_eq!(rows.body["items"][0]["action"], "api-keys.read");
    let export = house.get("/api/v1/audit/export", &owner).await;
    assert!(export.body.as_str().unwrap().lines().count() >= 2);
    let second =
        house.get("/api/v1/audit?limit=1", &owner).await.body["next_cursor"].as_str().unwrap().to_owned();
    let page = house.get(&format!("/api/v1/audit?limit=1&cursor={second}"), &owner).await;
    assert_eq!(page.body["items"].as_array().unwrap().len(), 1);
}

/// Every deed that the program writes down is said in words of German and Spanish on the page of the audit log, and so is every
/// request that is written down by the part of the product that it went to.
#[test]
fn every_deed_has_words() {
    let mut sources: Vec<std::path::PathBuf> = ["app", "store", "server"]
        .map(|name| std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(name).join("src"))
        .to_vec();
    let mut deeds = std::collections::BTreeSet::new();
    while let Some(path) = sources.pop() {
        if path.is_dir() {
            sources.extend(std::fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        for mark in ["deed::done(", "Event::new(", ".event("] {
            let quoted = text.split(mark).skip(1).filter_map(|rest| {
                let (before, rest) = rest.split_once('"')?;
                let word = |letter: char| letter.is_ascii_lowercase() || "._".contains(letter);
                let deed = rest.split('"').next().filter(|deed| deed.contains('.') && deed.chars().all(word));
                deed.filter(|_| !before.contains([';', ')']))
            });
            deeds.extend(quoted.map(|deed| deed.replace(['.', '_'], " ")));
        }
    }
    assert!(deeds.len() > 80, "{deeds:?}");
    let document = serde_json::to_value(server::router::description()).unwrap();
    let parts = document["paths"].as_object().unwrap().keys();
    let parts = parts.filter_map(|path| path.strip_prefix("/api/v1/")?.split('/').next());
    deeds.extend(parts.map(|part| format!("{} read", part.replace('-', " "))));
    let silent: Vec<&String> = deeds
        .iter()
        .filter(|deed| *deed != "operator enter")
        .filter(|deed| {
            let said = pages::words::sentence_case(deed);
            [translation::Tongue::German, translation::Tongue::Spanish]
                .iter()
                .any(|tongue| !translation::knows(&said, *tongue))
        })
        .collect();
    assert!(silent.is_empty(), "without words: {silent:?}");
}
