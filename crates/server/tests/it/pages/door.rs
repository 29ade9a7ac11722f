//! Every page under its policy, whoever is not signed in, forms without their token, lists without data.

use axum::{
    body::Body,
    http::{Request, StatusCode, header},
};

use super::Reader;
use crate::house::House;

/// Every page that needs nothing to exist.
const PAGES: [&str; 27] = [
    "/ask",
    "/",
    "/?system=sap",
    "/findings",
    "/findings?status=new&group=category&q=x",
    "/actions",
    "/data",
    "/data/new",
    "/data/quality",
    "/summary",
    "/breakdown",
    "/data/mappings",
    "/reports",
    "/help",
    "/settings/profile",
    "/settings/sign-in",
    "/settings/organisation",
    "/settings/plants",
    "/settings/analysis",
    "/settings/members",
    "/welcome",
    "/settings/assistant",
    "/settings/sources",
    "/settings/mail",
    "/settings/usage",
    "/settings/billing",
    "/settings/your-data",
];

/// Pages for admins only.
const ADMIN_PAGES: [&str; 3] = ["/settings/webhooks", "/settings/api-keys", "/settings/audit"];

#[tokio::test]
async fn every_page_answers_in_html_under_the_policy() {
    let Some(house) = House::open().await else { return };
    let reader = Reader::owner(&house).await;
    for path in PAGES.iter().chain(&ADMIN_PAGES) {
        let answer = reader.get(path).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}: {:?}", answer.body);
        assert_eq!(answer.headers["content-type"], "text/html; charset=utf-8", "{path}");
        assert_eq!(answer.headers["cache-control"], "no-store", "{path}");
        let policy = answer.headers["content-security-policy"].to_str().unwrap();
        assert!(policy.contains("default-src 'self'") && !policy.contains("unsafe"), "{path}: {policy}");
        let html = answer.body.as_str().unwrap();
        assert_eq!(html.matches("<h1>").count(), 1, "{path}");
        assert!(html.contains("Brandt"), "{path} does not name the organisation");
    }
}

#[tokio::test]
async fn strangers_are_led_to_the_door_and_back() {
    let Some(house) = House::open().await else { return };
    for (path, door) in [
        ("/", "/sign-in?next=%2F"),
        ("/findings?group=owner", "/sign-in?next=%2Ffindings%3Fgroup%3Downer"),
        ("/settings/members", "/sign-in?next=%2Fsettings%2Fmembers"),
    ] {
        let answer = house.send(Request::get(path).body(Body::empty()).unwrap()).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{path}");
        assert_eq!(answer.headers["location"], door);
    }
}

#[tokio::test]
async fn a_form_without_its_token_changes_nothing_and_says_so() {
    let Some(house) = House::open().await else { return };
    let mut reader = Reader::owner(&house).await;
    let before = reader.csrf.clone();
    "made up".clone_into(&mut reader.csrf);
    for path in ["/settings/organisation", "/settings/plants", "/sample", "/sign-out"] {
        let answer = reader.post(path, &[("name", "Taken over")]).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path}");
        assert!(answer.body.as_str().unwrap().contains("<h1>"), "{path} is no page");
    }
    reader.csrf = before;
    assert!(!reader.page("/settings/organisation").await.contains("Taken over"));
}

#[tokio::test]
async fn what_is_not_there_is_a_page_that_gives_nothing_away() {
    let Some(house) = House::open().await else { return };
    let reader = Reader::owner(&house).await;
    let missing = "0190a0a0-0000-7000-8000-000000000000";
    for path in [
        "/findings/nothing".to_owned(),
        format!("/data/{missing}/match"),
        "/data/nothing/rows".to_owned(),
        format!("/reports/{missing}.xlsx"),
        "/reports/nothing.exe".to_owned(),
    ] {
        let answer = reader.get(&path).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
        assert!(answer.body.as_str().unwrap().contains("This page is not here"), "{path}");
    }
}

#[tokio::test]
async fn settings_are_changed_by_forms_and_errors_stand_at_the_field() {
    let Some(house) = House::open().await else { return };
    let reader = Reader::owner(&house).await;
    reader.follow("/settings/profile", &[("name", "Marie Keller")]).await;
    assert!(reader.page("/settings/profile").await.contains("Marie Keller"));
    reader.follow("/settings/plants", &[("name", "Toledo"), ("currency", "USD")]).await;
    assert!(reader.page("/settings/plants").await.contains("Toledo"));

    reader.follow("/settings/analysis/preset", &[("preset", "aggressive")]).await;
    reader.follow("/settings/analysis", &[("min_sample_size", "12")]).await;
    let html = reader.page("/settings/analysis").await;
    assert!(html.contains("Custom") && html.contains("value=\"12\""));
    let refused = reader.post("/settings/analysis", &[("confidence_level", "7")]).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.body.as_str().unwrap().contains("aria-invalid"));

    let rates = [("to", "usd"), ("rates", "EUR 2025-07-01 1,17\nEUR 2025-01-01 1.04")];
    reader.follow("/settings/analysis/exchange-rates", &rates).await;
    let html = reader.page("/settings/analysis").await;
    assert!(html.contains("EUR 2025-01-01 1.04\nEUR 2025-07-01 1.17") && html.contains("value=\"12\""));
    let refused = reader
        .post("/settings/analysis/exchange-rates", &[("to", "USD"), ("rates", "EUR 2025-01-01 0")])
        .await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.body.as_str().unwrap().contains("must be above 0"));

    let keys = reader.post("/settings/api-keys", &[("name", "Nightly"), ("role", "analyst")]).await;
    assert!(keys.body.as_str().unwrap().contains("pi_live_"), "the new key is shown once");
    assert!(!reader.page("/settings/api-keys").await.contains("class=\"secret\""));
}

