//! `/mcp`: the Model Context Protocol over Streamable HTTP, for whoever may use the API. The tools are the use cases of `app` under the
//! caller's own rights; a key's scopes hold for each tool as for the routes.

use std::{sync::Arc, time::Duration};

use app::{
    Caller, analyses,
    ask::{self, About},
    datasets::{
        self, NewImport,
        mapping::{self, Confirmation, Mapped},
    },
    files, view,
};
use assistant::Language;
use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    response::{IntoResponse, Response},
    routing::any,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use domain::id::{AnalysisId, DatasetId};
use futures::{future::BoxFuture, stream};
use mcp::{Call, Line, Open, Person, Refusal, Said, Tools, resource};
use serde_json::{Value, json};
use store::{
    Page,
    analyses::{AnalysisState, Filter},
    datasets::DatasetState,
};

use crate::{
    Problem, ServerState,
    problem::Kind,
    telling::{self, Place, Question},
    who::{Scopes, Who},
};

/// What names all data in place of an analysis.
const ALL: &str = "all";
/// Bytes of one request: a file of the size that programs send in a message.
const REQUEST_MAX: usize = 48 << 20;
/// How long reading and analyzing are waited for; what takes longer goes on, and is asked for again.
const WAIT: Duration = Duration::from_mins(4);

pub(crate) fn routes() -> Router<ServerState> {
    Router::new().route("/mcp", any(answer))
}

async fn answer(State(state): State<ServerState>, Who(caller): Who, request: Request) -> Response {
    let scopes = request.extensions().get::<Scopes>().cloned();
    let (parts, body) = request.into_parts();
    let Ok(bytes) = axum::body::to_bytes(body, REQUEST_MAX).await else {
        return Problem::new(
            Kind::TooLarge,
            "one message holds at most 48 MB; upload larger files over the API",
        )
        .into_response();
    };
    let request = Request::from_parts(parts, Body::from(bytes));
    let tools: Arc<dyn Tools> = Arc::new(Own { state, caller, scopes });
    mcp::answer(tools, request).await.map(Body::new)
}

/// The tools of one caller.
struct Own {
    state: ServerState,
    caller: Caller,
    /// Those of an API key; none for whoever has no such bounds.
    scopes: Option<Scopes>,
}

fn told(error: app::Error) -> Refusal {
    match error {
        app::Error::Invalid(flaws) => {
            let lines: Vec<String> =
                flaws.iter().map(|flaw| format!("{}: {}", flaw.field, flaw.message)).collect();
            Refusal(lines.join("; "))
        }
        other => Refusal(Problem::from(other).detail().to_owned()),
    }
}

impl Own {
    /// What a key must be allowed, as for the routes of the same things.
    fn scoped(&self, resource: &str, writes: bool) -> Result<(), Refusal> {
        match &self.scopes {
            Some(Scopes(scopes)) if !app::api_keys::scopes_allow(scopes, resource, writes) => {
                let verb = if writes { "write" } else { "read" };
                Err(Refusal(format!("this key lacks the scope {resource}:{verb}")))
            }
            _ => Ok(()),
        }
    }

    async fn read(&self, call: &Call) -> Result<Value, Refusal> {
        self.scoped("files", true)?;
        self.scoped("datasets", true)?;
        if !call.text("path").is_empty() {
            return Err(Refusal(
                "paths are of the calling machine: send name with text or base64".to_owned(),
            ));
        }
        let name = call.needed("name")?;
        let bytes = match (call.arguments.get("text").and_then(Value::as_str), call.text("base64")) {
            (Some(text), "") => Bytes::copy_from_slice(text.as_bytes()),
            (None, encoded) if !encoded.is_empty() => STANDARD
                .decode(encoded)
                .map(Bytes::from)
                .map_err(|_| Refusal("base64 cannot be decoded".to_owned()))?,
            _ => return Err(Refusal("send either text or base64".to_owned())),
        };
        let backing = self.state.backing();
        let pieces: Vec<std::io::Result<Bytes>> = vec![Ok(bytes)];
        let stored =
            files::receive(backing, &self.caller, name, None, stream::iter(pieces)).await.map_err(told)?;
        let new = NewImport { files: vec![stored.file.id], ..NewImport::default() };
        let import = datasets::create(backing, &self.caller, &new).await.map_err(told)?;
        let id = import.dataset.id;
        let until = tokio::time::Instant::now() + WAIT;
        loop {
            let import = datasets::get(backing, &self.caller, id).await.map_err(told)?;
            match import.dataset.state {
                DatasetState::Queued | DatasetState::Reading => {}
                DatasetState::Failed => {
                    return Err(Refusal(
                        import.dataset.reason.unwrap_or_else(|| "the file cannot be used".to_owned()),
                    ));
                }
                _ => break,
            }
            if tokio::time::Instant::now() > until {
                return Err(Refusal(format!(
                    "dataset {id} is still being read; call map with it in a moment"
                )));
            }
            tokio::time::sleep(Duration::from_millis(150)).await;
        }
        let readings = datasets::readings(backing, &self.caller, id).await.map_err(told)?;
        let tables: Vec<Value> = readings.iter().map(|reading| view::table::table(reading)).collect();
        Ok(json!({"dataset": id.to_string(), "tables": tables}))
    }

