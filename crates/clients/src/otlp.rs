//! Traces sent out as OTLP over HTTP, in its JSON form.
//!
//! The form is small and fixed; writing it here costs a page, and the crates for it cost some thirty more to build
//! (`docs/decisions/0021-traces-without-an-sdk.md`). What a span says is decided by the caller; nothing is added but the service's name.

use std::time::Duration;

use serde_json::{Value, json};
use url::Url;

use crate::key_set::{Error, address, client, silent};

/// One piece of work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    /// Sixteen bytes in lower-case hexadecimal.
    pub trace: String,
    /// Eight bytes in lower-case hexadecimal.
    pub id: String,
    /// What was done.
    pub name: String,
    /// Whether somebody asked for it from outside, or it is work of our own.
    pub asked: bool,
    /// Nanoseconds since 1970.
    pub begun_ns: u128,
    pub ended_ns: u128,
    /// Whether it failed for reasons of ours.
    pub failed: bool,
    pub attributes: Vec<(String, String)>,
}

/// Where traces go.
#[derive(Debug, Clone)]
pub struct Exporter {
    url: Url,
    headers: Vec<(String, String)>,
    client: reqwest::Client,
}

impl Exporter {
    /// A collector by its address (`OTEL_EXPORTER_OTLP_ENDPOINT`) and headers as `name=value,name=value`, which may hold a key. Over TLS,
    /// or on this machine.
    pub fn new(endpoint: &str, headers: &str) -> Result<Self, Error> {
        let headers = headers
            .split(',')
            .filter_map(|pair| pair.split_once('='))
            .map(|(name, value)| (name.trim().to_lowercase(), value.trim().to_owned()))
            .collect();
        let url = address(&format!("{}/v1/traces", endpoint.trim_end_matches('/')))?;
        Ok(Self { url, headers, client: client()? })
    }

    /// Sends spans. They are lost where it fails: traces are no record.
    pub async fn send(&self, spans: &[Span]) -> Result<(), Error> {
        let mut request = self
            .client
            .post(self.url.clone())
            .timeout(Duration::from_secs(10))
            .header("content-type", "application/json")
            .body(document(spans).to_string());
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        let answer = request.send().await.map_err(silent)?;
        if answer.status().is_success() {
            Ok(())
        } else {
            Err(Error::Silent(format!("status {}", answer.status().as_u16())))
        }
    }
}

fn document(spans: &[Span]) -> Value {
    let text = |key: &str, value: &str| json!({"key": key, "value": {"stringValue": value}});
    let spans: Vec<Value> = spans
        .iter()
        .map(|span| {
            json!({
                "traceId": span.trace, "spanId": span.id, "name": span.name,
                "kind": if span.asked { 2 } else { 1 },
                "startTimeUnixNano": span.begun_ns.to_string(), "endTimeUnixNano": span.ended_ns.to_string(),
                "status": {"code": if span.failed { 2 } else { 0 }},
                "attributes": span.attributes.iter().map(|(key, value)| text(key, value)).collect::<Vec<_>>(),
            })
        })
        .collect();
    json!({"resourceSpans": [{
        "resource": {"attributes": [text("service.name", "plantintel"), text("service.version", env!("CARGO_PKG_VERSION"))]},
        "scopeSpans": [{"scope": {"name": "plantintel"}, "spans": spans}],
    }]})
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_has_the_form_that_collectors_read() {
        let span = Span {
            trace: "4bf92f3577b34da6a3ce929d0e0e4736".to_owned(),
            id: "00f067aa0ba902b7".to_owned(),
            name: "GET /api/v1/files".to_owned(),
            asked: true,
            begun_ns: 1_795_666_605_000_000_000,
            ended_ns: 1_795_666_605_004_000_000,
            failed: false,
            attributes: vec![("http.route".to_owned(), "/api/v1/files".to_owned())],
        };
        let document = document(&[span]);
        let sent = &document["resourceSpans"][0]["scopeSpans"][0]["spans"][0];
        // Numbers of 64 bits are text in this form, and ids are hexadecimal.
        assert_eq!(sent["startTimeUnixNano"], "1795666605000000000");
        assert_eq!(sent["traceId"], "4bf92f3577b34da6a3ce929d0e0e4736");
        assert_eq!(sent["kind"], 2);
        assert_eq!(sent["attributes"][0]["value"]["stringValue"], "/api/v1/files");
        assert_eq!(document["resourceSpans"][0]["resource"]["attributes"][0]["key"], "service.name");
    }

    #[test]
    fn keys_go_over_tls_only() {
        assert!(Exporter::new("http://collector.example:4318", "").is_err());
        let exporter =
            Exporter::new("https://collector.example/x/", "Authorization=Bearer a=b, x-y=z").unwrap();
        assert_eq!(exporter.url.as_str(), "https://collector.example/x/v1/traces");
        let headers = [("authorization", "Bearer a=b"), ("x-y", "z")];
        assert_eq!(exporter.headers, headers.map(|(name, value)| (name.to_owned(), value.to_owned())));
        assert!(Exporter::new("http://127.0.0.1:4318", "").is_ok());
    }
}
