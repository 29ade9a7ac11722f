//! What an analysis says in the light of earlier ones.

use std::collections::BTreeMap;

use app::analyses::over_time::{self, Against, Fated, KpiDifference, Lasting, OverTime, Series};
use axum::extract::State;
use domain::{
    analysis::{EntityRef, Period},
    id::AnalysisId,
};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use uuid::Uuid;

use crate::{
    Problem, ServerState,
    api::Refusals,
    boxed::routes,
    extract::{Json, Path},
    who::Who,
};

pub(super) fn routes() -> OpenApiRouter<ServerState> {
    OpenApiRouter::new().routes(routes!(show))
}

/// An analysis in the light of earlier ones.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OverTime)]
pub(crate) struct OverTimeView {
    /// The analyses of the same plant whose weeks are joined with its own, newest first.
    earlier: Vec<EarlierView>,
    /// From the first to the last week of all of them.
    #[schema(required)]
    span: Option<PeriodView>,
    /// What is held against its baseline.
    #[schema(required)]
    tested: Option<PeriodView>,
    tested_reason: String,
    /// Key figures of the plant and its parts in the tested period, against the weeks before it.
    baselines: Vec<BaselineView>,
    /// What moved and stayed, the surest first.
    changes: Vec<LastingView>,
    /// Series that were looked at for such changes.
    change_tests: usize,
    /// What was and was not taken out, and what was too short.
    notes: Vec<String>,
    /// What became of findings since the analysis before; null where there is none.
    #[schema(required)]
    findings: Option<Vec<FateView>>,
    /// How key figures moved since then.
    figures: Vec<FigureView>,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = EarlierAnalysis)]
pub(crate) struct EarlierView {
    id: Uuid,
    name: String,
    finished_at: String,
}

/// Days of the plant, both included.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Period)]
pub(crate) struct PeriodView {
    start: String,
    end: String,
}

impl From<Period> for PeriodView {
    fn from(period: Period) -> Self {
        Self { start: period.start, end: period.end }
    }
}

/// A key figure against its baseline.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Baseline)]
pub(crate) struct BaselineView {
    kpi: String,
    /// What it is about, by field; empty for the whole plant.
    scope: BTreeMap<String, String>,
    baseline: f64,
    /// The baseline with the yearly improvement of the settings.
    expected: f64,
    value: f64,
    /// How many times the baseline the value is; null where the baseline is nought.
    #[schema(required)]
    multiple: Option<f64>,
    difference: f64,
    low: f64,
    high: f64,
    worse: bool,
    p: f64,
    q: f64,
    /// Whether it is more than noise, over all figures that were compared.
    beyond_noise: bool,
    baseline_weeks: usize,
    weeks: usize,
}

impl From<Against> for BaselineView {
    fn from(one: Against) -> Self {
        Self {
            multiple: (one.baseline.abs() > 0.0).then(|| one.value / one.baseline),
            kpi: one.kpi,
            scope: scope(&one.scope),
            baseline: one.baseline,
            expected: one.expected,
            value: one.value,
            difference: one.difference,
            low: one.low,
            high: one.high,
            worse: one.worse,
            p: one.p,
            q: one.q,
            beyond_noise: one.beyond_noise,
            baseline_weeks: one.baseline_weeks,
            weeks: one.weeks,
        }
    }
}

/// A key figure that moved and stayed there.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = LastingChange)]
pub(crate) struct LastingView {
    kpi: String,
    scope: BTreeMap<String, String>,
    /// First day, with its 95 % interval.
    start: String,
    start_low: String,
    start_high: String,
    /// Whether it grows week by week rather than having stepped.
    growing: bool,
    before: f64,
    now: f64,
    worse: bool,
    p: f64,
    q: f64,
    weeks: usize,
}

impl From<Lasting> for LastingView {
    fn from(change: Lasting) -> Self {
        Self {
            kpi: change.kpi,
            scope: scope(&change.scope),
            start: change.start,
            start_low: change.start_low,
            start_high: change.start_high,
            growing: change.growing,
            before: change.before,
            now: change.now,
            worse: change.worse,
            p: change.p,
            q: change.q,
            weeks: change.weeks,
        }
    }
}

