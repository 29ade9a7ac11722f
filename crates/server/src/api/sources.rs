//! `/sources`: uploads that come by themselves.

use app::sources;
use axum::{
    body::Body,
    extract::State,
    http::{HeaderMap, StatusCode, header},
};
use clients::places::{Keys, Login};
use domain::id::FacilityId;
use futures::TryStreamExt;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use uuid::Uuid;

use super::{List, Refusals, answers::Paging, words};
use crate::{
    Problem, ServerState,
    boxed::routes,
    extract::{Json, Path, Query},
    who::Who,
};

pub(super) fn routes() -> OpenApiRouter<ServerState> {
    OpenApiRouter::new()
        .routes(routes!(index, create))
        .routes(routes!(update, delete))
        .routes(routes!(list_files, push))
}

/// Where uploads come from by themselves.
#[derive(Debug, Serialize, ToSchema)]
pub struct Source {
    /// Which one.
    pub id: Uuid,
    /// What people call it.
    pub name: String,
    /// folder, s3, sftp or push.
    pub kind: &'static str,
    /// A folder below the organization's own, `s3://bucket/prefix` or `sftp://host/folder`.
    pub place: String,
    /// The fingerprint of the key by which an SFTP server proves who it is; empty for other kinds.
    pub host_key: String,
    /// The plant that its files are of.
    pub facility_id: Option<Uuid>,
    /// How often it is looked at.
    pub every_minutes: i64,
    /// Whether it is looked at.
    pub active: bool,
    /// When it was looked at last.
    #[schema(format = DateTime)]
    pub looked_at: Option<String>,
    /// When it is looked at next.
    #[schema(format = DateTime)]
    pub next_at: String,
    /// What went wrong at the last look; empty for nothing.
    pub trouble: String,
}

impl From<store::sources::Source> for Source {
    fn from(source: store::sources::Source) -> Self {
        Self {
            id: source.id,
            name: source.name,
            kind: source.kind.name(),
            place: source.place,
            host_key: source.host_key,
            facility_id: source.facility_id.map(|id| id.0),
            every_minutes: source.every_minutes,
            active: source.active,
            looked_at: source.looked_at.map(|at| at.to_string()),
            next_at: source.next_at.to_string(),
            trouble: source.trouble,
        }
    }
}

/// A new source.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewSource {
    /// What people call it.
    pub name: String,
    /// folder, s3, sftp or push.
    #[schema(value_type = words::SourceKindName)]
    pub kind: String,
    /// A folder below the organization's own, `s3://bucket/prefix` or `sftp://host/folder`.
    #[serde(default)]
    pub place: String,
    /// The plant that its files are of.
    pub facility_id: Option<Uuid>,
    /// How often it is looked at; 15 by default.
    pub every_minutes: Option<i64>,
    /// Of a bucket.
    #[serde(default)]
    pub access_key: String,
    /// Of a bucket; kept sealed, never shown.
    #[serde(default)]
    pub secret_key: String,
    /// Of a bucket.
    #[serde(default)]
    pub region: String,
    /// Of a bucket, where it is not at the usual provider.
    #[serde(default)]
    pub endpoint: String,
    /// Of a server.
    #[serde(default)]
    pub user: String,
    /// Of a server, or of the private key where one is given; kept sealed, never shown.
    #[serde(default)]
    pub password: String,
    /// Of a server, in the form of OpenSSH, PEM or `PuTTY` (Ed25519 or ECDSA); kept sealed, never shown.
    #[serde(default)]
    pub private_key: String,
    /// The fingerprint that the server must show, as `SHA256:…`; left out, the one that it shows now.
    #[serde(default)]
    pub host_key: String,
}

unprintable!(NewSource);

/// What changes.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SourceChange {
    /// Whether it is looked at.
    pub active: bool,
}

/// A file of a source, and what came of it.
#[derive(Debug, Serialize, ToSchema)]
pub struct SourceFile {
    /// Its name there.
    pub name: String,
    /// The import that it became.
    pub dataset_id: Option<Uuid>,
    /// taken, analyzed, waiting or refused.
    pub state: &'static str,
    /// Why it waits or was refused.
    pub reason: String,
    /// When it was taken.
    #[schema(format = DateTime)]
    pub created_at: String,
}

/// Named files.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Named {
    /// The file's name.
    name: Option<String>,
}

