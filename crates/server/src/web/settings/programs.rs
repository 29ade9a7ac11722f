//! API keys, and what was done by whom.

use app::{Error, api_keys, trail};
use axum::{
    Form, Router,
    extract::{Path, State},
    response::Response,
};
use domain::Role;
use pages::page::settings::programs::{self, ApiKey, AuditLine};
use serde::Deserialize;
use store::audit::{Entry, Filter};

use crate::{
    ServerState,
    boxed::{get, post},
    extract::Query,
    web::{
        analyses, answer, overview,
        reader::{self, Reader},
    },
};

pub(super) fn routes() -> Router<ServerState> {
    Router::new()
        .route("/settings/api-keys", get(show).merge(post(make)))
        .route("/settings/api-keys/{id}/revoke", post(revoke))
        .route("/settings/audit", get(show_audit))
}

async fn show(State(state): State<ServerState>, reader: Reader) -> Response {
    let result = page(&state, &reader, None).await;
    reader.answer(result)
}

async fn page(state: &ServerState, reader: &Reader, fresh: Option<&str>) -> Result<Response, Error> {
    let keys: Vec<ApiKey> = api_keys::list(&state.desk, &reader.caller)
        .await?
        .into_iter()
        .filter(|key| key.revoked_at.is_none())
        .map(|key| ApiKey {
            id: key.id.to_string(),
            name: key.name,
            prefix: format!("{}…", key.prefix),
            role: key.role.name().to_owned(),
            used: key.last_used_at.map_or_else(|| "not yet".to_owned(), overview::day),
            until: key.expires_at.map_or_else(|| "without end".to_owned(), overview::day),
        })
        .collect();
    Ok(answer::ok(&programs::keys_page(&reader.shell, &keys, fresh)))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct NewKey {
    name: String,
    role: String,
}

async fn make(State(state): State<ServerState>, reader: Reader, Form(form): Form<NewKey>) -> Response {
    let result = async {
        let role =
            Role::parse(&form.role).ok_or_else(|| Error::invalid("role", "choose a role of the list"))?;
        let new = api_keys::Form { name: form.name, role, scopes: Vec::new(), expires_at: None };
        let made = api_keys::create(&state.desk, &reader.caller, &new).await?;
        page(&state, &reader, made.secret.as_deref()).await
    };
    let result = result.await;
    reader.answer(result)
}

async fn revoke(State(state): State<ServerState>, Path(id): Path<String>, reader: Reader) -> Response {
    let result = async {
        let id = id.parse().map_err(|_| Error::NotFound("API key"))?;
        api_keys::revoke(&state.desk, &reader.caller, id).await?;
        Ok(reader::see_and_say(&state, "/settings/api-keys", "Key revoked; it stops working within seconds."))
    };
    let result = result.await;
    reader.answer(result)
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    before: Option<i64>,
    /// `all`: who read what, too.
    show: String,
}

const LINES: u32 = 100;

/// How often one page looks further back for lines worth showing.
const LOOKS: usize = 8;

async fn show_audit(
    State(state): State<ServerState>,
    Query(asked): Query<Asked>,
    reader: Reader,
) -> Response {
    let result = async {
        let all = asked.show == "all";
        let mut entries = Vec::new();
        let mut before_seq = asked.before;
        // Most lines say that somebody read something: they are passed over, but not without end.
        for _ in 0..LOOKS {
            let filter = Filter { before_seq, ..Filter::default() };
            let found = trail::list(state.backing(), &reader.caller, &filter, LINES).await?;
            before_seq = found.last().map(|last| last.seq).filter(|_| found.len() == LINES as usize);
            entries.extend(
                found.into_iter().filter(|entry| all || entry.action.rsplit('.').next() != Some("read")),
            );
            if entries.len() >= LINES as usize / 2 || before_seq.is_none() {
                break;
            }
        }
        let names = analyses::names(&state, &reader).await?;
        let show = if all { "&show=all" } else { "" };
        let next = before_seq.map(|seq| format!("/settings/audit?before={seq}{show}"));
        let mut lines: Vec<AuditLine> = Vec::new();
        // Each request of an operator's is a line of its own: side by side they are one look.
        for entry in &entries {
            let next = line(entry, &names);
            let same = |last: &AuditLine| AuditLine { when: last.when.clone(), ..next.clone() } == *last;
            if entry.action != "operator.enter" || !lines.last().is_some_and(same) {
                lines.push(next);
            }
        }
        Ok(answer::ok(&programs::audit_page(&reader.shell, &lines, all, next)))
    };
    let result = result.await;
    reader.answer(result)
}

fn line(entry: &Entry, names: &std::collections::BTreeMap<domain::id::UserId, String>) -> AuditLine {
    let who = entry.actor_id.parse().ok().and_then(|user| names.get(&user)).cloned();
    AuditLine {
        when: entry.at.strftime("%-d %b %Y %H:%M").to_string(),
        is_named: who.is_some(),
        who: who.unwrap_or_else(|| overview::deed(entry.actor_kind.name())),
        what: overview::deed(&entry.action),
        about: overview::deed(&entry.resource_type),
        id: entry.resource_id.clone(),
        // Why somebody from outside looked.
        why: entry.details["reason"].as_str().unwrap_or_default().to_owned(),
    }
}
