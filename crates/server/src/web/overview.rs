//! Home: the money of a plant with data, or what to do for one without.

use app::{Error, analyses as runs, datasets, onboarding};
use axum::{
    Extension, Router,
    extract::{Path, State},
    http::header,
    response::Response,
};
use domain::id::OrgId;
use pages::{
    component::{Link, Tone, notice::Notice},
    layout::Section,
    page::{
        help,
        overview::{Input, Overview, pick},
        start::Start,
    },
};
use serde::Deserialize;
use store::{
    Page,
    analyses::{Analysis as Run, AnalysisState, Filter},
    datasets::DatasetState,
};

use translation::Tongue;

use super::{
    analyses, answer, changes,
    kept::Kept,
    reader::{self, Reader},
};
use crate::{
    ServerState,
    api::session::keep,
    boxed::{get, post},
    extract::Query,
    who::browser,
};

pub(super) fn routes() -> Router<ServerState> {
    Router::new()
        .route("/", get(show))
        .route("/help", get(show_help))
        .route("/plant/{id}", post(switch_plant))
        .route("/organisation/{id}", post(switch_organisation))
}

#[derive(Debug, Deserialize)]
struct Asked {
    /// The system whose recipe is shown to a plant without data.
    #[serde(default)]
    system: String,
    /// `all`: every chart of the analysis.
    #[serde(default)]
    charts: String,
}

async fn show(
    State(state): State<ServerState>,
    Extension(kept): Extension<Kept>,
    Query(asked): Query<Asked>,
    mut reader: Reader,
) -> Response {
    let result = match reader.newest.clone() {
        Some(run) => overview(&state, &kept, &mut reader, &run, asked.charts == "all").await,
        None => start(&state, &mut reader, &asked.system).await,
    };
    reader.answer(result)
}

/// What to do first, and which of the first steps is next.
async fn start(state: &ServerState, reader: &mut Reader, system: &str) -> Result<Response, Error> {
    let status = onboarding::status(&state.desk, &reader.caller).await?;
    if let Some(next) = status.next().filter(|next| !status.onboarded || next.name != "upload") {
        let done = status.steps.iter().filter(|step| step.done).count();
        let words = format!("{done} of {} first steps are done.", status.steps.len());
        reader.shell.notices.push(Notice {
            link: Some(Link::new("First steps", "/welcome")),
            ..Notice::new(Tone::Accent, words, format!("Next: {}.", next.words))
        });
    }
    Ok(answer::ok(&Start::new(&reader.shell, &limit(state), system, true)))
}

/// `500 MB`.
pub(super) fn limit(state: &ServerState) -> String {
    format!("{} MB", state.backing().bounds.file_bytes_max >> 20)
}

async fn overview(
    state: &ServerState,
    kept: &Kept,
    reader: &mut Reader,
    run: &Run,
    all: bool,
) -> Result<Response, Error> {
    let analysis = analyses::result(state, kept, reader, run.id).await?;
    if run.rows_used <= ROWS_AHEAD {
        kept.tables_ahead(state, reader, run.id);
    }
    let standings = analyses::standings(state, reader, run.id).await?;
    let decisions = analyses::decisions(&standings, &analyses::names(state, reader).await?);
    reader.shell.counts.actions = analyses::open_work(&decisions);
    if let Some(notice) = stale(state, reader, run).await? {
        reader.shell.notices.push(notice);
    }
    let over_time = changes::over_time(state, kept, reader, run.id).await?;
    // An analysis that was deleted since is no news.
    let previous = match over_time.earlier.first() {
        Some(before) => analyses::result(state, kept, reader, before.id)
            .await
            .ok()
            .map(|earlier| (earlier, format!("the analysis of {}", day(before.finished_at)))),
        None => None,
    };
    let moved = over_time.fates.as_ref().map(changes::moved).unwrap_or_default();
    let lasting = changes::lasting(&over_time);
    let mut pictures = Vec::new();
    for at in pick(&analysis.charts, all) {
        let chart = &analysis.charts[at];
        // The first has most of the page, the others half of it.
        let width = if pictures.is_empty() { 720 } else { 520 };
        pictures.push(kept.drawer.picture(chart, width, reader.tongue).await);
    }
    let input = Input {
        analysis: &analysis,
        previous: previous.as_ref().map(|(earlier, name)| (earlier.as_ref(), name.clone())),
        moved: &moved,
        lasting: &lasting,
        decisions: &decisions,
        pictures,
        last_upload: format!("analyzed {}, {}", day(run.finished_at.unwrap_or(run.created_at)), run.name),
        exports: exports(&run.id.to_string()),
    };
    let mut page = Overview::new(&reader.shell, input);
    if let Some(title) = title(&reader.shell.plant) {
        title.clone_into(&mut page.title);
    }
    Ok(answer::ok(&page))
}

