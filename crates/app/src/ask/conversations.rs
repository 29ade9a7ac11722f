//! Conversations: a person's questions and what was answered, about one analysis or about all data.

use std::sync::Arc;

use assistant::{Language, suggest};
use domain::{
    Role,
    id::{AnalysisId, ConversationId, UserId},
};
use serde_json::{Value, json};
use store::{
    Listing, Page, Tx, analyses as runs,
    conversations::{self, Author, Conversation, Message, NewMessage},
    usage::{self, Meter, UsageType},
};
use uuid::Uuid;

use super::{
    About, Cost, Cover, Heard, Listener, Mode, Reply, all_data, ask, in_force,
    shelf::{Shelf, Shelved, blocking},
    talk::{Question, Trouble},
};
use crate::{
    Backing, Caller, Error,
    accounts::Desk,
    deed::{self, Began},
    models,
    usage::count,
};

/// Letters of a question.
pub const QUESTION_MAX: usize = assistant::understand::LETTERS_MAX;

/// Conversations that are removed at once.
const REMOVED_MAX: usize = 200;

/// A question and its answer, as they were kept.
#[derive(Debug, Clone)]
pub struct Asked {
    /// The conversation that it was kept in.
    pub conversation: Option<ConversationId>,
    /// Which analysis was asked; the newest of them where all data were.
    pub analysis: AnalysisId,
    /// The number of the answer in its conversation.
    pub number: i64,
    pub reply: Arc<Reply>,
}

/// What a person's conversations come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Totals {
    pub conversations: i64,
    pub messages: i64,
}

fn person(caller: &Caller) -> Result<UserId, Error> {
    caller.require(Role::Viewer)?;
    caller.actor.user().ok_or_else(|| {
        Error::Conflict(
            "conversations belong to people; with an API key, ask an analysis directly".to_owned(),
        )
    })
}

/// A person's conversations, the one that moved last first.
pub async fn list(
    backing: &Backing,
    caller: &Caller,
    analysis: Option<AnalysisId>,
    page: Page,
) -> Result<Listing<Conversation>, Error> {
    let user = person(caller)?;
    let mut tx = deed::begin(backing, caller).await?;
    Ok(conversations::list(&mut tx, user, analysis, page).await?)
}

pub async fn totals(backing: &Backing, caller: &Caller) -> Result<Totals, Error> {
    let user = person(caller)?;
    let mut tx = deed::begin(backing, caller).await?;
    let (conversations, messages) = conversations::totals(&mut tx, user).await?;
    Ok(Totals { conversations, messages })
}

pub async fn get(backing: &Backing, caller: &Caller, id: ConversationId) -> Result<Conversation, Error> {
    let user = person(caller)?;
    let mut tx = deed::begin(backing, caller).await?;
    present(&mut tx, user, id).await
}

/// Begins a conversation about an analysis, or about all data.
pub async fn create(
    backing: &Backing,
    caller: &Caller,
    analysis: Option<AnalysisId>,
    title: &str,
) -> Result<Conversation, Error> {
    let user = person(caller)?;
    let title = named(title)?;
    let mut tx = match deed::begin_new(backing, caller).await? {
        Began::New(tx) => tx,
        Began::Repeated(id) => return get(backing, caller, ConversationId(id)).await,
    };
    if let Some(analysis) = analysis {
        runs::get(&mut tx, analysis).await?.ok_or(Error::NotFound("analysis"))?;
    }
    let id = ConversationId(Uuid::now_v7());
    let made = conversations::insert(&mut tx, id, user, analysis, &title).await?;
    deed::commit_new(tx, caller, deed::done(caller, "conversation.create", "conversation", id), id.0).await?;
    Ok(made)
}

