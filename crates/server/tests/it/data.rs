//! The main job over HTTP: exports in, findings out; and nobody else sees any of it.

use std::{path::PathBuf, time::Duration};

use app::{Scratch, analyze, generate, view, worker};
use axum::{
    body::Body,
    http::{Method, Request, header},
};
use domain::{Role, Settings};
use futures::{StreamExt, stream};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use crate::house::{Answer, House, deliver};

/// An id that nothing has.
pub(crate) const MISSING: &str = "0190a0a0-0000-7000-8000-000000000000";

/// A client of the API with the key of one role.
pub(crate) struct Client<'a> {
    pub(crate) house: &'a House,
    pub(crate) key: String,
}

impl<'a> Client<'a> {
    pub(crate) async fn of(house: &'a House, role: Role) -> Client<'a> {
        let key = house.key(&house.org.owner, role, &[]).await;
        Self { house, key }
    }

    pub(crate) async fn get(&self, path: &str) -> Value {
        let answer = self.ask(Method::GET, path, None).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.body);
        answer.body
    }

    pub(crate) async fn ask(&self, method: Method, path: &str, body: Option<&Value>) -> Answer {
        self.house.ask(method, &format!("/api/v1{path}"), Some(&self.key), body).await
    }

    pub(crate) async fn make(&self, path: &str, body: &Value) -> Value {
        let answer = self.ask(Method::POST, path, Some(body)).await;
        assert!(answer.status.is_success(), "{path}: {}", answer.body);
        answer.body
    }

    pub(crate) async fn bytes(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Body>,
    ) -> Answer {
        let mut request = Request::builder()
            .method(method)
            .uri(format!("/api/v1{path}"))
            .header(header::AUTHORIZATION, format!("Bearer {}", self.key));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.house.send(request.body(body.into()).unwrap()).await
    }

    pub(crate) async fn send_file(&self, name: &str, bytes: impl Into<Body>) -> String {
        let headers = [("content-type", "application/octet-stream")];
        let answer = self.bytes(Method::POST, &format!("/files?name={name}"), &headers, bytes).await;
        assert_eq!(answer.status, 201, "{}", answer.body);
        answer.body["id"].as_str().unwrap().to_owned()
    }

