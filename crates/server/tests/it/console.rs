//! An operator's day in the console, and what tenants see of it.

use std::time::Duration;

use app::{
    Caller,
    analyses::{self, NewRun},
    datasets, sample,
    worker::{self, Options},
};
use axum::{
    body::Body,
    http::{Method, Request, StatusCode, header},
};
use domain::{Role, TraceId, id::AnalysisId, id::UserId};
use jiff::SignedDuration;
use serde_json::json;
use store::{analyses::AnalysisState, datasets::DatasetState};
use tokio_util::sync::CancellationToken;

use crate::{
    doorway::{Browser, PASSWORD, code_now, sign_in},
    house::{Answer, House},
};

/// A browser at the console.
struct Desk<'a> {
    house: &'a House,
    cookie: String,
    csrf: String,
}

impl Desk<'_> {
    async fn get(&self, path: &str) -> Answer {
        let request = Request::get(path).header(header::COOKIE, &self.cookie).body(Body::empty()).unwrap();
        self.house.send(request).await
    }

    async fn page(&self, path: &str) -> String {
        let answer = self.get(path).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}: {:?}", answer.body);
        answer.body.as_str().unwrap().to_owned()
    }

    async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        form.append_pair("csrf", &self.csrf).extend_pairs(fields);
        let request = Request::post(path)
            .header(header::COOKIE, &self.cookie)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(form.finish()))
            .unwrap();
        self.house.send(request).await
    }

    async fn follow(&self, path: &str, fields: &[(&str, &str)]) -> String {
        let answer = self.post(path, fields).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{path}: {:?}", answer.body);
        answer.headers["location"].to_str().unwrap().to_owned()
    }
}

/// A person with a second factor, as the installation's operator, signed in with it.
pub(super) async fn operator(house: &mut House) -> (String, String, String) {
    let (user, seed, cookie, csrf) = {
        let browser = Browser::first(house, "ops@example.com").await;
        let me = browser.ask(Method::GET, "/api/v1/me", None).await;
        let user = UserId(me.body["id"].as_str().unwrap().parse().unwrap());
        let asked = json!({"password": PASSWORD});
        let begun = browser.ask(Method::POST, "/api/v1/me/second-factor", Some(&asked)).await;
        let seed = begun.body["seed"].as_str().unwrap().to_owned();
        let confirmed = json!({"code": code_now(house, &seed)});
        let path = "/api/v1/me/second-factor/confirmation";
        assert_eq!(browser.ask(Method::POST, path, Some(&confirmed)).await.status, 204);
        (user, seed, browser.cookie.clone(), browser.csrf.clone())
    };
    // An owner with a second factor is no operator yet.
    let desk = Desk { house, cookie: cookie.clone(), csrf: csrf.clone() };
    for path in ["/console", "/console/jobs", "/console/confirm"] {
        let refused = desk.get(path).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN, "{path}");
        let html = refused.body.as_str().unwrap_or_default();
        assert!(html.contains("whoever runs this installation"), "{path}: {html}");
        // Nothing of the console stands around it, and nobody is sent to an admin who cannot help.
        for told in ["frame console", "Plans and limits", "It needs the role", "admin"] {
            assert!(!html.contains(told), "{path} says {told}");
        }
    }
    let reason = desk.post("/console/reason", &[("reason", "none of mine"), ("next", "/console")]).await;
    assert_eq!(reason.status, StatusCode::FORBIDDEN);
    house.settled(vec![user], None);
    // A session that did not show it must show it first.
    let desk = Desk { house, cookie, csrf };
    let asked = desk.get("/console").await;
    assert_eq!(asked.headers["location"], "/console/confirm?next=%2Fconsole");
    house.clock.advance(SignedDuration::from_secs(30));
    let answer = sign_in(house, "ops@example.com", PASSWORD, Some(&code_now(house, &seed))).await;
    let browser = Browser::of(house, &answer);
    (browser.cookie.clone(), browser.csrf.clone(), seed)
}

