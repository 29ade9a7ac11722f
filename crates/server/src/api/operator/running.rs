//! `/operator`: what runs, what is used, what is allowed, what everybody is told, and whether all is well.

use app::operation::{self, Move, running};
use axum::{extract::State, http::StatusCode};
use domain::id::{JobId, OrgId};
use serde::{Deserialize, Serialize};
use store::{
    jobs::JobState,
    operator::{
        plans::Plan,
        running::{Announcement, OperatedJob as Job, OperatedUsage as Used},
    },
};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use uuid::Uuid;

use crate::{
    Problem, ServerState,
    api::{List, Refusals, answers::Paging, words},
    boxed::routes,
    extract::{Json, Path, Query},
    who::Who,
};

pub(super) fn routes() -> OpenApiRouter<ServerState> {
    OpenApiRouter::new()
        .routes(routes!(jobs))
        .routes(routes!(retry))
        .routes(routes!(cancel))
        .routes(routes!(usage))
        .routes(routes!(plans))
        .routes(routes!(put_plan))
        .routes(routes!(announcements, announce))
        .routes(routes!(withdraw))
        .routes(routes!(health))
}

/// A job: what it is about, not what is in it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OperatedJob {
    pub organization_id: Uuid,
    pub organization: String,
    pub id: Uuid,
    /// What is to be done.
    pub kind: String,
    /// queued, running, completed, failed or cancelled.
    pub state: &'static str,
    /// How often it was begun.
    pub attempt: i64,
    /// How often it may fail.
    pub attempts_max: i64,
    /// Why it failed, or last failed.
    #[schema(required)]
    pub reason: Option<String>,
    pub run_at: String,
    pub created_at: String,
    #[schema(required)]
    pub finished_at: Option<String>,
}

impl From<Job> for OperatedJob {
    fn from(job: Job) -> Self {
        Self {
            organization_id: job.org_id.0,
            organization: job.org_name,
            id: job.id.0,
            kind: job.kind,
            state: job.state.name(),
            attempt: job.attempt,
            attempts_max: job.attempts_max,
            reason: job.reason,
            run_at: job.run_at.to_string(),
            created_at: job.created_at.to_string(),
            finished_at: job.finished_at.map(|at| at.to_string()),
        }
    }
}

/// What an organization used this month, in what causes cost.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OperatedUsage {
    pub organization_id: Uuid,
    pub organization: String,
    pub plan: String,
    pub uploads: i64,
    pub rows: i64,
    pub analyses: i64,
    pub chat_messages: i64,
    pub ai_tokens: i64,
    /// Of files that are kept.
    pub stored_bytes: i64,
    /// In which a worker worked for it.
    pub work_seconds: f64,
}

impl From<Used> for OperatedUsage {
    fn from(used: Used) -> Self {
        Self {
            organization_id: used.org_id.0,
            organization: used.name,
            plan: used.plan,
            uploads: used.uploads,
            rows: used.rows,
            analyses: used.analyses,
            chat_messages: used.chat_messages,
            ai_tokens: used.ai_tokens,
            stored_bytes: used.bytes,
            work_seconds: used.work_seconds,
        }
    }
}

/// The limits of a plan in a calendar month; null is no limit.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PlanLimits {
    pub uploads: Option<i64>,
    pub rows: Option<i64>,
    pub analyses: Option<i64>,
    pub chat_messages: Option<i64>,
    pub ai_tokens: Option<i64>,
    pub mapping_profiles: Option<i64>,
    /// Whether people may choose it themselves.
    pub offered: bool,
    /// Where it is shown.
    #[schema(minimum = 0)]
    pub position: i64,
}

/// A plan.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OperatedPlan {
    pub plan: String,
    pub limits: PlanLimits,
}

impl From<Plan> for OperatedPlan {
    fn from(plan: Plan) -> Self {
        Self {
            plan: plan.plan,
            limits: PlanLimits {
                uploads: plan.uploads,
                rows: plan.rows,
                analyses: plan.analyses,
                chat_messages: plan.chat_messages,
                ai_tokens: plan.ai_tokens,
                mapping_profiles: plan.mapping_profiles,
                offered: plan.offered,
                position: plan.position,
            },
        }
    }
}

