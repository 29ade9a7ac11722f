//! Who asks, within one request: the actor, the trace, and whether the audit trail knows of it yet.

use std::{
    net::IpAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use domain::{Actor, Role, TraceId};

use crate::Error;

/// One request of one actor. Every use case takes it, and asks it for the role that it needs in its first line.
///
/// Clones share the mark of the audit trail: an action that was recorded in its own transaction is not recorded
/// again when the request ends.
#[derive(Debug, Clone)]
pub struct Caller {
    /// Who acts.
    pub actor: Actor,
    /// The name of the request in answer, log and audit trail.
    pub trace: TraceId,
    /// Where the request came from, where that is known.
    pub address: Option<IpAddr>,
    /// What a retry of the request is recognized by, where its sender named a key.
    pub retry: Option<Retry>,
    recorded: Arc<AtomicBool>,
}

/// An idempotency key: the same key with the same request makes nothing twice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Retry {
    /// The person or program, as `user:…` or `key:…`.
    pub principal: String,
    /// Method and route.
    pub operation: String,
    /// The sender's key.
    pub key: String,
    /// The SHA-256 of the request.
    pub request_hash: [u8; 32],
}

impl Retry {
    pub(crate) fn key(&self) -> store::idempotency::Key<'_> {
        store::idempotency::Key {
            principal: &self.principal,
            operation: &self.operation,
            key: &self.key,
            request_hash: &self.request_hash,
        }
    }
}

impl Caller {
    /// A request of this actor that nothing was recorded of yet.
    pub fn new(actor: Actor, trace: TraceId, address: Option<IpAddr>) -> Self {
        Self { actor, trace, address, retry: None, recorded: Arc::default() }
    }

    /// The permission check, at home in the first line of a use case.
    pub fn require(&self, needed: Role) -> Result<(), Error> {
        if self.actor.may(needed) { Ok(()) } else { Err(Error::Forbidden { needed }) }
    }

    /// Whether the audit trail has a row of this request.
    pub fn is_recorded(&self) -> bool {
        self.recorded.load(Ordering::Acquire)
    }

    /// Notes that the audit trail has a row of this request. To be called when the transaction has committed.
    pub fn mark_recorded(&self) {
        self.recorded.store(true, Ordering::Release);
    }
}
