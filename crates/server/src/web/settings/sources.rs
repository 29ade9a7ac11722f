//! Uploads that come by themselves.

use app::{Error, facilities, sources};
use axum::{
    Form, Router,
    extract::{Path, State},
    response::Response,
};
use clients::places::{Keys, Login};
use domain::Role;
use pages::page::settings::sources::{self as sheets, File, Source};
use store::sources::SourceKind;
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
        .route("/settings/sources", get(show).merge(post(add)))
        .route("/settings/sources/{id}", get(show_files))
        .route("/settings/sources/{id}/{verb}", post(change))
}

type Fields = std::collections::HashMap<String, String>;

fn shown(one: store::sources::Source) -> Source {
    Source {
        id: one.id.to_string(),
        name: one.name,
        kind: match one.kind {
            SourceKind::Folder => "Folder",
            SourceKind::S3 => "Bucket",
            SourceKind::Sftp => "SFTP server",
            SourceKind::Push => "Pushed by a program",
        }
        .to_owned(),
        place: one.place,
        host_key: one.host_key,
        looked: one.looked_at.map(|at| format!("looked at {}", overview::day(at))).unwrap_or_default(),
        trouble: one.trouble,
        active: one.active,
    }
}

async fn show(State(state): State<ServerState>, reader: Reader) -> Response {
    let result = async {
        let all: Vec<Source> =
            sources::list(state.backing(), &reader.caller).await?.into_iter().map(shown).collect();
        let plants: Vec<(String, String)> = facilities::list(state.backing(), &reader.caller, false)
            .await?
            .into_iter()
            .map(|plant| (plant.id.to_string(), plant.name))
            .collect();
        let root = state.desk.settings.watched_folder.as_ref();
        let folder = root.map(|root| root.join(reader.caller.actor.org.to_string()).display().to_string());
        Ok(answer::ok(&sheets::page(
            &reader.shell,
            &all,
            &plants,
            folder.as_deref(),
            reader.may(Role::Admin),
        )))
    };
    let result = result.await;
    reader.answer(result)
}

async fn add(State(state): State<ServerState>, reader: Reader, Form(form): Form<Fields>) -> Response {
    let result = async {
        let text = |name: &str| form.get(name).map(|text| text.trim().to_owned()).unwrap_or_default();
        let new = sources::Form {
            name: text("name"),
            kind: text("kind"),
            place: text("place"),
            keys: Keys {
                access: text("access_key"),
                secret: text("secret_key"),
                region: text("region"),
                endpoint: text("endpoint"),
            },
            login: Login {
                user: text("user"),
                password: form.get("password").cloned().unwrap_or_default(),
                private_key: form.get("private_key").cloned().unwrap_or_default(),
                host_key: text("host_key"),
            },
            facility: text("facility").parse().ok(),
            every_minutes: text("every_minutes")
                .parse()
                .map_err(|_| Error::invalid("every_minutes", "write a number such as 15"))?,
        };
        let made = sources::create(&state.desk, &reader.caller, &new).await?;
        // A server proves itself by a key that somebody has to compare: its page shows it.
        let next = if made.host_key.is_empty() {
            "/settings/sources".to_owned()
        } else {
            format!("/settings/sources/{}", made.id)
        };
        Ok(reader::see_and_say(&state, &next, "Source added."))
    };
    let result = result.await;
    reader.answer(result)
}

async fn show_files(State(state): State<ServerState>, Path(id): Path<String>, reader: Reader) -> Response {
    let result = async {
        let id: Uuid = id.parse().map_err(|_| Error::NotFound("source"))?;
        let files: Vec<File> = sources::history(state.backing(), &reader.caller, id)
            .await?
            .into_iter()
            .map(|one| File {
                href: one
                    .dataset_id
                    .map(|id| pages::route::import(&id.to_string(), "match"))
                    .unwrap_or_default(),
                when: overview::day(one.created_at),
                state: one.state.name().to_owned(),
                name: one.name,
                reason: one.reason,
            })
            .collect();
        let all = sources::list(state.backing(), &reader.caller).await?;
        let source = all.into_iter().find(|one| one.id == id).ok_or(Error::NotFound("source"))?;
        Ok(answer::ok(&sheets::files_page(&reader.shell, &shown(source), &files)))
    };
    let result = result.await;
    reader.answer(result)
}

async fn change(
    State(state): State<ServerState>,
    Path((id, verb)): Path<(String, String)>,
    reader: Reader,
) -> Response {
    let result = async {
        let id: Uuid = id.parse().map_err(|_| Error::NotFound("source"))?;
        let (backing, caller) = (state.backing(), &reader.caller);
        let words = match verb.as_str() {
            "rest" => {
                sources::set_active(backing, caller, id, false).await?;
                "The source rests."
            }
            "wake" => {
                sources::set_active(backing, caller, id, true).await?;
                "The source is looked at again."
            }
            "remove" => {
                sources::delete(backing, caller, id).await?;
                "Source removed; its imports stay."
            }
            _ => return Err(Error::NotFound("page")),
        };
        Ok(reader::see_and_say(&state, "/settings/sources", words))
    };
    let result = result.await;
    reader.answer(result)
}
