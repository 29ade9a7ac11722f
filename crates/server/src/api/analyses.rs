//! Runs of the analyzers.

mod comparison;
pub(super) mod over_time;
mod report;
pub(super) mod what_if;

use app::{
    analyses::{self, NewRun, Run},
    view,
};
use axum::{
    Extension,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use domain::id::{AnalysisId, DatasetId, FacilityId};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use store::analyses::{Analysis, AnalysisState, Filter};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use uuid::Uuid;

use super::{
    List, Refusals,
    answers::{Created, Paging, Versioned, number, paged},
    datasets::{ProgressView, progress},
    looks::Looks,
    watching::{told, watch},
    words,
};
use crate::{
    Problem, ServerState,
    boxed::routes,
    extract::{Json, Path, Query},
    problem::Kind,
    who::Who,
};

pub(super) fn routes() -> OpenApiRouter<ServerState> {
    OpenApiRouter::new()
        .routes(routes!(index, create))
        .routes(routes!(show, delete))
        .routes(routes!(result))
        .routes(routes!(cancel))
        .routes(routes!(repeat))
        .merge(comparison::routes())
        .routes(routes!(events))
        .merge(over_time::routes())
        .merge(report::routes())
        .merge(what_if::routes())
}

/// A run.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Analysis)]
pub struct AnalysisView {
    pub id: Uuid,
    pub name: String,
    #[schema(required)]
    pub facility_id: Option<Uuid>,
    /// The run that it repeats.
    #[schema(required)]
    pub repeats_id: Option<Uuid>,
    /// The kept settings that it was started with.
    #[schema(required)]
    pub configuration_id: Option<Uuid>,
    /// `queued`, `running`, `in_review`, `completed`, `failed` or `cancelled`.
    pub state: &'static str,
    /// Why it failed, and what to do.
    #[schema(required)]
    pub reason: Option<String>,
    #[schema(required)]
    pub data_tier: Option<i16>,
    /// ISO 4217; `XXX` where nothing states one.
    #[schema(required)]
    pub currency: Option<String>,
    pub rows_read: i64,
    pub rows_used: i64,
    #[schema(required)]
    pub totals: Option<TotalsView>,
    pub findings: i64,
    pub created_at: String,
    #[schema(required)]
    pub started_at: Option<String>,
    #[schema(required)]
    pub finished_at: Option<String>,
}

/// The ledger of a run.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Totals)]
pub struct TotalsView {
    pub planned_cost: f64,
    pub actual_cost: f64,
    pub variance: f64,
    pub explained: f64,
    pub remainder: f64,
}

impl From<Analysis> for AnalysisView {
    fn from(analysis: Analysis) -> Self {
        let totals = number(analysis.planned_cost).map(|planned_cost| TotalsView {
            planned_cost,
            actual_cost: number(analysis.actual_cost).unwrap_or_default(),
            variance: number(analysis.variance).unwrap_or_default(),
            explained: number(analysis.explained).unwrap_or_default(),
            remainder: number(analysis.remainder).unwrap_or_default(),
        });
        Self {
            id: analysis.id.0,
            name: analysis.name,
            facility_id: analysis.facility_id.map(|id| id.0),
            repeats_id: analysis.repeats_id.map(|id| id.0),
            configuration_id: analysis.configuration_id.map(|id| id.0),
            state: analysis.state.name(),
            reason: analysis.reason,
            data_tier: analysis.data_tier,
            currency: analysis.currency,
            rows_read: analysis.rows_read,
            rows_used: analysis.rows_used,
            totals,
            findings: analysis.findings,
            created_at: analysis.created_at.to_string(),
            started_at: analysis.started_at.map(|at| at.to_string()),
            finished_at: analysis.finished_at.map(|at| at.to_string()),
        }
    }
}

/// A run with what it is over.
#[derive(Debug, Serialize, ToSchema)]
pub struct AnalysisDetail {
    #[serde(flatten)]
    pub analysis: AnalysisView,
    pub dataset_ids: Vec<Uuid>,
    /// Preset, changes, and all values, as used.
    #[schema(value_type = Object)]
    pub settings: Value,
    pub analyzers_run: Vec<String>,
    /// What is being done, and how far it is from 0 to 1; null when nothing is.
    #[schema(value_type = Option<ProgressView>, required)]
    pub progress: Value,
}

impl From<Run> for AnalysisDetail {
    fn from(run: Run) -> Self {
        Self {
            dataset_ids: run.datasets.into_iter().map(|id| id.0).collect(),
            settings: run.analysis.settings.clone(),
            analyzers_run: run.analysis.analyzers_run.clone(),
            progress: progress(&run.progress),
            analysis: run.analysis.into(),
        }
    }
}

/// A new run.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAnalysis {
    #[schema(max_length = 255)]
    name: Option<String>,
    /// What is analyzed together: exports of one plant.
    #[schema(min_items = 1, max_items = 20)]
    datasets: Vec<Uuid>,
    /// That of the datasets where none is given.
    facility_id: Option<Uuid>,
    /// `conservative`, `balanced` or `aggressive`; the kept settings where none is given.
    preset: Option<String>,
    /// What differs from preset or kept settings, by the name of the setting.
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    settings: Option<Map<String, Value>>,
    /// Refuse (409) while a mapping waits for a decision.
    #[serde(default)]
    stop_at_decisions: bool,
}

