//! The rows of a dataset that something is wrong with, as a workbook; and the workbook given back with its cells corrected.

use app::datasets::problems::{
    self, Form,
    given_back::{self, GivenBack},
};
use axum::{
    extract::{DefaultBodyLimit, State},
    response::Response,
};
use domain::id::DatasetId;
use report::Tongue;
use serde::Serialize;
use store::reports::Format;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use uuid::Uuid;

use crate::{
    Problem, ServerState,
    api::{Refusals, answers::Versioned, files::FileBytes},
    boxed::routes,
    etag::IfMatch,
    extract::{Path, Whole},
    who::Who,
};

pub(super) fn routes() -> OpenApiRouter<ServerState> {
    OpenApiRouter::new()
        .routes(routes!(download, give_back))
        .layer(DefaultBodyLimit::max(given_back::BYTES_MAX))
}

/// What came of a workbook that was given back.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Corrections)]
pub(crate) struct GivenBackView {
    /// Cells that were corrected; none where nothing was changed.
    cells: u64,
    /// Rows that they are in.
    rows: u64,
    /// What was left aside, in a sentence each: other sheets, columns that were added, rows that are no rows of the table.
    told: Vec<String>,
}

/// The rows of a dataset that something is wrong with, as an Excel workbook
///
/// A sheet for each table; in each line the row of the file, the reasons, and the cells as they were read.
#[utoipa::path(get, path = "/datasets/{id}/problems", operation_id = "get_dataset_problems", tag = "datasets",
    params(("id" = Uuid, Path)),
    responses((status = 200, description = "XLSX", body = FileBytes,
        content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"), Refusals))]
async fn download(
    State(state): State<ServerState>,
    Who(caller): Who,
    Path(id): Path<Uuid>,
) -> Result<Response, Problem> {
    let bytes = problems::file(state.backing(), &caller, DatasetId(id), Form::Xlsx, Tongue::English).await?;
    Ok(crate::web::download(bytes, Format::Xlsx, "problems.xlsx"))
}

/// Gives the workbook of rows with problems back, its cells corrected
///
/// The body is the workbook itself (XLSX, up to 32 MB). Cells that differ from what was read are corrected in the preparation of their
/// table, each of which opens the mapping again; the uploaded file is never changed, and the preparation without them takes them back.
/// A cell that is no value of its column refuses the workbook as a whole.
#[utoipa::path(post, path = "/datasets/{id}/problems", operation_id = "correct_dataset_problems", tag = "datasets",
    params(("id" = Uuid, Path), ("if-match" = Option<String>, Header, description = "the `ETag` that it is about")),
    request_body(content = FileBytes,
        content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    responses((status = 200, description = "what was corrected, and what was left aside", body = GivenBackView), Refusals))]
async fn give_back(
    State(state): State<ServerState>,
    Who(caller): Who,
    Path(id): Path<Uuid>,
    IfMatch(version): IfMatch,
    Whole(bytes): Whole,
) -> Result<Versioned<GivenBackView>, Problem> {
    let taken = given_back::take(state.backing(), &caller, DatasetId(id), version, bytes).await?;
    let GivenBack { cells, rows, told, version } = taken;
    Ok(Versioned(version, GivenBackView { cells, rows, told }))
}
