//! The same request again, and too many requests.

use axum::{
    body::Body,
    http::{Method, Request, header},
};
use domain::Role;
use serde_json::{Value, json};
use server::limit::{Allowances, Limiter};

use crate::house::{House, deliver, read};

fn make(key: &str, retry: &str, name: &str) -> Request<Body> {
    Request::builder()
        .method(Method::POST)
        .uri("/api/v1/api-keys")
        .header(header::AUTHORIZATION, format!("Bearer {key}"))
        .header(header::CONTENT_TYPE, "application/json")
        .header("idempotency-key", retry)
        .body(Body::from(json!({"name": name, "role": "viewer"}).to_string()))
        .unwrap()
}

/// Keys do not make keys, so a person has to: one with a session.
async fn person(house: &House) -> (String, String) {
    let link =
        app::accounts::links::create_owner(&house.state.desk, "marie@example.com", "Brandt").await.unwrap();
    let token = link.split_once("token=").unwrap().1.to_owned();
    let answer =
        house.ask(Method::POST, "/api/v1/session/link", None, Some(&json!({ "token": token }))).await;
    assert_eq!(answer.status, 201, "{:?}", answer.body);
    let cookie = answer.headers["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
    (cookie, answer.body["csrf_token"].as_str().unwrap().to_owned())
}

fn as_person(mut request: Request<Body>, cookie: &str, csrf: &str) -> Request<Body> {
    let headers = request.headers_mut();
    headers.remove(header::AUTHORIZATION);
    headers.insert(header::COOKIE, cookie.parse().unwrap());
    headers.insert("x-csrf-token", csrf.parse().unwrap());
    request
}

#[tokio::test]
async fn sixteen_at_once_with_one_key_make_one() {
    let Some(house) = House::open().await else { return };
    let (cookie, csrf) = person(&house).await;
    let crowd: Vec<_> = (0..16)
        .map(|_| {
            let (router, request) =
                (house.router.clone(), as_person(make("", "retry-1", "nightly"), &cookie, &csrf));
            tokio::spawn(async move { read(deliver(&router, request).await).await })
        })
        .collect();
    let mut ids = std::collections::BTreeSet::new();
    let mut shown = 0;
    for one in crowd {
        let answer = one.await.unwrap();
        assert_eq!(answer.status, 201, "{:?}", answer.body);
        ids.insert(answer.body["id"].as_str().unwrap().to_owned());
        shown += usize::from(answer.body.get("secret").is_some());
    }
    assert_eq!((ids.len(), shown), (1, 1));
    let other_body = house.send(as_person(make("", "retry-1", "weekly"), &cookie, &csrf)).await;
    assert_eq!(other_body.status, 422);
    assert_eq!(other_body.body["type"], "urn:plantintel:problem:idempotency-mismatch");
    let other_key = house.send(as_person(make("", "retry-2", "weekly"), &cookie, &csrf)).await;
    assert_eq!(other_key.status, 201);
    let empty = house.send(as_person(make("", "", "weekly"), &cookie, &csrf)).await;
    assert_eq!(empty.status, 400);
}

#[tokio::test]
async fn sixty_a_minute_pass_and_no_spelling_makes_more() {
    let Some(house) = House::with(Allowances::per_minute(60), None).await else { return };
    let key = house.key(&house.org.owner, Role::Viewer, &[]).await;
    let mut passed = 0;
    for n in 0..100 {
        let path =
            ["/api/v1/members", "/api/v1/usage", "/api/v1/me/", "/api/v1/Members", "/api/v1/members?x=1"]
                [n % 5];
        let scheme = ["Bearer", "bearer", "BEARER"][n % 3];
        let request = Request::builder()
            .uri(path)
            .header(header::AUTHORIZATION, format!("{scheme} {key}"))
            .header("x-forwarded-for", format!("10.0.0.{n}"))
            .header(header::USER_AGENT, format!("agent {n}"))
            .body(Body::empty())
            .unwrap();
        let answer = house.send(request).await;
        assert!(answer.headers.contains_key("ratelimit"));
        if answer.status == 429 {
            assert!(answer.headers["retry-after"].to_str().unwrap().parse::<u64>().unwrap() <= 60);
            assert_eq!(answer.body["type"], "urn:plantintel:problem:too-many");
        } else {
            passed += 1;
        }
    }
    assert_eq!(passed, 60);
    let other = house.key(&house.org.owner, Role::Viewer, &[]).await;
    assert_eq!(house.get("/api/v1/members", &other).await.status, 200);
}

#[tokio::test]
async fn two_servers_count_together() {
    let Some(house) = House::open().await else { return };
    let key = house.key(&house.org.owner, Role::Viewer, &[]).await;
    let mut routers = Vec::new();
    for _ in 0..2 {
        let mut state = house.state.clone();
        state.limiter = Limiter::shared(Allowances::per_minute(60), house.database.store.clone());
        routers.push(server::router::router(&state));
    }
    let crowd: Vec<_> = (0..100)
        .map(|n| {
            let router = routers[n % 2].clone();
            let request = Request::builder()
                .uri("/api/v1/members")
                .header(header::AUTHORIZATION, format!("Bearer {key}"))
                .body(Body::empty())
                .unwrap();
            tokio::spawn(async move { read(deliver(&router, request).await).await.status.as_u16() })
        })
        .collect();
    let mut passed = 0;
    for one in crowd {
        passed += usize::from(one.await.unwrap() == 200);
    }
    assert_eq!(passed, 60);
    let _: Value = Value::Null;
}
