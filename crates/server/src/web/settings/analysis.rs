//! The settings that change results.

use std::collections::{BTreeMap, BTreeSet};

use app::{
    Error,
    configurations::{self, Form as Configuration, preview, settings},
};
use axum::{Extension, Form, Router, extract::State, http::StatusCode, response::Response};
use domain::{
    ExchangeRates, Role, Settings,
    id::ConfigurationId,
    settings::{LeaveOut, definitions},
};
use pages::{
    page::settings::analysis::{AnalysisSettings, Exchange, LeftOut, Preview},
    words,
};
use serde::Deserialize;
use store::configurations::Configuration as Kept;

use crate::{
    ServerState,
    boxed::{get, post},
    web::{
        analyses, answer,
        kept::Kept as Results,
        overview,
        reader::{self, Reader},
    },
};

pub(super) fn routes() -> Router<ServerState> {
    Router::new()
        .route("/settings/analysis", get(show).merge(post(save)))
        .route("/settings/analysis/preset", post(take_preset))
        .route("/settings/analysis/preview", post(try_out))
        .route("/settings/analysis/leave-out", post(leave_out))
        .route("/settings/analysis/exchange-rates", post(exchange_rates))
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

async fn show(
    State(state): State<ServerState>,
    Extension(results): Extension<Results>,
    reader: Reader,
) -> Response {
    let result = async {
        let (settings, kept) = in_force(&state, &reader).await?;
        let version = kept.as_ref().map(|kept| kept.version.to_string()).unwrap_or_default();
        let page = AnalysisSettings::new(&reader.shell, &settings, &[], &version, reader.may(Role::Admin));
        let mut page = page.with_reasons(&reasons(&state, &results, &reader).await?);
        page.left_out = left_out(&settings);
        page.exchange = Some(exchange(&settings));
        if let Some(kept) = kept {
            page.history = history(&state, &reader, kept.id).await?;
        }
        Ok(answer::ok(&page))
    };
    let result = result.await;
    reader.answer(result)
}

/// What the newest analysis says of settings that had no say.
async fn reasons(
    state: &ServerState,
    results: &Results,
    reader: &Reader,
) -> Result<Vec<(String, String)>, Error> {
    let Some(run) = &reader.newest else { return Ok(Vec::new()) };
    let analysis = analyses::result(state, results, reader, run.id).await?;
    Ok(analysis
        .settings
        .iter()
        .filter_map(|setting| Some((setting.name.to_owned(), setting.reason.clone()?)))
        .collect())
}

/// The earlier states, newest first: when, who, and what was changed on which preset.
async fn history(
    state: &ServerState,
    reader: &Reader,
    id: ConfigurationId,
) -> Result<Vec<(String, String, String)>, Error> {
    let states = configurations::history(state.backing(), &reader.caller, id).await?;
    let names = analyses::names(state, reader).await?;
    Ok(states
        .into_iter()
        .take(20)
        .map(|change| {
            let changed = change.settings.as_object().into_iter().flatten();
            let changed: Vec<String> =
                changed.map(|(name, value)| format!("{} {value}", name.replace('_', " "))).collect();
            let mut what = words::sentence_case(&change.preset);
            if !changed.is_empty() {
                what.push_str(&format!(", {}", changed.join(", ")));
            }
            if !change.note.is_empty() {
                what.push_str(&format!(": {}", change.note));
            }
            let who = change.changed_by.and_then(|user| names.get(&user)).cloned().unwrap_or_default();
            (overview::day(change.created_at), who, what)
        })
        .collect())
}

/// The values of the form laid over the preset, and what cannot be taken.
fn wanted(before: &Settings, form: &BTreeMap<String, String>) -> (Settings, Vec<(String, String)>) {
    let base = Settings::preset(before.preset);
    let mut wanted = base.clone();
    wanted.leave_out = before.leave_out.clone();
    wanted.exchange.clone_from(&before.exchange);
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
    (wanted, errors)
}

/// What the values in the form would change, without saving them.
async fn try_out(
    State(state): State<ServerState>,
    reader: Reader,
    Form(form): Form<BTreeMap<String, String>>,
) -> Response {
    let result = async {
        let (before, _) = in_force(&state, &reader).await?;
        let (wanted, errors) = wanted(&before, &form);
        let version = form.get("version").cloned().unwrap_or_default();
        let mut page =
            AnalysisSettings::new(&reader.shell, &wanted, &errors, &version, reader.may(Role::Admin));
        page.left_out = left_out(&wanted);
        page.exchange = Some(exchange(&wanted));
        if !errors.is_empty() {
            return Ok(answer::page(StatusCode::UNPROCESSABLE_ENTITY, &page));
        }
        let changes = settings::changes(&wanted);
        let changes = changes.as_object().map(|changes| changes.clone().into_iter().collect());
        let preset = Some(wanted.preset.as_str());
        let facility = reader.facility;
        let found =
            preview::preview(state.backing(), &reader.caller, facility, preset, changes.as_ref()).await?;
        let moved = |all: &[preview::Moved]| -> Vec<(String, Option<f64>)> {
            all.iter().map(|one| (one.title.clone(), one.yearly)).collect()
        };
        page.preview = Some(Preview::new(
            &moved(&found.dropped),
            &moved(&found.appeared),
            found.recoverable,
            &found.currency,
            &found.inactive,
        ));
        Ok(answer::ok(&page))
    };
    let result = result.await;
    reader.answer(result)
}

fn changes_of(settings: &Settings) -> settings::Changes {
    let changes = settings::changes(settings);
    changes.as_object().map(|changes| changes.clone().into_iter().collect()).unwrap_or_default()
}

/// What is left out, as the page shows it.
fn left_out(settings: &Settings) -> LeftOut {
    let words_of = |field: &str| match field {
        "supplier_id" => "Suppliers",
        "material_id" => "Materials",
        "machine_id" => "Machines",
        _ => "Types of orders",
    };
    let lines = |field: &'static str| {
        let values = settings.leave_out.values.get(field);
        values.map(|values| values.iter().cloned().collect::<Vec<_>>().join("\n")).unwrap_or_default()
    };
    let area = |area: &str| match area {
        "cost" => "Cost",
        "operations" => "Operations",
        "equipment" => "Machines",
        "quality" => "Quality",
        _ => "Efficiency",
    };
    LeftOut {
        fields: LeaveOut::FIELDS.into_iter().map(|field| (field, words_of(field), lines(field))).collect(),
        areas: settings::areas()
            .into_iter()
            .map(|(name, analyzers)| {
                let shown = analyzers.into_iter().map(|id| {
                    (id.to_owned(), words::analyzer(id), !settings.leave_out.analyzers.contains(id))
                });
                (area(name), shown.collect())
            })
            .collect(),
    }
}

