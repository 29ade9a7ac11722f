//! The settings that change results.

use std::collections::BTreeMap;

use app::{
    Error,
    configurations::{self, Form as Configuration, settings},
};
use axum::{
    Form, Router,
    extract::State,
    http::StatusCode,
    response::Response,
    routing::{get, post},
};
use domain::{Role, Settings, settings::definitions};
use pages::page::settings::analysis::AnalysisSettings;
use serde::Deserialize;
use store::configurations::Configuration as Kept;

use crate::{
    ServerState,
    web::{
        answer,
        reader::{self, Reader},
    },
};

pub(super) fn routes() -> Router<ServerState> {
    Router::new()
        .route("/settings/analysis", get(show).post(save))
        .route("/settings/analysis/preset", post(take_preset))
}

/// The settings in force for what the reader looks at, and where they are kept.
async fn in_force(state: &ServerState, reader: &Reader) -> Result<(Settings, Option<Kept>), Error> {
    let all = configurations::list(state.backing(), &reader.caller).await?;
    let kept = all
        .iter()
        .find(|kept| kept.facility_id.is_some() && kept.facility_id == reader.facility)
        .or_else(|| all.iter().find(|kept| kept.facility_id.is_none()));
    Ok(match kept {
        Some(kept) => (settings_of(kept)?, Some(kept.clone())),
        None => (Settings::default(), None),
    })
}

fn settings_of(kept: &Kept) -> Result<Settings, Error> {
    let changes =
        kept.settings.as_object().map(|changes| changes.clone().into_iter().collect()).unwrap_or_default();
    settings::settings(&kept.preset, &changes)
}

async fn show(State(state): State<ServerState>, reader: Reader) -> Response {
    let result = async {
        let (settings, kept) = in_force(&state, &reader).await?;
        let version = kept.map(|kept| kept.version.to_string()).unwrap_or_default();
        Ok(answer::ok(&AnalysisSettings::new(
            &reader.shell,
            &settings,
            &[],
            &version,
            reader.may(Role::Admin),
        )))
    };
    let result = result.await;
    reader.answer(result)
}

async fn save(
    State(state): State<ServerState>,
    reader: Reader,
    Form(form): Form<BTreeMap<String, String>>,
) -> Response {
    let result = keep(&state, &reader, &form).await;
    reader.answer(result)
}

async fn keep(
    state: &ServerState,
    reader: &Reader,
    form: &BTreeMap<String, String>,
) -> Result<Response, Error> {
    let (before, kept) = in_force(state, reader).await?;
    let base = Settings::preset(before.preset);
    let mut wanted = base.clone();
    let mut errors = Vec::new();
    for setting in definitions() {
        let Some(value) = form.get(setting.name).map(|value| value.trim().replace(',', ".")) else {
            continue;
        };
        let mut tried = base.clone();
        match tried.set(setting.name, &value) {
            // What a preset says anyway is no change.
            Ok(()) if tried.get(setting.name) == base.get(setting.name) => {}
            Ok(()) => {
                let _ = wanted.set(setting.name, &value);
            }
            Err(error) => errors.push((setting.name.to_owned(), answer::sentence(&error.to_string()))),
        }
    }
    let version = form.get("version").cloned().unwrap_or_default();
    if !errors.is_empty() {
        let page = AnalysisSettings::new(&reader.shell, &wanted, &errors, &version, reader.may(Role::Admin));
        return Ok(answer::page(StatusCode::UNPROCESSABLE_ENTITY, &page));
    }
    let changes = settings::changes(&wanted);
    let changes =
        changes.as_object().map(|changes| changes.clone().into_iter().collect()).unwrap_or_default();
    let configuration = Configuration {
        name: None,
        preset: Some(before.preset.as_str().to_owned()),
        changes: Some(changes),
        note: String::new(),
    };
    write(state, reader, kept.as_ref(), &version, &configuration).await
}

async fn write(
    state: &ServerState,
    reader: &Reader,
    kept: Option<&Kept>,
    version: &str,
    configuration: &Configuration,
) -> Result<Response, Error> {
    match kept {
        Some(kept) => {
            configurations::update(
                state.backing(),
                &reader.caller,
                kept.id,
                version.parse().ok(),
                configuration,
            )
            .await?;
        }
        None => {
            configurations::create(state.backing(), &reader.caller, None, configuration).await?;
        }
    }
    Ok(reader::see_and_say(state, "/settings/analysis", "Settings saved; the next analysis uses them."))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Chosen {
    preset: String,
    version: String,
}

async fn take_preset(
    State(state): State<ServerState>,
    reader: Reader,
    Form(chosen): Form<Chosen>,
) -> Response {
    let result = async {
        let (_, kept) = in_force(&state, &reader).await?;
        let configuration = Configuration {
            name: None,
            preset: Some(chosen.preset.clone()),
            changes: Some(BTreeMap::new()),
            note: String::new(),
        };
        write(&state, &reader, kept.as_ref(), &chosen.version, &configuration).await
    };
    let result = result.await;
    reader.answer(result)
}
