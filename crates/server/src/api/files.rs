//! Files: sent in one request, or in pieces that survive broken connections.

mod body;

use app::files::{self, Progress, Repeat, Stored};
use axum::{
    body::Body,
    extract::{DefaultBodyLimit, Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::id::FileId;
use serde::{Deserialize, Serialize};
use store::files::File;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use uuid::Uuid;

use super::{
    List, Refusals,
    answers::{Created, Paging, Versioned, paged},
};
use crate::{
    Problem, ServerState,
    boxed::routes,
    extract::{Json, Path, Query, at_most},
    problem::Kind,
    who::Who,
};

pub(super) fn routes() -> OpenApiRouter<ServerState> {
    OpenApiRouter::new()
        .routes(routes!(index, create))
        .routes(routes!(show, delete))
        .routes(routes!(content))
        .routes(routes!(begin))
        .routes(routes!(upload, append, give_up))
        .routes(routes!(complete))
        // The bound on a file is held while it streams; a limit on buffered bodies has nothing to do with it.
        .layer(DefaultBodyLimit::disable())
}

/// A file.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = File)]
pub struct FileView {
    pub id: Uuid,
    /// The name it came with, cleaned.
    pub name: String,
    /// `receiving` or `stored`.
    pub state: &'static str,
    /// Bytes that have come.
    pub bytes: i64,
    /// SHA-256 of the content, once it is whole.
    #[schema(required)]
    pub sha256: Option<String>,
    pub created_at: String,
}

impl From<File> for FileView {
    fn from(file: File) -> Self {
        Self {
            id: file.id.0,
            name: file.name,
            state: file.state.name(),
            bytes: file.received_bytes,
            sha256: file.sha256.map(hex::encode),
            created_at: file.created_at.to_string(),
        }
    }
}

/// A file, and what the organisation has of the same content.
#[derive(Debug, Serialize, ToSchema)]
pub struct StoredFile {
    #[serde(flatten)]
    pub file: FileView,
    /// Earlier files with the same bytes, oldest first.
    pub repeats: Vec<RepeatView>,
}

/// An earlier file with the same bytes.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Repeat)]
pub struct RepeatView {
    pub file_id: Uuid,
    pub name: String,
    pub created_at: String,
    /// Datasets that it is part of.
    pub dataset_ids: Vec<Uuid>,
}

impl From<Repeat> for RepeatView {
    fn from(repeat: Repeat) -> Self {
        Self {
            file_id: repeat.file.id.0,
            name: repeat.file.name,
            created_at: repeat.file.created_at.to_string(),
            dataset_ids: repeat.datasets.into_iter().map(|id| id.0).collect(),
        }
    }
}

impl From<Stored> for StoredFile {
    fn from(stored: Stored) -> Self {
        let repeats = stored.repeats.into_iter().map(RepeatView::from).collect();
        Self { file: stored.file.into(), repeats }
    }
}

/// How far an upload is.
#[derive(Debug, Serialize, ToSchema)]
pub struct Upload {
    pub id: Uuid,
    pub name: String,
    /// Where the next piece begins.
    pub offset: i64,
    /// How many bytes were announced.
    #[schema(required)]
    pub size: Option<i64>,
    /// Why the last piece ended early; what came of it is kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub broken: Option<String>,
}

impl From<File> for Upload {
    fn from(file: File) -> Self {
        Self {
            id: file.id.0,
            name: file.name,
            offset: file.received_bytes,
            size: file.declared_bytes,
            broken: None,
        }
    }
}

impl From<Progress> for Upload {
    fn from(progress: Progress) -> Self {
        Self { broken: progress.broken, ..progress.file.into() }
    }
}

/// The start of an upload in pieces.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewUpload {
    #[schema(min_length = 1, max_length = 1000)]
    name: String,
    /// Bytes of the whole file, where they are known.
    #[schema(minimum = 0)]
    size: Option<i64>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Named {
    /// The file's name, for a body that is the file itself.
    #[param(max_length = 1000)]
    name: Option<String>,
}

/// The bytes of a file.
#[derive(Debug, ToSchema)]
#[schema(value_type = String, format = Binary)]
pub struct FileBytes(#[expect(dead_code, reason = "only described")] Vec<u8>);

/// A form with the file in its field `file`.
#[derive(Debug, ToSchema)]
pub struct FileForm {
    #[schema(value_type = String, format = Binary)]
    #[expect(dead_code, reason = "only described")]
    file: Vec<u8>,
}

/// The files of the organisation
#[utoipa::path(get, path = "/files", operation_id = "list_files", tag = "files", params(Paging),
    responses((status = 200, description = "newest first", body = List<FileView>), Refusals))]
async fn index(
    State(state): State<ServerState>,
    Who(caller): Who,
    Query(paging): Query<Paging>,
) -> Result<Json<List<FileView>>, Problem> {
    let listing = files::list(state.backing(), &caller, paging.page()?).await?;
    Ok(paged(listing, FileView::from))
}

/// Sends a file in one request
///
/// The body is the file itself, with its name in the query; or a form (`multipart/form-data`) with one file. What the
/// content is, its bytes say.
#[utoipa::path(post, path = "/files", operation_id = "create_file", tag = "files", params(Named),
    request_body(content((FileBytes = "application/octet-stream"), (FileForm = "multipart/form-data"))),
    responses((status = 201, description = "on disk", body = StoredFile), Refusals))]
