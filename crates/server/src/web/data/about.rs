//! What a saved mapping is called, whether files are recognized by it, and its ten variables.

use std::collections::BTreeMap;

use app::{
    Error,
    mapping_profiles::{self, Change, variables},
};
use axum::{
    Form,
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use domain::{CORE_VARIABLES, CoreKind, CoreVariables, id::ProfileId};
use pages::{page::data::variables::About, route};
use store::profiles::Profile;

use super::{Compared, mapping_page};
use crate::{
    ServerState,
    web::{
        answer,
        reader::{self, Reader},
    },
};

/// A profile as the page holds it.
pub(super) fn of(profile: &Profile) -> Result<About, Error> {
    Ok(About {
        name: profile.name.clone(),
        description: profile.description.clone(),
        system: profile.source_system.clone(),
        active: profile.active,
        version: profile.version.to_string(),
        variables: variables::read(&profile.variables)?,
        errors: Vec::new(),
    })
}

type Sent = BTreeMap<String, String>;

pub(super) async fn save(
    State(state): State<ServerState>,
    Path(id): Path<String>,
    reader: Reader,
    Form(form): Form<Sent>,
) -> Response {
    let text = |name: &str| form.get(name).map(|text| text.trim().to_owned());
    let change = Change {
        name: text("name"),
        description: text("description"),
        source_system: text("source_system"),
        active: Some(form.contains_key("active")),
        variables: None,
    };
    let result = take(&state, &reader, &id, &form, change).await;
    reader.answer(result)
}

pub(super) async fn save_variables(
    State(state): State<ServerState>,
    Path(id): Path<String>,
    reader: Reader,
    Form(form): Form<Sent>,
) -> Response {
    let result = async {
        let (mut taken, mut errors) = (CoreVariables::default(), Vec::new());
        for variable in CORE_VARIABLES {
            let text = match (variable.kind, form.get(variable.name)) {
                // A box that is not ticked is not sent.
                (CoreKind::Switch, None) => "off",
                (_, text) => text.map_or("", String::as_str),
            };
            if let Err(reason) = taken.set(variable.name, text) {
                errors.push((variable.name.to_owned(), text.to_owned(), answer::sentence(&reason)));
            }
        }
        if !errors.is_empty() {
            return refused(&state, &reader, &id, errors).await;
        }
        take(&state, &reader, &id, &form, Change { variables: Some(taken), ..Change::default() }).await
    };
    let result = result.await;
    reader.answer(result)
}

async fn take(
    state: &ServerState,
    reader: &Reader,
    id: &str,
    form: &Sent,
    change: Change,
) -> Result<Response, Error> {
    let version = form.get("version").and_then(|version| version.parse().ok());
    match mapping_profiles::update(state.backing(), &reader.caller, known(id)?, version, &change).await {
        Ok(_) => {
            let said = "Saved; the next analysis of such a file uses it.";
            Ok(reader::see_and_say(state, &format!("{}/{id}", route::MAPPINGS), said))
        }
        Err(Error::Invalid(flaws)) => {
            let errors = flaws
                .into_iter()
                .map(|flaw| {
                    let written = form.get(&flaw.field).cloned().unwrap_or_default();
                    (flaw.field, written, answer::sentence(&flaw.message))
                })
                .collect();
            refused(state, reader, id, errors).await
        }
        Err(error) => Err(error),
    }
}

/// The page again, with what could not be taken at its fields.
async fn refused(
    state: &ServerState,
    reader: &Reader,
    id: &str,
    errors: Vec<(String, String, String)>,
) -> Result<Response, Error> {
    let id = known(id)?;
    let (profile, _) = mapping_profiles::get(state.backing(), &reader.caller, id).await?;
    let tried = About { errors, ..of(&profile)? };
    let page = mapping_page(state, reader, id, &Compared::default(), Some(tried)).await?;
    Ok(answer::page(StatusCode::UNPROCESSABLE_ENTITY, &page))
}

fn known(id: &str) -> Result<ProfileId, Error> {
    id.parse().map_err(|_| Error::NotFound("mapping profile"))
}
