//! What support needs, in one JSON document: versions, settings without secrets, sizes, counts and the queue. Nothing that a
//! customer wrote gets in, because nothing of the kind is asked for.

use std::path::Path;

use serde_json::{Value, json};

use super::{Diagnosis, surroundings};
use crate::{
    config::{Config, Finding},
    failure::Failure,
};

pub(super) fn write(path: &Path, config: &Config, diagnosis: &Diagnosis) -> Result<(), Failure> {
    let database = diagnosis.database.as_ref().map(|found| {
        json!({
            "server": found.server, "bytes": found.bytes, "connections": found.connections.0, "connections_max": found.connections.1,
            "version": found.version, "pending": found.pending,
            "tables": found.tables.iter().map(|(name, bytes, rows)| json!({"name": name, "bytes": bytes, "rows": rows})).collect::<Vec<_>>(),
            "counts": found.counts.iter().map(|(name, n)| (name.clone(), json!(n))).collect::<serde_json::Map<_, _>>(),
            "jobs": found.jobs.iter().map(|(kind, state, n)| json!({"kind": kind, "state": state, "count": n})).collect::<Vec<_>>(),
            "oldest_waiting_s": found.oldest_waiting_s, "stuck_jobs": found.stuck,
        })
    });
    let document = json!({
        "made_at": surroundings::now().to_string(), "program": env!("CARGO_PKG_VERSION"),
        "machine": machine(), "settings": settings(config), "findings": findings(&diagnosis.found), "database": database,
    });
    let text = serde_json::to_string_pretty(&document).map_err(anyhow::Error::from)?;
    Ok(std::fs::write(path, text + "\n")?)
}

/// What is wrong, by key; in words only where the words are all ours.
fn findings(found: &[Finding]) -> Vec<Value> {
    let ours = ["database", "clock", "jobs"];
    found
        .iter()
        .map(|one| {
            let key = one.key.split(' ').next().unwrap_or_default();
            let fault = ours.contains(&key).then_some(one.fault.as_str());
            json!({"key": key, "refuses": one.refuses, "fault": fault})
        })
        .collect()
}

/// How the program is set up: what decides its behaviour, without addresses, names and secrets.
fn settings(config: &Config) -> Value {
    json!({
        "database": if config.database_url.reveal().is_some() { "a server" } else { "its own" },
        "files": match config.blobs.as_deref() {
            None => "its own folder",
            Some(place) if place.contains("://") => place.split("://").next().unwrap_or_default(),
            Some(_) => "a folder",
        },
        "https": config.reached_at().starts_with("https://"),
        "trusted_proxies": config.trusted_proxies.len(),
        "rate_limit_per_minute": config.rate_limit_per_minute,
        "rate_limit_shared": config.rate_limit_shared,
        "max_file_size_mb": config.max_file_size_mb,
        "worker_slots": config.worker_slots,
        "rounds_seconds": config.rounds_seconds,
        "sign_up": config.sign_up,
        "mail": config.smtp_host.is_some(),
        "issuers": config.issuers.len(),
        "metrics": config.metrics_address.is_some(),
        "log": config.log,
    })
}

fn machine() -> Value {
    let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
    let memory = read("/proc/meminfo");
    let line = |name: &str| {
        memory.lines().find_map(|line| line.strip_prefix(name)).map(|rest| rest.trim().to_owned())
    };
    json!({
        "system": std::env::consts::OS, "processor": std::env::consts::ARCH,
        "cores": std::thread::available_parallelism().map_or(0, std::num::NonZero::get),
        "memory": line("MemTotal:"), "memory_free": line("MemAvailable:"),
        "load": read("/proc/loadavg").split_whitespace().take(3).collect::<Vec<_>>(),
        "kernel": read("/proc/sys/kernel/osrelease").trim(),
    })
}
