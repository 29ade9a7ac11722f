//! What signing in stands on.

use std::{net::IpAddr, sync::Arc};

use clients::mail::{Letter, Mailer};
use domain::{TraceId, id::UserId};
use jiff::{SignedDuration, Timestamp};
use store::audit::{Event, Outcome};

use super::{password::Hasher, secret::Keys, who::Recent};
use crate::{Backing, Error};

/// How long things last, and where people reach the product.
#[derive(Debug, Clone)]
pub struct DeskSettings {
    /// The address that letters link to, without a slash at its end.
    pub public_address: String,
    /// How long a session lasts without being used.
    pub idle: SignedDuration,
    /// How long a session lasts at most.
    pub absolute: SignedDuration,
    /// The plan of organisations that people sign up by themselves; none where they cannot.
    pub sign_up_plan: Option<String>,
    /// The people who run the installation.
    pub operators: Vec<UserId>,
}

impl Default for DeskSettings {
    fn default() -> Self {
        Self {
            public_address: "http://127.0.0.1:8000".to_owned(),
            idle: SignedDuration::from_hours(24),
            absolute: SignedDuration::from_hours(24 * 14),
            sign_up_plan: None,
            operators: Vec::new(),
        }
    }
}

/// The desk where people show who they are. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Desk {
    /// Database and clock.
    pub backing: Backing,
    /// Keys derived from the installation's secret.
    pub keys: Keys,
    /// Who sends letters, where a mail server is configured.
    pub mailer: Option<Arc<dyn Mailer>>,
    /// How long things last.
    pub settings: Arc<DeskSettings>,
    pub(super) hasher: Hasher,
    pub(super) recent: Recent,
}

/// Somebody who is not known yet.
#[derive(Debug, Clone)]
pub struct Visitor {
    /// From where.
    pub address: Option<IpAddr>,
    /// With which browser.
    pub user_agent: String,
    /// In which request.
    pub trace: TraceId,
}

impl Visitor {
    /// The address as text; empty where it is not known.
    pub fn address_text(&self) -> String {
        self.address.map(|address| address.to_string()).unwrap_or_default()
    }

    /// Something that this visitor tried.
    pub(crate) fn event(&self, action: &str, outcome: Outcome) -> Event {
        Event::new(action, outcome)
            .traced(self.trace.to_string())
            .from_address(self.address_text(), &self.user_agent)
    }
}

impl Desk {
    /// A desk on this database.
    pub fn new(
        backing: Backing,
        keys: Keys,
        mailer: Option<Arc<dyn Mailer>>,
        settings: DeskSettings,
    ) -> Self {
        Self {
            backing,
            keys,
            mailer,
            settings: Arc::new(settings),
            hasher: Hasher::default(),
            recent: Recent::default(),
        }
    }

    pub(super) fn now(&self) -> Timestamp {
        self.backing.clock.now()
    }

    /// Forgets who was found lately, since somebody's rights changed.
    pub fn forget_recent(&self) {
        self.recent.clear();
    }

    pub(crate) async fn hash_password(&self, password: String) -> Result<String, Error> {
        self.hasher.hash(password).await
    }

    /// Hands a letter over, and says plainly where no mail server is configured.
    pub(crate) async fn send(&self, letter: Letter) -> Result<(), Error> {
        let Some(mailer) = &self.mailer else {
            return Err(Error::Unavailable(
                "no mail server is configured; ask the operator to set smtp.host".to_owned(),
            ));
        };
        mailer.send(&letter).await.map_err(|error| {
            tracing::warn!(%error, "a letter was not sent");
            Error::Unavailable("the letter could not be sent right now; try again in a moment".to_owned())
        })
    }
}

/// An address as compared: letters folded, spaces around it gone.
pub fn email_key(email: &str) -> String {
    email.trim().to_lowercase()
}

/// Whether this can be an address at all; whether it is one only a letter can tell.
pub fn plausible_email(email: &str) -> bool {
    let email = email.trim();
    let plain = |c: char| !c.is_control() && !c.is_whitespace() && !"<>,;\"()".contains(c);
    match email.rsplit_once('@') {
        Some((name, host)) => {
            !name.is_empty()
                && host.len() >= 3
                && !host.starts_with('.')
                && !host.ends_with('.')
                && email.chars().count() <= 254
                && email.chars().all(plain)
                && !name.contains('@')
        }
        None => false,
    }
}
