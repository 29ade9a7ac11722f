//! Signing up by oneself, and running the installation.

use std::sync::Arc;

use axum::http::Method;
use domain::id::UserId;
use jiff::SignedDuration;
use serde_json::json;

use crate::{
    doorway::{Browser, Outbox, PASSWORD, code_now, sign_in},
    house::{House, plenty},
};

impl House {
    /// The same house with these people as its operators, and open to sign-ups or not.
    pub(crate) fn settled(&mut self, operators: Vec<UserId>, sign_up_plan: Option<&str>) {
        let mut settings = (*self.state.desk.settings).clone();
        settings.operators = operators;
        settings.sign_up_plan = sign_up_plan.map(str::to_owned);
        self.state.desk.settings = Arc::new(settings);
        self.router = server::router::router(&self.state);
    }
}

impl House {
    /// The same house, whose operators come from these networks.
    fn keep_operators_to(&mut self, networks: &[&str]) {
        let mut settings = (*self.state.desk.settings).clone();
        settings.operator_networks =
            networks.iter().map(|network| app::network::Network::parse(network).unwrap()).collect();
        self.state.desk.settings = Arc::new(settings);
        self.router = server::router::router(&self.state);
    }
}

fn by<'a>(house: &'a House, (cookie, csrf): &(String, String)) -> Browser<'a> {
    Browser { house, cookie: cookie.clone(), csrf: csrf.clone() }
}

#[tokio::test]
async fn an_operator_is_apart_from_owners_and_leaves_a_row_in_the_tenants_trail() {
    let Some(mut house) = House::open().await else { return };
    let (user, seed, cookie) = {
        let browser = Browser::first(&house, "ops@example.com").await;
        let me = browser.ask(Method::GET, "/api/v1/me", None).await;
        let user: UserId = UserId(me.body["id"].as_str().unwrap().parse().unwrap());
        let begun =
            browser.ask(Method::POST, "/api/v1/me/second-factor", Some(&json!({"password": PASSWORD}))).await;
        (
            user,
            begun.body["seed"].as_str().unwrap().to_owned(),
            (browser.cookie.clone(), browser.csrf.clone()),
        )
    };
    let list = "/api/v1/operator/organizations";
    let tenant = house.org.id;
    let one = format!("{list}/{tenant}");
    let suspend = json!({"state": "suspended", "reason": "the invoice of March"});
    // An owner is none, whatever the role.
    assert_eq!(by(&house, &cookie).ask(Method::GET, list, None).await.status, 403);
    house.settled(vec![user], None);
    // Without a second factor not even an operator.
    assert_eq!(by(&house, &cookie).ask(Method::GET, list, None).await.status, 409);
    let code = code_now(&house, &seed);
    let confirmed = json!({ "code": code });
    let path = "/api/v1/me/second-factor/confirmation";
    assert_eq!(by(&house, &cookie).ask(Method::POST, path, Some(&confirmed)).await.status, 204);
    house.clock.advance(SignedDuration::from_secs(30));
    let code = code_now(&house, &seed);
    let answer = sign_in(&house, "ops@example.com", PASSWORD, Some(&code)).await;
    let operator = Browser::of(&house, &answer);
    let all = operator.ask(Method::GET, list, None).await;
    assert_eq!(all.status, 200, "{}", all.body);
    assert!(all.body["items"].as_array().unwrap().iter().any(|org| org["id"] == tenant.to_string()));

    let owner = house.key(&house.org.owner, domain::Role::Owner, &[]).await;
    // A key of an owner, even of the operator's own, is not enough.
    assert_eq!(house.get(list, &owner).await.status, 403);
    assert_eq!(operator.ask(Method::GET, &one, None).await.status, 422);
    assert_eq!(operator.ask(Method::GET, &format!("{one}?reason=%20"), None).await.status, 422);
    let seen = operator.ask(Method::GET, &format!("{one}?reason=support+case+7"), None).await;
    assert_eq!((seen.status.as_u16(), &seen.body["members"]), (200, &json!(5)), "{}", seen.body);
    let context = &seen.body["context"];
    assert_eq!(
        (&context["finding_kinds"], &context["newest_analysis"]),
        (&json!([]), &json!(null)),
        "{context}"
    );
    assert_eq!(context["plants"].as_array().map(Vec::len), Some(0), "{context}");
    let missing = format!("{list}/0190a0a0-0000-7000-8000-000000000000?reason=x");
    assert_eq!(operator.ask(Method::GET, &missing, None).await.status, 404);
    // Where the installation names networks, an operator from elsewhere is none.
    let cookie = (operator.cookie.clone(), operator.csrf.clone());
    for (networks, status) in [(&["10.0.0.0/8"][..], 403), (&["10.0.0.0/8", "127.0.0.0/8"], 200), (&[], 200)]
    {
        house.keep_operators_to(networks);
        assert_eq!(by(&house, &cookie).ask(Method::GET, list, None).await.status, status, "{networks:?}");
    }
    let operator = by(&house, &cookie);

    let state = format!("{one}/state");
    let form = json!({"name": "Plant"});
    let made = |key: String| {
        let (house, form) = (&house, &form);
        async move { house.ask(Method::POST, "/api/v1/facilities", Some(&key), Some(form)).await.status }
    };
    let done = operator.ask(Method::PUT, &state, Some(&suspend)).await;
    assert_eq!((done.status.as_u16(), &done.body["state"]), (200, &json!("suspended")), "{}", done.body);
    // Suspended: its programs do not come in; its people may still read.
    assert_eq!(house.get("/api/v1/facilities", &owner).await.status, 401);
    assert_eq!(made(owner.clone()).await, 401);
    let open = json!({"state": "active", "reason": "paid"});
    assert_eq!(operator.ask(Method::PUT, &state, Some(&open)).await.status, 200);
    assert_eq!(made(owner.clone()).await, 201);
    let nonsense = json!({"state": "gone", "reason": "x"});
    assert_eq!(operator.ask(Method::PUT, &state, Some(&nonsense)).await.status, 422);

    let looked = house.get("/api/v1/audit?action=operator.enter", &owner).await;
    let reasons: Vec<_> =
        looked.body["items"].as_array().unwrap().iter().map(|row| row["details"]["reason"].clone()).collect();
    assert_eq!(reasons, [json!("paid"), json!("the invoice of March"), json!("support case 7")]);
    let changed = house.get("/api/v1/audit?action=org.set_state", &owner).await;
    assert_eq!(changed.body["items"][0]["details"], json!({"from": "suspended", "to": "active"}));
    assert_eq!(changed.body["items"][0]["actor_kind"], "operator");
}

