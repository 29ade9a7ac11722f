//! Ask: conversations with the assistant, and the rows that its answers rest on.

use app::{
    Error, analyses,
    ask::conversations::{self, data},
    reports::answers,
};
use axum::{
    Extension, Form, Router,
    extract::{Path, State},
    http::{HeaderMap, header},
    response::{Response, sse::Event},
};
use domain::{
    Role,
    id::{AnalysisId, ConversationId},
};
use pages::{
    component::{
        Link,
        table::{Cell, Head, Row, Table},
    },
    layout::{Crumb, Section},
    page::{
        ask::{self, Ask, Entry, Input, Report, Subject, Turn},
        sheet::{Body, Part, Sheet},
    },
    route, words,
};
use serde::Deserialize;
use serde_json::{Value, json};
use store::{
    Page,
    analyses::{AnalysisState, Filter},
    conversations::{Author, Conversation, Message},
    report_answers::ReportAnswer,
};

use super::{
    answer,
    kept::Kept,
    overview,
    reader::{self, Reader},
    seen,
};
use crate::{
    ServerState,
    boxed::{get, post},
    extract::Query,
    telling::{self, Place, Question},
};

pub(super) fn routes() -> Router<ServerState> {
    Router::new()
        .route("/ask", get(index).merge(post(begin)))
        .route("/ask/rows", get(row))
        .route("/ask/delete", post(delete_many))
        .route("/ask/{id}", get(show).merge(post(say)))
        .route("/ask/{id}/rename", post(rename))
        .route("/ask/{id}/delete", post(delete_one))
        .route("/ask/{id}/report", post(add_to_report))
        .route("/ask/{id}/report/remove", post(take_out))
}

/// Conversations and messages of one page.
const LISTED: u32 = 50;
const SHOWN: u32 = 100;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    /// The analysis to ask about; all data where it is left out.
    about: String,
    /// The finding to ask about, by its number in the analysis.
    finding: String,
    question: String,
    title: String,
}

async fn index(State(state): State<ServerState>, Query(asked): Query<Asked>, reader: Reader) -> Response {
    let result = async {
        let Some(newest) = &reader.newest else { return Ok(answer::ok(&Ask::without_data(&reader.shell))) };
        let about = asked.about.parse::<AnalysisId>().ok();
        let backing = state.backing();
        let complete = Filter { state: Some(AnalysisState::Completed), ..Filter::default() };
        let runs = analyses::list(backing, &reader.caller, complete, Page::first(LISTED)).await?.items;
        let mut subjects =
            vec![Subject { id: String::new(), label: "All data".to_owned(), chosen: about.is_none() }];
        subjects.extend(runs.iter().map(|run| Subject {
            id: run.id.to_string(),
            label: run.name.clone(),
            chosen: Some(run.id) == about,
        }));
        let shelved = data(backing, &state.shelf, &reader.caller, about.or(Some(newest.id))).await;
        let mut starters = Vec::new();
        if let Ok(shelved) = &shelved {
            let finding = shelved.data.analysis.findings.iter().find(|finding| finding.id == asked.finding);
            if let Some(entity) = finding.and_then(|finding| finding.entities.first()) {
                starters.push(format!("What did you find about {}?", entity.value));
            }
            starters.extend(shelved.starters(reader.tongue));
        }
        let listed = conversations::list(backing, &reader.caller, None, Page::first(LISTED)).await?.items;
        let totals = conversations::totals(backing, &reader.caller).await?;
        let input = Input {
            starters,
            subjects,
            conversations: listed.iter().map(|one| entry(one, &runs, None)).collect(),
            totals: format!(
                "{}, {}",
                words::counted(totals.conversations.unsigned_abs(), "conversation"),
                words::counted(totals.messages.unsigned_abs(), "message")
            ),
            draft: asked.question,
            mode: mode(&state, &reader).await?,
            ..Input::default()
        };
        Ok(answer::ok(&Ask::new(&reader.shell, input)))
    };
    let result = result.await;
    reader.answer(result)
}

