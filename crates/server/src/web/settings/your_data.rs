//! Everything that the organisation owns: taken along, kept for so long, deleted.

use app::{Error, organisations, your_data};
use axum::{
    Form, Router,
    body::Body,
    extract::{Path, State},
    response::Response,
};
use domain::{Role, id::JobId};
use pages::page::settings::your_data::{self as sheet, Archive, YourData};
use store::jobs::JobState;

use crate::{
    ServerState,
    api::your_data::attached,
    boxed::{get, post},
    web::{
        answer, overview,
        reader::{self, Reader},
    },
};

pub(super) fn routes() -> Router<ServerState> {
    Router::new()
        .route("/settings/your-data", get(show))
        .route("/settings/your-data/export", post(export))
        .route("/settings/your-data/export/{id}", get(download))
        .route("/settings/your-data/keep", post(keep))
        .route("/settings/your-data/delete", post(delete))
}

type Fields = std::collections::HashMap<String, String>;

async fn show(State(state): State<ServerState>, reader: Reader) -> Response {
    let result = async {
        let owns = reader.may(Role::Owner);
        let mut shown = YourData { owns, ..YourData::default() };
        if owns {
            let org = organisations::get(&state.desk, &reader.caller).await?;
            shown.keep_months = org.keep_months.map(|months| months.to_string()).unwrap_or_default();
            let mut newest = true;
            for job in your_data::exports(state.backing(), &reader.caller).await? {
                let ready = job.state == JobState::Completed && std::mem::take(&mut newest);
                shown.archives.push(Archive {
                    when: overview::day(job.created_at),
                    state: job.state.name().to_owned(),
                    href: if ready {
                        format!("/settings/your-data/export/{}", job.id)
                    } else {
                        String::new()
                    },
                });
            }
        }
        Ok(answer::ok(&sheet::page(&reader.shell, &shown)))
    };
    let result = result.await;
    reader.answer(result)
}

async fn export(State(state): State<ServerState>, reader: Reader) -> Response {
    let result = async {
        your_data::export(state.backing(), &reader.caller).await?;
        Ok::<_, Error>(reader::see_and_say(&state, "/settings/your-data", "The archive is being made."))
    };
    let result = result.await;
    reader.answer(result)
}

async fn download(State(state): State<ServerState>, Path(id): Path<String>, reader: Reader) -> Response {
    let result = async {
        let id: JobId = id.parse().map_err(|_| Error::NotFound("archive"))?;
        let body = your_data::archive(state.backing(), &reader.caller, id).await?;
        Ok(attached(Body::from_stream(body)))
    };
    let result = result.await;
    reader.answer(result)
}

async fn keep(State(state): State<ServerState>, reader: Reader, Form(form): Form<Fields>) -> Response {
    let result = async {
        let months = form.get("months").map(|text| text.trim()).unwrap_or_default();
        let months = match months {
            "" => None,
            text => Some(text.parse().map_err(|_| Error::invalid("months", "write a number such as 24"))?),
        };
        your_data::keep(state.backing(), &reader.caller, months).await?;
        Ok(reader::see_and_say(&state, "/settings/your-data", "Saved how long uploads are kept."))
    };
    let result = result.await;
    reader.answer(result)
}

async fn delete(State(state): State<ServerState>, reader: Reader, Form(form): Form<Fields>) -> Response {
    let result = async {
        let typed = form.get("confirm").map(String::as_str).unwrap_or_default();
        your_data::delete(&state.desk, &reader.caller, typed).await?;
        Ok::<_, Error>(answer::see("/sign-in"))
    };
    let result = result.await;
    reader.answer(result)
}
