//! What must not stand in a configuration, and what had better not.

use std::collections::BTreeSet;

use app::network::Network;
use clients::{alerts::Alerts, blobs::Blobs, key_set, oidc::Provider, otlp::Exporter, sentry::Sentry};
use jiff::Timestamp;
use server::who::jws::Algorithm;

use super::Config;

/// The plans that every installation has.
const PLANS: &[&str] = &["trial", "pilot", "starter", "professional", "enterprise", "unlimited"];

/// No clock that shows less than this is right: this program did not exist then.
const BUILT_AFTER: &str = "2026-11-01T00:00:00Z";
/// The fewest characters of a secret.
const SHORTEST: usize = 32;
/// Words that only stand in secrets that were copied from an example.
const SAMPLES: [&str; 10] = [
    "your_",
    "your-",
    "changeme",
    "change_me",
    "change-me",
    "example",
    "secret_key",
    "password",
    "sample",
    "xxxx",
];

/// Something about the configuration that somebody should know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Finding {
    /// Which key.
    pub(crate) key: String,
    /// What is wrong with it.
    pub(crate) fault: String,
    /// What to do.
    pub(crate) remedy: String,
    /// Whether the program refuses to serve like this.
    pub(crate) refuses: bool,
}

impl Finding {
    /// Something for which the program refuses to serve.
    pub(crate) fn refusal(key: &str, fault: impl Into<String>, remedy: &str) -> Self {
        Self { key: key.to_owned(), fault: fault.into(), remedy: remedy.to_owned(), refuses: true }
    }

    /// Something that had better be known.
    pub(crate) fn known(key: &str, fault: impl Into<String>, remedy: &str) -> Self {
        Self { refuses: false, ..Self::refusal(key, fault, remedy) }
    }
}