pub async fn rename(
    backing: &Backing,
    caller: &Caller,
    id: ConversationId,
    version: Option<i64>,
    title: &str,
) -> Result<Conversation, Error> {
    let user = person(caller)?;
    let title = named(title)?;
    if title.is_empty() {
        return Err(Error::invalid("title", "give it a name"));
    }
    let mut tx = deed::begin(backing, caller).await?;
    present(&mut tx, user, id).await?;
    if !conversations::set_title(&mut tx, user, id, version, &title).await? {
        return Err(Error::Stale("conversation"));
    }
    let renamed = present(&mut tx, user, id).await?;
    deed::commit(tx, caller, deed::done(caller, "conversation.rename", "conversation", id)).await?;
    Ok(renamed)
}

/// Removes conversations; says how many there were.
pub async fn delete(backing: &Backing, caller: &Caller, ids: &[ConversationId]) -> Result<u64, Error> {
    let user = person(caller)?;
    if ids.is_empty() || ids.len() > REMOVED_MAX {
        return Err(Error::invalid("ids", format!("name 1 to {REMOVED_MAX} conversations")));
    }
    let mut tx = deed::begin(backing, caller).await?;
    let removed = conversations::delete(&mut tx, user, ids).await?;
    if removed == 0 {
        return Err(Error::NotFound("conversation"));
    }
    let event =
        deed::done(caller, "conversation.delete", "conversation", ids[0]).detail("conversations", removed);
    deed::commit(tx, caller, event).await?;
    Ok(removed)
}

/// What was said, the newest before a number.
pub async fn messages(
    backing: &Backing,
    caller: &Caller,
    id: ConversationId,
    before: Option<i64>,
    limit: u32,
) -> Result<Vec<Message>, Error> {
    let user = person(caller)?;
    let mut tx = deed::begin(backing, caller).await?;
    present(&mut tx, user, id).await?;
    Ok(conversations::messages(&mut tx, id, before, limit).await?)
}

/// A question with who asks it of what, and who listens.
#[derive(Debug, Clone, Copy)]
pub struct Asking<'a> {
    pub desk: &'a Desk,
    pub shelf: &'a Shelf,
    pub caller: &'a Caller,
    pub question: &'a str,
    /// The language of the answer, where the question's words leave it open.
    pub usual: Language,
    pub listener: &'a Listener,
}

/// Asks in a conversation. The question counts against the plan in the transaction that keeps it; what the assistant says
/// is written by nobody but this.
pub async fn say(asking: &Asking<'_>, id: ConversationId) -> Result<Asked, Error> {
    let user = person(asking.caller)?;
    let question = worded(asking.question)?;
    let mut tx = deed::begin(&asking.desk.backing, asking.caller).await?;
    let conversation = present(&mut tx, user, id).await?;
    let before = before(&mut tx, id).await?;
    let about = about(&mut tx, conversation.analysis_id).await?;
    keep_question(asking, tx, user, &conversation, about, &question).await?;
    answered(asking, user, id, about, &question, &before).await
}

/// Begins a conversation with its first question, or does neither: no empty one is left where the plan has no question more.
pub async fn open(asking: &Asking<'_>, about_which: Option<AnalysisId>) -> Result<Asked, Error> {
    let user = person(asking.caller)?;
    let question = worded(asking.question)?;
    let mut tx = deed::begin(&asking.desk.backing, asking.caller).await?;
    let about = about(&mut tx, about_which).await?;
    let id = ConversationId(Uuid::now_v7());
    let conversation = conversations::insert(&mut tx, id, user, about_which, "").await?;
    keep_question(asking, tx, user, &conversation, about, &question).await?;
    answered(asking, user, id, about, &question, &[]).await
}

