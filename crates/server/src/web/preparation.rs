//! The drawer of a column: clean-up and rule, tried on the sample and done to the whole file.

pub(super) mod fixes;
mod form;
mod kept;

use app::{
    Error,
    datasets::{
        mapping,
        preparation::{self, Prepared, Recipe, Tried},
        rule_templates, suggestions,
    },
};
use axum::{
    Form, Router,
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use domain::{Role, id::DatasetId, number};
use pages::{
    component::Link,
    page::import::{
        PreparePage,
        preparation::{Asked, Offered, Outcome},
    },
    route,
};
use serde::Deserialize;
use serde_json::Value;

use super::{answer, reader::Reader};
use crate::{
    ServerState,
    boxed::{get, post},
    extract::Query,
};

pub(super) fn routes() -> Router<ServerState> {
    Router::new()
        .route("/data/{id}/preparation", get(show).merge(post(save)))
        .route("/data/{id}/preparation/preview", post(preview))
        .route("/data/{id}/preparation/dismissal", post(kept::dismiss))
        .route("/data/{id}/preparation/template", post(kept::keep))
        .route("/data/templates/{id}/remove", post(kept::remove))
        .route("/data/{id}/rows/fixes", post(fixes::save))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Looked {
    table: usize,
    column: String,
    /// A template, and the column that it reads.
    template: Option<String>,
    over: Option<String>,
    /// A suggestion to be filled in.
    take: Option<String>,
    /// Another column, whose recipe is pasted: `0:Rate`.
    from: Option<String>,
}

async fn show(
    State(state): State<ServerState>,
    Path(id): Path<String>,
    Query(looked): Query<Looked>,
    reader: Reader,
) -> Response {
    let result = async {
        let dataset = dataset_id(&id)?;
        let (backing, caller) = (state.backing(), &reader.caller);
        let kept = preparation::get(backing, caller, dataset, looked.table).await?;
        let own = kept.preparation.columns.iter().find(|column| same(&column.column, &looked.column));
        let mut shown = own.cloned();
        if let (Some(template), Some(over)) = (&looked.template, &looked.over) {
            let made = rule_templates::fill(backing, caller, dataset, looked.table, template, over).await?;
            shown = Some(made);
        }
        if let Some(take) = &looked.take {
            let all = suggestions::open(backing, caller, dataset, looked.table).await?;
            shown = all.into_iter().find(|one| one.id == *take).map(|one| one.prepared).or(shown);
        }
        if let Some((table, source)) = looked.from.as_deref().and_then(|from| from.split_once(':')) {
            let table = table.parse().map_err(|_| Error::NotFound("column"))?;
            let other = preparation::get(backing, caller, dataset, table).await?.preparation;
            let source = other.columns.iter().find(|one| same(&one.column, source));
            shown = Some(source.ok_or(Error::NotFound("column"))?.onto(looked.column.trim()));
        }
        let pasted = looked.template.is_some() || looked.take.is_some() || looked.from.is_some();
        let column = shown.as_ref().map_or(looked.column.as_str(), |shown| shown.column.as_str());
        let column = if looked.column.trim().is_empty() { column } else { &looked.column };
        if column.trim().is_empty() {
            return Err(Error::invalid("column", "name the column"));
        }
        let mut page = page(&state, &reader, &id, looked.table, column, &kept.preparation).await?;
        if let Some(shown) = &shown {
            page.recipe = form::shown(shown);
        }
        page.saved = own.is_some_and(|own| !own.is_bare());
        page.version = kept.version.to_string();
        let report = kept.reports.as_array().and_then(|all| {
            all.iter().find(|one| one["column"].as_str().is_some_and(|name| same(name, column)))
        });
        if let Some(report) = report.filter(|_| !pasted) {
            page.outcome = Some(outcome(report, "over the whole file", &[]));
        }
        Ok(answer::ok(&page))
    };
    let result = result.await;
    reader.answer(result)
}

/// The page with everything but the recipe itself.
async fn page(
    state: &ServerState,
    reader: &Reader,
    id: &str,
    table: usize,
    column: &str,
    kept: &Recipe,
) -> Result<PreparePage, Error> {
    let dataset = dataset_id(id)?;
    let (backing, caller) = (state.backing(), &reader.caller);
    let mapped = mapping::get(backing, caller, dataset).await?;
    let mapping = &mapped.tables.get(table).ok_or(Error::NotFound("table"))?.mapping;
    let mut page = PreparePage::new(&reader.shell, id, table, column);
    page.index = mapping.columns.iter().find(|known| same(&known.source, column)).map(|known| known.index);
    page.columns = mapping.columns.iter().map(|known| known.source.clone()).collect();
    page.may_decide = reader.may(Role::Analyst);
    page.version = mapped.version.to_string();
    page.templates = rule_templates::list(backing, caller).await?.into_iter().map(offered).collect();
    let several = mapped.tables.len() > 1;
    for (at, other) in mapped.tables.iter().enumerate() {
        for one in &preparation::get(backing, caller, dataset, at).await?.preparation.columns {
            if at != table || !same(&one.column, column) {
                let file = if several { format!(" ({})", other.mapping.file) } else { String::new() };
                page.copies.push((format!("{at}:{}", one.column), format!("{}{file}", one.column)));
            }
        }
    }
    let here = |name: &str| {
        let query: String = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("table", &table.to_string())
            .append_pair("column", name)
            .finish();
        format!("/data/{id}/preparation?{query}")
    };
    let (needs, impact) = preparation::depends(kept, column);
    page.needs = needs.iter().map(|name| Link::new(name, here(name))).collect();
    page.impact = impact.iter().map(|name| Link::new(name, here(name))).collect();
    page.suggestions = suggestions::open(backing, caller, dataset, table)
        .await?
        .into_iter()
        .filter(|one| same(&one.prepared.column, column))
        .map(|one| {
            let take: String = url::form_urlencoded::byte_serialize(one.id.as_bytes()).collect();
            Asked {
                href: format!("{}&take={take}", here(column)),
                confidence: number::percent(one.confidence, 0),
                id: one.id,
                reason: one.reason,
            }
        })
        .collect();
    Ok(page)
}

fn offered(one: rule_templates::Offered) -> Offered {
    Offered { id: one.id, name: one.name, category: one.category, reads: one.reads, own: one.own }
}

/// The whole preparation of the table with the column as the form has it. Cells that were corrected stay corrected.
fn with(kept: &Recipe, column: Prepared, remove: bool) -> Recipe {
    let mut all = kept.clone();
    let place = all.columns.iter().position(|known| same(&known.column, &column.column));
    match (place, remove) {
        (Some(at), true) if all.columns[at].corrected.is_empty() => {
            all.columns.remove(at);
        }
        (Some(at), _) => {
            let corrected = std::mem::take(&mut all.columns[at].corrected);
            let column =
                if remove { Prepared { column: column.column, ..Prepared::default() } } else { column };
            all.columns[at] = Prepared { corrected, ..column };
        }
        (None, true) => {}
        (None, false) => all.columns.push(column),
    }
    all
}

async fn preview(
    State(state): State<ServerState>,
    Path(id): Path<String>,
    reader: Reader,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Response {
    let result = async {
        let filled = form::Filled::of(&pairs);
        let dataset = dataset_id(&id)?;
        let (backing, caller) = (state.backing(), &reader.caller);
        let kept = preparation::get(backing, caller, dataset, filled.table).await?;
        let mut page = page(&state, &reader, &id, filled.table, &filled.column, &kept.preparation).await?;
        page.recipe = filled.recipe.clone();
        page.saved = kept
            .preparation
            .columns
            .iter()
            .any(|known| same(&known.column, &filled.column) && !known.is_bare());
        match form::prepared(&filled, &kept.preparation) {
            Err(errors) => page.errors = errors,
            Ok(column) => {
                let all = with(&kept.preparation, column, false);
                let Tried { errors, preview } =
                    preparation::preview(backing, caller, dataset, filled.table, &all).await?;
                page.errors = errors.iter().map(ToString::to_string).collect();
                page.outcome = preview.and_then(|preview| {
                    let warnings: Vec<String> = preview.warnings.iter().map(ToString::to_string).collect();
                    let reports = preparation::reports(&preview.reports);
                    let own = reports.as_array()?.iter().find(|report| {
                        report["column"].as_str().is_some_and(|name| same(name, &filled.column))
                    })?;
                    Some(outcome(own, "over the sampled rows; nothing is saved yet", &warnings))
                });
            }
        }
        let status = if page.errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
        Ok(answer::page(status, &page))
    };
    let result = result.await;
    reader.answer(result)
}

async fn save(
    State(state): State<ServerState>,
    Path(id): Path<String>,
    reader: Reader,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Response {
    let result = async {
        let filled = form::Filled::of(&pairs);
        let dataset = dataset_id(&id)?;
        let (backing, caller) = (state.backing(), &reader.caller);
        let kept = preparation::get(backing, caller, dataset, filled.table).await?;
        let refuse = |mut page: PreparePage, errors: Vec<String>| {
            page.recipe = filled.recipe.clone();
            page.errors = errors;
            answer::page(StatusCode::UNPROCESSABLE_ENTITY, &page)
        };
        let column = match form::prepared(&filled, &kept.preparation) {
            Ok(column) => column,
            Err(_) if filled.remove => Prepared { column: filled.column.clone(), ..Prepared::default() },
            Err(errors) => {
                let page =
                    page(&state, &reader, &id, filled.table, &filled.column, &kept.preparation).await?;
                return Ok(refuse(page, errors));
            }
        };
        let all = with(&kept.preparation, column, filled.remove);
        match preparation::put(backing, caller, dataset, filled.table, filled.version, &all).await {
            Ok(_) => {}
            Err(Error::Invalid(flaws)) => {
                let page =
                    page(&state, &reader, &id, filled.table, &filled.column, &kept.preparation).await?;
                return Ok(refuse(page, flaws.into_iter().map(|flaw| flaw.message).collect()));
            }
            Err(error) => return Err(error),
        }
        if filled.remove {
            return Ok(answer::see(format!("{}?table={}", route::import(&id, "match"), filled.table)));
        }
        let query: String = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("table", &filled.table.to_string())
            .append_pair("column", &filled.column)
            .finish();
        Ok(answer::see(format!("/data/{id}/preparation?{query}#outcome")))
    };
    let result = result.await;
    reader.answer(result)
}

/// A report as it is kept, in words.
fn outcome(report: &Value, over: &str, warnings: &[String]) -> Outcome {
    let count = |name: &str| report[name].as_u64().unwrap_or_default();
    let rows = |n: u64| pages::words::counted(n, "row");
    let text = |value: &Value| match value {
        Value::String(text) => text.clone(),
        Value::Null => "empty".to_owned(),
        other => other.to_string(),
    };
    // A row that is not known is 0.
    let row = |one: &Value| match one["row"].as_u64() {
        None | Some(0) => "–".to_owned(),
        Some(row) => row.to_string(),
    };
    let list = |name: &str| report[name].as_array().cloned().unwrap_or_default();
    let mut counts = vec![(
        "Changed".to_owned(),
        format!("{} of {} cells", number::count(count("changed")), number::count(count("rows"))),
    )];
    let matched: u64 = list("matched").iter().filter_map(|one| one["rows"].as_u64()).sum();
    for (label, n) in [
        ("Corrected by hand", count("corrected")),
        ("Matched", matched),
        ("Default", count("defaulted")),
        ("Unmatched", count("unmatched")),
        ("Could not be worked out", count("failed")),
    ] {
        if n > 0 {
            counts.push((label.to_owned(), rows(n)));
        }
    }
    if let Some(coverage) = report["coverage"].as_f64() {
        counts.push(("Coverage".to_owned(), number::percent(coverage, 1)));
    }
    let counted = |name: &str, key: &str| -> Vec<(String, String)> {
        let all = list(name);
        all.iter()
            .take(12)
            .map(|one| (text(&one[key]), number::count(one["rows"].as_u64().unwrap_or_default())))
            .collect()
    };
    Outcome {
        over: over.to_owned(),
        counts,
        matched: counted("matched", "label"),
        unmatched_values: counted("unmatched_values", "value"),
        changes: list("changes")
            .iter()
            .take(8)
            .map(|one| (row(one), text(&one["before"]), text(&one["after"])))
            .collect(),
        failures: list("failures")
            .iter()
            .take(8)
            .map(|one| (row(one), text(&one["text"]), text(&one["reason"])))
            .collect(),
        warnings: warnings.to_vec(),
    }
}

/// Headers are the same whatever their case and the blanks around them.
fn same(one: &str, other: &str) -> bool {
    one.trim().to_lowercase() == other.trim().to_lowercase()
}

fn dataset_id(id: &str) -> Result<DatasetId, Error> {
    id.parse().map_err(|_| Error::NotFound("dataset"))
}
