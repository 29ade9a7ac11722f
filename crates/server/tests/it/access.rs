//! Every operation of the API for every kind of caller, as one text that people review.
//!
//! `access.txt` is that text. A new operation changes it; `UPDATE_ACCESS=1 cargo test -p server --test it access` writes
//! it again, and the difference is read in review.

use axum::http::Method;
use domain::Role;
use serde_json::{Map, Value, json};

use crate::house::House;

/// An id that nothing has.
const MISSING: &str = "0190a0a0-0000-7000-8000-000000000000";

struct Operation {
    method: Method,
    path: String,
    id: String,
    body: Option<Value>,
    open: bool,
}

fn operations() -> Vec<Operation> {
    let document = serde_json::to_value(server::router::description()).unwrap();
    let mut all = Vec::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            let Ok(method) = Method::from_bytes(method.to_uppercase().as_bytes()) else { continue };
            let content = &operation["requestBody"]["content"]["application/json"]["schema"];
            let id = operation["operationId"].as_str().unwrap().to_owned();
            let body =
                (!content.is_null()).then(|| known_body(&id).unwrap_or_else(|| sample(&document, content)));
            let open =
                operation["security"].as_array().is_some_and(|ways| ways.iter().any(|way| way == &json!({})));
            all.push(Operation { method, path: path.clone(), id, body, open });
        }
    }
    all.sort_by(|a, b| (&a.path, a.method.as_str()).cmp(&(&b.path, b.method.as_str())));
    all
}

/// Bodies in which any value of the right type would not do.
fn known_body(id: &str) -> Option<Value> {
    Some(match id {
        "update_member" => json!({"role": "viewer"}),
        "create_invitation" => json!({"email": "new@example.com", "role": "viewer"}),
        "create_api_key" => json!({"name": "a key", "role": "viewer"}),
        "update_me" | "update_organization" => json!({}),
        _ => return None,
    })
}

/// The least body of a shape.
pub(crate) fn sample(document: &Value, schema: &Value) -> Value {
    if let Some(name) = schema["$ref"].as_str().and_then(|reference| reference.rsplit('/').next()) {
        return sample(document, &document["components"]["schemas"][name]);
    }
    if let Some(first) = schema["enum"].as_array().and_then(|all| all.first()) {
        return first.clone();
    }
    if let Some(choice) = schema["oneOf"].as_array().or(schema["anyOf"].as_array()) {
        return choice
            .iter()
            .find(|one| one["type"] != "null")
            .map_or(Value::Null, |one| sample(document, one));
    }
    let kind =
        schema["type"].as_str().or_else(|| schema["type"].as_array()?.first()?.as_str()).unwrap_or("object");
    match kind {
        "string" if schema["format"] == "uuid" => json!(MISSING),
        "string" => json!("x".repeat(schema["minLength"].as_u64().unwrap_or(1).max(1) as usize)),
        "integer" | "number" => schema["minimum"].as_i64().map_or(json!(1), |least| json!(least)),
        "boolean" => json!(false),
        "array" => {
            let n = schema["minItems"].as_u64().unwrap_or(0);
            Value::Array((0..n).map(|_| sample(document, &schema["items"])).collect())
        }
        _ => {
            let required = schema["required"].as_array().cloned().unwrap_or_default();
            let fields: Map<String, Value> = required
                .iter()
                .filter_map(Value::as_str)
                .map(|name| (name.to_owned(), sample(document, &schema["properties"][name])))
                .collect();
            Value::Object(fields)
        }
    }
}

fn filled(path: &str, id: &str) -> String {
    let mut filled = String::new();
    for part in path.split('/').skip(1) {
        filled.push('/');
        filled.push_str(match part {
            "{table}" => "0",
            part if part.starts_with('{') => id,
            part => part,
        });
    }
    filled
}

