//! `/operator/reviews`: results that a reviewer looks at before the customer does.

use app::operation::reviews::{self, CHECKLIST, Written};
use axum::{extract::State, http::StatusCode};
use domain::id::{AnalysisId, OrgId};
use serde::{Deserialize, Serialize};
use store::{
    analyses::reviews::{Edit, NewEdit, Review},
    findings::Finding,
    operator::running::OperatedReview,
};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use uuid::Uuid;

use crate::{
    Problem, ServerState,
    api::{
        List, Refusals,
        answers::{Paging, number},
    },
    boxed::routes,
    extract::{Json, Path, Query},
    who::Who,
};

pub(super) fn routes() -> OpenApiRouter<ServerState> {
    OpenApiRouter::new()
        .routes(routes!(index))
        .routes(routes!(show, save))
        .routes(routes!(approve))
        .routes(routes!(publish))
        .routes(routes!(edit))
}

/// A result in the queue.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct QueuedReview {
    pub organization_id: Uuid,
    pub organization: String,
    pub analysis_id: Uuid,
    pub analysis: String,
    /// `pending`, `in_review`, `approved` or `published`.
    pub state: &'static str,
    pub findings: i64,
    pub waits_since: String,
    /// It has waited for four hours or longer.
    pub urgent: bool,
    #[schema(required)]
    pub published_at: Option<String>,
}

impl QueuedReview {
    fn of(one: &OperatedReview, now: jiff::Timestamp) -> Self {
        Self {
            organization_id: one.org_id.0,
            organization: one.org_name.clone(),
            analysis_id: one.analysis_id,
            analysis: one.name.clone(),
            state: one.state.name(),
            findings: one.findings,
            waits_since: one.created_at.to_string(),
            urgent: reviews::is_urgent(one, now),
            published_at: one.published_at.map(|at| at.to_string()),
        }
    }
}

/// A point of the list that a reviewer goes through.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReviewPoint {
    pub name: &'static str,
    pub says: &'static str,
    pub ticked: bool,
}

/// A finding, and how the customer will see it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReviewedFinding {
    pub key: String,
    /// As computed.
    pub title: String,
    #[schema(required)]
    pub annualized_impact: Option<f64>,
    #[schema(required)]
    pub currency: Option<String>,
    pub grade: String,
    /// Another title; empty where the computed one stands.
    pub new_title: String,
    pub note: String,
    pub hidden: bool,
}

impl From<&(Finding, Option<Edit>)> for ReviewedFinding {
    fn from((computed, edit): &(Finding, Option<Edit>)) -> Self {
        Self {
            key: computed.key.clone(),
            title: computed.title.clone(),
            annualized_impact: number(computed.annualized),
            currency: computed.currency.clone(),
            grade: computed.grade.clone(),
            new_title: edit.as_ref().map(|edit| edit.title.clone()).unwrap_or_default(),
            note: edit.as_ref().map(|edit| edit.note.clone()).unwrap_or_default(),
            hidden: edit.as_ref().is_some_and(|edit| edit.hidden),
        }
    }
}

/// Where a review stands.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Review)]
pub(crate) struct ReviewView {
    /// `pending`, `in_review`, `approved` or `published`.
    pub state: &'static str,
    /// Whoever wrote last.
    #[schema(required)]
    pub reviewer_id: Option<Uuid>,
    /// For other reviewers, never for the customer.
    pub notes: String,
    pub checklist: Vec<ReviewPoint>,
    /// For the next change.
    pub version: i64,
}

impl From<&Review> for ReviewView {
    fn from(review: &Review) -> Self {
        Self {
            state: review.state.name(),
            reviewer_id: review.reviewer_id.map(|id| id.0),
            notes: review.notes.clone(),
            checklist: CHECKLIST
                .iter()
                .map(|(name, says)| ReviewPoint {
                    name,
                    says,
                    ticked: review.checklist[*name].as_bool().unwrap_or(false),
                })
                .collect(),
            version: review.version,
        }
    }
}

/// A review with what is looked at.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReviewDetail {
    pub review: ReviewView,
    pub analysis: String,
    /// What the last reviewer of this customer noted, where another result was published before.
    pub noted_before: String,
    pub findings: Vec<ReviewedFinding>,
}

/// What a reviewer ticks and notes.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReviewChange {
    /// Names of the points that are ticked.
    ticked: Vec<String>,
    #[serde(default)]
    notes: String,
    /// `version` of what was read.
    version: i64,
}

impl From<ReviewChange> for Written {
    fn from(change: ReviewChange) -> Self {
        Self { ticked: change.ticked, notes: change.notes, version: change.version }
    }
}

