//! What a shared link shows: one report or one finding, without navigation, session or script. The password, where there is one, is
//! asked for each time, since nothing is kept in the browser.

use app::{
    Error, analyses, findings,
    reports::answers,
    shares::{self, Opened},
};
use axum::{
    Extension, Form as Body, Router,
    extract::{Path, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use pages::{
    component::form::{Field, Form, Kind},
    page::door::Door,
};
use serde::Deserialize;
use store::shares::Share;
use translation::Tongue;

use super::{door::show, tongue::Chosen};
use crate::{
    Problem, ServerState,
    boxed::{get, post},
    who::Stranger,
};

/// A report carries its style inside, and needs nothing else.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; font-src data:; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox";

pub(super) fn routes() -> Router<ServerState> {
    Router::new().route("/shared/{token}", get(look).merge(post(unlock)))
}

async fn look(
    State(state): State<ServerState>,
    Extension(chosen): Extension<Chosen>,
    Stranger(visitor): Stranger,
    Path(token): Path<String>,
) -> Response {
    let opened = shares::open(&state.desk, &visitor, &token, None).await;
    answer(&state, &token, opened, chosen.tongue()).await
}

#[derive(Deserialize)]
struct Shown {
    #[serde(default)]
    password: String,
}

async fn unlock(
    State(state): State<ServerState>,
    Extension(chosen): Extension<Chosen>,
    Stranger(visitor): Stranger,
    Path(token): Path<String>,
    Body(shown): Body<Shown>,
) -> Response {
    let opened = shares::open(&state.desk, &visitor, &token, Some(shown.password)).await;
    answer(&state, &token, opened, chosen.tongue()).await
}

fn locked(token: &str) -> Door {
    let fields = vec![Field::new(Kind::Password, "password", "Password", "").required()];
    // Only what a token can be made of, so that an address of ours comes out whatever was asked for.
    let token: String =
        token.chars().filter(|letter| letter.is_ascii_alphanumeric() || "-_".contains(*letter)).collect();
    let form = Form::new(format!("/shared/{token}"), "", "Show", fields);
    Door::new("", "This link asks for a password", "Whoever sent it knows it.", Some(form))
}

fn closed() -> Response {
    let door = Door::new("", "This link shows nothing any more", "Ask whoever sent it for a new one.", None);
    show(StatusCode::NOT_FOUND, &door)
}

async fn answer(state: &ServerState, token: &str, opened: Result<Opened, Error>, tongue: Tongue) -> Response {
    match opened {
        Ok(Opened::Closed) => closed(),
        Ok(Opened::PasswordNeeded { wrong: false }) => show(StatusCode::OK, &locked(token)),
        Ok(Opened::PasswordNeeded { wrong: true }) => {
            show(StatusCode::UNAUTHORIZED, &locked(token).error("This is not the password"))
        }
        Ok(Opened::Open(open)) => match content(state, &open.0, &open.1, tongue).await {
            Ok(response) => response,
            // The analysis went back into review, or its finding is gone.
            Err(Error::NotFound(_) | Error::Conflict(_)) => closed(),
            Err(error) => Problem::from(error).into_response(),
        },
        Err(error @ Error::Limit { .. }) => {
            let problem = Problem::from(error);
            let mut response = show(StatusCode::TOO_MANY_REQUESTS, &locked(token).error(&problem.words()));
            let headers = problem.into_response();
            if let Some(after) = headers.headers().get(header::RETRY_AFTER) {
                response.headers_mut().insert(header::RETRY_AFTER, after.clone());
            }
            response
        }
        Err(error) => Problem::from(error).into_response(),
    }
}

async fn content(
    state: &ServerState,
    share: &Share,
    caller: &app::Caller,
    tongue: Tongue,
) -> Result<Response, Error> {
    let run = analyses::get(state.backing(), caller, share.analysis_id).await?.analysis;
    let analysis = analyses::result(state.backing(), caller, share.analysis_id).await?;
    let key = match share.finding_id {
        Some(finding) => {
            let standing = findings::get(state.backing(), caller, finding).await?;
            Some(findings::own_id(&standing.finding.key).to_owned())
        }
        None => None,
    };
    let caption = answers::caption(state.backing(), caller, &run).await?;
    let one = key.is_some();
    let bytes = tokio::task::spawn_blocking(move || match key {
        Some(key) => report::pdf::finding(&analysis, &key, &caption, tongue),
        None => report::page::page(&analysis, &caption, tongue).map(|page| Some(page.into_bytes())),
    })
    .await
    .map_err(|error| Error::Work(format!("making a report broke: {error}")))?
    .map_err(|error| Error::Work(error.to_string()))?
    .ok_or(Error::NotFound("finding"))?;
    let mut response = bytes.into_response();
    let headers = response.headers_mut();
    let kind = if one { "application/pdf" } else { "text/html; charset=utf-8" };
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(header::CONTENT_LANGUAGE, HeaderValue::from_static(tongue.tag()));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if one {
        headers.insert(
            header::CONTENT_DISPOSITION,
            HeaderValue::from_static("inline; filename=\"finding.pdf\""),
        );
    } else {
        headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    }
    // Links in it must not tell others of this address, which is all that one needs.
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert("x-robots-tag", HeaderValue::from_static("noindex"));
    Ok(response)
}
