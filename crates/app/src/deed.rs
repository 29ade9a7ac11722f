//! A change, its row in the audit trail and the answer for a retry are one transaction: no audit, no change.

use std::fmt::Display;

use serde_json::json;
use store::{
    Tx,
    audit::{self, Event, Outcome},
    idempotency::{self, Known},
};
use uuid::Uuid;

use crate::{Backing, Caller, Error};

/// How the making of a thing begins.
pub(crate) enum Began {
    /// Nobody made it yet.
    New(Tx),
    /// The same request was answered before: this is what it made.
    Repeated(Uuid),
}

/// A transaction for this caller.
pub(crate) async fn begin(backing: &Backing, caller: &Caller) -> Result<Tx, Error> {
    Ok(backing.store.begin(&caller.actor).await?)
}

/// A transaction that makes something, once per idempotency key.
pub(crate) async fn begin_new(backing: &Backing, caller: &Caller) -> Result<Began, Error> {
    let mut tx = begin(backing, caller).await?;
    let Some(retry) = &caller.retry else { return Ok(Began::New(tx)) };
    match idempotency::take(&mut tx, retry.key()).await? {
        Known::New => Ok(Began::New(tx)),
        Known::Answered { response, .. } => {
            let made = response["made"].as_str().and_then(|id| id.parse().ok());
            made.map(Began::Repeated)
                .ok_or_else(|| Error::Work("a kept answer does not say what was made".to_owned()))
        }
        Known::Different => Err(Error::Reused),
    }
}

/// An action that took effect, in a request: `dataset.create` on a dataset.
pub(crate) fn done(caller: &Caller, action: &str, on: &str, id: impl Display) -> Event {
    let event = Event::new(action, Outcome::Done).on(on, id).traced(caller.trace.to_string());
    match caller.address {
        Some(address) => event.from_address(address, ""),
        None => event,
    }
}

/// Records the event and commits. After this the request needs no row of its own any more.
pub(crate) async fn commit(tx: Tx, caller: &Caller, event: Event) -> Result<(), Error> {
    audit::seal(tx, &[event]).await?;
    caller.mark_recorded();
    Ok(())
}

/// The same for something that was made: a retry finds it again.
pub(crate) async fn commit_new(mut tx: Tx, caller: &Caller, event: Event, made: Uuid) -> Result<(), Error> {
    if let Some(retry) = &caller.retry {
        idempotency::keep(&mut tx, retry.key(), 201, &json!({"made": made})).await?;
    }
    commit(tx, caller, event).await
}