/// How a finding is to be shown; what was computed stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct FindingEdit {
    /// Which one.
    key: String,
    /// Empty: as computed.
    #[serde(default)]
    #[schema(max_length = 500)]
    title: String,
    #[serde(default)]
    #[schema(max_length = 4000)]
    note: String,
    /// Whether it is left out.
    #[serde(default)]
    hidden: bool,
}

/// Results in the queue, the one that has waited longest first.
#[utoipa::path(get, path = "/operator/reviews", operation_id = "operator_list_reviews", tag = "operator",
    params(Paging), responses((status = 200, body = List<QueuedReview>), Refusals))]
async fn index(
    State(state): State<ServerState>,
    Who(caller): Who,
    Query(paging): Query<Paging>,
) -> Result<Json<List<QueuedReview>>, Problem> {
    let now = state.backing().clock.now();
    let all = reviews::list(&state.desk, &caller).await?;
    paging.cut(all.iter().map(|one| QueuedReview::of(one, now)), |one| one.analysis_id.to_string())
}

/// One review with what is looked at; the look stands in the organization's audit trail.
#[utoipa::path(get, path = "/operator/reviews/{organization_id}/{id}", operation_id = "operator_get_review",
    tag = "operator", params(("organization_id" = Uuid, Path), ("id" = Uuid, Path)),
    responses((status = 200, body = ReviewDetail), Refusals))]
async fn show(
    State(state): State<ServerState>,
    Who(caller): Who,
    Path((org, id)): Path<(Uuid, Uuid)>,
) -> Result<Json<ReviewDetail>, Problem> {
    let looked = reviews::get(&state.desk, &caller, OrgId(org), AnalysisId(id)).await?;
    Ok(Json(ReviewDetail {
        review: (&looked.review).into(),
        analysis: looked.analysis.name,
        noted_before: looked.noted_before,
        findings: looked.findings.iter().map(ReviewedFinding::from).collect(),
    }))
}

/// Takes a review up, or keeps what was ticked and noted.
#[utoipa::path(put, path = "/operator/reviews/{organization_id}/{id}", operation_id = "operator_put_review",
    tag = "operator", params(("organization_id" = Uuid, Path), ("id" = Uuid, Path)), request_body = ReviewChange,
    responses((status = 200, body = ReviewView), Refusals))]
async fn save(
    State(state): State<ServerState>,
    Who(caller): Who,
    Path((org, id)): Path<(Uuid, Uuid)>,
    Json(change): Json<ReviewChange>,
) -> Result<Json<ReviewView>, Problem> {
    let after = reviews::save(&state.desk, &caller, OrgId(org), AnalysisId(id), &change.into()).await?;
    Ok(Json((&after).into()))
}

/// Finds a result good; all five points must be ticked.
#[utoipa::path(post, path = "/operator/reviews/{organization_id}/{id}/approval",
    operation_id = "operator_approve_review", tag = "operator",
    params(("organization_id" = Uuid, Path), ("id" = Uuid, Path)), request_body = ReviewChange,
    responses((status = 200, body = ReviewView), Refusals))]
async fn approve(
    State(state): State<ServerState>,
    Who(caller): Who,
    Path((org, id)): Path<(Uuid, Uuid)>,
    Json(change): Json<ReviewChange>,
) -> Result<Json<ReviewView>, Problem> {
    let after = reviews::approve(&state.desk, &caller, OrgId(org), AnalysisId(id), &change.into()).await?;
    Ok(Json((&after).into()))
}

/// Lets the customer see a result that was approved, and tells the customer.
#[utoipa::path(post, path = "/operator/reviews/{organization_id}/{id}/publication",
    operation_id = "operator_publish_review", tag = "operator",
    params(("organization_id" = Uuid, Path), ("id" = Uuid, Path)),
    responses((status = 204, description = "published"), Refusals))]
async fn publish(
    State(state): State<ServerState>,
    Who(caller): Who,
    Path((org, id)): Path<(Uuid, Uuid)>,
) -> Result<StatusCode, Problem> {
    reviews::publish(&state.desk, &caller, OrgId(org), AnalysisId(id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Changes how a finding is shown: another title, a note, or not at all.
#[utoipa::path(put, path = "/operator/reviews/{organization_id}/{id}/findings",
    operation_id = "operator_edit_finding", tag = "operator",
    params(("organization_id" = Uuid, Path), ("id" = Uuid, Path)), request_body = FindingEdit,
    responses((status = 204, description = "kept"), Refusals))]
async fn edit(
    State(state): State<ServerState>,
    Who(caller): Who,
    Path((org, id)): Path<(Uuid, Uuid)>,
    Json(change): Json<FindingEdit>,
) -> Result<StatusCode, Problem> {
    let new = NewEdit { key: &change.key, hidden: change.hidden, title: &change.title, note: &change.note };
    reviews::edit(&state.desk, &caller, OrgId(org), AnalysisId(id), &new).await?;
    Ok(StatusCode::NO_CONTENT)
}
