//! From where the service is used: an organisation only from its own networks, the API from pages of named origins only.

use std::net::SocketAddr;

use axum::{
    body::Body,
    extract::ConnectInfo,
    http::{Method, Request, header},
};
use domain::Role;
use serde_json::{Value, json};

use crate::house::{Answer, House};

/// A request as it comes from this address.
async fn from(
    house: &House,
    peer: &str,
    request: axum::http::request::Builder,
    body: Option<&Value>,
) -> Answer {
    let request = request.header(header::CONTENT_TYPE, "application/json");
    let mut request =
        request.body(body.map_or_else(Body::empty, |body| Body::from(body.to_string()))).unwrap();
    request.extensions_mut().insert(ConnectInfo(SocketAddr::new(peer.parse().unwrap(), 5_000)));
    house.send(request).await
}

fn bearer(method: Method, path: &str, key: &str) -> axum::http::request::Builder {
    Request::builder().method(method).uri(path).header(header::AUTHORIZATION, format!("Bearer {key}"))
}

#[tokio::test]
async fn an_organisation_is_used_only_from_its_networks() {
    let Some(house) = House::open().await else { return };
    let key = house.key(&house.org.owner, Role::Owner, &[]).await;
    let analyst = house.key(&house.org.owner, Role::Analyst, &[]).await;
    let other = testkit::org(&house.database, "Other", "unlimited").await;
    let theirs = house.key(&other.owner, Role::Owner, &[]).await;
    let at = "/api/v1/organization";
    let (inside, outside) = ("203.0.113.7", "198.51.100.1");
    let read = |key: String, peer: &'static str| {
        let house = &house;
        async move { from(house, peer, bearer(Method::GET, at, &key), None).await }
    };
    let set = |list: Value, peer: &'static str| {
        let (house, key) = (&house, &key);
        async move {
            let body = json!({ "allowed_networks": list });
            from(house, peer, bearer(Method::PATCH, at, key), Some(&body)).await
        }
    };
    // An owner who signs in by a link, before there is a list.
    let link =
        app::accounts::links::create_owner(&house.state.desk, "ada@example.com", "Works").await.unwrap();
    let link = json!({ "token": link.split_once("token=").unwrap().1 });
    let signed = from(&house, outside, Request::post("/api/v1/session/link"), Some(&link)).await;
    assert_eq!(signed.status, 201, "{}", signed.body);
    let cookie = signed.headers["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
    let csrf = signed.body["csrf_token"].as_str().unwrap().to_owned();

    assert_eq!(read(key.clone(), outside).await.body["allowed_networks"], json!([]));
    for (list, said) in [
        (json!(["203.0.113.0/99"]), "203.0.113.0/99"),
        (json!(["our office"]), "our office"),
        (json!(["198.51.100.0/24"]), "203.0.113.7"),
    ] {
        let refused = set(list, inside).await;
        assert_eq!(refused.status, 422, "{}", refused.body);
        assert_eq!(refused.body["errors"][0]["field"], "allowed_networks", "{}", refused.body);
        assert!(refused.body["errors"][0]["message"].as_str().unwrap().contains(said), "{}", refused.body);
    }
    let kept = set(json!([" 203.0.113.0/24 ", "fd00::/8", "203.0.113.0/24"]), inside).await;
    assert_eq!(kept.body["allowed_networks"], json!(["203.0.113.0/24", "fd00::/8"]), "{}", kept.body);

    // At once, for every key, and for nobody else.
    for key in [&key, &analyst] {
        assert_eq!(read(key.clone(), inside).await.status, 200);
        assert_eq!(read(key.clone(), "fd00::5").await.status, 200);
        let refused = read(key.clone(), outside).await;
        assert_eq!(refused.status, 403, "{}", refused.body);
        assert!(refused.body["detail"].as_str().unwrap().contains("networks"), "{}", refused.body);
    }
    assert_eq!(read(theirs, outside).await.status, 200);
    // What a caller claims about its address is not believed.
    let claimed = bearer(Method::GET, at, &key).header("x-forwarded-for", inside);
    assert_eq!(from(&house, outside, claimed, None).await.status, 403);
    // Each refusal is in the trail.
    let trail = "/api/v1/audit?outcome=denied&limit=200";
    let rows = from(&house, inside, bearer(Method::GET, trail, &key), None).await;
    let denied = rows.body["items"].as_array().unwrap();
    assert_eq!(denied.iter().filter(|row| row["address"] == outside).count(), 3, "{}", rows.body);

    // Pages and sign-in: a session is turned away elsewhere, and none begins there.
    let page = |peer: &'static str| {
        let request = Request::get("/settings/organisation").header(header::COOKIE, cookie.clone());
        from(&house, peer, request, None)
    };
    assert_eq!(page(outside).await.status, 200);
    let form = Request::patch(at).header(header::COOKIE, cookie.clone()).header("x-csrf-token", csrf);
    let only = json!({"allowed_networks": [outside], "name": "Works"});
    assert_eq!(from(&house, outside, form, Some(&only)).await.status, 200);
    let html = page(outside).await;
    assert!(html.body.as_str().unwrap().contains("198.51.100.1/32"), "{}", html.body);
    assert_eq!(page(inside).await.status, 403);
    let again = app::accounts::links::sign_in_link(&house.state.desk, "ada@example.com").await.unwrap();
    let again = json!({ "token": again.split_once("token=").unwrap().1 });
    let refused = from(&house, inside, Request::post("/api/v1/session/link"), Some(&again)).await;
    assert_eq!(refused.status, 403, "{}", refused.body);

    // Everybody again, by hand of whoever runs the installation.
    let owner = app::Caller::new(house.org.owner.clone(), domain::TraceId::new([4; 16]), None);
    app::organisations::allow_everywhere(&house.state.desk, &owner).await.unwrap();
    assert_eq!(read(key.clone(), outside).await.status, 200);
}

#[tokio::test]
async fn pages_of_named_origins_ask_the_api_and_no_others() {
    let Some(house) = House::open().await else { return };
    let key = house.key(&house.org.owner, Role::Viewer, &[]).await;
    let at = "/api/v1/facilities";
    for (origin, known) in [
        ("https://tools.example", true),
        ("https://tools.example.evil", false),
        ("http://tools.example", false),
        ("null", false),
    ] {
        let request = bearer(Method::GET, at, &key).header(header::ORIGIN, origin);
        let answer = from(&house, "203.0.113.7", request, None).await;
        assert_eq!(answer.status, 200);
        let told = answer.headers.get("access-control-allow-origin").map(|told| told.to_str().unwrap());
        assert_eq!(told, known.then_some(origin), "{origin}");
        assert!(!answer.headers.contains_key("access-control-allow-credentials"));
        let asked = Request::options(at)
            .header(header::ORIGIN, origin)
            .header("access-control-request-method", "PATCH")
            .header("access-control-request-headers", "authorization");
        let answer = from(&house, "203.0.113.7", asked, None).await;
        assert_eq!(answer.status.as_u16(), if known { 204 } else { 401 }, "{origin}: {}", answer.body);
        assert_eq!(answer.headers.contains_key("access-control-allow-methods"), known, "{origin}");
    }
    // A page, which a cookie opens, is told to nobody.
    let page = Request::get("/sign-in").header(header::ORIGIN, "https://tools.example");
    let answer = from(&house, "203.0.113.7", page, None).await;
    assert!(!answer.headers.contains_key("access-control-allow-origin"));
}
