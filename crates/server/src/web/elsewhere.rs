//! Signing in at an issuer: people are sent there with a question that only this browser can have asked, and come back with a
//! code that only this server can turn into a token.
//!
//! State, nonce and verifier lie sealed in a cookie of ten minutes; nothing is kept on the server. The token that comes is checked
//! as any token of that issuer, and must moreover be made for us and carry the nonce.

use app::accounts::{secret, sign_up, tokens};
use aws_lc_rs::{constant_time, digest};
use axum::{
    Router,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use pages::{page::door::Door, route};
use serde::{Deserialize, Serialize};

use super::door::{place, show, welcome};
use crate::{
    ServerState,
    boxed::get,
    extract::{Path, Query},
    who::{Stranger, browser, issuer::SignIn},
};

/// The cookie between going and coming back.
const STEP: &str = "plantintel-elsewhere";
/// What the cookie is sealed to.
const SEALED_TO: &[u8] = b"sign-in at an issuer";
/// How long somebody may stay there.
const PATIENCE_S: i64 = 600;

pub(super) fn routes() -> Router<ServerState> {
    Router::new().route("/sign-in/issuer/{n}", get(go)).route("/sign-in/issuer/callback", get(come_back))
}

/// The other ways in: an account of one's own, where sign-ups are taken, and a line for each issuer where people can sign in.
pub(super) fn offered(state: &ServerState, mut door: Door, next: &str) -> Door {
    if sign_up::is_open(&state.desk) {
        door = door.link("Create an account", "/sign-up");
    }
    let next: String = url::form_urlencoded::byte_serialize(place(next).as_bytes()).collect();
    for (n, issuer) in state.issuers.0.iter().enumerate() {
        if let Some(sign_in) = issuer.sign_in() {
            door = door
                .link(&format!("Sign in with {}", sign_in.name), &format!("/sign-in/issuer/{n}?next={next}"));
        }
    }
    door
}

/// What the browser keeps while it is away.
#[derive(Debug, Serialize, Deserialize)]
struct Step {
    issuer: usize,
    state: String,
    nonce: String,
    verifier: String,
    next: String,
    ends: i64,
}

#[derive(Debug, Deserialize, Default)]
struct Next {
    #[serde(default)]
    next: String,
}

async fn go(State(state): State<ServerState>, Path(n): Path<usize>, Query(query): Query<Next>) -> Response {
    let Some(sign_in) = chosen(&state, n) else { return Redirect::to(route::SIGN_IN).into_response() };
    let step = Step {
        issuer: n,
        state: secret::token(),
        nonce: secret::token(),
        verifier: secret::token(),
        next: place(&query.next).to_owned(),
        ends: state.backing().clock.now().as_second() + PATIENCE_S,
    };
    let challenge =
        URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, step.verifier.as_bytes()).as_ref());
    let there = sign_in.provider.authorize(&redirect_uri(&state), &step.state, &step.nonce, &challenge).await;
    let there = match there {
        Ok(there) => there,
        Err(error) => {
            tracing::warn!(%error, "an issuer cannot be asked to sign somebody in");
            return failed(
                StatusCode::SERVICE_UNAVAILABLE,
                "does not answer right now. Try again in a moment",
            );
        }
    };
    let sealed = serde_json::to_vec(&step).ok().and_then(|plain| state.desk.keys.seal(&plain, SEALED_TO));
    let cookie = sealed.and_then(|sealed| {
        browser::set_cookie(&state.settings, STEP, &URL_SAFE_NO_PAD.encode(sealed), Some(PATIENCE_S))
    });
    let Some(cookie) = cookie else { return failed(StatusCode::INTERNAL_SERVER_ERROR, "could not be asked") };
    let mut response = Redirect::to(&there).into_response();
    response.headers_mut().append(header::SET_COOKIE, cookie);
    response.headers_mut().insert(header::CACHE_CONTROL, header::HeaderValue::from_static("no-store"));
    response
}

#[derive(Deserialize, Default)]
struct Brought {
    #[serde(default)]
    code: String,
    #[serde(default)]
    state: String,
    iss: Option<String>,
    error: Option<String>,
}

async fn come_back(
    State(state): State<ServerState>,
    Stranger(visitor): Stranger,
    headers: HeaderMap,
    Query(brought): Query<Brought>,
) -> Response {
    let mut response = match settle(&state, &visitor, &headers, &brought).await {
        Ok(response) => response,
        Err(reason) => {
            tracing::info!(reason, "a sign-in at an issuer does not hold");
            failed(StatusCode::UNAUTHORIZED, "did not confirm who you are. Try again")
        }
    };
    if let Some(value) = browser::set_cookie(&state.settings, STEP, "", None) {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
    response
}

async fn settle(
    state: &ServerState,
    visitor: &app::accounts::Visitor,
    headers: &HeaderMap,
    brought: &Brought,
) -> Result<Response, &'static str> {
    let step = step(state, headers).ok_or("this browser did not ask")?;
    let same = constant_time::verify_slices_are_equal(step.state.as_bytes(), brought.state.as_bytes());
    if same.is_err() {
        return Err("the state is another one");
    }
    if brought.error.is_some() || brought.code.is_empty() {
        return Err("the issuer refused");
    }
    let issuer = state.issuers.0.get(step.issuer).ok_or("the issuer is not configured any more")?;
    let sign_in = issuer.sign_in().ok_or("nobody signs in there any more")?;
    // Where an issuer says who it is, it must be the one that was asked (RFC 9207).
    if brought.iss.as_deref().is_some_and(|name| name != issuer.name()) {
        return Err("another issuer answers");
    }
    let token = sign_in.provider.exchange(&brought.code, &step.verifier, &redirect_uri(state)).await;
    let token = token.map_err(|error| {
        tracing::warn!(%error, "an issuer gave nothing for a code");
        "the issuer gave nothing for the code"
    })?;
    let principal = issuer
        .verify_sign_in(&token, sign_in.provider.client_id(), &step.nonce, &*state.backing().clock)
        .await
        .map_err(|refusal| {
            tracing::info!(reason = %refusal, "an issuer's id token does not hold");
            "the id token does not hold"
        })?;
    let organisation = principal.organisation.as_ref().map(|org| (org.id.as_str(), org.role));
    let principal =
        tokens::Principal { issuer: &principal.issuer, subject: &principal.subject, organisation };
    match tokens::sign_in(&state.desk, visitor, &principal).await {
        Ok(Some(begun)) => Ok(welcome(state, &begun, &step.next)),
        Ok(None) => Ok(show(
            StatusCode::FORBIDDEN,
            &Door::closed("You have no access here", "Ask an administrator of your organization for a role."),
        )),
        Err(error) => Ok(crate::Problem::from(error).into_response()),
    }
}

fn step(state: &ServerState, headers: &HeaderMap) -> Option<Step> {
    let sealed = URL_SAFE_NO_PAD.decode(browser::cookie(headers, STEP)?).ok()?;
    let step: Step = serde_json::from_slice(&state.desk.keys.open(&sealed, SEALED_TO)?).ok()?;
    (step.ends > state.backing().clock.now().as_second()).then_some(step)
}

fn chosen(state: &ServerState, n: usize) -> Option<&SignIn> {
    state.issuers.0.get(n)?.sign_in()
}

fn redirect_uri(state: &ServerState) -> String {
    format!("{}/sign-in/issuer/callback", state.settings.public_address)
}

fn failed(status: StatusCode, what: &str) -> Response {
    show(status, &Door::closed("You are not signed in", &format!("The sign-in service {what}.")))
}