async fn keep_question(
    asking: &Asking<'_>,
    mut tx: Tx,
    user: UserId,
    conversation: &Conversation,
    about: About,
    question: &str,
) -> Result<(), Error> {
    let id = conversation.id;
    count(&asking.desk.backing, &mut tx, Meter::ChatMessages, 1).await?;
    let nothing = Value::Null;
    let said =
        NewMessage { author: Author::User, body: question, document: &nothing, tokens_in: 0, tokens_out: 0 };
    let number =
        conversations::add_message(&mut tx, user, id, &said).await?.ok_or(Error::NotFound("conversation"))?;
    usage::record_event(&mut tx, UsageType::ChatMessage, &format!("{id}/{number}"), 1).await?;
    if conversation.title.is_empty() {
        conversations::set_title(&mut tx, user, id, None, &title_of(question)).await?;
    }
    let event =
        deed::done(asking.caller, "conversation.ask", "conversation", id).detail("analysis", name_of(about));
    deed::commit(tx, asking.caller, event).await?;
    asking.listener.tell(Heard::Kept(id));
    Ok(())
}

async fn answered(
    asking: &Asking<'_>,
    user: UserId,
    id: ConversationId,
    about: About,
    question: &str,
    before: &[(String, String)],
) -> Result<Asked, Error> {
    let (reply, analysis) = look(asking, about, question, before).await?;
    let reply = Arc::new(reply);
    let document = document(&reply, analysis);
    let cost = &reply.mode.cost;
    let answer = NewMessage {
        author: Author::Assistant,
        body: &reply.answer.text,
        document: &document,
        tokens_in: cost.tokens_read,
        tokens_out: cost.tokens_written,
    };
    let mut tx = deed::begin(&asking.desk.backing, asking.caller).await?;
    let number = conversations::add_message(&mut tx, user, id, &answer)
        .await?
        .ok_or(Error::NotFound("conversation"))?;
    close(tx, asking.caller, &reply, ("conversation", &id.to_string())).await?;
    Ok(Asked { conversation: Some(id), analysis, number, reply })
}

/// Commits; where a model was asked, with a row that says which, how often, and what it came to.
async fn close(tx: Tx, caller: &Caller, reply: &Reply, (on, id): (&str, &str)) -> Result<(), Error> {
    let mode = &reply.mode;
    if mode.model.is_none() && mode.instead.is_none() {
        return Ok(tx.commit().await?);
    }
    let event = deed::done(caller, "model.answer", on, id)
        .detail("mode", mode.name())
        .detail("model", mode.model.clone().unwrap_or_default())
        .detail("instead", mode.instead.unwrap_or_default())
        .detail("calls", mode.cost.calls)
        .detail("tokens_read", mode.cost.tokens_read)
        .detail("tokens_written", mode.cost.tokens_written);
    deed::commit(tx, caller, event).await
}

/// Asks an analysis, or all data, without keeping the question. It counts all the same.
pub async fn ask_once(asking: &Asking<'_>, which: About) -> Result<Asked, Error> {
    let (backing, caller) = (&asking.desk.backing, asking.caller);
    caller.require(Role::Viewer)?;
    let question = worded(asking.question)?;
    let mut tx = deed::begin(backing, caller).await?;
    let about = about(&mut tx, which.analysis()).await?;
    count(backing, &mut tx, Meter::ChatMessages, 1).await?;
    usage::record_event(&mut tx, UsageType::ChatMessage, &Uuid::now_v7().to_string(), 1).await?;
    deed::commit(tx, caller, deed::done(caller, "analysis.ask", "analysis", name_of(about))).await?;
    let (reply, analysis) = look(asking, about, &question, &[]).await?;
    let reply = Arc::new(reply);
    let tx = deed::begin(backing, caller).await?;
    close(tx, caller, &reply, ("analysis", &analysis.to_string())).await?;
    Ok(Asked { conversation: None, analysis, number: 0, reply })
}

/// The data that a conversation is about, for what can be asked of them.
pub async fn data(
    backing: &Backing,
    shelf: &Shelf,
    caller: &Caller,
    analysis: Option<AnalysisId>,
) -> Result<Arc<Shelved>, Error> {
    caller.require(Role::Viewer)?;
    let mut tx = deed::begin(backing, caller).await?;
    let about = about(&mut tx, analysis).await?;
    tx.rollback().await?;
    shelf.about(backing, caller, about).await
}

