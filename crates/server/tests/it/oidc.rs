//! Signing in at an issuer that stands on this machine: the whole way round, and every way in which it must not end.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use aws_lc_rs::digest;
use axum::{
    Form, Json, Router,
    body::Body,
    extract::State,
    http::{HeaderMap, Request, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use clients::{key_set::Address, oidc::Provider};
use serde_json::{Value, json};
use server::who::{Expectations, Issuer, Issuers, issuer::SignIn};

use crate::{
    house::{House, deliver},
    signer::{Signer, b64},
};

/// What the issuer is told to do wrong, if anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Flaw {
    None,
    OtherNonce,
    NoNonce,
    OtherAudience,
    OtherParty,
    Expired,
    OtherKey,
    NoToken,
    UnknownRole,
}

struct Desk {
    name: String,
    signer: Signer,
    other: Signer,
    /// Codes that were given, with the challenge and the nonce that they belong to.
    codes: Mutex<HashMap<String, (String, String)>>,
    flaw: Mutex<Flaw>,
    now: i64,
}

async fn discovery(State(desk): State<Arc<Desk>>) -> Json<Value> {
    let name = &desk.name;
    Json(
        json!({"issuer": name, "authorization_endpoint": format!("{name}/authorize"), "token_endpoint": format!("{name}/token"),
        "jwks_uri": format!("{name}/keys")}),
    )
}

async fn keys(State(desk): State<Arc<Desk>>) -> Json<Value> {
    Json(json!({"keys": [desk.signer.jwk("k1")]}))
}

async fn token(
    State(desk): State<Arc<Desk>>,
    headers: HeaderMap,
    Form(form): Form<HashMap<String, String>>,
) -> Response {
    use base64::{Engine, engine::general_purpose::STANDARD};
    let expected = format!("Basic {}", STANDARD.encode("plant:a-secret"));
    if headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()) != Some(&expected) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    // A code works once.
    let Some((challenge, nonce)) = desk.codes.lock().unwrap().remove(&form["code"]) else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    let shown = b64(digest::digest(&digest::SHA256, form["code_verifier"].as_bytes()));
    if shown != challenge || !form["redirect_uri"].ends_with("/sign-in/issuer/callback") {
        return StatusCode::BAD_REQUEST.into_response();
    }
    let flaw = *desk.flaw.lock().unwrap();
    let mut claims = json!({"iss": desk.name, "sub": "user_1", "aud": "plant", "iat": desk.now, "exp": desk.now + 300,
        "nonce": nonce, "org_id": "org_1", "org_role": "org:admin"});
    let mut signer = &desk.signer;
    match flaw {
        Flaw::OtherNonce => claims["nonce"] = json!("another"),
        Flaw::NoNonce => drop(claims.as_object_mut().unwrap().remove("nonce")),
        Flaw::OtherAudience => claims["aud"] = json!("somebody else"),
        Flaw::OtherParty => claims["azp"] = json!("somebody else"),
        Flaw::Expired => (claims["iat"], claims["exp"]) = (json!(desk.now - 900), json!(desk.now - 600)),
        Flaw::OtherKey => signer = &desk.other,
        Flaw::UnknownRole => claims["org_role"] = json!("org:janitor"),
        Flaw::NoToken => return Json(json!({"access_token": "x"})).into_response(),
        Flaw::None => {}
    }
    let token = signer.token(&json!({"alg": "RS256", "typ": "JWT", "kid": "k1"}), &claims);
    Json(json!({"id_token": token, "access_token": "x", "token_type": "Bearer"})).into_response()
}

struct Round {
    house: House,
    desk: Arc<Desk>,
}