#[tokio::test]
async fn people_sign_up_where_the_installation_allows_it() {
    let outbox = Arc::new(Outbox::default());
    let Some(mut house) = House::with(plenty(), Some(outbox.clone())).await else { return };
    let form = json!({"email": "new@example.com", "organization": "New Works"});
    let closed = house.ask(Method::POST, "/api/v1/sign-ups", None, Some(&form)).await;
    assert_eq!(closed.status, 409);
    assert_eq!(house.ask(Method::GET, "/sign-up", None, None).await.status, 404);
    house.settled(Vec::new(), Some("trial"));
    let mut answers = Vec::new();
    for round in 0..2 {
        let answer = house.ask(Method::POST, "/api/v1/sign-ups", None, Some(&form)).await;
        assert_eq!(answer.status, 202, "{}", answer.body);
        answers.push(answer.body);
        for _ in 0..100 {
            if outbox.0.lock().unwrap().len() > round {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
    }
    // Whether there was an account, only its mailbox learns.
    assert_eq!(answers[0], answers[1]);
    let letters: Vec<_> = outbox.0.lock().unwrap().iter().map(|letter| letter.text.clone()).collect();
    assert!(letters[1].contains("you have one already") && !letters[1].contains("token="));
    let token = letters[0].split_once("token=").unwrap().1.split_whitespace().next().unwrap().to_owned();
    let answer =
        house.ask(Method::POST, "/api/v1/session/link", None, Some(&json!({ "token": token }))).await;
    let browser = Browser::of(&house, &answer);
    let org = browser.ask(Method::GET, "/api/v1/organization", None).await;
    assert_eq!((&org.body["name"], &org.body["plan"]), (&json!("New Works"), &json!("trial")));
    // The same in a browser: the page is led to, and sends the same letter.
    let sign_in = house.ask(Method::GET, "/sign-in", None, None).await;
    assert!(sign_in.body.as_str().unwrap().contains("href=\"/sign-up\""));
    let page = house.ask(Method::GET, "/sign-up", None, None).await;
    assert!(page.body.as_str().unwrap().contains("name=\"organisation\""), "{}", page.body);
    let request = axum::http::Request::builder()
        .method(Method::POST)
        .uri("/sign-up")
        .header("content-type", "application/x-www-form-urlencoded")
        .body("organisation=Third+Works&email=third%40example.com".into())
        .unwrap();
    let sent = house.send(request).await;
    assert_eq!(sent.status, 200, "{}", sent.body);
    assert!(sent.body.as_str().unwrap().contains("Look into your mail"));
    let third = outbox.letters(3).await.pop().unwrap();
    assert!(third.to == "third@example.com" && third.text.contains("/sign-in/link?token="), "{third:?}");
    for bad in [
        json!({"email": "no address", "organization": "X"}),
        json!({"email": "a@example.com", "organization": " "}),
    ] {
        assert_eq!(house.ask(Method::POST, "/api/v1/sign-ups", None, Some(&bad)).await.status, 422);
    }
    for _ in 0..6 {
        house.ask(Method::POST, "/api/v1/sign-ups", None, Some(&form)).await;
    }
    assert_eq!(house.ask(Method::POST, "/api/v1/sign-ups", None, Some(&form)).await.status, 429);
}
