//! People at the door: links, passwords, second factors, forgotten passwords, forms.

use std::sync::{Arc, Mutex};

use axum::{
    body::Body,
    http::{Method, Request, StatusCode, header},
};
use clients::mail::{Letter, Mailer, Sent};
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::house::{Answer, House, plenty};

pub(crate) const PASSWORD: &str = "correct horse battery";

#[derive(Debug, Default)]
pub(crate) struct Outbox(pub(crate) Mutex<Vec<Letter>>);

impl Outbox {
    /// The letters, once there are so many.
    pub(crate) async fn letters(&self, n: usize) -> Vec<Letter> {
        for _ in 0..200 {
            let letters = self.0.lock().unwrap().clone();
            if letters.len() >= n {
                return letters;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        panic!("there were {} letters, not {n}", self.0.lock().unwrap().len());
    }
}

impl Mailer for Outbox {
    fn send<'a>(&'a self, letter: &'a Letter) -> Sent<'a> {
        self.0.lock().unwrap().push(letter.clone());
        Box::pin(async { Ok(()) })
    }
}

pub(crate) struct Browser<'a> {
    pub(crate) house: &'a House,
    pub(crate) cookie: String,
    pub(crate) csrf: String,
}

impl<'a> Browser<'a> {
    /// The owner of a new organisation, signed in with the link of the first start, with a password.
    pub(crate) async fn first(house: &'a House, email: &str) -> Self {
        let link = app::accounts::links::create_owner(&house.state.desk, email, "Brandt").await.unwrap();
        let token = link.split_once("token=").unwrap().1.to_owned();
        let body = json!({ "token": token });
        let answer = house.ask(Method::POST, "/api/v1/session/link", None, Some(&body)).await;
        let browser = Self::of(house, &answer);
        // A link works once.
        assert_eq!(house.ask(Method::POST, "/api/v1/session/link", None, Some(&body)).await.status, 422);
        let set =
            browser.ask(Method::PUT, "/api/v1/me/password", Some(&json!({"new_password": PASSWORD}))).await;
        assert_eq!(set.status, 204, "{:?}", set.body);
        browser
    }

    pub(crate) fn of(house: &'a House, answer: &Answer) -> Self {
        assert_eq!(answer.status, 201, "{:?}", answer.body);
        let set = answer.headers["set-cookie"].to_str().unwrap();
        assert!(set.contains("HttpOnly") && set.contains("SameSite=Lax") && set.contains("Path=/"), "{set}");
        let cookie = set.split(';').next().unwrap().to_owned();
        Self { house, cookie, csrf: answer.body["csrf_token"].as_str().unwrap().to_owned() }
    }

    pub(crate) async fn ask(&self, method: Method, path: &str, body: Option<&Value>) -> Answer {
        self.ask_with(method, path, body, &[("x-csrf-token", &self.csrf)]).await
    }

