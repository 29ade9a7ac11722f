//! Links that show one report or one finding to somebody without an account, and nothing else.

use std::sync::Arc;

use app::worker;
use axum::http::{Method, StatusCode};
use domain::Role;
use jiff::SignedDuration;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use crate::{
    data::{Client, id, name, plant},
    doorway::Outbox,
    house::{Answer, House, plenty},
};

/// As somebody without an account asks: no key, no cookie.
async fn look(house: &House, link: &str) -> Answer {
    house.ask(Method::GET, path(link), None, None).await
}

fn path(link: &str) -> &str {
    &link[link.find("/shared/").unwrap()..]
}

async fn unlock(house: &House, link: &str, password: &str) -> Answer {
    let form =
        url::form_urlencoded::Serializer::new(String::new()).append_pair("password", password).finish();
    let request = axum::http::Request::builder()
        .method(Method::POST)
        .uri(path(link))
        .header("content-type", "application/x-www-form-urlencoded")
        .body(form.into())
        .unwrap();
    house.send(request).await
}

fn text(answer: &Answer) -> &str {
    answer.body.as_str().unwrap_or_default()
}

/// A daily report, made a day later by a worker that goes round: the ids of its schedule and of itself.
pub(crate) async fn made_report(house: &House, client: &Client<'_>, form: &Value) -> (String, String) {
    let schedule = client.make("/report-schedules", form).await;
    assert!(client.get("/reports").await["items"].as_array().unwrap().is_empty(), "not before its time");
    house.clock.advance(SignedDuration::from_hours(25));
    let (stop, mut options) = (CancellationToken::new(), worker::Options::named("going round"));
    options.post = Some(house.state.desk.post());
    tokio::spawn(worker::run(house.state.backing().clone(), options, stop.clone()));
    for _ in 0..200 {
        let made = client.get("/reports").await["items"].clone();
        if let Some(report) = made.as_array().unwrap().first() {
            assert_eq!(report["schedule_id"], schedule["id"]);
            stop.cancel();
            return (id(&schedule).to_owned(), id(report).to_owned());
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("no report was made: {}", client.get("/report-schedules").await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_link_shows_its_report_or_finding_and_nothing_else() {
    let outbox = Arc::new(Outbox::default());
    let Some(house) = House::with(plenty(), Some(outbox.clone())).await else { return };
    let client = Client::of(&house, Role::Admin).await;
    let folder = tempfile::tempdir().unwrap();
    let mut files = Vec::new();
    for path in plant(folder.path(), 400) {
        files.push(client.send_file(&name(&path), std::fs::read(&path).unwrap()).await);
    }
    let dataset = client.dataset(&files).await;
    let run = client.make("/analyses", &json!({"datasets": [id(&dataset)]})).await;
    let early = client.ask(Method::POST, "/shares", Some(&json!({"analysis": id(&run)}))).await;
    assert_eq!(early.status, 409, "{}", early.body);
    let run = client.wait(&format!("/analyses/{}", id(&run)), &["queued", "running"]).await;
    assert_eq!(run["state"], "completed", "{run}");
    let found = client.get("/findings?limit=1").await["items"][0].clone();
    let title = found["title"].as_str().unwrap().split(['&', '<', '\'', '"']).next().unwrap().to_owned();

    // The whole report: no session, no script, no way on.
    let made = client.make("/shares", &json!({"analysis": id(&run), "days": 7})).await;
    let link = made["link"].as_str().unwrap().to_owned();
    assert_eq!(client.get(&format!("/shares/{}", id(&made))).await.get("link"), None, "shown once");
    let seen = look(&house, &link).await;
    assert_eq!(seen.status, StatusCode::OK);
    assert!(text(&seen).contains(&title), "{title}");
    for way_on in ["<script", "href=\"/", "<form", "<nav"] {
        assert!(!text(&seen).contains(way_on), "{way_on}");
    }
    assert!(seen.headers.get("set-cookie").is_none());
    let policy = seen.headers["content-security-policy"].to_str().unwrap();
    assert!(policy.contains("default-src 'none'") && policy.contains("sandbox"), "{policy}");
    assert_eq!(seen.headers["referrer-policy"], "no-referrer");
    assert_eq!(seen.headers["cache-control"], "no-store");

    // One finding, behind a password.
    let form = json!({"analysis": id(&run), "finding": found["id"], "password": "with steel 7"});
    let one = client.make("/shares", &form).await;
    assert_eq!((&one["has_password"], one.get("password_hash")), (&json!(true), None));
    let locked = one["link"].as_str().unwrap().to_owned();
    let asked = look(&house, &locked).await;
    assert!(text(&asked).contains("asks for a password") && !text(&asked).contains(&title));
    assert_eq!(unlock(&house, &locked, "wrong one").await.status, StatusCode::UNAUTHORIZED);
    let opened = unlock(&house, &locked, "with steel 7").await;
    assert_eq!(opened.status, StatusCode::OK);
    assert_eq!(opened.headers["content-type"], "application/pdf");
    assert_eq!(look(&house, &locked).await.status, StatusCode::OK, "nothing is kept in the browser");
    assert!(text(&look(&house, &locked).await).contains("asks for a password"));

    // Guessing is slowed down, the right password too while it lasts.
    let mut refused = 0;
    for n in 0..9 {
        refused += usize::from(unlock(&house, &locked, &format!("guess {n}")).await.status == 429);
    }
    assert!(refused > 0);
    assert_eq!(unlock(&house, &locked, "with steel 7").await.status, StatusCode::TOO_MANY_REQUESTS);
    house.clock.advance(SignedDuration::from_mins(20));
    assert_eq!(unlock(&house, &locked, "with steel 7").await.status, StatusCode::OK);

    // Everything stands in the organisation's own trail.
    let counted = client.get(&format!("/shares/{}", id(&one))).await;
    assert_eq!(counted["opened"], 2, "{counted}");
    let rows = client.get("/audit?action=share.open&limit=200").await;
    let outcomes = |outcome: &str| {
        let rows = rows["items"].as_array().unwrap();
        rows.iter().filter(|row| row["outcome"] == outcome && row["actor_kind"] == "anonymous").count()
    };
    assert_eq!(outcomes("done"), 3);
    assert!(outcomes("denied") >= 6);

    // Somebody else's analysis and finding are not there; a finding of another analysis neither.
    let other = testkit::org(&house.database, "Other", "unlimited").await;
    let stranger = Client { house: &house, key: house.key(&other.owner, Role::Owner, &[]).await };
    for form in [json!({"analysis": id(&run)}), json!({"analysis": id(&run), "finding": found["id"]})] {
        assert_eq!(stranger.ask(Method::POST, "/shares", Some(&form)).await.status, 404);
    }
    for (form, field) in [
        (json!({"analysis": id(&run), "days": 0}), "days"),
        (json!({"analysis": id(&run), "days": 91}), "days"),
        (json!({"analysis": id(&run), "password": "short"}), "password"),
    ] {
        let answer = client.ask(Method::POST, "/shares", Some(&form)).await;
        assert_eq!((answer.status.as_u16(), &answer.body["errors"][0]["field"]), (422, &json!(field)));
    }
    let viewer = Client { house: &house, key: house.key(&house.org.owner, Role::Viewer, &[]).await };
    assert_eq!(viewer.ask(Method::POST, "/shares", Some(&json!({"analysis": id(&run)}))).await.status, 403);

    // Taken back, ended, never there, of an organisation that is barred: the same page.
    let closed = |answer: Answer| (answer.status.as_u16(), answer.body);
    let never = closed(look(&house, "/shared/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA").await);
    assert_eq!(never.0, 404);
    assert_eq!(client.ask(Method::DELETE, &format!("/shares/{}", id(&one)), None).await.status, 204);
    assert_eq!(closed(unlock(&house, &locked, "with steel 7").await), never);
    // Regular reports: made at the hour of their place, once, kept, and told about in the language that was asked for.
    let owner = client.get("/members").await["items"][0]["email"].as_str().unwrap().to_owned();
    let form = json!({"name": "Morning review", "every": "day", "hour": 6, "time_zone": "Europe/Berlin", "language": "de",
        "format": "csv", "recipients": [owner]});
    let (schedule, report) = made_report(&house, &client, &form).await;
    let told = "Der regelmäßige Bericht Morning review";
    for tries in 0..100 {
        if outbox.letters(1).await.iter().any(|letter| letter.text.contains(told)) {
            break;
        }
        assert!(tries < 99, "no letter");
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    let content = client.ask(Method::GET, &format!("/reports/{report}/content"), None).await;
    assert!(
        text(&content).starts_with("finding,type,") && text(&content).contains(&title),
        "{}",
        text(&content)
    );
    assert_eq!(content.headers["content-type"], "text/csv; charset=utf-8");
    let next =
        client.get(&format!("/report-schedules/{schedule}")).await["next_at"].as_str().unwrap().to_owned();
    assert!(next.parse::<jiff::Timestamp>().unwrap() > house.state.backing().clock.now());
    for (field, bad) in [
        ("every", json!({"name": "x", "every": "hour"})),
        ("day", json!({"name": "x", "every": "week", "day": 8})),
        ("time_zone", json!({"name": "x", "every": "day", "time_zone": "Nowhere"})),
        ("recipients", json!({"name": "x", "every": "day", "recipients": ["stranger@example.com"]})),
    ] {
        let answer = client.ask(Method::POST, "/report-schedules", Some(&bad)).await;
        assert_eq!((answer.status.as_u16(), &answer.body["errors"][0]["field"]), (422, &json!(field)));
    }
    assert_eq!(client.ask(Method::DELETE, &format!("/report-schedules/{schedule}"), None).await.status, 204);
    assert!(client.get("/reports").await["items"].as_array().unwrap().is_empty());

    house.clock.advance(SignedDuration::from_hours(24 * 8));
    assert_eq!(closed(look(&house, &link).await), never);
    let fresh = client.make("/shares", &json!({"analysis": id(&run)})).await;
    let fresh = fresh["link"].as_str().unwrap().to_owned();
    assert_eq!(look(&house, &fresh).await.status, StatusCode::OK);
    assert_eq!(client.ask(Method::DELETE, &format!("/analyses/{}", id(&run)), None).await.status, 204);
    assert_eq!(closed(look(&house, &fresh).await), never);
    let left: Value = client.get("/shares").await;
    assert!(left["items"].as_array().unwrap().is_empty(), "links go with what they show: {left}");
}
