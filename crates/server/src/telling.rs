//! Answers while they are made: server-sent events of what is heard, for the API and for the page. Whoever goes away stops the
//! work, and with it what a provider does for it.

use std::convert::Infallible;

use app::{
    Caller, Error,
    ask::{
        About, Heard, Listener,
        conversations::{self, Asked, Asking},
    },
};
use assistant::Language;
use axum::response::{
    IntoResponse, Response,
    sse::{Event, KeepAlive, Sse},
};
use domain::id::{AnalysisId, ConversationId};
use futures::{StreamExt, stream};
use serde_json::json;

use crate::ServerState;

/// A question and what it belongs to.
#[derive(Debug, Clone)]
pub(crate) struct Question {
    pub(crate) place: Place,
    pub(crate) words: String,
    pub(crate) usual: Language,
}

/// Where an answer is kept.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Place {
    /// Nowhere.
    Once(About),
    /// In a conversation.
    In(ConversationId),
    /// In a new one, about this analysis or all data.
    New(Option<AnalysisId>),
}

/// Asks and waits for the whole answer. Whoever hangs up meanwhile stops it; what was asked is settled and kept all the same.
pub(crate) async fn whole(state: ServerState, caller: Caller, question: Question) -> Result<Asked, Error> {
    let listener = Listener::default();
    let _gone = listener.stop.clone().drop_guard();
    let task = tokio::spawn(async move { ask(&state, &caller, &question, &listener).await });
    task.await.map_err(|error| Error::Work(format!("answering broke: {error}")))?
}

async fn ask(
    state: &ServerState,
    caller: &Caller,
    question: &Question,
    listener: &Listener,
) -> Result<Asked, Error> {
    let asking = Asking {
        desk: &state.desk,
        shelf: &state.shelf,
        caller,
        question: &question.words,
        usual: question.usual,
        listener,
    };
    match question.place {
        Place::Once(about) => conversations::ask_once(&asking, about).await,
        Place::In(id) => conversations::say(&asking, id).await,
        Place::New(analysis) => conversations::open(&asking, analysis).await,
    }
}

/// Asks, and answers with events as they come; `end` makes the last one. What is refused before anything was heard is an error as
/// for any request.
pub(crate) async fn events(
    state: ServerState,
    caller: Caller,
    question: Question,
    end: impl FnOnce(Result<Asked, Error>) -> Event + Send + 'static,
) -> Result<Response, Error> {
    let (listener, mut heard) = Listener::new();
    let gone = listener.stop.clone().drop_guard();
    // A task of its own: what was asked is settled and kept, whether or not anybody waits for it.
    let task = tokio::spawn(async move { ask(&state, &caller, &question, &listener).await });
    let broken = |error: tokio::task::JoinError| Error::Work(format!("answering broke: {error}"));
    let Some(first) = heard.recv().await else {
        let asked = task.await.map_err(broken)??;
        return Ok(sse(stream::once(async { Ok(end(Ok(asked))) })));
    };
    let rest = stream::unfold((heard, gone), |(mut heard, gone)| async move {
        let event = heard.recv().await?;
        Some((event, (heard, gone)))
    });
    let last = stream::once(async move { end(task.await.map_err(broken).and_then(|asked| asked)) });
    let all = stream::once(async { first }).chain(rest).map(event).chain(last).map(Ok);
    Ok(sse(all))
}

fn sse(events: impl futures::Stream<Item = Result<Event, Infallible>> + Send + 'static) -> Response {
    Sse::new(events).keep_alive(KeepAlive::default()).into_response()
}

fn event(heard: Heard) -> Event {
    match heard {
        Heard::Kept(id) => Event::default().event("conversation").data(id.to_string()),
        Heard::Model(name) => Event::default().event("model").data(line(&name)),
        Heard::LookUp { name, detail } => {
            Event::default().event("look_up").data(json!({"name": name, "detail": detail}).to_string())
        }
        Heard::Text(text) => Event::default().event("text").data(text.replace('\r', " ")),
        Heard::Anew => Event::default().event("anew").data("again"),
    }
}

fn line(text: &str) -> String {
    text.replace(['\r', '\n'], " ")
}
