//! What handlers give, as responses: pages with their headers, and errors as pages.

use app::Error;
use askama::Template;
use axum::{
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
};
use pages::{layout::Shell, page::error::ErrorPage};

use crate::{Problem, trace};

/// Nothing from elsewhere, nothing inline, no frame around us.
const POLICY: &str =
    "default-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'";

/// A page, with the headers that every page carries.
pub(super) fn page(status: StatusCode, template: &impl Template) -> Response {
    let html = match template.render() {
        Ok(html) => html,
        Err(error) => {
            tracing::error!(%error, "a page could not be filled");
            return Problem::internal().into_response();
        }
    };
    let headers: [(HeaderName, HeaderValue); 5] = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")),
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY)),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (header::REFERRER_POLICY, HeaderValue::from_static("same-origin")),
        // A page shows a customer's figures: no cache keeps it.
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    (status, headers, html).into_response()
}

/// A page of a handler that went well.
pub(super) fn ok(template: &impl Template) -> Response {
    page(StatusCode::OK, template)
}

/// After a form: to the page that shows what came of it.
pub(super) fn see(address: impl AsRef<str>) -> Response {
    Redirect::to(address.as_ref()).into_response()
}

/// What went wrong, as a page in this frame.
pub(super) fn error(shell: &Shell, error: Error) -> Response {
    let role = match &error {
        Error::Forbidden { needed } => Some(needed.name()),
        _ => None,
    };
    let is_operators = matches!(error, Error::NotAnOperator);
    let is_limit = matches!(error, Error::Limit { .. });
    let problem = Problem::from(error);
    let status = problem.kind().status();
    let detail = sentence(problem.detail());
    let template = match status {
        StatusCode::NOT_FOUND => ErrorPage::not_found(shell),
        StatusCode::FORBIDDEN if is_operators => ErrorPage::operators_only(shell),
        StatusCode::FORBIDDEN if role.is_some() => ErrorPage::forbidden(shell, role.unwrap_or_default()),
        StatusCode::TOO_MANY_REQUESTS if is_limit => {
            ErrorPage::limit(shell, detail.trim_end_matches('.'), "")
        }
        StatusCode::INTERNAL_SERVER_ERROR => {
            let code = trace::current().map(|trace| trace.to_string()).unwrap_or_default();
            ErrorPage::internal(shell, &code)
        }
        _ => ErrorPage::refused(shell, &sentence(&problem.words())),
    };
    page(status, &template)
}

/// The page of ours that a form stood on; the overview where that is not known.
pub(super) fn came_from(headers: &HeaderMap) -> String {
    let said = headers.get(header::REFERER).and_then(|address| address.to_str().ok());
    let address = said.and_then(|address| url::Url::parse(address).ok());
    address.map_or_else(
        || pages::route::OVERVIEW.to_owned(),
        |address| match address.query() {
            Some(query) => format!("{}?{query}", address.path()),
            None => address.path().to_owned(),
        },
    )
}

/// A form of somebody whose session has ended: nothing was changed, and the way back in leads to the form.
pub(super) fn signed_out(came_from: &str) -> Response {
    let next: String = url::form_urlencoded::byte_serialize(came_from.as_bytes()).collect();
    let sign_in = format!("{}?next={next}", pages::route::SIGN_IN);
    page(StatusCode::UNAUTHORIZED, &ErrorPage::signed_out(&Shell::default(), &sign_in))
}

/// A problem document of the door or of an extractor, as a page. Everything else passes as it is.
pub(super) async fn in_words(response: Response) -> Response {
    let is_problem = response
        .headers()
        .get(header::CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes().starts_with(b"application/problem+json"));
    if !is_problem {
        return response;
    }
    let (parts, body) = response.into_parts();
    let body = axum::body::to_bytes(body, 1 << 20).await.unwrap_or_default();
    let document: serde_json::Value = serde_json::from_slice(&body).unwrap_or_default();
    let detail = sentence(document["detail"].as_str().unwrap_or("that did not work"));
    let shell = Shell::default();
    let template = match parts.status {
        StatusCode::NOT_FOUND => ErrorPage::not_found(&shell),
        StatusCode::TOO_MANY_REQUESTS => ErrorPage::limit(&shell, detail.trim_end_matches('.'), ""),
        StatusCode::INTERNAL_SERVER_ERROR => {
            ErrorPage::internal(&shell, document["trace_id"].as_str().unwrap_or_default())
        }
        _ => ErrorPage::refused(&shell, &detail),
    };
    let mut response = page(parts.status, &template);
    // What the door says in headers (when to come again, how often one may) goes on saying it.
    for (name, value) in &parts.headers {
        if name != header::CONTENT_TYPE && name != header::CONTENT_LENGTH {
            response.headers_mut().entry(name).or_insert_with(|| value.clone());
        }
    }
    response
}

/// Words of logs and the API begin small and end without a stop; on a page they are a sentence.
pub(super) fn sentence(words: &str) -> String {
    let mut letters = words.trim().chars();
    let mut text: String =
        letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default();
    if !text.is_empty() && !text.ends_with(['.', '?', '!']) {
        text.push('.');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_become_sentences() {
        for (words, said) in [
            ("the file holds no table", "The file holds no table."),
            ("Try again.", "Try again."),
            ("", ""),
            ("ärger", "Ärger."),
        ] {
            assert_eq!(sentence(words), said);
        }
    }
}
