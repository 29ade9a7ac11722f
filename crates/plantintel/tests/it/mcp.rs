//! `plantintel mcp` on standard input and output, spoken to by the protocol's own client.

use std::process::Stdio;

use rmcp::{
    ClientHandler, RoleClient, ServiceExt,
    model::{
        CallToolRequestParams, ClientCapabilities, ClientConfig, ElicitRequestParams, ElicitResult,
        ElicitationAction, Implementation, ReadResourceRequestParams,
    },
    service::{RequestContext, RunningService},
};
use serde_json::{Value, json};

use crate::program::plant;

/// A client whose person takes the first choice of every question; counts how often somebody was asked.
#[derive(Clone, Default)]
struct Person(std::sync::Arc<std::sync::atomic::AtomicUsize>);

impl ClientHandler for Person {
    fn get_info(&self) -> ClientConfig {
        let capabilities = ClientCapabilities::builder().enable_elicitation().build();
        ClientConfig::new(capabilities, Implementation::new("test", "1"))
    }

    async fn create_elicitation(
        &self,
        request: ElicitRequestParams,
        _: RequestContext<RoleClient>,
    ) -> Result<ElicitResult, rmcp::ErrorData> {
        self.0.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        let asked = serde_json::to_value(&request).unwrap();
        let properties = asked["requestedSchema"]["properties"].as_object().unwrap();
        let content: serde_json::Map<String, Value> =
            properties.iter().map(|(name, property)| (name.clone(), property["enum"][0].clone())).collect();
        let mut result = ElicitResult::new(ElicitationAction::Accept);
        result.content = Some(Value::Object(content));
        Ok(result)
    }
}

async fn call(
    client: &RunningService<RoleClient, Person>,
    name: &str,
    arguments: Value,
) -> Result<Value, String> {
    let arguments = arguments.as_object().unwrap().clone();
    let request = CallToolRequestParams::new(name.to_owned()).with_arguments(arguments);
    let result = client.call_tool(request).await.map_err(|error| error.to_string())?;
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

#[test]
fn files_of_a_folder_are_read_mapped_analyzed_and_asked() {
    let folder = tempfile::tempdir().unwrap();
    let files = plant(folder.path(), 200, "all");
    std::fs::write(folder.path().join("odd.csv"), "Job,Mach,Qty 1,Qty 2\n1,A,5,4\n2,B,7,7\n3,A,9,8\n")
        .unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let mut child = tokio::process::Command::new(env!("CARGO_BIN_EXE_plantintel"))
            .args(["mcp", "--folder"])
            .arg(folder.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let pipes = (child.stdout.take().unwrap(), child.stdin.take().unwrap());
        let person = Person::default();
        let client = person.clone().serve(pipes).await.unwrap();
        assert_eq!(client.list_all_tools().await.unwrap().len(), 7);
        let mut datasets = Vec::new();
        for file in &files {
            let name = std::path::Path::new(file).file_name().unwrap().to_string_lossy().into_owned();
            let read = call(&client, "read", json!({"path": name})).await.unwrap();
            assert!(!read["tables"][0]["columns"].as_array().unwrap().is_empty(), "{name}");
            datasets.push(name);
        }
        for dataset in datasets.iter().chain([&"odd.csv".to_owned()]) {
            // The person behind the client answers what only a person can.
            let mapped = call(&client, "map", json!({"dataset": dataset})).await.unwrap();
            assert_eq!(mapped["open"], json!([]), "{dataset}");
        }
        assert!(person.0.load(std::sync::atomic::Ordering::SeqCst) > 0, "nobody was asked");
        let analyzed = call(&client, "analyze", json!({"datasets": datasets})).await.unwrap();
        assert!(analyzed["findings_total"].as_u64().unwrap() > 0, "{analyzed}");
        let asked =
            call(&client, "ask", json!({"question": "What are the biggest problems?"})).await.unwrap();
        assert_eq!(
            (asked["kind"].clone(), asked["mode"].clone()),
            (json!("findings"), json!("without_model"))
        );
        let id = analyzed["findings"][0]["id"].clone();
        let finding = call(&client, "finding", json!({"id": id})).await.unwrap();
        assert_eq!(finding["line"]["id"], id);
        let case = call(&client, "what_if", json!({"lever": "setup_shorter", "amount": 0.2})).await.unwrap();
        assert!(case["question"].is_string(), "{case}");
        let resources = client.list_all_resources().await.unwrap();
        let report =
            client.read_resource(ReadResourceRequestParams::new(resources[0].uri.clone())).await.unwrap();
        assert!(serde_json::to_string(&report).unwrap().contains("<html"));
        // Nothing outside of the folder.
        for path in ["/etc/passwd", "../../etc/passwd", "nothing.csv", "."] {
            let refused = call(&client, "read", json!({"path": path})).await.unwrap_err();
            assert!(refused.contains("there is no file"), "{path}: {refused}");
        }
        client.cancel().await.unwrap();
    });
}
