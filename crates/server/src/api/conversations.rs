//! Conversations with the assistant, and questions without one.

use app::{
    Caller,
    ask::{
        About,
        conversations::{self, Asked},
    },
};
use assistant::{Language, word::Citation};
use axum::{
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response, sse::Event},
};
use domain::id::{AnalysisId, ConversationId};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use store::conversations::{Conversation, Message};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use uuid::Uuid;

use super::{
    List, Refusals,
    answers::{Created, Paging, Versioned, not_of_this_list, paged},
    words,
};
use crate::{
    Problem, ServerState,
    boxed::routes,
    etag::IfMatch,
    extract::{Json, Path, Query},
    problem::Kind,
    telling::{self, Place, Question as Asks},
    who::Who,
};

pub(super) fn routes() -> OpenApiRouter<ServerState> {
    OpenApiRouter::new()
        .routes(routes!(index, create))
        .routes(routes!(totals))
        .routes(routes!(remove))
        .routes(routes!(show, update, delete))
        .routes(routes!(messages, say))
        .routes(routes!(ask))
        .routes(routes!(ask_all))
}

/// A conversation with the assistant.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Conversation)]
pub struct ConversationView {
    pub id: Uuid,
    /// About which analysis; null asks all data of the organization.
    #[schema(required)]
    pub analysis_id: Option<Uuid>,
    /// Empty until the first question names it.
    pub title: String,
    pub messages: i64,
    pub created_at: String,
    pub updated_at: String,
}

impl From<Conversation> for ConversationView {
    fn from(conversation: Conversation) -> Self {
        Self {
            id: conversation.id.0,
            analysis_id: conversation.analysis_id.map(|id| id.0),
            title: conversation.title,
            messages: conversation.messages,
            created_at: conversation.created_at.to_string(),
            updated_at: conversation.updated_at.to_string(),
        }
    }
}

/// Something that was said.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Message)]
pub struct MessageView {
    pub number: i64,
    /// `user` or `assistant`.
    pub author: String,
    /// Plain text.
    pub body: String,
    /// The answer whole: table, notes, queries, citations, next questions; null for questions.
    #[schema(value_type = Object, nullable)]
    pub answer: Value,
    pub created_at: String,
}

impl From<Message> for MessageView {
    fn from(message: Message) -> Self {
        Self {
            number: message.number,
            author: message.author.name().to_owned(),
            body: message.body,
            answer: message.document.get("answer").cloned().unwrap_or(Value::Null),
            created_at: message.created_at.to_string(),
        }
    }
}

/// A new conversation.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewConversation {
    /// About which analysis; all data of the organization where it is left out.
    analysis_id: Option<Uuid>,
    #[serde(default)]
    #[schema(max_length = 200)]
    title: String,
}

/// What a conversation is called.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConversationChange {
    #[schema(min_length = 1, max_length = 200)]
    title: String,
}

/// Conversations to be removed.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConversationRemoval {
    #[schema(min_items = 1, max_items = 200)]
    ids: Vec<Uuid>,
}

/// What was removed.
#[derive(Debug, Serialize, ToSchema)]
pub struct ConversationsRemoved {
    removed: u64,
}

/// All that a person asked.
#[derive(Debug, Serialize, ToSchema)]
pub struct ConversationTotals {
    conversations: i64,
    messages: i64,
}

/// A question.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// In English, German or Spanish.
    #[schema(min_length = 1, max_length = 2000)]
    question: String,
    /// Of the answer, where the question's words leave it open: `en`, `de`, `es`.
    #[schema(value_type = Option<words::LanguageName>)]
    language: Option<String>,
}

/// An answer.
#[derive(Debug, Serialize, ToSchema)]
pub struct AnswerView {
    /// Which analysis was asked; the newest of those that the answer covers, where all data were.
    pub analysis_id: Uuid,
    /// Its number in the conversation; null where it was not kept.
    #[schema(required)]
    pub number: Option<i64>,
    /// `without_model`: nothing left the installation for the answer; or `model`.
    pub mode: String,
    /// The model that answered.
    #[schema(required)]
    pub model: Option<String>,
    /// Why no model answered though one is switched on: `budget`, `provider`, `time`, `rounds`, `ungrounded`, `fault`.
    #[schema(required)]
    pub instead: Option<String>,
    /// Tokens that a model read and wrote for it.
    pub tokens_read: i64,
    pub tokens_written: i64,
    pub language: String,
    /// `metric`, `list`, `comparison`, `trend`, `what_if`, `explanation`, `missing`, `findings`, `values`, `overview`, `help`,
    /// `model` for the words of one, or `choices`, where the question needs a choice and nothing is guessed.
    pub kind: String,
    /// Plain text; every number of it is in `looked_up`.
    pub text: String,
    #[schema(required)]
    pub table: Option<AnswerTable>,
    /// Limits of the data, assumptions, how something was read.
    pub notes: Vec<String>,
    /// Words that were taken for others.
    pub corrections: Vec<Correction>,
    pub choices: Vec<String>,
    pub follow_ups: Vec<String>,
    pub queries: Vec<QueryView>,
    pub citations: Vec<CitationView>,
    /// What the tools gave.
    #[schema(value_type = Vec<Object>)]
    pub looked_up: Vec<Value>,
}

