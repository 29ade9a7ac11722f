//! `/usage`: what was used this month, against the plan.

use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;

use super::Refusals;
use crate::boxed::routes;
use crate::{Problem, ServerState, extract::Json, who::Who};

pub(super) fn routes() -> OpenApiRouter<ServerState> {
    OpenApiRouter::new().routes(routes!(show))
}

/// This month's use.
#[derive(Debug, Serialize, ToSchema)]
pub struct Usage {
    /// The plan.
    pub plan: String,
    /// The first day of the month, in UTC.
    #[schema(format = Date)]
    pub period_start: String,
    /// When counting starts anew.
    #[schema(format = DateTime)]
    pub resets_at: String,
    /// Against the plan's limits.
    pub allowances: Vec<Allowance>,
    /// All that was recorded.
    pub totals: Vec<UsageTotal>,
}

/// One thing that a plan limits.
#[derive(Debug, Serialize, ToSchema)]
pub struct Allowance {
    /// uploads, rows, analyses, `chat_messages`, `ai_tokens` or `mapping_profiles`.
    pub meter: &'static str,
    /// How much was used.
    pub used: i64,
    /// How much there is; null is no limit.
    pub limit: Option<i64>,
    /// free, near (four fifths are used) or reached.
    pub standing: &'static str,
}

/// What was used of one type.
#[derive(Debug, Serialize, ToSchema)]
pub struct UsageTotal {
    /// Of what.
    #[serde(rename = "type")]
    pub type_: &'static str,
    /// How often.
    pub events: i64,
    /// How much.
    pub quantity: i64,
}

/// This month's use of the organization.
#[utoipa::path(get, path = "/usage", operation_id = "get_usage", tag = "usage", responses((status = 200, body = Usage), Refusals))]
async fn show(State(state): State<ServerState>, Who(caller): Who) -> Result<Json<Usage>, Problem> {
    let usage = app::usage::get(state.backing(), &caller).await?;
    let allowances = usage
        .allowances
        .iter()
        .map(|one| Allowance {
            meter: one.meter.name(),
            used: one.used,
            limit: one.limit,
            standing: one.standing().name(),
        })
        .collect();
    let totals = usage
        .totals
        .iter()
        .map(|one| UsageTotal { type_: one.type_.name(), events: one.events, quantity: one.quantity })
        .collect();
    Ok(Json(Usage {
        plan: usage.plan,
        period_start: usage.period_start.to_string(),
        resets_at: usage.resets_at.to_string(),
        allowances,
        totals,
    }))
}