/// What is said to everybody.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AnnouncementView {
    pub id: Uuid,
    pub title: String,
    pub body: String,
    pub shown_until: String,
    pub created_at: String,
}

impl From<Announcement> for AnnouncementView {
    fn from(said: Announcement) -> Self {
        Self {
            id: said.id,
            title: said.title,
            body: said.body,
            shown_until: said.shown_until.to_string(),
            created_at: said.created_at.to_string(),
        }
    }
}

/// Something to say to everybody.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewAnnouncement {
    #[schema(min_length = 1, max_length = 200)]
    title: String,
    #[serde(default)]
    #[schema(max_length = 2000)]
    body: String,
    /// For how many days pages show it.
    #[schema(minimum = 1, maximum = 365)]
    days: i64,
}

/// Whether a part of the installation does its work.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OperatedCheck {
    pub part: &'static str,
    pub says: String,
    pub good: bool,
}

/// Jobs of a kind in a state.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OperatedQueue {
    pub kind: String,
    pub state: String,
    pub jobs: i64,
    /// How long the oldest has been there.
    pub oldest_seconds: f64,
}

/// How the installation is.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OperatedHealth {
    pub checks: Vec<OperatedCheck>,
    pub queues: Vec<OperatedQueue>,
}

/// Which jobs.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Wanted {
    /// queued, running, completed, failed (the dead letters) or cancelled.
    #[param(value_type = Option<words::JobStateName>, inline)]
    state: Option<String>,
}

/// Why a job is moved.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct JobMove {
    /// As the organization reads it in its audit trail.
    #[schema(min_length = 1, max_length = 500)]
    reason: String,
}

/// The two hundred newest jobs of all organizations.
#[utoipa::path(get, path = "/operator/jobs", operation_id = "operator_list_jobs", tag = "operator", params(Wanted, Paging),
    responses((status = 200, body = List<OperatedJob>), Refusals))]
async fn jobs(
    State(state): State<ServerState>,
    Who(caller): Who,
    Query(wanted): Query<Wanted>,
    Query(paging): Query<Paging>,
) -> Result<Json<List<OperatedJob>>, Problem> {
    let of = match wanted.state.as_deref() {
        None => None,
        Some(name) => Some(JobState::parse(name).ok_or_else(|| {
            app::Error::invalid("state", "give queued, running, completed, failed or cancelled")
        })?),
    };
    let found = running::jobs(&state.desk, &caller, of).await?;
    paging.cut(found.into_iter().map(OperatedJob::from), |job| job.id.to_string())
}

/// Puts a job back into the queue, with all its attempts.
#[utoipa::path(post, path = "/operator/jobs/{organization_id}/{id}/retry", operation_id = "operator_retry_job",
    tag = "operator", params(("organization_id" = Uuid, Path), ("id" = Uuid, Path)), request_body = JobMove,
    responses((status = 204, description = "it goes again"), Refusals))]
async fn retry(
    State(state): State<ServerState>,
    Who(caller): Who,
    Path((org, id)): Path<(Uuid, Uuid)>,
    Json(JobMove { reason }): Json<JobMove>,
) -> Result<StatusCode, Problem> {
    operation::move_job(&state.desk, &caller, OrgId(org), JobId(id), Move::Retry, &reason).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Asks a job to stop.
#[utoipa::path(post, path = "/operator/jobs/{organization_id}/{id}/cancel", operation_id = "operator_cancel_job",
    tag = "operator", params(("organization_id" = Uuid, Path), ("id" = Uuid, Path)), request_body = JobMove,
    responses((status = 204, description = "it is asked to stop"), Refusals))]
async fn cancel(
    State(state): State<ServerState>,
    Who(caller): Who,
    Path((org, id)): Path<(Uuid, Uuid)>,
    Json(JobMove { reason }): Json<JobMove>,
) -> Result<StatusCode, Problem> {
    operation::move_job(&state.desk, &caller, OrgId(org), JobId(id), Move::Cancel, &reason).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What everybody used this month.
#[utoipa::path(get, path = "/operator/usage", operation_id = "operator_list_usage", tag = "operator", params(Paging),
    responses((status = 200, body = List<OperatedUsage>), Refusals))]