async fn create(
    State(state): State<ServerState>,
    Who(caller): Who,
    Query(named): Query<Named>,
    request: Request,
) -> Result<Created<StoredFile>, Problem> {
    at_most("name", named.name.as_ref(), 1000)?;
    let stored = if body::is_form(request.headers()) {
        let (name, body) = body::of_form(request).await?;
        let name = named.name.unwrap_or(name);
        files::receive(state.backing(), &caller, &name, None, body).await?
    } else {
        let name =
            named.name.ok_or_else(|| Problem::new(Kind::Invalid, "name the file: /files?name=jobs.csv"))?;
        let declared = body::length(request.headers());
        files::receive(state.backing(), &caller, &name, declared, body::of(request)).await?
    };
    let version = stored.file.version;
    Ok(Created { at: format!("/files/{}", stored.file.id), version, thing: stored.into() })
}

/// One file
#[utoipa::path(get, path = "/files/{id}", operation_id = "get_file", tag = "files", params(("id" = Uuid, Path)),
    responses((status = 200, description = "the file", body = StoredFile), Refusals))]
async fn show(
    State(state): State<ServerState>,
    Who(caller): Who,
    Path(id): Path<Uuid>,
) -> Result<Versioned<StoredFile>, Problem> {
    let stored = files::get(state.backing(), &caller, FileId(id)).await?;
    Ok(Versioned(stored.file.version, stored.into()))
}

/// Removes a file that no dataset stands on
#[utoipa::path(delete, path = "/files/{id}", operation_id = "delete_file", tag = "files", params(("id" = Uuid, Path)),
    responses((status = 204, description = "gone"), Refusals))]
async fn delete(
    State(state): State<ServerState>,
    Who(caller): Who,
    Path(id): Path<Uuid>,
) -> Result<StatusCode, Problem> {
    files::delete(state.backing(), &caller, FileId(id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The bytes of a file, as they were sent
#[utoipa::path(get, path = "/files/{id}/content", operation_id = "get_file_content", tag = "files",
    params(("id" = Uuid, Path)),
    responses((status = 200, description = "to be saved", body = FileBytes, content_type = "application/octet-stream"), Refusals))]
async fn content(
    State(state): State<ServerState>,
    Who(caller): Who,
    Path(id): Path<Uuid>,
) -> Result<Response, Problem> {
    let (file, body) = files::content(state.backing(), &caller, FileId(id)).await?;
    let mut headers = HeaderMap::new();
    // Never shown in the browser as what it claims to be.
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(file.received_bytes));
    if let Ok(value) = HeaderValue::from_str(&body::attachment(&file.name)) {
        headers.insert(header::CONTENT_DISPOSITION, value);
    }
    Ok((headers, Body::from_stream(body)).into_response())
}

