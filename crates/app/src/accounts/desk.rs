//! What signing in stands on.

use std::{net::IpAddr, path::PathBuf, sync::Arc};

use clients::{hooks::Hooks, mail::Mailer};
use domain::{TraceId, id::UserId};
use jiff::{SignedDuration, Timestamp};
use store::audit::{Audited, Event, Outcome};

use super::{password::Hasher, secret::Keys, who::Recent};
use crate::{
    Backing, Error,
    billing::Payments,
    mails::{self, Facts, Language},
    models::Offers,
    notices::{Post, letters},
};

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
    /// Where they must come from; from anywhere where none is named.
    pub operator_networks: Vec<crate::network::Network>,
    /// The folder below which each organisation has one that is watched.
    pub watched_folder: Option<PathBuf>,
}

impl Default for DeskSettings {
    fn default() -> Self {
        Self {
            public_address: "http://127.0.0.1:8000".to_owned(),
            idle: SignedDuration::from_hours(24),
            absolute: SignedDuration::from_hours(24 * 14),
            sign_up_plan: None,
            operators: Vec::new(),
            operator_networks: Vec::new(),
            watched_folder: None,
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
    /// Who takes payments, where a provider is configured.
    pub payments: Option<Payments>,
    /// Where messages to programs may go.
    pub hooks: Hooks,
    /// Which language models the installation itself offers.
    pub models: Offers,
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
            payments: None,
            hooks: Hooks::default(),
            models: Offers::default(),
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

    pub(crate) async fn password_holds(&self, password: String, hash: Option<String>) -> Result<bool, Error> {
        self.hasher.holds(password, hash).await
    }

    /// What the worker needs to reach people.
    pub fn post(&self) -> Post {
        Post {
            mailer: self.mailer.clone(),
            hooks: self.hooks,
            keys: self.keys.clone(),
            models: self.models.clone(),
            watched_folder: self.settings.watched_folder.clone(),
            public_address: self.settings.public_address.clone(),
        }
    }

    /// Asks for a letter of ours to somebody, in the transaction that it is about.
    pub(crate) async fn write(
        &self,
        tx: &mut impl Audited,
        to: &str,
        letter: &str,
        facts: &Facts,
        trace: &TraceId,
    ) -> Result<(), Error> {
        let words = mails::write(Language::English, letter, facts)
            .ok_or_else(|| Error::Work(format!("there is no letter {letter}")))?;
        letters::enqueue(tx, &self.keys, to, &words, &trace.to_string()).await
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
