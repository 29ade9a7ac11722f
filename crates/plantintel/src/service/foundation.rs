//! What the product stands on: the data folder with its secrets, the database, the bytes.

use std::{
    fs,
    io::Write,
    os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::Context;
use app::{
    Backing, Bounds,
    accounts::{
        Desk, DeskSettings,
        secret::{self, Keys},
    },
};
use clients::{
    blobs::Blobs,
    mail::{Mailer, Security, Smtp, SmtpSettings},
};
use cluster::{Cluster, Settings};
use jiff::SignedDuration;
use store::{Connection, LOGIN_ROLES, Limits, Store, audit::checkpoint::Signer};

use super::system::SystemClock;
use crate::{config::Config, failure::Failure};

/// The installation's own secret, where none is configured.
const SECRET: &str = "secret";
/// The key that signs the ends of the audit trail.
const AUDIT_KEY: &str = "audit.key";
/// The signed ends, outside the database.
pub(crate) const CHECKPOINTS: &str = "audit-checkpoints.jsonl";
/// The database of an own cluster.
const DATABASE: &str = "plantintel";

/// Database and bytes, ready.
#[derive(Debug)]
pub(crate) struct Foundation {
    /// For use cases.
    pub(crate) backing: Backing,
    /// Where the installation keeps its own files.
    pub(crate) data: PathBuf,
    /// The installation's secret.
    secret: String,
    cluster: Option<Cluster>,
}

impl Foundation {
    /// Makes or finds everything, migrates, and connects.
    pub(crate) async fn lay(config: &Config) -> Result<Self, Failure> {
        let data = config.data()?;
        private_folder(&data)?;
        let secret = match config.secret_key.reveal() {
            Some(secret) => secret.to_owned(),
            None => kept_secret(&data.join(SECRET))?,
        };
        let (connection, cluster) = connection(config, &data, &secret).await?;
        store::create_database(&connection).await.map_err(|error| database(&error))?;
        store::migrate(&connection).await.map_err(|error| database(&error))?;
        let store = Store::connect(&connection, Limits::default()).await.map_err(|error| database(&error))?;
        let blobs = match &config.blobs {
            Some(place) => {
                Blobs::open(place, Vec::new()).map_err(|error| Failure::Usage(format!("blobs: {error}")))?
            }
            None => Blobs::folder(&data.join("blobs")).context("the folder of uploaded files")?,
        };
        let bounds = Bounds { file_bytes_max: config.max_file_size_mb << 20, ..Bounds::default() };
        let backing = Backing { store, blobs, clock: Arc::new(SystemClock), bounds };
        Ok(Self { backing, data, secret, cluster })
    }

    /// Whether no other process can work on this database: it is the data folder's own, and that is locked.
    pub(crate) fn is_sole(&self) -> bool {
        self.cluster.is_some()
    }

    /// Leaves everything in good order.
    pub(crate) async fn leave(self) {
        self.backing.store.close().await;
        if let Some(cluster) = self.cluster
            && let Err(error) = cluster.stop().await
        {
            tracing::warn!(%error, "the database did not stop in good order");
        }
    }
}

/// The way to the database: the configured server, or the installation's own.
pub(crate) async fn connection(
    config: &Config,
    data: &Path,
    secret: &str,
) -> Result<(Connection, Option<Cluster>), Failure> {
    if let Some(url) = config.database_url.reveal() {
        return Ok((Connection::url(url, secret).map_err(|error| database(&error))?, None));
    }
    let mut settings = Settings::new(data, &LOGIN_ROLES);
    settings.binaries.clone_from(&config.postgres_folder);
    let cluster = Cluster::start(&settings).await.map_err(|error| Failure::Input(error.to_string()))?;
    let connection = Connection::socket(cluster.socket(), cluster.port(), cluster::ADMIN, DATABASE);
    Ok((connection, Some(cluster)))
}

/// The desk of this installation.
pub(crate) fn desk(config: &Config, foundation: &Foundation) -> Result<Desk, Failure> {
    let settings = DeskSettings {
        public_address: config.reached_at(),
        idle: SignedDuration::from_hours(config.session_idle_hours),
        absolute: SignedDuration::from_hours(config.session_hours),
        sign_up_plan: config.sign_up.then(|| config.sign_up_plan.clone()),
        operators: config.operators.iter().copied().map(domain::id::UserId).collect(),
    };
    let keys = Keys::derive(foundation.secret.as_bytes());
    Ok(Desk::new(foundation.backing.clone(), keys, mailer(config)?, settings))
}

fn mailer(config: &Config) -> Result<Option<Arc<dyn Mailer>>, Failure> {
    let Some(host) = config.smtp_host.clone() else { return Ok(None) };
    let account = match (&config.smtp_user, config.smtp_password.reveal()) {
        (Some(user), Some(password)) => Some((user.clone(), password.to_owned())),
        _ => None,
    };
    let security = match config.smtp_security.as_str() {
        "tls" => Security::Tls,
        "none" => Security::None,
        _ => Security::StartTls,
    };
    let settings =
        SmtpSettings { host, port: config.smtp_port, security, account, from: config.smtp_from.clone() };
    let smtp =
        Smtp::new(settings).map_err(|error| Failure::Usage(format!("smtp_host, smtp_from: {error}")))?;
    Ok(Some(Arc::new(smtp)))
}

/// Who signs the ends of the audit trail, with a key that is made once.
pub(crate) fn signer(data: &Path) -> anyhow::Result<Signer> {
    let file = data.join(AUDIT_KEY);
    let key = if file.exists() {
        fs::read(&file).with_context(|| file.display().to_string())?
    } else {
        let key = Signer::generate().context("no key could be made")?;
        write_private(&file, &key)?;
        key
    };
    Signer::from_pkcs8(&key).with_context(|| format!("{} is no Ed25519 key", file.display()))
}

fn database(error: &store::Error) -> Failure {
    let mut text = format!("the database: {error}");
    let mut cause = std::error::Error::source(error);
    while let Some(inner) = cause {
        text.push_str(&format!(": {inner}"));
        cause = inner.source();
    }
    Failure::Input(text)
}

/// A folder that only this account gets into.
fn private_folder(folder: &Path) -> Result<(), Failure> {
    let unusable = |error: std::io::Error| {
        Failure::Usage(format!("{} cannot be used: {error}; set PLANTINTEL_DATA_FOLDER", folder.display()))
    };
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(unusable)?;
    Ok(())
}

/// The secret in a file, made there once.
fn kept_secret(file: &Path) -> Result<String, Failure> {
    if file.exists() {
        let mode = fs::metadata(file)?.permissions().mode();
        if mode & 0o007 != 0 {
            return Err(Failure::Usage(format!(
                "everybody may read the secret in {0}; run: chmod 600 {0}",
                file.display()
            )));
        }
        let text = fs::read_to_string(file)?;
        let text = text.trim();
        if text.len() < 32 {
            return Err(Failure::Usage(format!(
                "{} does not hold the secret that was made there",
                file.display()
            )));
        }
        return Ok(text.to_owned());
    }
    let secret = secret::token();
    write_private(file, secret.as_bytes())?;
    Ok(secret)
}

fn write_private(file: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let context = || file.display().to_string();
    let mut handle =
        fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(file).with_context(context)?;
    handle.write_all(bytes).and_then(|()| handle.sync_all()).with_context(context)
}
