//! What the product stands on: the data folder with its secrets, the database, the bytes.

use std::{
    fs,
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::Context;
use app::{
    Backing, Bounds,
    accounts::{Desk, DeskSettings, secret::Keys},
    billing::{Payments, Secrets},
    models::{Offer, Offers},
};
use clients::{
    blobs::Blobs,
    hooks::Hooks,
    mail::{Mailer, Smtp},
    models::Wire,
    payments::Stripe,
};
use cluster::{Cluster, Settings};
use jiff::SignedDuration;
use store::{Connection, LOGIN_ROLES, Limits, Store};

use super::{secrets, system::SystemClock};
use crate::{config::Config, failure::Failure};

/// The signed ends, outside the database.
pub(crate) const CHECKPOINTS: &str = "audit-checkpoints.jsonl";
/// What is said where the secret and the database do not belong together.
pub(crate) const OTHER_SECRET: &str = "secret_key: is not the secret that this database was made with; \
    set the one it was made with (`secret` in the data folder, where none was configured), or, where it is lost, run: \
    plantintel rotate-keys --secret-is-lost";
/// The database of an own cluster.
const DATABASE: &str = "plantintel";

/// Database and bytes, ready.
#[derive(Debug)]
pub(crate) struct Foundation {
    /// For use cases.
    pub(crate) backing: Backing,
    /// Where the installation keeps its own files.
    pub(crate) data: PathBuf,
    /// The way to the database.
    pub(crate) connection: Connection,
    /// The installation's secret.
    secret: String,
    cluster: Option<Cluster>,
}

impl Foundation {
    /// Makes or finds everything, migrates, and connects.
    pub(crate) async fn lay(config: &Config) -> Result<Self, Failure> {
        Box::pin(Self::lay_on(config, Box::pin(Reached::alone(config)).await?)).await
    }

    /// The same for a command that may run beside the service: where the service runs a database of its own, that one is used.
    pub(crate) async fn beside(config: &Config) -> Result<Self, Failure> {
        Box::pin(Self::lay_on(config, Box::pin(Reached::beside(config)).await?)).await
    }

    async fn lay_on(config: &Config, reached: Reached) -> Result<Self, Failure> {
        match Self::lay_store(config, &reached).await {
            Ok(backing) => {
                let Reached { connection, data, secret, cluster } = reached;
                Ok(Self { backing, data, connection, secret, cluster })
            }
            Err(failure) => {
                reached.leave().await;
                Err(failure)
            }
        }
    }

    async fn lay_store(config: &Config, reached: &Reached) -> Result<Backing, Failure> {
        let Reached { connection, data, secret, .. } = reached;
        Box::pin(store::migrate(connection)).await.map_err(|error| database(&error))?;
        let mark = store::installation::mark(secret);
        store::installation::note_secret(connection, &mark).await.map_err(|error| database(&error))?;
        let store = Store::connect(connection, Limits::default()).await.map_err(|error| database(&error))?;
        let bounds = Bounds { file_bytes_max: config.max_file_size_mb << 20, ..Bounds::default() };
        Ok(Backing {
            store,
            blobs: blobs(config, data)?,
            clock: Arc::new(SystemClock),
            bounds,
            readings: app::datasets::readings::Readings::default(),
        })
    }

    /// Whether no other process can work on this database: it is the data folder's own, and that is locked.
    pub(crate) fn is_sole(&self) -> bool {
        self.cluster.is_some()
    }

    /// Leaves everything in good order.
    pub(crate) async fn leave(self) {
        self.backing.store.close().await;
        stop(self.cluster).await;
    }
}

/// A database that can be reached, with the secret that belongs to it; nothing of it was changed yet.
#[derive(Debug)]
pub(crate) struct Reached {
    pub(crate) connection: Connection,
    pub(crate) data: PathBuf,
    pub(crate) secret: String,
    cluster: Option<Cluster>,
}

impl Reached {
    /// The configured server, or the installation's own, which nobody else uses meanwhile.
    pub(crate) async fn alone(config: &Config) -> Result<Self, Failure> {
        Self::reach(config, false).await?.settled(config).await
    }

    /// The same; an own database that a service runs already is used beside it.
    pub(crate) async fn beside(config: &Config) -> Result<Self, Failure> {
        Self::reach(config, true).await?.settled(config).await
    }

    /// The same as [`Reached::alone`], whatever secret the database was made with.
    pub(crate) async fn with_any_secret(config: &Config) -> Result<Self, Failure> {
        Self::reach(config, false).await
    }

    async fn reach(config: &Config, beside: bool) -> Result<Self, Failure> {
        let data = config.data()?;
        private_folder(&data)?;
        let secret = secrets::present(config, &data)?;
        if let Some(url) = config.database_url.reveal() {
            let connection = Connection::url(url, &secret).map_err(|error| database(&error))?;
            return Ok(Self { connection, data, secret, cluster: None });
        }
        if beside && let Some(connection) = running(&data) {
            return Ok(Self { connection, data, secret, cluster: None });
        }
        let mut settings = Settings::new(&data, &LOGIN_ROLES);
        settings.binaries.clone_from(&config.postgres_folder);
        let cluster = Cluster::start(&settings).await.map_err(|error| {
            let which = if config.postgres_folder.is_some() { "postgres_folder: " } else { "" };
            Failure::Input(format!("{which}{error}"))
        })?;
        let connection = Connection::socket(cluster.socket(), cluster.port(), cluster::ADMIN, DATABASE);
        Ok(Self { connection, data, secret, cluster: Some(cluster) })
    }

    /// Refuses a secret that is not the one of this database, before anything is changed with it.
    async fn settled(mut self, config: &Config) -> Result<Self, Failure> {
        let outcome = async {
            let connection = &self.connection;
            store::create_database(connection).await.map_err(|error| database(&error))?;
            let known =
                store::installation::secret_mark(connection).await.map_err(|error| database(&error))?;
            let secret = secrets::settle(config, &self.data, known.as_deref())?;
            if known.is_some_and(|known| known != store::installation::mark(&secret)) {
                return Err(Failure::Usage(OTHER_SECRET.to_owned()));
            }
            Ok(secret)
        }
        .await;
        match outcome {
            Ok(secret) if secret == self.secret => Ok(self),
            Ok(secret) => {
                if let Some(url) = config.database_url.reveal() {
                    self.connection = Connection::url(url, &secret).map_err(|error| database(&error))?;
                }
                self.secret = secret;
                Ok(self)
            }
            Err(failure) => {
                self.leave().await;
                Err(failure)
            }
        }
    }

    /// Leaves the database as it was found: stopped, if it was started here.
    pub(crate) async fn leave(self) {
        stop(self.cluster).await;
    }
}

/// The way to an own database that somebody runs already.
pub(crate) fn running(data: &Path) -> Option<Connection> {
    cluster::running(data)
        .map(|address| Connection::socket(&address.socket, address.port, cluster::ADMIN, DATABASE))
}

/// Where the bytes of tenants are.
pub(crate) fn blobs(config: &Config, data: &Path) -> Result<Blobs, Failure> {
    match &config.blobs {
        Some(place) => Blobs::open(place, Config::blob_options())
            .map_err(|error| Failure::Usage(format!("blobs: {error}"))),
        None => Ok(Blobs::folder(&data.join("blobs")).context("the folder of uploaded files")?),
    }
}

async fn stop(cluster: Option<Cluster>) {
    if let Some(cluster) = cluster
        && let Err(error) = cluster.stop().await
    {
        tracing::warn!(%error, "the database did not stop in good order");
    }
}

/// The desk of this installation.
pub(crate) fn desk(config: &Config, foundation: &Foundation) -> Result<Desk, Failure> {
    let settings = DeskSettings {
        public_address: config.reached_at(),
        idle: SignedDuration::from_hours(config.session_idle_hours),
        absolute: SignedDuration::from_hours(config.session_hours),
        sign_up_plan: config.sign_up.then(|| config.sign_up_plan.clone()),
        operators: config.operators.iter().copied().map(domain::id::UserId).collect(),
        operator_networks: config
            .operator_networks
            .iter()
            .filter_map(|text| app::network::Network::parse(text))
            .collect(),
        watched_folder: config.watched_folder.clone(),
    };
    let keys = Keys::derive(foundation.secret.as_bytes());
    let mut desk = Desk::new(foundation.backing.clone(), keys, mailer(config)?, settings);
    desk.payments = payments(config)?;
    desk.hooks = Hooks { private: config.private_webhooks };
    desk.models = Offers {
        openai: Offer {
            key: config.openai_api_key.reveal().map(str::to_owned),
            address: config.openai_base_url.as_deref().map(|address| Wire::OpenAi.whole_address(address)),
        },
        anthropic: Offer {
            key: config.anthropic_api_key.reveal().map(str::to_owned),
            address: config
                .anthropic_base_url
                .as_deref()
                .map(|address| Wire::Anthropic.whole_address(address)),
        },
        private: config.private_models,
    };
    Ok(desk)
}

/// The payment provider, where one is configured.
fn payments(config: &Config) -> Result<Option<Payments>, Failure> {
    let Some(key) = config.stripe_secret_key.reveal() else { return Ok(None) };
    let stripe = Stripe::new(config.stripe_address.as_deref(), key)
        .map_err(|error| Failure::Usage(format!("stripe_secret_key, stripe_address: {error}")))?;
    let secrets = config.stripe_webhook_secret.reveal().unwrap_or_default();
    let secrets = secrets.split(',').map(str::trim).filter(|secret| !secret.is_empty());
    Ok(Some(Payments {
        stripe,
        secrets: Arc::new(Secrets(secrets.map(str::to_owned).collect())),
        prices: config.stripe_prices.clone(),
        trial_days: (config.stripe_trial_days > 0).then_some(config.stripe_trial_days),
        plan_without: config.plan_without_subscription.clone(),
    }))
}

fn mailer(config: &Config) -> Result<Option<Arc<dyn Mailer>>, Failure> {
    let Some(settings) = config.smtp() else { return Ok(None) };
    let smtp =
        Smtp::new(settings).map_err(|error| Failure::Usage(format!("smtp_host, smtp_from: {error}")))?;
    Ok(Some(Arc::new(smtp)))
}

pub(crate) fn database(error: &store::Error) -> Failure {
    let mut text = format!("the database: {error}");
    let mut cause = std::error::Error::source(error);
    while let Some(inner) = cause {
        text.push_str(&format!(": {inner}"));
        cause = inner.source();
    }
    Failure::Input(text)
}

/// A folder that only this account gets into.
pub(crate) fn private_folder(folder: &Path) -> Result<(), Failure> {
    let unusable = |error: std::io::Error| {
        Failure::Usage(format!("{} cannot be used: {error}; set PLANTINTEL_DATA_FOLDER", folder.display()))
    };
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(unusable)?;
    Ok(())
}