    /// Asks until the state is none of these.
    pub(crate) async fn wait(&self, path: &str, while_in: &[&str]) -> Value {
        for _ in 0..1_200 {
            let thing = self.get(path).await;
            if !while_in.contains(&thing["state"].as_str().unwrap()) {
                return thing;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("{path} did not end within two minutes");
    }

    /// Reads the event stream of long work to its end; the last event.
    pub(crate) async fn watched(&self, path: &str) -> Value {
        let watch = Request::builder()
            .uri(format!("/api/v1{path}/events"))
            .header(header::AUTHORIZATION, format!("Bearer {}", self.key))
            .body(Body::empty())
            .unwrap();
        let response = deliver(&self.house.router, watch).await;
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        let told = axum::body::to_bytes(response.into_body(), 1 << 20);
        let told = tokio::time::timeout(Duration::from_mins(2), told).await.unwrap().unwrap();
        let told = String::from_utf8_lossy(&told).into_owned();
        let last = told.lines().rfind(|line| line.starts_with("data:")).unwrap();
        assert!(told.contains("event: progress"), "{told}");
        serde_json::from_str(last.trim_start_matches("data:").trim()).unwrap()
    }

    pub(crate) async fn dataset(&self, files: &[String]) -> Value {
        let made = self.make("/datasets", &json!({"files": files})).await;
        assert_eq!(made["state"], "queued");
        self.wait(&format!("/datasets/{}", id(&made)), &["queued", "running"]).await
    }
}

pub(crate) fn id(thing: &Value) -> &str {
    thing["id"].as_str().unwrap()
}

pub(crate) fn work(house: &House) -> CancellationToken {
    let stop = CancellationToken::new();
    let run = worker::run(house.state.backing().clone(), worker::Options::named("one"), stop.clone());
    tokio::spawn(run);
    stop
}

pub(crate) fn plant(folder: &std::path::Path, orders: u64) -> Vec<PathBuf> {
    let request = generate::Request { orders, seed: 5, problems: "all", style: None, effect: 1.0 };
    generate::generate(folder, &request).unwrap();
    let mut paths: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_none_or(|ending| ending != "json"))
        .collect();
    paths.sort();
    paths
}

pub(crate) fn name(path: &std::path::Path) -> String {
    path.file_name().unwrap().to_string_lossy().into_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_main_job_gives_what_the_command_line_gives() {
    let Some(house) = House::open().await else { return };
    let stop = work(&house);
    let client = Client::of(&house, Role::Analyst).await;
    let folder = tempfile::tempdir().unwrap();
    let paths = plant(folder.path(), 2_000);
    let mut files = Vec::new();
    for path in &paths {
        files.push(client.send_file(&name(path), std::fs::read(path).unwrap()).await);
    }
    let dataset = client.dataset(&files).await;
    assert_eq!((&dataset["state"], &dataset["stage"]), (&json!("completed"), &json!("mapping")), "{dataset}");
    assert_eq!(client.watched(&format!("/datasets/{}", id(&dataset))).await["state"], "completed");
    let at = format!("/datasets/{}", id(&dataset));
    let readings = client.get(&format!("{at}/reading")).await;
    assert_eq!(readings["items"].as_array().unwrap().len(), paths.len());
    let rows = client.get(&format!("{at}/rows?table=1&offset=3&limit=5")).await;
    assert_eq!(rows["rows"].as_array().unwrap().len(), 5);
    let started = client.make("/analyses", &json!({"datasets": [id(&dataset)]})).await;
    let run = format!("/analyses/{}", id(&started));

    // The stream tells how far it is, and ends when it has.
    assert_eq!(client.watched(&run).await["state"], "completed");

    let done = client.get(&run).await;
    assert_eq!(done["state"], "completed", "{done}");
    let result = client.get(&format!("{run}/result")).await;
    let alone = tokio::task::spawn_blocking(move || {
        let scratch = Scratch::new().unwrap();
        let settings = Settings::default();
        let request = analyze::Request {
            files: &paths,
            part: None,
            saved: &[],
            settings: &settings,
            decisions: analyze::Decisions::Likelier,
        };
        let analysis = analyze::analyze(&request, &scratch, &mut |_| {}).unwrap().analysis.unwrap();
        // Through text, as the command line prints it.
        serde_json::from_str::<Value>(&view::analysis::analysis(&analysis).to_string()).unwrap()
    })
    .await
    .unwrap();
    assert!(!alone["findings"].as_array().unwrap().is_empty());
    assert_eq!(result, alone);

    let mut listed = Vec::new();
    let mut query = "?limit=3".to_owned();
    loop {
        let page = client.get(&format!("/findings{query}")).await;
        listed.extend(page["items"].as_array().unwrap().clone());
        let Some(cursor) = page["next_cursor"].as_str() else { break };
        query = format!("?limit=3&cursor={cursor}");
    }
    let keys: Vec<_> = listed.iter().map(|finding| finding["key"].clone()).collect();
    let ids: Vec<_> =
        alone["findings"].as_array().unwrap().iter().map(|finding| finding["id"].clone()).collect();
    assert_eq!(keys, ids);
    in_other_orders(&client, &listed).await;
    let first = format!("/findings/{}", id(&listed[0]));
    let evidence = client.get(&format!("{first}/evidence")).await;
    let row = &evidence["items"][0];
    assert!(row["row"].as_i64().unwrap() > 0 && !row["cells"].as_array().unwrap().is_empty(), "{row}");

    // A decision with the version that it is about; a second one about the same version is refused.
    let shown = client.ask(Method::GET, &first, None).await;
    let tag = shown.headers["etag"].to_str().unwrap().to_owned();
    let decide = async |body: Value| {
        let headers = [("content-type", "application/json"), ("if-match", tag.as_str())];
        client.bytes(Method::PATCH, &format!("{first}/status"), &headers, body.to_string()).await
    };
    let no_reason = decide(json!({"status": "dismissed"})).await;
    assert_eq!((no_reason.status.as_u16(), &no_reason.body["errors"][0]["field"]), (422, &json!("reason")));
    let taken = decide(json!({"status": "accepted", "due_on": "2027-01-31"})).await;
    assert_eq!((taken.status.as_u16(), &taken.body["status"]["due_on"]), (200, &json!("2027-01-31")));
    assert_eq!(decide(json!({"status": "done"})).await.status, 412);
    assert_eq!(client.get(&format!("{first}/history")).await["items"].as_array().unwrap().len(), 1);
    let accepted = client.get("/findings?status=accepted").await;
    assert_eq!(accepted["items"].as_array().unwrap().len(), 1);

    // Other settings, and what that changes.
    let again = client.make(&format!("{run}/repetitions"), &json!({"preset": "conservative"})).await;
    assert_eq!(again["settings"]["preset"], "conservative");
    let again = client.wait(&format!("/analyses/{}", id(&again)), &["queued", "running"]).await;
    assert_eq!(again["state"], "completed", "{again}");
    let comparison = client.get(&format!("{run}/comparison?with={}", id(&again))).await;
    assert_eq!(comparison["same_currency"], true);
    stop.cancel();
}

/// The same findings, page by page, in each order that can be asked for.
async fn in_other_orders(client: &Client<'_>, all: &[Value]) {
    let grade = |finding: &Value| {
        ["strong", "likely", "hint"].iter().position(|known| finding["evidence_grade"] == *known).unwrap()
    };
    let money = |finding: &Value| finding["impact"]["annualized"].as_f64().unwrap_or(f64::NEG_INFINITY);
    let start = |finding: &Value| finding["start"].as_str().unwrap_or_default().to_owned();
    let priority = |finding: &Value| finding["priority"].as_i64().unwrap();
    for sort in ["money", "newest", "evidence", "priority"] {
        let mut listed: Vec<Value> = Vec::new();
        let mut cursor = String::new();
        loop {
            let page = client.get(&format!("/findings?sort={sort}&limit=3{cursor}")).await;
            listed.extend(page["items"].as_array().unwrap().clone());
            let Some(next) = page["next_cursor"].as_str() else { break };
            cursor = format!("&cursor={next}");
        }
        let mut ids: Vec<&str> = listed.iter().map(id).collect();
        let mut known: Vec<&str> = all.iter().map(id).collect();
        ids.sort_unstable();
        known.sort_unstable();
        assert_eq!(ids, known, "{sort}: each of them once");
        let stands = |a: &Value, b: &Value| match sort {
            "money" => money(a) >= money(b),
            "newest" => start(a) >= start(b),
            "evidence" => grade(a) <= grade(b),
            _ => priority(a) >= priority(b),
        };
        assert!(listed.is_sorted_by(stands), "{sort}");
    }
    assert_eq!(client.ask(Method::GET, "/findings?sort=best", None).await.status, 422);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mapping_is_decided_confirmed_and_kept_in_versions() {
    let Some(house) = House::open().await else { return };
    let stop = work(&house);
    let client = Client::of(&house, Role::Analyst).await;
    let folder = tempfile::tempdir().unwrap();
    let paths = plant(folder.path(), 300);
    let file = client.send_file(&name(&paths[0]), std::fs::read(&paths[0]).unwrap()).await;
    let dataset = client.dataset(&[file]).await;
    let at = format!("/datasets/{}/mapping", id(&dataset));
    let preview = client.get(&format!("/datasets/{}/preview", id(&dataset))).await;
    let analyses = preview["analyses"].as_array().unwrap();
    let running = analyses.iter().filter(|one| one["runs"] == true).count();
    assert_eq!((preview["runs"].as_u64(), running > 0), (Some(running as u64), true), "{preview}");
    assert!(analyses.iter().all(|one| one["runs"] == false || one["missing"] == json!([])), "{preview}");
    assert_eq!(preview["tiers"].as_array().unwrap().len(), 6);
    assert!(preview["meant"].as_u64() > Some(0) && preview["meant"].as_u64() <= preview["columns"].as_u64());
    let mapping = client.get(&at).await;
    let columns = mapping["tables"][0]["mapping"]["columns"].as_array().unwrap();
    let column = columns.iter().find(|column| !column["field"].is_null()).unwrap();
    let decision = |field: Value| json!({"tables": [{"table": 0, "columns": [{"index": column["index"], "field": field}]}]});
    let unknown = client.ask(Method::PATCH, &at, Some(&decision(json!("colour")))).await;
    assert_eq!(unknown.body["errors"][0]["field"], "tables[0].columns[0].field", "{}", unknown.body);
    let decided = client.ask(Method::PATCH, &at, Some(&decision(Value::Null))).await;
    assert_eq!(decided.status, 200, "{}", decided.body);
    let manual = |mapping: &Value| -> Vec<Value> {
        let columns = mapping["tables"][0]["mapping"]["columns"].as_array().unwrap();
        columns
            .iter()
            .filter(|column| column["manual"] == true)
            .map(|column| column["index"].clone())
            .collect()
    };
    assert_eq!((manual(&mapping), manual(&decided.body)), (vec![], vec![column["index"].clone()]));
    let confirmed = client.make(&format!("{at}/confirmation"), &json!({})).await;
    assert_eq!(confirmed["dataset"]["stage"], "ready");
    let profile = format!("/mapping-profiles/{}", confirmed["tables"][0]["profile_id"].as_str().unwrap());
    client.make(&format!("{at}/confirmation"), &decision(column["field"].clone())).await;
    let versions = client.get(&format!("{profile}/versions")).await;
    assert_eq!(versions["items"].as_array().unwrap().len(), 2);
    let changes = client.get(&format!("{profile}/comparison?before=1&after=2")).await;
    assert_eq!(changes["items"][0]["columns"].as_array().unwrap().len(), 1);
    let restored = client.make(&format!("{profile}/versions"), &json!({"restore": 1})).await;
    assert_eq!(restored["current_version"], 3);
    let copy = client.make(&format!("{profile}/clones"), &json!({"name": "Mine"})).await;
    let found = client.get("/mapping-profiles?search=mine").await;
    assert_eq!(found["items"][0]["id"], copy["id"]);
    assert_eq!(client.ask(Method::DELETE, &profile, None).await.status, 409);
    let inactive = client.ask(Method::PATCH, &profile, Some(&json!({"active": false}))).await;
    assert_eq!(inactive.body["active"], false);
    let told = (&inactive.body["used"], &inactive.body["analyzed"], &inactive.body["success_rate"]);
    assert_eq!(told, (&json!(2), &json!(0), &Value::Null));
    let coverage = inactive.body["coverage"].as_f64().unwrap();
    assert!(coverage > 0.0 && coverage <= 1.0, "{coverage}");
    stop.cancel();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn files_come_whole_in_forms_and_in_pieces() {
    let Some(house) = House::open().await else { return };
    let client = Client::of(&house, Role::Analyst).await;
    let form = "--x\r\ncontent-disposition: form-data; name=\"note\"\r\n\r\nhello\r\n--x\r\n\
        content-disposition: form-data; name=\"file\"; filename=\"a/Jobs.csv\"\r\ncontent-type: text/csv\r\n\r\nJob,Qty\r\n--x--\r\n";
    let headers = [("content-type", "multipart/form-data; boundary=x")];
    let sent = client.bytes(Method::POST, "/files", &headers, form).await;
    assert_eq!(
        (sent.status.as_u16(), &sent.body["name"], &sent.body["bytes"]),
        (201, &json!("Jobs.csv"), &json!(7))
    );
    let location = sent.headers["location"].to_str().unwrap().to_owned();
    assert_eq!(location, format!("/api/v1/files/{}", id(&sent.body)));
    let cut = client.bytes(Method::POST, "/files", &headers, &form[..form.len() - 20]).await;
    assert!(cut.status.is_client_error(), "{}", cut.body);
    let empty = client.bytes(Method::POST, "/files", &headers, "--x--\r\n").await;
    assert!(empty.status.is_client_error(), "{}", empty.body);
    let nameless = client.bytes(Method::POST, "/files", &[], "Job,Qty").await;
    assert_eq!(nameless.status, 422);

    // A body larger than what other routes take, in pieces over a connection that breaks.
    let content: Vec<u8> = (0..700_000_u32).flat_map(u32::to_le_bytes).collect();
    let upload = client.make("/uploads", &json!({"name": "big.csv", "size": content.len()})).await;
    let at = format!("/uploads/{}", id(&upload));
    let broken = stream::iter([Ok(content[..100_000].to_vec()), Err(std::io::Error::other("reset"))]);
    let half = client.bytes(Method::PATCH, &at, &[("upload-offset", "0")], Body::from_stream(broken)).await;
    assert_eq!((half.status.as_u16(), &half.body["offset"]), (200, &json!(100_000)), "{}", half.body);
    let wrong = client.bytes(Method::PATCH, &at, &[("upload-offset", "7")], "x").await;
    assert_eq!(wrong.status, 409);
    assert_eq!(client.bytes(Method::PATCH, &at, &[], "x").await.status, 422);
    assert_eq!(client.ask(Method::POST, &format!("{at}/completion"), None).await.status, 409);
    let rest =
        client.bytes(Method::PATCH, &at, &[("upload-offset", "100000")], content[100_000..].to_vec()).await;
    assert_eq!(rest.body["offset"], json!(content.len()), "{}", rest.body);
    let whole = client.ask(Method::POST, &format!("{at}/completion"), None).await;
    assert_eq!((whole.status.as_u16(), &whole.body["bytes"]), (201, &json!(content.len())));
    let twin = client.bytes(Method::POST, "/files?name=twin.csv", &[], content.clone()).await;
    assert_eq!(twin.body["repeats"][0]["file_id"], whole.body["id"]);
    let request = Request::builder()
        .uri(format!("/api/v1/files/{}/content", id(&whole.body)))
        .header(header::AUTHORIZATION, format!("Bearer {}", client.key))
        .body(Body::empty())
        .unwrap();
    let response = deliver(&house.router, request).await;
    assert_eq!(
        response.headers()["content-disposition"],
        "attachment; filename=\"big.csv\"; filename*=UTF-8''big.csv"
    );
    let mut body = response.into_body().into_data_stream();
    let mut back = Vec::new();
    while let Some(piece) = body.next().await {
        back.extend_from_slice(&piece.unwrap());
    }
    assert!(back == content);

    // Thirty megabytes, never in one piece.
    let pieces =
        stream::iter((0..480_u32).map(|number| Ok::<_, std::io::Error>(vec![(number % 97) as u8; 64 << 10])));
    let large = client.send_file("large.csv", Body::from_stream(pieces)).await;
    assert_eq!(client.get(&format!("/files/{large}")).await["bytes"], json!(480 * (64 << 10)));
    let refused = client.bytes(Method::POST, "/files?name=x", &[("content-length", "600000000")], "x").await;
    assert_eq!(refused.status, 413, "{}", refused.body);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn facilities_and_settings_are_kept_for_admins_to_change() {
    let Some(house) = House::open().await else { return };
    let client = Client::of(&house, Role::Admin).await;
    let analyst = Client::of(&house, Role::Analyst).await;
    let body = json!({"name": "Toledo", "time_zone": "America/New_York", "currency": "USD"});
    assert_eq!(analyst.ask(Method::POST, "/facilities", Some(&body)).await.status, 403);
    let plant = client.make("/facilities", &body).await;
    assert_eq!(client.ask(Method::POST, "/facilities", Some(&body)).await.status, 409);
    let wrong = json!({"name": "", "currency": "usd"});
    let wrong = client.ask(Method::POST, "/facilities", Some(&wrong)).await;
    assert_eq!(wrong.body["errors"].as_array().unwrap().len(), 2, "{}", wrong.body);
    let plants = client.get("/facilities/comparison").await;
    let ours = plants["items"].as_array().unwrap().iter().find(|one| one["facility_id"] == plant["id"]);
    assert_eq!(ours.unwrap()["analysis_id"], Value::Null, "nothing was analyzed there: {plants}");
    let at = format!("/facilities/{}", id(&plant));
    let hidden = client.ask(Method::PATCH, &at, Some(&json!({"archived": true, "code": "T1"}))).await;
    assert_eq!((&hidden.body["archived"], &hidden.body["code"]), (&json!(true), &json!("T1")));
    assert!(client.get("/facilities").await["items"].as_array().unwrap().is_empty());
    assert_eq!(client.get("/facilities?archived=true").await["items"].as_array().unwrap().len(), 1);

    assert_eq!(client.get("/settings").await["items"].as_array().unwrap().len(), 39);
    let kept = client
        .make(
            "/configurations",
            &json!({"facility_id": plant["id"], "preset": "aggressive", "settings": {"oee_target": 0.7}}),
        )
        .await;
    let twice = json!({"facility_id": plant["id"]});
    assert_eq!(client.ask(Method::POST, "/configurations", Some(&twice)).await.status, 409);
    let at_kept = format!("/configurations/{}", id(&kept));
    let wrong = client.ask(Method::PATCH, &at_kept, Some(&json!({"settings": {"oee_target": 7}}))).await;
    assert_eq!(wrong.body["errors"][0]["field"], "settings.oee_target", "{}", wrong.body);
    let changed = client.ask(Method::PATCH, &at_kept, Some(&json!({"settings": {}, "note": "back"}))).await;
    assert_eq!((&changed.body["number"], &changed.body["settings"]), (&json!(2), &json!({})));
    let history = client.get(&format!("{at_kept}/history")).await;
    assert_eq!(history["items"][1]["settings"], json!({"oee_target": 0.7}));
    // Settings belong to the plant; it goes when they do.
    assert_eq!(client.ask(Method::DELETE, &at, None).await.status, 409);
    assert_eq!(client.ask(Method::DELETE, &at_kept, None).await.status, 204);
    assert_eq!(client.ask(Method::DELETE, &at, None).await.status, 204);
    assert_eq!(client.ask(Method::GET, &at, None).await.status, 404);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_that_is_no_table_fails_with_its_sentence() {
    let Some(house) = House::open().await else { return };
    let stop = work(&house);
    let client = Client::of(&house, Role::Analyst).await;
    let file = client.send_file("report.csv", &b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"[..]).await;
    let dataset = client.dataset(std::slice::from_ref(&file)).await;
    assert_eq!(dataset["state"], "failed");
    assert!(dataset["reason"].as_str().unwrap().contains("PDF"), "{dataset}");
    let at = format!("/datasets/{}", id(&dataset));
    assert_eq!(client.ask(Method::GET, &format!("{at}/mapping"), None).await.status, 409);
    let start = client.ask(Method::POST, "/analyses", Some(&json!({"datasets": [id(&dataset)]}))).await;
    assert_eq!(start.status, 409, "{}", start.body);
    assert_eq!(client.ask(Method::GET, &format!("/files/{file}"), None).await.status, 404);
    assert!(house.state.backing().blobs.list(house.org.id).await.unwrap().is_empty());
    assert_eq!(client.ask(Method::DELETE, &at, None).await.status, 204);
    assert_eq!(read_status(&client, &at).await, 404);
    stop.cancel();
}

async fn read_status(client: &Client<'_>, path: &str) -> u16 {
    client.ask(Method::GET, path, None).await.status.as_u16()
}
