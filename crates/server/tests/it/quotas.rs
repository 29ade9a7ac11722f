//! Everything that a plan counts is checked before it is done: refused with 429, and when it counts anew.

use axum::http::Method;
use domain::Role;
use serde_json::{Value, json};
use store::usage::{self, Meter};

use crate::{
    data::{Client, id, name, plant, work},
    house::House,
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_used_up_is_refused_until_the_month_ends() {
    let Some(house) = House::open().await else { return };
    let stop = work(&house);
    let client = Client::of(&house, Role::Analyst).await;
    let folder = tempfile::tempdir().unwrap();
    let mut files = Vec::new();
    for path in plant(folder.path(), 60) {
        files.push(client.send_file(&name(&path), std::fs::read(&path).unwrap()).await);
    }
    let dataset = client.dataset(&files).await;
    let confirmed =
        client.make(&format!("/datasets/{}/mapping/confirmation", id(&dataset)), &json!({})).await;
    let profile = confirmed["tables"][0]["profile_id"].as_str().unwrap().to_owned();
    let run = client.make("/analyses", &json!({"datasets": [id(&dataset)]})).await;
    let run = client.wait(&format!("/analyses/{}", id(&run)), &["queued", "running"]).await;
    assert_eq!(run["state"], "completed", "{run}");

    // A plan, all of it used up.
    let mut gate = house.database.store.gate().await.unwrap();
    gate.enter(house.org.id).await.unwrap();
    assert!(store::gate::orgs::set_plan(&mut gate, "starter").await.unwrap());
    gate.commit().await.unwrap();
    let now = house.state.backing().clock.now();
    let mut tx = house.database.store.begin(&house.org.analyst).await.unwrap();
    for meter in [Meter::Uploads, Meter::Rows, Meter::Analyses, Meter::ChatMessages, Meter::MappingProfiles] {
        let left = usage::limit(&mut tx, meter).await.unwrap().unwrap()
            - usage::used(&mut tx, meter, now).await.unwrap();
        assert!(matches!(usage::take(&mut tx, meter, left, now).await.unwrap(), usage::Taken::Done { .. }));
    }
    tx.commit().await.unwrap();

    let refused = |what: &'static str, answer: crate::house::Answer| {
        assert_eq!(answer.status, 429, "{what}: {}", answer.body);
        let detail = answer.body["detail"].as_str().unwrap();
        assert!(detail.contains("count anew on"), "{what}: {detail}");
        let wait: u64 = answer.headers["retry-after"].to_str().unwrap().parse().unwrap();
        assert!((1..=31 * 86_400).contains(&wait), "{what}: {wait}");
    };
    let headers = [("content-type", "application/octet-stream")];
    refused("an upload", client.bytes(Method::POST, "/files?name=more.csv", &headers, "a,b\n1,2\n").await);
    let again = json!({"datasets": [id(&dataset)]});
    refused("an analysis", client.ask(Method::POST, "/analyses", Some(&again)).await);
    let question = json!({"question": "scrap rate"});
    let at = format!("/analyses/{}/answers", id(&run));
    refused("a question", client.ask(Method::POST, &at, Some(&question)).await);
    let at = format!("/mapping-profiles/{profile}/clones");
    refused("a saved mapping", client.ask(Method::POST, &at, Some(&json!({}))).await);
    // Rows are counted when they are read, by a job that has nobody to answer: the dataset says it.
    let more = client.dataset(&files[..1]).await;
    assert_eq!(more["state"], "failed", "{more}");
    assert!(more["reason"].as_str().unwrap().contains("count anew on"), "{more}");
    let usage: Value = client.get("/usage").await;
    let reached = usage["allowances"].as_array().unwrap().iter().filter(|one| one["standing"] == "reached");
    assert_eq!(reached.count(), 5, "{usage}");
    stop.cancel();
}