async fn usage(
    State(state): State<ServerState>,
    Who(caller): Who,
    Query(paging): Query<Paging>,
) -> Result<Json<List<OperatedUsage>>, Problem> {
    let found = running::usage(&state.desk, &caller).await?;
    paging.cut(found.into_iter().map(OperatedUsage::from), |one| one.organization_id.to_string())
}

/// All plans with their limits.
#[utoipa::path(get, path = "/operator/plans", operation_id = "operator_list_plans", tag = "operator", params(Paging),
    responses((status = 200, body = List<OperatedPlan>), Refusals))]
async fn plans(
    State(state): State<ServerState>,
    Who(caller): Who,
    Query(paging): Query<Paging>,
) -> Result<Json<List<OperatedPlan>>, Problem> {
    let all = running::list_plans(&state.desk, &caller).await?;
    paging.cut(all.into_iter().map(OperatedPlan::from), |one| one.plan.clone())
}

/// Makes a plan or changes its limits; they hold from the next request on.
#[utoipa::path(put, path = "/operator/plans/{plan}", operation_id = "operator_put_plan", tag = "operator",
    params(("plan" = String, Path)), request_body = PlanLimits,
    responses((status = 204, description = "kept"), Refusals))]
async fn put_plan(
    State(state): State<ServerState>,
    Who(caller): Who,
    Path(plan): Path<String>,
    Json(limits): Json<PlanLimits>,
) -> Result<StatusCode, Problem> {
    let plan = Plan {
        plan,
        uploads: limits.uploads,
        rows: limits.rows,
        analyses: limits.analyses,
        chat_messages: limits.chat_messages,
        ai_tokens: limits.ai_tokens,
        mapping_profiles: limits.mapping_profiles,
        offered: limits.offered,
        position: limits.position,
    };
    running::put_plan(&state.desk, &caller, &plan).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What was said to everybody, newest first.
#[utoipa::path(get, path = "/operator/announcements", operation_id = "operator_list_announcements", tag = "operator",
    params(Paging), responses((status = 200, body = List<AnnouncementView>), Refusals))]
async fn announcements(
    State(state): State<ServerState>,
    Who(caller): Who,
    Query(paging): Query<Paging>,
) -> Result<Json<List<AnnouncementView>>, Problem> {
    let all = running::announcements(&state.desk, &caller).await?;
    paging.cut(all.into_iter().map(AnnouncementView::from), |said| said.id.to_string())
}

/// Says something on every page.
#[utoipa::path(post, path = "/operator/announcements", operation_id = "operator_create_announcement", tag = "operator",
    request_body = NewAnnouncement, responses((status = 204, description = "every page shows it"), Refusals))]
async fn announce(
    State(state): State<ServerState>,
    Who(caller): Who,
    Json(new): Json<NewAnnouncement>,
) -> Result<StatusCode, Problem> {
    running::announce(&state.desk, &caller, &new.title, &new.body, new.days).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Takes back what was said.
#[utoipa::path(delete, path = "/operator/announcements/{id}", operation_id = "operator_delete_announcement",
    tag = "operator", params(("id" = Uuid, Path)),
    responses((status = 204, description = "taken back"), Refusals))]
async fn withdraw(
    State(state): State<ServerState>,
    Who(caller): Who,
    Path(id): Path<Uuid>,
) -> Result<StatusCode, Problem> {
    running::withdraw(&state.desk, &caller, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Whether the parts of the installation do their work.
#[utoipa::path(get, path = "/operator/health", operation_id = "operator_get_health", tag = "operator",
    responses((status = 200, body = OperatedHealth), Refusals))]
async fn health(State(state): State<ServerState>, Who(caller): Who) -> Result<Json<OperatedHealth>, Problem> {
    let found = running::health(&state.desk, &caller).await?;
    Ok(Json(OperatedHealth {
        checks: found
            .checks
            .into_iter()
            .map(|check| OperatedCheck { part: check.part, says: check.says, good: check.good })
            .collect(),
        queues: found
            .queues
            .into_iter()
            .map(|queue| OperatedQueue {
                kind: queue.kind,
                state: queue.state,
                jobs: queue.jobs,
                oldest_seconds: queue.oldest_seconds.max(0.0),
            })
            .collect(),
    }))
}
