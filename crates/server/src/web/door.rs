//! The pages before somebody is known: signing in, the second step, a forgotten password, an invitation, a link.
//!
//! Every form works without script. A link out of a letter shows a button first, so that a scanner that follows links
//! uses nothing up.

use app::accounts::{
    links,
    sessions::Begun,
    sign_in::{self, Credentials, SignIn},
    sign_up,
};
use axum::{
    Extension, Form as Body, Router,
    extract::State,
    http::{StatusCode, header},
    response::{Html, IntoResponse, Redirect, Response},
};
use pages::{
    component::form::{Field, Form, Kind},
    page::door::Door,
    route,
};
use serde::Deserialize;

use super::{elsewhere, tongue::Chosen};
use crate::{
    Problem, ServerState,
    api::session::keep,
    boxed::{get, post},
    extract::Query,
    who::{Stranger, browser},
};

/// The cookie between password and code.
const TICKET: &str = "plantintel-step";

pub(super) fn routes() -> Router<ServerState> {
    Router::new()
        .route("/sign-in", get(sign_in_page).merge(post(sign_in_form)))
        .route("/sign-in/code", get(code_page).merge(post(code_form)))
        .route("/sign-in/link", get(link_page).merge(post(link_form)))
        .route("/sign-up", get(sign_up_page).merge(post(sign_up_form)))
        .route("/reset", get(reset_page).merge(post(reset_form)))
        .route("/reset/new", get(new_password_page).merge(post(new_password_form)))
        .route("/invitation", get(invitation_page).merge(post(invitation_form)))
        .merge(elsewhere::routes())
}

pub(super) fn show(status: StatusCode, door: &Door) -> Response {
    match pages::html(door) {
        Ok(html) => (status, [(header::CACHE_CONTROL, "no-store")], Html(html)).into_response(),
        Err(error) => Problem::from(app::Error::Work(error.to_string())).into_response(),
    }
}

/// The same page again, with what went wrong.
fn again(door: Door, problem: &Problem) -> Response {
    let words = problem.words();
    show(problem.kind().status(), &door.error(&words))
}

/// Where to go after signing in: a page of ours, never another site.
pub(super) fn place(next: &str) -> &str {
    let ours = next.starts_with('/')
        && !next.starts_with("//")
        && !next.contains('\\')
        && !next.chars().any(char::is_control);
    if ours { next } else { route::OVERVIEW }
}

pub(super) fn welcome(state: &ServerState, begun: &Begun, next: &str) -> Response {
    let mut response = Redirect::to(place(next)).into_response();
    keep(state, &mut response, Some(&begun.token));
    forget_ticket(state, &mut response);
    response
}