    async fn map(&self, call: &Call, person: &dyn Person) -> Result<Value, Refusal> {
        let confirms = call.arguments.get("confirm").and_then(Value::as_bool).unwrap_or(false);
        let backing = self.state.backing();
        let id: DatasetId =
            call.needed("dataset")?.parse().map_err(|_| Refusal("there is no such dataset".to_owned()))?;
        let mut decisions = ask::decisions(call.arguments.get("decisions")).map_err(Refusal)?;
        self.scoped("datasets", confirms || !decisions.is_empty())?;
        let mut mapped = mapping::get(backing, &self.caller, id).await.map_err(told)?;
        if decisions.is_empty() {
            let open = open(&mapped);
            if !open.is_empty() && self.scoped("datasets", true).is_ok() {
                match person.decide("What do these columns mean?", &questions(&open)).await {
                    Said::Chosen(values) => decisions = ask::chosen(&open, &values).map_err(Refusal)?,
                    Said::Later => return Err(Refusal::later()),
                    Said::Nothing => {}
                }
            }
        }
        let mut confirmed = false;
        if confirms {
            let confirmation = Confirmation::default();
            mapped = mapping::confirm(backing, &self.caller, id, None, &decisions, &confirmation)
                .await
                .map_err(told)?;
            confirmed = true;
        } else if !decisions.is_empty() {
            mapped = mapping::decide(backing, &self.caller, id, None, &decisions).await.map_err(told)?;
        }
        let tables: Vec<Value> =
            mapped.tables.iter().map(|table| view::mapping::mapping(&table.mapping)).collect();
        let open = ask::listed(&open(&mapped));
        Ok(json!({"dataset": id.to_string(), "tables": tables, "open": open, "confirmed": confirmed}))
    }

    async fn analyze(&self, call: &Call) -> Result<Value, Refusal> {
        self.scoped("analyses", true)?;
        let backing = self.state.backing();
        let mut ids = Vec::new();
        for id in call.texts("datasets") {
            ids.push(id.parse::<DatasetId>().map_err(|_| Refusal(format!("there is no dataset {id}")))?);
        }
        let new = analyses::NewRun { datasets: ids, ..analyses::NewRun::default() };
        let id = analyses::start(backing, &self.caller, &new).await.map_err(told)?.analysis.id;
        let until = tokio::time::Instant::now() + WAIT;
        loop {
            let run = analyses::get(backing, &self.caller, id).await.map_err(told)?;
            match run.analysis.state {
                AnalysisState::Completed => break,
                AnalysisState::Queued | AnalysisState::Running => {}
                _ => {
                    return Err(Refusal(
                        run.analysis.reason.unwrap_or_else(|| "the analysis did not end well".to_owned()),
                    ));
                }
            }
            if tokio::time::Instant::now() > until {
                return Err(Refusal(format!("analysis {id} still runs; call findings with it in a moment")));
            }
            tokio::time::sleep(Duration::from_millis(150)).await;
        }
        let result = analyses::result(backing, &self.caller, id).await.map_err(told)?;
        Ok(ask::summary(&id.to_string(), &result))
    }

