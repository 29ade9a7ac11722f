//! Views of the list that people keep under a name.

use app::{Error, findings::views};
use axum::{
    Form,
    extract::{Path, State},
    response::Response,
};
use domain::Role;
use pages::{
    page::findings::{SavedView, Views},
    route,
};
use serde::Deserialize;
use uuid::Uuid;

use super::plain;
use crate::{
    ServerState,
    web::reader::{self, Reader},
};

/// The views that the reader can go to, and which of them is shown.
pub(super) async fn of(state: &ServerState, reader: &Reader, query: &str) -> Result<Views, Error> {
    let all = views::list(state.backing(), &reader.caller).await?;
    let views = all
        .into_iter()
        .map(|one| SavedView {
            id: one.view.id.to_string(),
            href: address(&one.view.query),
            current: one.view.query == query,
            name: one.view.name,
            shared: one.view.shared,
            own: one.own,
            may_change: one.may_change,
        })
        .collect();
    Ok(Views { views, query: query.to_owned(), may_share: reader.may(Role::Analyst) })
}

fn address(query: &str) -> String {
    format!("{}?{query}", route::FINDINGS)
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Sent {
    name: String,
    query: String,
    /// `on` where everybody shall see it.
    shared: String,
}

pub(super) async fn keep(
    State(state): State<ServerState>,
    reader: Reader,
    Form(sent): Form<Sent>,
) -> Response {
    let result = async {
        // Only what the list knows is kept, in the order in which the list writes it.
        let shared = sent.shared == "on";
        let view =
            views::keep(state.backing(), &reader.caller, &sent.name, &plain(&sent.query), shared).await?;
        let said = if shared { "Saved; everybody in the organisation sees it." } else { "View saved." };
        Ok(reader::see_and_say(&state, &address(&view.query), said))
    };
    let result = result.await;
    reader.answer(result)
}

pub(super) async fn update(
    State(state): State<ServerState>,
    Path(id): Path<String>,
    reader: Reader,
    Form(sent): Form<Sent>,
) -> Response {
    let result = async {
        let (backing, caller) = (state.backing(), &reader.caller);
        let view = views::update(backing, caller, view_id(&id)?, &sent.name, sent.shared == "on").await?;
        Ok(reader::see_and_say(&state, &address(&view.query), "View changed."))
    };
    let result = result.await;
    reader.answer(result)
}

pub(super) async fn delete(
    State(state): State<ServerState>,
    Path(id): Path<String>,
    reader: Reader,
) -> Response {
    let result = async {
        views::delete(state.backing(), &reader.caller, view_id(&id)?).await?;
        Ok(reader::see_and_say(&state, route::FINDINGS, "View deleted."))
    };
    let result = result.await;
    reader.answer(result)
}

fn view_id(id: &str) -> Result<Uuid, Error> {
    id.parse().map_err(|_| Error::NotFound("view"))
}
