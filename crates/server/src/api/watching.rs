//! How far long work is, as it happens: what the event streams of runs, imports and archives have in common.

use std::{convert::Infallible, pin::Pin, time::Duration};

use axum::response::{
    IntoResponse, Response,
    sse::{Event, KeepAlive, Sse},
};
use domain::id::OrgId;
use futures::stream;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    datasets::progress,
    looks::{Looks, Place, Seen},
};
use crate::Problem;

/// How often the state is looked at; a change is told once.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// How long one stream lasts; browsers open the next one by themselves.
const LOOKS_MAX: u32 = 3_600;

/// What an event says of work: its state, why it failed, and how far it is; and whether it has ended.
pub(super) fn told(state: &str, reason: Option<&str>, at: &Value) -> (Value, bool) {
    let ended = !matches!(state, "queued" | "running");
    (json!({"state": state, "reason": reason, "progress": progress(at)}), ended)
}

/// A stream of `progress` events of one work, ended by the one with which the work has ended. Several streams of one work
/// share `look`; each caller was let in by itself before.
pub(super) fn watch<F>(
    looks: &Looks,
    org: OrgId,
    id: Uuid,
    look: impl Fn() -> F + Send + 'static,
) -> Result<Response, Problem>
where
    F: Future<Output = Seen> + Send + 'static,
{
    let place = looks.open(org, id)?;
    let look = Box::new(move || Box::pin(look()) as Pin<Box<dyn Future<Output = Seen> + Send>>);
    let watch = Watch { place, look, told: Value::Null, looks: 0, ended: false };
    Ok(Sse::new(stream::unfold(watch, next)).keep_alive(KeepAlive::default()).into_response())
}

struct Watch {
    place: Place,
    look: Box<dyn Fn() -> Pin<Box<dyn Future<Output = Seen> + Send>> + Send>,
    told: Value,
    looks: u32,
    ended: bool,
}

async fn next(mut watch: Watch) -> Option<(Result<Event, Infallible>, Watch)> {
    while !watch.ended && watch.looks < LOOKS_MAX {
        if watch.looks > 0 {
            tokio::time::sleep(LOOK_EVERY).await;
        }
        watch.looks += 1;
        let look = (watch.look)();
        let (now, ended) = watch.place.seen(LOOK_EVERY * 4 / 5, look).await?;
        watch.ended = ended;
        if now != watch.told {
            let event = Event::default().event("progress").data(now.to_string());
            watch.told = now;
            return Some((Ok(event), watch));
        }
    }
    None
}
