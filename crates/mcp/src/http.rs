//! Streamable HTTP. Every request stands for itself: who calls is asked anew each time, and nothing is kept in between.

use std::{convert::Infallible, sync::Arc};

use bytes::Bytes;
use http_body::Body;
use rmcp::transport::streamable_http_server::{
    StreamableHttpServerConfig, StreamableHttpService, session::local::LocalSessionManager,
};

use crate::{Tools, handler::Handler};

/// Answers one request with these tools. Who calls was asked before.
pub async fn answer<B>(
    tools: Arc<dyn Tools>,
    request: http::Request<B>,
) -> http::Response<impl Body<Data = Bytes, Error = Infallible> + Send + use<B>>
where
    B: Body + Send + 'static,
    B::Error: std::fmt::Display,
{
    // A page of another site has no key, and a form of ours carries its token: names of hosts prove nothing more here.
    let config = StreamableHttpServerConfig::default()
        .with_legacy_session_mode(false)
        .with_json_response(true)
        .disable_allowed_hosts();
    let handler = Handler(tools);
    let service = StreamableHttpService::new(
        move || Ok(handler.clone()),
        Arc::new(LocalSessionManager::default()),
        config,
    );
    service.handle(request).await
}
