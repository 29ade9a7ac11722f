//! The configuration: read once, here, from `plantintel.toml`, the environment and files with secrets.
//!
//! Every key of the file is also `PLANTINTEL_` and its name in capitals; what the world has a name for goes by that name
//! too. [`Config::load`] refuses what cannot be meant, and says what to do.

mod check;
mod environment;
mod secret;

use std::{
    fmt,
    net::SocketAddr,
    path::{Path, PathBuf},
};

use clients::mail::{Security, SmtpSettings};
use figment::{
    Figment,
    providers::{Env, Format, Serialized, Toml},
};
use serde::{Deserialize, Deserializer, Serialize};

pub(crate) use check::{Finding, findings};
pub(crate) use secret::Secret;

use self::environment::Environment;
use crate::failure::Failure;

/// Names of the world, and the keys that they mean.
const WORLD: &[(&str, &str)] = &[
    ("DATABASE_URL", "database_url"),
    ("DATABASE_URL_FILE", "database_url_file"),
    ("REDIS_URL", "redis_url"),
    ("REDIS_URL_FILE", "redis_url_file"),
    ("CLERK_SECRET_KEY", "clerk_secret_key"),
    ("CLERK_SECRET_KEY_FILE", "clerk_secret_key_file"),
    ("RATE_LIMIT_PER_MINUTE", "rate_limit_per_minute"),
    ("MAX_FILE_SIZE_MB", "max_file_size_mb"),
    ("OTEL_EXPORTER_OTLP_ENDPOINT", "otlp_endpoint"),
    ("OTEL_EXPORTER_OTLP_HEADERS", "otlp_headers"),
    ("OPENAI_API_KEY", "openai_api_key"),
    ("OPENAI_API_KEY_FILE", "openai_api_key_file"),
    ("OPENAI_BASE_URL", "openai_base_url"),
    ("ANTHROPIC_API_KEY", "anthropic_api_key"),
    ("ANTHROPIC_API_KEY_FILE", "anthropic_api_key_file"),
    ("ANTHROPIC_BASE_URL", "anthropic_base_url"),
    ("SENTRY_DSN", "sentry_dsn"),
    ("SENTRY_DSN_FILE", "sentry_dsn_file"),
    ("SENTRY_ENVIRONMENT", "sentry_environment"),
    ("STRIPE_SECRET_KEY", "stripe_secret_key"),
    ("STRIPE_SECRET_KEY_FILE", "stripe_secret_key_file"),
    ("STRIPE_WEBHOOK_SECRET", "stripe_webhook_secret"),
    ("STRIPE_WEBHOOK_SECRET_FILE", "stripe_webhook_secret_file"),
];

