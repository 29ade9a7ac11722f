//! One Postgres for a test process, and a database of its own for every test.

use anyhow::Context;
use cluster::{Cluster, Settings};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use store::{Connection, Limits, Store};
use tokio::sync::OnceCell;

static CLUSTER: OnceLock<Option<Running>> = OnceLock::new();
static TEMPLATE: OnceCell<()> = OnceCell::const_new();
static NEXT: AtomicU32 = AtomicU32::new(0);

struct Running {
    socket: PathBuf,
    port: u16,
    // When this process ends, its end of the pipe closes, and the watchman on the other end stops Postgres and removes the folder.
    _watchman: std::process::Child,
    // Postgres must not be taken down by dropping anything in this process.
    _cluster: Cluster,
}

/// A migrated database of a test's own.
#[derive(Debug)]
pub struct Database {
    /// The store on it.
    pub store: Store,
    connection: Connection,
}

impl Database {
    /// A fresh one; none, with a printed line, where no Postgres is installed.
    ///
    /// # Panics
    /// When Postgres is installed and does not work: that is a failed test, not a skipped one.
    pub async fn fresh() -> Option<Self> {
        Self::with_limits(Limits::default()).await
    }

    /// A fresh one with this many connections.
    ///
    /// # Panics
    /// As [`Database::fresh`].
    pub async fn with_limits(limits: Limits) -> Option<Self> {
        let connection = Self::unmigrated()?;
        TEMPLATE
            .get_or_init(|| async {
                let template = connection.with_database("template_of_tests");
                store::create_database(&template).await.expect("a template database");
                store::migrate(&template).await.expect("migrations");
            })
            .await;
        store::copy_database(&connection, "template_of_tests").await.expect("a copy of the template");
        let store = Store::connect(&connection, limits).await.expect("a store");
        Some(Self { store, connection })
    }

    /// One that was made by other means, for measurements on a cluster of their own.
    pub fn on(store: Store, connection: Connection) -> Self {
        Self { store, connection }
    }

    /// Where a database could be made that does not exist yet: for tests of migrating itself.
    ///
    /// # Panics
    /// As [`Database::fresh`].
    pub fn unmigrated() -> Option<Connection> {
        let running = CLUSTER.get_or_init(|| start().expect("a cluster for tests")).as_ref()?;
        let name = format!("test_{}", NEXT.fetch_add(1, Ordering::Relaxed));
        Some(Connection::socket(&running.socket, running.port, cluster::ADMIN, &name))
    }

    /// How to reach it, for a second store or the program itself.
    pub fn connection(&self) -> &Connection {
        &self.connection
    }

    /// The address of the same database for a role, as other programs (`psql`, the server under test) take it.
    pub fn url(&self, role: &str) -> String {
        let running =
            CLUSTER.get().and_then(Option::as_ref).expect("a database comes from a running cluster");
        let socket = running.socket.to_string_lossy().replace('/', "%2F");
        format!("postgres://{role}@localhost:{}/{}?host={socket}", running.port, self.connection.database())
    }
}

fn start() -> anyhow::Result<Option<Running>> {
    if let Err(error) = cluster::find_binaries() {
        eprintln!("skipped: {error}");
        return Ok(None);
    }
    let folder = tempfile::Builder::new().prefix("plantintel-test-").tempdir().context("a folder")?.keep();
    // The database's account must get through when we are root.
    let mut settings = Settings::new(&folder, &store::LOGIN_ROLES);
    settings.durable = false;
    settings.options = vec![
        ("autovacuum".to_owned(), "off".to_owned()),
        ("max_connections".to_owned(), "400".to_owned()),
        ("shared_buffers".to_owned(), "64MB".to_owned()),
    ];
    let cluster = Cluster::start_blocking(&settings).context("starting Postgres for tests")?;
    let script = "cat > /dev/null; kill -INT $(head -n 1 \"$1/postmaster.pid\"); \
        for i in $(seq 100); do test -e \"$1/postmaster.pid\" || break; sleep 0.1; done; rm -rf \"$2\"";
    let watchman = Command::new("sh")
        .args(["-c", script, "watchman"])
        // An interrupt from the keyboard ends the tests, not the one who cleans up after them.
        .process_group(0)
        .arg(cluster.folder())
        .arg(&folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .context("a watchman that stops Postgres when the tests end")?;
    Ok(Some(Running {
        socket: cluster.socket().to_owned(),
        port: cluster.port(),
        _watchman: watchman,
        _cluster: cluster,
    }))
}
