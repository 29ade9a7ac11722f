//! Rules that are kept to be filled in again, and suggestions that are not wanted.

use app::{
    Error,
    datasets::{preparation, rule_templates, suggestions},
};
use axum::{
    Form,
    extract::{Path, State},
    response::Response,
};
use pages::route;
use serde::Deserialize;

use super::{dataset_id, same};
use crate::{
    ServerState,
    web::reader::{self, Reader},
};

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Sent {
    /// Where somebody comes from, for what is no import's own.
    dataset: String,
    table: usize,
    column: String,
    suggestion: String,
    name: String,
    category: String,
}

impl Sent {
    /// The page of the column, or of the rows where no column is named.
    fn back(&self, dataset: &str) -> String {
        if self.column.trim().is_empty() {
            return route::import(dataset, "rows");
        }
        let query: String = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("table", &self.table.to_string())
            .append_pair("column", self.column.trim())
            .finish();
        format!("/data/{dataset}/preparation?{query}")
    }
}

/// A suggestion that nobody needs to see again.
pub(super) async fn dismiss(
    State(state): State<ServerState>,
    Path(id): Path<String>,
    reader: Reader,
    Form(sent): Form<Sent>,
) -> Response {
    let result = async {
        let dataset = dataset_id(&id)?;
        suggestions::dismiss(state.backing(), &reader.caller, dataset, sent.table, &sent.suggestion).await?;
        Ok(reader::see_and_say(&state, &sent.back(&id), "Not suggested again for exports like this one."))
    };
    let result = result.await;
    reader.answer(result)
}

/// The recipe of a column, as it is saved, becomes a template.
pub(super) async fn keep(
    State(state): State<ServerState>,
    Path(id): Path<String>,
    reader: Reader,
    Form(sent): Form<Sent>,
) -> Response {
    let result = async {
        let (backing, caller) = (state.backing(), &reader.caller);
        let kept = preparation::get(backing, caller, dataset_id(&id)?, sent.table).await?;
        let column = kept.preparation.columns.into_iter().find(|one| same(&one.column, &sent.column));
        let form = rule_templates::Form {
            name: sent.name.clone(),
            category: sent.category.clone(),
            reads: None,
            prepared: column.ok_or(Error::NotFound("column"))?,
        };
        rule_templates::keep(backing, caller, &form).await?;
        Ok(reader::see_and_say(
            &state,
            &sent.back(&id),
            "Kept; it stands among the templates of every column.",
        ))
    };
    let result = result.await;
    reader.answer(result)
}

pub(super) async fn remove(
    State(state): State<ServerState>,
    Path(id): Path<String>,
    reader: Reader,
    Form(sent): Form<Sent>,
) -> Response {
    let result = async {
        let template = id.parse().map_err(|_| Error::NotFound("template"))?;
        rule_templates::delete(state.backing(), &reader.caller, template).await?;
        // What came in is an address of ours only where it names an import.
        let back =
            if dataset_id(&sent.dataset).is_ok() { sent.back(&sent.dataset) } else { route::DATA.to_owned() };
        Ok(reader::see_and_say(&state, &back, "Template removed; rules that were made from it stay."))
    };
    let result = result.await;
    reader.answer(result)
}
