//! The first steps: who the organisation is, what it has done, a sample file, the demo organisation.

use app::{Error, demo, onboarding, organisations, sample};
use axum::{
    Form, Router,
    extract::State,
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use domain::Role;
use pages::page::welcome as sheet;

use super::{
    answer,
    reader::{self, Reader},
};
use crate::{
    ServerState,
    api::session::keep,
    boxed::{get, post},
};

pub(super) fn routes() -> Router<ServerState> {
    Router::new()
        .route("/welcome", get(show).merge(post(fill_in)))
        .route("/welcome/skip", post(skip))
        .route("/sample", post(open_demo))
        .route("/sample/file", get(sample_file))
}

async fn show(State(state): State<ServerState>, reader: Reader) -> Response {
    let result = async {
        let status = onboarding::status(&state.desk, &reader.caller).await?;
        if status.next().is_none() {
            return Ok(answer::see("/"));
        }
        let org = organisations::get(&state.desk, &reader.caller).await?;
        let fields: Vec<sheet::Asked> = onboarding::FIELDS
            .iter()
            .map(|(name, words, needed)| {
                let value = org.profile[*name].as_str().unwrap_or_default().to_owned();
                ((*name).to_owned(), (*words).to_owned(), value, *needed)
            })
            .collect();
        let steps: Vec<sheet::Step> = status
            .steps
            .iter()
            .map(|step| (step.words.to_owned(), step.href.to_owned(), step.done))
            .collect();
        let asks = reader.may(Role::Admin) && !status.onboarded;
        Ok(answer::ok(&sheet::page(&reader.shell, &org.name, &fields, &steps, asks)))
    };
    let result = result.await;
    reader.answer(result)
}

async fn fill_in(
    State(state): State<ServerState>,
    reader: Reader,
    Form(form): Form<Vec<(String, String)>>,
) -> Response {
    let result = async {
        let name = form.iter().find(|(field, _)| field == "name").map(|(_, value)| value.as_str());
        onboarding::fill_in(&state.desk, &reader.caller, name.unwrap_or_default(), &form).await?;
        Ok(reader::see_and_say(&state, "/", "Welcome. The next step is an export."))
    };
    let result = result.await;
    reader.answer(result)
}

async fn skip(State(state): State<ServerState>, reader: Reader) -> Response {
    let result = async {
        onboarding::skip(&state.desk, &reader.caller).await?;
        Ok::<_, Error>(answer::see("/"))
    };
    let result = result.await;
    reader.answer(result)
}

/// To the sample plant, in an organisation of its own: the browser is turned to it.
async fn open_demo(State(state): State<ServerState>, reader: Reader) -> Response {
    let result = async {
        let demo =
            demo::open(&state.desk, &reader.caller, &translation::text(sample::NAME, reader.tongue)).await?;
        let address = pages::route::import(&demo.dataset.to_string(), "match");
        let mut response = answer::see(address);
        if demo.org != reader.caller.actor.org {
            let token = app::accounts::sessions::switch(&state.desk, &reader.caller, demo.org).await?;
            keep(&state, &mut response, Some(&token));
        }
        Ok(response)
    };
    let result = result.await;
    reader.answer(result)
}

/// A file that our own upload takes.
async fn sample_file(reader: Reader) -> Response {
    let result = async {
        let (name, bytes) = sample::file().await?;
        let mut response = bytes.into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"));
        if let Ok(value) = HeaderValue::from_str(&format!("attachment; filename=\"{name}\"")) {
            headers.insert(header::CONTENT_DISPOSITION, value);
        }
        headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        Ok(response)
    };
    let result = result.await;
    reader.answer(result)
}