async fn begin(
    State(state): State<ServerState>,
    headers: HeaderMap,
    reader: Reader,
    Form(asked): Form<Asked>,
) -> Response {
    let result = async {
        let about = asked.about.parse::<AnalysisId>().ok();
        asks(&state, &reader, &headers, Place::New(about), asked.question).await
    };
    let result = result.await;
    reader.answer(result)
}

async fn say(
    State(state): State<ServerState>,
    Path(id): Path<String>,
    headers: HeaderMap,
    reader: Reader,
    Form(asked): Form<Asked>,
) -> Response {
    let result = async { asks(&state, &reader, &headers, Place::In(known(&id)?), asked.question).await };
    let result = result.await;
    reader.answer(result)
}

/// The page of the conversation, or events for a script that shows the answer while it is made.
async fn asks(
    state: &ServerState,
    reader: &Reader,
    headers: &HeaderMap,
    place: Place,
    words: String,
) -> Result<Response, Error> {
    let question = Question { place, words, usual: reader.tongue };
    let streams = headers.get(header::ACCEPT).is_some_and(|accept| accept.as_bytes() == b"text/event-stream");
    if !streams {
        let asked = telling::whole(state.clone(), reader.caller.clone(), question).await?;
        let id = asked.conversation.map(|id| id.to_string()).unwrap_or_default();
        return Ok(answer::see(format!("{}#latest", route::conversation(&id))));
    }
    let end = |ended: Result<conversations::Asked, Error>| match ended {
        Ok(_) => Event::default().event("done").data("done"),
        Err(error) => {
            let detail = answer::sentence(crate::Problem::from(error).detail());
            Event::default().event("problem").data(json!({"detail": detail}).to_string())
        }
    };
    telling::events(state.clone(), reader.caller.clone(), question, end).await
}

/// Which mode is on, for the reader.
async fn mode(state: &ServerState, reader: &Reader) -> Result<String, Error> {
    let setting = app::models::get(&state.desk, &reader.caller).await?;
    Ok(ask::mode(setting.answers.then_some((setting.model.as_str(), setting.host.as_str()))))
}

async fn show(State(state): State<ServerState>, Path(id): Path<String>, reader: Reader) -> Response {
    let result = async {
        let id = known(&id)?;
        let backing = state.backing();
        let conversation = conversations::get(backing, &reader.caller, id).await?;
        let said = conversations::messages(backing, &reader.caller, id, None, SHOWN).await?;
        let about = match conversation.analysis_id {
            Some(analysis) => analyses::get(backing, &reader.caller, analysis).await?.analysis.name,
            None => "all data".to_owned(),
        };
        let title =
            if conversation.title.is_empty() { "Conversation".to_owned() } else { conversation.title };
        let mode = mode(&state, &reader).await?;
        let there = answers::of_conversation(backing, &reader.caller, id).await?;
        let turns = turns(&said, &there, reader.caller.actor.may(Role::Analyst));
        let input = Input { id: Some(id.to_string()), title, about, turns, mode, ..Input::default() };
        Ok(answer::ok(&Ask::new(&reader.shell, input)))
    };
    let result = result.await;
    reader.answer(result)
}

async fn rename(
    State(state): State<ServerState>,
    Path(id): Path<String>,
    reader: Reader,
    Form(asked): Form<Asked>,
) -> Response {
    let result = async {
        let id = known(&id)?;
        conversations::rename(state.backing(), &reader.caller, id, None, &asked.title).await?;
        Ok(reader::see_and_say(&state, &route::conversation(&id.to_string()), "Renamed."))
    };
    let result = result.await;
    reader.answer(result)
}

async fn delete_one(State(state): State<ServerState>, Path(id): Path<String>, reader: Reader) -> Response {
    let result = async {
        conversations::delete(state.backing(), &reader.caller, &[known(&id)?]).await?;
        Ok(reader::see_and_say(&state, route::ASK, "Conversation deleted."))
    };
    let result = result.await;
    reader.answer(result)
}

