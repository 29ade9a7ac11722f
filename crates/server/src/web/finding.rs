//! One finding, and what people decide about it.

use app::{
    Error,
    findings::{self, Decision, Standing},
};
use axum::{
    Extension, Form, Router,
    extract::{Path, State},
    response::Response,
    routing::{get, post},
};
use domain::{Role, id::UserId};
use pages::{
    component::Link,
    page::finding::{Event, FindingPage, Input, Progress},
    route, words,
};
use serde::Deserialize;
use store::findings::status::{Status, StatusChange};

use super::{analyses, answer, kept::Kept, overview, reader::Reader};
use crate::{ServerState, extract::Query};

pub(super) fn routes() -> Router<ServerState> {
    Router::new().route("/findings/{key}", get(show)).route("/findings/{key}/status", post(decide))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    /// Hundredths of the loss to win back.
    share: Option<u8>,
}

async fn show(
    State(state): State<ServerState>,
    Extension(kept): Extension<Kept>,
    Path(key): Path<String>,
    Query(asked): Query<Asked>,
    mut reader: Reader,
) -> Response {
    let result = page(&state, &kept, &key, &asked, &mut reader).await;
    reader.answer(result)
}

async fn page(
    state: &ServerState,
    kept: &Kept,
    key: &str,
    asked: &Asked,
    reader: &mut Reader,
) -> Result<Response, Error> {
    let run = reader.newest.clone().ok_or(Error::NotFound("finding"))?;
    let analysis = analyses::result(state, kept, reader, run.id).await?;
    let finding =
        analysis.findings.iter().find(|finding| finding.id == key).ok_or(Error::NotFound("finding"))?;
    let standings = analyses::standings(state, reader, run.id).await?;
    let standing = of_key(&standings, key)?;
    let names = analyses::names(state, reader).await?;
    reader.shell.counts.actions = analyses::open_work(&analyses::decisions(&standings, &names));
    let history = findings::history(state.backing(), &reader.caller, standing.finding.id).await?;
    let name = |user: Option<UserId>| user.and_then(|user| names.get(&user)).cloned().unwrap_or_default();
    let picture = match &finding.chart {
        Some(chart) => Some(kept.drawer.picture(chart, 760).await),
        None => None,
    };
    let ranked = analysis.findings_by_money();
    let next = ranked.iter().position(|other| other.id == key).and_then(|at| ranked.get(at + 1));
    let confidence_level = run.settings["values"]["confidence_level"].as_f64().unwrap_or_default();
    let status = &standing.status;
    let input = Input {
        progress: Progress {
            state: analyses::state_of(status.status),
            owner: name(status.owner_id),
            due: status.due_on.map(|day| day.to_string()).unwrap_or_default(),
            reason: status.reason.clone(),
            version: status.version.to_string(),
            history: history.iter().map(|change| event(change, &name)).collect(),
        },
        picture,
        may_decide: reader.may(Role::Analyst),
        members: names.iter().map(|(id, name)| (id.to_string(), name.clone())).collect(),
        exports: vec![
            Link::new("One page (PDF)", format!("{}/page.pdf", route::finding(key))),
            Link::new("Excel", format!("/reports/{}.xlsx", run.id)),
        ],
        next: next.map(|next| Link::new(&next.title, route::finding(&next.id))),
        confidence_level,
        share: asked.share,
    };
    Ok(answer::ok(&FindingPage::new(&reader.shell, finding, &analysis.currency, input)))
}

fn of_key<'a>(standings: &'a [Standing], key: &str) -> Result<&'a Standing, Error> {
    standings.iter().find(|standing| standing.finding.key == key).ok_or(Error::NotFound("finding"))
}

fn event(change: &StatusChange, name: &impl Fn(Option<UserId>) -> String) -> Event {
    let mut what = analyses::state_of(change.status).words().to_owned();
    let owner = name(change.owner_id);
    if !owner.is_empty() {
        what.push_str(&format!(", owner {owner}"));
    }
    if let Some(due) = change.due_on {
        what.push_str(&format!(", due {}", words::day(&due.to_string())));
    }
    if !change.reason.is_empty() {
        what.push_str(&format!(": {}", change.reason));
    }
    Event { when: overview::day(change.created_at), who: name(change.changed_by), what }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Decided {
    status: String,
    version: String,
    owner: Option<String>,
    due_on: Option<String>,
    reason: Option<String>,
}

async fn decide(
    State(state): State<ServerState>,
    Path(key): Path<String>,
    reader: Reader,
    Form(decided): Form<Decided>,
) -> Response {
    let result = take(&state, &key, &decided, &reader).await;
    reader.answer(result)
}

async fn take(state: &ServerState, key: &str, decided: &Decided, reader: &Reader) -> Result<Response, Error> {
    let run = reader.newest.as_ref().ok_or(Error::NotFound("finding"))?;
    let standings = analyses::standings(state, reader, run.id).await?;
    let id = of_key(&standings, key)?.finding.id;
    let status = Status::parse(&decided.status)
        .ok_or_else(|| Error::invalid("status", "choose one of the buttons"))?;
    // A field that the form does not have stays; one that is empty is taken away.
    let owner = match decided.owner.as_deref() {
        None => None,
        Some("") => Some(None),
        Some(id) => Some(Some(id.parse().map_err(|_| Error::invalid("owner", "choose a member"))?)),
    };
    let due_on = match decided.due_on.as_deref() {
        None => None,
        Some("") => Some(None),
        Some(day) => {
            Some(Some(day.parse().map_err(|_| Error::invalid("due_on", "write the day as 2025-10-31"))?))
        }
    };
    let decision =
        Decision { status: Some(status), owner, due_on, reason: decided.reason.clone(), captured: None };
    findings::decide(state.backing(), &reader.caller, id, decided.version.parse().ok(), &decision).await?;
    Ok(answer::see(route::finding(key)))
}
