//! `/audit`: the organization's audit trail.

use app::trail;
use axum::{
    extract::State,
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use store::audit::{Entry, Filter, Outcome};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;

use super::{List, Refusals, words};
use crate::{
    Problem, ServerState,
    boxed::routes,
    extract::{Json, Query},
    who::Who,
};

/// Rows of an export at most; the next one begins where it ends.
const EXPORT: usize = 100_000;

pub(super) fn routes() -> OpenApiRouter<ServerState> {
    OpenApiRouter::new().routes(routes!(index)).routes(routes!(export))
}

/// A row of the trail.
#[derive(Debug, Serialize, ToSchema)]
pub struct AuditEntry {
    /// Its number in the organization's chain; there are no gaps.
    pub seq: i64,
    /// When, by the database's clock.
    pub at: String,
    /// session, token, `api_key`, job, operator, webhook, anonymous or system.
    pub actor_kind: &'static str,
    /// Which one.
    pub actor_id: String,
    /// What it did, as in `dataset.create`.
    pub action: String,
    /// To what kind of thing.
    pub resource_type: String,
    /// To which one.
    pub resource_id: String,
    /// done, denied or failed.
    pub outcome: &'static str,
    /// In which request.
    pub trace_id: String,
    /// Further facts.
    #[schema(value_type = Object)]
    pub details: Value,
    /// Whom it concerns, unless erased.
    pub name: Option<String>,
    /// From where, unless erased.
    pub address: Option<String>,
}

impl From<Entry> for AuditEntry {
    fn from(entry: Entry) -> Self {
        Self {
            seq: entry.seq,
            at: entry.at.to_string(),
            actor_kind: entry.actor_kind.name(),
            actor_id: entry.actor_id,
            action: entry.action,
            resource_type: entry.resource_type,
            resource_id: entry.resource_id,
            outcome: entry.outcome.name(),
            trace_id: entry.trace_id,
            details: entry.details,
            name: entry.name,
            address: entry.address,
        }
    }
}

/// What to look for.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct AuditQuery {
    /// By this actor.
    pub(super) actor_id: Option<String>,
    /// This action, or with a trailing dot every action of a resource (`dataset.`).
    pub(super) action: Option<String>,
    /// To this kind of thing.
    pub(super) resource_type: Option<String>,
    /// To this thing.
    pub(super) resource_id: Option<String>,
    /// done, denied or failed.
    #[param(value_type = Option<words::OutcomeName>, inline)]
    pub(super) outcome: Option<String>,
    /// From then on.
    #[param(format = DateTime)]
    pub(super) from: Option<String>,
    /// Before then.
    #[param(format = DateTime)]
    pub(super) until: Option<String>,
    /// Where the page begins, from `next_cursor`.
    pub(super) cursor: Option<String>,
    /// How many rows, 1 to 200.
    #[param(minimum = 1, maximum = 200)]
    pub(super) limit: Option<u32>,
}

impl AuditQuery {
    pub(super) fn filter(self) -> Result<(Filter, u32), Problem> {
        let instant = |field: &str, text: Option<String>| -> Result<Option<Timestamp>, Problem> {
            let parsed = text.map(|text| text.parse()).transpose();
            parsed.map_err(|_| {
                app::Error::invalid(field, "give an instant such as 2026-11-25T00:00:00Z").into()
            })
        };
        let outcome = match self.outcome.as_deref() {
            None => None,
            Some("done") => Some(Outcome::Done),
            Some("denied") => Some(Outcome::Denied),
            Some("failed") => Some(Outcome::Failed),
            Some(_) => return Err(app::Error::invalid("outcome", "give done, denied or failed").into()),
        };
        let before_seq = self.cursor.map(|cursor| cursor.parse::<i64>()).transpose();
        let before_seq =
            before_seq.map_err(|_| app::Error::invalid("cursor", "give the next_cursor of a page before"))?;
        let limit = self.limit.unwrap_or(50);
        if !(1..=store::LIMIT_MAX).contains(&limit) {
            return Err(app::Error::invalid("limit", "give a number from 1 to 200").into());
        }
        let filter = Filter {
            actor_id: self.actor_id,
            action: self.action,
            resource_type: self.resource_type,
            resource_id: self.resource_id,
            outcome,
            from: instant("from", self.from)?,
            until: instant("until", self.until)?,
            before_seq,
        };
        Ok((filter, limit))
    }
}

/// The newest rows that match.
#[utoipa::path(get, path = "/audit", operation_id = "list_audit", tag = "audit", params(AuditQuery), responses((status = 200, body = List<AuditEntry>), Refusals))]
async fn index(
    State(state): State<ServerState>,
    Who(caller): Who,
    Query(query): Query<AuditQuery>,
) -> Result<Json<List<AuditEntry>>, Problem> {
    let (filter, limit) = query.filter()?;
    let rows = trail::list(state.backing(), &caller, &filter, limit).await?;
    Ok(page(rows, limit))
}

/// A page of rows; one that is full may have another behind it.
pub(super) fn page(rows: Vec<Entry>, limit: u32) -> Json<List<AuditEntry>> {
    let full = rows.len() == limit as usize;
    let next_cursor = rows.last().filter(|last| full && last.seq > 1).map(|last| last.seq.to_string());
    Json(List { items: rows.into_iter().map(AuditEntry::from).collect(), next_cursor })
}

/// All rows that match as JSON lines, newest first, up to 100,000; a filter by time gives the rest.
#[utoipa::path(get, path = "/audit/export", operation_id = "export_audit", tag = "audit", params(AuditQuery), responses((status = 200, body = String, content_type = "application/x-ndjson"), Refusals))]
async fn export(
    State(state): State<ServerState>,
    Who(caller): Who,
    Query(query): Query<AuditQuery>,
) -> Result<Response, Problem> {
    let (mut filter, _) = query.filter()?;
    let mut lines = String::new();
    let mut n_rows = 0;
    while n_rows < EXPORT {
        let rows = trail::list(state.backing(), &caller, &filter, store::LIMIT_MAX).await?;
        let Some(last) = rows.last().map(|row| row.seq) else { break };
        n_rows += rows.len();
        for row in rows {
            let line = serde_json::to_string(&AuditEntry::from(row))
                .map_err(|error| app::Error::Work(error.to_string()))?;
            lines.push_str(&line);
            lines.push('\n');
        }
        filter.before_seq = Some(last);
    }
    let mut response = lines.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/x-ndjson"));
    headers.insert(
        header::CONTENT_DISPOSITION,
        HeaderValue::from_static("attachment; filename=\"audit.jsonl\""),
    );
    Ok(response)
}
