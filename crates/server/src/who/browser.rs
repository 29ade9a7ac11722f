//! Browsers: the session's cookie, and the proof that a change was asked for by a page of ours.

use axum::{
    body::Body,
    extract::Request,
    http::{HeaderMap, HeaderValue, Method, header},
};
use domain::id::SessionId;

use crate::{Problem, ServerState, problem::Kind, state::ServerSettings};

/// The largest form whose body is looked at for its token.
const FORM_BYTES: usize = 1 << 20;

/// The browser of a caller who came with a session.
#[derive(Debug, Clone)]
pub struct Browser {
    /// Which session.
    pub session: SessionId,
    /// The token that its forms carry.
    pub form_token: String,
}

/// The cookie's name. With TLS the prefix binds it to this very host.
pub fn cookie_name(settings: &ServerSettings) -> &'static str {
    if settings.is_secure() { "__Host-plantintel" } else { "plantintel" }
}

/// The value of a cookie. Of two with one name neither counts: somebody else may have set the second.
pub fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let pairs = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
    let mut found = pairs.flat_map(|line| line.split(';')).filter_map(|pair| {
        let (key, value) = pair.trim().split_once('=')?;
        (key == name && !value.is_empty()).then_some(value)
    });
    match (found.next(), found.next()) {
        (Some(value), None) => Some(value),
        _ => None,
    }
}

/// The header that sets a cookie for so many seconds; none removes it.
pub fn set_cookie(
    settings: &ServerSettings,
    name: &str,
    value: &str,
    seconds: Option<i64>,
) -> Option<HeaderValue> {
    let secure = if settings.is_secure() { "; Secure" } else { "" };
    let age = seconds.unwrap_or(0).max(0);
    HeaderValue::from_str(&format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={age}{secure}"))
        .ok()
}

/// Whether a browser says that the request began on a page of another site.
pub fn from_elsewhere(headers: &HeaderMap, settings: &ServerSettings) -> bool {
    if let Some(site) = headers.get("sec-fetch-site") {
        return site != "same-origin" && site != "none";
    }
    let Some(origin) = headers.get(header::ORIGIN) else { return false };
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let ours = [settings.public_address.clone(), format!("http://{host}"), format!("https://{host}")];
    !ours.iter().any(|ours| origin.as_bytes() == ours.as_bytes())
}

/// Checks a change that came with a session's cookie: from a page of ours, with the session's token in a header, the
/// address, or a field of the form. Gives the request back, its body unharmed.
pub async fn check_form(
    state: &ServerState,
    session: SessionId,
    request: Request,
) -> Result<Request, Problem> {
    if matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS) {
        return Ok(request);
    }
    let refused =
        || Problem::new(Kind::Forbidden, "the form has ended; load the page again, then send it once more");
    if from_elsewhere(request.headers(), &state.settings) {
        return Err(refused());
    }
    let holds = |token: &str| state.desk.keys.form_token_holds(session.0, token);
    let in_header = request.headers().get("x-csrf-token").and_then(|token| token.to_str().ok());
    let in_address = request.uri().query().and_then(|query| field(query.as_bytes(), "csrf"));
    if in_header.is_some_and(holds) || in_address.is_some_and(|token| holds(&token)) {
        return Ok(request);
    }
    let is_form = request
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok())
        .is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded"));
    if !is_form {
        return Err(refused());
    }
    let (parts, body) = request.into_parts();
    let bytes = axum::body::to_bytes(body, FORM_BYTES)
        .await
        .map_err(|_| Problem::new(Kind::TooLarge, "the form is larger than this address takes"))?;
    if field(&bytes, "csrf").is_some_and(|token| holds(&token)) {
        Ok(Request::from_parts(parts, Body::from(bytes)))
    } else {
        Err(refused())
    }
}

fn field(form: &[u8], name: &str) -> Option<String> {
    url::form_urlencoded::parse(form).find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_counts_only_when_it_stands_once() {
        for (lines, found) in [
            (&["plantintel=abc"][..], Some("abc")),
            (&["a=b; plantintel=abc; c=d"], Some("abc")),
            (&["plantintel=abc; plantintel=def"], None),
            (&["plantintel=abc", "plantintel=abc"], None),
            (&["xplantintel=abc"], None),
            (&["plantintel="], None),
            (&[], None),
        ] {
            let mut headers = HeaderMap::new();
            for line in lines {
                headers.append(header::COOKIE, line.parse().unwrap());
            }
            assert_eq!(cookie(&headers, "plantintel"), found, "{lines:?}");
        }
    }

    #[test]
    fn pages_of_other_sites_are_told_apart() {
        let settings = ServerSettings {
            public_address: "https://plant.example".to_owned(),
            trusted_proxies: Vec::new(),
            allowed_origins: Vec::new(),
            body_bytes_max: 0,
        };
        for (headers, elsewhere) in [
            (&[("sec-fetch-site", "same-origin")][..], false),
            (&[("sec-fetch-site", "none")], false),
            (&[("sec-fetch-site", "cross-site")], true),
            (&[("sec-fetch-site", "same-site")], true),
            (&[("origin", "https://plant.example")], false),
            (&[("origin", "https://plant.example.evil")], true),
            (&[("origin", "null")], true),
            (&[("origin", "http://inside:8000"), ("host", "inside:8000")], false),
            (&[], false),
        ] {
            let mut map = HeaderMap::new();
            for (name, value) in headers {
                map.insert(*name, value.parse().unwrap());
            }
            assert_eq!(from_elsewhere(&map, &settings), elsewhere, "{headers:?}");
        }
    }
}
