//! `/model`: the language model of the organization's choice, its switch, its key, its budget.

use app::models::{self, Form, Setting};
use axum::extract::State;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;

use super::{
    Refusals,
    answers::{given, number},
};
use crate::{
    Problem, ServerState,
    boxed::routes,
    etag::{IfMatch, Tagged},
    extract::Json,
    who::Who,
};

pub(super) fn routes() -> OpenApiRouter<ServerState> {
    OpenApiRouter::new().routes(routes!(show, update))
}

/// The language model. Off until an administrator switches it on; nothing leaves the installation before.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Model)]
pub struct ModelView {
    /// Whether it answers questions. What it is told: the question and the conversation, names of figures and fields, and what it looks
    /// up within the rights of the person who asks.
    pub answers: bool,
    /// Whether it may put one of the found meanings of a column that is left to people in front. What it is told: names and types of
    /// columns, the meanings that were found, and a few masked values.
    pub mapping: bool,
    /// `openai` (and servers that speak like it) or `anthropic`.
    pub provider: String,
    /// The organization's own address, up to and with `/v1`; empty for that of the installation or the provider.
    pub address: String,
    /// The host that is asked.
    pub host: String,
    /// The model's name at the provider.
    pub model: String,
    /// Which key is used: `own`, `installation` or `none`. Keys are never given back.
    pub key: String,
    /// Tokens of a calendar month; null is no limit besides the plan's.
    #[schema(required)]
    pub tokens_max: Option<i64>,
    /// Money of a calendar month.
    #[schema(required)]
    pub money_max: Option<f64>,
    /// What a million tokens cost that it reads.
    #[schema(required)]
    pub price_read: Option<f64>,
    /// What a million tokens cost that it writes.
    #[schema(required)]
    pub price_written: Option<f64>,
    /// How long its first word is waited for.
    pub patience_seconds: i64,
    pub spent: ModelSpending,
}

/// What this month has cost so far, calls that are under way at their most.
#[derive(Debug, Serialize, ToSchema)]
pub struct ModelSpending {
    pub tokens: i64,
    pub money: f64,
    pub calls: i64,
    #[schema(format = DateTime)]
    pub resets_at: String,
}

/// What changes; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ModelChange {
    answers: Option<bool>,
    mapping: Option<bool>,
    provider: Option<String>,
    #[schema(max_length = 500)]
    address: Option<String>,
    #[schema(max_length = 200)]
    model: Option<String>,
    /// A new key; null removes it. A change of provider or address removes it, too: a key goes nowhere but where it was meant for.
    #[serde(default, deserialize_with = "given")]
    #[schema(max_length = 1000)]
    key: Option<Option<String>>,
    #[serde(default, deserialize_with = "given")]
    #[schema(minimum = 0)]
    tokens_max: Option<Option<i64>>,
    #[serde(default, deserialize_with = "given")]
    #[schema(minimum = 0)]
    money_max: Option<Option<f64>>,
    #[serde(default, deserialize_with = "given")]
    #[schema(minimum = 0)]
    price_read: Option<Option<f64>>,
    #[serde(default, deserialize_with = "given")]
    #[schema(minimum = 0)]
    price_written: Option<Option<f64>>,
    #[schema(minimum = 1, maximum = 60)]
    patience_seconds: Option<i64>,
}

fn view(setting: Setting) -> Tagged<Json<ModelView>> {
    let shown = ModelView {
        answers: setting.answers,
        mapping: setting.mapping,
        provider: setting.provider.name().to_owned(),
        address: setting.address,
        host: setting.host,
        model: setting.model,
        key: setting.key.name().to_owned(),
        tokens_max: setting.tokens_max,
        money_max: number(setting.money_max),
        price_read: number(setting.price_read),
        price_written: number(setting.price_written),
        patience_seconds: setting.patience_seconds,
        spent: ModelSpending {
            tokens: setting.tokens,
            money: number(Some(setting.money)).unwrap_or_default(),
            calls: setting.calls,
            resets_at: setting.resets_at.to_string(),
        },
    };
    Tagged(setting.version, Json(shown))
}

/// The language model and what it has cost
#[utoipa::path(get, path = "/model", operation_id = "get_model", tag = "assistant",
    responses((status = 200, description = "as it is set", body = ModelView), Refusals))]
async fn show(
    State(state): State<ServerState>,
    Who(caller): Who,
) -> Result<Tagged<Json<ModelView>>, Problem> {
    Ok(view(models::get(&state.desk, &caller).await?))
}

/// Sets the language model, its key and its budget
#[utoipa::path(patch, path = "/model", operation_id = "update_model", tag = "assistant",
    params(("if-match" = Option<String>, Header, description = "the `ETag` that the change is about")), request_body = ModelChange,
    responses((status = 200, description = "as it is set now", body = ModelView), Refusals))]
async fn update(
    State(state): State<ServerState>,
    Who(caller): Who,
    IfMatch(version): IfMatch,
    Json(change): Json<ModelChange>,
) -> Result<Tagged<Json<ModelView>>, Problem> {
    let amount = |field: &str, amount: Option<Option<f64>>| -> Result<Option<Option<Decimal>>, Problem> {
        match amount {
            None => Ok(None),
            Some(None) => Ok(Some(None)),
            Some(Some(amount)) => Decimal::try_from(amount)
                .map(|amount| Some(Some(amount)))
                .map_err(|_| app::Error::invalid(field, "give an amount").into()),
        }
    };
    let form = Form {
        answers: change.answers,
        mapping: change.mapping,
        provider: change.provider,
        address: change.address,
        model: change.model,
        key: change.key,
        tokens_max: change.tokens_max,
        money_max: amount("money_max", change.money_max)?,
        price_read: amount("price_read", change.price_read)?,
        price_written: amount("price_written", change.price_written)?,
        patience_seconds: change.patience_seconds,
    };
    Ok(view(models::set(&state.desk, &caller, version, &form).await?))
}
