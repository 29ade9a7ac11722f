//! Fixes of the review: what the values ask for and what a person wants of a cause, looked at first, done to the whole file with one click,
//! and undone with another.

use std::collections::BTreeSet;

use app::{
    Error,
    datasets::{
        preparation::{self, Fix as Wish, Prepared, Recipe, fix},
        suggestions,
    },
};
use axum::{
    Form,
    extract::{Path, State},
    response::Response,
};
use domain::{TableProfile, ValueKind, id::DatasetId, mapping::SET_ASIDE, number};
use pages::{
    page::import::{
        preparation::{Outcome, step_in_words},
        review::{Done, Fix, How, Place, ReviewPage, Trying},
    },
    route,
};
use serde::Deserialize;

use super::{dataset_id, form, outcome, same};
use crate::{
    ServerState,
    web::{
        answer,
        reader::{self, Reader},
    },
};

/// Fixes that are offered at once.
const MOST: usize = 12;

/// What a person wants done to all rows of a cause.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(in crate::web) struct Tried {
    /// Table and column: `0:Qty`.
    at: String,
    how: String,
    value: String,
    with: String,
}

impl Tried {
    /// `None` where nothing is wanted.
    fn wish(&self) -> Option<(usize, &str, How, Wish)> {
        let (table, column) = self.at.split_once(':')?;
        let how = How::named(&self.how)?;
        let wish = match how {
            How::Fill => Wish::Fill { with: self.with.clone() },
            How::Replace => Wish::Replace { value: self.value.clone(), with: self.with.clone() },
            How::SetAside => Wish::SetAside { value: self.value.clone() },
        };
        Some((table.parse().ok()?, column, how, wish))
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Wanted {
    table: usize,
    version: Option<i64>,
    /// The suggested fix that is to be done.
    take: String,
    /// The change that is to be undone: its column and its name.
    undo: String,
    change: String,
    at: String,
    how: String,
    value: String,
    with: String,
}

/// Fills in what could be done and what was done, over all tables of the import. `unread` holds the cells of each that could not be
/// read: row and column.
pub(in crate::web) async fn fill(
    state: &ServerState,
    reader: &Reader,
    dataset: DatasetId,
    profiles: &[&TableProfile],
    unread: &[Vec<(u64, usize)>],
    page: &mut ReviewPage,
) -> Result<(), Error> {
    let (backing, caller) = (state.backing(), &reader.caller);
    let (tables, version) = preparation::all(backing, caller, dataset).await?;
    page.version = version.to_string();
    for (table, (profile, kept)) in profiles.iter().zip(&tables).enumerate() {
        let place = |column: &str| Place { table, file: profile.file.clone(), column: column.to_owned() };
        let address = |column: &str, take: &str| {
            let mut query = url::form_urlencoded::Serializer::new(String::new());
            query.append_pair("table", &table.to_string()).append_pair("column", column);
            if !take.is_empty() {
                query.append_pair("take", take);
            }
            format!("/data/{dataset}/preparation?{}", query.finish())
        };
        for column in &profile.columns {
            for cause in page.causes.iter_mut().filter(|cause| cause.file == profile.file) {
                if cause.column != Some(column.index) || column.header.is_empty() {
                    continue;
                }
                if cause.decides {
                    cause.look = Some(address(&column.header, ""));
                }
                if cause.mendable {
                    cause.fix = Some(place(&column.header));
                    let cells = unread.get(table).map_or(&[][..], Vec::as_slice);
                    cause.answer(&corrected(&kept.preparation, &column.header, column.index, cells));
                }
            }
            if column.header != SET_ASIDE && !column.header.is_empty() {
                page.places.push(place(&column.header));
            }
        }
        for one in &kept.suggestions {
            let column = &one.prepared.column;
            let done = |known: &Prepared| same(&known.column, column) && !known.is_bare();
            if kept.preparation.columns.iter().any(done) {
                continue;
            }
            page.fixes.push(Fix {
                table,
                label: label(&one.id).to_owned(),
                href: address(column, &one.id),
                id: one.id.clone(),
                reason: one.reason.clone(),
                confidence: number::percent(one.confidence, 0),
            });
        }
        for change in fix::changes(&kept.preparation) {
            let set_aside = matches!(change.what, fix::What::SetAside { .. });
            let name = if set_aside { SET_ASIDE } else { &change.column };
            let report = kept.reports.as_array().and_then(|all| {
                all.iter().find(|one| one["column"].as_str().is_some_and(|known| same(known, name)))
            });
            let count = |name: &str| report.and_then(|report| report[name].as_u64()).unwrap_or_default();
            let column = kept.preparation.columns.iter().find(|one| same(&one.column, &change.column));
            page.done.push(Done {
                table,
                file: profile.file.clone(),
                what: in_words(&change.what, column),
                changed: format!(
                    "{} of {} {}",
                    number::count(count("changed")),
                    number::count(count("rows")),
                    if set_aside { "rows" } else { "cells" }
                ),
                href: if set_aside { String::new() } else { address(&change.column, "") },
                column: change.column,
                change: change.id,
            });
        }
    }
    page.fixes.truncate(MOST);
    Ok(())
}

/// The rows whose unreadable cell of a column somebody corrected by hand.
fn corrected(recipe: &Recipe, header: &str, index: usize, unread: &[(u64, usize)]) -> BTreeSet<u64> {
    let own = recipe.columns.iter().filter(|own| same(&own.column, header));
    let written: BTreeSet<u64> = own.flat_map(|own| own.corrected.keys().copied()).collect();
    let rows = unread.iter().filter(|(_, column)| *column == index).map(|(row, _)| *row);
    rows.filter(|row| written.contains(row)).collect()
}

/// Shows what a wanted fix would do to the sampled rows; nothing is kept.
pub(in crate::web) async fn attempt(
    state: &ServerState,
    reader: &Reader,
    dataset: DatasetId,
    tried: &Tried,
    page: &mut ReviewPage,
) -> Result<(), Error> {
    let Some((table, column, how, wish)) = tried.wish() else { return Ok(()) };
    let Some(place) = page.places.iter().find(|place| place.table == table && place.column == column) else {
        return Err(Error::NotFound("column"));
    };
    let mut trying = Trying {
        place: place.clone(),
        how,
        value: tried.value.trim().to_owned(),
        with: tried.with.trim().to_owned(),
        refused: None,
        outcome: None,
    };
    match wanted(state, reader, dataset, (table, column), &wish).await? {
        Err(why) => trying.refused = Some(answer::sentence(&why)),
        Ok(all) => {
            let (backing, caller) = (state.backing(), &reader.caller);
            let result = preparation::preview(backing, caller, dataset, table, &all).await?;
            trying.refused = result.errors.first().map(|error| answer::sentence(&error.message));
            trying.outcome = result.preview.map(|preview| {
                let name = if how == How::SetAside { SET_ASIDE } else { column };
                let reports = preparation::reports(&preview.reports);
                let own = reports.as_array().and_then(|all| {
                    all.iter().find(|one| one["column"].as_str().is_some_and(|known| same(known, name)))
                });
                own.map_or_else(Outcome::default, |report| outcome(report, "", &[]))
            });
        }
    }
    page.trying = Some(trying);
    Ok(())
}

/// The preparation of a table with a fix laid over it, or why it cannot be.
async fn wanted(
    state: &ServerState,
    reader: &Reader,
    dataset: DatasetId,
    (table, column): (usize, &str),
    wish: &Wish,
) -> Result<Result<Recipe, String>, Error> {
    let (backing, caller) = (state.backing(), &reader.caller);
    let readings = app::datasets::readings(backing, caller, dataset).await?;
    let profile = &readings.get(table).ok_or(Error::NotFound("table"))?.profile;
    let kind = profile.columns.iter().find(|known| same(&known.header, column)).map(|known| known.kind);
    let kept = preparation::get(backing, caller, dataset, table).await?;
    Ok(fix::with(&kept.preparation, column, kind.unwrap_or(ValueKind::Text), wish))
}

fn label(id: &str) -> &'static str {
    match id.split(':').next().unwrap_or_default() {
        "order" => "Read the other order",
        "spellings" => "Use one spelling",
        "blanks" => "Trim blanks",
        _ => "Do it",
    }
}

fn in_words(what: &fix::What, column: Option<&Prepared>) -> String {
    match what {
        fix::What::Step(at) => column
            .and_then(|column| form::shown(column).steps.into_iter().nth(*at))
            .map(|step| step_in_words(&step.kind, &step.first, &step.second))
            .unwrap_or_default(),
        fix::What::Replaced { value, with } if with.is_empty() => format!("“{value}” becomes empty"),
        fix::What::Replaced { value, with } => format!("“{value}” becomes “{with}”"),
        fix::What::Corrected { cells } => {
            format!("{} corrected by hand", pages::words::counted(*cells as u64, "cell"))
        }
        fix::What::SetAside { value } if value.is_empty() => "Rows without a value are set aside".to_owned(),
        fix::What::SetAside { value } => format!("Rows with “{value}” are set aside"),
        fix::What::Rule => "Follows a rule".to_owned(),
    }
}

pub(super) async fn save(
    State(state): State<ServerState>,
    Path(id): Path<String>,
    reader: Reader,
    Form(wanted_form): Form<Wanted>,
) -> Response {
    let result = async {
        let dataset = dataset_id(&id)?;
        let (backing, caller) = (state.backing(), &reader.caller);
        let asked = Tried {
            at: wanted_form.at.clone(),
            how: wanted_form.how.clone(),
            value: wanted_form.value.clone(),
            with: wanted_form.with.clone(),
        };
        let mut table = wanted_form.table;
        let mut said = "Done to the whole file.";
        let all = if let Some((at, column, _, wish)) = asked.wish() {
            table = at;
            wanted(&state, &reader, dataset, (at, column), &wish)
                .await?
                .map_err(|why| Error::invalid("value", why))?
        } else {
            let kept = preparation::get(backing, caller, dataset, table).await?.preparation;
            if wanted_form.take.is_empty() {
                said = "Undone.";
                fix::undo(&kept, &wanted_form.undo, &wanted_form.change).ok_or(Error::NotFound("change"))?
            } else {
                let taken = suggestions::open(backing, caller, dataset, table)
                    .await?
                    .into_iter()
                    .find(|one| one.id == wanted_form.take)
                    .ok_or(Error::NotFound("fix"))?;
                super::with(&kept, taken.prepared, false)
            }
        };
        preparation::put(backing, caller, dataset, table, wanted_form.version, &all).await?;
        Ok(reader::see_and_say(&state, &route::import(&id, "rows"), said))
    };
    let result = result.await;
    reader.answer(result)
}
