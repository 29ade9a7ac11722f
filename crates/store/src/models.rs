//! The language model of an organisation's choice, and what it spent. A reservation is one conditional update: a budget is met exactly,
//! however many questions come at once.

use crate::column::{Day, plain, record, words};
use crate::error::Result;
use crate::tx::Tx;
use crate::usage::period_of;
use jiff::Timestamp;
use rust_decimal::Decimal;

words! {
    /// Whose protocol is spoken.
    Provider {
        /// `OpenAI`, and servers that speak like it.
        OpenAi = "openai",
        /// Anthropic.
        Anthropic = "anthropic",
    }
}

record! {
    /// What is set.
    ModelSetting {
        /// Whether it answers questions.
        answers: bool,
        /// Whether it helps with columns that are undecided.
        mapping: bool,
        /// Whose protocol is spoken.
        provider: Provider,
        /// Where; empty for where the installation or the provider says.
        address: String,
        /// Its name there.
        model: String,
        /// The key, sealed.
        secret: Option<Vec<u8>>,
        /// Tokens of a month.
        tokens_max: Option<i64>,
        /// Money of a month.
        money_max: Option<Decimal>,
        /// Of a million tokens that it reads.
        price_read: Option<Decimal>,
        /// Of a million tokens that it writes.
        price_written: Option<Decimal>,
        /// How long is waited for a first word.
        patience_seconds: i64,
        /// For `If-Match`.
        version: i64,
        /// When it was changed last.
        updated_at: Timestamp,
    }
}

/// What is to be set.
#[derive(Debug, Clone, Copy)]
pub struct NewModelSetting<'a> {
    /// Whether it answers questions.
    pub answers: bool,
    /// Whether it helps with columns that are undecided.
    pub mapping: bool,
    /// Whose protocol is spoken.
    pub provider: Provider,
    /// Where; empty for where the installation or the provider says.
    pub address: &'a str,
    /// Its name there.
    pub model: &'a str,
    /// The key, sealed.
    pub secret: Option<&'a [u8]>,
    /// Tokens of a month.
    pub tokens_max: Option<i64>,
    /// Money of a month.
    pub money_max: Option<Decimal>,
    /// Of a million tokens that it reads.
    pub price_read: Option<Decimal>,
    /// Of a million tokens that it writes.
    pub price_written: Option<Decimal>,
    /// How long is waited for a first word.
    pub patience_seconds: i64,
}

/// What is set, if anything.
pub async fn get(tx: &mut Tx) -> Result<Option<ModelSetting>> {
    Ok(sqlx::query_as("SELECT * FROM tenant.models").fetch_optional(tx.conn()).await?)
}

/// Sets everything. With a version it must be that of what is set.
pub async fn set(
    tx: &mut Tx,
    version: Option<i64>,
    new: &NewModelSetting<'_>,
) -> Result<Option<ModelSetting>> {
    Ok(sqlx::query_as(
        "INSERT INTO tenant.models AS m (org_id, answers, mapping, provider, address, model, secret, tokens_max, money_max, price_read,
            price_written, patience_seconds)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
         ON CONFLICT (org_id) DO UPDATE SET answers = $2, mapping = $3, provider = $4, address = $5, model = $6, secret = $7,
            tokens_max = $8, money_max = $9, price_read = $10, price_written = $11, patience_seconds = $12
            WHERE $13::bigint IS NULL OR m.version = $13
         RETURNING *",
    )
    .bind(tx.org_uuid())
    .bind(new.answers)
    .bind(new.mapping)
    .bind(new.provider.name())
    .bind(plain(new.address))
    .bind(plain(new.model))
    .bind(new.secret)
    .bind(new.tokens_max)
    .bind(new.money_max)
    .bind(new.price_read)
    .bind(new.price_written)
    .bind(new.patience_seconds)
    .bind(version)
    .fetch_optional(tx.conn())
    .await?)
}

/// Tokens and what they cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Spent {
    /// Read and written.
    pub tokens: i64,
    /// In the currency of the budget.
    pub money: Decimal,
}

/// Takes the most that a call may cost out of the month's budget; false where there is not so much left, and nothing was taken.
pub async fn reserve(
    tx: &mut Tx,
    most: Spent,
    tokens_max: Option<i64>,
    money_max: Option<Decimal>,
    now: Timestamp,
) -> Result<bool> {
    let done = sqlx::query(
        "INSERT INTO tenant.model_spending AS s (org_id, period_start, tokens, money, calls)
         SELECT $1, $2, $3, $4, 1 WHERE ($5::bigint IS NULL OR $3 <= $5) AND ($6::numeric IS NULL OR $4 <= $6)
         ON CONFLICT (org_id, period_start) DO UPDATE
            SET tokens = s.tokens + $3, money = s.money + $4, calls = s.calls + 1, updated_at = clock_timestamp()
            WHERE ($5::bigint IS NULL OR s.tokens + $3 <= $5) AND ($6::numeric IS NULL OR s.money + $4 <= $6)",
    )
    .bind(tx.org_uuid())
    .bind(Day(period_of(now)))
    .bind(most.tokens)
    .bind(most.money)
    .bind(tokens_max)
    .bind(money_max)
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Puts what a call really cost in the place of what was taken for it, in the month in which it was taken.
pub async fn settle(tx: &mut Tx, taken: Spent, real: Spent, reserved_at: Timestamp) -> Result<()> {
    sqlx::query(
        "UPDATE tenant.model_spending SET tokens = greatest(tokens - $2 + $3, 0), money = greatest(money - $4 + $5, 0),
            updated_at = clock_timestamp()
         WHERE period_start = $1",
    )
    .bind(Day(period_of(reserved_at)))
    .bind(taken.tokens)
    .bind(real.tokens)
    .bind(taken.money)
    .bind(real.money)
    .execute(tx.conn())
    .await?;
    Ok(())
}

record! {
    /// What a month has cost so far.
    Spending {
        /// Read and written, and reserved.
        tokens: i64,
        /// In the currency of the budget.
        money: Decimal,
        /// Calls of the model.
        calls: i64,
    }
}

/// What this month has cost so far.
pub async fn spending(tx: &mut Tx, now: Timestamp) -> Result<Spending> {
    let found: Option<Spending> =
        sqlx::query_as("SELECT tokens, money, calls FROM tenant.model_spending WHERE period_start = $1")
            .bind(Day(period_of(now)))
            .fetch_optional(tx.conn())
            .await?;
    Ok(found.unwrap_or(Spending { tokens: 0, money: Decimal::ZERO, calls: 0 }))
}