/// The answer, and which analysis it is about.
async fn look(
    asking: &Asking<'_>,
    about: About,
    words: &str,
    before: &[(String, String)],
) -> Result<(Reply, AnalysisId), Error> {
    let (backing, caller) = (&asking.desk.backing, asking.caller);
    let shelved = asking.shelf.about(backing, caller, about).await?;
    let newest = || shelved.data.cover.as_ref().and_then(Cover::newest).ok_or(Error::NotFound("analysis"));
    let analysis = match about {
        About::One(id) => id,
        About::All => newest()?,
    };
    Ok((reply(asking, &shelved, words, before).await?, analysis))
}

async fn reply(
    asking: &Asking<'_>,
    shelved: &Arc<Shelved>,
    words: &str,
    before: &[(String, String)],
) -> Result<Reply, Error> {
    let (backing, caller, listener) = (&asking.desk.backing, asking.caller, asking.listener);
    let mut tx = deed::begin(backing, caller).await?;
    let chosen = models::to_answer(asking.desk, &mut tx).await;
    tx.rollback().await?;
    let language = assistant::language::of(words, asking.usual);
    let mut cost = Cost::default();
    let trouble = match chosen {
        Ok(None) => None,
        // A key that cannot be opened is no reason to give no answer.
        Err(error @ Error::Conflict(_)) => Some(Trouble::Ours(error)),
        Err(error) => return Err(error),
        Ok(Some(chosen)) => {
            let question =
                Question { backing, caller, shelved, chosen: &chosen, words, language, before, listener };
            match question.ask(&mut cost).await {
                Ok(talked) => {
                    let understood = assistant::understand(words, shelved.data.catalog(), asking.usual);
                    let mode = Mode { model: Some(chosen.model.name), instead: None, cost };
                    let mut answer = talked.answer;
                    answer.follow_ups =
                        suggest::follow_ups(&understood.intent, shelved.data.catalog(), language);
                    in_force::note(&shelved.data, &mut answer);
                    return Ok(Reply { understood, outcomes: talked.outcomes, answer, mode });
                }
                Err(Trouble::Ours(
                    error @ (Error::Unavailable(_)
                    | Error::Away(_)
                    | Error::NotFound(_)
                    | Error::Forbidden { .. }),
                )) => {
                    return Err(error);
                }
                Err(trouble) => Some(trouble),
            }
        }
    };
    if trouble.is_some() {
        listener.tell(Heard::Anew);
    }
    let (own, usual, shelved) = (words.to_owned(), asking.usual, Arc::clone(shelved));
    let mut reply = blocking(move || ask(&shelved.data, &own, usual)).await?;
    if let Some(trouble) = trouble {
        let (name, why) = told(&trouble, language);
        tracing::warn!(why = name, "a question was answered without the model");
        reply.answer.notes.insert(0, why);
        reply.mode = Mode { model: None, instead: Some(name), cost };
    }
    for line in reply.answer.text.split_inclusive('\n') {
        listener.tell(Heard::Text(line.to_owned()));
    }
    Ok(reply)
}