/// Begins an upload in pieces
#[utoipa::path(post, path = "/uploads", operation_id = "create_upload", tag = "files", request_body = NewUpload,
    responses((status = 201, description = "send pieces to it", body = Upload), Refusals))]
async fn begin(
    State(state): State<ServerState>,
    Who(caller): Who,
    Json(new): Json<NewUpload>,
) -> Result<Created<Upload>, Problem> {
    if new.name.trim().is_empty() {
        return Err(app::Error::invalid("name", "name the file").into());
    }
    at_most("name", Some(&new.name), 1000)?;
    let size = new.size.map(u64::try_from).transpose();
    let size = size.map_err(|_| app::Error::invalid("size", "a file has no less than 0 bytes"))?;
    let file = files::begin(state.backing(), &caller, &new.name, size).await?;
    Ok(Created { at: format!("/uploads/{}", file.id), version: file.version, thing: file.into() })
}

/// How far an upload is
#[utoipa::path(get, path = "/uploads/{id}", operation_id = "get_upload", tag = "files", params(("id" = Uuid, Path)),
    responses((status = 200, description = "go on at `offset`", body = Upload), Refusals))]
async fn upload(
    State(state): State<ServerState>,
    Who(caller): Who,
    Path(id): Path<Uuid>,
) -> Result<Json<Upload>, Problem> {
    Ok(Json(files::get(state.backing(), &caller, FileId(id)).await?.file.into()))
}

/// Sends the piece that begins at `upload-offset`
///
/// When the connection breaks, what came is kept: ask for the offset and go on there.
#[utoipa::path(patch, path = "/uploads/{id}", operation_id = "append_upload", tag = "files",
    params(("id" = Uuid, Path), ("upload-offset" = u64, Header, description = "the byte that the piece begins with")),
    request_body(content = FileBytes, content_type = "application/octet-stream"),
    responses((status = 200, description = "on disk", body = Upload), Refusals))]
async fn append(
    State(state): State<ServerState>,
    Who(caller): Who,
    Path(id): Path<Uuid>,
    request: Request,
) -> Result<Json<Upload>, Problem> {
    let offset = request.headers().get("upload-offset").and_then(|value| value.to_str().ok());
    let offset: u64 = offset
        .and_then(|offset| offset.parse().ok())
        .ok_or_else(|| Problem::new(Kind::Invalid, "say where the piece begins: upload-offset: 0"))?;
    let progress = files::append(state.backing(), &caller, FileId(id), offset, body::of(request)).await?;
    Ok(Json(progress.into()))
}

/// Gives up an upload
#[utoipa::path(delete, path = "/uploads/{id}", operation_id = "delete_upload", tag = "files", params(("id" = Uuid, Path)),
    responses((status = 204, description = "gone"), Refusals))]
async fn give_up(
    State(state): State<ServerState>,
    Who(caller): Who,
    Path(id): Path<Uuid>,
) -> Result<StatusCode, Problem> {
    files::delete(state.backing(), &caller, FileId(id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Puts the pieces of an upload together
#[utoipa::path(post, path = "/uploads/{id}/completion", operation_id = "complete_upload", tag = "files",
    params(("id" = Uuid, Path)),
    responses((status = 201, description = "a file, on disk", body = StoredFile), Refusals))]
async fn complete(
    State(state): State<ServerState>,
    Who(caller): Who,
    Path(id): Path<Uuid>,
) -> Result<Created<StoredFile>, Problem> {
    let stored = files::complete(state.backing(), &caller, FileId(id)).await?;
    let version = stored.file.version;
    Ok(Created { at: format!("/files/{}", stored.file.id), version, thing: stored.into() })
}
