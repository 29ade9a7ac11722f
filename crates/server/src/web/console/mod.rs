//! `/console`: pages for whoever runs the installation. Every use case behind them asks by itself whether the reader is an
//! operator with a fresh second factor; a tenant's role never is. A look at one organisation needs a reason, which that
//! organisation reads in its own trail.

mod customers;
mod reviews;
mod running;

use app::{Error, findings::calibration::Calibration, operation};
use axum::{
    Form, Router,
    extract::State,
    http::{HeaderMap, header},
    response::Response,
};
use pages::page::console as sheets;
use serde::Deserialize;

use crate::{
    ServerState,
    boxed::{get, post},
    extract::Query,
    web::{answer, reader::Reader},
    who::browser,
};

/// The cookie that remembers for a while why an organisation is looked at.
const REASON: &str = "plantintel-reason";

pub(super) fn routes() -> Router<ServerState> {
    Router::new()
        .route("/console/confirm", get(ask_code).merge(post(confirm)))
        .route("/console/reason", post(keep_reason))
        .merge(customers::routes())
        .merge(reviews::routes())
        .merge(running::routes())
}

/// Fields of a form, by name.
type Fields = std::collections::HashMap<String, String>;

fn written<'a>(form: &'a Fields, name: &str) -> &'a str {
    form.get(name).map(|text| text.trim()).unwrap_or_default()
}

/// The page, or the way to show the second factor once more, or what went wrong.
fn shown(reader: &Reader, next: &str, result: Result<Response, Error>) -> Response {
    match result {
        Err(Error::StepUp) => {
            let next: String = url::form_urlencoded::byte_serialize(next.as_bytes()).collect();
            answer::see(format!("/console/confirm?next={next}"))
        }
        // Whoever is no operator stays in the frame of their own organisation.
        Err(Error::NotAnOperator) => reader.answer(Err(Error::NotAnOperator)),
        other => {
            let mut reader = reader.clone();
            reader.shell.console = true;
            reader.answer(other)
        }
    }
}

/// Why the reader looks, where that was said lately.
fn reason(headers: &HeaderMap) -> Option<String> {
    let kept = browser::cookie(headers, REASON)?;
    let words = url::form_urlencoded::parse(format!("r={kept}").as_bytes()).next()?.1.into_owned();
    (!words.trim().is_empty()).then_some(words)
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Next {
    next: String,
}

impl Next {
    /// Only pages of the console.
    fn address(&self) -> &str {
        if self.next.starts_with("/console") && !self.next.contains(['\\', '\r', '\n']) {
            &self.next
        } else {
            "/console"
        }
    }
}

async fn ask_code(State(state): State<ServerState>, Query(next): Query<Next>, reader: Reader) -> Response {
    let asked = operation::may_step_up(&state.desk, &reader.caller).await;
    let page = asked.map(|()| answer::ok(&sheets::step_up_page(&reader.shell, next.address(), None)));
    shown(&reader, "/console", page)
}

async fn confirm(State(state): State<ServerState>, reader: Reader, Form(form): Form<Fields>) -> Response {
    let next = Next { next: written(&form, "next").to_owned() };
    match operation::step_up(&state.desk, &reader.caller, written(&form, "code")).await {
        Ok(()) => answer::see(next.address()),
        Err(Error::Invalid(flaws)) => {
            let error = flaws.into_iter().next().map(|flaw| answer::sentence(&flaw.message));
            answer::page(
                axum::http::StatusCode::UNPROCESSABLE_ENTITY,
                &sheets::step_up_page(&reader.shell, next.address(), error),
            )
        }
        Err(error) => shown(&reader, "/console", Err(error)),
    }
}

async fn keep_reason(State(state): State<ServerState>, reader: Reader, Form(form): Form<Fields>) -> Response {
    if let Err(refused) = operation::may_step_up(&state.desk, &reader.caller).await {
        return shown(&reader, "/console", Err(refused));
    }
    let next = Next { next: written(&form, "next").to_owned() };
    let mut response = answer::see(next.address());
    let words: String = written(&form, "reason").chars().take(500).collect();
    let value: String = url::form_urlencoded::byte_serialize(words.as_bytes()).collect();
    if let Some(cookie) = browser::set_cookie(&state.settings, REASON, &value, Some(1_800)) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

/// An amount with its currency, or that there is none yet.
fn money(amount: rust_decimal::Decimal, currency: Option<&str>) -> String {
    use rust_decimal::prelude::ToPrimitive;
    let currency =
        domain::Currency::parse(currency.unwrap_or_default()).unwrap_or_else(domain::Currency::unstated);
    domain::number::money(amount.to_f64().unwrap_or_default(), &currency)
}

/// Kinds of findings as they were judged, for a page.
fn judged(all: &[Calibration]) -> Vec<sheets::Judged> {
    let line = |one: &Calibration| sheets::Judged {
        kind: pages::words::sentence_case(&one.judged.type_.replace('_', " ")),
        useful: count(one.judged.useful),
        dismissed: count(one.judged.not_useful),
        not_confirmed: count(one.judged.wrong),
        weight: format!("{:.2}", one.weight),
    };
    all.iter().map(line).collect()
}

fn count(number: i64) -> String {
    domain::number::count(u64::try_from(number).unwrap_or_default())
}
