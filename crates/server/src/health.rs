//! Whether the server lives, and whether it can serve. Neither says more to somebody who is not signed in.

use std::time::Duration;

use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde_json::json;

use crate::ServerState;

/// The process answers.
pub(crate) async fn live() -> Response {
    Json(json!({"status": "ok"})).into_response()
}

/// The database answers too, and the end was not asked for.
pub(crate) async fn ready(State(state): State<ServerState>) -> Response {
    if state.stopping.is_cancelled() {
        return (StatusCode::SERVICE_UNAVAILABLE, Json(json!({"status": "stopping"}))).into_response();
    }
    let answered = tokio::time::timeout(Duration::from_secs(2), state.backing().store.ping()).await;
    if matches!(answered, Ok(Ok(()))) {
        Json(json!({"status": "ok"})).into_response()
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, Json(json!({"status": "unavailable"}))).into_response()
    }
}
