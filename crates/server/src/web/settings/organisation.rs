//! The organisation, its plants, its data.

use app::{Error, facilities, organisations};
use axum::{Form, Router, extract::State, response::Response};
use domain::Role;
use pages::page::settings::organisation::{self, Organisation, Plant};
use serde::Deserialize;
use serde_json::json;

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
    Router::new()
        .route("/settings/organisation", get(show).merge(post(save)))
        .route("/settings/plants", get(show_plants).merge(post(add_plant)))
}

async fn show(State(state): State<ServerState>, reader: Reader) -> Response {
    let result = async {
        let org = organisations::get(&state.desk, &reader.caller).await?;
        let said = |name: &str| org.profile[name].as_str().unwrap_or_default().to_owned();
        let shown = Organisation {
            name: org.name.clone(),
            industry: said("industry"),
            size: said("size"),
            contact: said("contact"),
            networks: org.allowed_networks.join("\n"),
            version: org.version.to_string(),
        };
        Ok(answer::ok(&organisation::page(&reader.shell, &shown, reader.may(Role::Admin))))
    };
    let result = result.await;
    reader.answer(result)
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Written {
    name: String,
    industry: String,
    size: String,
    contact: String,
    networks: String,
    version: String,
}

async fn save(State(state): State<ServerState>, reader: Reader, Form(form): Form<Written>) -> Response {
    let result = async {
        let mut profile = organisations::get(&state.desk, &reader.caller).await?.profile;
        for (name, value) in [("industry", &form.industry), ("size", &form.size), ("contact", &form.contact)]
        {
            profile[name] = json!(value.trim());
        }
        let networks = form.networks.split([' ', ',', ';', '\r', '\n']).filter(|text| !text.is_empty());
        let change = organisations::Change {
            name: Some(form.name),
            profile: Some(profile),
            allowed_networks: Some(networks.map(str::to_owned).collect()),
            onboarded: true,
        };
        organisations::update(&state.desk, &reader.caller, form.version.parse().ok(), &change).await?;
        Ok(reader::see_and_say(&state, "/settings/organisation", "Organisation saved."))
    };
    let result = result.await;
    reader.answer(result)
}

async fn show_plants(State(state): State<ServerState>, reader: Reader) -> Response {
    let result = async {
        let plants: Vec<Plant> = facilities::list(state.backing(), &reader.caller, false)
            .await?
            .into_iter()
            .map(|plant| Plant {
                id: plant.id.to_string(),
                name: plant.name,
                code: plant.code.unwrap_or_default(),
                currency: plant.currency,
                zone: plant.time_zone,
            })
            .collect();
        Ok(answer::ok(&organisation::plants_page(&reader.shell, &plants, reader.may(Role::Admin))))
    };
    let result = result.await;
    reader.answer(result)
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct NewPlant {
    name: String,
    code: String,
    currency: String,
    zone: String,
}

async fn add_plant(State(state): State<ServerState>, reader: Reader, Form(form): Form<NewPlant>) -> Response {
    let result = async {
        let plant = facilities::Form {
            name: Some(form.name),
            code: Some(written(&form.code)),
            time_zone: written(&form.zone),
            currency: written(&form.currency),
            ..facilities::Form::default()
        };
        facilities::create(state.backing(), &reader.caller, &plant).await?;
        Ok::<_, Error>(reader::see_and_say(&state, "/settings/plants", "Plant added."))
    };
    let result = result.await;
    reader.answer(result)
}
