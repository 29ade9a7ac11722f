//! What people and programs are told, by letters and signed messages.

use std::sync::Arc;

use axum::http::Method;
use clients::hooks::{self, Hooks, Message};
use domain::Role;
use serde_json::{Value, json};
use wiremock::{Mock, MockServer, ResponseTemplate, matchers::method};

use crate::{
    doorway::Outbox,
    house::{House, plenty},
};

async fn raise(house: &House, type_: &str, key: &str, facts: &Value) {
    let mut tx = house.database.store.begin(&house.org.owner).await.unwrap();
    store::notices::raise(&mut tx, uuid::Uuid::now_v7(), type_, key, facts, "").await.unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn a_limit_is_told_in_the_language_of_whoever_wants_to_know() {
    let outbox = Arc::new(Outbox::default());
    let Some(house) = House::with(plenty(), Some(outbox.clone())).await else { return };
    let mut tx = house.database.store.begin(&house.org.admin).await.unwrap();
    let german = json!({"language": "de", "mails": {"large_from": 1000}});
    let form =
        store::members::ProfileForm { name: "", title: "", phone: "", department: "", preferences: &german };
    let admin = house.org.admin.user().unwrap();
    let version = store::members::get(&mut tx, admin).await.unwrap().unwrap().version;
    store::members::update(&mut tx, admin, version, &form).await.unwrap().unwrap();
    tx.commit().await.unwrap();
    let facts = json!({"meter": "rows", "used": 800, "limit": 1000, "resets_at": "2026-10-01T00:00:00Z"});
    raise(&house, "limit.near", "rows/1", &facts).await;
    let mut letters = outbox.letters(2).await;
    letters.sort_by(|one, other| one.subject.cmp(&other.subject));
    let subjects: Vec<&str> = letters.iter().map(|letter| letter.subject.as_str()).collect();
    assert_eq!(
        subjects,
        ["800 of 1,000 rows used this month", "800 von 1,000 Zeilen in diesem Monat verbraucht"]
    );
    assert!(letters[0].text.contains("2026-10-01") && letters[0].text.contains("/settings/usage"));
    // Large is what each says it is: of these two findings one is for the admin alone, the other for all analysts.
    let facts = json!({"name": "SEP.csv", "currency": "USD", "findings": [
        {"title": "Part A uses more steel", "annualized": 60_000.0}, {"title": "Part B", "annualized": 2_000.0}]});
    raise(&house, "finding.large", "a1", &facts).await;
    let letters = outbox.letters(2 + 4).await.split_off(2);
    let both: Vec<_> = letters.iter().filter(|letter| letter.text.contains("Part B")).collect();
    assert_eq!((letters.len(), both.len()), (4, 1));
    assert!(both[0].subject.starts_with("Neu: 2 große Befunde, $62,000"), "{}", both[0].subject);
}

#[tokio::test]
async fn a_program_is_told_with_a_signature_and_again_when_asked() {
    let outbox = Arc::new(Outbox::default());
    let Some(mut house) = House::with(plenty(), Some(outbox)).await else { return };
    let receiver = MockServer::start().await;
    Mock::given(method("POST")).respond_with(ResponseTemplate::new(204)).mount(&receiver).await;
    let owner = house.key(&house.org.owner, Role::Owner, &[]).await;
    let endpoints = "/api/v1/webhooks/endpoints";
    let url = format!("{}/hook", receiver.uri());
    let own = json!({ "url": url });
    // Our own network is nothing to be told, unless the installation says so.
    let refused = house.ask(Method::POST, endpoints, Some(&owner), Some(&own)).await;
    assert_eq!(refused.status, 422, "{}", refused.body);
    house.state.desk.hooks = Hooks { private: true };
    house.router = server::router::router(&house.state);
    house.work();
    let unknown = json!({"url": url, "types": ["nothing.known"]});
    assert_eq!(house.ask(Method::POST, endpoints, Some(&owner), Some(&unknown)).await.status, 422);
    let wanted = json!({"url": url, "types": ["limit.near"]});
    let made = house.ask(Method::POST, endpoints, Some(&owner), Some(&wanted)).await;
    let (id, secret) = (made.body["id"].as_str().unwrap(), made.body["secret"].as_str().unwrap());
    let all = house.get(endpoints, &owner).await;
    assert_eq!(all.body["items"][0].get("secret"), None, "shown once");
    raise(&house, "limit.reached", "rows/1", &json!({})).await;
    raise(&house, "limit.near", "rows/1", &json!({"meter": "rows"})).await;
    let log = format!("{endpoints}/{id}/deliveries");
    let delivered = |n: i64| {
        let (house, owner, log) = (&house, &owner, &log);
        async move {
            for _ in 0..200 {
                let found = house.get(log, owner).await.body["items"].clone();
                if found[0]["state"] == "delivered" && found[0]["attempts"] == n {
                    assert_eq!(found.as_array().unwrap().len(), 1);
                    return found[0]["id"].as_str().unwrap().to_owned();
                }
                tokio::time::sleep(std::time::Duration::from_millis(50)).await;
            }
            panic!("not delivered: {}", house.get(log, owner).await.body);
        }
    };
    let delivery = delivered(1).await;
    let replay = format!("{log}/{delivery}/replay");
    assert_eq!(house.ask(Method::POST, &replay, Some(&owner), None).await.status, 202);
    delivered(2).await;
    let requests = receiver.received_requests().await.unwrap();
    assert_eq!(requests.len(), 2);
    let name = format!("msg_{}", delivery.replace('-', ""));
    for request in &requests {
        let header = |name: &str| request.headers[name].to_str().unwrap();
        let body = std::str::from_utf8(&request.body).unwrap();
        let message = Message { id: &name, at: header("webhook-timestamp").parse().unwrap(), body };
        assert_eq!(
            (header("webhook-id"), header("webhook-signature")),
            (name.as_str(), hooks::sign(secret, &message).as_str())
        );
        let told: Value = serde_json::from_str(body).unwrap();
        assert_eq!((&told["type"], &told["data"]["meter"]), (&json!("limit.near"), &json!("rows")));
    }
    let other = testkit::org(&house.database, "Other", "unlimited").await;
    let stranger = house.key(&other.owner, Role::Owner, &[]).await;
    assert_eq!(house.get(&log, &stranger).await.status, 404);
    assert_eq!(house.ask(Method::POST, &replay, Some(&stranger), None).await.status, 404);
}