/// A table of an answer.
#[derive(Debug, Serialize, ToSchema)]
pub struct AnswerTable {
    pub heads: Vec<String>,
    pub rows: Vec<Vec<String>>,
}

/// A word as written and as read.
#[derive(Debug, Serialize, ToSchema)]
pub struct Correction {
    pub written: String,
    pub read: String,
}

/// A look-up.
#[derive(Debug, Serialize, ToSchema)]
pub struct QueryView {
    pub name: String,
    pub detail: String,
    #[schema(required)]
    pub rows: Option<u64>,
}

/// A row or a finding that an answer rests on.
#[derive(Debug, Serialize, ToSchema)]
pub struct CitationView {
    /// Which analysis opens it, where several were asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub analysis_id: Option<String>,
    pub file: Option<String>,
    pub row: Option<u64>,
    pub finding: Option<String>,
    pub title: Option<String>,
}

impl AnswerView {
    fn new(asked: &Asked) -> Self {
        let answer = &asked.reply.answer;
        Self {
            analysis_id: asked.analysis.0,
            number: (asked.number > 0).then_some(asked.number),
            mode: asked.reply.mode.name().to_owned(),
            model: asked.reply.mode.model.clone(),
            instead: asked.reply.mode.instead.map(str::to_owned),
            tokens_read: asked.reply.mode.cost.tokens_read,
            tokens_written: asked.reply.mode.cost.tokens_written,
            language: answer.language.tag().to_owned(),
            kind: answer.kind.to_owned(),
            text: answer.text.clone(),
            table: answer
                .sheet
                .as_ref()
                .map(|sheet| AnswerTable { heads: sheet.heads.clone(), rows: sheet.rows.clone() }),
            notes: answer.notes.clone(),
            corrections: answer
                .corrections
                .iter()
                .map(|(written, read)| Correction { written: written.clone(), read: read.clone() })
                .collect(),
            choices: answer.choices.clone(),
            follow_ups: answer.follow_ups.clone(),
            queries: answer
                .queries
                .iter()
                .map(|query| QueryView {
                    name: query.name.clone(),
                    detail: query.detail.clone(),
                    rows: query.rows,
                })
                .collect(),
            citations: answer.citations.iter().map(citation).collect(),
            looked_up: asked
                .reply
                .outcomes
                .iter()
                .map(|outcome| serde_json::to_value(outcome).unwrap_or(Value::Null))
                .collect(),
        }
    }
}

fn citation(citation: &Citation) -> CitationView {
    match citation {
        Citation::Row { file, row, analysis } => CitationView {
            analysis_id: analysis.clone(),
            file: Some(file.clone()),
            row: Some(*row),
            finding: None,
            title: None,
        },
        Citation::Finding { id, title, analysis } => CitationView {
            analysis_id: analysis.clone(),
            file: None,
            row: None,
            finding: Some(id.clone()),
            title: Some(title.clone()),
        },
    }
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Which {
    /// Those about this analysis only.
    analysis: Option<Uuid>,
}

/// Your conversations, the one that moved last first
#[utoipa::path(get, path = "/conversations", operation_id = "list_conversations", tag = "assistant",
    params(Which, Paging), responses((status = 200, description = "a page", body = List<ConversationView>), Refusals))]
async fn index(
    State(state): State<ServerState>,
    Who(caller): Who,
    Query(which): Query<Which>,
    Query(paging): Query<Paging>,
) -> Result<Json<List<ConversationView>>, Problem> {
    let about = which.analysis.map(AnalysisId);
    let listing = conversations::list(state.backing(), &caller, about, paging.page()?).await?;
    Ok(paged(listing, ConversationView::from))
}

/// A new conversation
#[utoipa::path(post, path = "/conversations", operation_id = "create_conversation", tag = "assistant",
    request_body = NewConversation,
    responses((status = 201, description = "made", body = ConversationView), Refusals))]