/// The sample plant imported and analyzed, and where that ended.
pub(super) async fn sample_run(house: &House, caller: &Caller) -> (AnalysisId, AnalysisState) {
    let stop = CancellationToken::new();
    let backing = house.state.backing();
    let work = tokio::spawn(worker::run(backing.clone(), Options::named("console"), stop.clone()));
    let import = sample::open(backing, caller, None, sample::NAME).await.unwrap().dataset.id;
    for _ in 0..1_200 {
        let dataset = datasets::get(backing, caller, import).await.unwrap().dataset;
        if !matches!(dataset.state, DatasetState::Queued | DatasetState::Reading) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let new = NewRun { datasets: vec![import], ..NewRun::default() };
    let run = analyses::start(backing, caller, &new).await.unwrap().analysis.id;
    let mut state = AnalysisState::Queued;
    for _ in 0..1_200 {
        state = analyses::get(backing, caller, run).await.unwrap().analysis.state;
        if !matches!(state, AnalysisState::Queued | AnalysisState::Running) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    stop.cancel();
    work.await.unwrap();
    (run, state)
}

#[tokio::test]
async fn an_operators_day() {
    let Some(mut house) = House::open().await else { return };
    let (cookie, csrf, seed) = operator(&mut house).await;
    let mut desk = Desk { house: &house, cookie, csrf };
    let acme = house.org.id;
    let owner = house.key(&house.org.owner, Role::Owner, &[]).await;

    // Every page of the console answers, and none of them without an operator.
    for path in [
        "/console",
        "/console/reviews",
        "/console/plans",
        "/console/plans?plan=trial",
        "/console/plans?plan=new",
        "/console/jobs",
        "/console/jobs?state=failed",
        "/console/usage",
        "/console/announcements",
        "/console/audit",
        "/console/health",
    ] {
        let html = desk.page(path).await;
        assert!(html.contains("frame console") && html.matches("<h1>").count() == 1, "{path}");
    }
    assert!(desk.page("/console?search=acm").await.contains("Acme"));
    assert!(!desk.page("/console?search=nobody").await.contains("Acme"));
    let made = desk
        .post("/console/customers", &[("name", "New Works"), ("email", "new@example.com"), ("plan", "pilot")])
        .await;
    assert!(made.body.as_str().unwrap().contains("token="), "{:?}", made.body);

    // A look needs a reason, and the customer reads it.
    let customer = format!("/console/customers/{acme}");
    assert!(desk.page(&customer).await.contains("Why do you look?"));
    let kept = desk.post("/console/reason", &[("reason", "support case 7"), ("next", &customer)]).await;
    assert_eq!(kept.headers["location"].to_str().unwrap(), customer);
    let elsewhere = desk.post("/console/reason", &[("reason", "x"), ("next", "https://evil.example")]).await;
    assert_eq!(elsewhere.headers["location"], "/console");
    let reason = kept.headers["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
    desk.cookie = format!("{}; {reason}", desk.cookie);
    let first = desk.page(&customer).await;
    assert!(first.contains("Acme"));
    // Whom to write to is known before anybody notes it.
    let owners = format!("owner.{}@example.com", house.org.owner.user().unwrap().0.simple());
    assert!(first.contains(&format!("value=\"{owners}\"")), "{first}");
    let noted = [
        ("name", "Acme Inc."),
        ("contact_name", "Ann"),
        ("pays", "pilot"),
        ("status", "trial"),
        ("plan", "trial"),
        ("csv_upload_limit", "9"),
        ("savings_target", "50,000"),
        ("pilot_ends_on", "2030-01-31"),
        ("reviewed", "on"),
        ("version", "0"),
    ];
    assert_eq!(desk.follow(&customer, &noted).await, customer);
    // Written from the same reading once more: somebody was faster.
    assert_eq!(desk.post(&customer, &noted).await.status, StatusCode::PRECONDITION_FAILED);
    let uploads = house.get("/api/v1/usage", &owner).await.body["allowances"][0].clone();
    assert_eq!((&uploads["meter"], &uploads["limit"]), (&json!("uploads"), &json!(9)));
    let settings = format!("{customer}/settings");
    assert!(desk.page(&settings).await.contains(&format!("action=\"{settings}\"")));
    desk.follow(&format!("{settings}/preset"), &[("preset", "aggressive"), ("version", "")]).await;
    let kept = house.get("/api/v1/configurations", &owner).await;
    assert_eq!(kept.body["items"][0]["preset"], "aggressive", "{}", kept.body);

    // Limits are data: they hold for the next request.
    let plan =
        [("plan", "trial"), ("rows", "5000000"), ("analyses", "10"), ("uploads", "5"), ("position", "1")];
    desk.follow("/console/plans", &plan).await;
    let rows = house.get("/api/v1/usage", &owner).await.body["allowances"][1].clone();
    assert_eq!(rows["limit"], 5_000_000);
    let bad = desk.post("/console/plans", &[("plan", "trial"), ("rows", "many")]).await;
    assert_eq!(bad.status, StatusCode::UNPROCESSABLE_ENTITY);

    desk.follow("/console/announcements", &[("title", "Maintenance on Sunday"), ("days", "3")]).await;
    assert!(desk.page("/settings/profile").await.contains("Maintenance on Sunday"));

    // A result waits for its reviewer, and nobody of the customer sees it before.
    let backing = house.state.backing();
    let caller = Caller::new(house.org.analyst.clone(), TraceId::new([7; 16]), None);
    let (run, state) = sample_run(&house, &caller).await;
    assert_eq!(state, AnalysisState::InReview);
    let refused = analyses::result(backing, &caller, run).await.unwrap_err().to_string();
    assert!(refused.contains("reviewer"), "{refused}");
    let findings = format!("/api/v1/findings?analysis_id={run}");
    assert_eq!(house.get(&findings, &owner).await.status, StatusCode::CONFLICT);
    let review = format!("/console/reviews/{acme}/{run}");
    assert!(desk.page("/console/reviews").await.contains(&review));
    let html = desk.page(&review).await;
    let key = html.split("findings?key=").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let plain = url::form_urlencoded::parse(format!("k={key}").as_bytes()).next().unwrap().1.into_owned();
    let publish = format!("{review}/publication");
    assert_eq!(desk.post(&publish, &[]).await.status, StatusCode::CONFLICT, "not approved yet");
    assert_eq!(
        desk.post(&format!("{review}/approval"), &[("version", "1")]).await.status,
        StatusCode::UNPROCESSABLE_ENTITY
    );
    let edit = format!("{review}/findings");
    desk.follow(&edit, &[("key", &plain), ("hidden", "on"), ("title", "Left out")]).await;
    let ticked = ["columns", "totals", "large", "names", "words"].map(|point| (point, "on"));
    let fields: Vec<(&str, &str)> = ticked.into_iter().chain([("notes", "fine"), ("version", "1")]).collect();
    desk.follow(&review, &fields).await;
    desk.follow(&format!("{review}/approval"), &[("version", "2")]).await;
    desk.follow(&publish, &[]).await;
    let seen = analyses::result(backing, &caller, run).await.unwrap();
    assert!(!seen.findings.is_empty() && seen.findings.iter().all(|finding| !plain.ends_with(&finding.id)));
    assert_eq!(house.get(&findings, &owner).await.status, StatusCode::OK);
    let mut tx = house.database.store.begin(&house.org.owner).await.unwrap();
    let told = store::notices::list(&mut tx, 50).await.unwrap();
    assert!(told.iter().any(|one| one.type_ == "review.published"));
    drop(tx);

    // The customer reads of every look in its own trail, with the reason.
    let looked = house.get("/api/v1/audit?action=operator.enter", &owner).await;
    let reasons: Vec<_> =
        looked.body["items"].as_array().unwrap().iter().map(|row| row["details"]["reason"].clone()).collect();
    assert!(
        reasons.contains(&json!("support case 7")) && reasons.contains(&json!("publication of an analysis"))
    );
    let edits = house.get("/api/v1/audit?action=review.edit", &owner).await;
    assert_eq!(edits.body["items"][0]["actor_kind"], "operator", "{}", edits.body);
    assert!(desk.page(&format!("/console/audit?org={acme}&action=review.")).await.contains("Review publish"));

    // After half an hour the second factor is asked for again.
    house.clock.advance(SignedDuration::from_mins(31));
    assert_eq!(
        desk.get("/console/jobs").await.headers["location"],
        "/console/confirm?next=%2Fconsole%2Fjobs"
    );
    let wrong = desk.post("/console/confirm", &[("code", "000000"), ("next", "/console/jobs")]).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    let code = code_now(&house, &seed);
    assert_eq!(
        desk.follow("/console/confirm", &[("code", &code), ("next", "/console/jobs")]).await,
        "/console/jobs"
    );
    assert!(desk.page("/console/jobs").await.contains("analyze"));
}

#[tokio::test]
async fn the_first_steps_are_ticked_by_facts() {
    let Some(house) = House::open().await else { return };
    let owner = house.key(&house.org.owner, Role::Owner, &[]).await;
    let viewer = house.key(&house.org.owner, Role::Viewer, &[]).await;
    let status = house.get("/api/v1/onboarding", &viewer).await;
    assert_eq!((&status.body["onboarded"], &status.body["next"]), (&json!(false), &json!("company")));
    let put = |key: String, body: serde_json::Value| {
        let house = &house;
        async move { house.ask(Method::PUT, "/api/v1/onboarding", Some(&key), Some(&body)).await.status.as_u16() }
    };
    let form = json!({"name": "Acme Tools", "size": "20 to 99", "industry": "Machining"});
    assert_eq!(put(viewer.clone(), form.clone()).await, 403);
    assert_eq!(put(owner.clone(), json!({"name": " ", "size": ""})).await, 422);
    assert_eq!(put(owner.clone(), form).await, 204);
    let org = house.get("/api/v1/organization", &owner).await;
    assert_eq!(
        (&org.body["name"], &org.body["profile"]["industry"]),
        (&json!("Acme Tools"), &json!("Machining"))
    );
    // The balanced settings are kept for the organisation, once.
    assert_eq!(house.ask(Method::POST, "/api/v1/onboarding/skip", Some(&owner), None).await.status, 204);
    let kept = house.get("/api/v1/configurations", &owner).await;
    assert_eq!(kept.body["items"].as_array().unwrap().len(), 1);
    assert_eq!(kept.body["items"][0]["preset"], "balanced");
    let status = house.get("/api/v1/onboarding", &viewer).await;
    assert_eq!(status.body["next"], "upload");
    // The sample file passes our own upload.
    let (name, bytes) = sample::file().await.unwrap();
    let request = Request::post(format!("/api/v1/files?name={name}"))
        .header(header::AUTHORIZATION, format!("Bearer {owner}"))
        .header(header::CONTENT_TYPE, "application/octet-stream")
        .body(Body::from(bytes))
        .unwrap();
    assert_eq!(house.send(request).await.status, 201);
    assert_eq!(house.get("/api/v1/onboarding", &viewer).await.body["next"], "map");
}