    async fn ask_with(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
        headers: &[(&str, &str)],
    ) -> Answer {
        let mut request = Request::builder().method(method).uri(path).header(header::COOKIE, &self.cookie);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let body = match body {
            Some(body) => {
                request = request.header(header::CONTENT_TYPE, "application/json");
                Body::from(body.to_string())
            }
            None => Body::empty(),
        };
        self.house.send(request.body(body).unwrap()).await
    }
}

pub(crate) async fn sign_in(house: &House, email: &str, password: &str, code: Option<&str>) -> Answer {
    let body = json!({"email": email, "password": password, "code": code});
    house.ask(Method::POST, "/api/v1/session", None, Some(&body)).await
}

#[tokio::test]
async fn a_session_begins_ends_and_is_another_one_each_time() {
    let Some(house) = House::open().await else { return };
    let first = Browser::first(&house, "Marie@Example.com").await;
    let again = Browser::of(&house, &sign_in(&house, "marie@example.com ", PASSWORD, None).await);
    assert_ne!(first.cookie, again.cookie);
    assert_eq!(again.ask(Method::GET, "/api/v1/me", None).await.body["email"], "Marie@Example.com");
    assert_eq!(
        again.ask(Method::GET, "/api/v1/me/sessions", None).await.body["items"].as_array().unwrap().len(),
        2
    );
    assert_eq!(again.ask(Method::DELETE, "/api/v1/session", None).await.status, 204);
    assert_eq!(again.ask(Method::GET, "/api/v1/me", None).await.status, 401);
    assert_eq!(first.ask(Method::GET, "/api/v1/me", None).await.status, 200);
    // Not used for a day: over.
    house.clock.advance(SignedDuration::from_hours(25));
    assert_eq!(first.ask(Method::GET, "/api/v1/me", None).await.status, 401);
}

#[tokio::test]
async fn a_change_needs_the_form_of_a_page_of_ours() {
    let Some(house) = House::open().await else { return };
    let browser = Browser::first(&house, "marie@example.com").await;
    let body = json!({"name": "Marie"});
    let csrf = browser.csrf.clone();
    for (headers, status) in [
        (&[][..], 403),
        (&[("x-csrf-token", "")], 403),
        (&[("x-csrf-token", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")], 403),
        (&[("x-csrf-token", csrf.as_str()), ("origin", "https://evil.example")], 403),
        (&[("x-csrf-token", csrf.as_str()), ("sec-fetch-site", "cross-site")], 403),
        (&[("x-csrf-token", csrf.as_str()), ("sec-fetch-site", "same-origin")], 200),
        (&[("x-csrf-token", csrf.as_str())], 200),
    ] {
        let answer = browser.ask_with(Method::PATCH, "/api/v1/me", Some(&body), headers).await;
        assert_eq!(answer.status.as_u16(), status, "{headers:?} {:?}", answer.body);
    }
    assert_eq!(browser.ask_with(Method::GET, "/api/v1/me", None, &[]).await.status, 200);
    let elsewhere = Request::builder()
        .method(Method::POST)
        .uri("/sign-in")
        .header("origin", "https://evil.example")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::from("email=a&password=b"))
        .unwrap();
    assert_eq!(house.send(elsewhere).await.status, 403);
}

#[tokio::test]
async fn versions_keep_two_people_from_undoing_each_other() {
    let Some(house) = House::open().await else { return };
    let browser = Browser::first(&house, "marie@example.com").await;
    let tag = browser.ask(Method::GET, "/api/v1/organization", None).await.headers["etag"]
        .to_str()
        .unwrap()
        .to_owned();
    let with = [("x-csrf-token", browser.csrf.as_str()), ("if-match", tag.as_str())];
    let body = json!({"name": "Brandt & Lowe"});
    assert_eq!(browser.ask_with(Method::PATCH, "/api/v1/organization", Some(&body), &with).await.status, 200);
    let late = browser.ask_with(Method::PATCH, "/api/v1/organization", Some(&body), &with).await;
    assert_eq!((late.status.as_u16(), &late.body["type"]), (412, &json!("urn:plantintel:problem:stale")));
}

#[tokio::test]
async fn nobody_learns_whether_there_is_an_account() {
    let outbox = Arc::new(Outbox::default());
    let Some(house) = House::with(plenty(), Some(outbox.clone())).await else { return };
    Browser::first(&house, "marie@example.com").await;
    let bare = |mut answer: Answer| {
        answer.body.as_object_mut().map(|fields| fields.remove("trace_id"));
        (answer.status, answer.body)
    };
    let wrong = sign_in(&house, "marie@example.com", "not the password", None).await;
    let unknown = sign_in(&house, "nobody@example.com", "not the password", None).await;
    assert_eq!(wrong.status, StatusCode::UNAUTHORIZED);
    assert_eq!(bare(wrong), bare(unknown));
    for email in ["marie@example.com", "nobody@example.com"] {
        let answer =
            house.ask(Method::POST, "/api/v1/password-resets", None, Some(&json!({ "email": email }))).await;
        assert_eq!(answer.status, 202);
    }
    let letters = outbox.letters(1).await;
    assert_eq!(letters.len(), 1);
    let token = letters[0].text.split("token=").nth(1).unwrap().split_whitespace().next().unwrap().to_owned();
    for (password, status) in [("short", 422), ("another long password", 204), ("a third long password", 422)]
    {
        let body = json!({"token": token, "password": password});
        let answer = house.ask(Method::POST, "/api/v1/password-resets/confirmation", None, Some(&body)).await;
        assert_eq!(answer.status.as_u16(), status, "{password}");
    }
    assert_eq!(sign_in(&house, "marie@example.com", PASSWORD, None).await.status, 401);
    assert_eq!(sign_in(&house, "marie@example.com", "another long password", None).await.status, 201);
}

#[tokio::test]
async fn guessing_is_slowed_down_and_waiting_ends_it() {
    let Some(house) = House::open().await else { return };
    Browser::first(&house, "marie@example.com").await;
    let mut statuses = Vec::new();
    for _ in 0..8 {
        statuses
            .push(sign_in(&house, "marie@example.com", "wrong password here", None).await.status.as_u16());
    }
    assert_eq!(statuses, [401, 401, 401, 401, 401, 401, 429, 429]);
    // The right password does not help while the account waits.
    let early = sign_in(&house, "marie@example.com", PASSWORD, None).await;
    assert_eq!(early.status, 429);
    assert!(early.headers.contains_key("retry-after"));
    house.clock.advance(SignedDuration::from_mins(2));
    assert_eq!(sign_in(&house, "marie@example.com", PASSWORD, None).await.status, 201);
}

#[tokio::test]
async fn a_second_factor_is_asked_for_and_a_code_works_once() {
    let Some(house) = House::open().await else { return };
    let browser = Browser::first(&house, "marie@example.com").await;
    let begun =
        browser.ask(Method::POST, "/api/v1/me/second-factor", Some(&json!({"password": PASSWORD}))).await;
    assert_eq!(begun.status, 201, "{:?}", begun.body);
    let recovery = begun.body["recovery_codes"][0].as_str().unwrap().to_owned();
    // Not confirmed yet: not asked for.
    assert_eq!(sign_in(&house, "marie@example.com", PASSWORD, None).await.status, 201);
    let wrong = browser
        .ask(Method::POST, "/api/v1/me/second-factor/confirmation", Some(&json!({"code": "000000x"})))
        .await;
    assert_eq!(wrong.status, 422);
    let code = code_now(&house, begun.body["seed"].as_str().unwrap());
    let done = browser
        .ask(Method::POST, "/api/v1/me/second-factor/confirmation", Some(&json!({ "code": code })))
        .await;
    assert_eq!(done.status, 204, "{:?}", done.body);
    assert_eq!(sign_in(&house, "marie@example.com", PASSWORD, None).await.status, 401);
    assert_eq!(
        sign_in(&house, "marie@example.com", PASSWORD, Some(&code)).await.status,
        401,
        "a code works once"
    );
    house.clock.advance(SignedDuration::from_secs(30));
    let next = code_now(&house, begun.body["seed"].as_str().unwrap());
    assert_eq!(sign_in(&house, "marie@example.com", PASSWORD, Some(&next)).await.status, 201);
    assert_eq!(sign_in(&house, "marie@example.com", PASSWORD, Some(&recovery)).await.status, 201);
    assert_eq!(sign_in(&house, "marie@example.com", PASSWORD, Some(&recovery)).await.status, 401);
}

/// The present code, computed here and not by the code under test.
pub(crate) fn code_now(house: &House, seed: &str) -> String {
    use domain::Clock;
    let bits: String = seed
        .chars()
        .map(|c| format!("{:05b}", "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".find(c).unwrap()))
        .collect();
    let key: Vec<u8> = bits
        .as_bytes()
        .chunks_exact(8)
        .map(|byte| u8::from_str_radix(std::str::from_utf8(byte).unwrap(), 2).unwrap())
        .collect();
    let step = house.clock.now().as_second() / 30;
    let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &key);
    let tag = aws_lc_rs::hmac::sign(&key, &step.to_be_bytes());
    let at = usize::from(tag.as_ref()[19] & 15);
    let number = u32::from_be_bytes(tag.as_ref()[at..at + 4].try_into().unwrap()) & 0x7fff_ffff;
    format!("{:06}", number % 1_000_000)
}

#[tokio::test]
async fn an_invitation_is_taken_up_once() {
    let outbox = Arc::new(Outbox::default());
    let Some(house) = House::with(plenty(), Some(outbox.clone())).await else { return };
    let owner = Browser::first(&house, "marie@example.com").await;
    let body = json!({"email": "tom@example.com", "role": "analyst"});
    let made = owner.ask(Method::POST, "/api/v1/invitations", Some(&body)).await;
    assert_eq!(made.status, 201, "{:?}", made.body);
    assert_eq!(made.body.get("link"), None);
    let text = outbox.letters(1).await[0].text.clone();
    let token = text.split("token=").nth(1).unwrap().split_whitespace().next().unwrap().to_owned();
    let page = house.ask(Method::GET, &format!("/invitation?token={token}"), None, None).await;
    assert!(page.body.as_str().unwrap().contains("tom@example.com"));
    let body = json!({"token": token, "name": "Tom", "password": PASSWORD});
    let joined = house.ask(Method::POST, "/api/v1/invitations/acceptance", None, Some(&body)).await;
    let tom = Browser::of(&house, &joined);
    assert_eq!(tom.ask(Method::GET, "/api/v1/me", None).await.body["role"], "analyst");
    assert_eq!(
        house.ask(Method::POST, "/api/v1/invitations/acceptance", None, Some(&body)).await.status,
        422
    );
    // An analyst invites nobody, and nobody gives more than they have.
    let body = json!({"email": "eve@example.com", "role": "viewer"});
    assert_eq!(tom.ask(Method::POST, "/api/v1/invitations", Some(&body)).await.status, 403);
    let id = joined.body["user_id"].as_str().unwrap();
    let promoted =
        owner.ask(Method::PATCH, &format!("/api/v1/members/{id}"), Some(&json!({"role": "admin"}))).await;
    assert_eq!(promoted.status, 200, "{:?}", promoted.body);
    let body = json!({"email": "eve@example.com", "role": "owner"});
    assert_eq!(tom.ask(Method::POST, "/api/v1/invitations", Some(&body)).await.status, 403);
    // Whoever is removed is out at once.
    assert_eq!(owner.ask(Method::DELETE, &format!("/api/v1/members/{id}"), None).await.status, 204);
    assert_eq!(tom.ask(Method::GET, "/api/v1/me", None).await.status, 401);
}

#[tokio::test]
async fn pages_of_the_door_have_their_headers_and_work_as_forms() {
    let Some(house) = House::open().await else { return };
    Browser::first(&house, "marie@example.com").await;
    let page = house.ask(Method::GET, "/sign-in?next=//evil.example", None, None).await;
    assert_eq!(page.status, 200);
    let html = page.body.as_str().unwrap();
    assert!(!html.contains("evil.example"), "{html}");
    let policy = page.headers["content-security-policy"].to_str().unwrap();
    assert!(policy.contains("default-src 'self'") && policy.contains("frame-ancestors 'none'"));
    assert_eq!(page.headers["x-content-type-options"], "nosniff");
    let form = |body: String| {
        Request::builder()
            .method(Method::POST)
            .uri("/sign-in")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(body))
            .unwrap()
    };
    let wrong = house.send(form("email=marie%40example.com&password=no&next=/".to_owned())).await;
    assert_eq!(wrong.status, 401);
    let right = house
        .send(form(format!(
            "email=marie%40example.com&password={}&next=/findings",
            PASSWORD.replace(' ', "+")
        )))
        .await;
    assert_eq!((right.status.as_u16(), right.headers["location"].to_str().unwrap()), (303, "/findings"));
    for path in ["/health/live", "/health/ready", "/api/openapi.json", "/api/docs"] {
        assert_eq!(house.ask(Method::GET, path, None, None).await.status, 200, "{path}");
    }
}
