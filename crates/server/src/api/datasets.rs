//! Imports: files of a plant, read and understood.

mod mapping;
mod preparation;
mod problems;

pub(super) use preparation::ScoreView;

use app::{
    datasets::{self, Import, ImportForm, NewImport},
    view,
};
use axum::{Extension, extract::State, http::StatusCode, response::Response};
use domain::id::{DatasetId, FacilityId, FileId};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use store::datasets::{Dataset, DatasetFile, DatasetState};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use uuid::Uuid;

use super::{
    List, Refusals,
    answers::{Created, Paging, Versioned, given, paged},
    looks::Looks,
    watching::{told, watch},
};
use crate::{
    Problem, ServerState,
    boxed::routes,
    etag::IfMatch,
    extract::{Json, Path, Query},
    problem::Kind,
    who::Who,
};

pub(super) fn routes() -> OpenApiRouter<ServerState> {
    OpenApiRouter::new()
        .routes(routes!(index, create))
        .routes(routes!(show, update, delete))
        .routes(routes!(events))
        .routes(routes!(reading))
        .routes(routes!(rows))
        .merge(mapping::routes())
        .merge(preparation::routes())
        .merge(problems::routes())
}

/// A dataset.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Dataset)]
pub struct DatasetView {
    pub id: Uuid,
    pub name: String,
    #[schema(required)]
    pub facility_id: Option<Uuid>,
    /// How far reading is: `queued`, `running`, `completed`, `failed` or `cancelled`.
    pub state: &'static str,
    /// Where the dataset stands: `queued`, `reading`, `mapping` (read, its columns wait for confirmation), `ready` or `failed`.
    pub stage: &'static str,
    /// Why it failed, and what to do.
    #[schema(required)]
    pub reason: Option<String>,
    pub rows: i64,
    pub columns: i64,
    pub source_system: String,
    /// What a row of its largest table is.
    pub granularity: String,
    #[schema(required)]
    pub replaces_id: Option<Uuid>,
    pub created_at: String,
    pub updated_at: String,
}

/// Reading as work, in the words of all long work.
fn work(stage: DatasetState) -> &'static str {
    match stage {
        DatasetState::Queued => "queued",
        DatasetState::Reading => "running",
        DatasetState::Mapping | DatasetState::Ready => "completed",
        DatasetState::Failed => "failed",
        DatasetState::Deleted => "cancelled",
    }
}

impl From<Dataset> for DatasetView {
    fn from(dataset: Dataset) -> Self {
        Self {
            id: dataset.id.0,
            name: dataset.name,
            facility_id: dataset.facility_id.map(|id| id.0),
            state: work(dataset.state),
            stage: dataset.state.name(),
            reason: dataset.reason,
            rows: dataset.rows,
            columns: dataset.columns,
            source_system: dataset.source_system,
            granularity: dataset.granularity,
            replaces_id: dataset.replaces_id.map(|id| id.0),
            created_at: dataset.created_at.to_string(),
            updated_at: dataset.updated_at.to_string(),
        }
    }
}

/// A dataset with its files.
#[derive(Debug, Serialize, ToSchema)]
pub struct DatasetDetail {
    #[serde(flatten)]
    pub dataset: DatasetView,
    pub files: Vec<MemberView>,
    /// What is being done, and how far it is from 0 to 1; null when nothing is.
    #[schema(value_type = Option<ProgressView>, required)]
    pub progress: Value,
}

/// How far work is.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Progress)]
pub struct ProgressView {
    pub message: String,
    pub share: f64,
}

/// A file of a dataset.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DatasetFile)]
pub struct MemberView {
    pub file_id: Uuid,
    pub name: String,
    pub rows: i64,
    pub columns: i64,
    /// `none`, `proposed` or `confirmed`.
    pub mapping_state: &'static str,
}

impl From<DatasetFile> for MemberView {
    fn from(file: DatasetFile) -> Self {
        Self {
            file_id: file.file_id.0,
            name: file.file_name,
            rows: file.rows,
            columns: file.columns,
            mapping_state: file.mapping_state.name(),
        }
    }
}

impl From<Import> for DatasetDetail {
    fn from(import: Import) -> Self {
        Self {
            dataset: import.dataset.into(),
            files: import.files.into_iter().map(MemberView::from).collect(),
            progress: progress(&import.progress),
        }
    }
}

