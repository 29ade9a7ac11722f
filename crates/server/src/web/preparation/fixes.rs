//! Fixes of the review: what the values ask for, done to the whole file with one click, and undone with another.

use app::{
    Error,
    datasets::{
        mapping,
        preparation::{self, Prepared, Recipe},
        suggestions,
    },
};
use axum::{
    Form,
    extract::{Path, State},
    response::Response,
};
use domain::{id::DatasetId, number};
use pages::{
    page::import::{
        preparation::step_in_words,
        review::{Done, Fix, ReviewPage},
    },
    route,
};
use serde::Deserialize;

use super::{dataset_id, form, same};
use crate::{
    ServerState,
    web::reader::{self, Reader},
};

/// Fixes that are offered at once.
const MOST: usize = 12;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Wanted {
    table: usize,
    version: Option<i64>,
    /// The fix that is to be done.
    take: String,
    /// The column that is to be as it was.
    undo: String,
}

/// Fills in what could be done and what was done, over all tables of the import.
pub(in crate::web) async fn fill(
    state: &ServerState,
    reader: &Reader,
    dataset: DatasetId,
    files: &[String],
    page: &mut ReviewPage,
) -> Result<(), Error> {
    let (backing, caller) = (state.backing(), &reader.caller);
    page.version = mapping::get(backing, caller, dataset).await?.version.to_string();
    for (table, file) in files.iter().enumerate() {
        let kept = preparation::get(backing, caller, dataset, table).await?;
        let address = |column: &str, take: &str| {
            let mut query = url::form_urlencoded::Serializer::new(String::new());
            query.append_pair("table", &table.to_string()).append_pair("column", column);
            if !take.is_empty() {
                query.append_pair("take", take);
            }
            format!("/data/{dataset}/preparation?{}", query.finish())
        };
        for one in suggestions::open(backing, caller, dataset, table).await? {
            let column = &one.prepared.column;
            if kept.preparation.columns.iter().any(|known| same(&known.column, column)) {
                continue;
            }
            page.fixes.push(Fix {
                table,
                label: label(&one.id).to_owned(),
                href: address(column, &one.id),
                id: one.id,
                reason: one.reason,
                confidence: number::percent(one.confidence, 0),
            });
        }
        for column in &kept.preparation.columns {
            let report = kept.reports.as_array().and_then(|all| {
                all.iter().find(|one| one["column"].as_str().is_some_and(|name| same(name, &column.column)))
            });
            let count = |name: &str| report.and_then(|report| report[name].as_u64()).unwrap_or_default();
            page.done.push(Done {
                table,
                file: file.clone(),
                steps: steps(column),
                changed: format!(
                    "{} of {} cells",
                    number::count(count("changed")),
                    number::count(count("rows"))
                ),
                href: address(&column.column, ""),
                column: column.column.clone(),
            });
        }
    }
    page.fixes.truncate(MOST);
    Ok(())
}

fn label(id: &str) -> &'static str {
    match id.split(':').next().unwrap_or_default() {
        "order" => "Read the other order",
        "spellings" => "Use one spelling",
        "blanks" => "Trim blanks",
        _ => "Do it",
    }
}

fn steps(column: &Prepared) -> Vec<String> {
    let written = form::shown(column);
    let mut steps: Vec<String> =
        written.steps.iter().map(|step| step_in_words(&step.kind, &step.first, &step.second)).collect();
    if column.rule.is_some() {
        steps.push("1 rule, done after the steps".to_owned());
    }
    steps
}

pub(super) async fn save(
    State(state): State<ServerState>,
    Path(id): Path<String>,
    reader: Reader,
    Form(wanted): Form<Wanted>,
) -> Response {
    let result = async {
        let dataset = dataset_id(&id)?;
        let (backing, caller) = (state.backing(), &reader.caller);
        let kept = preparation::get(backing, caller, dataset, wanted.table).await?;
        let all = if wanted.take.is_empty() {
            without(&kept.preparation, &wanted.undo)
        } else {
            let fix = suggestions::open(backing, caller, dataset, wanted.table)
                .await?
                .into_iter()
                .find(|one| one.id == wanted.take)
                .ok_or(Error::NotFound("fix"))?;
            super::with(&kept.preparation, fix.prepared, false)
        };
        preparation::put(backing, caller, dataset, wanted.table, wanted.version, &all).await?;
        let said = if wanted.take.is_empty() { "Undone." } else { "Done to the whole file." };
        Ok(reader::see_and_say(&state, &route::import(&id, "rows"), said))
    };
    let result = result.await;
    reader.answer(result)
}

fn without(kept: &Recipe, column: &str) -> Recipe {
    let mut all = kept.clone();
    all.columns.retain(|known| !same(&known.column, column));
    all
}
