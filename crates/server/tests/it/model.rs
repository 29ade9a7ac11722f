//! A language model and the Model Context Protocol over HTTP: streamed answers, the setting, and a real client of the protocol.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use axum::{
    body::Body,
    http::{Method, Request, header},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use domain::Role;
use futures::StreamExt;
use rmcp::{
    ClientHandler, ClientLifecycleMode, ClientServiceExt, ServiceExt,
    model::{
        CallToolRequestParams, CallToolResponse, ClientCapabilities, ClientConfig, ElicitRequestParams,
        ElicitResult, ElicitationAction, Implementation, ProtocolVersion, ReadResourceRequestParams,
    },
    service::{RequestContext, RoleClient, RunningService},
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
    // A router of its own each time, as a server of its own has.
    let (router, ended) = (server::router::router(&house.state), stop.clone());
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

    let all = call(&client, "ask", json!({"analysis": "all", "question": "What is our scrap rate?"}))
        .await
        .unwrap();
    assert!(all["notes"].to_string().contains("This covers one analysis"), "{all}");

    streamed(&house, &key, analysis).await;
    stop.cancel();
}

/// A client whose person answers in one way; counts how often somebody was asked.
#[derive(Clone)]
struct Asked {
    action: ElicitationAction,
    times: Arc<AtomicUsize>,
}

impl ClientHandler for Asked {
    fn get_info(&self) -> ClientConfig {
        let able = ClientCapabilities::builder().enable_elicitation().build();
        ClientConfig::new(able, Implementation::new("test", "1"))
    }

    async fn create_elicitation(
        &self,
        request: ElicitRequestParams,
        _: RequestContext<RoleClient>,
    ) -> Result<ElicitResult, rmcp::ErrorData> {
        self.times.fetch_add(1, Ordering::SeqCst);
        let asked = serde_json::to_value(&request).unwrap();
        let properties = asked["requestedSchema"]["properties"].as_object().unwrap();
        let content: serde_json::Map<String, Value> =
            properties.iter().map(|(name, property)| (name.clone(), property["enum"][0].clone())).collect();
        let mut result = ElicitResult::new(self.action.clone());
        result.content = (self.action == ElicitationAction::Accept).then_some(Value::Object(content));
        Ok(result)
    }
}

/// A client of the protocol's newest version, which asks its person between two requests.
async fn with_person(
    address: &str,
    key: &str,
    action: ElicitationAction,
) -> (RunningService<RoleClient, Asked>, Arc<AtomicUsize>) {
    let times = Arc::new(AtomicUsize::new(0));
    let config =
        StreamableHttpClientTransportConfig::with_uri(format!("{address}/api/v1/mcp")).auth_header(key);
    let lifecycle = ClientLifecycleMode::Discover { preferred_versions: vec![ProtocolVersion::V_2026_07_28] };
    let client = Asked { action, times: Arc::clone(&times) }
        .serve_with_lifecycle(StreamableHttpClientTransport::from_config(config), lifecycle)
        .await
        .unwrap();
    (client, times)
}

async fn mapped<S: rmcp::Service<RoleClient>>(
    client: &RunningService<RoleClient, S>,
    arguments: Value,
) -> Value {
    let request = CallToolRequestParams::new("map").with_arguments(arguments.as_object().unwrap().clone());
    let result = client.call_tool(request).await.unwrap();
    result.structured_content.unwrap_or_else(|| panic!("{:?}", result.content))
}