/// Progress as it is shown: nothing until there is something to say.
pub(super) fn progress(value: &Value) -> Value {
    match (value["message"].as_str(), value["share"].as_f64()) {
        (Some(message), Some(share)) => json!({"message": message, "share": share}),
        _ => Value::Null,
    }
}

/// A new dataset.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewDataset {
    /// Named for its first file where none is given.
    #[schema(max_length = 255)]
    name: Option<String>,
    facility_id: Option<Uuid>,
    /// The dataset whose place it takes.
    replaces_id: Option<Uuid>,
    /// Files of one plant, in the order in which they are to be read.
    #[schema(min_items = 1, max_items = 50)]
    files: Vec<Uuid>,
    /// Where every file follows a saved mapping to the letter, it is confirmed and analyzed with nobody present.
    #[serde(default)]
    analyze_known: bool,
}

/// What changes of a dataset; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DatasetChange {
    #[schema(min_length = 1, max_length = 255)]
    name: Option<String>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<Uuid>)]
    facility_id: Option<Option<Uuid>>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct OfFacility {
    /// Of this plant only.
    facility_id: Option<Uuid>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct WhichRows {
    /// Which table, in the order of the dataset.
    #[param(minimum = 0)]
    table: Option<usize>,
    /// Rows to pass over.
    #[param(minimum = 0)]
    offset: Option<usize>,
    /// How many rows, at most 1000.
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<usize>,
}

/// The datasets of the organisation
#[utoipa::path(get, path = "/datasets", operation_id = "list_datasets", tag = "datasets", params(Paging, OfFacility),
    responses((status = 200, description = "newest first", body = List<DatasetView>), Refusals))]
async fn index(
    State(state): State<ServerState>,
    Who(caller): Who,
    Query(paging): Query<Paging>,
    Query(of): Query<OfFacility>,
) -> Result<Json<List<DatasetView>>, Problem> {
    let facility = of.facility_id.map(FacilityId);
    let listing = datasets::list(state.backing(), &caller, facility, paging.page()?).await?;
    Ok(paged(listing, DatasetView::from))
}

/// Imports files: they are read in the background
#[utoipa::path(post, path = "/datasets", operation_id = "create_dataset", tag = "datasets", request_body = NewDataset,
    responses((status = 201, description = "waiting to be read", body = DatasetDetail), Refusals))]
async fn create(
    State(state): State<ServerState>,
    Who(caller): Who,
    Json(new): Json<NewDataset>,
) -> Result<Created<DatasetDetail>, Problem> {
    let new = NewImport {
        name: new.name,
        facility: new.facility_id.map(FacilityId),
        replaces: new.replaces_id.map(DatasetId),
        files: new.files.into_iter().map(FileId).collect(),
        analyze_known: new.analyze_known,
    };
    let import = datasets::create(state.backing(), &caller, &new).await?;
    let version = import.dataset.version;
    Ok(Created { at: format!("/datasets/{}", import.dataset.id), version, thing: import.into() })
}

/// One dataset
#[utoipa::path(get, path = "/datasets/{id}", operation_id = "get_dataset", tag = "datasets",
    params(("id" = Uuid, Path)),
    responses((status = 200, description = "as it is now", body = DatasetDetail), Refusals))]
async fn show(
    State(state): State<ServerState>,
    Who(caller): Who,
    Path(id): Path<Uuid>,
) -> Result<Versioned<DatasetDetail>, Problem> {
    let import = datasets::get(state.backing(), &caller, DatasetId(id)).await?;
    Ok(Versioned(import.dataset.version, import.into()))
}

/// How far reading is, as server-sent events
///
/// Each event `progress` carries `state`, `reason` and `progress`; the stream ends after the one with which reading has
/// ended.
#[utoipa::path(get, path = "/datasets/{id}/events", operation_id = "watch_dataset", tag = "datasets",
    params(("id" = Uuid, Path)),
    responses((status = 200, description = "a stream of events", body = String, content_type = "text/event-stream"), Refusals))]
async fn events(
    State(state): State<ServerState>,
    Extension(looks): Extension<Looks>,
    Who(caller): Who,
    Path(id): Path<Uuid>,
) -> Result<Response, Problem> {
    datasets::get(state.backing(), &caller, DatasetId(id)).await?;
    watch(&looks, caller.actor.org, id, move || {
        let (state, caller) = (state.clone(), caller.clone());
        async move {
            let import = datasets::get(state.backing(), &caller, DatasetId(id)).await.ok()?;
            Some(told(work(import.dataset.state), import.dataset.reason.as_deref(), &import.progress))
        }
    })
}

