//! Ready-made packs from outside: by API, as files of their format, for one supplier, and by themselves.

use axum::http::Method;
use domain::Role;
use serde_json::json;

use crate::{
    data::{Client, id, name, plant},
    house::House,
    shares::made_report,
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn packs_are_files_by_api_and_by_themselves() {
    let Some(mut house) = House::open().await else { return };
    house.work();
    let client = Client::of(&house, Role::Admin).await;
    let folder = tempfile::tempdir().unwrap();
    let mut files = Vec::new();
    for path in plant(folder.path(), 400) {
        files.push(client.send_file(&name(&path), std::fs::read(&path).unwrap()).await);
    }
    let dataset = client.dataset(&files).await;
    let run = client.make("/analyses", &json!({"datasets": [id(&dataset)]})).await;
    let run = client.wait(&format!("/analyses/{}", id(&run)), &["queued", "running"]).await;
    assert_eq!(run["state"], "completed", "{run}");
    let run = id(&run).to_owned();

    let pdf = "application/pdf";
    let book = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    for pack in ["cost_review", "weekly_losses", "supplier_claims", "lateness"] {
        for (format, kind) in [("pdf", pdf), ("xlsx", book)] {
            let path = format!("/analyses/{run}/report?pack={pack}&format={format}&language=es");
            let answer = client.ask(Method::GET, &path, None).await;
            assert_eq!(answer.status, 200, "{path}: {}", answer.body);
            assert_eq!(answer.headers["content-type"], kind, "{path}");
        }
    }
    let one = format!("/analyses/{run}/report?pack=supplier_claims&supplier=S99");
    assert_eq!(client.ask(Method::GET, &one, None).await.status, 200, "that nothing is claimed is an answer");
    for (field, query) in [
        ("format", "pack=lateness&format=html"),
        ("supplier", "pack=lateness&supplier=S03"),
        ("pack", "pack=daily"),
        ("language", "pack=lateness&language=fr"),
    ] {
        let answer = client.ask(Method::GET, &format!("/analyses/{run}/report?{query}"), None).await;
        assert_eq!(
            (answer.status.as_u16(), &answer.body["errors"][0]["field"]),
            (422, &json!(field)),
            "{query}"
        );
    }

    // By itself, each day; a page is made of the cost review only.
    let bad = json!({"name": "Late", "every": "day", "pack": "lateness", "format": "html"});
    let answer = client.ask(Method::POST, "/report-schedules", Some(&bad)).await;
    assert_eq!((answer.status.as_u16(), &answer.body["errors"][0]["field"]), (422, &json!("format")));
    let form = json!({"name": "Late", "every": "day", "pack": "lateness", "format": "xlsx"});
    let (schedule, report) = made_report(&house, &client, &form).await;
    assert_eq!(client.get(&format!("/report-schedules/{schedule}")).await["pack"], "lateness");
    let content = client.ask(Method::GET, &format!("/reports/{report}/content"), None).await;
    assert_eq!((content.status.as_u16(), content.headers["content-type"].to_str().unwrap()), (200, book));
}