async fn create(
    State(state): State<ServerState>,
    Who(caller): Who,
    Json(new): Json<NewConversation>,
) -> Result<Created<ConversationView>, Problem> {
    let made =
        conversations::create(state.backing(), &caller, new.analysis_id.map(AnalysisId), &new.title).await?;
    Ok(Created { at: format!("/conversations/{}", made.id), version: made.version, thing: made.into() })
}

/// What your conversations come to
#[utoipa::path(get, path = "/conversations/totals", operation_id = "total_conversations", tag = "assistant",
    responses((status = 200, description = "counts", body = ConversationTotals), Refusals))]
async fn totals(
    State(state): State<ServerState>,
    Who(caller): Who,
) -> Result<Json<ConversationTotals>, Problem> {
    let totals = conversations::totals(state.backing(), &caller).await?;
    Ok(Json(ConversationTotals { conversations: totals.conversations, messages: totals.messages }))
}

/// Removes several conversations
#[utoipa::path(post, path = "/conversations/removal", operation_id = "remove_conversations", tag = "assistant",
    request_body = ConversationRemoval,
    responses((status = 200, description = "how many", body = ConversationsRemoved), Refusals))]
async fn remove(
    State(state): State<ServerState>,
    Who(caller): Who,
    Json(removal): Json<ConversationRemoval>,
) -> Result<Json<ConversationsRemoved>, Problem> {
    let ids: Vec<ConversationId> = removal.ids.into_iter().map(ConversationId).collect();
    let removed = conversations::delete(state.backing(), &caller, &ids).await?;
    Ok(Json(ConversationsRemoved { removed }))
}

/// A conversation
#[utoipa::path(get, path = "/conversations/{id}", operation_id = "get_conversation", tag = "assistant",
    params(("id" = Uuid, Path)), responses((status = 200, description = "found", body = ConversationView), Refusals))]
async fn show(
    State(state): State<ServerState>,
    Who(caller): Who,
    Path(id): Path<Uuid>,
) -> Result<Versioned<ConversationView>, Problem> {
    let found = conversations::get(state.backing(), &caller, ConversationId(id)).await?;
    Ok(Versioned(found.version, found.into()))
}

/// Renames a conversation
#[utoipa::path(patch, path = "/conversations/{id}", operation_id = "rename_conversation", tag = "assistant",
    params(("id" = Uuid, Path), ("if-match" = Option<String>, Header, description = "the `ETag` that the change is about")),
    request_body = ConversationChange,
    responses((status = 200, description = "renamed", body = ConversationView), Refusals))]
async fn update(
    State(state): State<ServerState>,
    Who(caller): Who,
    Path(id): Path<Uuid>,
    IfMatch(version): IfMatch,
    Json(change): Json<ConversationChange>,
) -> Result<Versioned<ConversationView>, Problem> {
    let id = ConversationId(id);
    let renamed = conversations::rename(state.backing(), &caller, id, version, &change.title).await?;
    Ok(Versioned(renamed.version, renamed.into()))
}

/// Removes a conversation
#[utoipa::path(delete, path = "/conversations/{id}", operation_id = "delete_conversation", tag = "assistant",
    params(("id" = Uuid, Path)), responses((status = 204, description = "gone"), Refusals))]
async fn delete(
    State(state): State<ServerState>,
    Who(caller): Who,
    Path(id): Path<Uuid>,
) -> Result<StatusCode, Problem> {
    conversations::delete(state.backing(), &caller, &[ConversationId(id)]).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Slice {
    /// `next_cursor` of the page before: what was said earlier.
    #[param(max_length = 20)]
    cursor: Option<String>,
    /// Only what was said before this number, where no cursor is given.
    #[param(minimum = 1)]
    before: Option<i64>,
    /// How many, at most 200.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
}

/// What was said, in order; the newest where there is more
#[utoipa::path(get, path = "/conversations/{id}/messages", operation_id = "list_messages", tag = "assistant",
    params(("id" = Uuid, Path), Slice),
    responses((status = 200, description = "in order", body = List<MessageView>), Refusals))]