fn forget_ticket(state: &ServerState, response: &mut Response) {
    if let Some(value) = browser::set_cookie(&state.settings, TICKET, "", None) {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
}

#[derive(Debug, Deserialize, Default)]
struct Next {
    #[serde(default)]
    next: String,
}

async fn sign_in_page(State(state): State<ServerState>, Query(query): Query<Next>) -> Response {
    let door = Door::sign_in("", "", place(&query.next));
    show(StatusCode::OK, &elsewhere::offered(&state, door, &query.next))
}

#[derive(Deserialize)]
struct SignInForm {
    #[serde(default)]
    email: String,
    #[serde(default)]
    password: String,
    #[serde(default)]
    next: String,
}

async fn sign_in_form(
    State(state): State<ServerState>,
    Stranger(visitor): Stranger,
    Body(form): Body<SignInForm>,
) -> Response {
    let shown = Credentials { email: form.email.clone(), password: form.password, code: None };
    match sign_in::sign_in(&state.desk, &visitor, shown).await {
        Ok(SignIn::Begun(begun)) => welcome(&state, &begun, &form.next),
        Ok(SignIn::CodeNeeded { ticket }) => {
            let next: String = url::form_urlencoded::byte_serialize(place(&form.next).as_bytes()).collect();
            let mut response = Redirect::to(&format!("/sign-in/code?next={next}")).into_response();
            if let Some(value) = browser::set_cookie(&state.settings, TICKET, &ticket, Some(300)) {
                response.headers_mut().append(header::SET_COOKIE, value);
            }
            response
        }
        Ok(SignIn::Wrong) => {
            let door = Door::sign_in("", &form.email, place(&form.next));
            let door = elsewhere::offered(&state, door, &form.next);
            show(StatusCode::UNAUTHORIZED, &door.error("Email and password do not fit together"))
        }
        Err(error) => again(Door::sign_in("", &form.email, place(&form.next)), &error.into()),
    }
}

async fn code_page(Query(query): Query<Next>) -> Response {
    show(StatusCode::OK, &Door::second_factor("", place(&query.next)))
}

#[derive(Deserialize)]
struct CodeForm {
    #[serde(default)]
    code: String,
    #[serde(default)]
    next: String,
}

async fn code_form(
    State(state): State<ServerState>,
    Stranger(visitor): Stranger,
    headers: axum::http::HeaderMap,
    Body(form): Body<CodeForm>,
) -> Response {
    let Some(ticket) = browser::cookie(&headers, TICKET) else {
        return Redirect::to(route::SIGN_IN).into_response();
    };
    let door = Door::second_factor("", place(&form.next));
    match sign_in::second_step(&state.desk, &visitor, ticket, &form.code).await {
        Ok(SignIn::Begun(begun)) => welcome(&state, &begun, &form.next),
        Ok(SignIn::CodeNeeded { .. }) => show(
            StatusCode::UNAUTHORIZED,
            &door.error("This is not the present code. Codes change every 30 seconds"),
        ),
        Ok(SignIn::Wrong) => {
            let mut response = Redirect::to(route::SIGN_IN).into_response();
            forget_ticket(&state, &mut response);
            response
        }
        Err(error) => again(door, &error.into()),
    }
}

#[derive(Debug, Deserialize, Default)]
struct Token {
    #[serde(default)]
    token: String,
}

fn link_door(token: &str) -> Door {
    let fields = vec![Field::new(Kind::Hidden, "token", "", token)];
    let form = Form::new("/sign-in/link", "", "Sign in", fields);
    Door::new("", "Sign in to PlantIntel", "This link signs you in once.", Some(form))
}

async fn link_page(Query(query): Query<Token>) -> Response {
    show(StatusCode::OK, &link_door(&query.token))
}

async fn link_form(
    State(state): State<ServerState>,
    Stranger(visitor): Stranger,
    Extension(chosen): Extension<Chosen>,
    Body(form): Body<Token>,
) -> Response {
    let begun = match links::sign_in(&state.desk, &visitor, &form.token).await {
        Ok(begun) => {
            let name = translation::text(app::organisations::UNNAMED, chosen.tongue());
            links::call(&state.desk, &visitor, &begun, &name).await.map(|()| begun)
        }
        Err(error) => Err(error),
    };
    match begun {
        Ok(begun) => welcome(&state, &begun, route::OVERVIEW),
        Err(app::Error::Invalid(_)) => show(
            StatusCode::UNPROCESSABLE_ENTITY,
            &Door::closed("This link has been used or has ended", "Links work once. Ask for a new one."),
        ),
        Err(error) => again(link_door(&form.token), &error.into()),
    }
}

/// What an installation without sign-ups says.
fn no_sign_ups() -> Response {
    let door = Door::closed(
        "This installation takes no sign-ups",
        "Ask somebody of your organization for an invitation.",
    );
    show(StatusCode::NOT_FOUND, &door)
}

async fn sign_up_page(State(state): State<ServerState>) -> Response {
    if sign_up::is_open(&state.desk) {
        show(StatusCode::OK, &Door::sign_up("", "", ""))
    } else {
        no_sign_ups()
    }
}

#[derive(Deserialize)]
struct SignUpForm {
    #[serde(default)]
    organisation: String,
    #[serde(default)]
    email: String,
}

async fn sign_up_form(
    State(state): State<ServerState>,
    Stranger(visitor): Stranger,
    Body(form): Body<SignUpForm>,
) -> Response {
    if !sign_up::is_open(&state.desk) {
        return no_sign_ups();
    }
    match sign_up::sign_up(&state.desk, &visitor, &form.email, &form.organisation).await {
        Ok(()) => show(
            StatusCode::OK,
            &Door::new("", "Look into your mail", "A link to sign in is on its way. It works once.", None)
                .link("Back to sign in", route::SIGN_IN),
        ),
        Err(error) => again(Door::sign_up("", &form.organisation, &form.email), &error.into()),
    }
}

async fn reset_page() -> Response {
    show(StatusCode::OK, &Door::reset(""))
}

#[derive(Deserialize)]
struct ResetForm {
    #[serde(default)]
    email: String,
}

async fn reset_form(
    State(state): State<ServerState>,
    Stranger(visitor): Stranger,
    Body(form): Body<ResetForm>,
) -> Response {
    match links::forgot_password(&state.desk, &visitor, &form.email).await {
        Ok(()) => {
            show(StatusCode::OK, &Door::reset("").said("If the address is known, the link is on its way."))
        }
        Err(error) => again(Door::reset(""), &error.into()),
    }
}

async fn new_password_page(Query(query): Query<Token>) -> Response {
    show(StatusCode::OK, &Door::new_password("", &query.token))
}

#[derive(Deserialize)]
struct NewPasswordForm {
    #[serde(default)]
    token: String,
    #[serde(default)]
    password: String,
}

async fn new_password_form(
    State(state): State<ServerState>,
    Stranger(visitor): Stranger,
    Body(form): Body<NewPasswordForm>,
) -> Response {
    match links::reset_password(&state.desk, &visitor, &form.token, form.password).await {
        Ok(()) => show(
            StatusCode::OK,
            &Door::sign_in("", "", route::OVERVIEW).said("Your password is changed. Sign in."),
        ),
        Err(error) => again(Door::new_password("", &form.token), &error.into()),
    }
}

async fn invitation_door(state: &ServerState, token: &str) -> Result<Door, Problem> {
    let (invitation, organisation) = app::invitations::look(&state.desk, token).await?;
    Ok(Door::invitation("", token, &organisation, &invitation.email, invitation.role.name()))
}

async fn invitation_page(State(state): State<ServerState>, Query(query): Query<Token>) -> Response {
    match invitation_door(&state, &query.token).await {
        Ok(door) => show(StatusCode::OK, &door),
        Err(_) => show(
            StatusCode::UNPROCESSABLE_ENTITY,
            &Door::closed(
                "This invitation has been used or has ended",
                "Ask whoever invited you for a new one.",
            ),
        ),
    }
}

#[derive(Deserialize)]
struct InvitationForm {
    #[serde(default)]
    token: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    password: String,
}

async fn invitation_form(
    State(state): State<ServerState>,
    Stranger(visitor): Stranger,
    Body(form): Body<InvitationForm>,
) -> Response {
    match app::invitations::accept(&state.desk, &visitor, &form.token, &form.name, form.password).await {
        Ok(Some(begun)) => welcome(&state, &begun, route::OVERVIEW),
        Ok(None) => Redirect::to(route::SIGN_IN).into_response(),
        Err(error) => match invitation_door(&state, &form.token).await {
            Ok(door) => again(door, &error.into()),
            Err(_) => show(
                StatusCode::UNPROCESSABLE_ENTITY,
                &Door::closed(
                    "This invitation has been used or has ended",
                    "Ask whoever invited you for a new one.",
                ),
            ),
        },
    }
}