    async fn about(&self, call: &Call) -> Result<About, Refusal> {
        let given = call.text("analysis");
        if given == ALL {
            return Ok(About::All);
        }
        if !given.is_empty() {
            let id = given.parse().map_err(|_| Refusal("there is no such analysis".to_owned()))?;
            return Ok(About::One(id));
        }
        let complete = Filter { state: Some(AnalysisState::Completed), ..Filter::default() };
        let found = analyses::list(self.state.backing(), &self.caller, complete, Page::first(1))
            .await
            .map_err(told)?;
        let newest = found.items.first();
        let none = || Refusal("there is no complete analysis yet".to_owned());
        newest.map(|run| About::One(run.id)).ok_or_else(none)
    }

    async fn look_up(&self, call: &Call) -> Result<Value, Refusal> {
        self.scoped("analyses", false)?;
        self.scoped("findings", false)?;
        let about = self.about(call).await?;
        let shelved =
            self.state.shelf.about(self.state.backing(), &self.caller, about).await.map_err(told)?;
        let (name, mut arguments) = (call.name.clone(), call.arguments.clone());
        arguments.remove("analysis");
        let looked = tokio::task::spawn_blocking(move || ask::tool(&shelved.data, &name, &arguments)).await;
        looked.map_err(|_| Refusal("looking it up broke".to_owned()))?.map_err(Refusal)
    }

    async fn ask(&self, call: &Call) -> Result<Value, Refusal> {
        self.scoped("analyses", true)?;
        let question = Question {
            place: Place::Once(self.about(call).await?),
            words: call.needed("question")?.to_owned(),
            usual: Language::English,
        };
        let asked = telling::whole(self.state.clone(), self.caller.clone(), question).await.map_err(told)?;
        Ok(ask::shown(&asked.reply))
    }
}

fn questions(open: &[ask::OpenColumn]) -> Vec<Open> {
    open.iter().map(|one| Open { question: one.question.clone(), choices: one.choices.clone() }).collect()
}

/// Columns of which only a person can say what they mean.
fn open(mapped: &Mapped) -> Vec<ask::OpenColumn> {
    ask::open(mapped.tables.iter().map(|table| &table.mapping))
}

impl Tools for Own {
    fn call<'a>(&'a self, call: &'a Call, person: &'a dyn Person) -> BoxFuture<'a, Result<Value, Refusal>> {
        Box::pin(async move {
            match call.name.as_str() {
                "read" => self.read(call).await,
                "map" => self.map(call, person).await,
                "analyze" => self.analyze(call).await,
                "ask" => self.ask(call).await,
                _ => self.look_up(call).await,
            }
        })
    }

    fn resources(&self) -> BoxFuture<'_, Result<Vec<Line>, Refusal>> {
        Box::pin(async move {
            self.scoped("analyses", false)?;
            self.scoped("findings", false)?;
            let complete = Filter { state: Some(AnalysisState::Completed), ..Filter::default() };
            let runs = analyses::list(self.state.backing(), &self.caller, complete, Page::first(20))
                .await
                .map_err(told)?;
            let mut lines: Vec<Line> = runs
                .items
                .iter()
                .map(|run| resource::report(&run.id.to_string(), format!("Report: {}", run.name)))
                .collect();
            if let Some(newest) = runs.items.first() {
                let result =
                    analyses::result(self.state.backing(), &self.caller, newest.id).await.map_err(told)?;
                let analysis = newest.id.to_string();
                lines.extend(
                    result
                        .findings_by_money()
                        .into_iter()
                        .take(resource::LISTED)
                        .map(|finding| resource::finding(&analysis, &finding.id, &finding.title)),
                );
            }
            Ok(lines)
        })
    }

    fn read<'a>(&'a self, uri: &'a str) -> BoxFuture<'a, Result<Option<(String, String)>, Refusal>> {
        Box::pin(async move {
            self.scoped("analyses", false)?;
            self.scoped("findings", false)?;
            let Some((id, what)) = resource::named(uri) else { return Ok(None) };
            let Ok(id) = id.parse::<AnalysisId>() else { return Ok(None) };
            let result = match analyses::result(self.state.backing(), &self.caller, id).await {
                Err(app::Error::NotFound(_)) => return Ok(None),
                other => other.map_err(told)?,
            };
            let what = what.to_owned();
            let made = tokio::task::spawn_blocking(move || ask::part(&result, &what)).await;
            made.map_err(|_| Refusal("making it broke".to_owned()))?.map_err(Refusal)
        })
    }
}