impl Round {
    async fn open() -> Option<Self> {
        let mut house = House::open().await?;
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let name = format!("http://{}", listener.local_addr().unwrap());
        let now = domain::Clock::now(&*house.clock).as_second();
        let desk = Arc::new(Desk {
            name: name.clone(),
            signer: Signer::rsa(),
            other: Signer::rsa(),
            codes: Mutex::default(),
            flaw: Mutex::new(Flaw::None),
            now,
        });
        let router = Router::new()
            .route("/.well-known/openid-configuration", get(discovery))
            .route("/keys", get(keys))
            .route("/token", post(token))
            .with_state(Arc::clone(&desk));
        tokio::spawn(async move { axum::serve(listener, router).await });
        let source = Arc::new(Address::new(&format!("{name}/keys")).unwrap());
        let provider = Provider::new(&name, "plant", Some("a-secret".to_owned())).unwrap();
        let issuer = Issuer::new(Expectations::of(&name), source)
            .with_sign_in(SignIn { name: "Acme".to_owned(), provider });
        house.state.issuers = Arc::new(Issuers(vec![issuer]));
        house.router = server::router::router(&house.state);
        Some(Self { house, desk })
    }

    async fn get(&self, path: &str, cookie: Option<&str>) -> Response {
        let mut request = Request::builder().uri(path).header("sec-fetch-site", "cross-site");
        if let Some(cookie) = cookie {
            request = request.header(header::COOKIE, cookie);
        }
        deliver(&self.house.router, request.body(Body::empty()).unwrap()).await
    }

    /// Goes to the issuer: the cookie, and the parameters that it was asked with.
    async fn go(&self, next: &str) -> (String, HashMap<String, String>) {
        let response = self.get(&format!("/sign-in/issuer/0?next={next}"), None).await;
        assert_eq!(response.status(), StatusCode::SEE_OTHER);
        let there = url::Url::parse(response.headers()[header::LOCATION].to_str().unwrap()).unwrap();
        assert!(there.as_str().starts_with(&format!("{}/authorize?", self.desk.name)));
        let cookie = response.headers()[header::SET_COOKIE].to_str().unwrap();
        assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"), "{cookie}");
        (cookie.split(';').next().unwrap().to_owned(), there.query_pairs().into_owned().collect())
    }

    /// The issuer lets the person in and sends it back with this code.
    fn confirm(&self, asked: &HashMap<String, String>, code: &str) {
        assert_eq!(
            (asked["response_type"].as_str(), asked["code_challenge_method"].as_str()),
            ("code", "S256")
        );
        let kept = (asked["code_challenge"].clone(), asked["nonce"].clone());
        self.desk.codes.lock().unwrap().insert(code.to_owned(), kept);
    }
}

fn session(response: &Response) -> Option<String> {
    let set = response.headers().get_all(header::SET_COOKIE).iter().filter_map(|value| value.to_str().ok());
    set.filter_map(|cookie| cookie.split(';').next()).find_map(|pair| {
        pair.strip_prefix("plantintel=").filter(|token| !token.is_empty()).map(|_| pair.to_owned())
    })
}

#[tokio::test]
async fn somebody_goes_to_the_issuer_and_comes_back_signed_in() {
    let Some(round) = Round::open().await else { return };
    let page = round.get("/sign-in?next=/findings", None).await;
    let page = axum::body::to_bytes(page.into_body(), 1 << 20).await.unwrap();
    assert!(String::from_utf8_lossy(&page).contains("Sign in with Acme"));

    let (cookie, asked) = round.go("/findings").await;
    round.confirm(&asked, "c1");
    let back = format!("/sign-in/issuer/callback?code=c1&state={}", asked["state"]);
    let response = round.get(&back, Some(&cookie)).await;
    assert_eq!(response.status(), StatusCode::SEE_OTHER);
    assert_eq!(response.headers()[header::LOCATION], "/findings");
    let first = session(&response).unwrap();
    let me = round.get("/api/v1/me", Some(&first)).await;
    let me = crate::house::read(me).await;
    assert_eq!((me.status, &me.body["role"]), (StatusCode::OK, &json!("admin")), "{}", me.body);

    // The same person again is the same account, and another site is never where it leads.
    let (cookie, asked) = round.go("https://evil.example/").await;
    round.confirm(&asked, "c2");
    let back = format!("/sign-in/issuer/callback?code=c2&state={}&iss={}", asked["state"], round.desk.name);
    let response = round.get(&back, Some(&cookie)).await;
    assert_eq!(response.headers()[header::LOCATION], "/");
    let again = crate::house::read(round.get("/api/v1/me", Some(&session(&response).unwrap())).await).await;
    assert_eq!(again.body["id"], me.body["id"]);
    // What was brought once is worth nothing twice.
    let response = round.get(&back, Some(&cookie)).await;
    assert_eq!((response.status(), session(&response)), (StatusCode::UNAUTHORIZED, None));
}

