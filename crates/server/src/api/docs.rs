//! The description of the API: as a document for programs, and as a page for people that asks nobody else for anything.

use std::sync::Arc;

use axum::{
    http::{HeaderValue, header},
    response::{Html, IntoResponse, Response},
};
use serde_json::Value;
use utoipa::openapi::OpenApi;

/// The document as text, and the page made of it.
#[derive(Debug, Clone)]
pub struct Docs {
    document: Arc<str>,
    page: Arc<str>,
}

impl Docs {
    /// What there is to say about this API.
    pub fn of(description: &OpenApi) -> Self {
        let value = serde_json::to_value(description).unwrap_or_default();
        Self { document: value.to_string().into(), page: page(&value).into() }
    }

    /// The document.
    pub fn document(&self) -> Response {
        let mut response = self.document.to_string().into_response();
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        response
    }

    /// The page.
    pub fn page(&self) -> Response {
        Html(self.page.to_string()).into_response()
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

fn page(document: &Value) -> String {
    let mut html = String::from(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" \
         content=\"width=device-width\"><title>PlantIntel API</title>",
    );
    html.push_str(&format!(
        "<link rel=\"stylesheet\" href=\"{}\"></head><body><main>",
        pages::assets::address("app.css")
    ));
    html.push_str("<h1>PlantIntel API</h1><p>Everything is under <code>/api/v1</code>. The whole description as a \
         document: <a href=\"/api/openapi.json\">/api/openapi.json</a>. Errors are problem documents (RFC 9457) with a \
         stable <code>type</code> and a <code>trace_id</code>.</p>");
    let empty = serde_json::Map::new();
    let paths = document["paths"].as_object().unwrap_or(&empty);
    html.push_str("<h2>Operations</h2>");
    for (path, operations) in paths {
        for (method, operation) in operations.as_object().unwrap_or(&empty) {
            let summary =
                operation["summary"].as_str().or(operation["description"].as_str()).unwrap_or_default();
            let title = format!("{} {}", method.to_uppercase(), path);
            html.push_str(&format!("<h3><code>{}</code></h3><p>{}</p>", escape(&title), escape(summary)));
            let body = &operation["requestBody"]["content"];
            for (kind, content) in body.as_object().unwrap_or(&empty) {
                html.push_str(&format!(
                    "<p>Takes {} as <code>{}</code>.</p>",
                    named(&content["schema"]),
                    escape(kind)
                ));
            }
            let mut answers = Vec::new();
            for (status, answer) in operation["responses"].as_object().unwrap_or(&empty) {
                let content = answer["content"].as_object().and_then(|content| content.values().next());
                match content {
                    Some(content) if status.starts_with('2') => {
                        answers.push(format!("{} {}", escape(status), named(&content["schema"])));
                    }
                    _ => answers.push(escape(status)),
                }
            }
            html.push_str(&format!("<p>Answers {}.</p>", answers.join(", ")));
        }
    }
    html.push_str("<h2>Shapes</h2>");
    for (name, schema) in document["components"]["schemas"].as_object().unwrap_or(&empty) {
        html.push_str(&format!("<h3 id=\"{0}\"><code>{0}</code></h3><ul>", escape(name)));
        for (field, shape) in schema["properties"].as_object().unwrap_or(&empty) {
            let words = shape["description"].as_str().unwrap_or_default();
            html.push_str(&format!(
                "<li><code>{}</code>: {} {}</li>",
                escape(field),
                named(shape),
                escape(words)
            ));
        }
        html.push_str("</ul>");
    }
    html.push_str("<h2>Problems</h2><ul>");
    for kind in crate::problem::Kind::ALL {
        html.push_str(&format!(
            "<li><code>urn:plantintel:problem:{}</code> ({}): {}</li>",
            kind.name(),
            kind.status().as_u16(),
            kind.title()
        ));
    }
    html.push_str("</ul></main></body></html>");
    html
}

fn named(schema: &Value) -> String {
    if let Some(name) = schema["$ref"].as_str().and_then(|reference| reference.rsplit('/').next()) {
        return format!("<a href=\"#{0}\">{0}</a>", escape(name));
    }
    let kind = match &schema["type"] {
        Value::String(kind) => kind.clone(),
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" or "),
        _ => String::new(),
    };
    escape(&kind)
}
