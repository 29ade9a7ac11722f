//! Lists that page: every item once, whatever the size of a page, and a clear word for a cursor of something else.

use axum::http::Method;
use domain::Role;
use serde_json::{Value, json};

use crate::house::House;

async fn all(house: &House, key: &str, path: &str, limit: usize) -> Vec<String> {
    let mut ids = Vec::new();
    let mut cursor = String::new();
    loop {
        let answer = house.get(&format!("/api/v1{path}?limit={limit}{cursor}"), key).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        let items = answer.body["items"].as_array().unwrap();
        assert!(items.len() <= limit);
        ids.extend(items.iter().map(|item| item["id"].as_str().unwrap().to_owned()));
        match &answer.body["next_cursor"] {
            Value::Null => return ids,
            next => cursor = format!("&cursor={}", next.as_str().unwrap()),
        }
    }
}

#[tokio::test]
async fn every_page_size_gives_every_item_once() {
    let Some(house) = House::open().await else { return };
    let key = house.key(&house.org.owner, Role::Owner, &[]).await;
    let owner = app::Caller::new(house.org.owner.clone(), domain::TraceId::new([3; 16]), None);
    for n in 0..7 {
        let form = json!({"name": format!("Plant {n}")});
        assert_eq!(house.ask(Method::POST, "/api/v1/facilities", Some(&key), Some(&form)).await.status, 201);
        house.key(&house.org.owner, Role::Viewer, &[]).await;
        testkit::person(&house.database, house.org.id, Role::Viewer).await;
        let email = format!("guest{n}@example.com");
        app::invitations::create(&house.state.desk, &owner, &email, Role::Viewer).await.unwrap();
    }
    for (path, n) in [("/facilities", 7), ("/api-keys", 8), ("/members", 12), ("/invitations", 7)] {
        let whole = all(&house, &key, path, 200).await;
        assert_eq!(whole.len(), n, "{path}");
        for limit in [1, 3, 7] {
            assert_eq!(all(&house, &key, path, limit).await, whole, "{path} by {limit}");
        }
        for query in ["limit=0", "limit=201", "cursor=x", "cursor=%00", "limit=-1"] {
            let answer = house.get(&format!("/api/v1{path}?{query}"), &key).await;
            assert!([400, 422].contains(&answer.status.as_u16()), "{path}?{query}: {}", answer.body);
        }
    }
}

/// The standard wants words for every answer; generators of clients refuse a document without.
#[test]
fn every_answer_of_the_description_has_words() {
    let document = serde_json::to_value(server::router::description()).unwrap();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            for (status, answer) in operation["responses"].as_object().into_iter().flatten() {
                let words = answer["description"].as_str().unwrap_or_default();
                assert!(!words.is_empty() || answer.get("$ref").is_some(), "{method} {path} {status}");
            }
        }
    }
}

/// Whatever answers with a list takes a cursor and a limit: nobody has to know which lists are short.
#[test]
fn every_list_of_the_description_pages() {
    let document = serde_json::to_value(server::router::description()).unwrap();
    let mut lists = 0;
    for (path, methods) in document["paths"].as_object().unwrap() {
        let operation = &methods["get"];
        let answer = &operation["responses"]["200"]["content"]["application/json"]["schema"]["$ref"];
        if !answer.as_str().is_some_and(|name| name.contains("/List_")) {
            continue;
        }
        lists += 1;
        for wanted in ["cursor", "limit"] {
            let takes = operation["parameters"].as_array().unwrap().iter().any(|one| one["name"] == wanted);
            assert!(takes, "{path} takes no {wanted}");
        }
    }
    assert!(lists > 30, "{lists}");
}

#[tokio::test]
async fn lists_that_are_known_whole_page_too() {
    let Some(house) = House::open().await else { return };
    let key = house.key(&house.org.owner, Role::Owner, &[]).await;
    for path in ["/settings", "/preparation-templates"] {
        let whole =
            house.get(&format!("/api/v1{path}"), &key).await.body["items"].as_array().unwrap().clone();
        let mut all = Vec::new();
        let mut cursor = String::new();
        loop {
            let page = house.get(&format!("/api/v1{path}?limit=7{cursor}"), &key).await.body;
            all.extend(page["items"].as_array().unwrap().iter().cloned());
            match &page["next_cursor"] {
                Value::Null => break,
                next => cursor = format!("&cursor={}", next.as_str().unwrap()),
            }
        }
        assert_eq!(all, whole, "{path}");
        for query in ["limit=0", "limit=201", "cursor=x", "cursor=%00"] {
            let answer = house.get(&format!("/api/v1{path}?{query}"), &key).await;
            assert!([400, 422].contains(&answer.status.as_u16()), "{path}?{query}: {}", answer.body);
        }
    }
}

#[tokio::test]
async fn a_change_of_a_role_that_somebody_overtook_is_stale() {
    let Some(house) = House::open().await else { return };
    let key = house.key(&house.org.owner, Role::Owner, &[]).await;
    let path = format!("/api/v1/members/{}", house.org.viewer.user().unwrap());
    let seen = house.get(&path, &key).await;
    let tag = seen.headers["etag"].to_str().unwrap().to_owned();
    let change = async |role: &str, tag: &str| {
        let request = axum::http::Request::builder()
            .method(Method::PATCH)
            .uri(&path)
            .header("authorization", format!("Bearer {key}"))
            .header("content-type", "application/json")
            .header("if-match", tag)
            .body(axum::body::Body::from(json!({ "role": role }).to_string()))
            .unwrap();
        house.send(request).await
    };
    let changed = change("analyst", &tag).await;
    assert_eq!((changed.status.as_u16(), &changed.body["role"]), (200, &json!("analyst")));
    assert_eq!(change("reviewer", &tag).await.status, 412);
    assert_eq!(house.get(&path, &key).await.body["role"], "analyst");
}
