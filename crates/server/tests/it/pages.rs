//! The pages as a browser asks for them: the door before them, their forms, and the way from an upload to the money.

use std::time::Duration;

use app::worker::{self, Options};
use axum::{
    body::Body,
    http::{Method, Request, StatusCode, header},
};
use tokio_util::sync::CancellationToken;

use crate::house::{Answer, House};

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

pub(crate) struct Reader<'a> {
    house: &'a House,
    cookie: String,
    csrf: String,
}

impl<'a> Reader<'a> {
    /// The owner of a new organisation, with the cookie of the first sign-in.
    pub(crate) async fn owner(house: &'a House) -> Self {
        let link = app::accounts::links::create_owner(&house.state.desk, "marie@example.com", "Brandt")
            .await
            .unwrap();
        let body = serde_json::json!({ "token": link.split_once("token=").unwrap().1 });
        let answer = house.ask(Method::POST, "/api/v1/session/link", None, Some(&body)).await;
        let cookie = answer.headers["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
        Self { house, cookie, csrf: answer.body["csrf_token"].as_str().unwrap().to_owned() }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        let request = Request::get(path).header(header::COOKIE, &self.cookie).body(Body::empty()).unwrap();
        self.house.send(request).await
    }

    async fn page(&self, path: &str) -> String {
        let answer = self.get(path).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}: {:?}", answer.body);
        answer.body.as_str().unwrap_or_default().to_owned()
    }