/// The table of exchange rates, as the page shows it.
fn exchange(settings: &Settings) -> Exchange {
    let rates = settings.exchange.as_ref();
    Exchange {
        to: rates.map(|rates| rates.to.to_string()).unwrap_or_default(),
        lines: rates.map(ExchangeRates::lines).unwrap_or_default(),
        error: None,
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Table {
    to: String,
    rates: String,
    version: String,
}

async fn exchange_rates(
    State(state): State<ServerState>,
    reader: Reader,
    Form(sent): Form<Table>,
) -> Response {
    let result = async {
        let (before, kept) = in_force(&state, &reader).await?;
        let mut wanted = before.clone();
        let none = sent.to.trim().is_empty() && sent.rates.trim().is_empty();
        let read = if none { Ok(None) } else { ExchangeRates::parse(sent.to.trim(), &sent.rates).map(Some) };
        match read {
            Ok(rates) => wanted.exchange = rates,
            Err(error) => {
                let may_change = reader.may(Role::Admin);
                let mut page = AnalysisSettings::new(&reader.shell, &before, &[], &sent.version, may_change);
                page.left_out = left_out(&before);
                let error = Some(answer::sentence(&error));
                page.exchange = Some(Exchange { to: sent.to, lines: sent.rates, error });
                return Ok(answer::page(StatusCode::UNPROCESSABLE_ENTITY, &page));
            }
        }
        let configuration = Configuration {
            name: None,
            preset: Some(before.preset.as_str().to_owned()),
            changes: Some(changes_of(&wanted)),
            note: String::new(),
        };
        write(&state, &reader, kept.as_ref(), &sent.version, &configuration).await
    };
    let result = result.await;
    reader.answer(result)
}

async fn leave_out(
    State(state): State<ServerState>,
    reader: Reader,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Response {
    let result = async {
        let (before, kept) = in_force(&state, &reader).await?;
        let mut wanted = before.clone();
        wanted.leave_out = LeaveOut::default();
        let on: Vec<&str> =
            pairs.iter().filter(|(name, _)| name == "on").map(|(_, id)| id.as_str()).collect();
        for (_, analyzers) in settings::areas() {
            let off = analyzers.into_iter().filter(|id| !on.contains(id));
            wanted.leave_out.analyzers.extend(off.map(str::to_owned));
        }
        for field in LeaveOut::FIELDS {
            let text = pairs.iter().find(|(name, _)| name == field).map_or("", |(_, text)| text.as_str());
            let values: BTreeSet<String> =
                text.lines().map(str::trim).filter(|value| !value.is_empty()).map(str::to_owned).collect();
            if !values.is_empty() {
                wanted.leave_out.values.insert(field, values);
            }
        }
        let version = pairs.iter().find(|(name, _)| name == "version").map_or("", |(_, text)| text.as_str());
        let configuration = Configuration {
            name: None,
            preset: Some(before.preset.as_str().to_owned()),
            changes: Some(changes_of(&wanted)),
            note: String::new(),
        };
        write(&state, &reader, kept.as_ref(), version, &configuration).await
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
    let (wanted, errors) = wanted(&before, form);
    let version = form.get("version").cloned().unwrap_or_default();
    if !errors.is_empty() {
        let page = AnalysisSettings::new(&reader.shell, &wanted, &errors, &version, reader.may(Role::Admin));
        return Ok(answer::page(StatusCode::UNPROCESSABLE_ENTITY, &page));
    }
    let configuration = Configuration {
        name: None,
        preset: Some(before.preset.as_str().to_owned()),
        changes: Some(changes_of(&wanted)),
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
        let (before, kept) = in_force(&state, &reader).await?;
        // A preset sets the values; what is left out and the exchange rates stay so.
        let mut same = Settings::preset(before.preset);
        same.leave_out = before.leave_out;
        same.exchange = before.exchange;
        let configuration = Configuration {
            name: None,
            preset: Some(chosen.preset.clone()),
            changes: Some(changes_of(&same)),
            note: String::new(),
        };
        write(&state, &reader, kept.as_ref(), &chosen.version, &configuration).await
    };
    let result = result.await;
    reader.answer(result)
}
