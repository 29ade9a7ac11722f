//! `plantintel doctor`: what is set, what is missing and what follows.

use std::path::Path;

use serde_json::json;

use crate::{
    config::{Config, findings},
    failure::Failure,
    output,
};

pub(crate) fn run(file: Option<&Path>, json: bool) -> Result<(), Failure> {
    let config = Config::load(file)?;
    let data = config.data()?;
    let found = findings(&config);
    let postgres = match (config.database_url.reveal(), cluster::find_binaries()) {
        (Some(_), _) => "a configured server".to_owned(),
        (None, Ok(_)) => format!("its own, in {}", data.display()),
        (None, Err(error)) => format!("none: {error}"),
    };
    let no_database = postgres.starts_with("none");
    let facts = [
        ("address", config.address.clone()),
        ("public address", config.reached_at()),
        ("data folder", data.display().to_string()),
        ("database", postgres),
        ("files", config.blobs.clone().unwrap_or_else(|| data.join("blobs").display().to_string())),
        ("sign-in", sign_in(&config)),
        ("mail", config.smtp_host.clone().unwrap_or_else(|| "none".to_owned())),
        ("requests per minute", config.rate_limit_per_minute.to_string()),
        ("largest file", format!("{} MB", config.max_file_size_mb)),
        ("metrics", config.metrics_address.clone().unwrap_or_else(|| "none".to_owned())),
    ];
    if json {
        let facts: serde_json::Map<_, _> =
            facts.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
        let findings: Vec<_> = found
            .iter()
            .map(|one| json!({"key": one.key, "fault": one.fault, "remedy": one.remedy, "refuses": one.refuses}))
            .collect();
        output::json(&json!({"facts": facts, "findings": findings}))?;
    } else {
        for (name, value) in &facts {
            output::line(&format!("{name:<20} {value}"))?;
        }
        for one in &found {
            output::line(&format!("{} {one}", if one.refuses { "must change:" } else { "to know:" }))?;
        }
    }
    if no_database || found.iter().any(|one| one.refuses) {
        return Err(Failure::Usage("the service would not start like this".to_owned()));
    }
    Ok(())
}

fn sign_in(config: &Config) -> String {
    let mut ways = vec!["accounts of its own".to_owned()];
    ways.extend(config.issuers.iter().map(|issuer| issuer.issuer.clone()));
    ways.join(", ")
}