    pub(crate) async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        form.append_pair("csrf", &self.csrf).extend_pairs(fields);
        self.post_raw(path, "application/x-www-form-urlencoded", form.finish().into_bytes()).await
    }

    async fn post_raw(&self, path: &str, content_type: &str, body: Vec<u8>) -> Answer {
        let request = Request::post(path)
            .header(header::COOKIE, &self.cookie)
            .header(header::CONTENT_TYPE, content_type)
            .body(Body::from(body))
            .unwrap();
        self.house.send(request).await
    }

    /// Where a form leads to.
    async fn follow(&self, path: &str, fields: &[(&str, &str)]) -> String {
        let answer = self.post(path, fields).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{path}: {:?}", answer.body);
        answer.headers["location"].to_str().unwrap().to_owned()
    }

    /// Asks again until the page says this.
    async fn until(&self, path: &str, said: &str) -> String {
        for _ in 0..600 {
            let html = self.page(path).await;
            if html.contains(said) {
                return html;
            }
            tokio::time::sleep(Duration::from_millis(300)).await;
        }
        panic!("{path} never said {said}: {}", self.page(path).await);
    }
}

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
async fn from_the_sample_plant_to_an_accepted_finding() {
    let Some(house) = House::open().await else { return };
    let reader = Reader::owner(&house).await;
    let stop = CancellationToken::new();
    let work =
        tokio::spawn(worker::run(house.state.backing().clone(), Options::named("pages"), stop.clone()));

    // The sample plant is in an organisation of its own, and the browser is turned to it.
    let opened = reader.post("/sample", &[]).await;
    assert_eq!(opened.status, StatusCode::SEE_OTHER, "{:?}", opened.body);
    let columns = opened.headers["location"].to_str().unwrap().to_owned();
    let cookie = opened.headers["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
    let reader = Reader { house: &house, cookie, csrf: reader.csrf.clone() };
    let html = reader.until(&columns, "<h1>Match columns</h1>").await;
    assert!(html.contains("One row is"), "the grain is not said");
    let import = columns.trim_end_matches("/match");
    let decided = reader.follow(&format!("{import}/columns/0"), &[("table", "0"), ("field", "")]).await;
    assert!(decided.contains("changed=0"), "{decided}");
    let html = reader.page(decided.split('#').next().unwrap()).await;
    assert!(html.contains("Undo") && html.contains("Your choice"), "a choice of a person says so");
    let was = url::form_urlencoded::parse(decided.as_bytes())
        .find(|(name, _)| name == "was")
        .unwrap()
        .1
        .into_owned();
    let was = was.split('#').next().unwrap().to_owned();
    reader.follow(&format!("{import}/columns/0"), &[("table", "0"), ("field", &was)]).await;

    let rows = reader.follow(&format!("{import}/confirmation"), &[("name", "Sample job shop")]).await;
    assert!(reader.page(&rows).await.contains("<h1>Review rows</h1>"));
    assert!(reader.page("/data/mappings").await.contains("Sample job shop"));
    let analysis = reader.follow(&format!("{import}/analysis"), &[]).await;
    reader.until(&analysis, "The analysis is done").await;
    stop.cancel();
    work.await.unwrap();

    // It ran, and says so; it is offered again only after a change.
    let settled = reader.page(&columns).await;
    assert!(settled.contains("Analyzed on") && settled.contains("Nothing has changed since"), "{settled}");
    assert!(!settled.contains("Analyze now"));
    let rows = reader.page(&rows).await;
    assert!(rows.contains("nothing has changed since") && !rows.contains(&format!("{import}/analysis\"")));
    views_are_kept(&reader).await;
    let quality = reader.page("/data/quality").await;
    assert!(quality.contains("How full the columns are") && quality.contains("Sample job shop"));

    let home = reader.page("/").await;
    assert!(home.contains("Could be recovered") && home.contains("<svg class=\"chart\""), "{home}");
    let key =
        home.split("class=\"plain\" href=\"/findings/").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let finding = reader.page(&format!("/findings/{key}")).await;
    assert!(finding.contains("What we saw"));
    reader
        .follow(&format!("/findings/{key}/status"), &[("status", "accepted"), ("due_on", "2030-01-31")])
        .await;
    assert!(reader.page(&format!("/findings/{key}")).await.contains("due 31 Jan 2030"));
    assert!(reader.page("/actions").await.contains(&key));
    let dismissed =
        reader.post(&format!("/findings/{key}/status"), &[("status", "dismissed"), ("reason", "")]).await;
    assert_eq!(dismissed.status, StatusCode::UNPROCESSABLE_ENTITY, "a reason is asked for");

    // What was accepted is an opportunity; the day of the action and notes are kept with it.
    assert!(reader.page(&format!("/findings/{key}")).await.contains("Promised when it was accepted"));
    reader
        .follow(
            &format!("/findings/{key}/status"),
            &[("status", "in_progress"), ("acted_on", "2025-06-02"), ("notes", "New stops")],
        )
        .await;
    let finding = reader.page(&format!("/findings/{key}")).await;
    assert!(finding.contains("New stops") && finding.contains("2025-06-02"));
    let board = reader.page("/actions").await;
    assert!(board.contains("Verified savings") && board.contains("By category"));

    // In short and where it goes: the same findings, gathered; figures that were not tested.
    let short = reader.page("/summary").await;
    assert!(short.contains("First steps") && short.contains("What was made cost") && short.contains(&key));
    let goes = reader.page("/breakdown").await;
    for part in
        ["Efficiency by step", "Machines", "Quality by product", "Quality by supplier", "What the bands mean"]
    {
        assert!(goes.contains(part), "{part}");
    }
    assert!(reader.page("/data/quality").await.contains("What the data allow"));

    // What changed, before there is anything to compare with, and with an analysis that is not there.
    let changed = reader.page("/changes").await;
    assert!(changed.contains("Against the usual") && changed.contains("This is the first analysis"));
    let missing = reader.get("/changes?before=0190a0a0-0000-7000-8000-000000000000").await;
    assert_eq!(missing.status, StatusCode::NOT_FOUND);

    // A question with a number of one's own, of any finding that a lever fits.
    let listed = reader.page("/findings").await;
    let mut asked = 0;
    for link in listed.split("href=\"/findings/").skip(1).filter_map(|rest| rest.split('"').next()) {
        let address = format!("/findings/{link}");
        let page = reader.page(&address).await;
        if let Some(lever) =
            page.split("name=\"lever\" value=\"").nth(1).and_then(|rest| rest.split('"').next())
        {
            let answer = reader.page(&format!("{address}?lever={lever}&value=2")).await;
            assert!(answer.contains("Show the calculation"), "{lever}");
            let nonsense = reader.page(&format!("{address}?lever={lever}&value=much")).await;
            assert!(nonsense.contains("makes no sense here"), "{lever}");
            asked += 1;
        }
        if asked == 2 {
            break;
        }
    }
    assert!(asked > 0, "no finding could be asked");

    // A report is put together: no hint, the two largest findings, no pictures.
    let run = reader.page("/reports").await;
    let run = run.split("<option value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let wanted = [("report_of", run.as_str()), ("report_as", "csv"), ("grade", "likely"), ("most", "2")];
    let built = reader.post("/reports/built", &wanted).await;
    assert_eq!(built.status, StatusCode::OK, "{:?}", built.body);
    let lines: Vec<&str> = built.body.as_str().unwrap().trim().lines().collect();
    assert!(lines.len() == 3 && lines.iter().all(|line| !line.contains(",hint,")), "{lines:?}");
    let refused =
        reader.post("/reports/built", &[("report_of", &run), ("report_as", "csv"), ("most", "0")]).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);

    // Settings are tried before they are saved.
    let tried = reader.post("/settings/analysis/preview", &[("min_sample_size", "400")]).await;
    assert_eq!(tried.status, StatusCode::OK, "{:?}", tried.body);
    assert!(tried.body.as_str().unwrap().contains("what could be recovered goes from"));

    // A column is cleaned up, tried first, done to the whole file, and taken back.
    let drawer = format!("{import}/preparation?table=0&column=Twice");
    assert!(reader.page(&drawer).await.contains("clean-up and rule"));
    let recipe = [
        ("table", "0"),
        ("column", "Twice"),
        ("rule", "formula"),
        ("expression", "1 + 1"),
        ("gives", "number"),
    ];
    let preview = reader.post(&format!("{import}/preparation/preview"), &recipe).await;
    assert_eq!(preview.status, StatusCode::OK, "{:?}", preview.body);
    assert!(preview.body.as_str().unwrap().contains("over the sampled rows"));
    let wrong = [("table", "0"), ("column", "Twice"), ("rule", "formula"), ("expression", "{Nowhere} +")];
    let refused = reader.post(&format!("{import}/preparation"), &wrong).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.body.as_str().unwrap().contains("This cannot be saved yet"));
    let saved = reader.follow(&format!("{import}/preparation"), &recipe).await;
    let saved = reader.page(saved.split('#').next().unwrap()).await;
    assert!(saved.contains("over the whole file") && saved.contains("Remove it all"));
    // Its recipe is pasted into another column, and kept as a template for all of them.
    assert!(reader.page(&format!("{import}/preparation?table=0&column=Thrice")).await.contains("0:Twice"));
    let pasted = reader.page(&format!("{import}/preparation?table=0&column=Thrice&from=0:Twice")).await;
    assert!(pasted.contains("<h1>Thrice") && pasted.contains("value=\"1 + 1\""), "{pasted}");
    let template = [("table", "0"), ("column", "Twice"), ("name", "Always two"), ("category", "other")];
    let kept = reader.follow(&format!("{import}/preparation/template"), &template).await;
    let kept = reader.page(&kept).await;
    assert!(kept.contains("Your own templates") && kept.contains("Always two"));
    let own = kept.split("/data/templates/").nth(1).unwrap().split('/').next().unwrap().to_owned();
    reader.follow(&format!("/data/templates/{own}/remove"), &[]).await;
    assert!(!reader.page(&drawer).await.contains("Always two"));
    let removed = [("table", "0"), ("column", "Twice"), ("rule", "none"), ("remove", "on")];
    reader.follow(&format!("{import}/preparation"), &removed).await;
    assert!(!reader.page(&drawer).await.contains("Remove it all"));
    let mapping = reader.page("/data/mappings").await;
    assert!(mapping.contains("1 of 1 upload") && mapping.contains("1 time") && mapping.contains("Active"));
    let mapping =
        mapping.split("href=\"/data/mappings/").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let address = format!("/data/mappings/{mapping}");
    assert!(reader.page(&address).await.contains("How good it is"));
    let about = [
        ("name", "Month end"),
        ("description", "What the plant closes a month with"),
        ("source_system", "Epicor Kinetic"),
        ("active", "on"),
    ];
    reader.follow(&format!("{address}/about"), &about).await;
    let values = [("labor_rate_hourly", "42,5"), ("focus_quality_issues", "on")];
    reader.follow(&format!("{address}/variables"), &values).await;
    let html = reader.page(&address).await;
    assert!(html.contains("Month end") && html.contains("value=\"42.5\""));
    assert!(html.contains("What the plant closes a month with") && html.contains("value=\"Epicor Kinetic\""));
    assert!(reader.page("/data/mappings").await.contains("Epicor Kinetic"));
    let refused = reader.post(&format!("{address}/variables"), &[("variance_threshold_pct", "150")]).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.body.as_str().unwrap().contains("a percentage from 0 to 100"));

    let reports = reader.page("/reports").await;
    for kind in ["xlsx", "html", "csv"] {
        let link = reports
            .split("href=\"/reports/")
            .find(|rest| rest.split('"').next().is_some_and(|link| link.ends_with(kind)));
        let link = format!("/reports/{}", link.unwrap().split('"').next().unwrap());
        let answer = reader.get(&link).await;
        assert_eq!(answer.status, StatusCode::OK, "{link}");
        assert!(answer.headers["content-disposition"].to_str().unwrap().starts_with("attachment"), "{link}");
    }
    // What was taken along is counted, each kind by itself.
    let usage = reader.page("/settings/usage").await;
    assert!(usage.contains("Workbooks taken along") && usage.contains("CSV taken along"), "{usage}");
    assert!(!usage.contains("PDF taken along"));
}