#[tokio::test]
async fn what_does_not_hold_signs_nobody_in() {
    let Some(round) = Round::open().await else { return };
    // Another browser, none, another state, an error, no code, another issuer's name.
    let (cookie, asked) = round.go("/").await;
    let (other_cookie, other) = round.go("/").await;
    let state = &asked["state"];
    for (path, cookie) in [
        (format!("?code=c&state={state}"), None),
        (format!("?code=c&state={state}"), Some(&other_cookie)),
        (format!("?code=c&state={}", other["state"]), Some(&cookie)),
        (format!("?code=c&state={state}x"), Some(&cookie)),
        ("?code=c".to_owned(), Some(&cookie)),
        (format!("?state={state}"), Some(&cookie)),
        (format!("?error=access_denied&state={state}"), Some(&cookie)),
        (format!("?code=c&state={state}&iss=https://other.example"), Some(&cookie)),
        (format!("?code=unknown&state={state}"), Some(&cookie)),
    ] {
        round.confirm(&asked, "c");
        let response =
            round.get(&format!("/sign-in/issuer/callback{path}"), cookie.map(String::as_str)).await;
        assert_eq!((response.status(), session(&response)), (StatusCode::UNAUTHORIZED, None), "{path}");
    }
    // A cookie that was changed, and one that is too old.
    for position in [22, 40, cookie.len() - 2] {
        let mut changed = cookie.clone().into_bytes();
        changed[position] = if changed[position] == b'A' { b'B' } else { b'A' };
        let changed = String::from_utf8(changed).unwrap();
        let response =
            round.get(&format!("/sign-in/issuer/callback?code=c&state={state}"), Some(&changed)).await;
        assert_eq!((response.status(), session(&response)), (StatusCode::UNAUTHORIZED, None), "{position}");
    }
    // A token that is not the answer to the question.
    for (flaw, status) in [
        (Flaw::OtherNonce, 401),
        (Flaw::NoNonce, 401),
        (Flaw::OtherAudience, 401),
        (Flaw::OtherParty, 401),
        (Flaw::Expired, 401),
        (Flaw::OtherKey, 401),
        (Flaw::NoToken, 401),
        (Flaw::UnknownRole, 403),
    ] {
        *round.desk.flaw.lock().unwrap() = flaw;
        let (cookie, asked) = round.go("/").await;
        round.confirm(&asked, "f");
        let back = format!("/sign-in/issuer/callback?code=f&state={}", asked["state"]);
        let response = round.get(&back, Some(&cookie)).await;
        assert_eq!((response.status().as_u16(), session(&response)), (status, None), "{flaw:?}");
    }
    *round.desk.flaw.lock().unwrap() = Flaw::None;
    let (cookie, asked) = round.go("/").await;
    round.confirm(&asked, "late");
    round.house.clock.advance(jiff::SignedDuration::from_mins(11));
    let back = format!("/sign-in/issuer/callback?code=late&state={}", asked["state"]);
    let response = round.get(&back, Some(&cookie)).await;
    assert_eq!((response.status(), session(&response)), (StatusCode::UNAUTHORIZED, None));
    // An issuer that is not configured leads back to the door.
    let response = round.get("/sign-in/issuer/7", None).await;
    assert_eq!(response.headers()[header::LOCATION], "/sign-in");
}