/// A pushed file.
#[derive(Debug, Serialize, ToSchema)]
pub struct Pushed {
    /// The import that it becomes.
    pub dataset_id: Uuid,
}

/// The sources of the organization.
#[utoipa::path(get, path = "/sources", operation_id = "list_sources", tag = "sources",
    params(Paging), responses((status = 200, body = List<Source>), Refusals))]
async fn index(
    State(state): State<ServerState>,
    Who(caller): Who,
    Query(paging): Query<Paging>,
) -> Result<Json<List<Source>>, Problem> {
    let all = sources::list(state.backing(), &caller).await?;
    paging.cut(all.into_iter().map(Source::from), |source| source.id.to_string())
}

/// Lets uploads come by themselves.
#[utoipa::path(post, path = "/sources", operation_id = "create_source", tag = "sources",
    request_body = NewSource, responses((status = 201, body = Source), Refusals))]
async fn create(
    State(state): State<ServerState>,
    Who(caller): Who,
    Json(new): Json<NewSource>,
) -> Result<(StatusCode, Json<Source>), Problem> {
    let form = sources::Form {
        name: new.name,
        kind: new.kind,
        place: new.place,
        keys: Keys {
            access: new.access_key,
            secret: new.secret_key,
            region: new.region,
            endpoint: new.endpoint,
        },
        login: Login {
            user: new.user,
            password: new.password,
            private_key: new.private_key,
            host_key: new.host_key,
        },
        facility: new.facility_id.map(FacilityId),
        every_minutes: new.every_minutes.unwrap_or(15),
    };
    let made = sources::create(&state.desk, &caller, &form).await?;
    Ok((StatusCode::CREATED, Json(made.into())))
}

/// Lets a source rest, or looks at it again.
#[utoipa::path(patch, path = "/sources/{id}", operation_id = "update_source", tag = "sources",
    params(("id" = Uuid, Path)), request_body = SourceChange, responses((status = 204), Refusals))]
async fn update(
    State(state): State<ServerState>,
    Who(caller): Who,
    Path(id): Path<Uuid>,
    Json(change): Json<SourceChange>,
) -> Result<StatusCode, Problem> {
    sources::set_active(state.backing(), &caller, id, change.active).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Removes a source; its imports stay.
#[utoipa::path(delete, path = "/sources/{id}", operation_id = "delete_source", tag = "sources",
    params(("id" = Uuid, Path)), responses((status = 204), Refusals))]
async fn delete(
    State(state): State<ServerState>,
    Who(caller): Who,
    Path(id): Path<Uuid>,
) -> Result<StatusCode, Problem> {
    sources::delete(state.backing(), &caller, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The newest files of a source, with what came of each.
#[utoipa::path(get, path = "/sources/{id}/files", operation_id = "list_source_files", tag = "sources",
    params(("id" = Uuid, Path), Paging), responses((status = 200, body = List<SourceFile>), Refusals))]
async fn list_files(
    State(state): State<ServerState>,
    Who(caller): Who,
    Path(id): Path<Uuid>,
    Query(paging): Query<Paging>,
) -> Result<Json<List<SourceFile>>, Problem> {
    let all = sources::history(state.backing(), &caller, id).await?.into_iter().map(|one| SourceFile {
        name: one.name,
        dataset_id: one.dataset_id.map(|id| id.0),
        state: one.state.name(),
        reason: one.reason,
        created_at: one.created_at.to_string(),
    });
    paging.cut(all, |file| format!("{} {}", file.created_at, file.name))
}

/// Pushes a file; it goes on by itself.
#[utoipa::path(post, path = "/sources/{id}/files", operation_id = "push_source_file", tag = "sources",
    params(("id" = Uuid, Path), Named), request_body(content = String, content_type = "application/octet-stream"),
    responses((status = 201, body = Pushed), Refusals))]
async fn push(
    State(state): State<ServerState>,
    Who(caller): Who,
    Path(id): Path<Uuid>,
    Query(named): Query<Named>,
    headers: HeaderMap,
    body: Body,
) -> Result<(StatusCode, Json<Pushed>), Problem> {
    let name = named.name.unwrap_or_else(|| "export.csv".to_owned());
    let declared = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
    let body = body.into_data_stream().map_err(std::io::Error::other);
    let dataset = sources::push(state.backing(), &caller, id, &name, declared, body).await?;
    Ok((StatusCode::CREATED, Json(Pushed { dataset_id: dataset.0 })))
}