/// Changes name or plant of a dataset
#[utoipa::path(patch, path = "/datasets/{id}", operation_id = "update_dataset", tag = "datasets",
    params(("id" = Uuid, Path), ("if-match" = Option<String>, Header, description = "the `ETag` that the change is about")),
    request_body = DatasetChange,
    responses((status = 200, description = "as it is now", body = DatasetView), Refusals))]
async fn update(
    State(state): State<ServerState>,
    Who(caller): Who,
    Path(id): Path<Uuid>,
    IfMatch(version): IfMatch,
    Json(change): Json<DatasetChange>,
) -> Result<Versioned<DatasetView>, Problem> {
    let form = ImportForm {
        name: change.name,
        facility: change.facility_id.map(|facility| facility.map(FacilityId)),
    };
    let dataset = datasets::update(state.backing(), &caller, DatasetId(id), version, &form).await?;
    Ok(Versioned(dataset.version, dataset.into()))
}

/// Removes a dataset; analyses of it keep what they found
#[utoipa::path(delete, path = "/datasets/{id}", operation_id = "delete_dataset", tag = "datasets",
    params(("id" = Uuid, Path)),
    responses((status = 204, description = "gone"), Refusals))]
async fn delete(
    State(state): State<ServerState>,
    Who(caller): Who,
    Path(id): Path<Uuid>,
) -> Result<StatusCode, Problem> {
    datasets::delete(state.backing(), &caller, DatasetId(id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// How the files of a dataset were read
///
/// One document for each table, as `plantintel read --json` gives it.
#[utoipa::path(get, path = "/datasets/{id}/reading", operation_id = "get_dataset_reading", tag = "datasets",
    params(("id" = Uuid, Path), Paging),
    responses((status = 200, description = "table by table", body = List<Object>), Refusals))]
async fn reading(
    State(state): State<ServerState>,
    Who(caller): Who,
    Path(id): Path<Uuid>,
    Query(paging): Query<Paging>,
) -> Result<Json<List<Value>>, Problem> {
    let readings = datasets::readings(state.backing(), &caller, DatasetId(id)).await?;
    paging.cut(readings.iter().map(|reading| view::table::table(reading)), ToString::to_string)
}

/// Rows of a table, as understood.
#[derive(Debug, Serialize, ToSchema)]
pub struct RowsView {
    /// Rows of the whole table.
    pub total: u64,
    pub headers: Vec<String>,
    pub rows: Vec<RowView>,
}

/// One row.
#[derive(Debug, Serialize, ToSchema)]
pub struct RowView {
    /// Its line or row in the file.
    pub row: u64,
    /// Numbers as numbers, moments in ISO 8601, durations in hours, what is empty or unreadable as null.
    #[schema(value_type = Vec<Value>)]
    pub cells: Vec<Value>,
}

/// Rows of a table of a dataset
#[utoipa::path(get, path = "/datasets/{id}/rows", operation_id = "list_dataset_rows", tag = "datasets",
    params(("id" = Uuid, Path), WhichRows),
    responses((status = 200, description = "in the order of the file", body = RowsView), Refusals))]
async fn rows(
    State(state): State<ServerState>,
    Who(caller): Who,
    Path(id): Path<Uuid>,
    Query(which): Query<WhichRows>,
) -> Result<Json<RowsView>, Problem> {
    let limit = which.limit.unwrap_or(50);
    if !(1..=1_000).contains(&limit) {
        return Err(Problem::new(Kind::Invalid, "limit is a number from 1 to 1000"));
    }
    let (table, offset) = (which.table.unwrap_or(0), which.offset.unwrap_or(0));
    let found = datasets::rows(state.backing(), &caller, DatasetId(id), table, offset, limit).await?;
    let columns = &found.reading.profile.columns;
    let shown = |cells: &[domain::Cell]| {
        cells.iter().zip(columns).map(|(cell, column)| view::table::value(cell, column.kind)).collect()
    };
    Ok(Json(RowsView {
        total: found.reading.profile.rows,
        headers: columns.iter().map(|column| column.header.clone()).collect(),
        rows: found.rows.iter().map(|(row, cells)| RowView { row: *row, cells: shown(cells) }).collect(),
    }))
}
