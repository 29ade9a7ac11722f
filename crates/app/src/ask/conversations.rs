//! Conversations: a person's questions and what was answered, about one analysis or about the newest one.

use std::sync::Arc;

use assistant::{Language, word::Answer};
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
    Reply, ask,
    shelf::{Shelf, Shelved, blocking},
};
use crate::{
    Backing, Caller, Error,
    deed::{self, Began},
    usage::count,
};

/// Letters of a question.
pub const QUESTION_MAX: usize = assistant::understand::LETTERS_MAX;

/// Conversations that are removed at once.
const REMOVED_MAX: usize = 200;

/// A question and its answer, as they were kept.
#[derive(Debug, Clone)]
pub struct Asked {
    /// Which analysis was asked.
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

/// Begins a conversation about an analysis, or about the newest one at each question.
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
    title: &str,
) -> Result<Conversation, Error> {
    let user = person(caller)?;
    let title = named(title)?;
    if title.is_empty() {
        return Err(Error::invalid("title", "give it a name"));
    }
    let mut tx = deed::begin(backing, caller).await?;
    if !conversations::set_title(&mut tx, user, id, &title).await? {
        return Err(Error::NotFound("conversation"));
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

/// Asks in a conversation. The question counts against the plan in the transaction that keeps it; what the assistant says
/// is written by nobody but this.
pub async fn say(
    backing: &Backing,
    shelf: &Shelf,
    caller: &Caller,
    id: ConversationId,
    question: &str,
    usual: Language,
) -> Result<Asked, Error> {
    let user = person(caller)?;
    let question = worded(question)?;
    let mut tx = deed::begin(backing, caller).await?;
    let conversation = present(&mut tx, user, id).await?;
    let analysis = about(&mut tx, conversation.analysis_id).await?;
    count(backing, &mut tx, Meter::ChatMessages, 1).await?;
    let nothing = Value::Null;
    let said =
        NewMessage { author: Author::User, body: &question, document: &nothing, tokens_in: 0, tokens_out: 0 };
    let number =
        conversations::add_message(&mut tx, user, id, &said).await?.ok_or(Error::NotFound("conversation"))?;
    usage::record_event(&mut tx, UsageType::ChatMessage, &format!("{id}/{number}"), 1).await?;
    if conversation.title.is_empty() {
        conversations::set_title(&mut tx, user, id, &title_of(&question)).await?;
    }
    let event =
        deed::done(caller, "conversation.ask", "conversation", id).detail("analysis", analysis.to_string());
    deed::commit(tx, caller, event).await?;

    let reply = Arc::new(look(backing, shelf, caller, analysis, question, usual).await?);
    let document = document(&reply.answer, analysis);
    let answer = NewMessage {
        author: Author::Assistant,
        body: &reply.answer.text,
        document: &document,
        tokens_in: 0,
        tokens_out: 0,
    };
    let mut tx = deed::begin(backing, caller).await?;
    let number = conversations::add_message(&mut tx, user, id, &answer)
        .await?
        .ok_or(Error::NotFound("conversation"))?;
    tx.commit().await?;
    Ok(Asked { analysis, number, reply })
}

/// Asks an analysis without keeping the question. It counts all the same.
pub async fn ask_once(
    backing: &Backing,
    shelf: &Shelf,
    caller: &Caller,
    analysis: Option<AnalysisId>,
    question: &str,
    usual: Language,
) -> Result<Asked, Error> {
    caller.require(Role::Viewer)?;
    let question = worded(question)?;
    let mut tx = deed::begin(backing, caller).await?;
    let analysis = about(&mut tx, analysis).await?;
    count(backing, &mut tx, Meter::ChatMessages, 1).await?;
    usage::record_event(&mut tx, UsageType::ChatMessage, &Uuid::now_v7().to_string(), 1).await?;
    deed::commit(tx, caller, deed::done(caller, "analysis.ask", "analysis", analysis)).await?;
    let reply = Arc::new(look(backing, shelf, caller, analysis, question, usual).await?);
    Ok(Asked { analysis, number: 0, reply })
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
    let analysis = about(&mut tx, analysis).await?;
    tx.rollback().await?;
    shelf.data(backing, caller, analysis).await
}

async fn look(
    backing: &Backing,
    shelf: &Shelf,
    caller: &Caller,
    analysis: AnalysisId,
    question: String,
    usual: Language,
) -> Result<Reply, Error> {
    let shelved = shelf.data(backing, caller, analysis).await?;
    blocking(move || ask(&shelved.data, &question, usual)).await
}

/// The analysis itself, or the newest one that is complete.
async fn about(tx: &mut Tx, analysis: Option<AnalysisId>) -> Result<AnalysisId, Error> {
    if let Some(id) = analysis {
        return Ok(runs::get(tx, id).await?.ok_or(Error::NotFound("analysis"))?.id);
    }
    let complete = runs::Filter { state: Some(runs::AnalysisState::Completed), ..runs::Filter::default() };
    let newest = runs::list(tx, complete, Page::first(1)).await?.items.into_iter().next();
    newest.map(|run| run.id).ok_or_else(|| {
        Error::Conflict("there is no complete analysis to ask yet; upload an export first".to_owned())
    })
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
fn document(answer: &Answer, analysis: AnalysisId) -> Value {
    json!({ "analysis": analysis.to_string(), "mode": "without_model", "answer": answer })
}
