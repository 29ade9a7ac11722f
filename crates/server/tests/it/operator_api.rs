//! The console's work done by a program: an operator's session at the API.

use app::Caller;
use axum::http::Method;
use domain::{Role, TraceId};
use serde_json::{Value, json};
use store::analyses::AnalysisState;

use crate::{
    console::{operator, sample_run},
    doorway::Browser,
    house::House,
};

struct Desk<'a>(Browser<'a>);

impl Desk<'_> {
    async fn ask(&self, method: Method, path: &str, body: Option<&Value>, expected: u16) -> Value {
        let path = format!("/api/v1/operator{path}");
        let answer = self.0.ask(method.clone(), &path, body).await;
        assert_eq!(answer.status.as_u16(), expected, "{method} {path}: {}", answer.body);
        answer.body
    }

    async fn get(&self, path: &str) -> Value {
        self.ask(Method::GET, path, None, 200).await
    }

    async fn put(&self, path: &str, body: &Value, expected: u16) -> Value {
        self.ask(Method::PUT, path, Some(body), expected).await
    }

    async fn post(&self, path: &str, body: &Value, expected: u16) -> Value {
        self.ask(Method::POST, path, Some(body), expected).await
    }
}

#[tokio::test]
async fn a_program_does_an_operators_day() {
    let Some(mut house) = House::open().await else { return };
    let (cookie, csrf, _) = operator(&mut house).await;
    let desk = Desk(Browser { house: &house, cookie, csrf });
    let acme = house.org.id;
    let owner = house.key(&house.org.owner, Role::Owner, &[]).await;

    let made = json!({"name": "New Works", "email": "new@example.com", "plan": "pilot"});
    let made = desk.post("/customers", &made, 201).await;
    assert!(made["sign_in_link"].as_str().unwrap().contains("token="));
    let found = desk.get("/customers?search=new%20wor").await;
    let names: Vec<&Value> =
        found["items"].as_array().unwrap().iter().map(|one| &one["organization"]["name"]).collect();
    assert_eq!(names, ["New Works"]);
    desk.ask(Method::GET, "/customers?status=happy", None, 422).await;

    let customer = format!("/customers/{acme}");
    desk.ask(Method::GET, &customer, None, 422).await;
    let seen = desk.get(&format!("{customer}?reason=support+case+8")).await;
    assert_eq!((&seen["members"], &seen["customer"]["noted"]), (&json!(5), &Value::Null));
    let mut noted = json!({
        "name": "Acme Inc.", "contact_name": "Ann", "pays": "pilot", "status": "trial", "plan": "trial",
        "csv_upload_limit": 9, "savings_target": 50_000, "pilot_ends_on": "2030-01-31", "reviewed": true,
        "version": 0, "reason": "the contract of May",
    });
    let after = desk.put(&customer, &noted, 200).await;
    assert_eq!((&after["pilot_ends_on"], &after["savings_target"]), (&json!("2030-01-31"), &json!(50000.0)));
    desk.put(&customer, &noted, 412).await;
    noted["version"] = after["version"].clone();
    for (field, wrong) in [("pays", json!("never")), ("pilot_ends_on", json!("soon")), ("reason", json!(""))]
    {
        let mut form = noted.clone();
        form[field] = wrong;
        let refused = desk.put(&customer, &form, 422).await;
        assert_eq!(refused["errors"][0]["field"], field, "{refused}");
    }
    let uploads = house.get("/api/v1/usage", &owner).await.body["allowances"][0].clone();
    assert_eq!(uploads["limit"], 9);

    let settings = format!("{customer}/settings");
    let change = json!({"preset": "aggressive", "reason": "they asked"});
    assert_eq!(desk.put(&settings, &change, 200).await["preset"], "aggressive");
    let kept = desk.get(&format!("{settings}?reason=look")).await;
    assert_eq!(kept["items"][0]["preset"], "aggressive");
    let own = json!({"settings": {"min_sample_size": 18}, "reason": "small plant"});
    assert_eq!(desk.put(&settings, &own, 200).await["settings"], json!({"min_sample_size": 18}));
    let history = format!("{settings}/{}/history", kept["items"][0]["id"].as_str().unwrap());
    let states = desk.get(&format!("{history}?reason=who+changed+it")).await;
    let numbers: Vec<(&Value, &Value)> =
        states["items"].as_array().unwrap().iter().map(|one| (&one["number"], &one["settings"])).collect();
    assert_eq!(numbers[0], (&json!(2), &json!({"min_sample_size": 18})), "{states}");
    assert_eq!(numbers.len(), 2, "{states}");
    desk.ask(Method::GET, &history, None, 422).await;
    let counted = desk.get("/counters").await;
    assert_eq!(counted, json!({"reviews_waiting": 0, "pilots": 1, "verified": [], "guarantees_met": 0}));

    let mut limits = json!({
        "uploads": 5, "rows": 5_000_000, "analyses": 10, "chat_messages": null, "ai_tokens": null,
        "mapping_profiles": 3, "offered": false, "position": 1,
    });
    desk.put("/plans/trial", &limits, 204).await;
    let rows = house.get("/api/v1/usage", &owner).await.body["allowances"][1].clone();
    assert_eq!(rows["limit"], 5_000_000);
    limits["rows"] = json!(-1);
    desk.put("/plans/trial", &limits, 422).await;
    let plans = desk.get("/plans").await;
    let trial = plans["items"].as_array().unwrap().iter().find(|plan| plan["plan"] == "trial").unwrap();
    assert_eq!((&trial["limits"]["rows"], &trial["limits"]["ai_tokens"]), (&json!(5_000_000), &Value::Null));

    let said = json!({"title": "Maintenance on Sunday", "days": 3});
    desk.post("/announcements", &said, 204).await;
    let said = desk.get("/announcements").await["items"][0].clone();
    let one = format!("/announcements/{}", said["id"].as_str().unwrap());
    desk.ask(Method::DELETE, &one, None, 204).await;
    desk.ask(Method::DELETE, &one, None, 404).await;

    // A result is reviewed. Whoever changes it after it was approved must approve it again.
    let caller = Caller::new(house.org.analyst.clone(), TraceId::new([8; 16]), None);
    let (run, state) = sample_run(&house, &caller).await;
    assert_eq!(state, AnalysisState::InReview);
    let queued = desk.get("/reviews").await["items"][0].clone();
    assert_eq!(
        (&queued["analysis_id"], &queued["state"], &queued["urgent"]),
        (&json!(run.to_string()), &json!("pending"), &json!(false))
    );
    let review = format!("/reviews/{acme}/{run}");
    let seen = desk.get(&review).await;
    let key = seen["findings"][0]["key"].clone();
    let version = |review: &Value| review["version"].clone();
    let some = json!({"ticked": ["columns"], "notes": "begun", "version": version(&seen["review"])});
    let begun = desk.put(&review, &some, 200).await;
    assert_eq!((&begun["state"], &begun["checklist"][0]["ticked"]), (&json!("in_review"), &json!(true)));
    let (approval, publication) = (format!("{review}/approval"), format!("{review}/publication"));
    let mut all = json!({"ticked": ["columns"], "notes": "fine", "version": version(&begun)});
    desk.post(&approval, &all, 422).await;
    all["ticked"] = json!(["columns", "totals", "large", "names", "words"]);
    assert_eq!(desk.post(&approval, &all, 200).await["state"], "approved");
    let edit = format!("{review}/findings");
    desk.put(&edit, &json!({"key": "nothing", "hidden": true}), 404).await;
    desk.put(&edit, &json!({"key": key, "hidden": true, "note": "known"}), 204).await;
    desk.ask(Method::POST, &publication, None, 409).await;
    let again = desk.get(&review).await;
    assert_eq!(
        (&again["review"]["state"], &again["findings"][0]["hidden"]),
        (&json!("in_review"), &json!(true))
    );
    all["version"] = version(&again["review"]);
    desk.post(&approval, &all, 200).await;
    desk.ask(Method::POST, &publication, None, 204).await;
    let findings = house.get(&format!("/api/v1/findings?analysis_id={run}"), &owner).await;
    let shown = findings.body["items"].as_array().unwrap();
    assert!(
        !shown.is_empty()
            && shown.iter().all(|finding| !key.as_str().unwrap().ends_with(finding["id"].as_str().unwrap()))
    );

    // Jobs, use, health and trails.
    let jobs = desk.get("/jobs?state=completed").await;
    let job = jobs["items"].as_array().unwrap().iter().find(|job| job["kind"] == "analyze").unwrap();
    let (org, id) = (job["organization_id"].as_str().unwrap(), job["id"].as_str().unwrap());
    desk.post(&format!("/jobs/{org}/{id}/cancel"), &json!({"reason": "too late"}), 409).await;
    desk.post(&format!("/jobs/{org}/{id}/retry"), &json!({"reason": " "}), 422).await;
    desk.ask(Method::GET, "/jobs?state=lost", None, 422).await;
    let used = desk.get("/usage").await;
    let acmes =
        used["items"].as_array().unwrap().iter().find(|one| one["organization_id"] == acme.to_string());
    assert_eq!(acmes.unwrap()["analyses"], 1);
    let health = desk.get("/health").await;
    assert_eq!(
        (&health["checks"][0]["part"], &health["checks"][0]["good"]),
        (&json!("Database"), &json!(true))
    );
    desk.ask(Method::GET, "/audit", None, 422).await;
    let own = desk.get("/audit?reason=weekly+look&action=plan.put").await;
    assert_eq!(own["items"][0]["resource_id"], "trial");
    let theirs =
        desk.get(&format!("/audit?organization_id={acme}&reason=case+8&action=operator.enter")).await;
    let reasons: Vec<&Value> =
        theirs["items"].as_array().unwrap().iter().map(|row| &row["details"]["reason"]).collect();
    for reason in
        ["case 8", "support case 8", "the contract of May", "they asked", "publication of an analysis"]
    {
        assert!(reasons.contains(&&json!(reason)), "{reason}: {reasons:?}");
    }

    // A key is never enough, not even an owner's.
    for path in [
        "customers",
        "counters",
        "reviews",
        "jobs",
        "usage",
        "plans",
        "announcements",
        "health",
        "audit?reason=x",
    ] {
        let path = format!("/api/v1/operator/{path}");
        assert_eq!(house.get(&path, &owner).await.status, 403, "{path}");
    }
}
