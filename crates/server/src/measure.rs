//! Numbers for Prometheus: requests by route, method and status, and how long they took. On a listener of its own.

use std::time::Instant;

use axum::{
    Router,
    extract::{MatchedPath, Request},
    http::header,
    middleware::Next,
    response::{IntoResponse, Response},
    routing::get,
};
use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder};

pub use metrics_exporter_prometheus::PrometheusHandle as Handle;

/// Middleware: counts a request when it is answered. A route is named by its template, so that numbers stay few.
pub async fn count(request: Request, next: Next) -> Response {
    let begun = Instant::now();
    let method = request.method().as_str().to_owned();
    let route = request.extensions().get::<MatchedPath>().map_or("", MatchedPath::as_str).to_owned();
    let response = next.run(request).await;
    let status = response.status().as_u16().to_string();
    let labels = [("method", method), ("route", route), ("status", status)];
    metrics::counter!("http_requests_total", &labels).increment(1);
    metrics::histogram!("http_request_seconds", &labels).record(begun.elapsed().as_secs_f64());
    response
}

/// How the queue stands, over all organizations.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Queue {
    /// Jobs that wait and may run.
    pub waiting: i64,
    /// Jobs that somebody works on.
    pub running: i64,
    /// Jobs that were given up and stand there as such.
    pub failed: i64,
    /// Jobs whose worker vanished over a minute ago.
    pub stuck: i64,
    /// For how long the oldest has waited.
    pub oldest_waiting_s: i64,
}

/// Notes how the queue stands. Every process notes the same; take the largest.
pub fn queue(queue: Queue) {
    metrics::gauge!("jobs_waiting").set(queue.waiting as f64);
    metrics::gauge!("jobs_running").set(queue.running as f64);
    metrics::gauge!("jobs_failed").set(queue.failed as f64);
    metrics::gauge!("jobs_stuck").set(queue.stuck as f64);
    metrics::gauge!("jobs_oldest_waiting_seconds").set(queue.oldest_waiting_s as f64);
}

/// Notes whether the database answers.
pub fn database(answers: bool) {
    metrics::gauge!("database_up").set(if answers { 1.0 } else { 0.0 });
}

/// Notes what this process takes: bytes of memory, open descriptors.
pub fn process(resident_bytes: u64, descriptors: u64) {
    metrics::gauge!("process_resident_memory_bytes").set(resident_bytes as f64);
    metrics::gauge!("process_open_fds").set(descriptors as f64);
}

/// Counts something that failed for reasons of ours.
pub fn fault(severity: &'static str, category: &'static str) {
    metrics::counter!("faults_total", "severity" => severity, "category" => category).increment(1);
}

/// Notes that the ends of the audit trails were signed, or could not be.
pub fn checkpoint(signed: bool) {
    metrics::counter!("audit_checkpoints_total", "outcome" => if signed { "signed" } else { "failed" })
        .increment(1);
}

/// Begins to collect. Once in a process.
pub fn collect() -> Result<Handle, BuildError> {
    PrometheusBuilder::new()
        .set_buckets_for_metric(
            Matcher::Full("http_request_seconds".to_owned()),
            &[0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0],
        )?
        .install_recorder()
}

/// The page that Prometheus asks for.
pub fn router(handle: Handle) -> Router {
    let page = move || {
        let text = handle.render();
        async move { ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], text).into_response() }
    };
    Router::new().route("/metrics", get(page))
}
