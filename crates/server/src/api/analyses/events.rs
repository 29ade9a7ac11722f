//! How far a run is, as it happens.

use std::{convert::Infallible, time::Duration};

use app::{Caller, analyses};
use axum::{
    Extension,
    extract::State,
    response::sse::{Event, KeepAlive, Sse},
};
use domain::id::AnalysisId;
use futures::{Stream, stream};
use serde_json::{Value, json};
use store::analyses::AnalysisState;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::looks::{Looks, Place, Seen};
use crate::{
    Problem, ServerState,
    api::{Refusals, datasets::progress},
    extract::Path,
    who::Who,
};

pub(super) fn routes() -> OpenApiRouter<ServerState> {
    OpenApiRouter::new().routes(routes!(events)).layer(Extension(Looks::default()))
}

/// How often the state is looked at; a change is told once.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// How long one stream lasts; browsers open the next one by themselves.
const LOOKS_MAX: u32 = 3_600;

/// How far a run is, as server-sent events
///
/// Each event `progress` carries `state`, `reason` and `progress`; the stream ends after the one with which the run
/// has ended.
#[utoipa::path(get, path = "/analyses/{id}/events", operation_id = "watch_analysis", tag = "analyses",
    params(("id" = Uuid, Path)),
    responses((status = 200, description = "a stream of events", body = String, content_type = "text/event-stream"), Refusals))]
async fn events(
    State(state): State<ServerState>,
    Extension(looks): Extension<Looks>,
    Who(caller): Who,
    Path(id): Path<Uuid>,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Problem> {
    let id = AnalysisId(id);
    // What cannot be watched is answered before the stream begins.
    analyses::get(state.backing(), &caller, id).await?;
    let place = looks.open(caller.actor.org, id)?;
    let watch = Watch { state, place, caller, id, told: Value::Null, looks: 0, ended: false };
    Ok(Sse::new(stream::unfold(watch, next)).keep_alive(KeepAlive::default()))
}

struct Watch {
    state: ServerState,
    place: Place,
    caller: Caller,
    id: AnalysisId,
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
        // Several streams share a look; each was let in by itself.
        let look = seen(&watch.state, &watch.caller, watch.id);
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

/// Nothing where it was removed: there is nothing more to tell.
async fn seen(state: &ServerState, caller: &Caller, id: AnalysisId) -> Seen {
    let run = analyses::get(state.backing(), caller, id).await.ok()?;
    let now = json!({
        "state": run.analysis.state.name(),
        "reason": run.analysis.reason,
        "progress": progress(&run.progress),
    });
    Some((now, !matches!(run.analysis.state, AnalysisState::Queued | AnalysisState::Running)))
}