/// Of two servers that keep nothing between requests, one asks and the other takes the answer.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn over_http_the_person_behind_the_client_decides_whichever_server_asked() {
    let Some(mut house) = House::open().await else { return };
    house.work();
    let (address, stop) = listen(&house).await;
    let (other, other_stop) = listen(&house).await;
    let key = house.key(&house.org.owner, Role::Analyst, &[]).await;
    let odd = "Job,Mach,Qty 1,Qty 2\n1,A,5,4\n2,B,7,7\n3,A,9,8\n";
    let plain = connect(&address, &key).await.unwrap();
    let mut datasets = Vec::new();
    for name in ["one.csv", "two.csv", "three.csv"] {
        let read = call(&plain, "read", json!({"name": name, "text": odd})).await.unwrap();
        datasets.push(read["dataset"].clone());
    }
    // A client of an earlier version gets what is open as a list, and nothing is decided.
    let listed = mapped(&plain, json!({"dataset": datasets[0]})).await;
    assert!(!listed["open"].as_array().unwrap().is_empty(), "{listed}");

    // Whoever declines decides nothing.
    let (declining, times) = with_person(&address, &key, ElicitationAction::Decline).await;
    let declined = mapped(&declining, json!({"dataset": datasets[0]})).await;
    assert_eq!((times.load(Ordering::SeqCst), &declined["open"]), (1, &listed["open"]));

    // Whoever chooses does, and a mapping is confirmed only after that.
    let (choosing, times) = with_person(&address, &key, ElicitationAction::Accept).await;
    let chosen = mapped(&choosing, json!({"dataset": datasets[0], "confirm": true})).await;
    assert_eq!(
        (times.load(Ordering::SeqCst), &chosen["open"], &chosen["confirmed"]),
        (1, &json!([]), &json!(true))
    );

    // The question comes from one server, the answer goes to another.
    let ask = CallToolRequestParams::new("map")
        .with_arguments(json!({"dataset": datasets[1], "confirm": true}).as_object().unwrap().clone());
    let CallToolResponse::InputRequired(asks) = choosing.call_tool_once(ask.clone()).await.unwrap() else {
        panic!("nobody was asked")
    };
    let state = asks.request_state.unwrap();
    let open = mapped(&plain, json!({"dataset": datasets[1]})).await;
    assert_eq!(open["confirmed"], json!(false), "nothing is kept before the person has answered: {open}");
    let first = open["open"][0]["choices"][0].as_str().unwrap().to_owned();
    let answer = |value: &str| {
        let content: serde_json::Map<String, Value> = (1..=open["open"].as_array().unwrap().len())
            .map(|at| (format!("decision_{at}"), open["open"][at - 1]["choices"][0].clone()))
            .chain([("decision_1".to_owned(), json!(value))])
            .collect();
        [("decisions".to_owned(), json!({"action": "accept", "content": content}))].into_iter().collect()
    };
    let (elsewhere, _) = with_person(&other, &key, ElicitationAction::Accept).await;
    // An answer to a question that is not asked, and one that was not offered, decide nothing.
    let forged = ask.clone().with_input_responses(answer(&first)).with_request_state("[]".to_owned());
    let again = elsewhere.call_tool_once(forged).await.unwrap();
    assert!(matches!(again, CallToolResponse::InputRequired(_)), "{again:?}");
    let answered = ask.clone().with_input_responses(answer(&first)).with_request_state(state.clone());
    let CallToolResponse::Complete(done) = elsewhere.call_tool_once(answered.clone()).await.unwrap() else {
        panic!("it was asked again")
    };
    let done = done.structured_content.unwrap();
    assert_eq!((&done["open"], &done["confirmed"]), (&json!([]), &json!(true)));

    // Neither another organization nor a key without the right can answer for this one.
    let ask = CallToolRequestParams::new("map")
        .with_arguments(json!({"dataset": datasets[2]}).as_object().unwrap().clone());
    let answered = ask.with_input_responses(answer(&first)).with_request_state(state);
    let rival = testkit::org(&house.database, "Rival", "unlimited").await;
    let rival = house.key(&rival.owner, Role::Owner, &[]).await;
    let reads = house.key(&house.org.owner, Role::Analyst, &["datasets:read"]).await;
    for (who, said) in [(&rival, "no such dataset"), (&reads, "")] {
        let (client, _) = with_person(&other, who, ElicitationAction::Accept).await;
        let CallToolResponse::Complete(refused) = client.call_tool_once(answered.clone()).await.unwrap()
        else {
            panic!("somebody else was asked")
        };
        let text: String = refused
            .content
            .iter()
            .filter_map(|content| content.as_text())
            .map(|text| text.text.clone())
            .collect();
        assert!(text.contains(said), "{text}");
        let now = mapped(&plain, json!({"dataset": datasets[2]})).await;
        assert_eq!(now["open"].as_array().unwrap().len(), open["open"].as_array().unwrap().len(), "{who}");
    }
    stop.cancel();
    other_stop.cancel();
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
