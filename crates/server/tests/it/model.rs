//! A language model and the Model Context Protocol over HTTP: streamed answers, the setting, and a real client of the protocol.

use std::time::{Duration, Instant};

use axum::{
    body::Body,
    http::{Method, Request, header},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use domain::Role;
use futures::StreamExt;
use rmcp::{
    ServiceExt,
    model::{CallToolRequestParams, ClientConfig, ReadResourceRequestParams},
    service::{RoleClient, RunningService},
    transport::{StreamableHttpClientTransport, streamable_http_client::StreamableHttpClientTransportConfig},
};
use serde_json::{Value, json};
use testkit::model::{ModelServer, Part, Reply};
use tokio_util::sync::CancellationToken;

use crate::house::{House, deliver};

type Client = RunningService<RoleClient, ClientConfig>;

/// The exports of a small plant: name and bytes.
fn exports() -> Vec<(String, Vec<u8>)> {
    let folder = tempfile::tempdir().unwrap();
    let request = app::generate::Request { orders: 200, seed: 11, problems: "all", style: None, effect: 1.0 };
    app::generate::generate(folder.path(), &request).unwrap();
    let mut files: Vec<(String, Vec<u8>)> = std::fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_none_or(|ending| ending != "json"))
        .map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), std::fs::read(&path).unwrap()))
        .collect();
    files.sort();
    files
}

/// The house behind a port, as a client of the protocol needs it.
async fn listen(house: &House) -> (String, CancellationToken) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let stop = CancellationToken::new();
    let (router, ended) = (house.router.clone(), stop.clone());
    tokio::spawn(async move { server::serve::serve(listener, router, ended).await });
    (address, stop)
}

async fn connect(address: &str, key: &str) -> Result<Client, String> {
    let config =
        StreamableHttpClientTransportConfig::with_uri(format!("{address}/api/v1/mcp")).auth_header(key);
    let transport = StreamableHttpClientTransport::from_config(config);
    ClientConfig::default().serve(transport).await.map_err(|error| error.to_string())
}

