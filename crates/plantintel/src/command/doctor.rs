//! `plantintel doctor`: what is set, what is missing and what follows.
//!
//! The same reasons for which a start would refuse, all at once, each with what to do; and what had better be known.

mod bundle;
mod surroundings;

use std::path::Path;

use serde_json::json;
use store::{
    Connection,
    inspect::{self, Inspection},
};

use crate::{
    config::{Config, Finding, findings},
    failure::Failure,
    output,
    service::{OTHER_SECRET, running, secrets},
};

/// Everything that is known after looking.
#[derive(Debug)]
struct Diagnosis {
    facts: Vec<(&'static str, String)>,
    found: Vec<Finding>,
    database: Option<Inspection>,
}

pub(crate) fn run(
    file: Option<&Path>,
    json: bool,
    offline: bool,
    bundle: Option<&Path>,
) -> Result<(), Failure> {
    let config = Config::load(file)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let diagnosis = runtime.block_on(look(&config, offline))?;
    if let Some(path) = bundle {
        bundle::write(path, &config, &diagnosis)?;
        output::message(&format!(
            "what support needs is in {}; look into it before you send it",
            path.display()
        ));
    }
    if json {
        let facts: serde_json::Map<_, _> =
            diagnosis.facts.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
        output::json(&json!({"facts": facts, "findings": listed(&diagnosis.found)}))?;
    } else {
        for (name, value) in &diagnosis.facts {
            output::line(&format!("{name:<20} {value}"))?;
        }
        for one in &diagnosis.found {
            output::line(&format!("{} {one}", if one.refuses { "must change:" } else { "to know:" }))?;
        }
        if diagnosis.found.is_empty() {
            output::line("nothing is wrong")?;
        }
    }
    if diagnosis.found.iter().any(|one| one.refuses) {
        return Err(Failure::Usage("the service would not start like this".to_owned()));
    }
    Ok(())
}

/// Whether the service of this machine answers, at its own address or at that of its metrics.
pub(crate) fn alive(file: Option<&Path>) -> Result<(), Failure> {
    let config = Config::load(file)?;
    let places = [(Some(&config.address), "/health/live"), (config.metrics_address.as_ref(), "/metrics")];
    let answers = places
        .iter()
        .any(|(address, path)| address.is_some_and(|address| surroundings::answers(address, path)));
    if answers {
        Ok(())
    } else {
        Err(Failure::Work(anyhow::anyhow!("the service of this machine does not answer")))
    }
}

fn listed(found: &[Finding]) -> Vec<serde_json::Value> {
    found
        .iter()
        .map(|one| json!({"key": one.key, "fault": one.fault, "remedy": one.remedy, "refuses": one.refuses}))
        .collect()
}

async fn look(config: &Config, offline: bool) -> Result<Diagnosis, Failure> {
    let data = config.data()?;
    let mut found = findings(config);
    let server = config.database_url.reveal().is_some();
    let place = match (server, cluster::find_binaries()) {
        (true, _) => "a configured server".to_owned(),
        (false, Ok(_)) => format!("its own, in {}", data.display()),
        (false, Err(error)) => {
            found.push(Finding::refusal(
                "database_url",
                format!("is not set, and {error}"),
                "install Postgres, or set it",
            ));
            "none".to_owned()
        }
    };
    let mut facts = vec![
        ("version", env!("CARGO_PKG_VERSION").to_owned()),
        ("address", config.address.clone()),
        ("public address", config.reached_at()),
        ("data folder", data.display().to_string()),
        ("database", place),
        ("files", config.blobs.clone().unwrap_or_else(|| data.join("blobs").display().to_string())),
        (
            "secret",
            if secrets::is_kept(config) { "kept in the data folder" } else { "configured" }.to_owned(),
        ),
        ("sign-in", sign_in(config)),
        ("mail", config.smtp_host.clone().unwrap_or_else(|| "none".to_owned())),
        ("requests per minute", config.rate_limit_per_minute.to_string()),
        ("largest file", format!("{} MB", config.max_file_size_mb)),
        ("metrics", config.metrics_address.clone().unwrap_or_else(|| "none".to_owned())),
    ];
    let mut database = None;
    if !offline {
        let secret = known_secret(config, &data, &mut found);
        match reach(config, &data, secret.as_deref()) {
            Ok(Some(connection)) => {
                database = examine(&connection, secret.as_deref(), &mut facts, &mut found).await;
            }
            Ok(None) => facts.push(("database state", "not running; a start runs it".to_owned())),
            Err(finding) => found.push(finding),
        }
        surroundings::look(config, &data, &mut facts, &mut found).await;
    }
    // What must change comes first.
    found.sort_by_key(|one| !one.refuses);
    Ok(Diagnosis { facts, found, database })
}

/// The secret, where there is one already: a look makes none.
fn known_secret(config: &Config, data: &Path, found: &mut Vec<Finding>) -> Option<String> {
    if let Some(secret) = config.secret_key.reveal() {
        return Some(secret.to_owned());
    }
    let file = data.join(secrets::SECRET);
    if !file.exists() {
        return None;
    }
    match secrets::kept(&file) {
        Ok(secret) => Some(secret),
        Err(failure) => {
            found.push(Finding::refusal("secret", failure.to_string(), "only this account may read it"));
            None
        }
    }
}

fn reach(config: &Config, data: &Path, secret: Option<&str>) -> Result<Option<Connection>, Finding> {
    match config.database_url.reveal() {
        Some(url) => Connection::url(url, secret.unwrap_or_default()).map(Some).map_err(|_| {
            Finding::refusal("database_url", "cannot be read", "write postgres://user:password@host/database")
        }),
        None => Ok(running(data)),
    }
}

async fn examine(
    connection: &Connection,
    secret: Option<&str>,
    facts: &mut Vec<(&'static str, String)>,
    found: &mut Vec<Finding>,
) -> Option<Inspection> {
    let inspection = match inspect::inspect(connection).await {
        Ok(inspection) => inspection,
        Err(error) => {
            let mut fault = format!("the database does not answer: {error}");
            if let Some(cause) = std::error::Error::source(&error) {
                fault.push_str(&format!(": {cause}"));
            }
            found.push(Finding::refusal(
                "database_url",
                fault,
                "see that the server runs, and that address and account are right",
            ));
            return None;
        }
    };
    for refusal in &inspection.refusals {
        found.push(Finding::refusal("database", &refusal.fault, &refusal.remedy));
    }
    match store::installation::secret_mark(connection).await {
        Ok(Some(known)) if secret.is_none_or(|secret| store::installation::mark(secret) != known) => {
            let (fault, remedy) = OTHER_SECRET
                .trim_start_matches("secret_key: ")
                .split_once("; ")
                .unwrap_or((OTHER_SECRET, ""));
            found.push(Finding::refusal("secret_key", fault, remedy));
        }
        _ => {}
    }
    facts.push(("Postgres", inspection.server.clone()));
    facts.push(("database size", format!("{} MB", inspection.bytes >> 20)));
    facts.push(("connections", format!("{} of {}", inspection.connections.0, inspection.connections.1)));
    facts.push((
        "migrations",
        format!("at {}, {} to come", inspection.version.unwrap_or(0), inspection.pending),
    ));
    for (name, n) in &inspection.counts {
        facts.push((name_of(name), n.to_string()));
    }
    if let Some(theirs) = inspection.now {
        let apart = (surroundings::now() - theirs).as_secs().abs();
        if apart > 10 {
            found.push(Finding::known(
                "clock",
                format!("is {apart} s apart from the database's"),
                "let both follow the same time server: tokens and leases go by it",
            ));
        }
    }
    if inspection.connections.0 * 10 > inspection.connections.1 * 9 {
        found.push(Finding::known(
            "database",
            format!("{} of {} connections are taken", inspection.connections.0, inspection.connections.1),
            "raise max_connections, or run fewer processes: each takes up to 37",
        ));
    }
    if inspection.stuck > 0 {
        found.push(Finding::known(
            "jobs",
            format!("{} say that they run and nobody works on them", inspection.stuck),
            "start a worker: it takes them over within a minute",
        ));
    }
    if let Some(waiting) = inspection.oldest_waiting_s.filter(|waiting| *waiting > 600) {
        found.push(Finding::known(
            "jobs",
            format!("the oldest has waited for {} minutes", waiting / 60),
            "start more workers, or raise worker_slots",
        ));
    }
    Some(inspection)
}

fn name_of(count: &str) -> &'static str {
    match count {
        "organizations" => "organizations",
        "members" => "members",
        "stored files" => "stored files",
        "datasets" => "datasets",
        _ => "analyses",
    }
}

fn sign_in(config: &Config) -> String {
    let mut ways = vec!["accounts of its own".to_owned()];
    ways.extend(config.issuers.iter().map(|issuer| issuer.issuer.clone()));
    ways.join(", ")
}