/// Filters under a name: gone to, renamed, shared, deleted.
async fn views_are_kept(reader: &Reader<'_>) {
    assert!(!reader.page("/findings").await.contains("Save this view"), "there is nothing to save");
    assert!(reader.page("/findings?evidence=strong&group=category").await.contains("Save this view"));
    let form = [("name", "Strong <b>ones"), ("query", "group=category&evidence=strong&x=y")];
    let kept = reader.follow("/findings/views", &form).await;
    assert_eq!(kept, "/findings?evidence=strong&group=category");
    let html = reader.page(&kept).await;
    assert!(html.contains("Strong &#60;b&#62;ones") && html.contains("Change this view"), "{html}");
    let view = html.split("action=\"/findings/views/").nth(1).unwrap().split('"').next().unwrap().to_owned();
    reader.follow(&format!("/findings/views/{view}"), &[("name", "Strong"), ("shared", "on")]).await;
    let html = reader.page("/findings").await;
    assert!(html.contains("<span translate=\"no\">Strong</span>") && html.contains("shared"));
    let refused = reader.post("/findings/views", &[("name", "All"), ("query", "x=y")]).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    // The same view through the API, with one more that the page shows.
    let ask = async |method: Method, path: &str, body: Option<serde_json::Value>| {
        let request = Request::builder()
            .method(method)
            .uri(format!("/api/v1/finding-views{path}"))
            .header(header::COOKIE, &reader.cookie)
            .header("x-csrf-token", &reader.csrf)
            .header(header::CONTENT_TYPE, "application/json")
            .body(body.map_or_else(Body::empty, |body| Body::from(body.to_string())))
            .unwrap();
        reader.house.send(request).await
    };
    let one = format!("/{view}");
    let listed = ask(Method::GET, "", None).await;
    assert_eq!(listed.body["items"][0]["query"], "evidence=strong&group=category", "{:?}", listed.body);
    assert_eq!(listed.body["items"][0]["own"], true);
    let renamed = ask(Method::PATCH, &one, Some(serde_json::json!({"name": "Sure"}))).await;
    assert_eq!(
        (&renamed.body["name"], &renamed.body["shared"]),
        (&"Sure".into(), &true.into()),
        "{renamed:?}"
    );
    let alone = ask(Method::PATCH, &one, Some(serde_json::json!({"shared": false}))).await;
    assert_eq!((&alone.body["name"], &alone.body["shared"]), (&"Sure".into(), &false.into()));
    let newest = serde_json::json!({"name": "Newest", "query": "x=y&sort=newest&status=new"});
    let made = ask(Method::POST, "", Some(newest.clone())).await;
    assert_eq!((made.status, &made.body["query"]), (StatusCode::CREATED, &"status=new&sort=newest".into()));
    assert_eq!(ask(Method::POST, "", Some(newest)).await.status, StatusCode::CONFLICT);
    let html = reader.page("/findings?status=new&sort=newest").await;
    assert!(html.contains("Findings, the newest first") && html.contains("Change this view"), "{html}");
    let nothing = ask(Method::POST, "", Some(serde_json::json!({"name": "All", "query": "x=y"}))).await;
    assert_eq!(
        (nothing.status, &nothing.body["errors"][0]["field"]),
        (StatusCode::UNPROCESSABLE_ENTITY, &"query".into())
    );
    let made = format!("/{}", made.body["id"].as_str().unwrap());
    assert_eq!(ask(Method::DELETE, &made, None).await.status, StatusCode::NO_CONTENT);
    assert_eq!(ask(Method::GET, &made, None).await.status, StatusCode::NOT_FOUND);
    reader.follow(&format!("/findings/views/{view}/delete"), &[]).await;
    assert!(!reader.page("/findings").await.contains("Saved views"));
}

