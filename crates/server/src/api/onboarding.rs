//! `/onboarding`: the first steps of an organization.

use app::onboarding;
use axum::{extract::State, http::StatusCode};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;

use super::Refusals;
use crate::boxed::routes;
use crate::{Problem, ServerState, extract::Json, who::Who};

pub(super) fn routes() -> OpenApiRouter<ServerState> {
    OpenApiRouter::new().routes(routes!(show, fill_in)).routes(routes!(skip))
}

/// How far an organization is.
#[derive(Debug, Serialize, ToSchema)]
pub struct Onboarding {
    /// Whether the company form was filled in or skipped.
    pub onboarded: bool,
    /// The first step that is not done: company, upload, map, analyze or ask.
    pub next: Option<&'static str>,
    /// All steps in their order.
    pub steps: Vec<OnboardingStep>,
}

/// A step, as the facts say.
#[derive(Debug, Serialize, ToSchema)]
pub struct OnboardingStep {
    /// company, upload, map, analyze or ask.
    pub name: &'static str,
    /// Whether it is done.
    pub done: bool,
}

/// The company form.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CompanyForm {
    /// The company.
    pub name: String,
    /// How many people.
    pub size: String,
    /// What it makes.
    #[serde(default)]
    pub industry: String,
    /// A band of revenue.
    #[serde(default)]
    pub revenue: String,
    /// Whom to talk to.
    #[serde(default)]
    pub contact: String,
    /// Where to call.
    #[serde(default)]
    pub phone: String,
    /// Where it is.
    #[serde(default)]
    pub address: String,
}

/// How far the organization is.
#[utoipa::path(get, path = "/onboarding", operation_id = "get_onboarding", tag = "organization",
    responses((status = 200, body = Onboarding), Refusals))]
async fn show(State(state): State<ServerState>, Who(caller): Who) -> Result<Json<Onboarding>, Problem> {
    let status = onboarding::status(&state.desk, &caller).await?;
    Ok(Json(Onboarding {
        onboarded: status.onboarded,
        next: status.next().map(|step| step.name),
        steps: status.steps.iter().map(|step| OnboardingStep { name: step.name, done: step.done }).collect(),
    }))
}

/// Fills the company form in.
#[utoipa::path(put, path = "/onboarding", operation_id = "fill_in_company", tag = "organization",
    request_body = CompanyForm, responses((status = 204), Refusals))]
async fn fill_in(
    State(state): State<ServerState>,
    Who(caller): Who,
    Json(form): Json<CompanyForm>,
) -> Result<StatusCode, Problem> {
    let answers = [
        ("size", form.size),
        ("industry", form.industry),
        ("revenue", form.revenue),
        ("contact", form.contact),
        ("phone", form.phone),
        ("address", form.address),
    ]
    .map(|(name, value)| (name.to_owned(), value));
    onboarding::fill_in(&state.desk, &caller, &form.name, &answers).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Leaves the company form for later.
#[utoipa::path(post, path = "/onboarding/skip", operation_id = "skip_company", tag = "organization",
    responses((status = 204), Refusals))]
async fn skip(State(state): State<ServerState>, Who(caller): Who) -> Result<StatusCode, Problem> {
    onboarding::skip(&state.desk, &caller).await?;
    Ok(StatusCode::NO_CONTENT)
}
