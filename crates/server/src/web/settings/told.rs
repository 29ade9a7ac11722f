//! What people and programs are told.

use app::{
    Error, members,
    notices::{
        self, TYPES,
        wishes::{KINDS, Wishes},
    },
    webhooks,
};
use axum::{
    Form, Router,
    extract::{Path, State},
    response::Response,
};
use domain::Role;
use pages::{
    page::settings::told::{self as sheets, Delivery, Endpoint, Told},
    words,
};
use uuid::Uuid;

use crate::{
    ServerState,
    boxed::{get, post},
    web::{
        answer, overview,
        reader::{self, Reader},
    },
};

pub(super) fn routes() -> Router<ServerState> {
    Router::new()
        .route("/settings/mail", get(show_mail).merge(post(save_mail)))
        .route("/settings/webhooks", get(show_endpoints).merge(post(add_endpoint)))
        .route("/settings/webhooks/{id}", get(show_log))
        .route("/settings/webhooks/{id}/replay", post(replay))
        .route("/settings/webhooks/{id}/{verb}", post(change_endpoint))
}

type Fields = std::collections::HashMap<String, String>;

async fn show_mail(State(state): State<ServerState>, reader: Reader) -> Response {
    let result = async {
        let member = members::own(&state.desk, &reader.caller).await?;
        let wishes = Wishes::of(&member);
        let told: Vec<Told> = notices::list(state.backing(), &reader.caller)
            .await?
            .into_iter()
            .map(|one| Told {
                when: one.created_at.strftime("%-d %b %Y %H:%M").to_string(),
                what: said(&one.type_, &one.facts),
            })
            .collect();
        let shown = sheets::Wishes {
            language: wishes.language.clone(),
            languages: app::mails::Language::ALL
                .iter()
                .map(|(_, tag, name)| ((*tag).to_owned(), (*name).to_owned()))
                .collect(),
            kinds: KINDS
                .iter()
                .map(|(kind, words, _)| {
                    ((*kind).to_owned(), (*words).to_owned(), wishes.wanted.contains(kind))
                })
                .collect(),
            large_from: format!("{}", wishes.large_from),
            paused_until: wishes.paused_until.map(|day| day.to_string()).unwrap_or_default(),
            mail: state.desk.mailer.is_some(),
        };
        Ok(answer::ok(&sheets::mail_page(&reader.shell, &shown, &told)))
    };
    let result = result.await;
    reader.answer(result)
}

/// A notice in one line.
fn said(type_: &str, facts: &serde_json::Value) -> String {
    let text = |name: &str| match &facts[name] {
        serde_json::Value::String(text) => text.clone(),
        serde_json::Value::Number(number) => number.to_string(),
        _ => String::new(),
    };
    match type_ {
        "limit.near" | "limit.reached" => {
            format!("{} of {} {} used", text("used"), text("limit"), text("meter").replace('_', " "))
        }
        "analysis.completed" => format!("{}: {} findings", text("name"), text("findings")),
        "finding.large" => {
            let about = [text("title"), text("name")].into_iter().find(|text| !text.is_empty());
            format!("New large finding: {}", about.unwrap_or_default())
        }
        "source.waiting" => format!("{} waits: {}", text("file"), text("reason")),
        "billing.plan_changed" => format!("Plan changed from {} to {}", text("from"), text("to")),
        _ => {
            let about =
                [text("name"), text("title"), text("source")].into_iter().find(|text| !text.is_empty());
            let what = words::sentence_case(&type_.replace(['.', '_'], " "));
            about.map_or(what.clone(), |about| format!("{what}: {about}"))
        }
    }
}

async fn save_mail(State(state): State<ServerState>, reader: Reader, Form(form): Form<Fields>) -> Response {
    let result = async {
        let written = |name: &str| form.get(name).map(|text| text.trim()).unwrap_or_default();
        let member = members::own(&state.desk, &reader.caller).await?;
        let large_from = written("large_from").replace(',', "");
        let large_from = if large_from.is_empty() { Ok(notices::wishes::LARGE) } else { large_from.parse() };
        let large_from: f64 = large_from
            .ok()
            .filter(|amount: &f64| amount.is_finite() && *amount >= 0.0)
            .ok_or_else(|| Error::invalid("large_from", "write an amount such as 50000"))?;
        let paused_until = match written("paused_until") {
            "" => None,
            day => Some(
                day.parse().map_err(|_| Error::invalid("paused_until", "write a day such as 2026-12-24"))?,
            ),
        };
        let language = written("language");
        let known = app::mails::Language::ALL.iter().find(|(_, tag, _)| *tag == language);
        let wishes = Wishes {
            language: known.map_or("en", |(_, tag, _)| tag).to_owned(),
            wanted: KINDS.iter().map(|(kind, ..)| *kind).filter(|kind| form.contains_key(*kind)).collect(),
            large_from,
            paused_until,
        };
        let change = members::ProfileChange {
            preferences: Some(wishes.keep(&member.preferences)),
            ..members::ProfileChange::default()
        };
        members::update_own(&state.desk, &reader.caller, None, &change).await?;
        Ok(reader::see_and_say(&state, "/settings/mail", "Saved what you are told."))
    };
    let result = result.await;
    reader.answer(result)
}