/// Everything that is wrong with a configuration, without asking anybody else.
pub(crate) fn findings(config: &Config) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut add = |refuses: bool, key: &str, fault: String, remedy: &str| {
        found.push(Finding { key: key.to_owned(), fault, remedy: remedy.to_owned(), refuses });
    };

    let secrets = [
        ("secret_key", &config.secret_key),
        ("smtp_password", &config.smtp_password),
        ("stripe_webhook_secret", &config.stripe_webhook_secret),
    ];
    for (key, secret) in secrets {
        let Some(text) = secret.reveal() else { continue };
        let folded = text.to_lowercase();
        if SAMPLES.iter().any(|sample| folded.contains(sample)) {
            add(
                true,
                key,
                "is a sample from some documentation".to_owned(),
                "make one with: openssl rand -base64 48",
            );
        } else if key == "secret_key" && text.chars().count() < SHORTEST {
            add(
                true,
                key,
                format!("has fewer than {SHORTEST} characters"),
                "make one with: openssl rand -base64 48",
            );
        } else if key == "secret_key" && text.chars().collect::<BTreeSet<_>>().len() < 10 {
            add(true, key, "repeats a few characters".to_owned(), "make one with: openssl rand -base64 48");
        }
    }
    if let (Some(one), Some(other)) = (config.secret_key.reveal(), config.smtp_password.reveal())
        && one == other
    {
        add(true, "secret_key", "is the same as smtp_password".to_owned(), "give each its own");
    }
    if let Some(url) = config.database_url.reveal() {
        if !url.starts_with("postgres://") && !url.starts_with("postgresql://") {
            add(
                true,
                "database_url",
                "is no address of a Postgres server".to_owned(),
                "write postgres://user:password@host/database",
            );
        } else if ["postgres:postgres@", ":password@", ":changeme@"].iter().any(|sample| url.contains(sample))
        {
            add(
                true,
                "database_url",
                "has a sample password".to_owned(),
                "give the database account a password of its own",
            );
        }
        if config.secret_key.reveal().is_none() {
            add(
                false,
                "secret_key",
                "is not set, so that it is kept in the data folder".to_owned(),
                "set it where several machines serve one database",
            );
        }
    }
    if config.address.parse::<std::net::SocketAddr>().is_err() {
        add(
            true,
            "address",
            format!("is {}", config.address),
            "write host and port as numbers, such as 127.0.0.1:8000",
        );
    }
    if let Some(address) = &config.metrics_address
        && address.parse::<std::net::SocketAddr>().is_err()
    {
        add(
            true,
            "metrics_address",
            format!("is {address}"),
            "write host and port as numbers, such as 127.0.0.1:9464",
        );
    }
    if let Some(public) = &config.public_address
        && !public.starts_with("https://")
        && !public.starts_with("http://")
    {
        add(true, "public_address", format!("is {public}"), "write it as https://plant.example.com");
    }
    let local = ["127.", "localhost", "[::1]"];
    if !local.iter().any(|here| config.address.starts_with(here))
        && !config.reached_at().starts_with("https://")
    {
        add(
            false,
            "public_address",
            "is not https, though others can reach the server".to_owned(),
            "put a proxy with TLS in front and set public_address to its https address",
        );
    }
    for (key, networks) in
        [("trusted_proxies", &config.trusted_proxies), ("operator_networks", &config.operator_networks)]
    {
        for network in networks.iter().filter(|network| Network::parse(network).is_none()) {
            add(true, key, format!("names {network}"), "write addresses or ranges such as 10.0.0.0/8");
        }
    }
    for origin in &config.allowed_origins {
        if server::origins::parse(origin).is_none() {
            add(
                true,
                "allowed_origins",
                format!("names {origin}"),
                "write origins as browsers do, such as https://tools.example.com, each by itself",
            );
        }
    }
    if let Some(address) = config.redis_url.reveal() {
        if !["redis://", "rediss://", "unix://", "redis+unix://"]
            .iter()
            .any(|start| address.starts_with(start))
        {
            add(
                true,
                "redis_url",
                "is no address of a Redis server".to_owned(),
                "leave it out, or write redis://host",
            );
        }
        add(
            false,
            "redis_url",
            "is set, and nothing is kept there: jobs, limits and sessions are in Postgres".to_owned(),
            "leave it out; several processes share the database (rate_limit_shared)",
        );
    }
    if config.clerk_secret_key.reveal().is_some() && config.issuers.is_empty() {
        add(
            false,
            "clerk_secret_key",
            "is set, and no issuer is: Clerk's tokens are checked with the keys that it publishes".to_owned(),
            "add Clerk to issuers, with its keys_url and authorised_parties; the secret key is not needed",
        );
    }
    if config.rate_limit_per_minute == 0 {
        add(
            true,
            "rate_limit_per_minute",
            "is 0, so that nobody could ask anything".to_owned(),
            "write a number such as 60",
        );
    }
    if config.max_file_size_mb == 0 {
        add(true, "max_file_size_mb", "is 0".to_owned(), "write a number such as 500");
    }
    if config.worker_slots == 0 {
        add(true, "worker_slots", "is 0, so that no job would run".to_owned(), "write a number such as 2");
    }
    if !(1..=3600).contains(&config.rounds_seconds) {
        add(true, "rounds_seconds", format!("is {}", config.rounds_seconds), "write seconds from 1 to 3600");
    }
    if !["tls", "starttls", "none"].contains(&config.smtp_security.as_str()) {
        add(true, "smtp_security", format!("is {}", config.smtp_security), "write tls, starttls or none");
    }
    if let Some(settings) = config.smtp()
        && let Err(error) = settings.usable()
    {
        add(
            true,
            "smtp_from",
            error.to_string(),
            "write it as in PlantIntel <plantintel@example.com>, and smtp_host as a name",
        );
    }
    for (key, hours) in
        [("session_idle_hours", config.session_idle_hours), ("session_hours", config.session_hours)]
    {
        if !(1..=24 * 366).contains(&hours) {
            add(true, key, format!("is {hours}"), "write hours from 1 to 8784");
        }
    }
    if !config.owner_email.split_once('@').is_some_and(|(name, host)| !name.is_empty() && !host.is_empty()) {
        add(
            true,
            "owner_email",
            format!("is {}", config.owner_email),
            "write an address as marie@example.com",
        );
    }
    if config.organization.trim().is_empty() || config.organization.chars().count() > 200 {
        add(true, "organization", "has no name, or a very long one".to_owned(), "write 1 to 200 characters");
    }
    if tracing_subscriber::EnvFilter::try_new(&config.log).is_err() {
        add(true, "log", format!("is {}", config.log), "write it as in info or server=debug,info");
    }
    if let Some(place) = config.blobs.as_deref().filter(|place| place.contains("://"))
        && let Err(error) = Blobs::open(place, Config::blob_options())
    {
        add(true, "blobs", error.to_string(), "write a folder, or s3://bucket/prefix");
    }
    if config.watched_folder.as_ref().is_some_and(|folder| !folder.is_absolute()) {
        add(
            true,
            "watched_folder",
            "does not begin at the root".to_owned(),
            "write the whole path: server and worker may start elsewhere",
        );
    }
    for (price, plan) in config.stripe_prices.iter().filter(|(_, plan)| !PLANS.contains(&plan.as_str())) {
        add(
            true,
            "stripe_prices",
            format!("says that {price} buys {plan}"),
            "write trial, pilot, starter, professional, enterprise or unlimited",
        );
    }
    if config.sign_up && config.smtp_host.is_none() {
        add(
            true,
            "sign_up",
            "is on, and there is no mail server for the letters with the links".to_owned(),
            "set smtp_host, or sign_up = false",
        );
    }
    if !PLANS.contains(&config.sign_up_plan.as_str()) {
        add(
            true,
            "sign_up_plan",
            format!("is {}", config.sign_up_plan),
            "write trial, pilot, starter, professional, enterprise or unlimited",
        );
    }
    if !PLANS.contains(&config.plan_without_subscription.as_str()) {
        add(
            true,
            "plan_without_subscription",
            format!("is {}", config.plan_without_subscription),
            "write trial, pilot, starter, professional, enterprise or unlimited",
        );
    }
    match (config.stripe_secret_key.reveal(), config.stripe_webhook_secret.reveal()) {
        (Some(key), secret) => {
            if let Err(error) = clients::payments::Stripe::new(config.stripe_address.as_deref(), key) {
                add(
                    true,
                    "stripe_secret_key",
                    error.to_string(),
                    "write the secret key of the payment account",
                );
            }
            if secret.is_none() {
                add(
                    true,
                    "stripe_webhook_secret",
                    "is not set, so that nobody would learn who has paid".to_owned(),
                    "make a webhook to /api/v1/webhooks/stripe at the provider and set its signing secret",
                );
            }
        }
        (None, Some(_)) => add(
            true,
            "stripe_secret_key",
            "is not set, but the secret of its webhook is".to_owned(),
            "set both, or neither",
        ),
        (None, None) => add(
            false,
            "stripe_secret_key",
            "is not set, so that nothing can be bought".to_owned(),
            "operators set the plans of organizations in the console",
        ),
    }
    for (key, address) in
        [("openai_base_url", &config.openai_base_url), ("anthropic_base_url", &config.anthropic_base_url)]
    {
        if let Some(address) = address
            && let Err(error) = clients::models::check_address(address, true)
        {
            add(true, key, error.to_string(), "write it as in http://127.0.0.1:11434/v1");
        }
    }
    if config.smtp_host.is_none() {
        add(
            false,
            "smtp_host",
            "is not set, so that no letters go out".to_owned(),
            "invitations show their link instead, and passwords are reset with plantintel admin sign-in-link",
        );
    }
    if let Some(endpoint) = &config.otlp_endpoint
        && let Err(error) = Exporter::new(endpoint, "")
    {
        add(
            true,
            "otlp_endpoint",
            error.to_string(),
            "write the https address of a collector, or one on this machine",
        );
    }
    if let Some(dsn) = config.sentry_dsn.reveal()
        && let Err(error) = Sentry::new(dsn, &config.sentry_environment)
    {
        add(true, "sentry_dsn", error.to_string(), "write the DSN of a project, as in https://key@host/7");
    }
    if let Some(address) = &config.alert_url {
        if let Err(error) = Alerts::new(address, "", "") {
            add(true, "alert_url", error.to_string(), "write it as in https://pager.example.com/plantintel");
        }
        if config.alert_secret.reveal().is_none() {
            add(
                true,
                "alert_secret",
                "is not set, so that nobody could tell our messages from others'".to_owned(),
                "make one with: echo whsec_$(openssl rand -base64 32)",
            );
        }
    }
    for issuer in &config.issuers {
        let key = format!("issuers ({})", issuer.issuer);
        match (&issuer.keys_url, &issuer.keys_pem_file) {
            (None, None) => {
                add(true, &key, "has no source of keys".to_owned(), "set keys_url or keys_pem_file");
            }
            (Some(_), Some(_)) => {
                add(true, &key, "has two sources of keys".to_owned(), "set keys_url or keys_pem_file");
            }
            (Some(url), None) => {
                if let Err(error) = key_set::Address::new(url) {
                    add(true, &key, error.to_string(), "write the https address of its JSON web key set");
                }
            }
            (None, Some(file)) => {
                let text = std::fs::read_to_string(file).map_err(|error| error.to_string());
                let read =
                    text.and_then(|text| key_set::keys_of_pem(&text).map_err(|error| error.to_string()));
                if let Err(fault) = read {
                    add(
                        true,
                        &key,
                        format!("{}: {fault}", file.display()),
                        "give a public key as a PEM file",
                    );
                }
            }
        }
        if issuer.issuer.is_empty() {
            add(true, &key, "has no name".to_owned(), "set issuer to the iss of its tokens");
        }
        if issuer.algorithms.is_empty()
            || issuer.algorithms.iter().any(|name| Algorithm::parse(name).is_none())
        {
            add(
                true,
                &key,
                format!("has the algorithms {:?}", issuer.algorithms),
                "write RS256, ES256 or both",
            );
        }
        if let Some(client_id) = &issuer.client_id
            && let Err(error) = Provider::new(&issuer.issuer, client_id, None)
        {
            add(true, &key, error.to_string(), "people sign in only at an https address");
        }
        if issuer.authorised_parties.is_empty() && issuer.audiences.is_empty() {
            add(
                false,
                &key,
                "takes tokens made for any party".to_owned(),
                "set authorised_parties (Clerk) or audiences to this installation's",
            );
        }
    }
    #[expect(clippy::disallowed_methods, reason = "the binary reads the clock")]
    let now = Timestamp::now();
    if BUILT_AFTER.parse::<Timestamp>().is_ok_and(|built| now < built) {
        add(true, "clock", format!("shows {now}, before this program was built"), "set the machine's clock");
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(toml: &str) -> Vec<String> {
        use figment::providers::Format;
        let figment = figment::Figment::from(figment::providers::Serialized::defaults(Config::default()))
            .merge(figment::providers::Toml::string(toml));
        match figment.extract::<Config>() {
            Ok(config) => {
                findings(&config).into_iter().filter(|one| one.refuses).map(|one| one.key).collect()
            }
            Err(error) => vec![error.path.join(".")],
        }
    }

    #[test]
    fn what_must_not_stand_is_refused_by_name() {
        let good = "secret_key = \"Zk3vQ9wLr8nTb2XcYh7MdPa5GsJf6UeE4oiRtN1\"";
        for (toml, keys) in [
            ("", &[][..]),
            (good, &[]),
            ("secret_key = \"your_random_secret_key_here_and_more_of_it\"", &["secret_key"]),
            ("secret_key = \"short\"", &["secret_key"]),
            ("secret_key = \"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"", &["secret_key"]),
            ("database_url = \"postgres://postgres:postgres@db/plant\"", &["database_url"]),
            ("database_url = \"mysql://a:b@db/plant\"", &["database_url"]),
            ("address = \"localhost\"", &["address"]),
            ("public_address = \"plant.example.com\"", &["public_address"]),
            ("rounds_seconds = 0", &["rounds_seconds"]),
            ("session_hours = 0", &["session_hours"]),
            ("session_idle_hours = -1", &["session_idle_hours"]),
            ("owner_email = \"nobody\"", &["owner_email"]),
            ("organization = \" \"", &["organization"]),
            ("log = \"[[[\"", &["log"]),
            ("blobs = \"ftp://host/folder\"", &["blobs"]),
            ("watched_folder = \"incoming\"", &["watched_folder"]),
            ("stripe_prices = { price_1 = \"gold\" }", &["stripe_prices"]),
            ("redis_url = \"nonsense\"", &["redis_url"]),
            ("redis_url = \"redis://127.0.0.1:6379\"", &[]),
            ("smtp_host = \"mail.example.com\"\nsmtp_from = \"@@\"", &["smtp_from"]),
            // What is usable is looked at without a runtime: none runs yet when a configuration is checked.
            ("smtp_host = \"mail.example.com\"\nsmtp_from = \"PlantIntel <p@example.com>\"", &[]),
            ("smtp_host = \"127.0.0.1\"\nsmtp_security = \"none\"\nsmtp_from = \"p@example.com\"", &[]),
            ("blobs = \"s3://bucket/folder\"", &[]),
            ("otlp_endpoint = \"http://127.0.0.1:4318\"", &[]),
            ("sentry_dsn = \"https://key@sentry.example.com/1\"", &[]),
            (
                "alert_url = \"https://pager.example.com\"\nalert_secret = \"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\"",
                &[],
            ),
            ("alert_url = \"https://pager.example.com\"", &["alert_secret"]),
            ("alert_url = \"nonsense\"\nalert_secret = \"whsec_x\"", &["alert_url"]),
            ("trusted_proxies = [\"10.0.0.0/99\"]", &["trusted_proxies"]),
            ("operator_networks = [\"office\"]", &["operator_networks"]),
            ("rate_limit_per_minute = 0", &["rate_limit_per_minute"]),
            ("allowed_origins = [\"*\"]", &["allowed_origins"]),
            ("allowed_origins = [\"https://tools.example\"]\nredis_url = \"redis://r\"", &[]),
            ("smtp_security = \"ssl\"", &["smtp_security"]),
            ("[[issuers]]\nissuer = \"https://i.example\"", &["issuers (https://i.example)"]),
            (
                "[[issuers]]\nissuer = \"https://i.example\"\nkeys_url = \"http://i.example/keys\"",
                &["issuers (https://i.example)"],
            ),
            (
                "[[issuers]]\nissuer = \"https://i.example\"\nkeys_url = \"https://i.example/keys\"\nalgorithms = [\"HS256\"]",
                &["issuers (https://i.example)"],
            ),
            ("[[issuers]]\nissuer = \"https://i.example\"\nkeys_url = \"https://i.example/keys\"", &[]),
        ] {
            assert_eq!(refused(toml), keys, "{toml}");
        }
        assert!(
            !refused("no_such_key = 1").is_empty() || {
                let figment =
                    figment::Figment::from(figment::providers::Serialized::defaults(Config::default()))
                        .merge(<figment::providers::Toml as figment::providers::Format>::string(
                            "no_such_key = 1",
                        ));
                figment.extract::<Config>().is_err()
            }
        );
    }
}