/// Other settings for the same data.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RepetitionForm {
    /// The settings of the run where none is given.
    preset: Option<String>,
    /// What differs, by the name of the setting.
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    settings: Option<Map<String, Value>>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Which {
    /// `queued`, `running`, `in_review`, `completed`, `failed` or `cancelled`.
    #[param(value_type = Option<words::AnalysisStateName>, inline)]
    state: Option<String>,
    facility_id: Option<Uuid>,
    dataset_id: Option<Uuid>,
}

/// The runs of the organisation
#[utoipa::path(get, path = "/analyses", operation_id = "list_analyses", tag = "analyses", params(Paging, Which),
    responses((status = 200, description = "newest first", body = List<AnalysisView>), Refusals))]
async fn index(
    State(state): State<ServerState>,
    Who(caller): Who,
    Query(paging): Query<Paging>,
    Query(which): Query<Which>,
) -> Result<Json<List<AnalysisView>>, Problem> {
    let filter = Filter {
        state: which
            .state
            .as_deref()
            .map(|name| {
                AnalysisState::parse(name).ok_or_else(|| {
                    Problem::new(
                        Kind::Invalid,
                        "state is queued, running, in_review, completed, failed or cancelled",
                    )
                })
            })
            .transpose()?,
        facility: which.facility_id.map(FacilityId),
        dataset: which.dataset_id.map(DatasetId),
    };
    let listing = analyses::list(state.backing(), &caller, filter, paging.page()?).await?;
    Ok(paged(listing, AnalysisView::from))
}

/// Analyzes datasets in the background
#[utoipa::path(post, path = "/analyses", operation_id = "create_analysis", tag = "analyses", request_body = NewAnalysis,
    responses((status = 201, description = "waiting", body = AnalysisDetail), Refusals))]
async fn create(
    State(state): State<ServerState>,
    Who(caller): Who,
    Json(new): Json<NewAnalysis>,
) -> Result<Created<AnalysisDetail>, Problem> {
    let new = NewRun {
        name: new.name,
        datasets: new.datasets.into_iter().map(DatasetId).collect(),
        facility: new.facility_id.map(FacilityId),
        preset: new.preset,
        changes: new.settings.unwrap_or_default().into_iter().collect(),
        stop_at_decisions: new.stop_at_decisions,
    };
    Ok(made(analyses::start(state.backing(), &caller, &new).await?))
}

fn made(run: Run) -> Created<AnalysisDetail> {
    Created { at: format!("/analyses/{}", run.analysis.id), version: run.analysis.version, thing: run.into() }
}

/// One run
#[utoipa::path(get, path = "/analyses/{id}", operation_id = "get_analysis", tag = "analyses",
    params(("id" = Uuid, Path)),
    responses((status = 200, description = "as it is now", body = AnalysisDetail), Refusals))]