#[tokio::test]
async fn every_list_without_data_says_what_will_appear_and_what_makes_it_appear() {
    let Some(house) = House::open().await else { return };
    let reader = Reader::owner(&house).await;
    for path in [
        "/findings",
        "/actions",
        "/actions?view=board",
        "/explore",
        "/data",
        "/data/quality",
        "/data/mappings",
        "/reports",
        "/ask",
    ] {
        let html = reader.page(path).await;
        let (_, empty) =
            html.split_once("class=\"empty\"").unwrap_or_else(|| panic!("{path} shows nothing: {html}"));
        let empty = empty.split("</section>").next().unwrap();
        assert!(empty.contains("<h2>") && empty.contains("<p>"), "{path} does not say what will appear");
        assert!(empty.contains("class=\"btn"), "{path} offers nothing that makes it appear");
        assert!(!html.contains("<svg class=\"chart\""), "{path} draws a chart of nothing");
    }
    // Without an analysis there is nothing to compare: that page leads to the start page. Settings are forms with what is in force.
    let start = reader.page("/").await;
    assert!(start.contains("Find where your plant loses money"));
    for path in ["/findings", "/actions", "/explore", "/data", "/reports", "/ask"] {
        assert!(
            start.contains(&format!("<li><a href=\"{path}\"")),
            "the rail does not lead to {path} before there are data"
        );
    }
}

#[tokio::test]
async fn a_form_of_somebody_who_was_signed_out_changes_nothing_and_leads_back() {
    let Some(house) = House::open().await else { return };
    let request = Request::post("/settings/profile")
        .header(header::COOKIE, "plantintel_session=ended")
        .header(header::REFERER, "https://plant.example/settings/profile?tab=1")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::from("csrf=x&name=Marie"))
        .unwrap();
    let answer = house.send(request).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    let html = answer.body.as_str().unwrap();
    assert!(html.contains("You were signed out") && html.contains("data-signed-out"), "{html}");
    assert!(html.contains("/sign-in?next=%2Fsettings%2Fprofile%3Ftab%3D1"), "{html}");
}

#[tokio::test]
async fn names_that_the_product_gives_are_in_the_language_of_whoever_comes_in() {
    use app::organisations::UNNAMED;
    for (tag, named, expected) in [
        ("de", UNNAMED, "Mein Unternehmen"),
        ("es-MX", UNNAMED, "Mi empresa"),
        ("en", UNNAMED, "My company"),
        ("de", "Brandt", "Brandt"),
    ] {
        let Some(house) = House::open().await else { return };
        let link =
            app::accounts::links::create_owner(&house.state.desk, "marie@example.com", named).await.unwrap();
        let token = link.split_once("token=").unwrap().1;
        let request = Request::post("/sign-in/link")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(header::ACCEPT_LANGUAGE, tag)
            .body(Body::from(format!("token={token}")))
            .unwrap();
        let answer = house.send(request).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{:?}", answer.body);
        let cookie = answer.headers["set-cookie"].to_str().unwrap().split(';').next().unwrap();
        let request = Request::get("/").header(header::COOKIE, cookie).body(Body::empty()).unwrap();
        let home = house.send(request).await.body.as_str().unwrap_or_default().to_owned();
        assert!(home.contains(&format!("<b translate=\"no\">{expected}</b>")), "{tag}: {home}");
    }
}

#[tokio::test]
async fn texts_that_pages_ask_for_travel_packed_and_are_kept_for_ever() {
    let Some(house) = House::open().await else { return };
    let stylesheet = pages::assets::address("app.css");
    for (path, taken, packed) in [(&stylesheet, "gzip, br", true), (&stylesheet, "identity", false)] {
        let request = Request::get(path).header(header::ACCEPT_ENCODING, taken).body(Body::empty()).unwrap();
        let answer = house.send(request).await;
        assert_eq!(answer.status, StatusCode::OK);
        assert_eq!(answer.headers.contains_key(header::CONTENT_ENCODING), packed, "{taken}");
        assert_eq!(answer.headers[header::VARY], "accept-encoding");
        assert_eq!(answer.headers[header::CACHE_CONTROL], "public, max-age=31536000, immutable");
    }
}
