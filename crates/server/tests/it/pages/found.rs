//! From the sample plant to an accepted finding, and the views under which findings are kept.

use app::worker::{self, Options};
use axum::{
    body::Body,
    http::{Method, Request, StatusCode, header},
};
use tokio_util::sync::CancellationToken;

use super::Reader;
use crate::house::House;

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
    // Each chart is there for a phone, too, and says where the library is that makes it answer.
    assert!(home.contains("<div class=\"phone\"><svg class=\"chart\""), "{home}");
    let library = home.split("data-library=\"").nth(1).unwrap().split('"').next().unwrap();
    let fetched = reader.get(library).await;
    assert_eq!(fetched.status, StatusCode::OK, "{library}");
    assert_eq!(fetched.headers["content-type"], "text/javascript; charset=utf-8");
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
    packs_are_taken_along(&reader).await;
    assert!(reader.page("/settings/usage").await.contains("PDF taken along"));
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

/// A link for each pack of the newest analysis, and a form for the claims of one supplier.
async fn packs_are_taken_along(reader: &Reader<'_>) {
    let page = reader.page("/reports").await;
    let run = page.split("/reports/packs/").nth(1).unwrap().split('/').next().unwrap();
    for pack in ["weekly_losses", "supplier_claims", "lateness"] {
        for format in ["pdf", "xlsx"] {
            let link = format!("/reports/packs/{run}/{pack}.{format}");
            assert!(page.contains(&link), "{link} is not on the page");
            let answer = reader.get(&link).await;
            assert_eq!(answer.status, StatusCode::OK, "{link}");
            let named = answer.headers[header::CONTENT_DISPOSITION].to_str().unwrap();
            assert!(named.contains(&pack.replace('_', " ")) && named.contains(format), "{named}");
        }
    }
    for wrong in ["cost_review.pdf", "lateness.html", "daily.pdf", "lateness"] {
        let answer = reader.get(&format!("/reports/packs/{run}/{wrong}")).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{wrong}");
    }
    let claims =
        [("pack_of", run), ("pack_kind", "supplier_claims"), ("pack_as", "xlsx"), ("supplier", "S03")];
    let made = reader.post("/reports/packs", &claims).await;
    assert_eq!(made.status, StatusCode::OK, "{:?}", made.body);
    let every =
        [("name", "Late"), ("every", "week"), ("pack", "lateness"), ("format", "pdf"), ("letter", "")];
    reader.follow("/reports/schedules", &every).await;
    assert!(reader.page("/reports").await.contains("Lateness"));
}
