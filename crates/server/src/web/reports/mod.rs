//! What can be taken along: workbooks, pages, tables.

mod packs;

use app::{
    Error, analyses as runs, reports as made,
    reports::answers as added,
    reports::build::{self, Choice, taken_as},
    reports::write::{caption, file_name, write},
    shares, usage,
};
use axum::{
    Extension, Form, Router,
    extract::{Path, State},
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use domain::{Role, id::AnalysisId};
use pages::{
    component::Link,
    page::reports::{self, Download, Made, Regular, Shared},
};
use serde::Deserialize;
use store::{
    Page,
    analyses::{Analysis as Run, AnalysisState, Filter},
    reports::{Every, Format, Pack},
    usage::UsageType,
};

use super::{
    analyses, answer,
    kept::Kept,
    overview,
    reader::{self, Reader},
};
use crate::{
    ServerState,
    boxed::{get, post},
};

pub(super) fn routes() -> Router<ServerState> {
    Router::new()
        .merge(packs::routes())
        .route("/reports", get(show))
        .route("/reports/built", post(built))
        .route("/reports/shares", post(share))
        .route("/reports/shares/{id}/revoke", post(revoke))
        .route("/reports/schedules", post(schedule))
        .route("/reports/schedules/{id}/end", post(end))
        .route("/reports/made/{id}", get(one_made))
        .route("/reports/answers/{analysis}/{id}/remove", post(take_out))
        .route("/reports/{file}", get(download))
        .route("/findings/{key}/page.pdf", get(one_page))
}

/// Analyses whose answers the page lists.
const REPORTS_WITH_ANSWERS: usize = 20;

async fn show(State(state): State<ServerState>, reader: Reader) -> Response {
    let result = page(&state, &reader, None).await;
    reader.answer(result)
}

/// `fresh` is a link that was made just now.
async fn page(state: &ServerState, reader: &Reader, fresh: Option<&str>) -> Result<Response, Error> {
    let filter =
        Filter { state: Some(AnalysisState::Completed), facility: reader.facility, ..Filter::default() };
    let runs = runs::list(state.backing(), &reader.caller, filter, Page::default()).await?.items;
    let downloads: Vec<Download> = runs
        .iter()
        .map(|run| (run, overview::day(run.finished_at.unwrap_or(run.created_at))))
        .map(|(run, when)| Download {
            id: run.id.to_string(),
            name: run.name.clone(),
            choice: format!("{}, {}", run.name, translation::text(&when, reader.tongue)),
            when,
            rows: domain::number::count(u64::try_from(run.rows_used).unwrap_or_default()),
            findings: run.findings.to_string(),
            links: overview::exports(&run.id.to_string()),
        })
        .collect();
    let shares = shared(state, reader, &runs).await?;
    let mut regular = regular(state, reader).await?;
    for run in runs.iter().take(REPORTS_WITH_ANSWERS) {
        let there = added::list(state.backing(), &reader.caller, run.id).await?;
        regular.added.extend(there.into_iter().map(|one| reports::Added {
            id: one.id.to_string(),
            analysis: run.id.to_string(),
            name: run.name.clone(),
            question: one.question,
            when: overview::day(one.created_at),
        }));
    }
    Ok(answer::ok(&reports::page(&reader.shell, &downloads, shares.as_deref(), fresh, &regular)))
}

/// What is made by itself, and what was made.
async fn regular(state: &ServerState, reader: &Reader) -> Result<Regular, Error> {
    let schedules = made::schedules(state.backing(), &reader.caller).await?;
    let kept = made::page(state.backing(), &reader.caller, Page::default()).await?.items;
    Ok(Regular {
        may: reader.caller.actor.may(Role::Analyst),
        schedules: schedules
            .into_iter()
            .map(|one| reports::Schedule {
                id: one.id.to_string(),
                name: one.name,
                pack: one.pack.name().to_owned(),
                every: one.every.name().to_owned(),
                next: one.next_at.strftime("%-d %b %Y %H:%M").to_string(),
                letters: one.recipients.len().to_string(),
                trouble: one.trouble,
            })
            .collect(),
        made: kept
            .into_iter()
            .map(|one| Made {
                link: Link::new(&one.name, format!("/reports/made/{}", one.id)),
                when: overview::day(one.created_at),
            })
            .collect(),
        added: Vec::new(),
    })
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct NewSchedule {
    name: String,
    every: String,
    pack: String,
    format: String,
    letter: String,
}

async fn schedule(
    State(state): State<ServerState>,
    reader: Reader,
    Form(form): Form<NewSchedule>,
) -> Response {
    let result = async {
        let every =
            Every::parse(&form.every).ok_or_else(|| Error::invalid("every", "choose one of the list"))?;
        let format =
            Format::parse(&form.format).ok_or_else(|| Error::invalid("format", "choose one of the list"))?;
        let pack = match form.pack.as_str() {
            "" => Pack::CostReview,
            pack => Pack::parse(pack).ok_or_else(|| Error::invalid("pack", "choose one of the list"))?,
        };
        // Where the plant of the page is, so that six in the morning is six in the morning there.
        let plants = app::facilities::list(state.backing(), &reader.caller, false).await?;
        let plant = plants.iter().find(|plant| Some(plant.id) == reader.facility).or(plants.first());
        let me = reader.caller.actor.user();
        let members = app::members::list(&state.desk, &reader.caller).await?;
        let own = members.into_iter().filter(|member| Some(member.user_id) == me).map(|member| member.email);
        let wanted = made::Form {
            name: form.name,
            rhythm: made::Rhythm { every, day: 1, hour: 6 },
            time_zone: plant.map_or_else(|| "UTC".to_owned(), |plant| plant.time_zone.clone()),
            language: reader.tongue.tag().to_owned(),
            pack,
            format,
            facility: reader.facility,
            recipients: if form.letter == "me" { own.collect() } else { Vec::new() },
        };
        made::create(state.backing(), &reader.caller, &wanted).await?;
        Ok(reader::see_and_say(&state, "/reports", "Saved. The first one comes at its time."))
    };
    let result = result.await;
    reader.answer(result)
}

async fn end(State(state): State<ServerState>, Path(id): Path<String>, reader: Reader) -> Response {
    let result = async {
        let id = id.parse().map_err(|_| Error::NotFound("schedule"))?;
        made::delete(state.backing(), &reader.caller, id).await?;
        Ok(reader::see_and_say(&state, "/reports", "Ended. What it made is gone too."))
    };
    let result = result.await;
    reader.answer(result)
}

async fn take_out(
    State(state): State<ServerState>,
    Path((analysis, id)): Path<(String, String)>,
    reader: Reader,
) -> Response {
    let result = async {
        let missing = || Error::NotFound("answer");
        let (analysis, id) = (analysis.parse().map_err(|_| missing())?, id.parse().map_err(|_| missing())?);
        added::remove(state.backing(), &reader.caller, analysis, id).await?;
        Ok(reader::see_and_say(&state, "/reports", "Taken out of the report."))
    };
    let result = result.await;
    reader.answer(result)
}

async fn one_made(State(state): State<ServerState>, Path(id): Path<String>, reader: Reader) -> Response {
    let result = async {
        let id = id.parse().map_err(|_| Error::NotFound("report"))?;
        let (report, bytes) = made::content(state.backing(), &reader.caller, id).await?;
        Ok(attached(bytes, content_type(report.format), &report.name))
    };
    let result = result.await;
    reader.answer(result)
}

/// The links that still open something; none for somebody who may not share.
async fn shared(state: &ServerState, reader: &Reader, runs: &[Run]) -> Result<Option<Vec<Shared>>, Error> {
    if !reader.caller.actor.may(Role::Analyst) {
        return Ok(None);
    }
    let now = state.backing().clock.now();
    let links = shares::page(&state.desk, &reader.caller, Page::default()).await?.items;
    let open = links.into_iter().filter(|link| link.revoked_at.is_none() && link.expires_at > now);
    let shown = open.map(|link| {
        let run = runs.iter().find(|run| run.id == link.analysis_id);
        Shared {
            id: link.id.to_string(),
            name: run.map_or_else(|| "An analysis".to_owned(), |run| run.name.clone()),
            what: if link.finding_id.is_some() { "one finding" } else { "the whole report" }.to_owned(),
            password: link.password_hash.is_some(),
            until: overview::day(link.expires_at),
            opened: link.opened.to_string(),
        }
    });
    Ok(Some(shown.collect()))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct NewShare {
    analysis: String,
    days: String,
    password: String,
}

async fn share(State(state): State<ServerState>, reader: Reader, Form(form): Form<NewShare>) -> Response {
    let result = async {
        let wanted = shares::Form {
            analysis: form.analysis.parse().map_err(|_| Error::NotFound("analysis"))?,
            finding: None,
            days: form.days.parse().ok(),
            password: Some(form.password),
        };
        let made = shares::create(&state.desk, &reader.caller, wanted).await?;
        page(&state, &reader, made.link.as_deref()).await
    };
    let result = result.await;
    reader.answer(result)
}

async fn revoke(State(state): State<ServerState>, Path(id): Path<String>, reader: Reader) -> Response {
    let result = async {
        let id = id.parse().map_err(|_| Error::NotFound("share"))?;
        shares::revoke(&state.desk, &reader.caller, id).await?;
        Ok(reader::see_and_say(&state, "/reports", "Link revoked; it shows nothing any more."))
    };
    let result = result.await;
    reader.answer(result)
}

async fn download(
    State(state): State<ServerState>,
    Extension(kept): Extension<Kept>,
    Path(file): Path<String>,
    reader: Reader,
) -> Response {
    let result = make(&state, &kept, &file, &reader).await;
    reader.answer(result)
}

/// What somebody put together. Boxes that are not ticked are not sent.
async fn built(
    State(state): State<ServerState>,
    reader: Reader,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Response {
    let result = async {
        let one = |name: &str| {
            pairs.iter().find(|(key, _)| key == name).map(|(_, value)| value.trim()).unwrap_or_default()
        };
        let id = one("report_of").parse().map_err(|_| Error::NotFound("analysis"))?;
        let format = Format::parse(one("report_as"))
            .ok_or_else(|| Error::invalid("format", "choose one of the list"))?;
        let most = one("most");
        let choice = Choice {
            areas: pairs.iter().filter_map(|(key, _)| key.strip_prefix("area_")).map(str::to_owned).collect(),
            grade: Some(one("grade")).filter(|grade| !grade.is_empty()).map(str::to_owned),
            most: match most {
                "" => None,
                most => Some(most.parse().map_err(|_| Error::invalid("most", "give a whole number"))?),
            },
            no_charts: one("charts") != "on",
            no_answers: one("answers") != "on",
        };
        let tongue = reader.tongue;
        let (bytes, name) = build::make(state.backing(), &reader.caller, id, format, &choice, tongue).await?;
        Ok(attached(bytes, content_type(format), &name))
    };
    let result = result.await;
    reader.answer(result)
}

async fn make(state: &ServerState, kept: &Kept, file: &str, reader: &Reader) -> Result<Response, Error> {
    let missing = || Error::NotFound("report");
    let (id, extension) = file.rsplit_once('.').ok_or_else(missing)?;
    let kind = Format::parse(extension).ok_or_else(missing)?;
    let id: AnalysisId = id.parse().map_err(|_| missing())?;
    let run = runs::get(state.backing(), &reader.caller, id).await?.analysis;
    let analysis = analyses::result(state, kept, reader, id).await?;
    let caption = added::caption(state.backing(), &reader.caller, &run).await?;
    let tongue = reader.tongue;
    let bytes = tokio::task::spawn_blocking(move || write(kind, &analysis, &caption, tongue))
        .await
        .map_err(|error| Error::Work(format!("making a report broke: {error}")))??;
    if let Some(taken) = taken_as(kind) {
        usage::exported(state.backing(), &reader.caller, taken, ("analysis", &id.to_string())).await?;
    }
    Ok(attached(bytes, content_type(kind), &file_name(&run.name, extension)))
}

/// One finding on one page, of the newest analysis.
async fn one_page(
    State(state): State<ServerState>,
    Extension(kept): Extension<Kept>,
    Path(key): Path<String>,
    reader: Reader,
) -> Response {
    let result = async {
        let run = reader.newest.clone().ok_or(Error::NotFound("finding"))?;
        let analysis = analyses::result(&state, &kept, &reader, run.id).await?;
        let (caption, tongue) = (caption(&run), reader.tongue);
        let title = analysis.findings.iter().find(|finding| finding.id == key);
        // The ending of a file name goes; that of a sentence with a decimal point must not.
        let name = file_name(&format!("{}.pdf", title.map_or("finding", |finding| &finding.title)), "pdf");
        let made =
            tokio::task::spawn_blocking(move || report::pdf::finding(&analysis, &key, &caption, tongue))
                .await
                .map_err(|error| Error::Work(format!("making a report broke: {error}")))?
                .map_err(|error| Error::Work(error.to_string()))?;
        let made = made.ok_or(Error::NotFound("finding"))?;
        let on = run.id.to_string();
        usage::exported(state.backing(), &reader.caller, UsageType::ExportPdf, ("analysis", &on)).await?;
        Ok(attached(made, "application/pdf", &name))
    };
    let result = result.await;
    reader.answer(result)
}

pub(super) fn content_type(format: Format) -> &'static str {
    match format {
        Format::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        Format::Html => "text/html; charset=utf-8",
        Format::Csv => "text/csv; charset=utf-8",
        Format::Pdf => "application/pdf",
    }
}

pub(super) fn attached(bytes: Vec<u8>, content_type: &'static str, name: &str) -> Response {
    let mut response = bytes.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    // Always a download: the page of a report carries its style inside and would not pass our own policy.
    if let Ok(value) = HeaderValue::from_str(&format!("attachment; filename=\"{name}\"")) {
        headers.insert(header::CONTENT_DISPOSITION, value);
    }
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