async fn messages(
    State(state): State<ServerState>,
    Who(caller): Who,
    Path(id): Path<Uuid>,
    Query(slice): Query<Slice>,
) -> Result<Json<List<MessageView>>, Problem> {
    let given = slice.cursor.map(|cursor| cursor.parse().map_err(|_| not_of_this_list())).transpose()?;
    let (before, limit) = (given.or(slice.before), slice.limit.unwrap_or(50));
    if !(1..=200).contains(&limit) {
        return Err(Problem::new(Kind::Invalid, "limit is a number from 1 to 200"));
    }
    let mut found =
        conversations::messages(state.backing(), &caller, ConversationId(id), before, limit + 1).await?;
    // In order, with the newest at the end: what is too much is the oldest.
    let over = found.len().saturating_sub(limit as usize);
    found.drain(..over);
    let next_cursor = found.first().filter(|_| over > 0).map(|oldest| oldest.number.to_string());
    Ok(Json(List { items: found.into_iter().map(MessageView::from).collect(), next_cursor }))
}

/// Asks in a conversation
///
/// With `Accept: text/event-stream` the answer comes as server-sent events while it is made: `conversation` with its id, `model`
/// where one answers, `look_up` for each look-up, `text` with the next words, `anew` when the words so far do not count any more,
/// and at the end `answer` with the whole, or `problem`. Closing the connection stops it, and what the provider does for it.
#[utoipa::path(post, path = "/conversations/{id}/messages", operation_id = "ask_in_conversation", tag = "assistant",
    params(("id" = Uuid, Path)), request_body = Question,
    responses((status = 200, description = "the answer", body = AnswerView), Refusals))]
async fn say(
    State(state): State<ServerState>,
    Who(caller): Who,
    Path(id): Path<Uuid>,
    headers: HeaderMap,
    Json(question): Json<Question>,
) -> Result<Response, Problem> {
    let usual = language(question.language.as_deref())?;
    let question = Asks { place: Place::In(ConversationId(id)), words: question.question, usual };
    answered(state, caller, &headers, question).await
}

/// Asks an analysis
///
/// Nothing is kept but the count. With `Accept: text/event-stream` it streams as conversations do.
#[utoipa::path(post, path = "/analyses/{id}/answers", operation_id = "ask_analysis", tag = "assistant",
    params(("id" = Uuid, Path)), request_body = Question,
    responses((status = 200, description = "the answer", body = AnswerView), Refusals))]
async fn ask(
    State(state): State<ServerState>,
    Who(caller): Who,
    Path(id): Path<Uuid>,
    headers: HeaderMap,
    Json(question): Json<Question>,
) -> Result<Response, Problem> {
    let usual = language(question.language.as_deref())?;
    let question = Asks { place: Place::Once(About::One(AnalysisId(id))), words: question.question, usual };
    answered(state, caller, &headers, question).await
}

/// Asks all data
///
/// Of all analyses of the organization: what a newer one of the same plant holds counts once, and the answer says what it covers.
/// Nothing is kept but the count. With `Accept: text/event-stream` it streams as conversations do.
#[utoipa::path(post, path = "/analyses/all/answers", operation_id = "ask_all_data", tag = "assistant", request_body = Question,
    responses((status = 200, description = "the answer", body = AnswerView), Refusals))]
async fn ask_all(
    State(state): State<ServerState>,
    Who(caller): Who,
    headers: HeaderMap,
    Json(question): Json<Question>,
) -> Result<Response, Problem> {
    let usual = language(question.language.as_deref())?;
    let question = Asks { place: Place::Once(About::All), words: question.question, usual };
    answered(state, caller, &headers, question).await
}

fn language(code: Option<&str>) -> Result<Language, Problem> {
    match code {
        None => Ok(Language::English),
        Some(code) => Language::named(code)
            .ok_or_else(|| app::Error::invalid("language", "give one of en, de, es").into()),
    }
}

/// JSON, or events where the caller asks for them.
async fn answered(
    state: ServerState,
    caller: Caller,
    headers: &HeaderMap,
    question: Asks,
) -> Result<Response, Problem> {
    let streams = headers
        .get(header::ACCEPT)
        .and_then(|accept| accept.to_str().ok())
        .is_some_and(|accept| accept.contains("text/event-stream"));
    if !streams {
        let asked = telling::whole(state, caller, question).await?;
        return Ok(Json(AnswerView::new(&asked)).into_response());
    }
    let end = |ended: Result<Asked, app::Error>| match ended {
        Ok(asked) => {
            let whole = serde_json::to_string(&AnswerView::new(&asked)).unwrap_or_default();
            Event::default().event("answer").data(whole)
        }
        Err(error) => {
            let detail = serde_json::json!({"detail": Problem::from(error).detail()});
            Event::default().event("problem").data(detail.to_string())
        }
    };
    Ok(telling::events(state, caller, question, end).await?)
}
