//! A proof that came with a request, turned into an actor.
//!
//! Looking a session, a key or a membership up costs a transaction; what was found serves for a few seconds, so that a
//! revocation takes effect everywhere within [`FRESH`], and in this process at once.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use domain::{
    Actor, Role,
    actor::Means,
    id::{OrgId, SessionId, UserId},
};
use jiff::{SignedDuration, Timestamp};
use store::gate;

use super::{Desk, secret};
use crate::{Error, network::Allowed};

/// How long what was found serves.
pub const FRESH: Duration = Duration::from_secs(10);
/// A session's last use is noted at most this often.
const NOTED: SignedDuration = SignedDuration::from_mins(1);
/// How many findings are kept at most; beyond, all are dropped and found again.
const MOST: usize = 20_000;

/// What every API key begins with, so that it is told from a token and found by scanners of leaked secrets.
pub const KEY_PREFIX: &str = "pi_live_";

/// A proof, not checked yet.
#[derive(Clone, Copy)]
pub enum Proof<'a> {
    /// The cookie of a browser.
    Session(&'a str),
    /// An API key.
    ApiKey(&'a str),
}

impl std::fmt::Debug for Proof<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Session(_) => "Session",
            Self::ApiKey(_) => "ApiKey",
        })
    }
}

/// Somebody who was found.
#[derive(Debug, Clone)]
pub struct Known {
    /// The actor.
    pub actor: Actor,
    /// What an API key may do; `None` is everything that the role may.
    pub scopes: Option<Arc<[String]>>,
    /// From where the organisation may be used.
    pub allowed: Allowed,
    /// When it ends, whatever was kept.
    expires_at: Option<Timestamp>,
}

impl Known {
    /// The session, where the proof was one.
    pub fn session(&self) -> Option<(UserId, SessionId)> {
        match self.actor.means {
            Means::Session { user, session } => Some((user, session)),
            _ => None,
        }
    }

    pub(super) fn of(actor: Actor, allowed: Allowed) -> Self {
        Self { actor, scopes: None, allowed, expires_at: None }
    }
}

/// What was found lately.
#[derive(Debug, Clone, Default)]
pub(super) struct Recent(Arc<Mutex<Found>>);

/// By hash of what was shown: when it was looked up, and who it was.
type Found = HashMap<Vec<u8>, (Instant, Known)>;

impl Recent {
    pub(super) fn get(&self, key: &[u8], now: Timestamp) -> Option<Known> {
        let found = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (at, known) = found.get(key)?;
        let lives = at.elapsed() < FRESH && known.expires_at.is_none_or(|end| end > now);
        lives.then(|| known.clone())
    }

    pub(super) fn put(&self, key: Vec<u8>, known: Known) {
        let mut found = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if found.len() >= MOST {
            found.clear();
        }
        found.insert(key, (Instant::now(), known));
    }

    /// Forgets everything: somebody's rights changed.
    pub(super) fn clear(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

/// Who shows this proof; nobody if it does not hold.
pub async fn find(desk: &Desk, proof: Proof<'_>) -> Result<Option<Known>, Error> {
    let (kind, token) = match proof {
        Proof::Session(token) => (b's', token),
        Proof::ApiKey(key) => (b'k', key),
    };
    let hash = secret::hash(token);
    let key = [&[kind], hash.as_slice()].concat();
    let now = desk.now();
    if let Some(known) = desk.recent.get(&key, now) {
        return Ok(Some(known));
    }
    let found = match proof {
        Proof::Session(_) => session(desk, &hash, now).await?,
        Proof::ApiKey(_) => api_key(desk, &hash, now).await?,
    };
    if let Some(known) = &found {
        desk.recent.put(key, known.clone());
    }
    Ok(found)
}

async fn session(desk: &Desk, hash: &[u8], now: Timestamp) -> Result<Option<Known>, Error> {
    let mut gate = desk.backing.store.gate().await?;
    let Some(session) = gate::sessions::get(&mut gate, hash, now).await? else { return Ok(None) };
    if session.disabled {
        return Ok(None);
    }
    let standing = standing(&mut gate, session.org_id, session.user_id).await?;
    let Some(Standing { role, allowed }) = standing else { return Ok(None) };
    if now.duration_since(session.last_seen_at) > NOTED {
        let idle = (now + desk.settings.idle).min(session.expires_at);
        gate::sessions::touch(&mut gate, session.id, now, idle).await?;
        gate.commit().await?;
    }
    let means = Means::Session { user: session.user_id, session: session.id };
    let actor = Actor { org: session.org_id, role, means };
    let ends = session.expires_at.min(session.idle_expires_at);
    Ok(Some(Known { actor, scopes: None, allowed, expires_at: Some(ends) }))
}

async fn api_key(desk: &Desk, hash: &[u8], now: Timestamp) -> Result<Option<Known>, Error> {
    let mut gate = desk.backing.store.gate().await?;
    let Some(key) = gate::api_keys::get(&mut gate, hash, now).await? else { return Ok(None) };
    // A key never outlives or outranks whoever made it.
    let maker = standing(&mut gate, key.org_id, key.created_by).await?;
    let Some(Standing { role: maker, allowed }) = maker else { return Ok(None) };
    let disabled =
        gate::users::get(&mut gate, key.created_by).await?.is_none_or(|user| user.disabled_at.is_some());
    if disabled {
        return Ok(None);
    }
    if key.last_used_at.is_none_or(|used| now.duration_since(used) > NOTED) {
        gate::api_keys::touch(&mut gate, key.org_id, key.id, now).await?;
        gate.commit().await?;
    }
    let actor = Actor { org: key.org_id, role: key.role.min(maker), means: Means::ApiKey { key: key.id } };
    let scopes = (!key.scopes.is_empty()).then(|| key.scopes.into());
    Ok(Some(Known { actor, scopes, allowed, expires_at: key.expires_at }))
}

/// What a person may do in an organisation, and from where.
pub(super) struct Standing {
    pub(super) role: Role,
    pub(super) allowed: Allowed,
}

/// What a person may do in an organisation that is open.
pub(super) async fn standing(
    gate: &mut gate::GateTx,
    org: OrgId,
    user: UserId,
) -> Result<Option<Standing>, Error> {
    let belonging = gate::memberships::get(gate, org, user).await?;
    Ok(belonging.filter(|belonging| belonging.org_state != "closed").map(|belonging| {
        // A suspended organisation can be read, not written.
        let role = if belonging.org_state == "suspended" { Role::Viewer } else { belonging.role };
        Standing { role, allowed: Allowed::of(&belonging.org_networks) }
    }))
}
