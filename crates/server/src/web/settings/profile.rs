//! The reader: name, appearance, password, second factor, devices.

use app::{
    Error,
    accounts::{links, second_factor, sessions},
    members,
};
use axum::{Form, Router, extract::State, http::header, response::Response};
use domain::actor::Means;
use pages::page::settings::profile::{self, Device, Profile, SecondFactor};
use serde::Deserialize;

use crate::{
    ServerState,
    api::session::keep,
    boxed::{get, post},
    web::{
        answer, overview,
        reader::{self, Reader},
    },
    who::browser,
};

pub(super) fn routes() -> Router<ServerState> {
    Router::new()
        .route("/settings", get(|| async { answer::see("/settings/profile") }))
        .route("/settings/profile", get(show).merge(post(save)))
        .route("/settings/theme", post(save_theme))
        .route("/sign-out", post(sign_out))
        .route("/settings/sign-in", get(show_sign_in))
        .route("/settings/sign-in/password", post(change_password))
        .route("/settings/sign-in/second-factor", post(begin_second))
        .route("/settings/sign-in/second-factor/confirm", post(confirm_second))
        .route("/settings/sign-in/second-factor/off", post(remove_second))
        .route("/settings/sign-in/devices", post(sign_out_device))
}

async fn show(State(state): State<ServerState>, reader: Reader) -> Response {
    let result = async {
        let member = members::own(&state.desk, &reader.caller).await?;
        let profile = Profile {
            name: member.name,
            email: member.email,
            title: member.title,
            phone: member.phone,
            department: member.department,
            language: member.preferences["language"].as_str().unwrap_or_default().to_owned(),
        };
        Ok(answer::ok(&profile::page(&reader.shell, &profile)))
    };
    let result = result.await;
    reader.answer(result)
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Written {
    name: String,
    title: String,
    phone: String,
    department: String,
    language: String,
}

async fn save(State(state): State<ServerState>, reader: Reader, Form(form): Form<Written>) -> Response {
    let result = async {
        let mut preferences = members::own(&state.desk, &reader.caller).await?.preferences;
        if !preferences.is_object() {
            preferences = serde_json::json!({});
        }
        // Nothing chosen: letters then stay English, and pages follow the browser.
        match translation::Tongue::named(&form.language) {
            Some(tongue) => preferences["language"] = serde_json::json!(tongue.tag()),
            None => {
                preferences.as_object_mut().map(|kept| kept.remove("language"));
            }
        }
        let change = members::ProfileChange {
            name: Some(form.name),
            title: Some(form.title),
            phone: Some(form.phone),
            department: Some(form.department),
            preferences: Some(preferences),
        };
        members::update_own(&state.desk, &reader.caller, None, &change).await?;
        Ok(reader::see_and_say(&state, "/settings/profile", "Profile saved."))
    };
    let result = result.await;
    reader.answer(result)
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Look {
    theme: String,
}

async fn save_theme(State(state): State<ServerState>, Form(look): Form<Look>) -> Response {
    let mut response = answer::see("/settings/profile");
    let theme = pages::layout::Theme::named(&look.theme).attribute().unwrap_or("system");
    if let Some(cookie) = browser::set_cookie(&state.settings, reader::THEME, theme, Some(365 * 86_400)) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

async fn show_sign_in(State(state): State<ServerState>, reader: Reader) -> Response {
    let result = async {
        let second = if second_factor::is_on(&state.desk, &reader.caller).await? {
            SecondFactor::On
        } else {
            SecondFactor::Off
        };
        Ok(answer::ok(&profile::sign_in_page(&reader.shell, &second, &devices(&state, &reader).await?)))
    };
    let result = result.await;
    reader.answer(result)
}

async fn devices(state: &ServerState, reader: &Reader) -> Result<Vec<Device>, Error> {
    let own = match reader.caller.actor.means {
        Means::Session { session, .. } => Some(session),
        _ => None,
    };
    Ok(sessions::list(&state.desk, &reader.caller)
        .await?
        .into_iter()
        .map(|session| Device {
            id: session.id.to_string(),
            name: browser_name(&session.user_agent),
            seen: overview::day(session.last_seen_at),
            current: Some(session.id) == own,
        })
        .collect())
}

/// `Firefox on Windows`, from what the browser says of itself.
fn browser_name(agent: &str) -> String {
    let first = |names: &[(&str, &'static str)]| {
        names.iter().find(|(part, _)| agent.contains(part)).map(|(_, name)| *name)
    };
    let browser = first(&[
        ("Edg/", "Edge"),
        ("OPR/", "Opera"),
        ("Firefox/", "Firefox"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
    ]);
    let system = first(&[
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Android", "Android"),
        ("Windows", "Windows"),
        ("Mac OS", "Mac"),
        ("Linux", "Linux"),
    ]);
    match (browser, system) {
        (Some(browser), Some(system)) => format!("{browser} on {system}"),
        (Some(name), None) | (None, Some(name)) => name.to_owned(),
        (None, None) => "A browser that does not say its name".to_owned(),
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Passwords {
    current: String,
    password: String,
}

async fn change_password(
    State(state): State<ServerState>,
    reader: Reader,
    Form(form): Form<Passwords>,
) -> Response {
    let result = async {
        links::change_password(&state.desk, &reader.caller, form.current, form.password).await?;
        Ok(reader::see_and_say(
            &state,
            "/settings/sign-in",
            "Password changed; other devices are signed out.",
        ))
    };
    let result = result.await;
    reader.answer(result)
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Shown {
    own: String,
    code: String,
}

async fn begin_second(
    State(state): State<ServerState>,
    reader: Reader,
    Form(shown): Form<Shown>,
) -> Response {
    let result = async {
        let enrolment = second_factor::begin(&state.desk, &reader.caller, shown.own).await?;
        let pending = SecondFactor::Pending {
            secret: enrolment.seed.clone(),
            address: enrolment.address.clone(),
            recovery: enrolment.recovery_codes.clone(),
        };
        Ok(answer::ok(&profile::sign_in_page(&reader.shell, &pending, &[])))
    };
    let result = result.await;
    reader.answer(result)
}

async fn confirm_second(
    State(state): State<ServerState>,
    reader: Reader,
    Form(shown): Form<Shown>,
) -> Response {
    let result = async {
        second_factor::confirm(&state.desk, &reader.caller, &shown.code).await?;
        Ok(reader::see_and_say(&state, "/settings/sign-in", "The second factor is on."))
    };
    let result = result.await;
    reader.answer(result)
}

async fn remove_second(
    State(state): State<ServerState>,
    reader: Reader,
    Form(shown): Form<Shown>,
) -> Response {
    let result = async {
        second_factor::remove(&state.desk, &reader.caller, shown.own).await?;
        Ok(reader::see_and_say(&state, "/settings/sign-in", "The second factor is off."))
    };
    let result = result.await;
    reader.answer(result)
}

async fn sign_out(State(state): State<ServerState>, reader: Reader) -> Response {
    let result = async {
        sessions::end(&state.desk, &reader.caller).await?;
        let mut response = answer::see(pages::route::SIGN_IN);
        keep(&state, &mut response, None);
        Ok(response)
    };
    let result = result.await;
    reader.answer(result)
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Which {
    session: String,
}

async fn sign_out_device(
    State(state): State<ServerState>,
    reader: Reader,
    Form(which): Form<Which>,
) -> Response {
    let result = async {
        let id = which.session.parse().map_err(|_| Error::NotFound("session"))?;
        sessions::delete(&state.desk, &reader.caller, id).await?;
        Ok(reader::see_and_say(&state, "/settings/sign-in", "The device is signed out."))
    };
    let result = result.await;
    reader.answer(result)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn browsers_are_told_by_their_names() {
        for (agent, name) in [
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0",
                "Firefox on Windows",
            ),
            (
                "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0",
                "Edge on Linux",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1",
                "Safari on iPhone",
            ),
            ("curl/8.0", "A browser that does not say its name"),
        ] {
            assert_eq!(browser_name(agent), name);
        }
    }
}