/// All settings of an installation.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Config {
    /// Where the server listens.
    pub(crate) address: String,
    /// The address that people use, as in `https://plant.example.com`; by default where the server listens.
    pub(crate) public_address: Option<String>,
    /// Where Prometheus asks; nowhere by default.
    pub(crate) metrics_address: Option<String>,
    /// Proxies whose `X-Forwarded-For` is believed, as addresses or ranges.
    pub(crate) trusted_proxies: Vec<String>,
    /// Origins whose pages may ask the API from a browser, as in `https://tools.example.com`; none by default.
    pub(crate) allowed_origins: Vec<String>,
    /// Where the installation keeps its own files; by default in the user's data folder.
    pub(crate) data_folder: Option<PathBuf>,
    /// A Postgres server; by default one of the installation's own.
    pub(crate) database_url: Secret,
    pub(crate) database_url_file: Option<PathBuf>,
    /// Where the programs of the own Postgres are, when they are not to be searched for.
    pub(crate) postgres_folder: Option<PathBuf>,
    /// Where uploaded files are: a folder, or `s3://bucket/prefix`; by default in the data folder.
    pub(crate) blobs: Option<String>,
    /// The installation's secret, of 32 characters or more; by default made at the first start and kept in the data folder.
    pub(crate) secret_key: Secret,
    pub(crate) secret_key_file: Option<PathBuf>,
    /// Requests that one person or key may make in any minute.
    pub(crate) rate_limit_per_minute: u32,
    /// Whether several processes count requests together, through the database; by default where a server is configured.
    pub(crate) rate_limit_shared: Option<bool>,
    /// The largest file, in MB.
    pub(crate) max_file_size_mb: u64,
    /// Jobs that run at once.
    pub(crate) worker_slots: usize,
    /// How often a worker looks after sources, reports and summaries that are due, in seconds.
    pub(crate) rounds_seconds: u64,
    /// The first owner's address, on an installation without people.
    pub(crate) owner_email: String,
    /// The first organization's name.
    pub(crate) organization: String,
    /// Whether people may open an organization by themselves; needs a mail server.
    pub(crate) sign_up: bool,
    /// The plan of organizations that were opened that way.
    pub(crate) sign_up_plan: String,
    /// The people who run the installation, by the id of their account (`GET /api/v1/me` tells it).
    pub(crate) operators: Vec<uuid::Uuid>,
    /// Where operators must come from: addresses or ranges; from anywhere where none is given.
    pub(crate) operator_networks: Vec<String>,
    /// How long a browser stays signed in without being used, in hours.
    pub(crate) session_idle_hours: i64,
    /// How long at most, in hours.
    pub(crate) session_hours: i64,
    /// The mail server; without one no letters go out.
    pub(crate) smtp_host: Option<String>,
    pub(crate) smtp_port: u16,
    /// `tls`, `starttls` or `none`.
    pub(crate) smtp_security: String,
    pub(crate) smtp_user: Option<String>,
    pub(crate) smtp_password: Secret,
    pub(crate) smtp_password_file: Option<PathBuf>,
    /// From whom letters are.
    pub(crate) smtp_from: String,
    /// The payment provider's secret key; without one nothing can be bought, and operators set plans.
    pub(crate) stripe_secret_key: Secret,
    pub(crate) stripe_secret_key_file: Option<PathBuf>,
    /// What the provider signs its events with; several, separated by commas, while one is rolled.
    pub(crate) stripe_webhook_secret: Secret,
    pub(crate) stripe_webhook_secret_file: Option<PathBuf>,
    /// Another address of the provider, for mirrors and tests.
    pub(crate) stripe_address: Option<String>,
    /// Ids of prices at the provider and the plans that they buy, besides prices whose lookup key is the name of a plan.
    pub(crate) stripe_prices: std::collections::BTreeMap<String, String>,
    /// Days that cost nothing, for whoever subscribes for the first time.
    pub(crate) stripe_trial_days: u32,
    /// The plan of an organization whose subscription has ended or is not paid.
    pub(crate) plan_without_subscription: String,
    /// The folder below which each organization has one, named by its id, that can be watched for uploads.
    pub(crate) watched_folder: Option<PathBuf>,
    /// Whether messages to programs of organizations may go to this machine and to private networks.
    pub(crate) private_webhooks: bool,
    /// Keys of language models that organizations may use which have none of their own. Each organization switches its model on by
    /// itself; nothing is sent before.
    pub(crate) openai_api_key: Secret,
    pub(crate) openai_api_key_file: Option<PathBuf>,
    /// A server that speaks like `OpenAI`, as in `http://127.0.0.1:11434/v1`.
    pub(crate) openai_base_url: Option<String>,
    pub(crate) anthropic_api_key: Secret,
    pub(crate) anthropic_api_key_file: Option<PathBuf>,
    /// A server that speaks like Anthropic.
    pub(crate) anthropic_base_url: Option<String>,
    /// Whether organizations may name models on this machine and in private networks.
    pub(crate) private_models: bool,
    /// The installation that `plantintel mcp` works in; files of one folder where it is not set.
    pub(crate) mcp_server: Option<String>,
    /// An API key of that installation.
    pub(crate) mcp_api_key: Secret,
    pub(crate) mcp_api_key_file: Option<PathBuf>,
    /// Whose tokens are taken, besides the built-in accounts.
    pub(crate) issuers: Vec<IssuerConfig>,
    /// Taken and not needed: jobs, limits and sessions are in Postgres, which several processes share.
    pub(crate) redis_url: Secret,
    pub(crate) redis_url_file: Option<PathBuf>,
    /// Taken and not needed: Clerk's tokens are checked with the keys that it publishes; see `issuers`.
    pub(crate) clerk_secret_key: Secret,
    pub(crate) clerk_secret_key_file: Option<PathBuf>,
    /// A collector of traces, as in `http://127.0.0.1:4318`; none by default.
    pub(crate) otlp_endpoint: Option<String>,
    /// What it is shown, as in `authorization=Bearer …`; it may hold a key.
    pub(crate) otlp_headers: Secret,
    pub(crate) otlp_headers_file: Option<PathBuf>,
    /// Where faults of ours are told, as a DSN of Sentry: `https://key@host/7`; nowhere by default.
    pub(crate) sentry_dsn: Secret,
    pub(crate) sentry_dsn_file: Option<PathBuf>,
    /// A program of yours that is told of faults, as in `https://pager.example.com/plantintel`; none by default.
    pub(crate) alert_url: Option<String>,
    /// What these messages are signed with, after the Standard Webhooks: `whsec_` and base64.
    pub(crate) alert_secret: Secret,
    pub(crate) alert_secret_file: Option<PathBuf>,
    /// What this installation is called there.
    pub(crate) sentry_environment: String,
    /// What is logged, as in `info` or `server=debug,info`.
    pub(crate) log: String,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            address: "127.0.0.1:8000".to_owned(),
            public_address: None,
            metrics_address: None,
            trusted_proxies: Vec::new(),
            allowed_origins: Vec::new(),
            data_folder: None,
            database_url: Secret::default(),
            database_url_file: None,
            postgres_folder: None,
            blobs: None,
            secret_key: Secret::default(),
            secret_key_file: None,
            rate_limit_per_minute: 60,
            rate_limit_shared: None,
            max_file_size_mb: 500,
            worker_slots: 2,
            rounds_seconds: 20,
            owner_email: "owner@plantintel.local".to_owned(),
            organization: app::organisations::UNNAMED.to_owned(),
            sign_up: false,
            sign_up_plan: "trial".to_owned(),
            operators: Vec::new(),
            operator_networks: Vec::new(),
            session_idle_hours: 24,
            session_hours: 24 * 14,
            smtp_host: None,
            smtp_port: 587,
            smtp_security: "starttls".to_owned(),
            smtp_user: None,
            smtp_password: Secret::default(),
            smtp_password_file: None,
            smtp_from: "PlantIntel <plantintel@localhost>".to_owned(),
            stripe_secret_key: Secret::default(),
            stripe_secret_key_file: None,
            stripe_webhook_secret: Secret::default(),
            stripe_webhook_secret_file: None,
            stripe_address: None,
            stripe_prices: std::collections::BTreeMap::new(),
            stripe_trial_days: 0,
            plan_without_subscription: "trial".to_owned(),
            watched_folder: None,
            private_webhooks: false,
            openai_api_key: Secret::default(),
            openai_api_key_file: None,
            openai_base_url: None,
            anthropic_api_key: Secret::default(),
            anthropic_api_key_file: None,
            anthropic_base_url: None,
            private_models: false,
            mcp_server: None,
            mcp_api_key: Secret::default(),
            mcp_api_key_file: None,
            issuers: Vec::new(),
            redis_url: Secret::default(),
            redis_url_file: None,
            clerk_secret_key: Secret::default(),
            clerk_secret_key_file: None,
            otlp_endpoint: None,
            otlp_headers: Secret::default(),
            otlp_headers_file: None,
            sentry_dsn: Secret::default(),
            sentry_dsn_file: None,
            alert_url: None,
            alert_secret: Secret::default(),
            alert_secret_file: None,
            sentry_environment: "production".to_owned(),
            log: "info".to_owned(),
        }
    }
}