#[tokio::test]
async fn every_operation_is_open_to_whom_the_table_says() {
    let Some(house) = House::open().await else { return };
    let other = testkit::org(&house.database, "Other", "unlimited").await;
    let mut callers = vec![("nobody", None)];
    for role in Role::ALL {
        callers.push((role.name(), Some(house.key(&house.org.owner, role, &[]).await)));
    }
    callers.push(("scoped", Some(house.key(&house.org.owner, Role::Owner, &["nothing:read"]).await)));
    callers.push(("stranger", Some(house.key(&other.owner, Role::Owner, &[]).await)));

    let mut table = String::from(
        "# Who gets what, by operation: the status for an id that nothing has and the least body of the shape.\n\
         # 401 sign in first, 403 not allowed, 404 not there. API keys of every role; a key whose scopes do not reach;\n\
         # an owner of another organization. Written by the test `access`, read by people.\n",
    );
    let mut wrong = Vec::new();
    for operation in operations() {
        let path = filled(&operation.path, MISSING);
        let mut line = format!("{:<7}{:<60}", operation.method.as_str(), operation.path);
        for (name, key) in &callers {
            let answer =
                house.ask(operation.method.clone(), &path, key.as_deref(), operation.body.as_ref()).await;
            line.push_str(&format!(" {name}={}", answer.status.as_u16()));
            if answer.status.is_server_error() && answer.status.as_u16() != 503 {
                wrong.push(format!("{} for {name}: {}", operation.id, answer.body));
            }
            if *name == "nobody" && !operation.open && answer.status.as_u16() != 401 {
                wrong.push(format!("{} answers {} to nobody", operation.id, answer.status));
            }
            if *name == "scoped" && !operation.open && answer.status.as_u16() != 403 {
                wrong.push(format!("{} answers {} to a key without the scope", operation.id, answer.status));
            }
        }
        table.push_str(line.trim_end());
        table.push('\n');
    }
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/access.txt");
    if std::env::var_os("UPDATE_ACCESS").is_some() {
        std::fs::write(file, &table).unwrap();
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let reviewed = std::fs::read_to_string(file).unwrap_or_default();
    assert_eq!(table, reviewed, "the table changed; read the difference, then UPDATE_ACCESS=1");
}

#[tokio::test]
async fn what_is_not_described_is_not_there() {
    let Some(house) = House::open().await else { return };
    let key = house.key(&house.org.owner, Role::Owner, &[]).await;
    for path in [
        "/api/v1/nothing",
        "/api/v1/members/x/y",
        "/api/v1",
        "/api/v1/",
        "/api/v1//members",
        "/api/v1/Members",
    ] {
        let nobody = house.ask(Method::GET, path, None, None).await;
        assert!(matches!(nobody.status.as_u16(), 401 | 404), "{path}: {}", nobody.status);
        let owner = house.get(path, &key).await;
        assert_eq!(owner.status, 404, "{path}");
        assert_eq!(owner.headers["content-type"], "application/problem+json", "{path}");
    }
    let wrong_method = house.ask(Method::PUT, "/api/v1/members", Some(&key), None).await;
    assert_eq!(wrong_method.status, 405);
    assert_eq!(house.ask(Method::PUT, "/api/v1/members", None, None).await.status, 401);
}

#[tokio::test]
async fn a_foreign_thing_is_answered_like_a_missing_one() {
    let Some(house) = House::open().await else { return };
    let other = testkit::org(&house.database, "Other", "unlimited").await;
    let ours = house.key(&house.org.owner, Role::Owner, &[]).await;
    let theirs = house.key(&other.owner, Role::Owner, &[]).await;
    let list = house.get("/api/v1/api-keys", &theirs).await;
    let foreign_key = list.body["items"][0]["id"].as_str().unwrap().to_owned();
    let invited = json!({"email": "guest@example.com", "role": "viewer"});
    let member = other.viewer.user().unwrap().to_string();
    for (path, foreign) in [("/api/v1/api-keys/", &foreign_key), ("/api/v1/members/", &member)] {
        for method in [Method::GET, Method::DELETE, Method::PATCH] {
            let body = (method == Method::PATCH).then(|| json!({"role": "viewer"}));
            let missing =
                house.ask(method.clone(), &format!("{path}{MISSING}"), Some(&ours), body.as_ref()).await;
            let foreign = house.ask(method, &format!("{path}{foreign}"), Some(&ours), body.as_ref()).await;
            assert_eq!(missing.status, foreign.status);
            let bare = |mut body: Value| {
                if let Some(fields) = body.as_object_mut() {
                    fields.remove("trace_id");
                }
                body
            };
            assert_eq!(bare(missing.body), bare(foreign.body));
        }
    }
    drop(invited);
    // Nothing of theirs changed, and they still see all of it.
    assert_eq!(
        house.get(&format!("/api/v1/api-keys/{foreign_key}"), &theirs).await.body["revoked_at"],
        Value::Null
    );
    assert_eq!(house.get(&format!("/api/v1/members/{member}"), &theirs).await.status, 200);
}