async fn show(
    State(state): State<ServerState>,
    Who(caller): Who,
    Path(id): Path<Uuid>,
) -> Result<Versioned<AnalysisDetail>, Problem> {
    let run = analyses::get(state.backing(), &caller, AnalysisId(id)).await?;
    Ok(Versioned(run.analysis.version, run.into()))
}

/// The whole result of a run
///
/// As `plantintel analyze --json` gives it.
#[utoipa::path(get, path = "/analyses/{id}/result", operation_id = "get_analysis_result", tag = "analyses",
    params(("id" = Uuid, Path)),
    responses((status = 200, description = "totals, key figures, findings, guidance", body = Object), Refusals))]
async fn result(
    State(state): State<ServerState>,
    Who(caller): Who,
    Path(id): Path<Uuid>,
) -> Result<Response, Problem> {
    let analysis = analyses::result(state.backing(), &caller, AnalysisId(id)).await?;
    Ok(Json(view::analysis::analysis(&analysis)).into_response())
}

/// How far a run is, as server-sent events
///
/// Each event `progress` carries `state`, `reason` and `progress`; the stream ends after the one with which the run
/// has ended.
#[utoipa::path(get, path = "/analyses/{id}/events", operation_id = "watch_analysis", tag = "analyses",
    params(("id" = Uuid, Path)),
    responses((status = 200, description = "a stream of events", body = String, content_type = "text/event-stream"), Refusals))]
async fn events(
    State(state): State<ServerState>,
    Extension(looks): Extension<Looks>,
    Who(caller): Who,
    Path(id): Path<Uuid>,
) -> Result<Response, Problem> {
    // What cannot be watched is answered before the stream begins.
    analyses::get(state.backing(), &caller, AnalysisId(id)).await?;
    watch(&looks, caller.actor.org, id, move || {
        let (state, caller) = (state.clone(), caller.clone());
        async move {
            // Nothing where it was removed: there is nothing more to tell.
            let run = analyses::get(state.backing(), &caller, AnalysisId(id)).await.ok()?;
            Some(told(run.analysis.state.name(), run.analysis.reason.as_deref(), &run.progress))
        }
    })
}

/// Takes a run back
#[utoipa::path(post, path = "/analyses/{id}/cancellation", operation_id = "cancel_analysis", tag = "analyses",
    params(("id" = Uuid, Path)),
    responses((status = 200, description = "it stops, at once or within seconds", body = AnalysisDetail), Refusals))]
async fn cancel(
    State(state): State<ServerState>,
    Who(caller): Who,
    Path(id): Path<Uuid>,
) -> Result<Json<AnalysisDetail>, Problem> {
    Ok(Json(analyses::cancel(state.backing(), &caller, AnalysisId(id)).await?.into()))
}

/// Runs the same datasets again, with the same settings or others
#[utoipa::path(post, path = "/analyses/{id}/repetitions", operation_id = "repeat_analysis", tag = "analyses",
    params(("id" = Uuid, Path)), request_body = RepetitionForm,
    responses((status = 201, description = "waiting", body = AnalysisDetail), Refusals))]
async fn repeat(
    State(state): State<ServerState>,
    Who(caller): Who,
    Path(id): Path<Uuid>,
    Json(form): Json<RepetitionForm>,
) -> Result<Created<AnalysisDetail>, Problem> {
    let changes = form.settings.unwrap_or_default().into_iter().collect();
    let preset = form.preset.as_deref();
    Ok(made(analyses::repeat(state.backing(), &caller, AnalysisId(id), preset, &changes).await?))
}

/// Removes a run that has ended
#[utoipa::path(delete, path = "/analyses/{id}", operation_id = "delete_analysis", tag = "analyses",
    params(("id" = Uuid, Path)),
    responses((status = 204, description = "gone"), Refusals))]
async fn delete(
    State(state): State<ServerState>,
    Who(caller): Who,
    Path(id): Path<Uuid>,
) -> Result<StatusCode, Problem> {
    analyses::delete(state.backing(), &caller, AnalysisId(id)).await?;
    Ok(StatusCode::NO_CONTENT)
}