/// An issuer of tokens: Clerk, or any that publishes its keys.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct IssuerConfig {
    /// The `iss` of its tokens, exactly.
    pub(crate) issuer: String,
    /// Where it publishes its keys.
    pub(crate) keys_url: Option<String>,
    /// Its one public key, as a PEM file, instead.
    pub(crate) keys_pem_file: Option<PathBuf>,
    /// RS256, ES256 or both.
    #[serde(default = "rs256")]
    pub(crate) algorithms: Vec<String>,
    /// Where set, `aud` must name one of these.
    #[serde(default)]
    pub(crate) audiences: Vec<String>,
    /// Where set, `azp` must be one of these.
    #[serde(default)]
    pub(crate) authorised_parties: Vec<String>,
    /// Where set, people sign in there too, and this is who we are there.
    pub(crate) client_id: Option<String>,
    #[serde(default)]
    pub(crate) client_secret: Secret,
    pub(crate) client_secret_file: Option<PathBuf>,
    /// What people call it, as in “Sign in with Acme”; by default the host of its address.
    pub(crate) name: Option<String>,
    /// How far clocks may be apart, up to ten.
    #[serde(default = "ten")]
    pub(crate) leeway_seconds: u64,
    /// The longest that a token may be valid.
    #[serde(default = "day")]
    pub(crate) longest_life_seconds: u64,
}

