//! A private Postgres of the installation: found, made, started, re-attached.
//!
//! Without a configured database server the product brings its own: the Postgres that is installed on the machine, with a cluster
//! of its own in the data folder, reachable over a Unix socket only, by this account of the operating system only. It runs in a
//! session of its own, so that it outlives a crash of the program; the next start finds it and goes on.
//!
//! Start at [`Cluster::start`]. This crate starts programs and writes files; it speaks no SQL.

mod account;
mod binaries;
mod error;
mod folder;
mod lock;
mod postmaster;

pub use binaries::{Binaries, find as find_binaries};
pub use error::Error;
pub use lock::Lock;

use account::Account;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The name of the cluster's administrator. Nobody signs in as it but [`migrate`-like](Cluster) chores.
pub const ADMIN: &str = "plantintel_admin";

/// How a cluster is to be run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// The installation's data folder; the cluster lies in it, in `postgres`.
    pub data: PathBuf,
    /// Where the Postgres programs are, when they are not to be searched for.
    pub binaries: Option<PathBuf>,
    /// The database roles that this account of the operating system may sign in as, besides the administrator.
    pub roles: Vec<String>,
    /// Whether what is acknowledged is on disk. Only a throw-away cluster of tests goes without.
    pub durable: bool,
    /// Further settings of Postgres.
    pub options: Vec<(String, String)>,
    /// How long starting may take; recovery after a crash is part of it.
    pub patience: Duration,
}

impl Settings {
    /// A durable cluster in a data folder, for these roles.
    pub fn new(data: impl Into<PathBuf>, roles: &[&str]) -> Self {
        Self {
            data: data.into(),
            binaries: None,
            roles: roles.iter().map(|role| (*role).to_owned()).collect(),
            durable: true,
            options: Vec::new(),
            patience: Duration::from_mins(1),
        }
    }
}

/// A running cluster. Dropping it leaves Postgres running; [`Cluster::stop`] ends it.
#[derive(Debug)]
pub struct Cluster {
    binaries: Binaries,
    account: Account,
    folder: PathBuf,
    socket: PathBuf,
    attached: bool,
    // Held as long as the cluster is used, so that a second program on the same folder is refused.
    _lock: Lock,
}

impl Cluster {
    /// Makes the cluster if it is not there, starts it if it is not running, and returns once it answers.
    ///
    /// # Errors
    /// When another instance uses the folder, when no Postgres is installed (the message names the package), or when
    /// Postgres does not start (the message ends with its last words).
    pub async fn start(settings: &Settings) -> Result<Self, Error> {
        let settings = settings.clone();
        // Everything here waits for programs and the disk.
        tokio::task::spawn_blocking(move || Self::start_blocking(&settings))
            .await
            .map_err(|error| Error::Interrupted(error.to_string()))?
    }

    /// The same, for a caller without a runtime.
    pub fn start_blocking(settings: &Settings) -> Result<Self, Error> {
        folder::make_private(&settings.data)?;
        let lock = Lock::take(&settings.data)?;
        let binaries = match &settings.binaries {
            Some(folder) => Binaries::in_folder(folder)?,
            None => binaries::find()?,
        };
        let account = Account::for_postgres()?;
        let home = folder::home(&settings.data, &account)?;
        let folder = home.join("postgres");
        let binaries = binaries::matching(binaries, settings.binaries.is_some(), &folder)?;
        let socket = folder::socket(&home, &account)?;
        let mut running = postmaster::running(&folder, &socket)?;
        if !folder.join("PG_VERSION").exists() {
            postmaster::init(&binaries, &account, &folder, settings.durable)?;
        }
        postmaster::configure(settings, &account, &folder, &socket)?;
        if running {
            running = postmaster::attach(&binaries, &account, &folder, &socket, settings.patience)?;
        }
        if running {
            tracing::info!(folder = %folder.display(), "re-attached to the database that was still running");
        } else {
            postmaster::start(&binaries, &account, &folder, settings.patience)?;
        }
        Ok(Self { binaries, account, folder, socket, attached: running, _lock: lock })
    }

    /// The folder of the socket, to be used as the host of a connection.
    pub fn socket(&self) -> &Path {
        &self.socket
    }

    /// The number in the socket's name. No port is opened.
    pub fn port(&self) -> u16 {
        postmaster::PORT
    }

    /// Where the cluster's files are.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Whether Postgres was running already, left behind by a program that crashed.
    pub fn was_running(&self) -> bool {
        self.attached
    }

    /// The version, as Postgres names it.
    pub fn version(&self) -> &str {
        &self.binaries.version
    }

    /// The folder of the programs, for dumps.
    pub fn binaries(&self) -> &Path {
        &self.binaries.folder
    }

    /// Ends the cluster in good order: what is committed is on disk, and the next start needs no recovery.
    pub async fn stop(self) -> Result<(), Error> {
        tokio::task::spawn_blocking(move || self.stop_blocking())
            .await
            .map_err(|error| Error::Interrupted(error.to_string()))?
    }

    /// The same, for a caller without a runtime.
    pub fn stop_blocking(self) -> Result<(), Error> {
        postmaster::stop(&self.binaries, &self.account, &self.folder, &self.socket)
    }
}

/// Where a running cluster is reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    /// The folder of the socket.
    pub socket: PathBuf,
    /// The number in the socket's name.
    pub port: u16,
}

/// Where the cluster of a data folder is reached while another program runs it: for commands that look into a running installation
/// and must neither start nor stop anything. None if it is not running.
pub fn running(data: &Path) -> Option<Address> {
    let elsewhere = std::fs::read_to_string(data.join("postgres.location")).ok();
    let homes = std::iter::once(data.to_owned()).chain(elsewhere.map(|home| PathBuf::from(home.trim())));
    homes.map(|home| home.join("postgres")).find_map(|cluster| postmaster::address(&cluster))
}