/// What became of a finding.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Fate)]
pub(crate) struct FateView {
    /// The finding's id in its analysis.
    finding: String,
    /// `new`, `gone`, `grown`, `shrunk`, `steady` or `not_measured`.
    fate: &'static str,
    #[schema(required)]
    yearly_before: Option<f64>,
    #[schema(required)]
    yearly_after: Option<f64>,
    #[schema(required)]
    effect_before: Option<f64>,
    #[schema(required)]
    effect_after: Option<f64>,
    /// That grown or shrunk is chance.
    p: f64,
}

impl From<&Fated> for FateView {
    fn from(fated: &Fated) -> Self {
        Self {
            finding: fated.finding.clone(),
            fate: fated.fate.as_str(),
            yearly_before: fated.yearly.0,
            yearly_after: fated.yearly.1,
            effect_before: fated.effect.0,
            effect_after: fated.effect.1,
            p: fated.p,
        }
    }
}

/// A key figure in two analyses.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FigureMove)]
pub(crate) struct FigureView {
    kpi: &'static str,
    scope: BTreeMap<String, String>,
    unit: &'static str,
    before: f64,
    after: f64,
    difference: f64,
    /// Null where there are too few weeks to say.
    #[schema(required)]
    beyond_noise: Option<bool>,
}

impl From<&KpiDifference> for FigureView {
    fn from(one: &KpiDifference) -> Self {
        Self {
            kpi: one.kpi,
            scope: scope(&one.scope),
            unit: one.unit,
            before: one.before,
            after: one.after,
            difference: one.difference,
            beyond_noise: one.beyond_noise,
        }
    }
}

/// A key figure week by week.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = WeeklyFigure)]
pub(crate) struct SeriesView {
    kpi: String,
    scope: BTreeMap<String, String>,
    weeks: Vec<WeekView>,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Week)]
pub(crate) struct WeekView {
    /// Its Monday.
    start: String,
    value: f64,
    /// Orders, lines or operations behind it.
    n: u32,
}

impl From<&Series> for SeriesView {
    fn from(series: &Series) -> Self {
        let weeks = series.weeks.iter().filter(|week| week.under > 0.0).map(|week| WeekView {
            start: day(week.monday),
            value: week.over / week.under,
            n: week.units,
        });
        Self { kpi: series.kpi.clone(), scope: scope(&series.scope), weeks: weeks.collect() }
    }
}

/// A day counted from 1970-01-01, as an ISO date.
fn day(day: i32) -> String {
    jiff::Span::new()
        .try_days(day)
        .and_then(|span| jiff::civil::date(1970, 1, 1).checked_add(span))
        .map_or_else(|_| String::new(), |day| day.to_string())
}

fn scope(entities: &[EntityRef]) -> BTreeMap<String, String> {
    entities.iter().map(|entity| (entity.field.to_string(), entity.value.clone())).collect()
}

impl From<OverTime> for OverTimeView {
    fn from(over_time: OverTime) -> Self {
        let fates = over_time.fates.as_ref();
        Self {
            earlier: over_time
                .earlier
                .iter()
                .map(|run| EarlierView {
                    id: run.id.0,
                    name: run.name.clone(),
                    finished_at: run.finished_at.to_string(),
                })
                .collect(),
            findings: fates.map(|fates| fates.findings.iter().map(FateView::from).collect()),
            figures: fates.map_or_else(Vec::new, |fates| fates.kpis.iter().map(FigureView::from).collect()),
            span: over_time.span.map(PeriodView::from),
            tested: over_time.tested.map(PeriodView::from),
            tested_reason: over_time.tested_reason,
            baselines: over_time.against.into_iter().map(BaselineView::from).collect(),
            changes: over_time.changes.changes.into_iter().map(LastingView::from).collect(),
            change_tests: over_time.changes.tests,
            notes: over_time.changes.notes,
        }
    }
}

/// An analysis in the light of earlier ones of its plant
#[utoipa::path(get, path = "/analyses/{id}/over-time", operation_id = "get_analysis_over_time", tag = "analyses",
    params(("id" = Uuid, Path)),
    responses((status = 200, description = "baselines, lasting changes, what became of findings", body = OverTimeView), Refusals))]
async fn show(
    State(state): State<ServerState>,
    Who(caller): Who,
    Path(id): Path<Uuid>,
) -> Result<Json<OverTimeView>, Problem> {
    Ok(Json(over_time::over_time(state.backing(), &caller, AnalysisId(id)).await?.into()))
}
