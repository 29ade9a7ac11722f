//! A report of an analysis, put together by who asks for it.

use app::reports::{
    build::{self, Choice},
    packs::{self, Ready},
};
use axum::{extract::State, response::Response};
use domain::id::AnalysisId;
use report::Tongue;
use serde::Deserialize;
use store::reports::Format;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use uuid::Uuid;

use crate::{
    Problem, ServerState,
    api::{Refusals, reports::pack_named, words},
    boxed::routes,
    extract::{Path, Query, at_most},
    web,
    who::Who,
};

pub(super) fn routes() -> OpenApiRouter<ServerState> {
    OpenApiRouter::new().routes(routes!(show))
}

/// What goes into it; everything, unless something is said.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Wanted {
    /// `cost_review`, `weekly_losses`, `supplier_claims` or `lateness`; `cost_review` where none is given. What follows on areas,
    /// grade, number, pictures and answers is for the cost review.
    #[param(value_type = Option<words::ReportPackName>, inline)]
    pack: Option<String>,
    /// Of the claims, those of one supplier, on pages that can be sent to it; left out, all of them.
    #[param(max_length = 200)]
    supplier: Option<String>,
    /// `pdf`, `xlsx`, and for the cost review `html` or `csv`; `pdf` where none is given.
    #[param(value_type = Option<words::ReportFormatName>, inline)]
    format: Option<String>,
    /// Of `cost`, `operations`, `equipment`, `quality`, `efficiency`, parted by commas.
    #[param(max_length = 100)]
    areas: Option<String>,
    /// `strong`, or `likely` and better; left out, hints too.
    #[param(value_type = Option<words::SurenessName>, inline)]
    grade: Option<String>,
    /// Findings at most, the largest yearly amounts first.
    #[param(minimum = 1)]
    most: Option<usize>,
    /// Pictures of the whole plant; left out, they are there.
    charts: Option<bool>,
    /// Answers of the assistant that were put into the report; left out, they are there.
    answers: Option<bool>,
    /// `en`, `de` or `es`; `en` where none is given.
    #[param(value_type = Option<words::LanguageName>, inline)]
    language: Option<String>,
}

/// A report of an analysis: one of the ready-made packs, in a format and a language; of the cost review what is chosen of it
#[utoipa::path(get, path = "/analyses/{id}/report", operation_id = "get_analysis_report", tag = "reports",
    params(("id" = Uuid, Path), Wanted),
    responses((status = 200, description = "The report, as its format says.", content((Vec<u8> = "application/pdf"), (Vec<u8> = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"), (String = "text/html; charset=utf-8"), (String = "text/csv; charset=utf-8"))), Refusals))]
async fn show(
    State(state): State<ServerState>,
    Who(caller): Who,
    Path(id): Path<Uuid>,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Problem> {
    at_most("areas", wanted.areas.as_ref(), 100)?;
    let format = Format::parse(wanted.format.as_deref().unwrap_or("pdf"))
        .ok_or_else(|| app::Error::invalid("format", "use pdf, xlsx, html or csv"))?;
    let tongue = Tongue::named(wanted.language.as_deref().unwrap_or("en"))
        .ok_or_else(|| app::Error::invalid("language", "give en, de or es"))?;
    let pack = pack_named(wanted.pack.as_deref())?;
    let supplier = wanted.supplier.filter(|name| !name.is_empty());
    packs::check(pack, format, supplier.as_deref())?;
    if let Some(ready) = Ready::parse(pack) {
        let what = (ready, format);
        let (bytes, name) =
            packs::make(state.backing(), &caller, AnalysisId(id), what, supplier, tongue).await?;
        return Ok(web::download(bytes, format, &name));
    }
    let areas = wanted.areas.as_deref().unwrap_or_default().split(',').map(str::trim);
    let choice = Choice {
        areas: areas.filter(|area| !area.is_empty()).map(str::to_owned).collect(),
        grade: wanted.grade,
        most: wanted.most,
        no_charts: wanted.charts == Some(false),
        no_answers: wanted.answers == Some(false),
    };
    let (bytes, name) =
        build::make(state.backing(), &caller, AnalysisId(id), format, &choice, tongue).await?;
    Ok(web::download(bytes, format, &name))
}