fn rs256() -> Vec<String> {
    vec!["RS256".to_owned()]
}

fn ten() -> u64 {
    10
}

fn day() -> u64 {
    86_400
}

impl Config {
    /// Reads everything. `file` is the one that the command line names; by default `plantintel.toml` where we are.
    pub(crate) fn load(file: Option<&Path>) -> Result<Self, Failure> {
        if let Some(file) = file
            && !file.exists()
        {
            return Err(Failure::Usage(format!("there is no configuration at {}", file.display())));
        }
        let world = Env::raw().only(&WORLD.iter().map(|(name, _)| *name).collect::<Vec<_>>()).map(|name| {
            let known = WORLD.iter().find(|(world, _)| name == *world);
            known.map_or_else(|| name.into(), |(_, key)| (*key).into())
        });
        let figment = Figment::from(Serialized::defaults(Self::default()))
            .merge(Toml::file(file.unwrap_or(Path::new("plantintel.toml"))))
            .merge(Environment(world))
            .merge(Environment(Env::prefixed("PLANTINTEL_")));
        let mut config: Self = figment.extract().map_err(|error| {
            Failure::Usage(format!("the configuration cannot be used: {error}; see docs/configuration.md"))
        })?;
        config.database_url.or_file(config.database_url_file.as_deref())?;
        config.secret_key.or_file(config.secret_key_file.as_deref())?;
        config.redis_url.or_file(config.redis_url_file.as_deref())?;
        config.clerk_secret_key.or_file(config.clerk_secret_key_file.as_deref())?;
        config.smtp_password.or_file(config.smtp_password_file.as_deref())?;
        config.otlp_headers.or_file(config.otlp_headers_file.as_deref())?;
        config.sentry_dsn.or_file(config.sentry_dsn_file.as_deref())?;
        config.alert_secret.or_file(config.alert_secret_file.as_deref())?;
        for issuer in &mut config.issuers {
            let file = issuer.client_secret_file.clone();
            issuer.client_secret.or_file(file.as_deref())?;
        }
        config.mcp_api_key.or_file(config.mcp_api_key_file.as_deref())?;
        config.openai_api_key.or_file(config.openai_api_key_file.as_deref())?;
        config.anthropic_api_key.or_file(config.anthropic_api_key_file.as_deref())?;
        config.stripe_secret_key.or_file(config.stripe_secret_key_file.as_deref())?;
        config.stripe_webhook_secret.or_file(config.stripe_webhook_secret_file.as_deref())?;
        Ok(config)
    }

