//! Uploads, data quality, saved mappings.

mod about;

use app::{
    Error, analyses as runs, datasets,
    mapping_profiles::{self, Meaning, Record, TableChange},
};
use axum::{
    Extension, Form, Router,
    extract::{DefaultBodyLimit, Path, State},
    response::Response,
};
use domain::{
    Role,
    id::{DatasetId, ProfileId},
    number,
};
use pages::{
    component::Link,
    page::data::{
        mappings::{self, Difference, MappingScore, SavedMapping, SavedVersion},
        quality,
        uploads::{self, Stage, Upload},
        variables::About,
    },
    page::sheet::Sheet,
    route, words,
};
use serde::Deserialize;
use store::{
    Page,
    analyses::{Analysis as Run, AnalysisState, Filter},
    datasets::{Dataset, DatasetState},
    profiles::Profile,
};

use super::{
    analyses, answer, import,
    kept::Kept,
    overview,
    reader::{self, Reader},
};
use crate::{
    ServerState,
    boxed::{get, post},
    extract::Query,
};

pub(super) fn routes() -> Router<ServerState> {
    Router::new()
        // A file has its own bound, which is held while it streams.
        .route("/data", get(show).merge(post(import::upload)).layer(DefaultBodyLimit::disable()))
        .route("/data/quality", get(show_quality))
        .route("/data/mappings", get(show_mappings))
        .route("/data/mappings/{id}", get(show_mapping))
        .route("/data/mappings/{id}/restore", post(restore_mapping))
        .route("/data/mappings/{id}/about", post(about::save))
        .route("/data/mappings/{id}/variables", post(about::save_variables))
        .route("/data/mappings/{id}/copy", post(copy_mapping))
        .route("/data/mappings/{id}/mapping.json", get(download_mapping))
        .route("/data/mappings/{id}/delete", post(delete_mapping))
        .route("/data/{id}/delete", post(delete))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    after: Option<String>,
}

async fn show(
    State(state): State<ServerState>,
    Extension(kept): Extension<Kept>,
    Query(asked): Query<Asked>,
    reader: Reader,
) -> Response {
    let result = list(&state, &kept, &asked, &reader).await;
    reader.answer(result)
}

async fn list(state: &ServerState, kept: &Kept, asked: &Asked, reader: &Reader) -> Result<Response, Error> {
    let (backing, caller) = (state.backing(), &reader.caller);
    let page = Page { after: asked.after.as_deref().and_then(|after| after.parse().ok()), ..Page::default() };
    let listing = datasets::list(backing, caller, reader.facility, page).await?;
    let names = analyses::names(state, reader).await?;
    let ids: Vec<DatasetId> = listing.items.iter().map(|dataset| dataset.id).collect();
    let mapped = datasets::profiles_of(backing, caller, &ids).await?;
    let mut shown = Vec::new();
    for dataset in &listing.items {
        let filter = Filter { dataset: Some(dataset.id), ..Filter::default() };
        let run = runs::list(backing, caller, filter, Page::first(1)).await?.items.into_iter().next();
        let (stage, note) = stage(dataset, run.as_ref());
        shown.push(Upload {
            id: dataset.id.to_string(),
            name: dataset.name.clone(),
            stage,
            note,
            rows: if dataset.rows > 0 {
                number::count(dataset.rows.unsigned_abs())
            } else {
                "–".to_owned()
            },
            mappings: mapped
                .iter()
                .filter(|(of, _, _)| *of == dataset.id)
                .map(|(_, profile, name)| Link::own(name, format!("{}/{profile}", route::MAPPINGS)))
                .collect(),
            when: overview::day(dataset.created_at),
            who: dataset.created_by.and_then(|by| names.get(&by)).cloned().unwrap_or_default(),
            may_delete: reader.may(Role::Analyst),
        });
    }
    let next = listing.next.map(|cursor| format!("{}?after={cursor}", route::DATA));
    let months = if asked.after.is_none() { months(state, kept, reader).await? } else { Vec::new() };
    Ok(answer::ok(&uploads::page(&reader.shell, &shown, months, next)))
}

