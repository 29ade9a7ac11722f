//! Where the database is, and as whom to sign in there.

use crate::error::{Error, Result};
use sqlx::postgres::PgConnectOptions;
use std::path::Path;
use std::str::FromStr;

/// The roles that the program signs in as. None of them owns anything, none goes round row security.
pub const LOGIN_ROLES: [&str; 4] = [APP, WORKER, GATE, OPERATOR];
pub(crate) const APP: &str = "plantintel_app";
pub(crate) const WORKER: &str = "plantintel_worker";
pub(crate) const GATE: &str = "plantintel_gate";
pub(crate) const OPERATOR: &str = "plantintel_operator";
pub(crate) const OWNER: &str = "plantintel_owner";

/// The address of a database, with the administrator's account for `migrate` and what the other roles sign in with.
#[derive(Clone)]
pub struct Connection {
    admin: PgConnectOptions,
    role_secret: Option<String>,
}

impl std::fmt::Debug for Connection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The options carry a password.
        f.debug_struct("Connection")
            .field("host", &self.admin.get_host())
            .field("port", &self.admin.get_port())
            .field("database", &self.admin.get_database())
            .finish_non_exhaustive()
    }
}

impl Connection {
    /// A database on a server that is reached by an address of the form `postgres://admin:password@host/database`. The
    /// account is only used for migrating; the program's own roles sign in with passwords derived from `role_secret`,
    /// which [`crate::migrate`] sets. Several servers of one installation share the secret.
    pub fn url(url: &str, role_secret: &str) -> Result<Self> {
        let admin = PgConnectOptions::from_str(url).map_err(Error::Database)?;
        Ok(Self { admin, role_secret: Some(role_secret.to_owned()) })
    }

    /// A database of a private cluster: the folder of its socket, and no passwords, since only this account of the
    /// operating system gets in.
    pub fn socket(folder: &Path, port: u16, admin: &str, database: &str) -> Self {
        let admin = PgConnectOptions::new_without_pgpass()
            .socket(folder)
            .host(&folder.to_string_lossy())
            .port(port)
            .username(admin)
            .database(database);
        Self { admin, role_secret: None }
    }

    /// The same server, another database.
    #[must_use]
    pub fn with_database(&self, database: &str) -> Self {
        Self { admin: self.admin.clone().database(database), role_secret: self.role_secret.clone() }
    }

    /// The database's name.
    pub fn database(&self) -> &str {
        self.admin.get_database().unwrap_or_else(|| self.admin.get_username())
    }

    pub(crate) fn admin(&self) -> PgConnectOptions {
        // "It exists already, skipping" is what the second start is for, and nothing to tell anybody.
        self.admin
            .clone()
            .application_name("plantintel migrate")
            .options([("client_min_messages", "warning")])
    }

    pub(crate) fn as_role(&self, role: &str) -> PgConnectOptions {
        let options = self
            .admin
            .clone()
            .username(role)
            .application_name(role)
            .statement_cache_capacity(512)
            // Temporary tables come last, so that none can stand before a real one; JIT costs more than our queries take.
            .options([
                ("search_path", "tenant,account,operator,catalog,pg_temp"),
                ("statement_timeout", "60000"),
                ("lock_timeout", "10000"),
                ("idle_in_transaction_session_timeout", "60000"),
                ("timezone", "UTC"),
                ("jit", "off"),
            ]);
        match self.password(role) {
            Some(password) => options.password(&password),
            None => options,
        }
    }

    /// The password of a role, as derived from the installation's secret.
    pub(crate) fn password(&self, role: &str) -> Option<String> {
        use aws_lc_rs::hmac;
        use base64::Engine;
        let secret = self.role_secret.as_deref()?;
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
        let tag = hmac::sign(&key, format!("plantintel database role {role}").as_bytes());
        Some(base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(tag))
    }
}