    /// The same, refused where something must not stand as it is.
    pub(crate) fn load_to_serve(file: Option<&Path>) -> Result<Self, Failure> {
        let config = Self::load(file)?;
        let refused: Vec<String> = findings(&config)
            .into_iter()
            .filter(|finding| finding.refuses)
            .map(|finding| finding.to_string())
            .collect();
        if refused.is_empty() { Ok(config) } else { Err(Failure::Usage(refused.join("\n"))) }
    }

    /// Where the server listens.
    pub(crate) fn listens(&self) -> Result<SocketAddr, Failure> {
        self.address.parse().map_err(|_| {
            Failure::Usage(format!("address is {}, and must be like 127.0.0.1:8000", self.address))
        })
    }

    /// How letters go out, where they do.
    pub(crate) fn smtp(&self) -> Option<SmtpSettings> {
        let host = self.smtp_host.clone()?;
        let account = match (&self.smtp_user, self.smtp_password.reveal()) {
            (Some(user), Some(password)) => Some((user.clone(), password.to_owned())),
            _ => None,
        };
        let security = match self.smtp_security.as_str() {
            "tls" => Security::Tls,
            "none" => Security::None,
            _ => Security::StartTls,
        };
        Some(SmtpSettings { host, port: self.smtp_port, security, account, from: self.smtp_from.clone() })
    }

    /// The address that people use, without a slash at its end.
    pub(crate) fn reached_at(&self) -> String {
        let address = self.public_address.clone().unwrap_or_else(|| format!("http://{}", self.address));
        address.trim_end_matches('/').to_owned()
    }

    /// What a store of files wants to know, by the names that its tools use: `AWS_ACCESS_KEY_ID`, `AWS_ENDPOINT_URL` and so on.
    /// A secret key may also be read from a file, `AWS_SECRET_ACCESS_KEY_FILE`.
    pub(crate) fn blob_options() -> Vec<(String, String)> {
        let known = ["AWS_", "GOOGLE_", "AZURE_"];
        let mut options = Vec::new();
        for (name, value) in std::env::vars_os() {
            let (Ok(name), Ok(value)) = (name.into_string(), value.into_string()) else { continue };
            if !known.iter().any(|start| name.starts_with(start)) || value.is_empty() {
                continue;
            }
            let (name, value) = match name.strip_suffix("_FILE") {
                Some(plain) => match std::fs::read_to_string(&value) {
                    Ok(text) => (plain.to_lowercase(), text.trim().to_owned()),
                    Err(_) => continue,
                },
                None => (name.to_lowercase(), value),
            };
            if name == "aws_endpoint_url" && value.starts_with("http://") {
                options.push(("aws_allow_http".to_owned(), "true".to_owned()));
            }
            options.push((name, value));
        }
        options.sort();
        options
    }

    /// Where the installation keeps its own files.
    pub(crate) fn data(&self) -> Result<PathBuf, Failure> {
        if let Some(folder) = &self.data_folder {
            return Ok(folder.clone());
        }
        let place = |name: &str| Env::var(name).filter(|path| !path.is_empty()).map(PathBuf::from);
        place("XDG_DATA_HOME")
            .or_else(|| place("HOME").map(|home| home.join(".local/share")))
            .map(|folder| folder.join("plantintel"))
            .ok_or_else(|| Failure::Usage("there is no home folder; set PLANTINTEL_DATA_FOLDER".to_owned()))
    }
}

/// Text that may look like a number in the environment.
fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Any {
        Text(String),
        Whole(i64),
        Other(f64),
        Flag(bool),
    }
    Ok(Option::<Any>::deserialize(deserializer)?.map(|any| match any {
        Any::Text(text) => text,
        Any::Whole(number) => number.to_string(),
        Any::Other(number) => number.to_string(),
        Any::Flag(flag) => flag.to_string(),
    }))
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}; {}", self.key, self.fault, self.remedy)
    }
}