#[tokio::test]
async fn an_upload_comes_in_as_a_form_and_hostile_names_stay_text() {
    let Some(house) = House::open().await else { return };
    let reader = Reader::owner(&house).await;
    let body = b"--x\r\ncontent-disposition: form-data; name=\"file\"; filename=\"<b>jobs.csv\"\r\ncontent-type: text/csv\r\n\r\nJob,Qty\r\nJ1,5\r\nJ2,7\r\n\r\n--x--\r\n";
    let path = format!("/data?csrf={}", reader.csrf);
    let answer = reader.post_raw(&path, "multipart/form-data; boundary=x", body.to_vec()).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{:?}", answer.body);
    let list = reader.page("/data").await;
    assert!(list.contains("jobs.csv") && !list.contains("<b>jobs.csv"));
    let none = reader.post_raw(&path, "multipart/form-data; boundary=x", b"--x--\r\n".to_vec()).await;
    assert_eq!(none.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(none.body.as_str().unwrap().contains("No file was chosen"));
}

#[tokio::test]
async fn all_rows_of_a_cause_are_fixed_at_once_and_the_fix_is_undone() {
    let Some(house) = House::open().await else { return };
    let reader = Reader::owner(&house).await;
    let stop = CancellationToken::new();
    let work =
        tokio::spawn(worker::run(house.state.backing().clone(), Options::named("fixes"), stop.clone()));
    let mut table = "Job,Machine,Qty\r\n".to_owned();
    for row in 0..60 {
        let machine = if row % 10 == 3 { "SAW" } else { ["Saw", "Mill"][row % 2] };
        table.push_str(&format!("J{row},{machine},{}\r\n", 5 + row % 7));
    }
    let body = format!(
        "--x\r\ncontent-disposition: form-data; name=\"file\"; filename=\"jobs.csv\"\r\ncontent-type: text/csv\r\n\r\n{table}\r\n--x--\r\n"
    );
    let path = format!("/data?csrf={}", reader.csrf);
    let answer = reader.post_raw(&path, "multipart/form-data; boundary=x", body.into_bytes()).await;
    let import = answer.headers["location"].to_str().unwrap().rsplit_once('/').unwrap().0.to_owned();
    reader.until(&format!("{import}/match"), "data-row").await;
    let rows = format!("{import}/rows");
    let offered = reader.page(&rows).await;
    assert!(offered.contains("Use one spelling") && !offered.contains("What was done"), "{offered}");
    let hidden = |html: &str, name: &str| {
        html.split(&format!("name=\"{name}\" value=\"")).nth(1).unwrap().split('"').next().unwrap().to_owned()
    };
    let fix =
        [("table", "0"), ("version", &hidden(&offered, "version")), ("take", &hidden(&offered, "take"))];
    assert_eq!(reader.follow(&format!("{rows}/fixes"), &fix).await, rows);
    let done = reader.page(&rows).await;
    assert!(done.contains("What was done") && done.contains("6 of 60 cells"), "{done}");
    assert!(!done.contains("Use one spelling"));
    // Somebody who saw an older state changes nothing.
    let change = hidden(&done, "change");
    let stale = [("table", "0"), ("version", "1"), ("undo", "Machine"), ("change", change.as_str())];
    assert_eq!(reader.post(&format!("{rows}/fixes"), &stale).await.status, StatusCode::PRECONDITION_FAILED);
    let undo = |html: &str| {
        let version = hidden(html, "version");
        [
            ("table", "0".to_owned()),
            ("version", version),
            ("undo", hidden(html, "undo")),
            ("change", hidden(html, "change")),
        ]
    };
    let sent = undo(&done);
    let sent: Vec<(&str, &str)> = sent.iter().map(|(name, value)| (*name, value.as_str())).collect();
    reader.follow(&format!("{rows}/fixes"), &sent).await;
    let undone = reader.page(&rows).await;
    assert!(undone.contains("Use one spelling") && !undone.contains("What was done"), "{undone}");

    // A value that a person names: looked at first, then done, and the rows of another are set aside.
    for (how, value, with, said) in [
        ("replace", "Mill", "Mill 1", "“Mill” becomes “Mill 1”"),
        ("set_aside", "SAW", "", "Rows with “SAW” are set aside"),
    ] {
        let query = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs([("at", "0:Machine"), ("how", how), ("value", value), ("with", with)])
            .finish();
        let tried = reader.page(&format!("{rows}?{query}")).await;
        assert!(tried.contains("nothing is changed yet") && tried.contains("Do it to the whole file"));
        assert!(!tried.contains(said), "it is only tried");
        let wish = [
            ("at", "0:Machine"),
            ("how", how),
            ("value", value),
            ("with", with),
            ("version", &hidden(&tried, "version")),
        ];
        reader.follow(&format!("{rows}/fixes"), &wish).await;
        assert!(reader.page(&rows).await.contains(said), "{said}");
    }
    let refused = reader.page(&format!("{rows}?at=0:Machine&how=fill&with=")).await;
    assert!(
        refused.contains("takes the place of the empty cells")
            && !refused.contains("Do it to the whole file")
    );
    // What was mended after the mapping was confirmed is confirmed with the analysis.
    assert!(reader.page(&rows).await.contains("Confirm and analyze"));
    let analysis = reader.follow(&format!("{import}/analysis"), &[("confirm", "on")]).await;
    assert!(analysis.ends_with("/analysis"), "{analysis}");
    stop.cancel();
    work.await.unwrap();
}

#[tokio::test]
async fn rows_with_problems_are_taken_along_and_given_back_corrected() {
    let Some(house) = House::open().await else { return };
    let reader = Reader::owner(&house).await;
    let stop = CancellationToken::new();
    let work =
        tokio::spawn(worker::run(house.state.backing().clone(), Options::named("given"), stop.clone()));
    let mut table = "Job,Machine,Qty\r\n".to_owned();
    for row in 0..60 {
        let quantity = if row == 7 || row == 30 { "see log".to_owned() } else { (5 + row % 7).to_string() };
        table.push_str(&format!("J{row},Mill,{quantity}\r\n"));
    }
    let form = |name: &str, version: &str, bytes: &[u8]| -> Vec<u8> {
        let mut body = format!(
            "--x\r\ncontent-disposition: form-data; name=\"version\"\r\n\r\n{version}\r\n--x\r\ncontent-disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\r\n"
        )
        .into_bytes();
        body.extend_from_slice(bytes);
        body.extend_from_slice(b"\r\n--x--\r\n");
        body
    };
    let content_type = "multipart/form-data; boundary=x";
    let path = format!("/data?csrf={}", reader.csrf);
    let answer = reader.post_raw(&path, content_type, form("jobs.csv", "", table.as_bytes())).await;
    let import = answer.headers["location"].to_str().unwrap().rsplit_once('/').unwrap().0.to_owned();
    reader.until(&format!("{import}/match"), "data-row").await;
    let rows = format!("{import}/rows");
    let offered = reader.page(&rows).await;
    assert!(offered.contains("Give it back corrected"), "{offered}");
    let version = |html: &str| {
        html.split("name=\"version\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned()
    };

    // The API gives the same workbook, and takes it back; the page's own address is the browser's.
    let id = import.rsplit_once('/').unwrap().1.to_owned();
    let request = Request::get(format!("/api/v1/datasets/{id}/problems"))
        .header(header::COOKIE, &reader.cookie)
        .body(Body::empty())
        .unwrap();
    let response = crate::house::deliver(&house.router, request).await;
    assert_eq!(response.status(), StatusCode::OK);
    let downloaded = axum::body::to_bytes(response.into_body(), 1 << 20).await.unwrap();
    let good = testkit::workbook::edited(&downloaded, &[(1, "E2", testkit::workbook::Typed::Number(12.0))]);
    let wrong = testkit::workbook::edited(&downloaded, &[(1, "E2", testkit::workbook::Typed::Text("<b>"))]);
    let give = format!("{rows}/problems?csrf={}", reader.csrf);
    for (name, bytes, said) in [
        ("jobs.xlsx", wrong.as_slice(), "row 9, “Qty”: “&#60;b&#62;” is no number."),
        ("jobs.csv", b"Row,Reason\n9,x\n".as_slice(), "This is no Excel workbook"),
        ("jobs.xlsx", b"".as_slice(), "No file was chosen"),
    ] {
        let answer = reader.post_raw(&give, content_type, form(name, &version(&offered), bytes)).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{said}: {:?}", answer.body);
        let html = answer.body.as_str().unwrap();
        assert!(html.contains(said) && html.contains("The workbook was not taken"), "{html}");
    }
    let stale = reader.post_raw(&give, content_type, form("jobs.xlsx", "1", &good)).await;
    assert_eq!(stale.status, StatusCode::PRECONDITION_FAILED);
    let answer = reader.post_raw(&give, content_type, form("jobs.xlsx", &version(&offered), &good)).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{:?}", answer.body);
    let said = answer.headers["set-cookie"].to_str().unwrap();
    assert!(said.contains("1+cell+in+1+row+corrected."), "{said}");
    let done = reader.page(&rows).await;
    assert!(done.contains("1 cell corrected by hand") && done.contains("1 of 60 cells"), "{done}");

    // The same through the API: nothing is news, and another cell is.
    let send = async |bytes: Vec<u8>| {
        let request = Request::post(format!("/api/v1/datasets/{id}/problems"))
            .header(header::COOKIE, &reader.cookie)
            .header("x-csrf-token", &reader.csrf)
            .body(Body::from(bytes))
            .unwrap();
        house.send(request).await
    };
    let same = send(good).await;
    assert_eq!(
        (same.status, &same.body["cells"]),
        (StatusCode::OK, &serde_json::json!(0)),
        "{:?}",
        same.body
    );
    let other = testkit::workbook::edited(&downloaded, &[(1, "E3", testkit::workbook::Typed::Number(9.0))]);
    let other = send(other).await;
    assert_eq!((&other.body["cells"], &other.body["rows"]), (&1.into(), &1.into()), "{:?}", other.body);
    assert!(other.headers.contains_key("etag"));
    let refused = send(wrong).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(refused.body["errors"][0]["field"], "workbook");
    assert!(reader.page(&rows).await.contains("2 cells corrected by hand"));
    stop.cancel();
    work.await.unwrap();
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
    assert!(reader.page("/").await.contains("Find where your plant loses money"));
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