/// Why the answer comes without the model, for people.
fn told(trouble: &Trouble, language: Language) -> (&'static str, String) {
    let without = language.pick([
        "Answered without the language model",
        "Ohne das Sprachmodell beantwortet",
        "Respondido sin el modelo de lenguaje",
    ]);
    let (name, why) = match trouble {
        Trouble::Budget => (
            "budget",
            [
                "its budget of this month is used",
                "sein Budget dieses Monats ist verbraucht",
                "su presupuesto de este mes está agotado",
            ],
        ),
        Trouble::Provider(error) => {
            tracing::warn!(%error, kind = error.name(), "a language model gave no answer");
            (
                "provider",
                match error {
                    clients::models::Error::Key(_) => [
                        "the provider refuses the key",
                        "der Anbieter lehnt den Schlüssel ab",
                        "el proveedor rechaza la clave",
                    ],
                    clients::models::Error::Slow => [
                        "the provider took too long",
                        "der Anbieter brauchte zu lange",
                        "el proveedor tardó demasiado",
                    ],
                    clients::models::Error::Garbage(_) | clients::models::Error::Truncated => [
                        "the provider's answer could not be read",
                        "die Antwort des Anbieters war nicht lesbar",
                        "la respuesta del proveedor no se pudo leer",
                    ],
                    _ => [
                        "the provider does not answer",
                        "der Anbieter antwortet nicht",
                        "el proveedor no responde",
                    ],
                },
            )
        }
        Trouble::Time => ("time", ["it took too long", "es brauchte zu lange", "tardó demasiado"]),
        Trouble::Rounds => {
            ("rounds", ["it came to no answer", "es kam zu keiner Antwort", "no llegó a una respuesta"])
        }
        Trouble::Ungrounded => (
            "ungrounded",
            [
                "its answer stated numbers that no look-up gave",
                "seine Antwort nannte Zahlen, die keine Abfrage ergab",
                "su respuesta contenía números que ninguna consulta dio",
            ],
        ),
        Trouble::Ours(error) => {
            tracing::error!(%error, "asking a language model failed");
            (
                "fault",
                [
                    "it cannot be asked now",
                    "es kann gerade nicht gefragt werden",
                    "no se puede consultar ahora",
                ],
            )
        }
    };
    (name, format!("{without}: {}.", language.pick(why)))
}

/// Questions with their answers, as much as a model is told of them.
async fn before(tx: &mut Tx, id: ConversationId) -> Result<Vec<(String, String)>, Error> {
    let mut pairs: Vec<(String, String)> = Vec::new();
    let mut asked: Option<String> = None;
    let bounded = |text: &str| text.chars().take(2_000).collect::<String>();
    for message in conversations::messages(tx, id, None, 12).await? {
        match message.author {
            Author::User => asked = Some(bounded(&message.body)),
            Author::Assistant => {
                if let Some(asked) = asked.take() {
                    pairs.push((asked, bounded(&message.body)));
                }
            }
            Author::Tool => {}
        }
    }
    Ok(pairs)
}

/// The analysis itself, or all data where there are any.
async fn about(tx: &mut Tx, analysis: Option<AnalysisId>) -> Result<About, Error> {
    if let Some(id) = analysis {
        return Ok(About::One(runs::get(tx, id).await?.ok_or(Error::NotFound("analysis"))?.id));
    }
    let complete = runs::Filter { state: Some(runs::AnalysisState::Completed), ..runs::Filter::default() };
    if runs::list(tx, complete, Page::first(1)).await?.items.is_empty() {
        return Err(all_data::none_yet());
    }
    Ok(About::All)
}

/// What is asked, in the trail.
fn name_of(about: About) -> String {
    about.analysis().map_or_else(|| "all".to_owned(), |id| id.to_string())
}

async fn present(tx: &mut Tx, user: UserId, id: ConversationId) -> Result<Conversation, Error> {
    conversations::get(tx, user, id).await?.ok_or(Error::NotFound("conversation"))
}

fn worded(question: &str) -> Result<String, Error> {
    let question = question.trim();
    if question.is_empty() {
        return Err(Error::invalid("question", "write a question"));
    }
    if question.chars().count() > QUESTION_MAX {
        return Err(Error::invalid("question", format!("a question has up to {QUESTION_MAX} letters")));
    }
    Ok(question.to_owned())
}

fn named(title: &str) -> Result<String, Error> {
    let title = title.trim();
    if title.chars().count() > 200 {
        return Err(Error::invalid("title", "names have up to 200 letters"));
    }
    Ok(title.to_owned())
}

fn title_of(question: &str) -> String {
    question.chars().take(80).collect()
}

/// What is kept beside the words of an answer.
fn document(reply: &Reply, analysis: AnalysisId) -> Value {
    json!({
        "analysis": analysis.to_string(),
        "mode": reply.mode.name(),
        "model": reply.mode.model,
        "instead": reply.mode.instead,
        "answer": reply.answer,
    })
}
