//! The tools of an installation somewhere else, asked over HTTP with a key.

use std::{path::PathBuf, sync::Arc};

use base64::Engine;
use futures::future::BoxFuture;
use rmcp::{
    ClientLifecycleMode, ClientServiceExt, RoleClient,
    model::{
        CallToolRequestParams, CallToolResponse, CallToolResult, ClientCapabilities, ClientConfig,
        ContentBlock, Implementation, ProtocolVersion, ReadResourceRequestParams, ResourceContents,
    },
    service::RunningService,
    transport::{StreamableHttpClientTransport, streamable_http_client::StreamableHttpClientTransportConfig},
};
use serde_json::Value;

use crate::{Call, Line, Person, Refusal, Said, Tools, person};

/// How often the installation may ask back during one call.
const ROUNDS: usize = 4;

/// Gives the bytes of a file that may be sent, by its path as the caller wrote it.
type OpenFile = Arc<dyn Fn(&str) -> Result<(PathBuf, Vec<u8>), Refusal> + Send + Sync>;

/// An installation. Files of this machine are sent to it when `read` names their path.
pub struct Installation {
    client: RunningService<RoleClient, ClientConfig>,
    open: OpenFile,
}

impl std::fmt::Debug for Installation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Installation")
    }
}

impl Installation {
    /// `address` is that of the installation; `open` gives the bytes of a file that may be sent.
    pub async fn connect(
        address: &str,
        key: &str,
        open: impl Fn(&str) -> Result<(PathBuf, Vec<u8>), Refusal> + Send + Sync + 'static,
    ) -> Result<Self, Refusal> {
        let uri = format!("{}/api/v1/mcp", address.trim_end_matches('/'));
        let config = StreamableHttpClientTransportConfig::with_uri(uri).auth_header(key);
        let transport = StreamableHttpClientTransport::from_config(config);
        let able = ClientCapabilities::builder().enable_elicitation().build();
        let own = ClientConfig::new(able, Implementation::new("plantintel", env!("CARGO_PKG_VERSION")));
        let lifecycle = ClientLifecycleMode::Auto {
            preferred_versions: vec![ProtocolVersion::V_2026_07_28],
            legacy_version: None,
        };
        let client = own.serve_with_lifecycle(transport, lifecycle).await;
        let client = client
            .map_err(|error| Refusal(format!("{address} cannot be used: {error}; check address and key")))?;
        Ok(Self { client, open: Arc::new(open) })
    }
}

impl Installation {
    /// Calls a tool; what the installation wants to know first, the person here is asked.
    async fn ask(
        &self,
        mut request: CallToolRequestParams,
        person: &dyn Person,
    ) -> Result<CallToolResult, Refusal> {
        for _ in 0..ROUNDS {
            let asks = match self.client.call_tool_once(request.clone()).await.map_err(broken)? {
                CallToolResponse::Complete(result) => return Ok(result),
                CallToolResponse::InputRequired(asks) => asks,
                _ => break,
            };
            let mut answers = Vec::new();
            for (key, message, names) in person::asked(&asks.input_requests.unwrap_or_default()) {
                let open: Vec<_> = names.iter().map(|(_, open)| open.clone()).collect();
                let said = person.decide(&message, &open).await;
                if said == Said::Later {
                    return Err(Refusal::later());
                }
                answers.push((key, person::answered(&names, &said)));
            }
            request.input_responses = Some(person::responses(answers));
            request.request_state = asks.request_state;
        }
        Err(broken("it asks back without end"))
    }
}

fn broken(error: impl std::fmt::Display) -> Refusal {
    Refusal(format!("the installation did not answer: {error}"))
}

impl Tools for Installation {
    fn call<'a>(&'a self, call: &'a Call, person: &'a dyn Person) -> BoxFuture<'a, Result<Value, Refusal>> {
        Box::pin(async move {
            let mut arguments = call.arguments.clone();
            if call.name == "read"
                && let Some(path) = arguments.remove("path").as_ref().and_then(Value::as_str)
            {
                let (name, bytes) = (self.open)(path)?;
                let name =
                    name.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
                arguments.insert("name".to_owned(), Value::String(name));
                match String::from_utf8(bytes) {
                    Ok(text) => arguments.insert("text".to_owned(), Value::String(text)),
                    Err(error) => arguments.insert(
                        "base64".to_owned(),
                        Value::String(base64::engine::general_purpose::STANDARD.encode(error.as_bytes())),
                    ),
                };
            }
            let request = CallToolRequestParams::new(call.name.clone()).with_arguments(arguments);
            let result = self.ask(request, person).await?;
            let text: Vec<String> = result
                .content
                .iter()
                .filter_map(ContentBlock::as_text)
                .map(|content| content.text.clone())
                .collect();
            if result.is_error == Some(true) {
                return Err(Refusal(text.join("\n")));
            }
            Ok(result.structured_content.unwrap_or(Value::Null))
        })
    }

    fn resources(&self) -> BoxFuture<'_, Result<Vec<Line>, Refusal>> {
        Box::pin(async move {
            let found = self.client.list_all_resources().await.map_err(broken)?;
            Ok(found
                .into_iter()
                .map(|one| Line {
                    uri: one.uri,
                    name: one.name,
                    mime_type: one.mime_type.unwrap_or_else(|| "text/plain".to_owned()),
                })
                .collect())
        })
    }

    fn read<'a>(&'a self, uri: &'a str) -> BoxFuture<'a, Result<Option<(String, String)>, Refusal>> {
        Box::pin(async move {
            let found =
                self.client.read_resource(ReadResourceRequestParams::new(uri)).await.map_err(broken)?;
            Ok(found.contents.into_iter().find_map(|content| match content {
                ResourceContents::TextResourceContents { text, mime_type, .. } => {
                    Some((mime_type.unwrap_or_else(|| "text/plain".to_owned()), text))
                }
                _ => None,
            }))
        })
    }
}