/// What the newest analysis covers, month by month; nothing where its tables are not there any more.
async fn months(
    state: &ServerState,
    kept: &Kept,
    reader: &Reader,
) -> Result<Vec<(String, Option<String>)>, Error> {
    let Some(run) = &reader.newest else { return Ok(Vec::new()) };
    let tables = match kept.tables(state, reader, run.id).await {
        Ok(tables) => tables,
        Err(Error::Conflict(_)) => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let months = tables.months().await?.map(|found| found.months).unwrap_or_default();
    let name = |year: i32, month: i32| {
        let first = i16::try_from(year).ok().zip(i8::try_from(month).ok());
        first
            .and_then(|(year, month)| jiff::civil::Date::new(year, month, 1).ok())
            .map_or_else(String::new, |day| day.strftime("%b %Y").to_string())
    };
    Ok(months
        .into_iter()
        .map(|one| (name(one.year, one.month), (one.rows > 0).then(|| number::count(one.rows))))
        .collect())
}

/// How far an upload has come, and why it stopped where it did.
fn stage(dataset: &Dataset, run: Option<&Run>) -> (Stage, String) {
    match (dataset.state, run.map(|run| run.state)) {
        (DatasetState::Queued | DatasetState::Reading, _) => (Stage::Reading, String::new()),
        (DatasetState::Failed | DatasetState::Deleted, _) => {
            (Stage::Failed, answer::sentence(dataset.reason.as_deref().unwrap_or_default()))
        }
        (_, Some(AnalysisState::Queued | AnalysisState::Running)) => (Stage::Analyzing, String::new()),
        (_, Some(AnalysisState::Completed)) => (Stage::Analyzed, String::new()),
        (_, Some(AnalysisState::Failed)) => {
            let reason = run.and_then(|run| run.reason.as_deref()).unwrap_or_default();
            (Stage::Failed, answer::sentence(reason))
        }
        (DatasetState::Mapping, _) => (Stage::Match, String::new()),
        (DatasetState::Ready, _) => (Stage::Ready, String::new()),
    }
}

async fn delete(State(state): State<ServerState>, Path(id): Path<String>, reader: Reader) -> Response {
    let result = async {
        let id = id.parse().map_err(|_| Error::NotFound("dataset"))?;
        datasets::delete(state.backing(), &reader.caller, id).await?;
        Ok(reader::see_and_say(&state, route::DATA, "Upload deleted."))
    };
    let result = result.await;
    reader.answer(result)
}

/// How full the columns of the newest analysis were over time, and where its problems can be had.
async fn beside(state: &ServerState, reader: &Reader) -> Result<quality::Beside, Error> {
    let Some(newest) = &reader.newest else { return Ok(quality::Beside::default()) };
    let (backing, caller) = (state.backing(), &reader.caller);
    let run = runs::get(backing, caller, newest.id).await?;
    let percent = |share: f64| (share * 100.0).floor() as u32;
    let fillings = datasets::filling::over_time(backing, caller, &run.datasets).await?;
    let fillings = fillings
        .into_iter()
        .map(|filling| quality::Filling {
            name: filling.name,
            uploads: filling.uploads.iter().map(|upload| overview::day(upload.at)).collect(),
            columns: filling
                .columns
                .into_iter()
                .map(|column| quality::FilledColumn {
                    header: column.header,
                    field: words::field(column.field),
                    shares: column
                        .shares
                        .iter()
                        .map(|share| share.map(|share| (percent(share.filled), percent(share.read))))
                        .collect(),
                })
                .collect(),
        })
        .collect();
    let problems = match run.datasets.as_slice() {
        [only] => Some(format!("{}/problems.xlsx", route::import(&only.to_string(), "rows"))),
        _ => None,
    };
    Ok(quality::Beside { fillings, problems })
}

async fn show_quality(
    State(state): State<ServerState>,
    Extension(kept): Extension<Kept>,
    reader: Reader,
) -> Response {
    let result = async {
        let analysis = match &reader.newest {
            Some(run) => Some(analyses::result(&state, &kept, &reader, run.id).await?),
            None => None,
        };
        let beside = beside(&state, &reader).await?;
        Ok(answer::ok(&quality::page(&reader.shell, analysis.as_deref(), &beside)))
    };
    let result = result.await;
    reader.answer(result)
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Sought {
    q: String,
}

async fn show_mappings(
    State(state): State<ServerState>,
    Query(sought): Query<Sought>,
    reader: Reader,
) -> Response {
    let result = async {
        let sought = sought.q.trim();
        let words = (!sought.is_empty()).then_some(sought);
        let profiles =
            mapping_profiles::list(state.backing(), &reader.caller, words, Page::default()).await?.items;
        let ids: Vec<ProfileId> = profiles.iter().map(|profile| profile.id).collect();
        let records = mapping_profiles::records(state.backing(), &reader.caller, &ids).await?;
        let record = |profile: &Profile| records.get(&profile.id).copied().unwrap_or_default();
        let saved: Vec<SavedMapping> =
            profiles.iter().map(|profile| saved(&reader, profile, record(profile))).collect();
        Ok(answer::ok(&mappings::page(&reader.shell, &saved, sought)))
    };
    let result = result.await;
    reader.answer(result)
}

async fn delete_mapping(
    State(state): State<ServerState>,
    Path(id): Path<String>,
    reader: Reader,
) -> Response {
    let result = async {
        let id = id.parse().map_err(|_| Error::NotFound("mapping profile"))?;
        mapping_profiles::delete(state.backing(), &reader.caller, id).await?;
        Ok(reader::see_and_say(&state, route::MAPPINGS, "Mapping deleted."))
    };
    let result = result.await;
    reader.answer(result)
}

/// A copy of a mapping, to be changed without touching the one it comes from.
async fn copy_mapping(
    State(state): State<ServerState>,
    Path(id): Path<String>,
    reader: Reader,
    Form(copied): Form<Copied>,
) -> Response {
    let result = async {
        let id = id.parse().map_err(|_| Error::NotFound("mapping profile"))?;
        let name = Some(copied.name.trim()).filter(|name| !name.is_empty());
        let (made, _) = mapping_profiles::clone(state.backing(), &reader.caller, id, name).await?;
        let said = "Copied; what you change here leaves the other as it is.";
        Ok(reader::see_and_say(&state, &format!("{}/{}", route::MAPPINGS, made.id), said))
    };
    let result = result.await;
    reader.answer(result)
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Copied {
    name: String,
}

/// The mapping as a file, which `plantintel analyze --mapping` takes anywhere else.
async fn download_mapping(
    State(state): State<ServerState>,
    Path(id): Path<String>,
    reader: Reader,
) -> Response {
    let result = async {
        let id = id.parse().map_err(|_| Error::NotFound("mapping profile"))?;
        let (_, version) = mapping_profiles::get(state.backing(), &reader.caller, id).await?;
        let text = mapping_profiles::file(&version)?;
        Ok(super::reports::attached(text.into_bytes(), "application/json", "mapping.json"))
    };
    let result = result.await;
    reader.answer(result)
}

fn saved(reader: &Reader, profile: &Profile, record: Record) -> SavedMapping {
    let (analyzed, worked) = (record.analyzed.unsigned_abs(), record.succeeded.unsigned_abs());
    SavedMapping {
        id: profile.id.to_string(),
        name: profile.name.clone(),
        system: profile.source_system.clone(),
        version: profile.current_version.to_string(),
        used: match profile.last_used_at {
            Some(at) => (words::counted(profile.used.unsigned_abs(), "time"), overview::day(at)),
            None => ("not yet".to_owned(), String::new()),
        },
        worked: if analyzed == 0 {
            String::new()
        } else {
            format!("{} of {}", number::count(worked), words::counted(analyzed, "upload"))
        },
        coverage: record.coverage.map_or_else(String::new, |share| number::percent(share, 0)),
        active: profile.active,
        may_delete: reader.may(Role::Analyst),
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Compared {
    before: Option<i64>,
    after: Option<i64>,
}

async fn show_mapping(
    State(state): State<ServerState>,
    Path(id): Path<String>,
    Query(compared): Query<Compared>,
    reader: Reader,
) -> Response {
    let result = async {
        let id = id.parse().map_err(|_| Error::NotFound("mapping profile"))?;
        Ok(answer::ok(&mapping_page(&state, &reader, id, &compared, None).await?))
    };
    let result = result.await;
    reader.answer(result)
}

/// The page of a saved mapping; `tried` is what somebody wrote that could not be taken.
async fn mapping_page(
    state: &ServerState,
    reader: &Reader,
    id: ProfileId,
    compared: &Compared,
    tried: Option<About>,
) -> Result<Sheet, Error> {
    let (backing, caller) = (state.backing(), &reader.caller);
    let (profile, current) = mapping_profiles::get(backing, caller, id).await?;
    let names = analyses::names(state, reader).await?;
    let versions: Vec<SavedVersion> = mapping_profiles::versions(backing, caller, id)
        .await?
        .into_iter()
        .map(|version| SavedVersion {
            number: version.number,
            note: version.note,
            who: version.created_by.and_then(|by| names.get(&by)).cloned().unwrap_or_default(),
            when: overview::day(version.created_at),
            current: version.number == profile.current_version,
        })
        .collect();
    let differences = match (compared.before, compared.after) {
        (Some(before), Some(after)) => {
            let tables = mapping_profiles::compare_versions(backing, caller, id, before, after).await?;
            Some((before, after, tables.iter().flat_map(differences).collect()))
        }
        _ => None,
    };
    let score = mapping_profiles::score(backing, caller, id).await?.map(|score| MappingScore {
        score: score.score,
        band: score.band().to_owned(),
        quality: score.quality,
        problems: score.problems.iter().map(ToString::to_string).collect(),
        hints: score.hints.clone(),
    });
    let meanings: Vec<Difference> = current
        .mappings
        .iter()
        .flat_map(|mapping| &mapping.columns)
        .map(|column| Difference {
            column: column.source.clone(),
            after: meaning(column.field, column.unit),
            ..Difference::default()
        })
        .collect();
    let about = match tried {
        Some(tried) => Some(tried),
        None if reader.may(Role::Analyst) => Some(about::of(&profile)?),
        None => None,
    };
    Ok(mappings::history(
        &reader.shell,
        &saved(reader, &profile, Record::default()),
        &versions,
        differences,
        &meanings,
        score.as_ref(),
        about.as_ref(),
    ))
}

fn differences(table: &TableChange) -> Vec<Difference> {
    let said = |side: &Option<Meaning>| {
        side.as_ref().map_or_else(|| "no such column".to_owned(), |side| meaning(side.field, side.unit))
    };
    let grain = table.granularity.map(|(before, after)| Difference {
        file: table.file.clone(),
        column: "One row is one".to_owned(),
        before: before.to_owned(),
        after: after.to_owned(),
    });
    let columns = table.columns.iter().map(|column| Difference {
        file: table.file.clone(),
        column: column.source.clone(),
        before: said(&column.before),
        after: said(&column.after),
    });
    grain.into_iter().chain(columns).collect()
}

fn meaning(field: Option<ontology::FieldId>, unit: Option<ontology::Unit>) -> String {
    match (field, unit) {
        (None, _) => "left out".to_owned(),
        (Some(field), Some(unit)) => format!("{}, in {}", words::field(field), unit.as_str()),
        (Some(field), None) => words::field(field),
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Restored {
    number: i64,
}

async fn restore_mapping(
    State(state): State<ServerState>,
    Path(id): Path<String>,
    reader: Reader,
    Form(restored): Form<Restored>,
) -> Response {
    let result = async {
        let profile = id.parse().map_err(|_| Error::NotFound("mapping profile"))?;
        let note = format!("Version {} again", restored.number);
        mapping_profiles::restore(state.backing(), &reader.caller, profile, restored.number, &note).await?;
        let said = format!("Version {} is in use again, as a new version.", restored.number);
        Ok(reader::see_and_say(&state, &format!("{}/{id}", route::MAPPINGS), &said))
    };
    let result = result.await;
    reader.answer(result)
}
