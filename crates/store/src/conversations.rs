//! Conversations with the assistant. A client never writes what the assistant said: only the server calls [`add_message`].

use crate::column::{Document, plain_prefix, record, words};
use crate::error::Result;
use crate::page::{Cursor, Listing, Page};
use crate::tx::Tx;
use domain::id::{AnalysisId, ConversationId, UserId};
use jiff::Timestamp;
use serde_json::Value;

words! {
    /// Who said something.
    Author {
        /// The person.
        User = "user",
        /// The assistant.
        Assistant = "assistant",
        /// A tool that the assistant called.
        Tool = "tool",
    }
}

record! {
    /// A conversation.
    Conversation {
        /// Which one.
        id: ConversationId,
        /// Whose.
        user_id: UserId,
        /// About which analysis; none is about all.
        analysis_id: Option<AnalysisId>,
        /// What people call it.
        title: String,
        /// How long it is.
        messages: i64,
        /// For `If-Match`.
        version: i64,
        /// When it began.
        created_at: Timestamp,
        /// When something was last said.
        updated_at: Timestamp,
    }
}

record! {
    /// Something that was said.
    Message {
        /// Its number, from 1.
        number: i64,
        /// Who said it.
        author: Author,
        /// What.
        body: String,
        /// Citations, follow-ups, the tool's result.
        document: Value,
        /// What the model read for it.
        tokens_in: i64,
        /// What it wrote.
        tokens_out: i64,
        /// When.
        created_at: Timestamp,
    }
}

/// Something to be added.
#[derive(Debug, Clone, PartialEq)]
pub struct NewMessage<'a> {
    /// Who says it.
    pub author: Author,
    /// What; at most 32 768 characters.
    pub body: &'a str,
    /// Citations, follow-ups, the tool's result.
    pub document: &'a Value,
    /// What the model read for it.
    pub tokens_in: i64,
    /// What it wrote.
    pub tokens_out: i64,
}

/// A person's conversation.
pub async fn get(tx: &mut Tx, user: UserId, id: ConversationId) -> Result<Option<Conversation>> {
    Ok(sqlx::query_as("SELECT * FROM tenant.conversations WHERE user_id = $1 AND id = $2")
        .bind(user.0)
        .bind(id.0)
        .fetch_optional(tx.conn())
        .await?)
}

/// A person's conversations, the one that moved last first; about one analysis only, if asked.
pub async fn list(
    tx: &mut Tx,
    user: UserId,
    analysis: Option<AnalysisId>,
    page: Page,
) -> Result<Listing<Conversation>> {
    let items = sqlx::query_as(
        "SELECT * FROM tenant.conversations WHERE user_id = $1 AND ($2::uuid IS NULL OR analysis_id = $2)
            AND ($3::timestamptz IS NULL OR (updated_at, id) < ($3, $4))
         ORDER BY updated_at DESC, id DESC LIMIT $5",
    )
    .bind(user.0)
    .bind(analysis.map(|id| id.0))
    .bind(page.after_at())
    .bind(page.after_id())
    .bind(page.fetch())
    .fetch_all(tx.conn())
    .await?;
    Ok(page.listing(items, |item: &Conversation| Cursor { at: item.updated_at, id: item.id.0 }))
}

/// How many conversations a person has, and how much was said in them.
pub async fn totals(tx: &mut Tx, user: UserId) -> Result<(i64, i64)> {
    Ok(sqlx::query_as(
        "SELECT count(*), coalesce(sum(messages), 0)::bigint FROM tenant.conversations WHERE user_id = $1",
    )
    .bind(user.0)
    .fetch_one(tx.conn())
    .await?)
}

/// Begins a conversation.
pub async fn insert(
    tx: &mut Tx,
    id: ConversationId,
    user: UserId,
    analysis: Option<AnalysisId>,
    title: &str,
) -> Result<Conversation> {
    Ok(sqlx::query_as(
        "INSERT INTO tenant.conversations (org_id, id, user_id, analysis_id, title) VALUES ($1, $2, $3, $4, $5) RETURNING *",
    )
    .bind(tx.org_uuid())
    .bind(id.0)
    .bind(user.0)
    .bind(analysis.map(|id| id.0))
    .bind(plain_prefix(title, 200))
    .fetch_one(tx.conn())
    .await?)
}

/// Renames a conversation; with a version, only one that nobody changed since.
pub async fn set_title(
    tx: &mut Tx,
    user: UserId,
    id: ConversationId,
    version: Option<i64>,
    title: &str,
) -> Result<bool> {
    let done = sqlx::query(
        "UPDATE tenant.conversations SET title = $4
         WHERE user_id = $1 AND id = $2 AND ($3::bigint IS NULL OR version = $3)",
    )
    .bind(user.0)
    .bind(id.0)
    .bind(version)
    .bind(plain_prefix(title, 200))
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Adds to a person's conversation and returns the message's number; none if there is no such conversation.
pub async fn add_message(
    tx: &mut Tx,
    user: UserId,
    id: ConversationId,
    new: &NewMessage<'_>,
) -> Result<Option<i64>> {
    let number: Option<i64> = sqlx::query_scalar(
        "UPDATE tenant.conversations SET messages = messages + 1 WHERE user_id = $1 AND id = $2 RETURNING messages",
    )
    .bind(user.0)
    .bind(id.0)
    .fetch_optional(tx.conn())
    .await?;
    let Some(number) = number else {
        return Ok(None);
    };
    sqlx::query(
        "INSERT INTO tenant.messages (org_id, conversation_id, number, author, body, document, tokens_in, tokens_out)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(tx.org_uuid())
    .bind(id.0)
    .bind(number)
    .bind(new.author.name())
    .bind(plain_prefix(new.body, 32_768))
    .bind(Document(new.document))
    .bind(new.tokens_in)
    .bind(new.tokens_out)
    .execute(tx.conn())
    .await?;
    Ok(Some(number))
}

/// The newest messages before a number, in the order they were said.
pub async fn messages(
    tx: &mut Tx,
    id: ConversationId,
    before: Option<i64>,
    limit: u32,
) -> Result<Vec<Message>> {
    Ok(sqlx::query_as(
        "SELECT * FROM (SELECT * FROM tenant.messages WHERE conversation_id = $1 AND ($2::bigint IS NULL OR number < $2)
            ORDER BY number DESC LIMIT $3) newest ORDER BY number",
    )
    .bind(id.0)
    .bind(before)
    .bind(i64::from(limit.clamp(1, 500)))
    .fetch_all(tx.conn())
    .await?)
}

/// Removes a person's conversations of these ids; returns how many there were.
pub async fn delete(tx: &mut Tx, user: UserId, ids: &[ConversationId]) -> Result<u64> {
    let ids: Vec<uuid::Uuid> = ids.iter().map(|id| id.0).collect();
    let done = sqlx::query("DELETE FROM tenant.conversations WHERE user_id = $1 AND id = ANY ($2)")
        .bind(user.0)
        .bind(ids)
        .execute(tx.conn())
        .await?;
    Ok(done.rows_affected())
}
