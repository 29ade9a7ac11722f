//! The language model of the organisation's choice.

use app::{
    Error,
    models::{self, Form as Change, KeyInUse, Setting},
};
use axum::{Form, Router, extract::State, response::Response};
use domain::Role;
use pages::page::settings::assistant::{self, Key, Model};
use serde::Deserialize;

use super::written;
use crate::{
    ServerState,
    boxed::{get, post},
    web::{
        answer,
        reader::{self, Reader},
    },
};

pub(super) fn routes() -> Router<ServerState> {
    Router::new().route("/settings/assistant", get(show).merge(post(save)))
}

async fn show(State(state): State<ServerState>, reader: Reader) -> Response {
    let result = async {
        let setting = models::get(&state.desk, &reader.caller).await?;
        Ok(answer::ok(&assistant::page(&reader.shell, &shown(&setting), reader.may(Role::Admin))))
    };
    let result = result.await;
    reader.answer(result)
}

fn shown(setting: &Setting) -> Model {
    let text = |amount: Option<rust_decimal::Decimal>| {
        amount.map(|amount| amount.normalize().to_string()).unwrap_or_default()
    };
    let spent = if setting.calls == 0 {
        String::new()
    } else {
        let count = |count: i64| domain::number::count(count.unsigned_abs());
        format!("{} tokens in {} calls this month.", count(setting.tokens), count(setting.calls))
    };
    Model {
        answers: setting.answers,
        mapping: setting.mapping,
        provider: setting.provider.name().to_owned(),
        address: setting.address.clone(),
        host: setting.host.clone(),
        model: setting.model.clone(),
        key: match setting.key {
            KeyInUse::Own => Key::Own,
            KeyInUse::Installation => Key::Installation,
            KeyInUse::None => Key::None,
        },
        tokens_max: setting.tokens_max.map(|tokens| tokens.to_string()).unwrap_or_default(),
        money_max: text(setting.money_max),
        price_read: text(setting.price_read),
        price_written: text(setting.price_written),
        patience_seconds: setting.patience_seconds.to_string(),
        version: setting.version.to_string(),
        spent,
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Entered {
    answers: String,
    mapping: String,
    provider: String,
    model: String,
    address: String,
    key: String,
    tokens_max: String,
    money_max: String,
    price_read: String,
    price_written: String,
    patience_seconds: String,
    version: String,
}

async fn save(State(state): State<ServerState>, reader: Reader, Form(form): Form<Entered>) -> Response {
    let result = async {
        let change = Change {
            answers: Some(!form.answers.is_empty()),
            mapping: Some(!form.mapping.is_empty()),
            provider: written(&form.provider),
            address: Some(form.address.trim().to_owned()),
            model: Some(form.model),
            key: written(&form.key).map(Some),
            tokens_max: Some(number("tokens_max", &form.tokens_max)?),
            money_max: Some(number("money_max", &form.money_max)?),
            price_read: Some(number("price_read", &form.price_read)?),
            price_written: Some(number("price_written", &form.price_written)?),
            patience_seconds: number("patience_seconds", &form.patience_seconds)?,
        };
        models::set(&state.desk, &reader.caller, form.version.parse().ok(), &change).await?;
        Ok(reader::see_and_say(&state, "/settings/assistant", "Model saved."))
    };
    let result = result.await;
    reader.answer(result)
}

fn number<T: std::str::FromStr>(field: &str, text: &str) -> Result<Option<T>, Error> {
    let Some(text) = written(text) else { return Ok(None) };
    let plain = text.replace([' ', '\u{a0}'], "");
    plain.parse().map(Some).map_err(|_| Error::invalid(field, "write a number, such as 250000"))
}
