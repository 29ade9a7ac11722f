//! A finding over time: which analyses made it, and its figure week by week.

use app::findings::{self, own_id};
use axum::extract::State;
use domain::id::FindingId;
use serde::Serialize;
use store::findings::Sighting;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use uuid::Uuid;

use crate::{
    Problem, ServerState,
    api::{
        Refusals,
        analyses::over_time::{FateView, SeriesView},
        answers::number,
    },
    boxed::routes,
    extract::{Json, Path},
    who::Who,
};

pub(super) fn routes() -> OpenApiRouter<ServerState> {
    OpenApiRouter::new().routes(routes!(show))
}

/// A finding over time.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FindingOverTime)]
pub(crate) struct FindingOverTime {
    /// The analyses that made it, newest first.
    seen: Vec<SightingView>,
    /// What became of it since the analysis before; null where there is none.
    #[schema(required)]
    fate: Option<FateView>,
    /// The figure that it is about over all uploads; null where none is followed.
    #[schema(required)]
    weekly: Option<SeriesView>,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Sighting)]
pub(crate) struct SightingView {
    analysis_id: Uuid,
    analysis_name: String,
    finished_at: String,
    #[schema(required)]
    currency: Option<String>,
    #[schema(required)]
    impact: Option<f64>,
    #[schema(required)]
    annualized: Option<f64>,
    #[schema(required)]
    effect: Option<f64>,
    evidence_grade: String,
}

impl From<Sighting> for SightingView {
    fn from(seen: Sighting) -> Self {
        Self {
            analysis_id: seen.analysis_id.0,
            analysis_name: seen.analysis_name,
            finished_at: seen.finished_at.to_string(),
            currency: seen.currency,
            impact: number(seen.impact),
            annualized: number(seen.annualized),
            effect: seen.effect,
            evidence_grade: seen.grade,
        }
    }
}

/// A finding over time
#[utoipa::path(get, path = "/findings/{id}/over-time", operation_id = "get_finding_over_time", tag = "findings",
    params(("id" = Uuid, Path)),
    responses((status = 200, description = "the analyses that made it, and its figure week by week", body = FindingOverTime), Refusals))]
async fn show(
    State(state): State<ServerState>,
    Who(caller): Who,
    Path(id): Path<Uuid>,
) -> Result<Json<FindingOverTime>, Problem> {
    let id = FindingId(id);
    let standing = findings::get(state.backing(), &caller, id).await?;
    let (seen, over_time) = findings::over_time(state.backing(), &caller, id).await?;
    let own = own_id(&standing.finding.key);
    Ok(Json(FindingOverTime {
        seen: seen.into_iter().map(SightingView::from).collect(),
        fate: over_time.fate(own).map(FateView::from),
        weekly: over_time.figure(own).map(SeriesView::from),
    }))
}