async fn show_endpoints(State(state): State<ServerState>, reader: Reader) -> Response {
    let result = endpoints(&state, &reader, None).await;
    reader.answer(result)
}

async fn endpoints(state: &ServerState, reader: &Reader, fresh: Option<&str>) -> Result<Response, Error> {
    let all: Vec<Endpoint> =
        webhooks::list(&state.desk, &reader.caller).await?.into_iter().map(shown).collect();
    Ok(answer::ok(&sheets::endpoints_page(&reader.shell, &all, &TYPES, fresh)))
}

fn shown(one: store::webhooks::Endpoint) -> Endpoint {
    Endpoint { id: one.id.to_string(), url: one.url, types: one.types.join(", "), active: one.active }
}

async fn add_endpoint(
    State(state): State<ServerState>,
    reader: Reader,
    Form(form): Form<Fields>,
) -> Response {
    let result = async {
        let written = |name: &str| form.get(name).map(|text| text.trim()).unwrap_or_default();
        let types: Vec<String> =
            written("types").split([',', ' ']).filter(|type_| !type_.is_empty()).map(str::to_owned).collect();
        let made = webhooks::create(&state.desk, &reader.caller, written("url"), &types).await?;
        endpoints(&state, &reader, made.secret.as_deref()).await
    };
    let result = result.await;
    reader.answer(result)
}

async fn change_endpoint(
    State(state): State<ServerState>,
    Path((id, verb)): Path<(String, String)>,
    reader: Reader,
) -> Response {
    let result = async {
        let id: Uuid = id.parse().map_err(|_| Error::NotFound("webhook"))?;
        let words = match verb.as_str() {
            "rest" => {
                webhooks::set_active(&state.desk, &reader.caller, id, false).await?;
                "The webhook rests."
            }
            "wake" => {
                webhooks::set_active(&state.desk, &reader.caller, id, true).await?;
                "The webhook is told things again."
            }
            "remove" => {
                webhooks::delete(&state.desk, &reader.caller, id).await?;
                "Webhook removed."
            }
            _ => return Err(Error::NotFound("page")),
        };
        Ok(reader::see_and_say(&state, "/settings/webhooks", words))
    };
    let result = result.await;
    reader.answer(result)
}

async fn show_log(State(state): State<ServerState>, Path(id): Path<String>, reader: Reader) -> Response {
    let result = async {
        reader.caller.require(Role::Admin)?;
        let id: Uuid = id.parse().map_err(|_| Error::NotFound("webhook"))?;
        let all = webhooks::list(&state.desk, &reader.caller).await?;
        let endpoint = all.into_iter().find(|one| one.id == id).ok_or(Error::NotFound("webhook"))?;
        let deliveries: Vec<Delivery> = webhooks::deliveries(&state.desk, &reader.caller, id)
            .await?
            .into_iter()
            .map(|one| Delivery {
                id: one.id.to_string(),
                when: format!("{} {}", overview::day(one.created_at), one.created_at.strftime("%H:%M")),
                state: one.state.name().to_owned(),
                note: match (one.attempts, one.status) {
                    (0, _) => String::new(),
                    (n, 0) => format!("{n} attempts; {}", one.answer),
                    (n, status) => format!("answer {status} after {n} attempts"),
                },
                type_: one.type_,
            })
            .collect();
        Ok(answer::ok(&sheets::log_page(&reader.shell, &shown(endpoint), &deliveries)))
    };
    let result = result.await;
    reader.answer(result)
}

async fn replay(
    State(state): State<ServerState>,
    Path(id): Path<String>,
    reader: Reader,
    Form(form): Form<Fields>,
) -> Response {
    let result = async {
        let id: Uuid = id.parse().map_err(|_| Error::NotFound("webhook"))?;
        let delivery =
            form.get("delivery").and_then(|id| id.parse().ok()).ok_or(Error::NotFound("delivery"))?;
        webhooks::replay(&state.desk, &reader.caller, id, delivery).await?;
        let address = format!("/settings/webhooks/{id}");
        Ok(reader::see_and_say(&state, &address, "The message is on its way once more."))
    };
    let result = result.await;
    reader.answer(result)
}