async fn delete_many(
    State(state): State<ServerState>,
    reader: Reader,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Response {
    let result = async {
        let ids: Vec<ConversationId> =
            pairs.iter().filter(|(name, _)| name == "id").filter_map(|(_, id)| id.parse().ok()).collect();
        let removed = conversations::delete(state.backing(), &reader.caller, &ids).await?;
        let said = format!("{} deleted.", words::counted(removed, "conversation"));
        Ok(reader::see_and_say(&state, route::ASK, &said))
    };
    let result = result.await;
    reader.answer(result)
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct InReport {
    number: i64,
    analysis: String,
    id: String,
}

async fn add_to_report(
    State(state): State<ServerState>,
    Path(id): Path<String>,
    reader: Reader,
    Form(form): Form<InReport>,
) -> Response {
    let result = async {
        let id = known(&id)?;
        answers::add(state.backing(), &reader.caller, (id, form.number), None).await?;
        let said = "Added. The report of the analysis shows it as a page, PDF and workbook.";
        Ok(reader::see_and_say(&state, &route::conversation(&id.to_string()), said))
    };
    let result = result.await;
    reader.answer(result)
}

async fn take_out(
    State(state): State<ServerState>,
    Path(id): Path<String>,
    reader: Reader,
    Form(form): Form<InReport>,
) -> Response {
    let result = async {
        let id = known(&id)?;
        let missing = || Error::NotFound("answer");
        let analysis = form.analysis.parse().map_err(|_| missing())?;
        answers::remove(state.backing(), &reader.caller, analysis, form.id.parse().map_err(|_| missing())?)
            .await?;
        Ok(reader::see_and_say(&state, &route::conversation(&id.to_string()), "Taken out of the report."))
    };
    let result = result.await;
    reader.answer(result)
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Which {
    analysis: String,
    file: String,
    row: u64,
}

async fn row(
    State(state): State<ServerState>,
    Extension(kept): Extension<Kept>,
    Query(which): Query<Which>,
    reader: Reader,
) -> Response {
    let result = async {
        let id = which.analysis.parse().map_err(|_| Error::NotFound("analysis"))?;
        let currency = analyses::result(state.backing(), &reader.caller, id).await?.currency;
        let tables = kept.tables(&state, &reader, id).await?;
        let found = tables.of_row(which.file.clone(), which.row).await?;
        if found.is_empty() {
            return Err(Error::NotFound("row"));
        }
        let parts = found
            .iter()
            .map(|(entity, rows)| {
                let shown = rows.fields.clone();
                let heads = shown.iter().map(|field| seen::head(*field)).collect();
                let name = seen::plural(*entity);
                Part::new(name, "", vec![Body::Table(seen::table(name, rows, &shown, heads, &currency))])
            })
            .collect();
        let title = format!("{} row {}", which.file, which.row);
        let crumbs = vec![Crumb::link("Ask", route::ASK), Crumb::here(title.clone())];
        let shell = reader.shell.with(Section::Ask, title.clone(), crumbs);
        Ok(answer::ok(&Sheet::new(
            shell,
            &title,
            "As it was read from your file, in the words of the analysis.",
            parts,
        )))
    };
    let result = result.await;
    reader.answer(result)
}

fn known(id: &str) -> Result<ConversationId, Error> {
    id.parse().map_err(|_| Error::NotFound("conversation"))
}

fn entry(one: &Conversation, runs: &[store::analyses::Analysis], open: Option<ConversationId>) -> Entry {
    let about = one.analysis_id.map_or_else(
        || "All data".to_owned(),
        |id| {
            let run = runs.iter().find(|run| run.id == id);
            run.map_or_else(|| "An earlier analysis".to_owned(), |run| run.name.clone())
        },
    );
    Entry {
        id: one.id.to_string(),
        title: if one.title.is_empty() { "Conversation".to_owned() } else { one.title.clone() },
        about,
        when: overview::day(one.updated_at),
        questions: words::counted(one.messages.unsigned_abs().div_ceil(2), "question"),
        current: Some(one.id) == open,
    }
}

/// Questions with the answers that follow them.
fn turns(said: &[Message], there: &[ReportAnswer], may: bool) -> Vec<Turn> {
    let mut turns: Vec<Turn> = Vec::new();
    for message in said {
        match message.author {
            Author::User => turns.push(Turn { question: message.body.clone(), ..Turn::default() }),
            Author::Assistant => {
                if let Some(turn) = turns.last_mut() {
                    fill(turn, message);
                    if may {
                        let known = there.iter().find(|one| one.number == message.number);
                        turn.report = known.map_or(Report::Open(message.number), |one| Report::In {
                            analysis: one.analysis_id.to_string(),
                            id: one.id.to_string(),
                        });
                    }
                }
            }
            Author::Tool => {}
        }
    }
    let last = turns.len().saturating_sub(1);
    for turn in &mut turns[..last] {
        turn.next.clear();
    }
    turns
}

fn fill(turn: &mut Turn, message: &Message) {
    let answer = &message.document["answer"];
    let analysis = message.document["analysis"].as_str().unwrap_or_default();
    let texts = |value: &Value| -> Vec<String> {
        value.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
    };
    answer["language"].as_str().unwrap_or_default().clone_into(&mut turn.language);
    if let Some(model) = message.document["model"].as_str() {
        turn.by = format!("Answered by the model {model}");
    }
    turn.text = message.body.lines().map(str::to_owned).collect();
    turn.notes = texts(&answer["notes"]);
    turn.next = texts(&answer["choices"]);
    turn.next.extend(texts(&answer["follow_ups"]));
    turn.next.dedup();
    turn.corrections = answer["corrections"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|pair| Some(format!("{} was read as {}", pair[0].as_str()?, pair[1].as_str()?)))
        .collect();
    turn.queries = answer["queries"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|query| {
            let rows = query["rows"]
                .as_u64()
                .map_or(String::new(), |rows| format!(" · {}", words::counted(rows, "row")));
            format!(
                "{}: {}{rows}",
                query["name"].as_str().unwrap_or_default(),
                query["detail"].as_str().unwrap_or_default()
            )
        })
        .collect();
    turn.citations = answer["citations"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|one| citation(one, analysis))
        .collect();
    turn.table = table(&answer["sheet"]);
    let mut copy = vec![turn.question.clone()];
    copy.extend(turn.text.clone());
    let rows = answer["sheet"]["rows"].as_array().into_iter().flatten();
    copy.extend(rows.map(|row| texts(row).join("\t")));
    copy.extend(turn.notes.clone());
    turn.copy = copy.join("\n");
}

fn citation(one: &Value, asked: &str) -> Option<Link> {
    // Of several analyses each row and finding names its own.
    let analysis = one["analysis"].as_str();
    if let Some(id) = one["id"].as_str() {
        let address = analysis.map_or_else(|| route::finding(id), |of| route::finding_of(id, of));
        return Some(Link::new(one["title"].as_str().unwrap_or(id), address));
    }
    let analysis = analysis.unwrap_or(asked);
    let (file, row) = (one["file"].as_str()?, one["row"].as_u64()?);
    let query = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("analysis", analysis)
        .append_pair("file", file)
        .append_pair("row", &row.to_string())
        .finish();
    Some(Link::new(format!("{file} row {row}"), format!("{}/rows?{query}", route::ASK)))
}

fn table(sheet: &Value) -> Option<Table> {
    let heads: Vec<Head> = sheet["heads"]
        .as_array()?
        .iter()
        .enumerate()
        .map(|(at, head)| {
            let label = words::sentence_case(head.as_str().unwrap_or_default());
            match (at, label.is_empty()) {
                (0, true) => Head::silent("Name"),
                (0, false) => Head::text(&label),
                _ => Head::number(&label),
            }
        })
        .collect();
    let rows = sheet["rows"]
        .as_array()?
        .iter()
        .map(|row| {
            let cells = row.as_array().into_iter().flatten().enumerate().map(|(at, cell)| {
                let text = cell.as_str().unwrap_or_default();
                if at == 0 { Cell::Strong(text.to_owned()) } else { Cell::number(text) }
            });
            Row::new(cells.collect())
        })
        .collect();
    Some(Table::new("Answer", heads, rows).wide().said())
}
