//! Settings: the reader's own, the organisation's, and what changes results.

mod analysis;
mod assistant;
mod organisation;
mod people;
mod profile;
mod programs;
mod sources;
mod told;
mod usage;
mod your_data;

use axum::Router;

use crate::ServerState;

pub(super) fn routes() -> Router<ServerState> {
    Router::new()
        .merge(profile::routes())
        .merge(organisation::routes())
        .merge(analysis::routes())
        .merge(assistant::routes())
        .merge(people::routes())
        .merge(programs::routes())
        .merge(sources::routes())
        .merge(told::routes())
        .merge(usage::routes())
        .merge(your_data::routes())
}

/// What a form wrote, or nothing where it wrote spaces.
fn written(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}