async fn call(client: &Client, name: &str, arguments: Value) -> Result<Value, String> {
    let arguments = arguments.as_object().unwrap().clone();
    let result = client
        .call_tool(CallToolRequestParams::new(name.to_owned()).with_arguments(arguments))
        .await
        .map_err(|error| error.to_string())?;
    if result.is_error == Some(true) {
        let text = result.content.iter().filter_map(|content| content.as_text());
        return Err(text.map(|text| text.text.clone()).collect());
    }
    let content = result.structured_content.unwrap();
    // What comes is what the tool's schema promises.
    let tools = client.list_all_tools().await.map_err(|error| error.to_string())?;
    let tool = tools.iter().find(|tool| tool.name == name).unwrap();
    let schema = Value::Object(tool.output_schema.as_deref().unwrap().clone());
    assert_eq!(testkit::schema::violations(&schema, &content), Vec::<String>::new(), "{name}");
    Ok(content)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_of_the_protocol_uploads_maps_analyzes_and_asks() {
    let Some(mut house) = House::open().await else { return };
    house.work();
    let (address, stop) = listen(&house).await;
    assert!(connect(&address, "nonsense").await.is_err(), "without a key nobody comes in");
    let key = house.key(&house.org.owner, Role::Analyst, &[]).await;
    let client = connect(&address, &key).await.unwrap();

    let tools = client.list_all_tools().await.unwrap();
    let names: Vec<&str> = tools.iter().map(|tool| tool.name.as_ref()).collect();
    assert_eq!(names, ["read", "map", "analyze", "findings", "finding", "what_if", "ask"]);
    assert!(tools.iter().all(|tool| tool.output_schema.is_some()));

    let mut datasets = Vec::new();
    for (name, bytes) in exports() {
        let read =
            call(&client, "read", json!({"name": name, "base64": STANDARD.encode(bytes)})).await.unwrap();
        assert!(!read["tables"].as_array().unwrap().is_empty(), "{name}");
        datasets.push(read["dataset"].as_str().unwrap().to_owned());
    }
    for dataset in &datasets {
        let mapped = call(&client, "map", json!({"dataset": dataset})).await.unwrap();
        // What a person decides is sent back; here the likelier meaning.
        let decisions: Vec<Value> = mapped["open"]
            .as_array()
            .unwrap()
            .iter()
            .map(
                |open| json!({"table": open["table"], "column": open["column"], "field": open["choices"][0]}),
            )
            .collect();
        let kept =
            call(&client, "map", json!({"dataset": dataset, "decisions": decisions, "confirm": true})).await;
        let kept = kept.unwrap();
        assert_eq!((kept["confirmed"].clone(), kept["open"].as_array().unwrap().len()), (json!(true), 0));
    }
    let analyzed = call(&client, "analyze", json!({"datasets": datasets})).await.unwrap();
    assert!(analyzed["findings_total"].as_u64().unwrap() > 0, "{analyzed}");
    let analysis = analyzed["analysis"].as_str().unwrap();
    let first = analyzed["findings"][0]["id"].as_str().unwrap();
    let findings = call(&client, "findings", json!({"limit": 3})).await.unwrap();
    assert_eq!(findings["lines"][0]["id"], first);
    let finding = call(&client, "finding", json!({"analysis": analysis, "id": first})).await.unwrap();
    assert_eq!(finding["line"]["id"], first);
    let case = call(&client, "what_if", json!({"lever": "scrap_by", "amount": 0.5})).await.unwrap();
    assert!(!case["assumptions"].as_array().unwrap().is_empty(), "{case}");
    let asked = call(&client, "ask", json!({"question": "What is our scrap rate?"})).await.unwrap();
    assert_eq!((asked["mode"].clone(), asked["kind"].clone()), (json!("without_model"), json!("metric")));
    assert!(asked["citations"][0]["file"].is_string(), "{asked}");
    let resources = client.list_all_resources().await.unwrap();
    let report =
        client.read_resource(ReadResourceRequestParams::new(resources[0].uri.clone())).await.unwrap();
    assert!(serde_json::to_string(&report).unwrap().contains("<html"), "a report is a page");

    // What makes no sense is said, what is another's is not there, and a key's scopes hold for each tool.
    for (tool, arguments, words) in [
        ("finding", json!({"id": "x"}), "no such finding"),
        (
            "ask",
            json!({"analysis": "0190a0a0-0000-7000-8000-000000000000", "question": "x"}),
            "no such analysis",
        ),
        ("what_if", json!({"lever": "magic", "amount": 1}), "no lever magic"),
        ("read", json!({"path": "/etc/passwd"}), "paths are of the calling machine"),
    ] {
        let refused = call(&client, tool, arguments).await.unwrap_err();
        assert!(refused.contains(words), "{tool}: {refused}");
    }
    assert!(call(&client, "drop", json!({})).await.is_err());
    let stranger = testkit::org(&house.database, "Rival", "unlimited").await;
    let foreign = connect(&address, &house.key(&stranger.owner, Role::Owner, &[]).await).await.unwrap();
    let refused = call(&foreign, "findings", json!({"analysis": analysis})).await.unwrap_err();
    assert!(refused.contains("no such analysis"), "{refused}");
    let refused = call(&foreign, "map", json!({"dataset": datasets[0]})).await.unwrap_err();
    assert!(refused.contains("no such dataset"), "{refused}");
    let scopes = ["findings:read", "analyses:read"];
    let narrow = connect(&address, &house.key(&house.org.owner, Role::Analyst, &scopes).await).await.unwrap();
    call(&narrow, "findings", json!({})).await.unwrap();
    let refused = call(&narrow, "analyze", json!({"datasets": datasets})).await.unwrap_err();
    assert!(refused.contains("lacks the scope analyses:write"), "{refused}");

    streamed(&house, &key, analysis).await;
    stop.cancel();
}

/// A model is set over the API; its words pass through at once, and an invented number does not.
async fn streamed(house: &House, key: &str, analysis: &str) {
    let model = ModelServer::start(|_, _| {
        Reply::Stream(vec![
            Part::Text("Certainly".to_owned()),
            Part::Pause(Duration::from_millis(700)),
            Part::Text(" it is 4,711 pieces. See the findings.".to_owned()),
        ])
    })
    .await;
    let owner = house.key(&house.org.owner, Role::Owner, &[]).await;
    let change = json!({
        "answers": true, "provider": "openai", "model": "m-1", "key": "sk-secret", "address": model.address,
    });
    let refused = house.ask(Method::PATCH, "/api/v1/model", Some(&owner), Some(&change)).await;
    assert_eq!(refused.status, 422, "an address of this machine is not for organizations: {}", refused.body);
    // Whoever runs the installation may allow it; here as the test's own.
    let mut desk = house.state.desk.clone();
    desk.models.private = true;
    let mut state = house.state.clone();
    state.desk = desk;
    let router = server::router::router(&state);
    let request = |method: Method, path: &str, key: &str, body: &Value| {
        Request::builder()
            .method(method)
            .uri(path)
            .header(header::AUTHORIZATION, format!("Bearer {key}"))
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::ACCEPT, "text/event-stream")
            .body(Body::from(body.to_string()))
            .unwrap()
    };
    let set =
        crate::house::read(deliver(&router, request(Method::PATCH, "/api/v1/model", &owner, &change)).await)
            .await;
    assert_eq!(set.status, 200, "{}", set.body);
    assert_eq!((set.body["key"].clone(), set.body.to_string().contains("sk-secret")), (json!("own"), false));
    let viewer = house.key(&house.org.owner, Role::Viewer, &[]).await;
    let denied =
        crate::house::read(deliver(&router, request(Method::PATCH, "/api/v1/model", &viewer, &change)).await);
    assert_eq!(denied.await.status, 403);

    let question = json!({"question": "How much scrap is there?"});
    let began = Instant::now();
    let path = format!("/api/v1/analyses/{analysis}/answers");
    let response = deliver(&router, request(Method::POST, &path, key, &question)).await;
    assert_eq!(response.headers()[header::CONTENT_TYPE], "text/event-stream");
    let mut body = response.into_body().into_data_stream();
    let mut all = String::new();
    let mut first = None;
    while let Some(piece) = body.next().await {
        all.push_str(&String::from_utf8_lossy(&piece.unwrap()));
        if all.contains("Certainly") {
            first.get_or_insert_with(|| began.elapsed());
        }
    }
    assert!(first.unwrap() < Duration::from_millis(600), "the first word waited: {first:?}");
    assert!(
        all.contains("event: model") && all.contains("event: text") && all.contains("event: answer"),
        "{all}"
    );
    assert!(!all.contains("4,711"), "{all}");
    let last = all.split("event: answer").nth(1).unwrap();
    let answer: Value = serde_json::from_str(last.split("data: ").nth(1).unwrap().trim()).unwrap();
    assert_eq!(
        (answer["mode"].clone(), answer["text"].clone()),
        (json!("model"), json!("See the findings."))
    );
}
