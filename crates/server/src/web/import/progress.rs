//! Step 4: an analysis is started, looked at while it runs, and stopped.

use app::{
    Error, analyses as runs,
    datasets::{self, mapping},
};
use axum::{
    Form,
    extract::{Path, State},
    response::Response,
};
use domain::Role;
use pages::{
    component::{Button, Link},
    page::import::{
        ProgressPage,
        progress::{Step, StepState},
    },
    route, words,
};
use serde::Deserialize;
use serde_json::Value;
use store::{
    Page,
    analyses::{Analysis as Run, AnalysisState, Filter},
};

use super::dataset_id;
use crate::{
    ServerState,
    web::{
        answer,
        reader::{self, Reader},
    },
};

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Started {
    /// `on` where rows were mended since the mapping was confirmed.
    confirm: String,
}

pub(super) async fn analyze(
    State(state): State<ServerState>,
    Path(id): Path<String>,
    reader: Reader,
    Form(started): Form<Started>,
) -> Response {
    let result = async {
        if started.confirm == "on" {
            let confirmation = mapping::Confirmation {
                note: "Rows mended while they were reviewed".to_owned(),
                ..mapping::Confirmation::default()
            };
            let dataset = dataset_id(&id)?;
            mapping::confirm(state.backing(), &reader.caller, dataset, None, &[], &confirmation).await?;
        }
        let new = runs::NewRun {
            datasets: vec![dataset_id(&id)?],
            facility: reader.facility,
            ..runs::NewRun::default()
        };
        runs::start(state.backing(), &reader.caller, &new).await?;
        Ok(answer::see(route::import(&id, "analysis")))
    };
    let result = result.await;
    reader.answer(result)
}

pub(super) async fn progress(
    State(state): State<ServerState>,
    Path(id): Path<String>,
    reader: Reader,
) -> Response {
    let result = async {
        let dataset = dataset_id(&id)?;
        let import = datasets::get(state.backing(), &reader.caller, dataset).await?;
        let filter = Filter { dataset: Some(dataset), ..Filter::default() };
        let run = runs::list(state.backing(), &reader.caller, filter, Page::first(1))
            .await?
            .items
            .into_iter()
            .next();
        let Some(run) = run else { return Ok(answer::see(route::import(&id, "match"))) };
        let run = runs::get(state.backing(), &reader.caller, run.id).await?;
        Ok(answer::ok(&run_page(&reader, &id, &import.dataset.name, &run)))
    };
    let result = result.await;
    reader.answer(result)
}

fn run_page(reader: &Reader, dataset: &str, name: &str, run: &runs::Run) -> ProgressPage {
    let analysis: &Run = &run.analysis;
    let running = matches!(analysis.state, AnalysisState::Queued | AnalysisState::Running);
    let mut page = ProgressPage::new(&reader.shell, dataset, name, running);
    let button = |label: &str, action: String| Button {
        label: label.to_owned(),
        action,
        csrf: reader.shell.csrf.clone(),
        ..Button::default()
    };
    let again = || button("Try again", route::import(dataset, "analysis"));
    let read = step("Read the files", StepState::Done, "");
    match analysis.state {
        AnalysisState::Queued | AnalysisState::Running => {
            page.share = share(&run.progress);
            let state =
                if analysis.state == AnalysisState::Queued { StepState::Waiting } else { StepState::Running };
            page.steps = vec![read, step("Look for losses", state, &message(&run.progress))];
            page.button = reader
                .may(Role::Analyst)
                .then(|| button("Stop the analysis", format!("/analyses/{}/stop", analysis.id)));
        }
        AnalysisState::Completed => {
            let found = words::counted(analysis.findings.unsigned_abs(), "finding");
            page.steps = vec![read, step("Look for losses", StepState::Done, &found)];
            page.next = Some(Link::new("See where the money goes", route::OVERVIEW));
        }
        AnalysisState::InReview => {
            "A reviewer looks at the result".clone_into(&mut page.title);
            "It is published here once it is approved, mostly within four hours; you are told then."
                .clone_into(&mut page.lead);
            page.steps = vec![
                read,
                step("Look for losses", StepState::Done, ""),
                step("Review", StepState::Waiting, ""),
            ];
        }
        AnalysisState::Failed => {
            "The analysis stopped".clone_into(&mut page.title);
            let reason = answer::sentence(analysis.reason.as_deref().unwrap_or("no reason is known"));
            page.lead = format!("{reason} Your upload is kept.");
            page.steps = vec![read, step("Look for losses", StepState::Failed, "")];
            page.button = reader.may(Role::Analyst).then(again);
        }
        AnalysisState::Cancelled => {
            "The analysis was stopped".clone_into(&mut page.title);
            "Your upload is kept.".clone_into(&mut page.lead);
            page.steps = vec![read];
            page.button = reader.may(Role::Analyst).then(again);
        }
    }
    page
}

pub(super) async fn stop(
    State(state): State<ServerState>,
    Path(id): Path<String>,
    reader: Reader,
) -> Response {
    let result = async {
        let id = id.parse().map_err(|_| Error::NotFound("analysis"))?;
        let run = runs::cancel(state.backing(), &reader.caller, id).await?;
        let back = run
            .datasets
            .first()
            .map_or_else(|| route::DATA.to_owned(), |id| route::import(&id.to_string(), "analysis"));
        Ok(reader::see_and_say(&state, &back, "The analysis stops within a few seconds."))
    };
    let result = result.await;
    reader.answer(result)
}

pub(super) fn step(name: &str, state: StepState, note: &str) -> Step {
    Step { name: name.to_owned(), state, note: note.to_owned() }
}

pub(super) fn message(progress: &Value) -> String {
    progress["message"].as_str().unwrap_or_default().to_owned()
}

pub(super) fn share(progress: &Value) -> Option<u8> {
    progress["share"].as_f64().map(|share| (share.clamp(0.0, 1.0) * 100.0) as u8)
}
