//! The audit row of a request that its use case wrote none for.

use std::net::IpAddr;

use axum::{
    extract::{MatchedPath, Request},
    http::{Method, StatusCode},
};
use domain::{Actor, TraceId};
use store::audit::{ActorKind, Event, Outcome};

use super::{address, agent, present_trace};
use crate::ServerState;

/// What is seen of a request before it is handled.
#[derive(Debug, Clone)]
pub(super) struct Sight {
    pub(super) trace: TraceId,
    pub(super) address: Option<IpAddr>,
    agent: String,
    action: String,
    route: String,
    resource: String,
    id: String,
}

/// The first part of a path under the API, such as `datasets`.
pub(super) fn resource(path: &str) -> &str {
    let rest = path.strip_prefix("/api/v1").unwrap_or(path);
    let first = rest.split('/').find(|part| !part.is_empty()).unwrap_or("");
    if first.len() <= 40 && first.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-') {
        first
    } else {
        ""
    }
}

impl Sight {
    pub(super) fn of(state: &ServerState, request: &Request) -> Self {
        let path = request.uri().path();
        let resource = match resource(path) {
            "" => "nothing",
            resource => resource,
        };
        let verb = match *request.method() {
            Method::GET | Method::HEAD => "read",
            Method::POST => "create",
            Method::PUT | Method::PATCH => "update",
            Method::DELETE => "delete",
            _ => "other",
        };
        // The template of the route, never the path: a path may hold what a stranger wrote.
        let route = request.extensions().get::<MatchedPath>().map_or("", MatchedPath::as_str);
        let id = path.split('/').find_map(|part| uuid::Uuid::try_parse(part).ok());
        tracing::Span::current().record("route", route);
        Self {
            trace: present_trace(state),
            address: address::of(request, &state.settings),
            agent: agent(request.headers()),
            action: format!("{resource}.{verb}"),
            route: format!("{} {route}", request.method()),
            resource: resource.to_owned(),
            id: id.map(|id| id.to_string()).unwrap_or_default(),
        }
    }

    /// The row, now that the answer is known.
    pub(super) fn row(&self, actor: Option<&Actor>, status: StatusCode) -> Event {
        let outcome = match status.as_u16() {
            ..=399 => Outcome::Done,
            401 | 403 | 404 | 429 => Outcome::Denied,
            _ => Outcome::Failed,
        };
        let address = self.address.map(|address| address.to_string()).unwrap_or_default();
        let event = Event::new(self.action.clone(), outcome)
            .on(&self.resource, &self.id)
            .traced(self.trace.to_string())
            .from_address(address, &self.agent)
            .detail("route", self.route.clone())
            .detail("status", status.as_u16());
        match actor {
            Some(actor) => event.by(actor),
            None => event.by_kind(ActorKind::Anonymous, ""),
        }
    }
}
