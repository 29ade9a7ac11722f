//! Two runs side by side.

use app::{
    analyses::{self, Change, Comparison, over_time::Fates},
    view,
};
use axum::extract::State;
use domain::{Finding, id::AnalysisId};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use uuid::Uuid;

use super::over_time::{FateView, FigureView};
use crate::{
    Problem, ServerState,
    api::Refusals,
    boxed::routes,
    extract::{Json, Path, Query},
    who::Who,
};

pub(super) fn routes() -> OpenApiRouter<ServerState> {
    OpenApiRouter::new().routes(routes!(comparison))
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct With {
    /// The later run.
    with: Uuid,
}

/// What differs from one run to another.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Comparison)]
pub(crate) struct ComparisonView {
    /// Whether amounts can be laid side by side at all.
    pub(crate) same_currency: bool,
    pub(crate) totals: Vec<ChangeView>,
    /// Key figures of the whole plant that both have.
    pub(crate) kpis: Vec<ChangeView>,
    /// Findings of both, before and after.
    pub(crate) kept: Vec<FindingChangeView>,
    /// Only in the later one.
    #[schema(value_type = Vec<Object>)]
    pub(crate) appeared: Vec<Value>,
    /// Only in the earlier one.
    #[schema(value_type = Vec<Object>)]
    pub(crate) disappeared: Vec<Value>,
    /// What became of each claim, by its own uncertainty.
    pub(crate) fates: Vec<FateView>,
    /// Key figures of the plant and its parts, and whether they moved by more than noise.
    pub(crate) figures: Vec<FigureView>,
}

/// One figure, before and after.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FigureChange)]
pub(crate) struct ChangeView {
    pub(crate) name: String,
    pub(crate) before: f64,
    pub(crate) after: f64,
}

/// One finding, before and after.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FindingChange)]
pub(crate) struct FindingChangeView {
    #[schema(value_type = Object)]
    pub(crate) before: Value,
    #[schema(value_type = Object)]
    pub(crate) after: Value,
}

impl ComparisonView {
    fn of(comparison: Comparison, fates: &Fates) -> Self {
        let changes = |changes: Vec<Change>| {
            let shape =
                |change: Change| ChangeView { name: change.name, before: change.before, after: change.after };
            changes.into_iter().map(shape).collect()
        };
        let findings =
            |findings: &[Finding]| findings.iter().map(view::analysis::finding).collect::<Vec<Value>>();
        Self {
            same_currency: comparison.same_currency,
            totals: changes(comparison.totals),
            kpis: changes(comparison.kpis),
            kept: comparison
                .kept
                .iter()
                .map(|change| FindingChangeView {
                    before: view::analysis::finding(&change.before),
                    after: view::analysis::finding(&change.after),
                })
                .collect(),
            appeared: findings(&comparison.appeared),
            disappeared: findings(&comparison.disappeared),
            fates: fates.findings.iter().map(FateView::from).collect(),
            figures: fates.kpis.iter().map(FigureView::from).collect(),
        }
    }
}

/// What differs from this run to a later one
#[utoipa::path(get, path = "/analyses/{id}/comparison", operation_id = "compare_analyses", tag = "analyses",
    params(("id" = Uuid, Path), With),
    responses((status = 200, description = "totals, key figures, findings", body = ComparisonView), Refusals))]
async fn comparison(
    State(state): State<ServerState>,
    Who(caller): Who,
    Path(id): Path<Uuid>,
    Query(with): Query<With>,
) -> Result<Json<ComparisonView>, Problem> {
    let (before, after) = (AnalysisId(id), AnalysisId(with.with));
    let comparison = analyses::compare_runs(state.backing(), &caller, before, after).await?;
    let fates = analyses::over_time::fates(state.backing(), &caller, before, after).await?;
    Ok(Json(ComparisonView::of(comparison, &fates)))
}
