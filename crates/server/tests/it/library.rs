//! The library of mappings: an operator publishes one, and every organisation's files are read by it.

use std::time::Duration;

use app::worker;
use axum::{
    body::Body,
    http::{Method, Request, header},
};
use domain::{Role, id::UserId};
use jiff::SignedDuration;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use crate::{
    doorway::{Browser, PASSWORD, code_now, sign_in},
    house::House,
};

/// A list with headers that nobody could read, and values of two plants.
fn export(plant: u32) -> String {
    let mut csv = "QX1;QX2;QX3;QX4\n".to_owned();
    for row in 0..60 {
        csv.push_str(&format!(
            "SECRET{plant}-{:05};{};{}.5;{}\n",
            row * 7,
            row % 9 + 10,
            row % 13 + 1,
            row % 5
        ));
    }
    csv
}

/// Whoever asks: a program with its key, or a person at a browser.
enum Asks<'a> {
    Key(&'a House, String),
    Browser(&'a Browser<'a>),
}

impl Asks<'_> {
    async fn ask(&self, method: Method, path: &str, body: Option<&Value>) -> Value {
        let path = format!("/api/v1{path}");
        let answer = match self {
            Self::Key(house, key) => house.ask(method, &path, Some(key), body).await,
            Self::Browser(browser) => browser.ask(method, &path, body).await,
        };
        assert!(answer.status.is_success(), "{path}: {} {}", answer.status, answer.body);
        answer.body
    }

    /// The file as a dataset whose mapping is proposed, and where that is.
    async fn import(&self, csv: String) -> (String, Value) {
        let request = Request::post("/api/v1/files?name=list.csv").header(header::CONTENT_TYPE, "text/csv");
        let (house, request) = match self {
            Self::Key(house, key) => (house, request.header(header::AUTHORIZATION, format!("Bearer {key}"))),
            Self::Browser(browser) => (
                &browser.house,
                request.header(header::COOKIE, &browser.cookie).header("x-csrf-token", &browser.csrf),
            ),
        };
        let file = house.send(request.body(Body::from(csv)).unwrap()).await;
        assert_eq!(file.status, 201, "{}", file.body);
        let made = self.ask(Method::POST, "/datasets", Some(&json!({"files": [file.body["id"]]}))).await;
        let at = format!("/datasets/{}", made["id"].as_str().unwrap());
        for _ in 0..600 {
            let dataset = self.ask(Method::GET, &at, None).await;
            if !["queued", "running"].contains(&dataset["state"].as_str().unwrap()) {
                let at = format!("{at}/mapping");
                let mapping = self.ask(Method::GET, &at, None).await;
                return (at, mapping["tables"][0]["mapping"]["columns"].clone());
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("{at} was not read within a minute");
    }
}

fn fields(columns: &Value) -> Vec<&str> {
    columns.as_array().unwrap().iter().map(|column| column["field"].as_str().unwrap_or("-")).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_an_operator_publishes_reads_everybodys_files_and_tells_nothing_of_its_own() {
    let Some(mut house) = House::open().await else { return };
    let stop = CancellationToken::new();
    tokio::spawn(worker::run(house.state.backing().clone(), worker::Options::named("one"), stop.clone()));

    let (user, seed) = {
        let browser = Browser::first(&house, "ops@example.com").await;
        let me = browser.ask(Method::GET, "/api/v1/me", None).await;
        let form = json!({"password": PASSWORD});
        let begun = browser.ask(Method::POST, "/api/v1/me/second-factor", Some(&form)).await;
        let seed = begun.body["seed"].as_str().unwrap().to_owned();
        let code = json!({"code": code_now(&house, &seed)});
        let path = "/api/v1/me/second-factor/confirmation";
        assert_eq!(browser.ask(Method::POST, path, Some(&code)).await.status, 204);
        (UserId(me.body["id"].as_str().unwrap().parse().unwrap()), seed)
    };
    house.clock.advance(SignedDuration::from_secs(30));
    house.settled(vec![user], None);
    let code = code_now(&house, &seed);
    let operator = Browser::of(&house, &sign_in(&house, "ops@example.com", PASSWORD, Some(&code)).await);
    let at_home = Asks::Browser(&operator);
    let customer = Asks::Key(&house, house.key(&house.org.owner, Role::Analyst, &[]).await);

    let meanings = ["work_order_id", "operation_sequence", "actual_run_hours", "operation_quantity_scrapped"];
    let (_, before) = customer.import(export(1)).await;
    assert_ne!(fields(&before), meanings, "nobody can know what these headers mean");

    let (at, _) = at_home.import(export(2)).await;
    let columns: Vec<Value> =
        (meanings.iter().enumerate()).map(|(index, field)| json!({"index": index, "field": field})).collect();
    let decided = json!({"tables": [{"table": 0, "columns": columns}], "profile_name": "Quirky list"});
    let confirmed = at_home.ask(Method::POST, &format!("{at}/confirmation"), Some(&decided)).await;
    let profile = json!({"profile_id": confirmed["tables"][0]["profile_id"]});

    // An owner is no operator; an operator publishes from the organisation they are in, and from no other.
    let path = "/api/v1/operator/mapping-library";
    let owner = house.key(&house.org.owner, Role::Owner, &[]).await;
    assert_eq!(house.ask(Method::POST, path, Some(&owner), Some(&profile)).await.status, 403);
    let (foreign, _) = customer.import(export(3)).await;
    let kept = customer.ask(Method::POST, &format!("{foreign}/confirmation"), Some(&json!({}))).await;
    let foreign = json!({"profile_id": kept["tables"][0]["profile_id"]});
    assert_eq!(operator.ask(Method::POST, path, Some(&foreign)).await.status, 404);
    // What the customer confirmed itself would win: it starts afresh.
    let own = format!("/mapping-profiles/{}", kept["tables"][0]["profile_id"].as_str().unwrap());
    customer.ask(Method::PATCH, &own, Some(&json!({"active": false}))).await;

    for _ in 0..2 {
        let published = operator.ask(Method::POST, path, Some(&profile)).await;
        assert_eq!(published.status, 200, "{}", published.body);
        assert_eq!((&published.body["name"], &published.body["columns"]), (&json!("Quirky list"), &json!(4)));
    }
    let shelf = customer.ask(Method::GET, "/mapping-library", None).await;
    let [entry] = shelf["items"].as_array().unwrap().as_slice() else { panic!("one entry: {shelf}") };
    let (_, after) = customer.import(export(4)).await;
    assert_eq!(fields(&after), meanings);
    let mut tx = house.database.store.begin(&house.org.owner).await.unwrap();
    let document = store::library::list(&mut tx).await.unwrap().remove(0).document.to_string();
    drop(tx);
    assert!(!document.contains("SECRET"), "{document}");

    let one = format!("{path}/{}", entry["id"].as_str().unwrap());
    assert_eq!(operator.ask(Method::DELETE, &one, None).await.status, 204);
    assert_eq!(operator.ask(Method::DELETE, &one, None).await.status, 404);
    assert_eq!(customer.ask(Method::GET, "/mapping-library", None).await["items"], json!([]));
    stop.cancel();
}