/// What the page is about where the product gave the plant its name, in whichever language; none for a plant that people named.
fn title(plant: &str) -> Option<&'static str> {
    let is_called = |name: &str| Tongue::ALL.iter().any(|tongue| translation::text(name, *tongue) == plant);
    if is_called(app::sample::NAME) {
        Some("Where the sample plant is losing money")
    } else if is_called(app::organisations::UNNAMED) {
        Some("Where the plant is losing money")
    } else {
        None
    }
}

/// What can be downloaded of a run.
pub(super) fn exports(run: &str) -> Vec<Link> {
    vec![
        Link::new("Excel", format!("/reports/{run}.xlsx")),
        Link::new("Cost review (PDF)", format!("/reports/{run}.pdf")),
        Link::new("One page (HTML)", format!("/reports/{run}.html")),
        Link::new("Findings (CSV)", format!("/reports/{run}.csv")),
    ]
}

/// `2 Oct 2025`, in universal time.
pub(super) fn day(at: jiff::Timestamp) -> String {
    at.strftime("%-d %b %Y").to_string()
}

/// Rows of a run whose tables are made ahead of whoever may want them; of larger ones it costs too much for a guess.
const ROWS_AHEAD: i64 = 1_000_000;

/// A deed of the audit trail in words.
pub(super) fn deed(action: &str) -> String {
    match action {
        "operator.enter" => "Operator looked in".to_owned(),
        other => pages::words::sentence_case(&other.replace(['.', '_', '-'], " ")),
    }
}

/// Says that newer data are on their way into the figures.
async fn stale(state: &ServerState, reader: &Reader, run: &Run) -> Result<Option<Notice>, Error> {
    let filter = Filter { facility: reader.facility, ..Filter::default() };
    let newest =
        runs::list(state.backing(), &reader.caller, filter, Page::first(1)).await?.items.into_iter().next();
    let based = format!("Based on data of {}.", day(run.created_at));
    let under_way =
        newest.filter(|newest| matches!(newest.state, AnalysisState::Queued | AnalysisState::Running));
    if let Some(newest) = under_way {
        let dataset =
            runs::get(state.backing(), &reader.caller, newest.id).await?.datasets.into_iter().next();
        let link =
            dataset.map(|id| Link::new("Watch it run", pages::route::import(&id.to_string(), "analysis")));
        return Ok(Some(Notice {
            link,
            ..Notice::new(Tone::Accent, based, "A newer upload is being analyzed.")
        }));
    }
    let uploads =
        datasets::list(state.backing(), &reader.caller, reader.facility, Page::first(1)).await?.items;
    let newer = uploads.into_iter().next().filter(|upload| {
        upload.created_at > run.created_at
            && matches!(upload.state, DatasetState::Mapping | DatasetState::Ready)
    });
    Ok(newer.map(|upload| Notice {
        link: Some(Link::new("Go on with it", pages::route::import(&upload.id.to_string(), "match"))),
        ..Notice::new(Tone::Accent, based, format!("{} is uploaded and not analyzed yet.", upload.name))
    }))
}

async fn show_help(reader: Reader) -> Response {
    let shell = reader.shell.with(Section::Help, "Help", Vec::new());
    answer::ok(&help::page(&shell, ""))
}

async fn switch_plant(State(state): State<ServerState>, Path(id): Path<String>) -> Response {
    let mut response = answer::see("/");
    // An id that is none of the reader's plants chooses nothing.
    let value = if id.parse::<domain::id::FacilityId>().is_ok() { id } else { "all".to_owned() };
    if let Some(cookie) = browser::set_cookie(&state.settings, reader::PLANT, &value, Some(365 * 86_400)) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

async fn switch_organisation(
    State(state): State<ServerState>,
    Path(id): Path<String>,
    reader: Reader,
) -> Response {
    let result = async {
        let org: OrgId = id.parse().map_err(|_| Error::NotFound("organisation"))?;
        let token = app::accounts::sessions::switch(&state.desk, &reader.caller, org).await?;
        let mut response = answer::see("/");
        keep(&state, &mut response, Some(&token));
        Ok(response)
    };
    let result = result.await;
    reader.answer(result)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plant_that_nobody_named_is_just_the_plant() {
        for (plant, expected) in [
            ("My company", Some("Where the plant is losing money")),
            ("Mein Unternehmen", Some("Where the plant is losing money")),
            ("Beispielwerk", Some("Where the sample plant is losing money")),
            ("Toledo plant", None),
        ] {
            assert_eq!(title(plant), expected, "{plant}");
        }
    }
}
